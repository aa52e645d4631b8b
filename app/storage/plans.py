"""Plans and their tasks. Published plans are public; drafts are the department's.

A joint plan is read by whoever was invited to it, too, before it is published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.lifecycle import DrawStatus, PlanStatus
from app.domain.refusals import general
from app.domain.refusals import plans as refusals
from app.models.checklist import ChecklistItem, ChecklistVersion, ItemVersion
from app.models.draw import Draw
from app.models.organisation import Department
from app.models.plan import Plan, PlanParticipant, PlanTask, PlanTaskDepartment, PlanTaskItem
from app.storage.constraints import refuse_on
from app.storage.paging import Paging, Slice, slice_of
from app.storage.rates import task_completion
from app.storage.scope import own_only, own_or_region

refuse_on("uq_plan_filing_no", refusals.FILING_NO_TAKEN)
refuse_on("pk_plan_participant", refusals.PARTICIPANT_EXISTS)


@dataclass(frozen=True, slots=True)
class TaskItem:
    """An item of a task as its published version has it."""

    item_version_id: UUID
    item_id: UUID
    department_id: UUID
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class TaskDepartment:
    """A participating department."""

    department_id: UUID
    code: str
    name: str
    members: int
    lead: bool


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with its items, its departments and its live draw."""

    task: PlanTask
    items: Sequence[TaskItem]
    departments: Sequence[TaskDepartment]
    draw_id: UUID | None
    draw_status: DrawStatus | None
    complete: bool
    """Derived: every sheet that is not void has been published by every department (R20)."""


def _visible(scope: Scope) -> ColumnElement[bool]:
    own = own_or_region(Plan.department_id, scope)
    return or_(own, _invited(scope), Plan.published_at.is_not(None))


def _invited(scope: Scope) -> ColumnElement[bool]:
    """Joint plans that the caller's department was invited to."""
    if scope.department_id is None:
        return false()
    return Plan.id.in_(
        select(PlanParticipant.plan_id).where(PlanParticipant.department_id == scope.department_id)
    )


async def next_plan_number(session: AsyncSession, department_id: UUID, year: int) -> int:
    """The next number of a department's plans of a year; serialised by an advisory lock."""
    key = f"plan/{department_id}/{year}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    query = (
        select(func.count())
        .select_from(Plan)
        .where(Plan.department_id == department_id, Plan.year == year)
    )
    return int(await session.scalar(query) or 0) + 1


async def get_plan(session: AsyncSession, plan_id: UUID, scope: Scope) -> Plan:
    """A plan of the scope, or a published one; raises not-found."""
    found = (
        await session.execute(select(Plan).where(Plan.id == plan_id, _visible(scope)))
    ).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def lock_plan(session: AsyncSession, plan_id: UUID, scope: Scope) -> Plan:
    """A plan of the own department, locked; raises forbidden to a participant, else not-found."""
    await _refuse_participant(session, Plan.id == plan_id, scope)
    return await _locked(
        session, select(Plan).where(Plan.id == plan_id, own_only(Plan.department_id, scope))
    )


async def lock_shared_plan(session: AsyncSession, plan_id: UUID, scope: Scope) -> Plan:
    """A plan of the own department or one it was invited to, locked; raises not-found."""
    mine = or_(own_only(Plan.department_id, scope), _invited(scope))
    return await _locked(session, select(Plan).where(Plan.id == plan_id, mine))


async def lock_regional_plan(
    session: AsyncSession, plan_id: UUID, scope: Scope, region_code: str
) -> Plan:
    """A plan of exactly the office's region, or of the own department, locked; or not-found.

    Who calls this has asked for the office's permission: others write in their own unit only.
    """
    regional = and_(own_or_region(Plan.department_id, scope), Plan.region_code == region_code)
    return await _locked(session, select(Plan).where(Plan.id == plan_id, regional))


async def _locked(session: AsyncSession, query: Select[Plan]) -> Plan:
    found = (await session.execute(query.with_for_update())).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def list_plans(
    session: AsyncSession,
    scope: Scope,
    paging: Paging,
    *,
    year: int | None,
    status: PlanStatus | None,
    department_id: UUID | None,
) -> Slice[Plan]:
    """Plans that the caller may see, in order of making."""
    query = select(Plan).where(_visible(scope))
    if year is not None:
        query = query.where(Plan.year == year)
    if status is not None:
        query = query.where(Plan.status == status)
    if department_id is not None:
        query = query.where(Plan.department_id == department_id)
    return await slice_of(session, query, Plan.id, paging)


async def list_published(
    session: AsyncSession, region_prefix: str, year: int | None, paging: Paging
) -> Slice[Plan]:
    """What the public sees: plans once published, a cancelled one too (no scope: public)."""
    query = select(Plan).where(Plan.published_at.is_not(None))
    if region_prefix:
        query = query.where(Plan.region_code.startswith(region_prefix, autoescape=True))
    if year is not None:
        query = query.where(Plan.year == year)
    return await slice_of(session, query, Plan.id, paging)


async def find_published(session: AsyncSession, plan_no: str) -> Plan:
    """A published plan by its number (no scope: it is public); raises not-found."""
    query = select(Plan).where(Plan.plan_no == plan_no, Plan.published_at.is_not(None))
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def get_task(session: AsyncSession, task_id: UUID, scope: Scope) -> tuple[PlanTask, Plan]:
    """A task with its plan, if the caller may see that; raises not-found."""
    query = (
        select(PlanTask, Plan)
        .join(Plan, Plan.id == PlanTask.plan_id)
        .where(PlanTask.id == task_id, _visible(scope))
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise RuleError(general.NOT_FOUND)
    return row[0], row[1]


async def get_shared_task(session: AsyncSession, task_id: UUID, scope: Scope) -> PlanTask:
    """A task that the caller's department takes part in, or of the region; raises not-found.

    That a plan is published opens its tasks to everybody, but not how far each unit has got.
    """
    takes_part = PlanTask.id.in_(
        select(PlanTaskDepartment.plan_task_id).where(
            PlanTaskDepartment.department_id == scope.department_id
        )
    )
    query = select(PlanTask).where(
        PlanTask.id == task_id, or_(own_or_region(PlanTask.department_id, scope), takes_part)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def lock_task(session: AsyncSession, task_id: UUID, scope: Scope) -> tuple[PlanTask, Plan]:
    """A task of the own department with its plan, both locked; refuses as `lock_plan` does."""
    await _refuse_participant(session, _plan_of(task_id), scope)
    query = (
        select(PlanTask, Plan)
        .join(Plan, Plan.id == PlanTask.plan_id)
        .where(PlanTask.id == task_id, own_only(PlanTask.department_id, scope))
    )
    row = (await session.execute(query.with_for_update())).one_or_none()
    if row is None:
        raise RuleError(general.NOT_FOUND)
    return row[0], row[1]


async def get_own_task(session: AsyncSession, task_id: UUID, scope: Scope) -> tuple[PlanTask, Plan]:
    """A task of the own department with its plan; refuses as `lock_plan` does."""
    await _refuse_participant(session, _plan_of(task_id), scope)
    query = (
        select(PlanTask, Plan)
        .join(Plan, Plan.id == PlanTask.plan_id)
        .where(PlanTask.id == task_id, own_only(PlanTask.department_id, scope))
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise RuleError(general.NOT_FOUND)
    return row[0], row[1]


def _plan_of(task_id: UUID) -> ColumnElement[bool]:
    return Plan.id.in_(select(PlanTask.plan_id).where(PlanTask.id == task_id))


async def _refuse_participant(
    session: AsyncSession, which: ColumnElement[bool], scope: Scope
) -> None:
    """Who takes part knows of the plan, so it is no secret that the initiator alone changes it."""
    foreign = Plan.department_id != scope.department_id
    shared = select(Plan.id).where(which, _invited(scope), foreign)
    if (await session.execute(shared)).first() is not None:
        raise RuleError(general.FORBIDDEN, permission="plan:write")


async def last_position(session: AsyncSession, plan_id: UUID) -> int:
    """The highest position of a plan's tasks, 0 when it has none."""
    query = select(func.max(PlanTask.position)).where(PlanTask.plan_id == plan_id)
    return int(await session.scalar(query) or 0)


async def remove_task(session: AsyncSession, plan_id: UUID, task_id: UUID) -> None:
    """Take a task out of a draft (its plan is locked by the caller); raises not-found."""
    gone = await session.scalar(
        delete(PlanTask)
        .where(PlanTask.id == task_id, PlanTask.plan_id == plan_id)
        .returning(PlanTask.id)
    )
    if gone is None:
        raise RuleError(general.NOT_FOUND)


async def tasks_of(session: AsyncSession, plan_id: UUID) -> list[TaskView]:
    """The tasks of a plan (that the caller was allowed to read), in order."""
    query = select(PlanTask).where(PlanTask.plan_id == plan_id).order_by(PlanTask.position)
    return await views_of(session, (await session.execute(query)).scalars().all())


async def views_of(session: AsyncSession, tasks: Sequence[PlanTask]) -> list[TaskView]:
    """Tasks with what belongs to them, in three statements."""
    ids = [task.id for task in tasks]
    items: dict[UUID, list[TaskItem]] = {}
    rows = await session.execute(
        select(PlanTaskItem.plan_task_id, ItemVersion)
        .join(ItemVersion, ItemVersion.id == PlanTaskItem.item_version_id)
        .where(PlanTaskItem.plan_task_id.in_(ids))
        .order_by(PlanTaskItem.position)
    )
    for task_id, version in rows:
        items.setdefault(task_id, []).append(
            TaskItem(version.id, version.item_id, version.department_id, version.code, version.name)
        )
    departments: dict[UUID, list[TaskDepartment]] = {}
    members = await session.execute(
        select(PlanTaskDepartment, Department)
        .join(Department, Department.id == PlanTaskDepartment.department_id)
        .where(PlanTaskDepartment.plan_task_id.in_(ids))
        .order_by(PlanTaskDepartment.position)
    )
    for member, department in members:
        departments.setdefault(member.plan_task_id, []).append(
            TaskDepartment(
                department.id, department.code, department.name, member.members, member.lead
            )
        )
    live = await session.execute(
        select(Draw.plan_task_id, Draw.id, Draw.status).where(
            Draw.plan_task_id.in_(ids), Draw.status != DrawStatus.ANNULLED
        )
    )
    draws = {task_id: (draw_id, status) for task_id, draw_id, status in live}
    complete = await task_completion(session, ids)
    return [
        TaskView(
            task,
            items.get(task.id, []),
            departments.get(task.id, []),
            draws[task.id][0] if task.id in draws else None,
            draws[task.id][1] if task.id in draws else None,
            complete[task.id],
        )
        for task in tasks
    ]


async def items_with_current_version(
    session: AsyncSession, department_id: UUID, item_ids: Sequence[UUID]
) -> dict[UUID, tuple[ChecklistItem, ItemVersion | None]]:
    """Items of a department's checklist with their row in its latest published version."""
    latest = (
        select(func.max(ChecklistVersion.number))
        .where(ChecklistVersion.department_id == department_id)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(ChecklistItem, ItemVersion)
        .select_from(ChecklistItem)
        .outerjoin(
            ChecklistVersion,
            (ChecklistVersion.department_id == department_id) & (ChecklistVersion.number == latest),
        )
        .outerjoin(
            ItemVersion,
            (ItemVersion.checklist_version_id == ChecklistVersion.id)
            & (ItemVersion.item_id == ChecklistItem.id),
        )
        .where(ChecklistItem.department_id == department_id, ChecklistItem.id.in_(list(item_ids)))
    )
    return {item.id: (item, version) for item, version in rows}
