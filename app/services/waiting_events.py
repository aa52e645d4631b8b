"""Events that wait for objects of the department's library, and what became of those that did.

Read only: an event waits by `app/services/object_event_batch.py`, and goes when its object comes.
"""

from app.domain.actor import Actor
from app.models.object_history import WaitingEvent
from app.services.runtime import Runtime
from app.storage import object_history
from app.storage.object_history import WaitingFilter
from app.storage.paging import Paging, Slice


class WaitingEventService:
    """The list of waiting events."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def list(
        self, actor: Actor, paging: Paging, wanted: WaitingFilter
    ) -> Slice[WaitingEvent]:
        """The own department's, oldest first."""
        async with self._db.reading() as session:
            return await object_history.list_waiting(session, actor.scope, paging, wanted)
