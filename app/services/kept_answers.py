"""Forgetting answers to requests with an Idempotency-Key when their seven days are over."""

from app.services.runtime import Runtime
from app.storage.idempotency import forget_old


class KeptAnswers:
    """What the worker does about stored answers: nobody's act, so no audit entry."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def forget_old(self) -> int:
        """Delete a batch of what is too old; returns how many there were."""
        async with self._db.bookkeeping() as session:
            return await forget_old(session, self._db.clock.now())
