"""Joint plans: who takes part and with what, the filing, and whom a joint task waits for (R10).

Everything else about a plan is the same for both kinds and stands in routers/plans.py.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service
from app.domain.actor import Permission
from app.domain.errors import Refusal
from app.domain.refusals import general
from app.domain.refusals import plans as refusals
from app.idempotency import KeyedRoute, Once
from app.routers.inspection_shapes import section_state
from app.routers.plans import shape_plan
from app.schemas.inspection_sheets import SectionStateRead
from app.schemas.plans import (
    ParticipantAccept,
    ParticipantDecline,
    ParticipantInvite,
    PlanDetail,
    PlanFile,
)
from app.schemas.task_matrix import MatrixDepartmentRead, MatrixRead, MatrixRowRead
from app.services.joint_plans import JointPlanService, TaskShare
from app.services.plan_approval import PlanApprovalService
from app.services.task_matrix import MatrixRow, MatrixView, TaskMatrixService

router = APIRouter(prefix="/api/v1", tags=["plans"], route_class=KeyedRoute)
JointDep = Annotated[JointPlanService, Depends(service(JointPlanService))]
ApprovalDep = Annotated[PlanApprovalService, Depends(service(PlanApprovalService))]
MatrixDep = Annotated[TaskMatrixService, Depends(service(TaskMatrixService))]


def _draft(permission: Permission, *more: Refusal) -> dict[str, Any]:
    """What every change of a draft's participants can be refused with."""
    return secured(
        permission,
        general.NOT_FOUND,
        refusals.PLAN_WRONG_STATE,
        *more,
        changes=True,
        once=Once.ACCEPTED,
    )


@router.post(
    "/plans/{plan_id}/participants",
    operation_id="invite_plan_participant",
    summary="邀请部门参与联合抽查(草稿)",
    status_code=201,
    **_draft(
        Permission.PLAN_WRITE,
        refusals.PLAN_NOT_JOINT,
        refusals.PARTICIPANT_UNKNOWN,
        refusals.DEPARTMENT_DOES_NOT_INSPECT,
        refusals.INITIATOR_IS_NO_PARTICIPANT,
        refusals.PARTICIPANT_EXISTS,
        refusals.TOO_MANY_PARTICIPANTS,
    ),
)
async def invite_plan_participant(
    plan_id: IdPath,
    body: ParticipantInvite,
    version: IfMatch,
    actor: ActorDep,
    joint: JointDep,
    response: Response,
) -> PlanDetail:
    """Invite a department; it reads the draft from now on, and answers for itself."""
    view = await joint.invite(actor, plan_id, version, body.department_code)
    response.headers["Location"] = f"/api/v1/plans/{plan_id}"
    return shape_plan(view, actor, response)


@router.delete(
    "/plans/{plan_id}/participants/{department_id}",
    operation_id="withdraw_plan_participant",
    summary="撤回邀请(草稿)",
    **_draft(Permission.PLAN_WRITE, refusals.PLAN_NOT_JOINT),
)
async def withdraw_plan_participant(
    plan_id: IdPath,
    department_id: IdPath,
    version: IfMatch,
    actor: ActorDep,
    joint: JointDep,
    response: Response,
) -> PlanDetail:
    """Take an invitation back, with all that the department had brought."""
    return shape_plan(await joint.withdraw(actor, plan_id, version, department_id), actor, response)


@router.post(
    "/plans/{plan_id}/participants/{department_id}/accept",
    operation_id="accept_plan_participation",
    summary="同意参与联合抽查(本部门事项和人员)",
    **_draft(
        Permission.PLAN_APPROVE,
        refusals.ANOTHER_PARTICIPANT,
        refusals.PARTICIPANT_DECLINED,
        refusals.PARTICIPANT_WITHOUT_TASK,
        refusals.PARTICIPATION_INCOMPLETE,
        refusals.ITEM_UNKNOWN,
        refusals.ITEM_WITHOUT_LEGAL_BASIS,
        refusals.ITEM_NOT_PUBLISHED,
        refusals.ITEM_RETIRED,
        refusals.ITEM_MOVED,
        refusals.ITEM_OUTSIDE_VALIDITY,
        refusals.METHOD_NOT_OF_ITEM,
    ),
)
async def accept_plan_participation(
    plan_id: IdPath,
    department_id: IdPath,
    body: ParticipantAccept,
    version: IfMatch,
    actor: ActorDep,
    joint: JointDep,
    response: Response,
) -> PlanDetail:
    """Take part, with own published items and officers in every task that names the department."""
    shares = [TaskShare(**one.model_dump()) for one in body.tasks]
    return shape_plan(
        await joint.accept(actor, plan_id, version, department_id, shares), actor, response
    )


@router.post(
    "/plans/{plan_id}/participants/{department_id}/decline",
    operation_id="decline_plan_participation",
    summary="不参与联合抽查(说明理由)",
    **_draft(Permission.PLAN_APPROVE, refusals.ANOTHER_PARTICIPANT, refusals.PARTICIPANT_DECLINED),
)
async def decline_plan_participation(
    plan_id: IdPath,
    department_id: IdPath,
    body: ParticipantDecline,
    version: IfMatch,
    actor: ActorDep,
    joint: JointDep,
    response: Response,
) -> PlanDetail:
    """Do not take part, and say why."""
    view = await joint.decline(actor, plan_id, version, department_id, body.reason)
    return shape_plan(view, actor, response)


@router.post(
    "/plans/{plan_id}/file",
    operation_id="file_plan",
    summary="联合抽查计划备案(领导小组办公室)",
    **secured(
        Permission.PLAN_FILE,
        general.NOT_FOUND,
        general.MAKER_IS_CHECKER,
        refusals.PLAN_WRONG_STATE,
        refusals.PLAN_NOT_JOINT,
        refusals.FILING_NO_TAKEN,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def file_plan(
    plan_id: IdPath,
    body: PlanFile,
    version: IfMatch,
    actor: ActorDep,
    approval: ApprovalDep,
    response: Response,
) -> PlanDetail:
    """File an approved joint plan; it is published and drawn from only after this."""
    view = await approval.file(actor, plan_id, version, body.filing_no, body.opinion)
    return shape_plan(view, actor, response)


@router.get(
    "/plan-tasks/{task_id}/matrix",
    operation_id="read_plan_task_matrix",
    summary="任务进度矩阵(对象×部门)",
    **secured(Permission.INSPECTION_READ, general.NOT_FOUND, general.BAD_CURSOR),
)
async def read_plan_task_matrix(
    task_id: IdPath, actor: ActorDep, matrix: MatrixDep, paging: PagingDep
) -> MatrixRead:
    """Every object's sheet by department, who is late named; for who takes part and the region."""
    return _shape_matrix(await matrix.get(actor, task_id, paging))


def _shape_matrix(view: MatrixView) -> MatrixRead:
    return MatrixRead(
        task_id=view.task.id,
        task_code=view.task.code,
        complete=view.complete,
        departments=[MatrixDepartmentRead.model_validate(one) for one in view.departments],
        items=[_shape_row(row) for row in view.rows],
        next_cursor=view.cut.next_cursor,
        total=view.cut.total,
    )


def _shape_row(row: MatrixRow) -> MatrixRowRead:
    sheet = row.summary.sheet
    return MatrixRowRead(
        sheet_id=sheet.id,
        sheet_no=sheet.sheet_no,
        object_code=sheet.object_code,
        object_name=sheet.object_snapshot["name"],
        deadline_on=sheet.deadline_on,
        complete=row.summary.complete,
        waiting_for=list(row.waiting_for),
        late=list(row.late),
        sections=[
            SectionStateRead.model_validate(section_state(one)) for one in row.summary.sections
        ],
    )
