"""Officers from a spreadsheet into the department's library: one unit of work, one audit entry.

Who is there already is recognised by the code, and is no error; a code of another department is.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app import reference
from app.domain.actor import Actor, Permission
from app.domain.certificates import odd_form
from app.domain.imports import ImportKind
from app.domain.row_messages import (
    ALREADY_THERE,
    CERTIFICATE_FORM_ODD,
    CODE_TAKEN,
    ENTRY_TOO_LONG,
    TOO_MANY_ENTRIES,
    VALUE_IGNORED,
    VALUE_UNKNOWN,
)
from app.models.organisation import BusinessLine
from app.reference.certificate_forms import certificate_forms
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
from app.storage import officers, organisation
from app.storage.uow import UnitOfWork
from app.tabular.officer_import import COLUMNS, OfficerImport, OfficerRow, read_officers
from app.tabular.reader import read_table

MAX_ENTRIES = 50
_LONGEST = {"qualifications": 50, "specialties": 50, "item_scopes": 200}


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A row that is stored, with what its words mean here."""

    row: OfficerRow
    line: BusinessLine | None
    regions: list[str]


@dataclass(slots=True)
class _Sorted:
    """What the library lacks, and what was said of the other rows."""

    notes: RowNotes
    new: list[_Accepted] = field(default_factory=list)


class OfficerImportService:
    """The import of officers."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database
        self._forms_hold = runtime.settings.certificate_form_required

    async def run(
        self, actor: Actor, upload: Upload, manner: Manner, watch: ImportWatch = UNWATCHED
    ) -> ImportOutcome:
        """Store every officer that can be taken; say of each other row why not."""
        department_id = actor.acts_for(Permission.OFFICER_WRITE)
        read = await asyncio.to_thread(_read, upload)
        if manner.dry_run:
            async with self._db.reading() as session:
                found = await _sort(session, actor, read, forms_hold=self._forms_hold)
            return await asyncio.to_thread(_outcome, found, upload, read, manner)
        async with self._db.unit_of_work(actor) as uow:
            await organisation.lock_department(uow.session, department_id)
            found = await _sort(uow.session, actor, read, forms_hold=self._forms_hold)
            outcome = await asyncio.to_thread(_outcome, found, upload, read, manner)
            outcome = await open_batch(uow, upload, outcome, watch)
            new = () if outcome.refused else found.new
            made_by = {"import_batch_id": outcome.batch_id}
            rows = [_columns(uow, department_id, accepted) | made_by for accepted in new]
            async for chunk in watch.chunks(rows):
                await officers.add_officers(uow.session, chunk)
            subject = ("department", department_id)
            return await conclude(uow, "officer.imported", subject, outcome, watch)


def _read(upload: Upload) -> OfficerImport:
    return read_officers(read_table(upload.data, upload.filename))


def _outcome(found: _Sorted, upload: Upload, read: OfficerImport, manner: Manner) -> ImportOutcome:
    made = (len(found.new), 0)
    return found.notes.outcome(ImportKind.OFFICER, upload, read.report, made, manner)


async def _sort(session: Any, actor: Actor, read: OfficerImport, *, forms_hold: bool) -> _Sorted:
    """Compare the file with the library."""
    department_id = actor.acts_for(Permission.OFFICER_WRITE)
    found = _Sorted(RowNotes({column.field: column.title for column in COLUMNS}))
    codes = [row.code for row in read.officers]
    owners = await officers.owners_of_codes(session, actor.region_code, codes)
    experts = await officers.codes_of_experts(session, actor.region_code, codes)
    certificates = await officers.taken_certificates(
        session, (row.certificate_no for row in read.officers if row.certificate_no)
    )
    lines: dict[str, BusinessLine] = {}
    for line in await organisation.list_business_lines(session, department_id):
        lines |= {line.code: line, line.name: line}
    places = _places(actor.scope.region_prefix)
    for row in read.officers:
        if owners.get(row.code) == department_id:
            found.notes.duplicate(row.row, ALREADY_THERE)
        elif row.code in owners or row.code in experts:
            found.notes.reject(row.row, CODE_TAKEN, "code")
        elif (row.certificate_issuer, row.certificate_no) in certificates:
            found.notes.reject(row.row, CODE_TAKEN, "certificate_no")
        elif _short(row, found.notes) and _formed(row, found.notes, refused=forms_hold):
            _accept(row, lines, places, found)
    return found


def _accept(
    row: OfficerRow,
    lines: Mapping[str, BusinessLine],
    places: Mapping[str, str],
    found: _Sorted,
) -> None:
    """Take the row unless its areas are unknown: empty areas would mean everywhere."""
    regions = [places.get(word) for word in row.regions]
    if None in regions:
        found.notes.reject(row.row, VALUE_UNKNOWN, "regions")
        return
    line = lines.get(row.business_line)
    if row.business_line and line is None:
        found.notes.warn(row.row, VALUE_IGNORED, "business_line")
    known = sorted({region for region in regions if region is not None})
    found.new.append(_Accepted(row, line, known))


def _formed(row: OfficerRow, notes: RowNotes, *, refused: bool) -> bool:
    """Whether the row stands as far as its issuer's form of numbers goes: named, or refused."""
    if odd_form(row.certificate_no, row.certificate_issuer, certificate_forms()) is None:
        return True
    (notes.reject if refused else notes.warn)(row.row, CERTIFICATE_FORM_ODD, "certificate_no")
    return not refused


def _places(prefix: str) -> dict[str, str]:
    """Names and codes of the department's region and of the places in it."""
    inside = [region for region in reference.regions() if region.code.startswith(prefix)]
    return {word: region.code for region in inside for word in (region.name, region.code)}


def _short(row: OfficerRow, notes: RowNotes) -> bool:
    """Whether the lists of the row are as short as the API admits them."""
    fits = True
    for name, longest in _LONGEST.items():
        entries = getattr(row, name)
        if len(entries) > MAX_ENTRIES:
            notes.reject(row.row, TOO_MANY_ENTRIES, name, limit=MAX_ENTRIES)
            fits = False
        if any(len(entry) > longest for entry in entries):
            notes.reject(row.row, ENTRY_TOO_LONG, name, limit=longest)
            fits = False
    return fits


def _columns(uow: UnitOfWork, department_id: UUID, accepted: _Accepted) -> dict[str, Any]:
    row = accepted.row
    return {
        "id": uow.new_id(),
        "region_code": uow.actor.region_code,
        "department_id": department_id,
        "business_line_id": accepted.line.id if accepted.line else None,
        "code": row.code,
        "name": row.name,
        "post": row.post or None,
        "certificate_no": row.certificate_no or None,
        "certificate_issuer": row.certificate_issuer or None,
        "certificate_valid_to": row.certificate_valid_to,
        "status": row.status,
        "leader_eligible": row.leader_eligible,
        "tags": list(dict.fromkeys(row.qualifications)),
        "specialties": list(dict.fromkeys(row.specialties)),
        "item_scopes": list(row.item_scopes),
        "regions": accepted.regions,
        "created_at": uow.now,
        "updated_at": uow.now,
    }
