"""Registry events from a spreadsheet into the histories of the department's objects.

One unit of work, one audit entry. Events take effect in the order of their days, wherever they
stand in the file, by the rules that single events obey (`app/domain/object_library.py`). The same
file may come twice: an event that is there is recognised. `_record` is the one place that stores.
"""

import asyncio
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app import reference
from app.domain.actor import Actor, Permission
from app.domain.calendar import shanghai_date
from app.domain.imports import ImportKind
from app.domain.lifecycle import ObjectStatus, RiskClass
from app.domain.object_library import STATUS_AFTER, EventKind
from app.domain.row_messages import (
    ALREADY_THERE,
    AREA_OUTSIDE_REGION,
    EVENT_AHEAD,
    OBJECT_UNKNOWN,
    STATUS_ALREADY,
)
from app.models.base import new_id
from app.models.library import InspectionObject, ObjectEvent
from app.services.runtime import Runtime
from app.services.spreadsheets import (
    UNWATCHED,
    ImportOutcome,
    ImportWatch,
    Manner,
    RowNotes,
    Upload,
    conclude,
    open_batch,
)
from app.storage import object_histories, objects, organisation
from app.storage.engine import Reading
from app.storage.uow import UnitOfWork
from app.tabular.event_import import COLUMNS, EventImport, EventRow, read_events
from app.tabular.reader import read_table

_VALUES: dict[str, Any] = {"risk_class": RiskClass}
"""How a field's text becomes its value, where that is no text."""


@dataclass(frozen=True, slots=True, order=True)
class StatusEvent:
    """An event that sets the status, in the order that decides: effect, entry, id."""

    effective_on: dt.date
    recorded_at: dt.datetime
    id: UUID
    status: ObjectStatus


def status_of(initial: ObjectStatus, events: Iterable[StatusEvent]) -> ObjectStatus:
    """The status that the history gives: its latest status event, or what it was entered with."""
    latest = max(events, default=None)
    return initial if latest is None else latest.status


def status_on(initial: ObjectStatus, events: Iterable[StatusEvent], day: dt.date) -> ObjectStatus:
    """The status at the end of a day."""
    return status_of(initial, (event for event in events if event.effective_on <= day))


@dataclass(slots=True)
class _Subject:
    """An object with its history, which grows while the file is gone through."""

    row: InspectionObject
    initial: ObjectStatus
    events: list[ObjectEvent]
    statuses: list[StatusEvent]


@dataclass(slots=True)
class _Sorted:
    """Events that are new with the status before each, and what was said of the other rows."""

    notes: RowNotes
    new: list[tuple[EventRow, _Subject, ObjectStatus]] = field(default_factory=list)


class EventImportService:
    """The import of events."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def run(
        self, actor: Actor, upload: Upload, manner: Manner, watch: ImportWatch = UNWATCHED
    ) -> ImportOutcome:
        """Record every event that can be taken; say of each other row why not."""
        department_id = actor.acts_for(Permission.OBJECT_WRITE)
        read = await asyncio.to_thread(_read, upload, actor.scope.region_prefix)
        if manner.dry_run:
            async with self._db.snapshot() as session:
                found = await self._sort(session, actor, read, lock=False)
            return _outcome(found, upload, read, manner)
        async with self._db.unit_of_work(actor) as uow:
            await organisation.lock_department(uow.session, department_id)
            found = await self._sort(uow.session, actor, read, lock=True)
            outcome = await open_batch(uow, upload, _outcome(found, upload, read, manner), watch)
            if not outcome.refused:
                await _record(uow, found, outcome.batch_id, watch)
            subject = ("department", department_id)
            return await conclude(uow, "object_event.imported", subject, outcome, watch)

    async def _sort(
        self, session: Reading, actor: Actor, read: EventImport, *, lock: bool
    ) -> _Sorted:
        """Compare the file with the histories, in the order in which events took effect."""
        found = _Sorted(RowNotes({column.field: column.title for column in COLUMNS}))
        known = await _subjects(session, actor, {row.code for row in read.events}, lock=lock)
        today, inside = shanghai_date(self._db.clock.now()), actor.scope.region_prefix
        for row in sorted(read.events, key=lambda one: (one.effective_on, one.row)):
            subject = known.get(row.code)
            if subject is None:
                found.notes.reject(row.row, OBJECT_UNKNOWN, "code")
            elif row.effective_on > today:
                found.notes.reject(row.row, EVENT_AHEAD, "effective_on")
            elif not row.changes.get("area_code", inside).startswith(inside):
                found.notes.reject(row.row, AREA_OUTSIDE_REGION, "region_code")
            else:
                _take(row, subject, found)
        return found


def _read(upload: Upload, prefix: str) -> EventImport:
    names = {
        region.name: region.code for region in reference.regions() if region.code.startswith(prefix)
    }
    return read_events(read_table(upload.data, upload.filename), regions=names)


async def _subjects(
    session: Reading, actor: Actor, codes: set[str], *, lock: bool
) -> dict[str, _Subject]:
    """The department's own objects of these codes, with their histories."""
    rows = await object_histories.own_by_codes(session, actor.scope, codes, lock=lock)
    events = await object_histories.events_of(session, [row.id for row in rows])
    return {row.code: _subject(row, events.get(row.id, [])) for row in rows}


def _subject(row: InspectionObject, events: list[ObjectEvent]) -> _Subject:
    established = next((one for one in events if one.kind == EventKind.ESTABLISHED), None)
    entered = None if established is None else established.after.get("status")
    return _Subject(
        row,
        row.status if entered is None else ObjectStatus(entered),
        list(events),
        [_status_event(one) for one in events if one.kind in STATUS_AFTER],
    )


def _status_event(event: ObjectEvent) -> StatusEvent:
    status = ObjectStatus(event.after["status"])
    return StatusEvent(event.effective_on, event.recorded_at, event.id, status)


def _take(row: EventRow, subject: _Subject, found: _Sorted) -> None:
    """Take an event that is new, and let what follows in the file see the status it gives."""
    was = status_on(subject.initial, subject.statuses, row.effective_on)
    status = STATUS_AFTER.get(row.kind)
    if any(_same(row, event) for event in subject.events):
        found.notes.duplicate(row.row, ALREADY_THERE)
        return
    if status is not None and status is was:
        found.notes.duplicate(row.row, STATUS_ALREADY)
        return
    if status is not None:
        recorded_at = max(
            (one.recorded_at for one in subject.statuses), default=subject.row.created_at
        )
        subject.statuses.append(StatusEvent(row.effective_on, recorded_at, new_id(), status))
    found.new.append((row, subject, was))


def _same(row: EventRow, event: ObjectEvent) -> bool:
    return (
        event.kind == row.kind
        and event.effective_on == row.effective_on
        and all(event.after.get(name) == value for name, value in row.changes.items())
    )


async def _record(
    uow: UnitOfWork, found: _Sorted, batch_id: UUID | None, watch: ImportWatch
) -> None:
    """Store events that are known to be new, and what the objects are by them."""
    events: list[dict[str, Any]] = []
    touched: dict[UUID, _Subject] = {}
    for row, subject, was in found.new:
        events.append(_event(uow, row, subject, was, batch_id))
        touched[subject.row.id] = subject
        for name, value in row.changes.items():
            if _is_latest(subject.events, name, row):
                setattr(subject.row, name, _VALUES.get(name, str)(value))
    for subject in touched.values():
        subject.row.status = status_of(subject.initial, subject.statuses)
        objects.touch(subject.row, uow.now)
    async for chunk in watch.chunks(events):
        await objects.add_many(uow.session, ObjectEvent, chunk)
    await uow.flush()


def _event(
    uow: UnitOfWork, row: EventRow, subject: _Subject, was: ObjectStatus, batch_id: UUID | None
) -> dict[str, Any]:
    before: Mapping[str, Any] = {"status": was.value}
    after: Mapping[str, Any] = {"status": STATUS_AFTER.get(row.kind, was).value}
    if row.kind is EventKind.CHANGED:
        before, after = {name: getattr(subject.row, name) for name in row.changes}, row.changes
    return {
        "id": uow.new_id(),
        "object_id": subject.row.id,
        "kind": row.kind,
        "effective_on": row.effective_on,
        "recorded_at": uow.now,
        "recorded_by": uow.actor.account_id,
        "before": dict(before),
        "after": dict(after),
        "reason": row.reason or None,
        "import_batch_id": batch_id,
    }


def _is_latest(events: Sequence[ObjectEvent], name: str, row: EventRow) -> bool:
    """Whether no event of a later day says what the field is."""
    return not any(
        event.effective_on > row.effective_on and name in event.after
        for event in events
        if event.kind == EventKind.CHANGED
    )


def _outcome(found: _Sorted, upload: Upload, read: EventImport, manner: Manner) -> ImportOutcome:
    made = (len(found.new), 0)
    return found.notes.outcome(ImportKind.OBJECT_EVENT, upload, read.report, made, manner)
