"""What happens to inspection objects: establishment, revocation, cancellation … (R05, DOMAIN F06).

Events are dated by the day they took effect and never changed; the status follows from them.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from app.domain import object_library as rules
from app.domain.actor import Actor, Permission
from app.domain.calendar import shanghai_date
from app.domain.errors import RuleError
from app.domain.object_library import STATUS_AFTER, EventKind, StatusEvent
from app.domain.refusals import objects as refusals
from app.models.library import ObjectEvent
from app.services.objects import ObjectView, event_of, lock_seen, shown
from app.services.runtime import Runtime
from app.storage import objects
from app.storage.paging import Paging, Slice


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event with the object as it is now."""

    event: ObjectEvent
    view: ObjectView


class ObjectEventService:
    """Use cases of an object's history."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def record(
        self,
        actor: Actor,
        object_id: UUID,
        kind: EventKind,
        effective_on: dt.date,
        reason: str | None,
        version: int,
    ) -> RecordedEvent:
        """Record an event; the status becomes what the latest one says."""
        actor.acts_for(Permission.OBJECT_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            subject, _ = await lock_seen(uow, "record_object_event", object_id, version)
            rules.require_past(effective_on, shanghai_date(uow.now))
            initial, history = await objects.status_history(uow.session, subject)
            was = rules.status_on(initial, history, effective_on)
            status = STATUS_AFTER.get(kind, was)
            if kind in STATUS_AFTER and status == was:
                raise RuleError(refusals.STATUS_UNCHANGED, status=was.value)
            event = event_of(
                uow,
                object_id,
                kind,
                effective_on,
                {"status": was.value},
                {"status": status.value},
                reason,
            )
            uow.session.add(event)
            before = subject.status
            if kind in STATUS_AFTER:
                history.append(StatusEvent(effective_on, uow.now, event.id, status))
                subject.status = rules.status_of(initial, history)
            objects.touch(subject, uow.now)
            await uow.flush()
            uow.audit(
                "object.event_recorded",
                "inspection_object",
                object_id,
                before={"status": before},
                after={"status": subject.status},
                kind=kind,
                effective_on=effective_on,
                reason=reason,
            )
            view = (await shown(uow.session, [subject], actor))[0]
        return RecordedEvent(event, view)

    async def list(self, actor: Actor, object_id: UUID, paging: Paging) -> Slice[ObjectEvent]:
        """The history of an object in the caller's scope, in order of entry."""
        async with self._db.reading() as session:
            return await objects.list_events(session, object_id, actor.scope, paging)
