"""What the freeze reads: the scope of a task, its officers, and the pairs that may not meet.

All of it for the departments of one task, which the caller has locked under its own scope.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    String,
    Uuid,
    and_,
    any_,
    cast,
    func,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.certificates import Certificate
from app.domain.eligibility import ItemFacts, ObjectFacts, OfficerFacts
from app.domain.imports import ImportStatus
from app.domain.lifecycle import InspectionStatus, ObjectStatus, PoolScope
from app.models.checklist import ItemVersion
from app.models.import_batch import ImportBatch
from app.models.inspection import Inspection, InspectionSheet
from app.models.library import Absence, InspectionObject, Interest, LibraryEntry, Officer
from app.models.organisation import Department
from app.models.plan import PlanTask, PlanTaskDepartment, PlanTaskItem
from app.storage.officer_facts import certificates_of, yearly_load


class ScopeRow(NamedTuple):
    """An object of the task's scope; there may be millions, so a row is as small as can be."""

    code: str
    risk_class: str
    area_code: str
    facts: ObjectFacts
    """One for all objects of which the same is known."""


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """An officer of a participating department."""

    officer: Officer
    department_code: str
    load: int
    absences: tuple[tuple[dt.date, dt.date], ...]
    certificates: tuple[Certificate, ...] = ()

    @property
    def facts(self) -> OfficerFacts:
        """What the rules of draws and teams ask."""
        officer = self.officer
        return OfficerFacts(
            officer.status,
            officer.certificate_valid_to,
            self.absences,
            frozenset(officer.tags),
            frozenset(officer.item_scopes),
            self.certificates,
        )


async def scope_rows(
    session: AsyncSession, task: PlanTask, departments: Sequence[UUID], year_start: dt.datetime
) -> list[ScopeRow]:
    """Every object of the initiating department's library that the task's filter names, by code.

    Visits are those of all departments that take part; a joint visit is one visit.
    """
    visits = (
        select(
            InspectionSheet.object_id,
            func.count(InspectionSheet.id.distinct())
            .filter(InspectionSheet.created_at >= year_start)
            .label("visits_this_year"),
            func.max(Inspection.ended_on).label("last_visit_on"),
        )
        .join(Inspection, Inspection.sheet_id == InspectionSheet.id)
        .where(
            Inspection.department_id.in_(departments),
            Inspection.status != InspectionStatus.VOID,
        )
        .group_by(InspectionSheet.object_id)
        .subquery()
    )
    query = (
        select(
            InspectionObject.code,
            type_coerce(InspectionObject.risk_class, String),  # their codes, as they are stored
            InspectionObject.area_code,
            type_coerce(InspectionObject.status, String),
            func.coalesce(visits.c.visits_this_year, 0),
            visits.c.last_visit_on,
            _shared(task, departments),
        )
        .join(LibraryEntry, LibraryEntry.object_id == InspectionObject.id)
        .outerjoin(visits, visits.c.object_id == InspectionObject.id)
        .where(LibraryEntry.department_id == task.department_id)
        .order_by(InspectionObject.code)
    )
    if task.kinds:
        query = query.where(InspectionObject.kind.in_(task.kinds))
    if task.tags:
        query = query.where(
            or_(
                LibraryEntry.tags.overlap(task.tags),
                LibraryEntry.special_libraries.overlap(task.tags),
            )
        )
    if task.area_codes:
        query = query.where(
            or_(*(InspectionObject.area_code.startswith(code) for code in task.area_codes))
        )
    if task.risk_classes:
        query = query.where(InspectionObject.risk_class.in_(task.risk_classes))
    return _scope_rows(await session.execute(query))


def _scope_rows(found: Iterable[Any]) -> list[ScopeRow]:
    known: dict[tuple[str, int, dt.date | None, bool], ObjectFacts] = {}
    rows = []
    for code, risk_class, area_code, *seen in found:
        key = tuple(seen)
        facts = known.get(key)
        if facts is None:
            facts = known[key] = ObjectFacts(ObjectStatus(seen[0]), *seen[1:])
        rows.append(ScopeRow(code, risk_class, area_code, facts))
    return rows


def _shared(task: PlanTask, departments: Sequence[UUID]) -> ColumnElement[bool]:
    """Whether an object stands in the library of every department that takes part."""
    others = [one for one in departments if one != task.department_id]
    if task.pool_scope is PoolScope.INITIATOR or not others:
        return true()
    supervised = (
        select(LibraryEntry.object_id)
        .where(LibraryEntry.department_id.in_(others))
        .group_by(LibraryEntry.object_id)
        .having(func.count(LibraryEntry.department_id.distinct()) == len(others))
    )
    return InspectionObject.id.in_(supervised)


async def removable(
    session: AsyncSession, region_code: str, departments: Sequence[UUID], officers: Sequence[UUID]
) -> tuple[int, ...]:
    """What tells that rows were taken out of the libraries since it was asked before.

    Batches undone, objects of the region merged, officers still there and still theirs: what is
    undone or merged stays so.
    """
    undone = select(func.count(ImportBatch.id)).where(
        ImportBatch.department_id.in_(departments), ImportBatch.status == ImportStatus.UNDONE
    )
    merged = select(func.count(InspectionObject.id)).where(
        InspectionObject.region_code == region_code, InspectionObject.merged_into_id.is_not(None)
    )
    there = select(func.count(Officer.id)).where(
        Officer.id.in_(officers), Officer.department_id.in_(departments)
    )
    return tuple([await session.scalar(one) or 0 for one in (undone, merged, there)])


async def task_departments(
    session: AsyncSession, task_id: UUID
) -> Sequence[tuple[PlanTaskDepartment, Department]]:
    """The participating departments, lead first."""
    rows = await session.execute(
        select(PlanTaskDepartment, Department)
        .join(Department, Department.id == PlanTaskDepartment.department_id)
        .where(PlanTaskDepartment.plan_task_id == task_id)
        .order_by(PlanTaskDepartment.position)
    )
    return [(member, department) for member, department in rows]


async def task_items(session: AsyncSession, task_id: UUID) -> dict[UUID, list[ItemFacts]]:
    """What the task's items ask of officers, by the items' department, in the task's order."""
    rows = await session.execute(
        select(ItemVersion)
        .join(PlanTaskItem, PlanTaskItem.item_version_id == ItemVersion.id)
        .where(PlanTaskItem.plan_task_id == task_id)
        .order_by(PlanTaskItem.position)
    )
    items: dict[UUID, list[ItemFacts]] = {}
    for item in rows.scalars():
        items.setdefault(item.department_id, []).append(
            ItemFacts(item.code, item.name, item.category, frozenset(item.qualifications))
        )
    return items


async def officer_rows(
    session: AsyncSession, department_ids: Sequence[UUID], year_start: dt.datetime
) -> list[OfficerRow]:
    """Every officer of the departments with load, absences and certificates, by code."""
    load = yearly_load(year_start)
    rows = (
        await session.execute(
            select(Officer, Department.code, func.coalesce(load.c.load, 0))
            .join(Department, Department.id == Officer.department_id)
            .outerjoin(load, load.c.officer_id == Officer.id)
            .where(Officer.department_id.in_(department_ids))
            .order_by(Officer.code)
        )
    ).all()
    away: dict[UUID, list[tuple[dt.date, dt.date]]] = {}
    absences = await session.execute(
        select(Absence.officer_id, Absence.starts_on, Absence.ends_on)
        .join(Officer, Officer.id == Absence.officer_id)
        .where(Officer.department_id.in_(department_ids), ~Absence.cancelled)
    )
    for officer_id, starts_on, ends_on in absences:
        away.setdefault(officer_id, []).append((starts_on, ends_on))
    further = await certificates_of(session, Officer.department_id.in_(department_ids))
    return [
        OfficerRow(
            officer, code, count, tuple(away.get(officer.id, ())), further.get(officer.id, ())
        )
        for officer, code, count in rows
    ]


async def recusal_pairs(
    session: AsyncSession, department_ids: Sequence[UUID]
) -> list[tuple[str, str]]:
    """Declared pairs (officer code, object code) of the departments' officers.

    Confirmed or not yet: who waits for a second person's word must not inspect meanwhile.
    """
    rows = await session.execute(
        select(Officer.code, InspectionObject.code)
        .join(Interest, Interest.officer_id == Officer.id)
        .join(InspectionObject, InspectionObject.id == Interest.object_id)
        .where(Officer.department_id.in_(department_ids), Interest.withdrawn_at.is_(None))
    )
    return [(officer, subject) for officer, subject in rows]


def _one_of(column: InstrumentedAttribute[str], codes: Sequence[str]) -> ColumnElement[bool]:
    """The codes as one array: a statement takes 32,767 values at most, a draw 100,000 objects."""
    return column == any_(cast(list(codes), ARRAY(String)))


async def object_ids(
    session: AsyncSession, region_code: str, codes: Sequence[str]
) -> dict[str, UUID]:
    """Ids of winners and reserve by code, within the draw's region."""
    rows = await session.execute(
        select(InspectionObject.code, InspectionObject.id).where(
            InspectionObject.region_code == region_code, _one_of(InspectionObject.code, codes)
        )
    )
    return {row.code: row.id for row in rows}


async def objects_by_code(
    session: AsyncSession, region_code: str, codes: Sequence[str]
) -> dict[str, InspectionObject]:
    """Winners and reserve by code, within the draw's region."""
    rows = await session.execute(
        select(InspectionObject).where(
            and_(InspectionObject.region_code == region_code, _one_of(InspectionObject.code, codes))
        )
    )
    return {found.code: found for found in rows.scalars()}


async def objects_by_id(
    session: AsyncSession, ids: set[UUID | None]
) -> dict[UUID, InspectionObject]:
    """The subjects responsible for drawn products, projects and activities."""
    wanted = any_(cast(list(ids), ARRAY(Uuid)))
    rows = await session.execute(select(InspectionObject).where(InspectionObject.id == wanted))
    return {found.id: found for found in rows.scalars()}


async def officers_by_code(
    session: AsyncSession, region_code: str, codes: Sequence[str]
) -> dict[str, Officer]:
    """Team members by code, within the draw's region."""
    rows = await session.execute(
        select(Officer).where(Officer.region_code == region_code, _one_of(Officer.code, codes))
    )
    return {found.code: found for found in rows.scalars()}
