"""Participants of joint plans, their answers, and their share of the plan's tasks.

Every function is about a plan that the caller has read or locked under its own scope.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.domain.errors import RuleError
from app.domain.lifecycle import ParticipantStatus
from app.domain.refusals import general
from app.models.checklist import ItemVersion
from app.models.organisation import Department
from app.models.plan import (
    Plan,
    PlanParticipant,
    PlanTask,
    PlanTaskDepartment,
    PlanTaskItem,
)


@dataclass(frozen=True, slots=True)
class ParticipantView:
    """An invited department and its answer."""

    department_id: UUID
    code: str
    name: str
    status: ParticipantStatus
    invited_at: dt.datetime
    answered_at: dt.datetime | None
    reason: str | None


async def of_plan(session: AsyncSession, plan_id: UUID) -> list[ParticipantView]:
    """Who was invited to a plan, in the order of invitation."""
    rows = await session.execute(
        select(PlanParticipant, Department)
        .join(Department, Department.id == PlanParticipant.department_id)
        .where(PlanParticipant.plan_id == plan_id)
        .order_by(PlanParticipant.invited_at, Department.code)
    )
    return [
        ParticipantView(
            department.id,
            department.code,
            department.name,
            one.status,
            one.invited_at,
            one.answered_at,
            one.reason,
        )
        for one, department in rows
    ]


async def by_code(session: AsyncSession, plan_id: UUID) -> dict[str, PlanParticipant]:
    """The participants of a locked plan by department code."""
    rows = await session.execute(
        select(Department.code, PlanParticipant)
        .join(PlanParticipant, PlanParticipant.department_id == Department.id)
        .where(PlanParticipant.plan_id == plan_id)
    )
    return {code: one for code, one in rows}  # noqa: C416  rows are no pairs for the type checker


async def get(session: AsyncSession, plan_id: UUID, department_id: UUID) -> PlanParticipant:
    """A department's place in a locked plan; raises not-found for one that was not invited."""
    found = await session.get(PlanParticipant, (plan_id, department_id))
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


def ask_again(participant: PlanParticipant) -> None:
    """What it said no longer covers the plan: it is invited anew and answers for all of it."""
    participant.status = ParticipantStatus.INVITED
    participant.answered_by = None
    participant.answered_at = None
    participant.reason = None


async def shares(
    session: AsyncSession, plan_id: UUID, department_id: UUID
) -> dict[UUID, tuple[PlanTask, PlanTaskDepartment]]:
    """The tasks of a locked plan that name a department, with its team there, by task."""
    rows = await session.execute(
        select(PlanTask, PlanTaskDepartment)
        .join(PlanTaskDepartment, PlanTaskDepartment.plan_task_id == PlanTask.id)
        .where(PlanTask.plan_id == plan_id, PlanTaskDepartment.department_id == department_id)
        .order_by(PlanTask.position)
    )
    return {task.id: (task, share) for task, share in rows}


async def replace_items(
    session: AsyncSession, task_id: UUID, department_id: UUID, versions: Sequence[ItemVersion]
) -> None:
    """Put a department's items into a task, in place of those that it had there."""
    await _remove_items(session, [task_id], department_id)
    last = await session.scalar(
        select(func.max(PlanTaskItem.position)).where(PlanTaskItem.plan_task_id == task_id)
    )
    for position, version in enumerate(versions, start=(last or 0) + 1):
        session.add(
            PlanTaskItem(plan_task_id=task_id, item_version_id=version.id, position=position)
        )


async def leave_tasks(session: AsyncSession, plan_id: UUID, department_id: UUID) -> None:
    """Take a department and its items out of all tasks of a locked draft."""
    task_ids = list(await shares(session, plan_id, department_id))
    await _remove_items(session, task_ids, department_id)
    await session.execute(
        delete(PlanTaskDepartment).where(
            PlanTaskDepartment.plan_task_id.in_(task_ids),
            PlanTaskDepartment.department_id == department_id,
        )
    )


async def _remove_items(
    session: AsyncSession, task_ids: Sequence[UUID], department_id: UUID
) -> None:
    own = select(ItemVersion.id).where(ItemVersion.department_id == department_id)
    await session.execute(
        delete(PlanTaskItem).where(
            PlanTaskItem.plan_task_id.in_(task_ids), PlanTaskItem.item_version_id.in_(own)
        )
    )


def touch(plan: Plan, now: dt.datetime) -> None:
    """Make a new row version even where only the rows around the plan change."""
    plan.updated_at = now
    flag_modified(plan, "updated_at")
