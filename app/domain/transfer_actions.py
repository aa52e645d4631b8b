"""What stands in the way of moving a duty to another department (职能职责整合, DESIGN s.2).

The giving department's leader proposes and may withdraw; the receiving department's leader, another
person, accepts or declines. To everybody else a transfer is not there to be acted on.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from app.domain.actions import Operation, Rules
from app.domain.actor import Actor, Permission
from app.domain.errors import RuleError
from app.domain.lifecycle import PlanStatus, TransferStatus
from app.domain.refusals import duty_transfers as refusals
from app.domain.refusals import general

BINDING = (PlanStatus.SUBMITTED, PlanStatus.APPROVED, PlanStatus.FILED, PlanStatus.PUBLISHED)
"""Plans that hold their items until each task is drawn: they were decided on, or await it.

A draft does not: it is written anew without the item, and says so when it is handed in. What is
drawn goes on by the published version it was drawn with.
"""


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """How a transfer stands, and what has become of what it names."""

    from_department_id: UUID
    to_department_id: UUID
    status: TransferStatus
    proposed_by: UUID
    effective_on: dt.date
    today: dt.date
    lost: Sequence[str] = ()
    """Codes of items retired and officers who have gone since it was proposed."""
    planned: Sequence[str] = ()
    """Codes of items in plans that are not drawn yet."""
    doubled: Sequence[str] = ()
    """Codes of items that the receiving department has already."""


def require_free_of_plans(planned: Sequence[str]) -> None:
    """No item leaves while a plan that was handed in waits for its draw."""
    if planned:
        raise RuleError(refusals.TRANSFER_ITEMS_PLANNED, items=", ".join(sorted(planned)))


def _open(facts: TransferFacts, actor: Actor, answers: UUID) -> None:
    if actor.department_id not in {facts.from_department_id, facts.to_department_id}:
        raise RuleError(general.NOT_FOUND)
    if actor.department_id != answers:
        raise RuleError(refusals.TRANSFER_OF_THE_OTHER_UNIT)
    if facts.status is not TransferStatus.PROPOSED:
        raise RuleError(refusals.TRANSFER_ANSWERED, status=facts.status.value)


def _withdraw(facts: TransferFacts, actor: Actor) -> None:
    _open(facts, actor, facts.from_department_id)


def _decline(facts: TransferFacts, actor: Actor) -> None:
    _open(facts, actor, facts.to_department_id)


def _accept(facts: TransferFacts, actor: Actor) -> None:
    """Another person than who proposed it, not before its day, and nothing may have changed."""
    _decline(facts, actor)
    if facts.proposed_by == actor.account_id:
        raise RuleError(general.MAKER_IS_CHECKER)
    if facts.effective_on > facts.today:
        raise RuleError(refusals.TRANSFER_NOT_YET_EFFECTIVE, day=facts.effective_on.isoformat())
    if facts.lost:
        raise RuleError(refusals.TRANSFER_OUTDATED, codes=", ".join(sorted(facts.lost)))
    require_free_of_plans(facts.planned)
    if facts.doubled:
        raise RuleError(refusals.TRANSFER_ITEMS_DOUBLED, items=", ".join(sorted(facts.doubled)))


def _decides(rule: Callable[[TransferFacts, Actor], None]) -> Operation[TransferFacts]:
    return Operation(Permission.DUTY_TRANSFER_WRITE, rule)


TRANSFER: Rules[TransferFacts] = MappingProxyType(
    {
        "accept_duty_transfer": _decides(_accept),
        "decline_duty_transfer": _decides(_decline),
        "withdraw_duty_transfer": _decides(_withdraw),
    }
)
