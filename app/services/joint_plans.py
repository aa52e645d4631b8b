"""Taking part in a joint plan: invited by the initiating department, accepted or declined (F13).

A participant answers for itself: with its own published items and its team for each task that
names it, or with a reason. All of it happens in the draft; nobody answers for another unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.actions import require
from app.domain.actor import Actor
from app.domain.errors import FieldError, RuleError
from app.domain.joint_plans import MOST_PARTICIPANTS, check_inspects
from app.domain.lifecycle import ParticipantStatus
from app.domain.plan_actions import PARTICIPANT, PlanParticipantFacts
from app.domain.refusals import general
from app.domain.refusals import plans as refusals
from app.models.plan import Plan, PlanParticipant, PlanTask, PlanTaskDepartment
from app.services.plans import (
    PlanView,
    check_some_method,
    lock_for,
    lock_version,
    publishable,
    viewed,
)
from app.services.runtime import Runtime
from app.storage import organisation, participants, plan_standing, plans
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class TaskShare:
    """What a participant brings to one task: its items, and its officers for each object."""

    task_id: UUID
    item_ids: Sequence[UUID]
    members: int
    lead: bool


class JointPlanService:
    """Use cases of inviting and answering."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def invite(
        self, actor: Actor, plan_id: UUID, version: int, department_code: str
    ) -> PlanView:
        """Invite a department that inspects (N7); one that declined may be asked again."""
        async with self._db.unit_of_work(actor) as uow:
            plan, _ = await lock_for(uow, "invite_plan_participant", plan_id, version)
            department_id = await _invitable(uow, plan, department_code)
            known = await participants.by_code(uow.session, plan.id)
            if len(known) >= MOST_PARTICIPANTS and department_code not in known:
                raise RuleError(refusals.TOO_MANY_PARTICIPANTS, limit=MOST_PARTICIPANTS)
            earlier = known.get(department_code)
            if earlier is None:
                assert actor.account_id is not None
                uow.session.add(
                    PlanParticipant(
                        plan_id=plan.id,
                        department_id=department_id,
                        status=ParticipantStatus.INVITED,
                        invited_by=actor.account_id,
                        invited_at=uow.now,
                    )
                )
            elif earlier.status is ParticipantStatus.DECLINED:
                participants.ask_again(earlier)
            else:
                raise RuleError(refusals.PARTICIPANT_EXISTS)
            return await _noted(uow, plan, "plan_participant.invited", department_code)

    async def withdraw(
        self, actor: Actor, plan_id: UUID, version: int, department_id: UUID
    ) -> PlanView:
        """Take an invitation back, with all that the department had brought."""
        async with self._db.unit_of_work(actor) as uow:
            plan, standing = await lock_version(uow, plan_id, version)
            one = PlanParticipantFacts(standing, standing.participant(department_id))
            require(PARTICIPANT, "withdraw_plan_participant", one, actor)
            gone = await participants.get(uow.session, plan.id, department_id)
            department = await organisation.get_department(uow.session, department_id)
            await participants.leave_tasks(uow.session, plan.id, department_id)
            await uow.session.delete(gone)
            return await _noted(uow, plan, "plan_participant.withdrawn", department.code)

    async def accept(
        self,
        actor: Actor,
        plan_id: UUID,
        version: int,
        department_id: UUID,
        shares: Sequence[TaskShare],
    ) -> PlanView:
        """Take part, with items and team for every task that names the department."""
        async with self._db.unit_of_work(actor) as uow:
            plan, own = await _answering(
                uow, "accept_plan_participation", plan_id, version, department_id
            )
            named = await participants.shares(uow.session, plan.id, department_id)
            _check_complete(list(named), shares)
            brought = {}
            for place, share in enumerate(shares):
                task, team = named[share.task_id]
                brought[task.code] = await _bring(uow, task, team, share, place)
            _answer(uow, own, ParticipantStatus.ACCEPTED)
            return await _noted(
                uow, plan, "plan_participant.accepted", actor.department_code, items=brought
            )

    async def decline(
        self, actor: Actor, plan_id: UUID, version: int, department_id: UUID, reason: str
    ) -> PlanView:
        """Do not take part, and say why; the tasks go on without the department."""
        async with self._db.unit_of_work(actor) as uow:
            plan, own = await _answering(
                uow, "decline_plan_participation", plan_id, version, department_id
            )
            await participants.leave_tasks(uow.session, plan.id, department_id)
            _answer(uow, own, ParticipantStatus.DECLINED)
            own.reason = reason
            return await _noted(
                uow, plan, "plan_participant.declined", actor.department_code, reason=reason
            )


async def _invitable(uow: UnitOfWork, plan: Plan, code: str) -> UUID:
    department = await organisation.find_department(uow.session, plan.region_code, code)
    if department is None or department.closed_on is not None:
        raise RuleError(refusals.PARTICIPANT_UNKNOWN)
    if department.id == plan.department_id:
        raise RuleError(refusals.INITIATOR_IS_NO_PARTICIPANT)
    check_inspects(department.code, department.kind)
    return department.id


async def _answering(
    uow: UnitOfWork, operation: str, plan_id: UUID, version: int, department_id: UUID
) -> tuple[Plan, PlanParticipant]:
    """The draft and the caller's own place in it; another's is known and refused (403)."""
    plan = await plans.lock_shared_plan(uow.session, plan_id, uow.actor.scope)
    standing = await plan_standing.facts_of(uow.session, plan)
    facts = PlanParticipantFacts(standing, standing.participant(department_id))
    require(PARTICIPANT, operation, facts, uow.actor)
    if plan.row_version != version:
        raise RuleError(general.STALE_VERSION)
    return plan, await participants.get(uow.session, plan.id, department_id)


def _check_complete(named: Sequence[UUID], shares: Sequence[TaskShare]) -> None:
    """Every task that names the department once, and no other."""

    def wrong(pointer: str, zh: str, en: str) -> FieldError:
        return FieldError(pointer, "participation-incomplete", zh, en)

    given = [share.task_id for share in shares]
    errors = [
        wrong(f"/tasks/{place}/task_id", "任务未列明本部门或者重复", "Not yours, or named twice")
        for place, task_id in enumerate(given)
        if task_id not in named or task_id in given[:place]
    ]
    if set(named) - set(given):
        errors.append(wrong("/tasks", "缺少列明本部门的任务", "A task that names you is missing"))
    if errors:
        raise RuleError(refusals.PARTICIPATION_INCOMPLETE, tuple(errors))


async def _bring(
    uow: UnitOfWork, task: PlanTask, team: PlanTaskDepartment, share: TaskShare, place: int
) -> list[str]:
    """Write a participant's share of a task; the codes of its items."""
    pointer = f"/tasks/{place}/item_ids"
    versions = await publishable(
        uow, team.department_id, share.item_ids, pointer, (task.period_from, task.period_to)
    )
    check_some_method(task.methods, versions)
    team.members = share.members
    team.lead = share.lead
    await participants.replace_items(uow.session, task.id, team.department_id, versions)
    await uow.flush()
    return [version.code for version in versions]


def _answer(uow: UnitOfWork, own: PlanParticipant, status: ParticipantStatus) -> None:
    own.status = status
    own.answered_by = uow.actor.account_id
    own.answered_at = uow.now


async def _noted(
    uow: UnitOfWork, plan: Plan, action: str, department: str | None, **facts: Any
) -> PlanView:
    participants.touch(plan, uow.now)
    await uow.flush()
    uow.audit(action, "plan", plan.id, plan_no=plan.plan_no, participant=department, **facts)
    return await viewed(uow.session, plan)
