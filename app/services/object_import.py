"""Objects from a spreadsheet into the department's library: one unit of work, one audit entry.

A subject that another department entered before is joined; one that the department has already is
recognised, and is no error. Subjects are stored before the products, projects and activities that
they answer for, wherever they stand in the file. The rows go to PostgreSQL by COPY and are compared
and stored there by few statements (`app/storage/object_staging.py`). Events that waited for the
objects are recorded then, and doubles proposed for merging.
"""

import asyncio
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from app import reference
from app.domain.actor import Actor, Permission
from app.domain.calendar import shanghai_date
from app.domain.imports import ImportKind
from app.domain.lifecycle import ObjectKind, RiskClass
from app.domain.object_library import EventKind, is_subject
from app.domain.refusals import general
from app.domain.row_messages import (
    ALREADY_THERE,
    AREA_OUTSIDE_REGION,
    CELL_TOO_LONG,
    CODE_TAKEN,
    ENTRY_TOO_LONG,
    KIND_OF_SUBJECT_DIFFERS,
    RESPONSIBLE_NOT_FOUND,
    RISK_DAY_IN_FUTURE,
    RISK_UNSOURCED_TAKEN,
    TOO_MANY_ENTRIES,
)
from app.models.base import new_id
from app.reference.pinyin import name_key
from app.services.object_event_batch import apply_waiting
from app.services.object_merges import propose_merges
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
from app.storage import object_history, object_merges, organisation
from app.storage.engine import Reading
from app.storage.object_staging import Making, Met, ObjectStaging, Staged
from app.storage.uow import SerializationFailure, UnitOfWork
from app.tabular.object_import import COLUMNS, ObjectImport, ObjectRow, read_objects
from app.tabular.reader import read_table

MAX_ENTRIES = 50
SLICE = 2000
"""Rows stored by one statement, between two reports of progress."""
_LONGEST_NAME = 200
_LONGEST_ENTRY = 50


@dataclass(slots=True)
class _Sorted:
    """Which of the rows are new, which join a subject, and what was said of the others."""

    rows: Sequence[ObjectRow]
    notes: RowNotes
    staging: ObjectStaging
    today: dt.date
    new: int = 0
    joined: dict[int, UUID] = field(default_factory=dict)
    dropped: list[int] = field(default_factory=list)
    fresh_subjects: set[str] = field(default_factory=set)
    responsible: Mapping[str, ObjectKind] = field(default_factory=dict)


class ObjectImportService:
    """The import of objects."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def run(
        self, actor: Actor, upload: Upload, manner: Manner, watch: ImportWatch = UNWATCHED
    ) -> ImportOutcome:
        """Store every object that can be taken; say of each other row why not."""
        department_id = actor.acts_for(Permission.OBJECT_WRITE)
        read = await asyncio.to_thread(_read, upload, actor.scope.region_prefix)
        if manner.dry_run:
            async with self._db.snapshot() as session:
                found = await _sort(session, actor, department_id, read, self._db.clock.now())
            return await asyncio.to_thread(_outcome, found, upload, read, manner)
        async with self._db.unit_of_work(actor) as uow:
            await organisation.lock_department(uow.session, department_id)
            await object_history.hold_events(uow.session, department_id)
            found = await _sort(uow.session, actor, department_id, read, uow.now)
            outcome = await asyncio.to_thread(_outcome, found, upload, read, manner)
            outcome = await open_batch(uow, upload, outcome, watch)
            if not outcome.refused:
                await _store(uow, department_id, found, outcome, watch)
                outcome = replace(outcome, further=await _follow_up(uow, outcome.batch_id))
            subject = ("department", department_id)
            return await conclude(uow, "object.imported", subject, outcome, watch)


def _read(upload: Upload, prefix: str) -> ObjectImport:
    names = {
        region.name: region.code for region in reference.regions() if region.code.startswith(prefix)
    }
    return read_objects(read_table(upload.data, upload.filename), regions=names)


def _staged(row: ObjectRow, region_code: str) -> Staged:
    """What a row of the file becomes: the one list of the columns that an import fills."""
    return Staged(
        subject={
            "code": row.code,
            "kind": row.kind.value,
            "id_scheme": row.id_scheme.value,
            "id_value": row.code,
            "name": (name := row.name[:_LONGEST_NAME]),  # what is longer is refused when sorted
            "name_key": name_key(name),
            "address": row.address or None,
            "area_code": row.region_code or region_code,
            "industry_code": row.industry_code,
            "status": row.status.value,
            "risk_class": row.risk_class.value,
            "risk_source": row.risk_source or None,
            "risk_on": row.risk_on,
            "attributes": "{}",
        },
        entry={
            "tags": [tag[:_LONGEST_ENTRY] for tag in row.tags],
            "special_libraries": [name[:_LONGEST_ENTRY] for name in row.special_libraries],
        },
        responsible_code=row.responsible_code,
    )


async def _sort(
    session: Reading, actor: Actor, department_id: UUID, read: ObjectImport, now: dt.datetime
) -> _Sorted:
    """Compare the file with the library: subjects first, then what they answer for."""
    rows = sorted(read.objects, key=lambda row: not is_subject(row.kind))
    notes = RowNotes({column.field: column.title for column in COLUMNS})
    found = _Sorted(rows, notes, ObjectStaging(session), shanghai_date(now))
    if not rows:
        return found
    await found.staging.fill((_staged(row, actor.region_code) for row in rows), _ids(len(rows)))
    met = await found.staging.met(department_id, actor.region_code)
    found.responsible = await found.staging.responsible(actor.region_code)
    await asyncio.to_thread(_decide, found, {one.position: one for one in met}, actor)
    return found


def _ids(count: int) -> Iterator[tuple[UUID, UUID, UUID]]:
    return ((new_id(), new_id(), new_id()) for _ in range(count))


def _decide(found: _Sorted, met: Mapping[int, Met], actor: Actor) -> None:
    for position, row in enumerate(found.rows):
        existing = met.get(position)
        if existing is not None:
            if _meet(row, existing, found.notes):
                found.joined[position] = existing.object_id
            else:
                found.dropped.append(position)
        elif _fits(row, actor, found):
            found.new += 1
            if is_subject(row.kind):
                found.fresh_subjects.add(row.code)
        else:
            found.dropped.append(position)


def _meet(row: ObjectRow, existing: Met, notes: RowNotes) -> bool:
    """Whether a row joins a subject that has its code: the same one, not yet the department's."""
    if existing.id_scheme is not row.id_scheme:
        notes.reject(row.row, CODE_TAKEN, "code")
        return False
    if existing.kind is not row.kind:
        notes.warn(row.row, KIND_OF_SUBJECT_DIFFERS, "kind")
    if existing.entered:
        notes.duplicate(row.row, ALREADY_THERE)
        return False
    return _short(row, notes)


def _fits(row: ObjectRow, actor: Actor, found: _Sorted) -> bool:
    """Whether a new object may be stored; its faults are named."""
    fits = _short(row, found.notes)
    if row.risk_class is not RiskClass.UNRATED and not (row.risk_source and row.risk_on):
        found.notes.warn(row.row, RISK_UNSOURCED_TAKEN, "risk_class")
    if row.risk_on is not None and row.risk_on > found.today:
        found.notes.reject(row.row, RISK_DAY_IN_FUTURE, "risk_on")
        fits = False
    if len(row.name) > _LONGEST_NAME:
        found.notes.reject(row.row, CELL_TOO_LONG, "name", limit=_LONGEST_NAME)
        fits = False
    if not (row.region_code or actor.region_code).startswith(actor.scope.region_prefix):
        found.notes.reject(row.row, AREA_OUTSIDE_REGION, "region_code")
        fits = False
    if row.responsible_code and row.responsible_code not in found.fresh_subjects:
        kind = found.responsible.get(row.responsible_code)
        if kind is None or not is_subject(kind):
            found.notes.reject(row.row, RESPONSIBLE_NOT_FOUND, "responsible_code")
            fits = False
    return fits


def _short(row: ObjectRow, notes: RowNotes) -> bool:
    """Whether the lists of the row are as short as the API admits them."""
    fits = True
    for name, entries in (("tags", row.tags), ("special_libraries", row.special_libraries)):
        if len(entries) > MAX_ENTRIES:
            notes.reject(row.row, TOO_MANY_ENTRIES, name, limit=MAX_ENTRIES)
            fits = False
        if any(len(entry) > _LONGEST_ENTRY for entry in entries):
            notes.reject(row.row, ENTRY_TOO_LONG, name, limit=_LONGEST_ENTRY)
            fits = False
    return fits


async def _store(
    uow: UnitOfWork,
    department_id: UUID,
    found: _Sorted,
    outcome: ImportOutcome,
    watch: ImportWatch,
) -> None:
    """Store the subjects, the entries and the first events, a slice of rows at a time."""
    assert outcome.batch_id is not None
    staging, count = found.staging, len(found.rows)
    total = 2 * found.new + found.new + len(found.joined)
    await watch.step(0, total)
    if not total:
        return
    await staging.settle(found.joined, found.dropped, uow.actor.region_code)
    making = Making(
        batch_id=outcome.batch_id,
        department_id=department_id,
        region_code=uow.actor.region_code,
        account_id=uow.actor.account_id,
        event_kind=EventKind.ESTABLISHED.value,
        effective_on=shanghai_date(uow.now),
        now=uow.now,
    )
    done = 0
    for store in (staging.store_subjects, staging.store_entries, staging.store_events):
        for start in range(0, count, SLICE):
            done += await store(making, start, start + SLICE)
            await watch.step(done, total)
        if store == staging.store_subjects and done < found.new:
            # Another department entered some of them while this one read: beginning anew joins.
            raise SerializationFailure(general.CONFLICT, constraint="concurrent change")


async def _follow_up(uow: UnitOfWork, batch_id: UUID | None) -> dict[str, int]:
    """What the library has to say of the objects that came: events that waited, doubles."""
    waited = await apply_waiting(uow)
    made = await object_merges.made_by(uow.session, batch_id)
    proposed = await propose_merges(uow, made)
    return {"events_that_waited": waited, "merges_proposed": proposed}


def _outcome(found: _Sorted, upload: Upload, read: ObjectImport, manner: Manner) -> ImportOutcome:
    made = (found.new, len(found.joined))
    return found.notes.outcome(ImportKind.OBJECT, upload, read.report, made, manner)
