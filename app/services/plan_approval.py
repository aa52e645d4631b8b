"""The life of a plan: submitted, approved by another person, published; or returned, cancelled.

Between approval and publication a joint plan is filed by the leading-group office (R10).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.domain.actor import Actor, Permission
from app.domain.errors import RuleError
from app.domain.joint_plans import check_joint_ready
from app.domain.lifecycle import PLAN_MOVES, PlanKind, PlanStatus, may_move
from app.domain.refusals import general
from app.domain.refusals import plans as refusals
from app.models.plan import Plan
from app.services.plans import PlanView, viewed
from app.services.runtime import Runtime
from app.storage import participants, plans
from app.storage.uow import UnitOfWork


class PlanApprovalService:
    """Use cases that move a plan."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def submit(self, actor: Actor, plan_id: UUID, version: int) -> PlanView:
        """Hand a draft in for approval; it needs a task, and can not be edited from here on."""
        async with self._db.unit_of_work(actor) as uow:
            plan = await _lock(uow, plan_id, version, PlanStatus.SUBMITTED)
            await _refuse_unfit_tasks(uow, plan)
            await _refuse_unanswered(uow, plan)
            plan.submitted_by = actor.account_id
            plan.submitted_at = uow.now
            plan.returned_reason = None
            return await _moved(uow, plan, PlanStatus.SUBMITTED, "plan.submitted", {})

    async def approve(self, actor: Actor, plan_id: UUID, version: int, opinion: str) -> PlanView:
        """Approve what another person submitted (maker ≠ checker)."""
        async with self._db.unit_of_work(actor) as uow:
            plan = await _lock(uow, plan_id, version, PlanStatus.APPROVED)
            if actor.account_id in {plan.submitted_by, plan.created_by}:
                raise RuleError(general.MAKER_IS_CHECKER)
            plan.approved_by = actor.account_id
            plan.approved_at = uow.now
            plan.approval_opinion = opinion
            return await _moved(
                uow, plan, PlanStatus.APPROVED, "plan.approved", {"opinion": opinion}
            )

    async def send_back(self, actor: Actor, plan_id: UUID, version: int, reason: str) -> PlanView:
        """Return a submitted plan to its maker, or as the office an unfiled joint one (R10)."""
        async with self._db.unit_of_work(actor) as uow:
            plan = await _lock_returnable(uow, plan_id, version)
            plan.submitted_by = plan.submitted_at = None
            plan.approved_by = plan.approved_at = plan.approval_opinion = None
            plan.returned_reason = reason
            return await _moved(uow, plan, PlanStatus.DRAFT, "plan.returned", {"reason": reason})

    async def file(
        self, actor: Actor, plan_id: UUID, version: int, filing_no: str, opinion: str
    ) -> PlanView:
        """File an approved joint plan, by the office of its region (R10, F13)."""
        async with self._db.unit_of_work(actor) as uow:
            plan = await plans.lock_regional_plan(
                uow.session, plan_id, actor.scope, actor.region_code
            )
            if plan.kind is not PlanKind.JOINT:
                raise RuleError(refusals.PLAN_NOT_JOINT)
            _expect(plan, version, PlanStatus.FILED)
            if actor.account_id in {plan.created_by, plan.submitted_by, plan.approved_by}:
                raise RuleError(general.MAKER_IS_CHECKER)
            plan.filing_no = filing_no
            plan.filing_opinion = opinion
            plan.filed_by = actor.account_id
            plan.filed_at = uow.now
            return await _moved(
                uow,
                plan,
                PlanStatus.FILED,
                "plan.filed",
                {"filing_no": filing_no, "opinion": opinion},
            )

    async def publish(
        self, actor: Actor, plan_id: UUID, version: int, receipt_no: str, site_url: str
    ) -> PlanView:
        """Publish an approved plan: entered in the platform and shown on the own site (R09)."""
        async with self._db.unit_of_work(actor) as uow:
            plan = await _lock(uow, plan_id, version, PlanStatus.PUBLISHED)
            if plan.kind is PlanKind.JOINT and plan.filed_at is None:
                raise RuleError(refusals.PLAN_NOT_FILED)
            await _refuse_unfit_tasks(uow, plan)
            plan.published_at = uow.now
            plan.platform_receipt_no = receipt_no
            plan.site_url = site_url
            return await _moved(
                uow,
                plan,
                PlanStatus.PUBLISHED,
                "plan.published",
                {"platform_receipt_no": receipt_no, "site_url": site_url},
            )

    async def cancel(self, actor: Actor, plan_id: UUID, version: int, reason: str) -> PlanView:
        """Cancel a plan with a reason; never one that has draws."""
        async with self._db.unit_of_work(actor) as uow:
            plan = await _lock(uow, plan_id, version, PlanStatus.CANCELLED)
            if await plans.plan_has_draws(uow.session, plan.id):
                raise RuleError(refusals.PLAN_HAS_DRAWS)
            plan.returned_reason = reason
            return await _moved(
                uow, plan, PlanStatus.CANCELLED, "plan.cancelled", {"reason": reason}
            )


async def _lock(uow: UnitOfWork, plan_id: UUID, version: int, then: PlanStatus) -> Plan:
    plan = await plans.lock_plan(uow.session, plan_id, uow.actor.scope)
    _expect(plan, version, then)
    return plan


def _expect(plan: Plan, version: int, then: PlanStatus) -> None:
    if plan.row_version != version:
        raise RuleError(general.STALE_VERSION)
    if not may_move(PLAN_MOVES, plan.status, then):
        raise RuleError(refusals.PLAN_WRONG_STATE, status=plan.status.value)


async def _lock_returnable(uow: UnitOfWork, plan_id: UUID, version: int) -> Plan:
    """What the caller may return: a leader what was submitted, the office what is to be filed.

    An approved plan is never returned by the department itself, nor a submitted one by the office.
    """
    actor = uow.actor
    office = actor.may(Permission.PLAN_FILE)
    if office:
        plan = await plans.lock_regional_plan(uow.session, plan_id, actor.scope, actor.region_code)
    else:
        plan = await plans.lock_plan(uow.session, plan_id, actor.scope)
    _expect(plan, version, PlanStatus.DRAFT)
    own = plan.department_id == actor.department_id and actor.may(Permission.PLAN_APPROVE)
    by_leader = own and plan.status is PlanStatus.SUBMITTED
    by_office = office and plan.kind is PlanKind.JOINT and plan.status is PlanStatus.APPROVED
    if not by_leader and not by_office:
        raise RuleError(refusals.PLAN_WRONG_STATE, status=plan.status.value)
    return plan


async def _refuse_unanswered(uow: UnitOfWork, plan: Plan) -> None:
    """A joint plan waits for every answer, and each task for a second department (R10)."""
    if plan.kind is not PlanKind.JOINT:
        return
    known = await participants.by_code(uow.session, plan.id)
    tasks = await plans.tasks_of(uow.session, plan.id)
    check_joint_ready(
        {code: one.status for code, one in known.items()},
        {view.task.code: [one.code for one in view.departments] for view in tasks},
    )


async def _refuse_unfit_tasks(uow: UnitOfWork, plan: Plan) -> None:
    """A plan has tasks, and none of their items has been retired since (N1, N7)."""
    tasks = await plans.task_ids(uow.session, plan.id)
    if not tasks:
        raise RuleError(refusals.PLAN_WITHOUT_TASKS)
    retired = await plans.retired_items(uow.session, tasks)
    if retired:
        raise RuleError(refusals.ITEM_RETIRED, item_code=retired[0])


async def _moved(
    uow: UnitOfWork, plan: Plan, then: PlanStatus, action: str, facts: Mapping[str, Any]
) -> PlanView:
    before = plan.status
    plan.status = then
    plan.updated_at = uow.now
    await uow.flush()
    uow.audit(
        action,
        "plan",
        plan.id,
        before={"status": before},
        after={"status": then},
        plan_no=plan.plan_no,
        **facts,
    )
    return await viewed(uow.session, plan)
