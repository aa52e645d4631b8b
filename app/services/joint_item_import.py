"""The joint list from a spreadsheet into the list of a region: one unit of work, one audit entry.

Units that are certain are linked to their departments; other names stay as the list has them, and
the row is named so that somebody looks. The same file may come twice.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.actor import Actor, Permission
from app.domain.checklist import new_codes
from app.domain.imports import ImportKind
from app.domain.joint_items import (
    CODE_LETTER,
    MAX_UNITS,
    JointIdentity,
    JointUnit,
    directory,
    is_joint,
    without_repeats,
)
from app.domain.lifecycle import JointItemStatus, JointPart
from app.domain.row_messages import (
    ALREADY_RETIRED,
    ALREADY_THERE,
    COOPERATION_MISSING,
    ENTRY_TOO_LONG,
    JOINT_UNITS_DIFFER,
    TOO_MANY_ENTRIES,
    UNIT_NOT_LINKED,
    UNIT_REPEATED,
)
from app.models.organisation import Region
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
from app.storage import joint_items, organisation
from app.storage.engine import Reading
from app.tabular.joint_checklist_import import (
    COLUMNS,
    JointChecklistImport,
    JointChecklistRow,
    read_joint_checklist,
)
from app.tabular.reader import read_table

_FIELDS = {JointPart.INITIATING: "initiating_units", JointPart.COOPERATING: "cooperating_units"}
_LONGEST_UNIT = 200


@dataclass(frozen=True, slots=True)
class _Sorted:
    """What the list lacks, and what was said of the other rows."""

    new: list[tuple[JointChecklistRow, str, list[JointUnit]]]
    notes: RowNotes


class JointItemImportService:
    """The import of a joint list."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def run(
        self, actor: Actor, upload: Upload, manner: Manner, watch: ImportWatch = UNWATCHED
    ) -> ImportOutcome:
        """Store every item that can be taken; say of each other row why not."""
        actor.acts_for(Permission.JOINT_ITEM_WRITE)
        read = await asyncio.to_thread(_read, upload)
        if manner.dry_run:
            async with self._db.reading() as session:
                region = await organisation.get_region(session, actor.region_code)
                found = await _sort(session, region, read)
            return await asyncio.to_thread(_outcome, found, upload, read, manner)
        async with self._db.unit_of_work(actor) as uow:
            region = await organisation.lock_region(uow.session, actor.region_code)
            found = await _sort(uow.session, region, read)
            outcome = await asyncio.to_thread(_outcome, found, upload, read, manner)
            outcome = await open_batch(uow, upload, outcome, watch)
            new = () if outcome.refused else found.new
            made = [(uow.new_id(), _columns(row, code), units) for row, code, units in new]
            common: dict[str, Any] = {
                "import_batch_id": outcome.batch_id,
                "region_code": region.code,
                "status": JointItemStatus.ACTIVE,
                "created_at": uow.now,
                "updated_at": uow.now,
            }
            async for chunk in watch.chunks(made):
                await joint_items.add_items(
                    uow.session, [{"id": item_id} | texts | common for item_id, texts, _ in chunk]
                )
                units = {item_id: units for item_id, _, units in chunk}
                await joint_items.add_units(uow.session, units)
            subject = ("region", region.code)
            return await conclude(uow, "joint_item.imported", subject, outcome, watch)


def _read(upload: Upload) -> JointChecklistImport:
    return read_joint_checklist(read_table(upload.data, upload.filename))


def _outcome(
    found: _Sorted, upload: Upload, read: JointChecklistImport, manner: Manner
) -> ImportOutcome:
    made = (len(found.new), 0)
    return found.notes.outcome(ImportKind.JOINT_ITEM, upload, read.report, made, manner)


async def _sort(session: Reading, region: Region, read: JointChecklistImport) -> _Sorted:
    """Compare the file with the list; give codes to the items that will be stored."""
    notes = RowNotes({column.field: column.title for column in COLUMNS})
    known = await joint_items.known_items(session, region.code)
    live = {item.identity: item.units for item in known if not item.retired}
    retired = {item.identity for item in known if item.retired}
    fresh = new_codes({item.code for item in known}, CODE_LETTER)
    departments = await organisation.open_departments(session, region.code)
    by_name = directory(((one.id, one.name) for one in departments), region.name)
    sorted_rows = _Sorted([], notes)
    for row in read.items:
        identity = JointIdentity(row.field, row.item, row.objects)
        units = without_repeats(_units(row, by_name))
        if identity in live:
            same = live[identity] == {(unit.part, unit.name) for unit in units}
            message = ALREADY_THERE if same else JOINT_UNITS_DIFFER
            notes.duplicate(row.first_row, message)
        elif identity in retired:
            notes.duplicate(row.first_row, ALREADY_RETIRED)
        elif _fits(row, units, notes):
            _warn(row, units, notes)
            sorted_rows.new.append((row, next(fresh), units))
    return sorted_rows


def _units(row: JointChecklistRow, by_name: Mapping[str, UUID]) -> list[JointUnit]:
    return [
        JointUnit(part, name, by_name.get(name))
        for part, names in (
            (JointPart.INITIATING, row.initiating_units),
            (JointPart.COOPERATING, row.cooperating_units),
        )
        for name in names
    ]


def _fits(row: JointChecklistRow, units: list[JointUnit], notes: RowNotes) -> bool:
    """Whether the units are as few and as short as the API admits them, and still two."""
    fits = True
    for part, field in _FIELDS.items():
        names = [unit.name for unit in units if unit.part is part]
        if len(names) > MAX_UNITS:
            notes.reject(row.first_row, TOO_MANY_ENTRIES, field, limit=MAX_UNITS)
            fits = False
        if any(len(name) > _LONGEST_UNIT for name in names):
            notes.reject(row.first_row, ENTRY_TOO_LONG, field, limit=_LONGEST_UNIT)
            fits = False
    if not is_joint(units):
        notes.reject(row.first_row, COOPERATION_MISSING, "cooperating_units")
        fits = False
    return fits


def _warn(row: JointChecklistRow, units: list[JointUnit], notes: RowNotes) -> None:
    """Say which part of the row names what is no unit of the region, or one unit twice."""
    for part, field in _FIELDS.items():
        if any(unit.part is part and unit.department_id is None for unit in units):
            notes.warn(row.first_row, UNIT_NOT_LINKED, field)
    if len(units) < len(row.initiating_units) + len(row.cooperating_units):
        notes.warn(row.first_row, UNIT_REPEATED, "cooperating_units")


def _columns(row: JointChecklistRow, code: str) -> dict[str, Any]:
    return {"code": code, "field": row.field, "name": row.item, "objects": row.objects}
