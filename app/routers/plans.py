"""Plans: drafted by a clerk, approved by another person, published.

What only joint plans know stands in routers/joint_plans.py.
"""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.lifecycle import PlanStatus
from app.domain.plan_actions import (
    PARTICIPANT,
    PLAN,
    TASK,
    PlanParticipantFacts,
    PlanTaskFacts,
)
from app.domain.refusals import general, guidelines
from app.domain.refusals import plans as refusals
from app.idempotency import KeyedRoute, Once
from app.schemas.actions import allowed_actions
from app.schemas.page import Page, page_of
from app.schemas.plans import (
    ParticipantRead,
    PlanApprove,
    PlanCreate,
    PlanDetail,
    PlanPublish,
    PlanRead,
    PlanReason,
    PlanUpdate,
    TaskCreate,
    TaskDepartmentRead,
    TaskItemRead,
    TaskRead,
)
from app.services.plan_approval import PlanApprovalService
from app.services.plans import NewTask, PlanService, PlanView
from app.storage.participants import ParticipantView
from app.storage.plans import TaskView

router = APIRouter(prefix="/api/v1", tags=["plans"], route_class=KeyedRoute)
PlansDep = Annotated[PlanService, Depends(service(PlanService))]
ApprovalDep = Annotated[PlanApprovalService, Depends(service(PlanApprovalService))]


def shape_task(view: TaskView) -> TaskRead:
    """A task as it goes out."""
    shaped = TaskRead.model_validate(view.task)
    shaped.items = [TaskItemRead.model_validate(item) for item in view.items]
    shaped.departments = [TaskDepartmentRead.model_validate(found) for found in view.departments]
    shaped.draw_id = view.draw_id
    shaped.draw_status = view.draw_status
    shaped.complete = view.complete
    return shaped


def progress_of(view: PlanView) -> Literal["not_started", "in_progress", "completed"]:
    """Completion is derived from the tasks, never set (R20)."""
    if view.tasks and all(task.complete for task in view.tasks):
        return "completed"
    return "in_progress" if any(task.draw_id for task in view.tasks) else "not_started"


def _shape_own_task(view: TaskView, standing: PlanTaskFacts, actor: Actor) -> TaskRead:
    shaped = shape_task(view)
    shaped.allowed_actions = allowed_actions(TASK, standing, actor)
    return shaped


def _shape_participant(
    view: ParticipantView, standing: PlanParticipantFacts, actor: Actor
) -> ParticipantRead:
    shaped = ParticipantRead.model_validate(view)
    shaped.allowed_actions = allowed_actions(PARTICIPANT, standing, actor)
    return shaped


def shape_plan(view: PlanView, actor: Actor, response: Response) -> PlanDetail:
    """A plan as it goes out, with its ETag."""
    standing = view.standing
    assert standing is not None
    set_etag(response, view.plan.row_version)
    shaped = PlanDetail.model_validate(view.plan)
    shaped.participants = [
        _shape_participant(
            one, PlanParticipantFacts(standing, standing.participant(one.department_id)), actor
        )
        for one in view.participants
    ]
    shaped.tasks = [
        _shape_own_task(one, PlanTaskFacts(standing, standing.task(one.task.id)), actor)
        for one in view.tasks
    ]
    shaped.progress = progress_of(view)
    shaped.allowed_actions = allowed_actions(PLAN, standing, actor)
    return shaped


@router.post(
    "/plans",
    operation_id="create_plan",
    summary="新建抽查计划(部门或者部门联合)",
    status_code=201,
    **secured(Permission.PLAN_WRITE, general.CONFLICT, once=Once.ACCEPTED),
)
async def create_plan(
    body: PlanCreate, actor: ActorDep, plans: PlansDep, response: Response
) -> PlanDetail:
    """Begin a draft; the number follows the rule region-department-year-number."""
    view = await plans.create(actor, body.kind, body.year, body.name)
    response.headers["Location"] = f"/api/v1/plans/{view.plan.id}"
    return shape_plan(view, actor, response)


@router.get(
    "/plans",
    operation_id="list_plans",
    summary="抽查计划列表",
    **secured(Permission.PLAN_READ, general.BAD_CURSOR),
)
async def list_plans(
    actor: ActorDep,
    plans: PlansDep,
    paging: PagingDep,
    year: Annotated[int | None, Query(ge=2000, le=2200)] = None,
    status: PlanStatus | None = None,
    department_id: UUID | None = None,
) -> Page[PlanRead]:
    """The own plans, joint ones one was invited to, and published ones of other units."""
    cut = await plans.list(actor, paging, year=year, status=status, department_id=department_id)
    return page_of(cut, [PlanRead.model_validate(plan) for plan in cut.items])


@router.get(
    "/plans/{plan_id}",
    operation_id="read_plan",
    summary="抽查计划详情",
    **secured(Permission.PLAN_READ, general.NOT_FOUND),
)
async def read_plan(
    plan_id: IdPath, actor: ActorDep, plans: PlansDep, response: Response
) -> PlanDetail:
    """A plan with its tasks and derived progress."""
    return shape_plan(await plans.get(actor, plan_id), actor, response)


@router.patch(
    "/plans/{plan_id}",
    operation_id="update_plan",
    summary="修改计划名称(草稿)",
    **secured(Permission.PLAN_WRITE, general.NOT_FOUND, refusals.PLAN_WRONG_STATE, changes=True),
)
async def update_plan(
    plan_id: IdPath,
    body: PlanUpdate,
    version: IfMatch,
    actor: ActorDep,
    plans: PlansDep,
    response: Response,
) -> PlanDetail:
    """Change a draft's name."""
    return shape_plan(await plans.rename(actor, plan_id, body.name, version), actor, response)


@router.post(
    "/plans/{plan_id}/tasks",
    operation_id="add_plan_task",
    summary="增加抽查任务(草稿)",
    status_code=201,
    **secured(
        Permission.PLAN_WRITE,
        general.NOT_FOUND,
        refusals.PLAN_WRONG_STATE,
        refusals.ITEM_UNKNOWN,
        refusals.ITEM_WITHOUT_LEGAL_BASIS,
        refusals.ITEM_NOT_PUBLISHED,
        refusals.ITEM_RETIRED,
        refusals.ITEM_MOVED,
        refusals.ITEM_OUTSIDE_VALIDITY,
        refusals.QUOTA_ABOVE_ITEM_RATIO,
        refusals.QUOTA_BELOW_ITEM_RATIO,
        refusals.METHOD_NOT_OF_ITEM,
        guidelines.DEFAULTS_MISSING,
        guidelines.DEFAULTS_UNDECIDED,
        refusals.PERIOD_OUTSIDE_YEAR,
        refusals.UNKNOWN_BUSINESS_LINE,
        refusals.PLAN_NOT_JOINT,
        refusals.NOT_A_PARTICIPANT,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def add_plan_task(
    plan_id: IdPath,
    body: TaskCreate,
    version: IfMatch,
    actor: ActorDep,
    plans: PlansDep,
    response: Response,
) -> PlanDetail:
    """Add a task; its items must be published, with a legal basis; blanks follow guidelines."""
    said = body.model_dump(mode="python")
    new = NewTask(**said, visit_cap_given="visit_cap" in body.model_fields_set)
    view = await plans.add_task(actor, plan_id, new, version)
    response.headers["Location"] = f"/api/v1/plan-tasks/{view.tasks[-1].task.id}"
    return shape_plan(view, actor, response)


@router.delete(
    "/plans/{plan_id}/tasks/{task_id}",
    operation_id="remove_plan_task",
    summary="删除抽查任务(草稿)",
    **secured(Permission.PLAN_WRITE, general.NOT_FOUND, refusals.PLAN_WRONG_STATE, changes=True),
)
async def remove_plan_task(
    plan_id: IdPath,
    task_id: IdPath,
    version: IfMatch,
    actor: ActorDep,
    plans: PlansDep,
    response: Response,
) -> PlanDetail:
    """Take a task out of a draft."""
    return shape_plan(await plans.remove_task(actor, plan_id, task_id, version), actor, response)


@router.post(
    "/plans/{plan_id}/submit",
    operation_id="submit_plan",
    summary="提交审批",
    **secured(
        Permission.PLAN_WRITE,
        general.NOT_FOUND,
        refusals.PLAN_WRONG_STATE,
        refusals.PLAN_WITHOUT_TASKS,
        refusals.ITEM_NOT_PUBLISHED,
        refusals.ITEM_RETIRED,
        refusals.ITEM_MOVED,
        refusals.PARTICIPANTS_UNANSWERED,
        refusals.JOINT_TASK_ALONE,
        refusals.PARTICIPANT_WITHOUT_TASK,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def submit_plan(
    plan_id: IdPath, version: IfMatch, actor: ActorDep, approval: ApprovalDep, response: Response
) -> PlanDetail:
    """Hand a draft in; nothing is edited from here on."""
    return shape_plan(await approval.submit(actor, plan_id, version), actor, response)


@router.post(
    "/plans/{plan_id}/approve",
    operation_id="approve_plan",
    summary="审批通过(须为他人)",
    **secured(
        Permission.PLAN_APPROVE,
        general.NOT_FOUND,
        refusals.PLAN_WRONG_STATE,
        general.MAKER_IS_CHECKER,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def approve_plan(
    plan_id: IdPath,
    body: PlanApprove,
    version: IfMatch,
    actor: ActorDep,
    approval: ApprovalDep,
    response: Response,
) -> PlanDetail:
    """Approve what another person made and submitted."""
    return shape_plan(
        await approval.approve(actor, plan_id, version, body.opinion), actor, response
    )


@router.post(
    "/plans/{plan_id}/return",
    operation_id="return_plan",
    summary="退回修改(审批人退回已提交的,领导小组办公室退回待备案的)",
    **secured(
        Permission.PLAN_RETURN,
        general.NOT_FOUND,
        refusals.PLAN_WRONG_STATE,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def return_plan(
    plan_id: IdPath,
    body: PlanReason,
    version: IfMatch,
    actor: ActorDep,
    approval: ApprovalDep,
    response: Response,
) -> PlanDetail:
    """Return a submitted plan to its maker, or as the office a joint one instead of filing it."""
    return shape_plan(
        await approval.send_back(actor, plan_id, version, body.reason), actor, response
    )


@router.post(
    "/plans/{plan_id}/publish",
    operation_id="publish_plan",
    summary="公布计划(平台回执与本部门网站)",
    **secured(
        Permission.PLAN_WRITE,
        general.NOT_FOUND,
        refusals.PLAN_WRONG_STATE,
        refusals.PLAN_NOT_FILED,
        refusals.ITEM_NOT_PUBLISHED,
        refusals.ITEM_RETIRED,
        refusals.ITEM_MOVED,
        changes=True,
        once=Once.REQUIRED,
    ),
)
async def publish_plan(
    plan_id: IdPath,
    body: PlanPublish,
    version: IfMatch,
    actor: ActorDep,
    approval: ApprovalDep,
    response: Response,
) -> PlanDetail:
    """Publish an approved plan (a joint one once it is filed); it is drawn from only after this."""
    view = await approval.publish(actor, plan_id, version, body.platform_receipt_no, body.site_url)
    return shape_plan(view, actor, response)


@router.post(
    "/plans/{plan_id}/cancel",
    operation_id="cancel_plan",
    summary="取消计划",
    **secured(
        Permission.PLAN_APPROVE,
        general.NOT_FOUND,
        refusals.PLAN_WRONG_STATE,
        refusals.PLAN_HAS_DRAWS,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def cancel_plan(
    plan_id: IdPath,
    body: PlanReason,
    version: IfMatch,
    actor: ActorDep,
    approval: ApprovalDep,
    response: Response,
) -> PlanDetail:
    """Cancel a plan with a reason, while it has no draws."""
    return shape_plan(await approval.cancel(actor, plan_id, version, body.reason), actor, response)


@router.get(
    "/plan-tasks/{task_id}",
    operation_id="read_plan_task",
    summary="抽查任务详情",
    **secured(Permission.PLAN_READ, general.NOT_FOUND),
)
async def read_plan_task(task_id: IdPath, actor: ActorDep, plans: PlansDep) -> TaskRead:
    """A task with its items, departments, live draw and derived completion."""
    found = await plans.get_task(actor, task_id)
    return _shape_own_task(found.view, found.standing, actor)
