"""The object library: subjects of a region, and which department supervises which (R02, R05).

A subject is visible to the departments that have an entry for it, and to those who read the
region; it is changed by a department that has one. Finding a subject by its public identifier
crosses departments, since one subject has one row per region.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.lifecycle import IdScheme, ObjectStatus
from app.domain.object_library import STATUS_AFTER, EventKind, StatusEvent
from app.domain.refusals import general
from app.domain.refusals import objects as refusals
from app.models.library import InspectionObject, LibraryEntry, ObjectEvent
from app.models.organisation import Department
from app.storage.constraints import refuse_on
from app.storage.object_search import ObjectFilter, list_objects
from app.storage.paging import Paging, Slice, slice_of
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
    """An object in the caller's scope; raises not-found."""
    query = select(InspectionObject).where(InspectionObject.id == object_id, _visible(scope))
    return _found((await session.execute(query)).scalar_one_or_none())


async def lock_object(
    session: AsyncSession, object_id: UUID, scope: Scope
) -> tuple[InspectionObject, LibraryEntry]:
    """An object with the own department's entry for it, locked; raises not-found."""
    query = (
        select(InspectionObject, LibraryEntry)
        .join(LibraryEntry, LibraryEntry.object_id == InspectionObject.id)
        .where(InspectionObject.id == object_id, own_only(LibraryEntry.department_id, scope))
    )
    locked = query.with_for_update(of=InspectionObject)
    row = (await session.execute(locked)).one_or_none()
    if row is None:
        raise RuleError(general.NOT_FOUND)
    return row[0], row[1]


async def find_subject(
    session: AsyncSession, region_code: str, scheme: IdScheme, value: str
) -> InspectionObject | None:
    """The region's row of a subject, locked, whoever entered it (its identifier is public).

    The identifier is locked, too: of two departments that enter a new subject at the same moment,
    the second joins the first.
    """
    key = f"object/{region_code}/{scheme}/{value}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    query = select(InspectionObject).where(
        InspectionObject.region_code == region_code,
        InspectionObject.id_scheme == scheme,
        InspectionObject.id_value == value,
    )
    return (await session.execute(query.with_for_update())).scalar_one_or_none()


async def find_by_code(
    session: AsyncSession, region_code: str, code: str
) -> InspectionObject | None:
    """The region's object of that public code, whoever entered it (codes are public)."""
    query = select(InspectionObject).where(
        InspectionObject.region_code == region_code, InspectionObject.code == code
    )
    return (await session.execute(query)).scalar_one_or_none()


async def find_by_codes(
    session: AsyncSession, region_code: str, codes: Iterable[str]
) -> dict[str, InspectionObject]:
    """The region's objects of those public codes, whoever entered them (codes are public)."""
    wanted = sorted(set(codes))
    found: dict[str, InspectionObject] = {}
    for start in range(0, len(wanted), _SOUGHT):
        rows = await session.execute(
            select(InspectionObject).where(
                InspectionObject.region_code == region_code,
                InspectionObject.code.in_(wanted[start : start + _SOUGHT]),
            )
        )
        found |= {row.code: row for row in rows.scalars()}
    return found


async def find_entry(
    session: AsyncSession, department_id: UUID, object_id: UUID
) -> LibraryEntry | None:
    """The entry that a department (the caller's) has for a subject."""
    query = select(LibraryEntry).where(
        LibraryEntry.department_id == department_id, LibraryEntry.object_id == object_id
    )
    return (await session.execute(query.with_for_update())).scalar_one_or_none()


async def entered_ids(session: AsyncSession, department_id: UUID) -> set[UUID]:
    """The subjects that a department (the caller's) has entries for."""
    query = select(LibraryEntry.object_id).where(LibraryEntry.department_id == department_id)
    return set((await session.execute(query)).scalars())


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


async def list_events(
    session: AsyncSession, object_id: UUID, scope: Scope, paging: Paging
) -> Slice[ObjectEvent]:
    """What happened to an object in the caller's scope, in order of entry; raises not-found."""
    await get_object(session, object_id, scope)
    query = select(ObjectEvent).where(ObjectEvent.object_id == object_id)
    return await slice_of(session, query, ObjectEvent.id, paging)


async def status_history(
    session: AsyncSession, subject: InspectionObject
) -> tuple[ObjectStatus, list[StatusEvent]]:
    """The status a (locked) subject was entered with, and every event that set one since."""
    rows = await session.execute(
        select(ObjectEvent)
        .where(
            ObjectEvent.object_id == subject.id,
            ObjectEvent.kind.in_([EventKind.ESTABLISHED, *STATUS_AFTER]),
        )
        .order_by(ObjectEvent.id)
    )
    initial: ObjectStatus | None = None
    events: list[StatusEvent] = []
    for event in rows.scalars():
        status = ObjectStatus(event.after["status"])
        if event.kind == EventKind.ESTABLISHED:
            initial = initial or status
        else:
            events.append(StatusEvent(event.effective_on, event.recorded_at, event.id, status))
    return initial or subject.status, events


def touch(subject: InspectionObject, now: dt.datetime) -> None:
    """Count a change of what belongs to the object (its entry) as a change of the object."""
    subject.updated_at = now
    flag_modified(subject, "updated_at")


async def add_many(
    session: AsyncSession, model: type[Any], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Store many rows of a table of the library."""
    for start in range(0, len(rows), _BATCH):
        await session.execute(insert(model), list(rows[start : start + _BATCH]))


def _visible(scope: Scope) -> ColumnElement[bool]:
    entered = select(LibraryEntry.id).where(
        LibraryEntry.object_id == InspectionObject.id,
        own_or_region(LibraryEntry.department_id, scope),
    )
    return entered.exists()


def _found(subject: InspectionObject | None) -> InspectionObject:
    if subject is None:
        raise RuleError(general.NOT_FOUND)
    return subject
