"""How a plan stands, for the rules of what may be done with it (`app/domain/plan_actions.py`).

About a plan that the caller has read or locked under its own scope.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.domain.lifecycle import DrawStatus, ItemStatus
from app.domain.plan_actions import ParticipantFacts, PlanFacts, TaskFacts
from app.models.checklist import ChecklistItem, ItemVersion
from app.models.draw import Draw
from app.models.organisation import Department
from app.models.plan import Plan, PlanTask, PlanTaskDepartment, PlanTaskItem
from app.storage import checklists, participants
from app.storage.participants import ParticipantView


async def facts_of(
    session: AsyncSession, plan: Plan, invited: Sequence[ParticipantView] | None = None
) -> PlanFacts:
    """All that the rules ask of a plan, in three statements however many tasks it has.

    A fourth reads who was invited, unless the caller has done so.
    """
    if invited is None:
        invited = await participants.of_plan(session, plan.id)
    return PlanFacts(
        department_id=plan.department_id,
        region_code=plan.region_code,
        kind=plan.kind,
        status=plan.status,
        created_by=plan.created_by,
        submitted_by=plan.submitted_by,
        approved_by=plan.approved_by,
        filed=plan.filed_at is not None,
        tasks=await _tasks(session, plan.id),
        participants=[ParticipantFacts(one.department_id, one.code, one.status) for one in invited],
    )


async def _tasks(session: AsyncSession, plan_id: UUID) -> list[TaskFacts]:
    rows = await session.execute(
        select(PlanTask.id, PlanTask.code, Department.code)
        .outerjoin(PlanTaskDepartment, PlanTaskDepartment.plan_task_id == PlanTask.id)
        .outerjoin(Department, Department.id == PlanTaskDepartment.department_id)
        .where(PlanTask.plan_id == plan_id)
        .order_by(PlanTask.position, PlanTaskDepartment.position)
    )
    codes: dict[UUID, str] = {}
    departments: dict[UUID, list[str]] = defaultdict(list)
    for task_id, code, department in rows:
        codes[task_id] = code
        if department is not None:
            departments[task_id].append(department)
    retired, moved, left_out = await _gone(session, plan_id)
    draws = await _draws(session, plan_id)
    return [
        TaskFacts(
            id=task_id,
            code=code,
            departments=departments[task_id],
            retired=retired[task_id],
            moved=moved[task_id],
            left_out=left_out[task_id],
            drawn=bool(draws[task_id]),
            live_draw=any(status is not DrawStatus.ANNULLED for status in draws[task_id]),
        )
        for task_id, code in codes.items()
    ]


async def _gone(
    session: AsyncSession, plan_id: UUID
) -> tuple[dict[UUID, list[str]], dict[UUID, dict[str, str]], dict[UUID, list[str]]]:
    """Codes of the tasks' items that have left the checklist since they were planned (N1).

    The retired ones; the departments of those that went there with their duty, by code; and those
    that the version in force was published without.
    """
    taken_over = aliased(ChecklistItem)
    rows = await session.execute(
        select(PlanTaskItem.plan_task_id, ChecklistItem.code, ChecklistItem.status, Department.name)
        .join(ItemVersion, ItemVersion.id == PlanTaskItem.item_version_id)
        .join(ChecklistItem, ChecklistItem.id == ItemVersion.item_id)
        .join(PlanTask, PlanTask.id == PlanTaskItem.plan_task_id)
        .outerjoin(taken_over, taken_over.moved_from_id == ChecklistItem.id)
        .outerjoin(Department, Department.id == taken_over.department_id)
        .where(
            PlanTask.plan_id == plan_id,
            or_(ChecklistItem.status == ItemStatus.RETIRED, ~checklists.in_force(ChecklistItem.id)),
        )
    )
    retired: dict[UUID, list[str]] = defaultdict(list)
    moved: dict[UUID, dict[str, str]] = defaultdict(dict)
    left_out: dict[UUID, list[str]] = defaultdict(list)
    for task_id, code, status, department in rows:
        (retired if status is ItemStatus.RETIRED else left_out)[task_id].append(code)
        if department is not None:
            moved[task_id][code] = department
    return retired, moved, left_out


async def _draws(session: AsyncSession, plan_id: UUID) -> dict[UUID, list[DrawStatus]]:
    rows = await session.execute(
        select(Draw.plan_task_id, Draw.status)
        .join(PlanTask, PlanTask.id == Draw.plan_task_id)
        .where(PlanTask.plan_id == plan_id)
    )
    found: dict[UUID, list[DrawStatus]] = defaultdict(list)
    for task_id, status in rows:
        found[task_id].append(status)
    return found
