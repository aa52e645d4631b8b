"""What officers' certificates must last for: open sheets, and tasks that are yet to be drawn.

In the caller's scope, four statements whatever the number of officers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Scope
from app.domain.certificate_warnings import Duty, DutyKind
from app.domain.lifecycle import DrawStatus, InspectionStatus, OfficerStatus, PlanStatus
from app.models.checklist import ItemVersion
from app.models.draw import Draw
from app.models.inspection import Inspection, InspectionOfficer, InspectionSheet
from app.models.library import Officer
from app.models.organisation import Department
from app.models.plan import Plan, PlanTask, PlanTaskDepartment, PlanTaskItem
from app.storage.scope import own_or_region

BEFORE_THE_END = (
    InspectionStatus.ASSIGNED,
    InspectionStatus.NOTIFIED,
    InspectionStatus.IN_PROGRESS,
)
Tags = Mapping[tuple[UUID, UUID], frozenset[str]]
"""What the items of a task ask for, by task and department."""


@dataclass(slots=True)
class Duties:
    """Sheets by officer, tasks by department, and the officers that either is about."""

    officers: list[tuple[Officer, str]] = field(default_factory=list)
    """With the code of the department, by code."""
    sheets: dict[UUID, list[Duty]] = field(default_factory=dict)
    tasks: dict[UUID, list[Duty]] = field(default_factory=dict)

    def of(self, officer: Officer) -> list[Duty]:
        """What the officer's certificates must last for; who is away is drawn for no task."""
        found = list(self.sheets.get(officer.id, ()))
        if officer.status is OfficerStatus.ACTIVE:
            found += self.tasks.get(officer.department_id, ())
        return found


async def duties(session: AsyncSession, scope: Scope, department_code: str | None = None) -> Duties:
    """Officers in the caller's scope with what their certificates must last for."""
    mine = own_or_region(Department.id, scope)
    if department_code is not None:
        mine = and_(mine, Department.code == department_code)
    found = Duties()
    rows = await session.execute(
        select(Officer, Department.code)
        .join(Department, Department.id == Officer.department_id)
        .where(mine)
        .order_by(Department.code, Officer.code)
    )
    found.officers = [(officer, code) for officer, code in rows]
    open_sheets = await _sheets(session, mine)
    undrawn = await _tasks(session, mine)
    asked = await _tags(session, {task for _, task, _ in open_sheets} | {t.id for t, _ in undrawn})
    departments = {officer.id: officer.department_id for officer, _ in found.officers}
    for officer_id, task_id, sheet in open_sheets:
        tags = asked.get((task_id, departments[officer_id]), frozenset())
        found.sheets.setdefault(officer_id, []).append(
            Duty(DutyKind.SHEET, sheet.sheet_no, sheet.deadline_on, tags)
        )
    for task, department_id in undrawn:
        tags = asked.get((task.id, department_id), frozenset())
        found.tasks.setdefault(department_id, []).append(
            Duty(DutyKind.PLAN_TASK, task.code, task.period_to, tags)
        )
    return found


async def _sheets(
    session: AsyncSession, mine: ColumnElement[bool]
) -> list[tuple[UUID, UUID, InspectionSheet]]:
    rows = await session.execute(
        select(InspectionOfficer.officer_id, InspectionSheet.plan_task_id, InspectionSheet)
        .join(Inspection, Inspection.id == InspectionOfficer.inspection_id)
        .join(InspectionSheet, InspectionSheet.id == Inspection.sheet_id)
        .join(Officer, Officer.id == InspectionOfficer.officer_id)
        .join(Department, Department.id == Officer.department_id)
        .where(mine, Inspection.status.in_(BEFORE_THE_END))
    )
    return [(officer_id, task_id, sheet) for officer_id, task_id, sheet in rows]


async def _tasks(session: AsyncSession, mine: ColumnElement[bool]) -> list[tuple[PlanTask, UUID]]:
    drawn = (
        select(Draw.id)
        .where(Draw.plan_task_id == PlanTask.id, Draw.status != DrawStatus.ANNULLED)
        .exists()
    )
    rows = await session.execute(
        select(PlanTask, PlanTaskDepartment.department_id)
        .join(Plan, Plan.id == PlanTask.plan_id)
        .join(PlanTaskDepartment, PlanTaskDepartment.plan_task_id == PlanTask.id)
        .join(Department, Department.id == PlanTaskDepartment.department_id)
        .where(mine, Plan.status == PlanStatus.PUBLISHED, ~drawn)
    )
    return [(task, department_id) for task, department_id in rows]


async def _tags(
    session: AsyncSession, task_ids: set[UUID]
) -> dict[tuple[UUID, UUID], frozenset[str]]:
    if not task_ids:
        return {}
    rows = await session.execute(
        select(PlanTaskItem.plan_task_id, ItemVersion.department_id, ItemVersion.qualifications)
        .join(ItemVersion, ItemVersion.id == PlanTaskItem.item_version_id)
        .where(PlanTaskItem.plan_task_id.in_(task_ids))
    )
    found: dict[tuple[UUID, UUID], set[str]] = {}
    for task_id, department_id, qualifications in rows:
        found.setdefault((task_id, department_id), set()).update(qualifications)
    return {place: frozenset(tags) for place, tags in found.items()}
