"""Objects from a spreadsheet into the department's library: one unit of work, one audit entry.

A subject that another department entered before is joined; one that the department has already is
recognised, and is no error. Subjects are stored before the products, projects and activities that
they answer for, wherever they stand in the file.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app import reference
from app.domain.actor import Actor, Permission
from app.domain.calendar import shanghai_date
from app.domain.object_library import EventKind, is_subject
from app.domain.row_messages import (
    ALREADY_THERE,
    AREA_OUTSIDE_REGION,
    CELL_TOO_LONG,
    CODE_TAKEN,
    ENTRY_TOO_LONG,
    KIND_OF_SUBJECT_DIFFERS,
    RESPONSIBLE_NOT_FOUND,
    TOO_MANY_ENTRIES,
)
from app.models.library import InspectionObject, LibraryEntry, ObjectEvent
from app.services.runtime import Runtime
from app.services.spreadsheets import (
    UNWATCHED,
    ImportOutcome,
    ImportWatch,
    RowNotes,
    Upload,
    conclude,
)
from app.storage import objects, organisation
from app.storage.uow import UnitOfWork
from app.tabular.object_import import COLUMNS, ObjectImport, ObjectRow, read_objects
from app.tabular.reader import read_table

MAX_ENTRIES = 50
_LONGEST_NAME = 200
_LONGEST_ENTRY = 50


@dataclass(slots=True)
class _Sorted:
    """What the library lacks, what it has from others, and what was said of the other rows."""

    notes: RowNotes
    new: list[ObjectRow] = field(default_factory=list)
    joined: list[tuple[ObjectRow, UUID]] = field(default_factory=list)
    known: dict[str, InspectionObject] = field(default_factory=dict)
    fresh_subjects: set[str] = field(default_factory=set)


class ObjectImportService:
    """The import of objects."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def run(
        self,
        actor: Actor,
        upload: Upload,
        *,
        dry_run: bool,
        watch: ImportWatch = UNWATCHED,
    ) -> ImportOutcome:
        """Store every object that can be taken; say of each other row why not."""
        department_id = actor.acts_for(Permission.OBJECT_WRITE)
        read = await asyncio.to_thread(_read, upload, actor.scope.region_prefix)
        if dry_run:
            async with self._db.reading() as session:
                found = await _sort(session, actor, department_id, read)
            return _outcome(found, upload, read, dry_run=True)
        async with self._db.unit_of_work(actor) as uow:
            await organisation.lock_department(uow.session, department_id)
            found = await _sort(uow.session, actor, department_id, read)
            await _store(uow, department_id, found, watch)
            outcome = _outcome(found, upload, read, dry_run=False)
            await conclude(uow, "object.imported", ("department", department_id), outcome, watch)
        return outcome


def _read(upload: Upload, prefix: str) -> ObjectImport:
    names = {
        region.name: region.code for region in reference.regions() if region.code.startswith(prefix)
    }
    return read_objects(read_table(upload.data, upload.filename), regions=names)


async def _sort(session: Any, actor: Actor, department_id: UUID, read: ObjectImport) -> _Sorted:
    """Compare the file with the library: subjects first, then what they answer for."""
    found = _Sorted(RowNotes({column.field: column.title for column in COLUMNS}))
    codes = {row.code for row in read.objects}
    codes |= {row.responsible_code for row in read.objects if row.responsible_code}
    found.known = await objects.find_by_codes(session, actor.region_code, codes)
    entered = await objects.entered_ids(session, department_id)
    for row in sorted(read.objects, key=lambda row: not is_subject(row.kind)):
        existing = found.known.get(row.code)
        if existing is not None:
            _meet(row, existing, found, already=existing.id in entered)
        elif _fits(row, actor, found):
            found.new.append(row)
            if is_subject(row.kind):
                found.fresh_subjects.add(row.code)
    return found


def _meet(row: ObjectRow, existing: InspectionObject, found: _Sorted, *, already: bool) -> None:
    """A row whose code the region's library has: the same subject, or another one."""
    if existing.id_scheme is not row.id_scheme:
        found.notes.reject(row.row, CODE_TAKEN, "code")
        return
    if existing.kind is not row.kind:
        found.notes.warn(row.row, KIND_OF_SUBJECT_DIFFERS, "kind")
    if already:
        found.notes.duplicate(row.row, ALREADY_THERE)
    elif _short(row, found.notes):
        found.joined.append((row, existing.id))


def _fits(row: ObjectRow, actor: Actor, found: _Sorted) -> bool:
    """Whether a new object may be stored; its faults are named."""
    fits = _short(row, found.notes)
    if len(row.name) > _LONGEST_NAME:
        found.notes.reject(row.row, CELL_TOO_LONG, "name", limit=_LONGEST_NAME)
        fits = False
    if not (row.region_code or actor.region_code).startswith(actor.scope.region_prefix):
        found.notes.reject(row.row, AREA_OUTSIDE_REGION, "region_code")
        fits = False
    if row.responsible_code and row.responsible_code not in found.fresh_subjects:
        responsible = found.known.get(row.responsible_code)
        if responsible is None or not is_subject(responsible.kind):
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


async def _store(uow: UnitOfWork, department_id: UUID, found: _Sorted, watch: ImportWatch) -> None:
    ids = {code: subject.id for code, subject in found.known.items()}
    ids |= {row.code: uow.new_id() for row in found.new}
    subjects = [_subject(uow, row, ids) for row in found.new]
    pairs = [*((row, ids[row.code]) for row in found.new), *found.joined]
    entries = [
        {
            "id": uow.new_id(),
            "department_id": department_id,
            "object_id": object_id,
            "tags": list(row.tags),
            "special_libraries": list(row.special_libraries),
            "created_at": uow.now,
        }
        for row, object_id in pairs
    ]
    events = [_established(uow, subject) for subject in subjects]
    tables = ((InspectionObject, subjects), (LibraryEntry, entries), (ObjectEvent, events))
    done, total = 0, sum(len(rows) for _, rows in tables)
    for model, rows in tables:
        async for chunk in watch.chunks(rows, done, total):
            await objects.add_many(uow.session, model, chunk)
        done += len(rows)


def _subject(uow: UnitOfWork, row: ObjectRow, ids: dict[str, UUID]) -> dict[str, Any]:
    return {
        "id": ids[row.code],
        "region_code": uow.actor.region_code,
        "code": row.code,
        "kind": row.kind,
        "id_scheme": row.id_scheme,
        "id_value": row.code,
        "name": row.name,
        "address": row.address or None,
        "area_code": row.region_code or uow.actor.region_code,
        "industry_code": row.industry_code,
        "status": row.status,
        "risk_class": row.risk_class,
        "risk_source": row.risk_source or None,
        "risk_on": row.risk_on,
        "responsible_object_id": ids[row.responsible_code] if row.responsible_code else None,
        "attributes": {},
        "created_at": uow.now,
        "updated_at": uow.now,
    }


def _established(uow: UnitOfWork, subject: dict[str, Any]) -> dict[str, Any]:
    """The first event of an imported object: entered today, in the status the file gave it."""
    kept = ("name", "address", "area_code", "industry_code", "risk_class", "status")
    return {
        "id": uow.new_id(),
        "object_id": subject["id"],
        "kind": EventKind.ESTABLISHED,
        "effective_on": shanghai_date(uow.now),
        "recorded_at": uow.now,
        "recorded_by": uow.actor.account_id,
        "before": {},
        "after": {name: subject[name] for name in kept},
        "reason": None,
    }


def _outcome(found: _Sorted, upload: Upload, read: ObjectImport, *, dry_run: bool) -> ImportOutcome:
    return found.notes.outcome(
        upload, read.report, len(found.new), len(found.joined), dry_run=dry_run
    )
