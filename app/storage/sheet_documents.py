"""Everything that is printed of up to a thousand inspection sheets, in a handful of statements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.refusals import general
from app.models.checklist import ItemVersion
from app.models.draw import Draw
from app.models.inspection import (
    Acknowledgement,
    Finding,
    Inspection,
    InspectionOfficer,
    InspectionSheet,
)
from app.models.plan import PlanTaskItem
from app.storage.inspections import Section, sections_of, visible


@dataclass(frozen=True, slots=True)
class PrintFacts:
    """What stands around sheets: sections by sheet, the rest by what it hangs on."""

    sections: Mapping[UUID, Sequence[Section]]
    draw_nos: Mapping[UUID, str]
    items: Mapping[tuple[UUID, UUID], Sequence[ItemVersion]]
    """By plan task and department, in the task's order."""
    teams: Mapping[UUID, Sequence[InspectionOfficer]]
    findings: Mapping[UUID, Mapping[UUID, Finding]]
    """By inspection and version of the item."""
    acknowledgements: Mapping[UUID, Acknowledgement]


async def sheets_in_order(
    session: AsyncSession, scope: Scope, sheet_ids: Sequence[UUID]
) -> list[InspectionSheet]:
    """The sheets in the order asked for; raises not-found when one is outside the scope."""
    query = select(InspectionSheet).where(InspectionSheet.id.in_(sheet_ids), _may_be_known(scope))
    found = {sheet.id: sheet for sheet in (await session.execute(query)).scalars()}
    if len(found) < len(set(sheet_ids)):
        raise RuleError(general.NOT_FOUND)
    return [found[one] for one in sheet_ids]


async def count_of_task(session: AsyncSession, scope: Scope, plan_task_id: UUID) -> int:
    """How many sheets of a plan task the caller may know of; raises not-found for none."""
    query = select(func.count()).where(
        InspectionSheet.plan_task_id == plan_task_id, _may_be_known(scope)
    )
    count = (await session.execute(query)).scalar_one()
    if not count:
        raise RuleError(general.NOT_FOUND)
    return count


async def sheets_of_task(
    session: AsyncSession, scope: Scope, plan_task_id: UUID, limit: int
) -> list[InspectionSheet]:
    """The sheets of a plan task that the caller may know of, in order of their numbers."""
    query = (
        select(InspectionSheet)
        .where(InspectionSheet.plan_task_id == plan_task_id, _may_be_known(scope))
        .order_by(InspectionSheet.sheet_no)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def sheet_by_number(session: AsyncSession, sheet_no: str) -> InspectionSheet:
    """A sheet by its number. No scope: only whether a digest holds is told of it, to anyone."""
    query = select(InspectionSheet).where(InspectionSheet.sheet_no == sheet_no)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def print_facts(session: AsyncSession, sheets: Sequence[InspectionSheet]) -> PrintFacts:
    """What is printed of sheets. No scope: they come from a read that had one."""
    sections = await sections_of(session, [sheet.id for sheet in sheets])
    inspections = [section.inspection.id for found in sections.values() for section in found]
    return PrintFacts(
        sections=sections,
        draw_nos=await _draw_nos(session, {sheet.draw_id for sheet in sheets}),
        items=await _items(session, {sheet.plan_task_id for sheet in sheets}),
        teams=await _teams(session, inspections),
        findings=await _findings(session, inspections),
        acknowledgements=await _acknowledgements(session, inspections),
    )


def _may_be_known(scope: Scope) -> ColumnElement[bool]:
    return InspectionSheet.id.in_(select(Inspection.sheet_id).where(visible(scope)))


async def _draw_nos(session: AsyncSession, draw_ids: set[UUID]) -> dict[UUID, str]:
    rows = await session.execute(select(Draw.id, Draw.draw_no).where(Draw.id.in_(draw_ids)))
    return {row.id: row.draw_no for row in rows}


async def _items(
    session: AsyncSession, plan_task_ids: set[UUID]
) -> dict[tuple[UUID, UUID], list[ItemVersion]]:
    query = (
        select(PlanTaskItem.plan_task_id, ItemVersion)
        .join(ItemVersion, ItemVersion.id == PlanTaskItem.item_version_id)
        .where(PlanTaskItem.plan_task_id.in_(plan_task_ids))
        .order_by(PlanTaskItem.plan_task_id, PlanTaskItem.position, ItemVersion.id)
    )
    found: dict[tuple[UUID, UUID], list[ItemVersion]] = defaultdict(list)
    for plan_task_id, item in await session.execute(query):
        found[plan_task_id, item.department_id].append(item)
    return found


async def _teams(
    session: AsyncSession, inspection_ids: Sequence[UUID]
) -> dict[UUID, list[InspectionOfficer]]:
    query = (
        select(InspectionOfficer)
        .where(InspectionOfficer.inspection_id.in_(inspection_ids))
        .order_by(InspectionOfficer.inspection_id, InspectionOfficer.slot)
    )
    found: dict[UUID, list[InspectionOfficer]] = defaultdict(list)
    for officer in (await session.execute(query)).scalars():
        found[officer.inspection_id].append(officer)
    return found


async def _findings(
    session: AsyncSession, inspection_ids: Sequence[UUID]
) -> dict[UUID, dict[UUID, Finding]]:
    query = select(Finding).where(Finding.inspection_id.in_(inspection_ids))
    found: dict[UUID, dict[UUID, Finding]] = defaultdict(dict)
    for finding in (await session.execute(query)).scalars():
        found[finding.inspection_id][finding.item_version_id] = finding
    return found


async def _acknowledgements(
    session: AsyncSession, inspection_ids: Sequence[UUID]
) -> dict[UUID, Acknowledgement]:
    query = select(Acknowledgement).where(Acknowledgement.inspection_id.in_(inspection_ids))
    return {found.inspection_id: found for found in (await session.execute(query)).scalars()}
