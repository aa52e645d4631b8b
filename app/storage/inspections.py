"""Inspection sheets, inspections and what hangs on them.

A department sees the sheets in which it has a section, and the state of the other sections there;
office and oversight see the region's. Everything else does not exist for the caller (404).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.lifecycle import InspectionStatus
from app.domain.refusals import general
from app.domain.refusals import inspections as refusals
from app.models.checklist import ItemVersion
from app.models.draw import Draw
from app.models.inspection import (
    Acknowledgement,
    Finding,
    Inspection,
    InspectionOfficer,
    InspectionSheet,
    Notice,
    Publication,
)
from app.models.library import InspectionObject
from app.models.object_history import ObjectFlag
from app.models.organisation import Department
from app.models.plan import Plan, PlanTask, PlanTaskItem
from app.storage.constraints import refuse_on
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_or_region

refuse_on("uq_notice_inspection_id", refusals.NOTICE_ALREADY_SENT)
refuse_on("pk_acknowledgement", refusals.ACKNOWLEDGEMENT_EXISTS)
refuse_on("ck_inspection_maker_checker", general.MAKER_IS_CHECKER)


@dataclass(frozen=True, slots=True)
class Section:
    """An inspection with the sheet, task, plan, draw and department it belongs to."""

    inspection: Inspection
    sheet: InspectionSheet
    task: PlanTask
    plan: Plan
    department: Department
    locked_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Record:
    """All that was recorded of one inspection."""

    officers: Sequence[InspectionOfficer]
    notice: Notice | None
    acknowledgement: Acknowledgement | None
    findings: Sequence[tuple[Finding, ItemVersion]]
    publication: Publication | None
    flags: Sequence[ObjectFlag] = ()


@dataclass(frozen=True, slots=True)
class InspectionFilter:
    """What a list of inspections is narrowed to."""

    status: InspectionStatus | None = None
    due_before: dt.date | None = None
    object_code: str | None = None
    plan_task_id: UUID | None = None


def snapshot_of(
    drawn: InspectionObject, responsible: InspectionObject | None = None
) -> dict[str, Any]:
    """The subject as a sheet keeps it; `responsible` is a product's, project's or activity's."""
    kept = _subject(drawn)
    kept["responsible"] = None if responsible is None else _subject(responsible)
    return kept


def _subject(subject: InspectionObject) -> dict[str, Any]:
    return {
        "code": subject.code,
        "kind": subject.kind.value,
        "id_scheme": subject.id_scheme.value,
        "id_value": subject.id_value,
        "name": subject.name,
        "address": subject.address,
        "area_code": subject.area_code,
        "industry_code": subject.industry_code,
        "status": subject.status.value,
        "risk_class": subject.risk_class.value,
    }


def _shared_sheets(scope: Scope) -> Select[UUID]:
    own = own_or_region(Inspection.department_id, scope)
    return select(Inspection.sheet_id).where(own)


def visible(scope: Scope) -> ColumnElement[bool]:
    """Inspections the caller may know of: their own, and the other sections of their sheets."""
    return or_(
        own_or_region(Inspection.department_id, scope),
        Inspection.sheet_id.in_(_shared_sheets(scope)),
    )


def _sections() -> Select[
    Inspection, InspectionSheet, PlanTask, Plan, Department, dt.datetime | None
]:
    return (
        select(Inspection, InspectionSheet, PlanTask, Plan, Department, Draw.locked_at)
        .join(InspectionSheet, InspectionSheet.id == Inspection.sheet_id)
        .join(PlanTask, PlanTask.id == InspectionSheet.plan_task_id)
        .join(Plan, Plan.id == PlanTask.plan_id)
        .join(Draw, Draw.id == InspectionSheet.draw_id)
        .join(Department, Department.id == Inspection.department_id)
    )


async def list_inspections(
    session: AsyncSession, scope: Scope, filters: InspectionFilter, paging: Paging
) -> Slice[Inspection]:
    """Inspections the caller may know of, in order of making."""
    query = select(Inspection).where(visible(scope))
    if filters.status is not None:
        query = query.where(Inspection.status == filters.status)
    if filters.due_before is not None:
        query = query.where(Inspection.due_on < filters.due_before)
    if filters.object_code is not None or filters.plan_task_id is not None:
        query = query.join(InspectionSheet, InspectionSheet.id == Inspection.sheet_id)
    if filters.object_code is not None:
        query = query.where(InspectionSheet.object_code == filters.object_code)
    if filters.plan_task_id is not None:
        query = query.where(InspectionSheet.plan_task_id == filters.plan_task_id)
    return await slice_of(session, query, Inspection.id, paging)


async def sections_by_id(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Section]:
    """What inspections belong to. The ids come from a list that was scoped."""
    rows = await session.execute(_sections().where(Inspection.id.in_(ids)))
    return {row[0].id: Section(*row) for row in rows}


async def get_section(session: AsyncSession, inspection_id: UUID, scope: Scope) -> Section:
    """An inspection the caller may know of; raises not-found."""
    query = _sections().where(Inspection.id == inspection_id, visible(scope))
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise RuleError(general.NOT_FOUND)
    return Section(*row)


async def lock_section(session: AsyncSession, inspection_id: UUID, scope: Scope) -> Section:
    """An inspection of the caller's own department, locked for a step.

    Raises not-found for what the caller may not know of, another-section for what they may.
    """
    query = _sections().where(Inspection.id == inspection_id, visible(scope))
    row = (
        await session.execute(
            query.with_for_update(of=Inspection).execution_options(populate_existing=True)
        )
    ).one_or_none()
    if row is None:
        raise RuleError(general.NOT_FOUND)
    if row[0].department_id != scope.department_id:
        raise RuleError(refusals.ANOTHER_SECTION)
    return Section(*row)


async def get_record(session: AsyncSession, inspection_id: UUID) -> Record:
    """What was recorded. No scope: whoever asks has read the inspection in theirs."""
    findings = await session.execute(
        select(Finding, ItemVersion)
        .join(ItemVersion, ItemVersion.id == Finding.item_version_id)
        .where(Finding.inspection_id == inspection_id)
        .order_by(ItemVersion.position, ItemVersion.id)
    )
    return Record(
        officers=await team_of(session, inspection_id),
        notice=await find_notice(session, inspection_id),
        acknowledgement=await find_acknowledgement(session, inspection_id),
        findings=[(finding, item) for finding, item in findings],
        publication=await _latest_publication(session, inspection_id),
        flags=await _flags_of(session, inspection_id),
    )


async def _flags_of(session: AsyncSession, inspection_id: UUID) -> Sequence[ObjectFlag]:
    query = (
        select(ObjectFlag)
        .join(Inspection, Inspection.sheet_id == ObjectFlag.sheet_id)
        .where(Inspection.id == inspection_id)
        .order_by(ObjectFlag.id)
    )
    return (await session.execute(query)).scalars().all()


async def team_of(session: AsyncSession, inspection_id: UUID) -> Sequence[InspectionOfficer]:
    """The team, leader first. No scope: as `get_record`."""
    query = (
        select(InspectionOfficer)
        .where(InspectionOfficer.inspection_id == inspection_id)
        .order_by(InspectionOfficer.slot)
    )
    return (await session.execute(query)).scalars().all()


async def find_notice(session: AsyncSession, inspection_id: UUID) -> Notice | None:
    """The one-time notice. No scope: as `get_record`."""
    query = select(Notice).where(Notice.inspection_id == inspection_id)
    return (await session.execute(query)).scalar_one_or_none()


async def find_acknowledgement(
    session: AsyncSession, inspection_id: UUID
) -> Acknowledgement | None:
    """How the object acknowledged the record. No scope: as `get_record`."""
    return await session.get(Acknowledgement, inspection_id)


async def findings_of(session: AsyncSession, inspection_id: UUID) -> dict[UUID, Finding]:
    """The findings by the version of their item. No scope: as `get_record`."""
    query = select(Finding).where(Finding.inspection_id == inspection_id)
    return {one.item_version_id: one for one in (await session.execute(query)).scalars()}


async def around(
    session: AsyncSession, ids: Sequence[UUID]
) -> dict[UUID, tuple[Notice | None, Acknowledgement | None, list[UUID]]]:
    """Notice, acknowledgement and findings (by id) of inspections. No scope: as `get_record`."""
    notices = await session.execute(select(Notice).where(Notice.inspection_id.in_(ids)))
    sent = {one.inspection_id: one for one in notices.scalars()}
    given = await session.execute(
        select(Acknowledgement).where(Acknowledgement.inspection_id.in_(ids))
    )
    acknowledged = {one.inspection_id: one for one in given.scalars()}
    rows = await session.execute(
        select(Finding.inspection_id, Finding.id).where(Finding.inspection_id.in_(ids))
    )
    findings: dict[UUID, list[UUID]] = {one: [] for one in ids}
    for inspection_id, finding_id in rows:
        findings[inspection_id].append(finding_id)
    return {one: (sent.get(one), acknowledged.get(one), findings[one]) for one in ids}


async def items_of(
    session: AsyncSession, plan_task_id: UUID, department_id: UUID | None = None
) -> Sequence[ItemVersion]:
    """The items of a task, of one department or all, in the task's order. No scope: as above."""
    query = (
        select(ItemVersion)
        .join(PlanTaskItem, PlanTaskItem.item_version_id == ItemVersion.id)
        .where(PlanTaskItem.plan_task_id == plan_task_id)
        .order_by(PlanTaskItem.position, ItemVersion.id)
    )
    if department_id is not None:
        query = query.where(ItemVersion.department_id == department_id)
    return (await session.execute(query)).scalars().all()


def touch(inspection: Inspection, now: dt.datetime) -> None:
    """Make a new row version even where only the rows around the inspection change."""
    inspection.updated_at = now
    flag_modified(inspection, "updated_at")


async def list_sheets(
    session: AsyncSession,
    scope: Scope,
    paging: Paging,
    *,
    object_code: str | None,
    plan_task_id: UUID | None,
) -> Slice[InspectionSheet]:
    """Sheets in which the caller's department has a section (or of the region)."""
    query = select(InspectionSheet).where(InspectionSheet.id.in_(_shared_sheets(scope)))
    if object_code is not None:
        query = query.where(InspectionSheet.object_code == object_code)
    if plan_task_id is not None:
        query = query.where(InspectionSheet.plan_task_id == plan_task_id)
    return await slice_of(session, query, InspectionSheet.id, paging)


async def get_sheet(session: AsyncSession, sheet_id: UUID, scope: Scope) -> InspectionSheet:
    """A sheet that the caller may know of; raises not-found."""
    query = select(InspectionSheet).where(
        InspectionSheet.id == sheet_id, InspectionSheet.id.in_(_shared_sheets(scope))
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def sections_of(
    session: AsyncSession, sheet_ids: Sequence[UUID]
) -> dict[UUID, list[Section]]:
    """Every department's section of sheets, by sheet. The ids come from a scoped read."""
    found: dict[UUID, list[Section]] = {sheet_id: [] for sheet_id in sheet_ids}
    query = _sections().where(Inspection.sheet_id.in_(sheet_ids)).order_by(Inspection.id)
    for row in await session.execute(query):
        found[row[0].sheet_id].append(Section(*row))
    return found


async def teams_of_sheet(
    session: AsyncSession, sheet_id: UUID
) -> dict[UUID, list[InspectionOfficer]]:
    """The team of each section of a sheet. No scope: whoever asks has read the sheet."""
    query = (
        select(InspectionOfficer)
        .join(Inspection, Inspection.id == InspectionOfficer.inspection_id)
        .where(Inspection.sheet_id == sheet_id)
        .order_by(InspectionOfficer.slot)
    )
    teams: dict[UUID, list[InspectionOfficer]] = {}
    for officer in (await session.execute(query)).scalars():
        teams.setdefault(officer.inspection_id, []).append(officer)
    return teams


async def _latest_publication(session: AsyncSession, inspection_id: UUID) -> Publication | None:
    query = (
        select(Publication)
        .where(Publication.inspection_id == inspection_id)
        .order_by(Publication.version.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()
