"""The worker's step that gives names their sort key where a statement left it out."""

from app.services.runtime import Runtime
from app.storage.name_keys import fill_name_keys

_AT_ONCE = 1000


class NameKeys:
    """Fills what is missing; nobody's act, since it says nothing that the name does not."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def fill_missing(self) -> int:
        """All that are missing, in transactions of a thousand; how many there were."""
        filled = 0
        while True:
            async with self._db.bookkeeping() as session:
                done = await fill_name_keys(session, _AT_ONCE)
            filled += done
            if done < _AT_ONCE:
                return filled
