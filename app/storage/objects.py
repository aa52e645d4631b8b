"""The object library: subjects of a region, and which department supervises which (R02, R05).

A subject is visible to the departments that have an entry for it, and to those who read the
region; it is changed by a department that has one. Finding a subject by its public identifier
crosses departments, since one subject has one row per region.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    String,
    any_,
    cast,
    exists,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import flag_modified

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.lifecycle import IdScheme
from app.domain.refusals import general
from app.domain.refusals import object_cases as cases
from app.domain.refusals import objects as refusals
from app.models.library import InspectionObject, LibraryEntry
from app.models.organisation import Department
from app.storage.constraints import refuse_on
from app.storage.object_search import ObjectFilter, list_objects
from app.storage.scope import own_only, own_or_region

__all__ = ["ObjectFilter", "list_objects"]
refuse_on("uq_inspection_object_region_code_id_scheme_id_value", refusals.OBJECT_EXISTS)
refuse_on("uq_library_entry_department_id_object_id", refusals.OBJECT_EXISTS)
refuse_on("uq_inspection_object_region_code_code", refusals.OBJECT_CODE_TAKEN)
_BATCH = 1000
_SOUGHT = 5000  # identifiers asked for in one statement


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A department's entry for a subject."""

    entry: LibraryEntry
    department_code: str


async def get_object(session: AsyncSession, object_id: UUID, scope: Scope) -> InspectionObject:
    """An object in the caller's scope, or merged into one that is; raises not-found."""
    entered = exists().where(
        LibraryEntry.object_id
        == func.coalesce(InspectionObject.merged_into_id, InspectionObject.id),
        own_or_region(LibraryEntry.department_id, scope),
    )
    query = select(InspectionObject).where(InspectionObject.id == object_id, entered)
    return _found((await session.execute(query)).scalar_one_or_none())


async def lock_object(
    session: AsyncSession, object_id: UUID, scope: Scope
) -> tuple[InspectionObject, LibraryEntry]:
    """An object with the own department's entry for it, locked.

    Raises not-found, or object-merged for one that went into an object of the own library.
    """
    query = (
        select(InspectionObject, LibraryEntry)
        .join(LibraryEntry, LibraryEntry.object_id == InspectionObject.id)
        .where(InspectionObject.id == object_id, own_only(LibraryEntry.department_id, scope))
    )
    locked = query.with_for_update(of=InspectionObject)
    row = (await session.execute(locked)).one_or_none()
    if row is None:
        await _refuse_merged(session, object_id, scope)
        raise RuleError(general.NOT_FOUND)
    return row[0], row[1]


async def _refuse_merged(session: AsyncSession, object_id: UUID, scope: Scope) -> None:
    merged = aliased(InspectionObject)
    query = (
        select(InspectionObject)
        .join(merged, merged.merged_into_id == InspectionObject.id)
        .join(LibraryEntry, LibraryEntry.object_id == InspectionObject.id)
        .where(merged.id == object_id, own_only(LibraryEntry.department_id, scope))
    )
    survivor = (await session.execute(query)).scalar_one_or_none()
    if survivor is not None:
        raise RuleError(cases.OBJECT_MERGED, object_id=str(survivor.id), object_code=survivor.code)


async def find_subject(
    session: AsyncSession, region_code: str, scheme: IdScheme, value: str
) -> InspectionObject | None:
    """The region's row of a subject, locked, whoever entered it (its identifier is public)."""
    query = select(InspectionObject).where(
        InspectionObject.region_code == region_code,
        InspectionObject.id_scheme == scheme,
        InspectionObject.id_value == value,
    )
    return (await session.execute(query.with_for_update())).scalar_one_or_none()


async def lock_by_codes(
    session: AsyncSession, region_code: str, codes: Iterable[str]
) -> dict[str, InspectionObject]:
    """The region's objects of those public codes, whoever entered them, locked in order of code."""
    query = (
        select(InspectionObject)
        .where(
            InspectionObject.region_code == region_code,
            InspectionObject.code == any_(cast(sorted(set(codes)), ARRAY(String))),
        )
        .order_by(InspectionObject.code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {found.code: found for found in (await session.execute(query)).scalars()}


async def add_subjects(
    session: AsyncSession, rows: Iterable[Mapping[str, Any]]
) -> dict[str, InspectionObject]:
    """Store new subjects, by code; of one that somebody else stores at the same moment, none.

    In order of code, and when the other has committed: what is missing in the answer can be read.
    """
    ordered = sorted(rows, key=lambda row: str(row["code"]))
    found: dict[str, InspectionObject] = {}
    for start in range(0, len(ordered), _BATCH):
        some = [{"row_version": 1, **row} for row in ordered[start : start + _BATCH]]
        added = insert(InspectionObject).on_conflict_do_nothing().returning(InspectionObject)
        stored = await session.scalars(added, some)
        found |= {subject.code: subject for subject in stored}
    return found


async def add_entries(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store entries, of whatever the department does not have yet."""
    for start in range(0, len(rows), _BATCH):
        some = insert(LibraryEntry).values(list(rows[start : start + _BATCH]))
        await session.execute(some.on_conflict_do_nothing())


async def store_states(
    session: AsyncSession, states: Sequence[Mapping[str, Any]], now: dt.datetime
) -> None:
    """Write what histories say to rows that the caller has locked, by one statement.

    A state has the id, every field of a history, and the key of the name. Row by row, each would
    be a round trip, and set off the triggers of the search by itself.
    """
    if not states:
        return
    fields = ", ".join(f"{name} = s.{name}" for name in states[0] if name != "id")
    written = text(
        f"""
        UPDATE inspection_object o
        SET {fields}, row_version = o.row_version + 1, updated_at = :now
        FROM jsonb_populate_recordset(NULL::inspection_object, CAST(:states AS jsonb)) s
        WHERE o.id = s.id RETURNING o.*
        """  # noqa: S608  names of columns, from our own code
    )
    read = select(InspectionObject).from_statement(written)
    given = {"states": json.dumps(states), "now": now}
    await session.execute(read, given, execution_options={"populate_existing": True})


async def find_by_code(
    session: AsyncSession, region_code: str, code: str
) -> InspectionObject | None:
    """As `find_by_codes`, of one code."""
    return (await find_by_codes(session, region_code, [code])).get(code)


async def find_by_codes(
    session: AsyncSession, region_code: str, codes: Iterable[str]
) -> dict[str, InspectionObject]:
    """The region's objects of those public codes, whoever entered them (codes are public).

    For the code of an object that was merged: the one that stands for it.
    """
    wanted = sorted(set(codes))
    found: dict[str, InspectionObject] = {}
    merged: dict[str, UUID] = {}
    for start in range(0, len(wanted), _SOUGHT):
        rows = await session.execute(
            select(InspectionObject).where(
                InspectionObject.region_code == region_code,
                InspectionObject.code.in_(wanted[start : start + _SOUGHT]),
            )
        )
        for row in rows.scalars():
            found[row.code] = row
            if row.merged_into_id is not None:
                merged[row.code] = row.merged_into_id
    if merged:
        ids = select(InspectionObject).where(InspectionObject.id.in_(set(merged.values())))
        survivors = {row.id: row for row in (await session.execute(ids)).scalars()}
        found |= {code: survivors[one] for code, one in merged.items()}
    return found


async def find_entry(
    session: AsyncSession, department_id: UUID, object_id: UUID
) -> LibraryEntry | None:
    """The entry that a department (the caller's) has for a subject."""
    query = select(LibraryEntry).where(
        LibraryEntry.department_id == department_id, LibraryEntry.object_id == object_id
    )
    return (await session.execute(query.with_for_update())).scalar_one_or_none()


async def entries_of(
    session: AsyncSession, object_ids: Iterable[UUID], scope: Scope
) -> dict[UUID, list[EntryRow]]:
    """The entries of objects that are in the caller's scope, by department."""
    rows = await session.execute(
        select(LibraryEntry, Department.code)
        .join(Department, Department.id == LibraryEntry.department_id)
        .where(
            LibraryEntry.object_id.in_(list(object_ids)),
            own_or_region(LibraryEntry.department_id, scope),
        )
        .order_by(Department.code)
    )
    found: dict[UUID, list[EntryRow]] = {}
    for entry, code in rows:
        found.setdefault(entry.object_id, []).append(EntryRow(entry, code))
    return found


async def codes_by_id(session: AsyncSession, object_ids: set[UUID]) -> dict[UUID, str]:
    """The public codes of objects (who answers for a product is shown with it)."""
    if not object_ids:
        return {}
    rows = await session.execute(
        select(InspectionObject.id, InspectionObject.code).where(
            InspectionObject.id.in_(object_ids)
        )
    )
    return {row.id: row.code for row in rows}


async def note_inspection(
    session: AsyncSession, object_id: UUID, ended_on: dt.date, now: dt.datetime
) -> None:
    """An inspection of the object has ended; of one that was merged, its survivor is told, too.

    No scope: whoever inspects has a section of the object's sheet, and notes nothing else here.
    """
    merged = select(InspectionObject.merged_into_id).where(InspectionObject.id == object_id)
    query = (
        select(InspectionObject)
        .where(
            or_(InspectionObject.id == object_id, InspectionObject.id == merged.scalar_subquery())
        )
        .order_by(InspectionObject.code)
        .with_for_update()
    )
    for subject in (await session.execute(query)).scalars():
        if subject.last_inspected_on is None or subject.last_inspected_on < ended_on:
            subject.last_inspected_on = ended_on
            subject.updated_at = now


def touch(subject: InspectionObject, now: dt.datetime) -> None:
    """Count a change of what belongs to the object (its entry) as a change of the object."""
    subject.updated_at = now
    flag_modified(subject, "updated_at")


def _found(subject: InspectionObject | None) -> InspectionObject:
    if subject is None:
        raise RuleError(general.NOT_FOUND)
    return subject
