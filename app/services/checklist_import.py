"""A checklist from a spreadsheet into the department's items: one unit of work, one audit entry.

A row that another department of the region keeps is left to that department. What stands in the
checklist already is recognised, and is no error: the same file may come twice.
"""

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import Any

from app.domain.actor import Actor, Permission
from app.domain.checklist import Identity, new_codes
from app.domain.imports import ImportKind
from app.domain.item_content import KeyPoint, basis_words, distinct, point_words
from app.domain.lifecycle import ItemStatus
from app.domain.row_messages import (
    ALREADY_RETIRED,
    ALREADY_THERE,
    ALREADY_THERE_INCOMPLETE,
    CODE_TAKEN,
    ENTRY_TOO_LONG,
    ISSUED_BY_OTHER,
    TOO_MANY_ENTRIES,
    VALUE_MISSING,
)
from app.models.organisation import Department
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
from app.storage import checklists, organisation
from app.tabular.checklist_import import COLUMNS, ChecklistImport, ChecklistRow, read_checklist
from app.tabular.reader import read_table

MAX_ENTRIES = 50
_LONGEST_ENTRY = {"object_tags": 50, "materials": 200, "qualifications": 50}


@dataclass(frozen=True, slots=True)
class _Sorted:
    """What the checklist lacks, and what was said of the other rows."""

    new: list[tuple[ChecklistRow, str, str | None]]
    notes: RowNotes


class ChecklistImportService:
    """The import of a checklist."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def run(
        self, actor: Actor, upload: Upload, manner: Manner, watch: ImportWatch = UNWATCHED
    ) -> ImportOutcome:
        """Store every item that can be taken; say of each other row why not."""
        department_id = actor.acts_for(Permission.CHECKLIST_WRITE)
        read = await asyncio.to_thread(_read, upload)
        if manner.dry_run:
            async with self._db.reading() as session:
                department = await organisation.get_department(session, department_id)
                found = await _sort(session, department, read)
            return await asyncio.to_thread(_outcome, found, upload, read, manner)
        async with self._db.unit_of_work(actor) as uow:
            department = await organisation.lock_department(uow.session, department_id)
            found = await _sort(uow.session, department, read)
            outcome = await asyncio.to_thread(_outcome, found, upload, read, manner)
            outcome = await open_batch(uow, upload, outcome, watch)
            rows = [
                _columns(row, code, unit)
                | {
                    "id": uow.new_id(),
                    "department_id": department_id,
                    "import_batch_id": outcome.batch_id,
                    "created_at": uow.now,
                    "updated_at": uow.now,
                }
                for row, code, unit in (() if outcome.refused else found.new)
            ]
            async for chunk in watch.chunks(rows):
                await checklists.add_items(uow.session, chunk)
            subject = ("department", department_id)
            return await conclude(uow, "checklist.imported", subject, outcome, watch)


def _read(upload: Upload) -> ChecklistImport:
    return read_checklist(read_table(upload.data, upload.filename))


def _outcome(
    found: _Sorted, upload: Upload, read: ChecklistImport, manner: Manner
) -> ImportOutcome:
    made = (len(found.new), 0)
    return found.notes.outcome(ImportKind.CHECKLIST, upload, read.report, made, manner)


async def _sort(session: Any, department: Department, read: ChecklistImport) -> _Sorted:
    """Compare the file with the checklist; give codes to the items that will be stored."""
    notes = RowNotes({column.field: column.title for column in COLUMNS})
    known = await checklists.known_items(session, department.id)
    live = {item.identity for item in known if not item.retired}
    retired = {item.identity for item in known if item.retired}
    incomplete = {item.identity for item in known if item.incomplete and not item.retired}
    taken = {item.code for item in known}
    others = await organisation.department_names(session, department.region_code)
    fresh = new_codes(taken | {row.code for row in read.items if row.code})
    sorted_rows = _Sorted([], notes)
    for row in read.items:
        unit = None if row.issuing_unit in {"", department.name} else row.issuing_unit
        identity = Identity(unit or "", row.category, row.item, row.sub_item, row.objects)
        if unit in others:
            notes.reject(row.first_row, ISSUED_BY_OTHER, "issuing_unit")
        elif identity in live:
            known_as = ALREADY_THERE_INCOMPLETE if identity in incomplete else ALREADY_THERE
            notes.duplicate(row.first_row, known_as)
        elif identity in retired:
            notes.duplicate(row.first_row, ALREADY_RETIRED)
        elif row.code in taken:
            notes.reject(row.first_row, CODE_TAKEN, "code")
        elif _fits(row, notes):
            code = row.code or next(fresh)
            taken.add(code)
            live.add(identity)
            sorted_rows.new.append((row, code, unit))
    return sorted_rows


def _fits(row: ChecklistRow, notes: RowNotes) -> bool:
    """Whether the lists of the row are as short as the API admits them."""
    fits = True
    if not row.category:
        notes.reject(row.first_row, VALUE_MISSING, "category")
        fits = False
    for field, longest in _LONGEST_ENTRY.items():
        entries = getattr(row, field)
        if len(entries) > MAX_ENTRIES:
            notes.reject(row.first_row, TOO_MANY_ENTRIES, field, limit=MAX_ENTRIES)
            fits = False
        if any(len(entry) > longest for entry in entries):
            notes.reject(row.first_row, ENTRY_TOO_LONG, field, limit=longest)
            fits = False
    if len(row.legal_bases) > MAX_ENTRIES:
        notes.reject(row.first_row, TOO_MANY_ENTRIES, "legal_bases", limit=MAX_ENTRIES)
        fits = False
    return fits


def _columns(row: ChecklistRow, code: str, unit: str | None) -> dict[str, Any]:
    return {
        "code": code,
        "issuing_unit": unit,
        "category": row.category,
        "name": row.item,
        "sub_item": row.sub_item or None,
        "item_class": row.item_class,
        "risk_level": row.risk_level,
        "legal_bases": distinct(
            (
                {"law": basis.law, "article": basis.article, "text": basis.text}
                for basis in row.legal_bases
            ),
            basis_words,
        ),
        "objects": row.objects,
        "subject": row.subject or None,
        "contents": row.contents or None,
        "object_tags": list(row.object_tags),
        "methods": list(row.methods),
        "key_points": _points(row),
        "materials": list(row.materials),
        **dataclasses.asdict(row.limits) | {"qualifications": list(row.limits.qualifications)},
        "remark": row.remark or None,
        "status": ItemStatus.DRAFT,
    }


def _points(row: ChecklistRow) -> list[dict[str, str | None]]:
    """One key point per paragraph, each once, with its method if the file pairs them."""
    points = (KeyPoint(content, method).as_json() for content, method in row.points)
    return distinct(points, point_words)
