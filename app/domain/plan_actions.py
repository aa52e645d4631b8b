"""What stands in the way of drafting, approving, filing and publishing plans (R09, R10, F13)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from uuid import UUID

from app.domain.actions import F, Operation, Rules
from app.domain.actor import Actor, Permission
from app.domain.errors import RuleError
from app.domain.joint_plans import check_joint_ready
from app.domain.lifecycle import PLAN_MOVES, ParticipantStatus, PlanKind, PlanStatus, may_move
from app.domain.refusals import draws as draw_refusals
from app.domain.refusals import general
from app.domain.refusals import plans as refusals


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task: who takes part, which of its items are retired (N1), and its draws."""

    id: UUID
    code: str
    departments: Sequence[str]
    retired: Sequence[str]
    drawn: bool
    """It has a draw, if only an annulled one."""
    live_draw: bool
    moved: Mapping[str, str] = field(default_factory=dict)
    """Of the retired: the department that has it since duties were reorganised."""
    left_out: Sequence[str] = ()
    """Items that the version in force was published without, since they are incomplete (N1)."""


@dataclass(frozen=True, slots=True)
class ParticipantFacts:
    """A department that was invited."""

    department_id: UUID
    code: str
    status: ParticipantStatus


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """How a plan stands."""

    department_id: UUID
    region_code: str
    kind: PlanKind
    status: PlanStatus
    created_by: UUID
    submitted_by: UUID | None
    approved_by: UUID | None
    filed: bool
    tasks: Sequence[TaskFacts]
    participants: Sequence[ParticipantFacts]

    def task(self, task_id: UUID) -> TaskFacts:
        """A task of the plan; raises not-found."""
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise RuleError(general.NOT_FOUND)

    def participant(self, department_id: UUID) -> ParticipantFacts:
        """A department's place in the plan; raises not-found."""
        for one in self.participants:
            if one.department_id == department_id:
                return one
        raise RuleError(general.NOT_FOUND)


@dataclass(frozen=True, slots=True)
class PlanTaskFacts:
    """A task in its plan."""

    plan: PlanFacts
    task: TaskFacts


@dataclass(frozen=True, slots=True)
class PlanParticipantFacts:
    """A department's place in a joint plan."""

    plan: PlanFacts
    participant: ParticipantFacts


def _own(plan: PlanFacts, actor: Actor) -> None:
    """The initiator alone changes a plan: to who takes part no secret, to others it is not there.

    That it may be read once published makes it no place for another unit to write in.
    """
    if plan.department_id == actor.department_id:
        return
    if any(one.department_id == actor.department_id for one in plan.participants):
        raise RuleError(general.FORBIDDEN, permission=Permission.PLAN_WRITE.value)
    raise RuleError(general.NOT_FOUND)


def _regional(plan: PlanFacts, actor: Actor) -> None:
    """The office acts on the plans of exactly its region."""
    near = actor.scope.reads_region or plan.department_id == actor.department_id
    if not near or plan.region_code != actor.region_code:
        raise RuleError(general.NOT_FOUND)


def _wrong_state(plan: PlanFacts) -> RuleError:
    return RuleError(refusals.PLAN_WRONG_STATE, status=plan.status.value)


def _moves(plan: PlanFacts, then: PlanStatus) -> None:
    if not may_move(PLAN_MOVES, plan.status, then):
        raise _wrong_state(plan)


def _joint(plan: PlanFacts) -> None:
    if plan.kind is not PlanKind.JOINT:
        raise RuleError(refusals.PLAN_NOT_JOINT)


def _draft(plan: PlanFacts, actor: Actor) -> None:
    _own(plan, actor)
    if plan.status is not PlanStatus.DRAFT:
        raise _wrong_state(plan)


def _invite(plan: PlanFacts, actor: Actor) -> None:
    _draft(plan, actor)
    _joint(plan)


def _require_items(task: TaskFacts) -> None:
    """None of the items has left the checklist; one that moved says where to."""
    if task.left_out:
        raise RuleError(refusals.ITEM_NOT_PUBLISHED, item_code=min(task.left_out))
    if not task.retired:
        return
    code = min(task.retired)
    if code in task.moved:
        raise RuleError(refusals.ITEM_MOVED, item_code=code, department=task.moved[code])
    raise RuleError(refusals.ITEM_RETIRED, item_code=code)


def _fit_tasks(plan: PlanFacts) -> None:
    """A plan has tasks, and none of their items has been retired since (N1, N7)."""
    if not plan.tasks:
        raise RuleError(refusals.PLAN_WITHOUT_TASKS)
    for task in plan.tasks:
        _require_items(task)


def _submit(plan: PlanFacts, actor: Actor) -> None:
    _own(plan, actor)
    _moves(plan, PlanStatus.SUBMITTED)
    _fit_tasks(plan)
    if plan.kind is PlanKind.JOINT:
        check_joint_ready(
            {one.code: one.status for one in plan.participants},
            {task.code: task.departments for task in plan.tasks},
        )


def _approve(plan: PlanFacts, actor: Actor) -> None:
    """Another person than who made or submitted it (maker ≠ checker)."""
    _own(plan, actor)
    _moves(plan, PlanStatus.APPROVED)
    if actor.account_id in {plan.submitted_by, plan.created_by}:
        raise RuleError(general.MAKER_IS_CHECKER)


def _return(plan: PlanFacts, actor: Actor) -> None:
    """A leader returns what was submitted, the office a joint plan instead of filing it.

    An approved plan is never returned by the department itself, nor a submitted one by the office.
    """
    office = actor.may(Permission.PLAN_FILE)
    (_regional if office else _own)(plan, actor)
    _moves(plan, PlanStatus.DRAFT)
    own = plan.department_id == actor.department_id and actor.may(Permission.PLAN_APPROVE)
    by_leader = own and plan.status is PlanStatus.SUBMITTED
    waits = plan.kind is PlanKind.JOINT and plan.status is PlanStatus.APPROVED
    by_office = office and waits
    if not by_leader and not by_office:
        raise _wrong_state(plan)


def _file(plan: PlanFacts, actor: Actor) -> None:
    _regional(plan, actor)
    _joint(plan)
    _moves(plan, PlanStatus.FILED)
    if actor.account_id in {plan.created_by, plan.submitted_by, plan.approved_by}:
        raise RuleError(general.MAKER_IS_CHECKER)


def _publish(plan: PlanFacts, actor: Actor) -> None:
    _own(plan, actor)
    _moves(plan, PlanStatus.PUBLISHED)
    if plan.kind is PlanKind.JOINT and not plan.filed:
        raise RuleError(refusals.PLAN_NOT_FILED)
    _fit_tasks(plan)


def _cancel(plan: PlanFacts, actor: Actor) -> None:
    """Never one that has draws: annulled ones are public, too."""
    _own(plan, actor)
    _moves(plan, PlanStatus.CANCELLED)
    if any(task.drawn for task in plan.tasks):
        raise RuleError(refusals.PLAN_HAS_DRAWS)


def _remove_task(facts: PlanTaskFacts, actor: Actor) -> None:
    _draft(facts.plan, actor)


def _freeze(facts: PlanTaskFacts, actor: Actor) -> None:
    """Nothing is drawn before the plan is published, a joint one before it is filed (R10)."""
    plan = facts.plan
    _own(plan, actor)
    if plan.kind is PlanKind.JOINT and not plan.filed:
        raise RuleError(refusals.PLAN_NOT_FILED)
    if plan.status is not PlanStatus.PUBLISHED:
        raise RuleError(draw_refusals.PLAN_NOT_PUBLISHED)
    _require_items(facts.task)
    if facts.task.live_draw:
        raise RuleError(draw_refusals.DRAW_EXISTS)


def _withdraw(facts: PlanParticipantFacts, actor: Actor) -> None:
    _invite(facts.plan, actor)


def _decline(facts: PlanParticipantFacts, actor: Actor) -> None:
    """Nobody answers for another unit (403)."""
    plan, own = facts.plan, facts.participant
    known = {plan.department_id, *(one.department_id for one in plan.participants)}
    if actor.department_id not in known:
        raise RuleError(general.NOT_FOUND)
    if own.department_id != actor.department_id:
        raise RuleError(refusals.ANOTHER_PARTICIPANT)
    if plan.status is not PlanStatus.DRAFT:
        raise _wrong_state(plan)
    if own.status is ParticipantStatus.DECLINED:
        raise RuleError(refusals.PARTICIPANT_DECLINED)


def _accept(facts: PlanParticipantFacts, actor: Actor) -> None:
    _decline(facts, actor)
    code = facts.participant.code
    if not any(code in task.departments for task in facts.plan.tasks):
        raise RuleError(refusals.PARTICIPANT_WITHOUT_TASK, departments=code)


def _writes(rule: Callable[[F, Actor], None]) -> Operation[F]:
    return Operation(Permission.PLAN_WRITE, rule)


def _decides(rule: Callable[[F, Actor], None]) -> Operation[F]:
    return Operation(Permission.PLAN_APPROVE, rule)


PLAN: Rules[PlanFacts] = MappingProxyType(
    {
        "update_plan": _writes(_draft),
        "add_plan_task": _writes(_draft),
        "invite_plan_participant": _writes(_invite),
        "submit_plan": _writes(_submit),
        "approve_plan": _decides(_approve),
        "return_plan": Operation(Permission.PLAN_RETURN, _return),
        "file_plan": Operation(Permission.PLAN_FILE, _file),
        "publish_plan": _writes(_publish),
        "cancel_plan": _decides(_cancel),
    }
)
TASK: Rules[PlanTaskFacts] = MappingProxyType(
    {
        "remove_plan_task": _writes(_remove_task),
        "freeze_draw": Operation(Permission.DRAW_EXECUTE, _freeze),
    }
)
PARTICIPANT: Rules[PlanParticipantFacts] = MappingProxyType(
    {
        "accept_plan_participation": _decides(_accept),
        "decline_plan_participation": _decides(_decline),
        "withdraw_plan_participant": _writes(_withdraw),
    }
)
