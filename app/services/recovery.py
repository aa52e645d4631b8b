"""What the operator's backup and drill ask of the data, and the trace that a copy was made.

Not for users: it reads every region. It writes nothing but the trace.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.actor import system_actor
from app.domain.draw import server_commit
from app.services.runtime import Runtime
from app.storage import recovery
from app.storage.recovery import RevealedDraw


class RecoveryService:
    """Use cases of the operator."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def revealed_draws(self) -> Sequence[RevealedDraw]:
        """Every draw whose bundle can be verified."""
        async with self._db.reading() as session:
            return await recovery.revealed_draws(session)

    async def check_sealed_secrets(self) -> tuple[int, Sequence[str]]:
        """How many draws wait for their secret, and those that the key at hand does not open."""
        async with self._db.reading() as session:
            waiting = await recovery.sealed_secrets(session)
        closed = []
        for draw_no, commit, sealed in waiting:
            try:
                secret = self._runtime.sealer.open(sealed, draw_no)
            except ValueError:
                closed.append(draw_no)
            else:
                if server_commit(draw_no, secret) != commit:
                    closed.append(draw_no)
        return len(waiting), closed

    async def note(self, action: str, facts: Mapping[str, Any]) -> None:
        """Enter in the region's system chain that all data were copied, or came from a copy."""
        actor = system_actor(self._runtime.settings.region_code, "operator")
        async with self._db.unit_of_work(actor) as uow:
            uow.audit(action, "database", None, after=facts)
