"""From the history to the row: the library's present state follows from the events (R05).

Every event is added by `append`, which says what held before it and makes the row what the whole
history says; nobody else writes a field that the history tells.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain import object_history as rules
from app.domain.calendar import shanghai_date
from app.domain.lifecycle import ObjectStatus, RiskClass
from app.domain.masking import mask_text
from app.domain.object_history import FIELDS, PastEvent
from app.domain.object_library import EventKind
from app.models.library import InspectionObject, ObjectEvent
from app.reference.pinyin import name_key
from app.storage import object_history, objects
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from, if not from a clerk's hand."""

    source: str
    external_id: str
    sequence: int | None
    content_sha256: str
    import_batch_id: UUID | None = None


def past(event: ObjectEvent) -> PastEvent:
    """An event as the rules read it."""
    return PastEvent(
        id=event.id,
        kind=EventKind(event.kind),
        effective_on=event.effective_on,
        recorded_at=event.recorded_at,
        after=event.after,
        before=event.before,
        source=event.source,
        external_id=event.external_id,
        sequence=event.source_sequence,
    )


def plain(value: Any) -> Any:
    """A value as an event keeps it: dates and ids as text."""
    return str(value) if isinstance(value, dt.date | UUID) else value


def plain_facts(subject: InspectionObject, names: Iterable[str] = FIELDS) -> dict[str, Any]:
    """Fields of the row as an event keeps them."""
    return {name: plain(getattr(subject, name)) for name in names}


def append(
    uow: UnitOfWork,
    subject: InspectionObject,
    history: list[ObjectEvent],
    kind: EventKind,
    effective_on: dt.date,
    after: Mapping[str, Any],
    reason: str | None,
    origin: Origin | None = None,
) -> ObjectEvent:
    """Add an event to the (whole) history of a locked subject; the row follows by `settle`."""
    event = ObjectEvent(
        id=uow.new_id(),
        object_id=subject.id,
        kind=kind.value,
        effective_on=effective_on,
        recorded_at=uow.now,
        recorded_by=uow.actor.account_id,
        before={},
        after={name: plain(value) for name, value in after.items()},
        reason=reason,
        region_code=subject.region_code,
        source=origin.source if origin else None,
        external_id=origin.external_id if origin else None,
        source_sequence=origin.sequence if origin else None,
        content_sha256=origin.content_sha256 if origin else None,
        import_batch_id=origin.import_batch_id if origin else None,
    )
    if kind is not EventKind.ESTABLISHED:
        earlier = [past(one) for one in history]
        event.before = rules.before(earlier, past(event), plain_facts(subject))
    history.append(event)
    uow.session.add(event)
    return event


def settle(uow: UnitOfWork, subject: InspectionObject, history: Sequence[ObjectEvent]) -> None:
    """Make the row what its history says today, and count it as a change."""
    state = rules.fold((past(event) for event in history), shanghai_date(uow.now))
    for name, value in state.items():
        if plain(getattr(subject, name)) != value:
            setattr(subject, name, _typed(name, value))
    objects.touch(subject, uow.now)


async def settle_all(
    uow: UnitOfWork,
    subjects: Iterable[InspectionObject],
    histories: Mapping[UUID, Sequence[ObjectEvent]],
) -> None:
    """As `settle`, for many locked subjects of which nothing is unsaved; their rows are written."""
    today = shanghai_date(uow.now)
    states = []
    for subject in subjects:
        told = rules.fold((past(event) for event in histories[subject.id]), today)
        state = plain_facts(subject) | told
        states.append({"id": str(subject.id), "name_key": name_key(state["name"]), **state})
    await objects.store_states(uow.session, states, uow.now)


async def history_of(uow: UnitOfWork, subject: InspectionObject) -> list[ObjectEvent]:
    """All events of a locked subject, in order of effect."""
    return (await object_history.events_of(uow.session, [subject.id]))[subject.id]


def status_at(
    subject: InspectionObject, history: Iterable[ObjectEvent], day: dt.date
) -> ObjectStatus:
    """The status at the end of a day."""
    events = [past(event) for event in history]
    return ObjectStatus(rules.state_on(events, day, plain_facts(subject))["status"])


def _typed(name: str, value: Any) -> Any:
    """A value of an event as the row keeps it."""
    if value is None:
        return None
    if name == "risk_on":
        return dt.date.fromisoformat(value)
    if name == "responsible_object_id":
        return UUID(value)
    if name == "status":
        return ObjectStatus(value)
    if name == "risk_class":
        return RiskClass(value)
    return value


def masked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as the trace keeps them: free attributes may hold phones and identity numbers."""
    return {
        name: mask_text(json.dumps(value, ensure_ascii=False, sort_keys=True))
        if name == "attributes"
        else value
        for name, value in fields.items()
    }
