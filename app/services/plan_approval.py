"""The life of a plan: submitted, approved by another person, published; or returned, cancelled.

Between approval and publication a joint plan is filed by the leading-group office (R10).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.domain.actions import require
from app.domain.actor import Actor, Permission
from app.domain.errors import RuleError
from app.domain.lifecycle import PlanStatus
from app.domain.plan_actions import PLAN
from app.domain.refusals import general
from app.models.plan import Plan
from app.services.plans import PlanView, lock_for, viewed
from app.services.runtime import Runtime
from app.storage import plan_standing, plans
from app.storage.uow import UnitOfWork


class PlanApprovalService:
    """Use cases that move a plan."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def submit(self, actor: Actor, plan_id: UUID, version: int) -> PlanView:
        """Hand a draft in for approval; it needs a task, and can not be edited from here on."""
        async with self._db.unit_of_work(actor) as uow:
            plan, _ = await lock_for(uow, "submit_plan", plan_id, version)
            plan.submitted_by = actor.account_id
            plan.submitted_at = uow.now
            plan.returned_reason = None
            return await _moved(uow, plan, PlanStatus.SUBMITTED, "plan.submitted", {})

    async def approve(self, actor: Actor, plan_id: UUID, version: int, opinion: str) -> PlanView:
        """Approve what another person submitted (maker ≠ checker)."""
        async with self._db.unit_of_work(actor) as uow:
            plan, _ = await lock_for(uow, "approve_plan", plan_id, version)
            plan.approved_by = actor.account_id
            plan.approved_at = uow.now
            plan.approval_opinion = opinion
            return await _moved(
                uow, plan, PlanStatus.APPROVED, "plan.approved", {"opinion": opinion}
            )

    async def send_back(self, actor: Actor, plan_id: UUID, version: int, reason: str) -> PlanView:
        """Return a submitted plan to its maker, or as the office an unfiled joint one (R10)."""
        async with self._db.unit_of_work(actor) as uow:
            if actor.may(Permission.PLAN_FILE):
                plan = await _lock_regional(uow, "return_plan", plan_id, version)
            else:
                plan, _ = await lock_for(uow, "return_plan", plan_id, version)
            plan.submitted_by = plan.submitted_at = None
            plan.approved_by = plan.approved_at = plan.approval_opinion = None
            plan.returned_reason = reason
            return await _moved(uow, plan, PlanStatus.DRAFT, "plan.returned", {"reason": reason})

    async def file(
        self, actor: Actor, plan_id: UUID, version: int, filing_no: str, opinion: str
    ) -> PlanView:
        """File an approved joint plan, by the office of its region (R10, F13)."""
        async with self._db.unit_of_work(actor) as uow:
            plan = await _lock_regional(uow, "file_plan", plan_id, version)
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
            plan, _ = await lock_for(uow, "publish_plan", plan_id, version)
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
            plan, _ = await lock_for(uow, "cancel_plan", plan_id, version)
            plan.returned_reason = reason
            return await _moved(
                uow, plan, PlanStatus.CANCELLED, "plan.cancelled", {"reason": reason}
            )


async def _lock_regional(uow: UnitOfWork, operation: str, plan_id: UUID, version: int) -> Plan:
    """A plan of exactly the office's region, locked, if the rules let the office do it."""
    actor = uow.actor
    plan = await plans.lock_regional_plan(uow.session, plan_id, actor.scope, actor.region_code)
    if plan.row_version != version:
        raise RuleError(general.STALE_VERSION)
    require(PLAN, operation, await plan_standing.facts_of(uow.session, plan), actor)
    return plan


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
