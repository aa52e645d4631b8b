"""What happens to inspection objects: establishment, revocation, cancellation … (R05, DOMAIN F06).

Events are dated by the day they took effect and never changed; what stands in the library follows
from them, and so does what stood there on any day.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.domain import object_history as history_rules
from app.domain import object_library as rules
from app.domain.actor import Actor, Permission, region_prefix
from app.domain.calendar import shanghai_date
from app.domain.errors import RuleError
from app.domain.object_events import EventRow, content_digest
from app.domain.object_library import STATUS_AFTER, EventKind
from app.domain.refusals import object_events as event_refusals
from app.domain.refusals import objects as refusals
from app.models.library import InspectionObject, ObjectEvent
from app.services import object_flags
from app.services.object_history import (
    Origin,
    append,
    history_of,
    masked,
    past,
    plain_facts,
    settle,
    status_at,
)
from app.services.object_merges import propose_merges
from app.services.objects import ObjectView, lock_seen, resolve, shown
from app.services.runtime import Runtime
from app.storage import object_history, objects
from app.storage.paging import Paging, Slice


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as a clerk or a register tells it."""

    kind: EventKind
    effective_on: dt.date
    reason: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    source: str | None = None
    external_id: str | None = None
    source_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event with the object as it is now."""

    event: ObjectEvent
    view: ObjectView


@dataclass(frozen=True, slots=True)
class StateView:
    """An object as it was at the end of a day."""

    subject: InspectionObject
    as_of: dt.date
    established_on: dt.date
    state: Mapping[str, Any]
    responsible_code: str | None

    @property
    def risk_on(self) -> dt.date | None:
        """The day of the risk class, which the history keeps as a text."""
        said = self.state["risk_on"]
        return None if said is None else dt.date.fromisoformat(said)


class ObjectEventService:
    """Use cases of an object's history."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database
        self._clock = runtime.clock

    async def record(
        self, actor: Actor, object_id: UUID, new: NewEvent, version: int
    ) -> RecordedEvent:
        """Record an event; the row becomes what the whole history says.

        An event of a source is taken once: the same again is answered with what it was, whatever
        version the caller saw.
        """
        actor.acts_for(Permission.OBJECT_WRITE)
        before_this = await self._recorded(actor, object_id, new)
        if before_this is not None:
            return before_this
        async with self._db.unit_of_work(actor) as uow:
            subject, _ = await lock_seen(uow, "record_object_event", object_id, version)
            rules.require_past(new.effective_on, shanghai_date(uow.now))
            history_rules.require_fitting_fields(new.kind, new.facts)
            facts = dict(new.facts)
            if new.kind is not EventKind.MOVED:
                await resolve(uow, subject, facts)
            after = history_rules.after_of(new.kind, facts, region_prefix(subject.region_code))
            if new.kind is EventKind.ESTABLISHED:
                after = facts
            history = await history_of(uow, subject)
            if new.kind in STATUS_AFTER and new.source is None and "status" in after:
                was = status_at(subject, history, new.effective_on)
                if after["status"] == was:
                    raise RuleError(refusals.STATUS_UNCHANGED, status=was.value)
            before = plain_facts(subject, ("status",))
            origin = _origin(new, subject.code)
            event = append(
                uow, subject, history, new.kind, new.effective_on, after, new.reason, origin
            )
            settle(uow, subject, history)
            await uow.flush()
            flags = await object_flags.follow(uow, [subject])
            if {"name", "address"} & set(event.after):
                await propose_merges(uow, [object_id])
            uow.audit(
                "object.event_recorded",
                "inspection_object",
                object_id,
                before=before,
                after={"status": subject.status} | masked(event.after),
                kind=new.kind,
                effective_on=new.effective_on,
                reason=new.reason,
                source=new.source,
                external_id=new.external_id,
                flags_raised=flags,
            )
            view = (await shown(uow.session, [subject], actor))[0]
        return RecordedEvent(event, view)

    async def _recorded(self, actor: Actor, object_id: UUID, new: NewEvent) -> RecordedEvent | None:
        """What the source has sent before under this id; refuses another content."""
        if new.source is None or new.external_id is None:
            return None
        async with self._db.reading() as session:
            subject = await objects.get_object(session, object_id, actor.scope)
            found = await object_history.events_by_origin(
                session, subject.region_code, new.source, [new.external_id]
            )
            known = found.get(new.external_id)
            if known is None:
                return None
            same = known.content_sha256 == content_digest(_row(new, subject.code))
            if known.object_id != object_id or not same:
                raise RuleError(event_refusals.EVENT_ID_REUSED)
            return RecordedEvent(known, (await shown(session, [subject], actor))[0])

    async def list(self, actor: Actor, object_id: UUID, paging: Paging) -> Slice[ObjectEvent]:
        """The history of an object in the caller's scope, in order of effect."""
        async with self._db.reading() as session:
            return await object_history.list_events(session, object_id, actor.scope, paging)

    async def state(self, actor: Actor, object_id: UUID, as_of: dt.date | None) -> StateView:
        """An object in the caller's scope as it was at the end of a day (today unless told)."""
        async with self._db.reading() as session:
            subject = await objects.get_object(session, object_id, actor.scope)
            events = (await object_history.events_of(session, [object_id]))[object_id]
            history = [past(event) for event in events]
            day = as_of or shanghai_date(self._clock.now())
            history_rules.require_known(history, day)
            state = history_rules.state_on(history, day, plain_facts(subject))
            owner = state["responsible_object_id"]
            codes = await objects.codes_by_id(session, {UUID(owner)} if owner else set())
        begins = history_rules.first_day(history)
        assert begins is not None
        return StateView(subject, day, begins, state, next(iter(codes.values()), None))


def _row(new: NewEvent, code: str) -> EventRow:
    return EventRow(
        external_id=new.external_id or "",
        object_code=code,
        kind=new.kind,
        effective_on=new.effective_on,
        sequence=new.source_sequence,
        facts=new.facts,
        reason=new.reason,
    )


def _origin(new: NewEvent, code: str) -> Origin | None:
    if (new.source is None) != (new.external_id is None) or (
        new.source is None and new.source_sequence is not None
    ):
        raise RuleError(event_refusals.EVENT_ORIGIN_INCOMPLETE)
    if new.source is None or new.external_id is None:
        return None
    digest = content_digest(_row(new, code))
    return Origin(new.source, new.external_id, new.source_sequence, digest)
