"""What stands in the way of deciding on flags and on proposals to merge, of licences and contacts.

The library's own entry is required for what a department keeps of an object; who drew an object
decides about its flag; a merge is decided by a leader who did not enter the second of the two.
"""

from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from app.domain.actions import Operation, Rules
from app.domain.actor import Actor, Permission
from app.domain.errors import RuleError
from app.domain.object_cases import FlagStatus, MergeStatus
from app.domain.refusals import general
from app.domain.refusals import object_cases as refusals


@dataclass(frozen=True, slots=True)
class FlagFacts:
    """Who drew the object, and whether the flag is open."""

    department_id: UUID
    status: FlagStatus


def _dismiss(facts: FlagFacts, actor: Actor) -> None:
    if facts.department_id != actor.department_id:
        raise RuleError(general.FORBIDDEN, permission=Permission.OBJECT_DECIDE.value)
    if facts.status is not FlagStatus.OPEN:
        raise RuleError(refusals.FLAG_CLOSED, status=facts.status.value)


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """Who supervises either object, who entered the second, and whether it is decided."""

    supervised_by: frozenset[UUID]
    status: MergeStatus
    proposed_by: UUID | None


def _decide(facts: ProposalFacts, actor: Actor) -> None:
    """By a leader of a unit that it concerns, who did not enter the object that was found twice."""
    if actor.department_id not in facts.supervised_by:
        raise RuleError(general.NOT_FOUND)
    if facts.status is not MergeStatus.OPEN:
        raise RuleError(refusals.PROPOSAL_DECIDED, status=facts.status.value)
    if facts.proposed_by is not None and facts.proposed_by == actor.account_id:
        raise RuleError(general.MAKER_IS_CHECKER)


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """Who entered the licence, and whether it has ended."""

    department_id: UUID
    ended: bool


def _licence(facts: LicenceFacts, actor: Actor) -> None:
    if facts.department_id != actor.department_id:
        raise RuleError(general.NOT_FOUND)
    if facts.ended:
        raise RuleError(refusals.LICENCE_ENDED)


FLAG: Rules[FlagFacts] = MappingProxyType(
    {"dismiss_object_flag": Operation(Permission.OBJECT_DECIDE, _dismiss)}
)
MERGE: Rules[ProposalFacts] = MappingProxyType(
    {
        "accept_merge_proposal": Operation(Permission.OBJECT_DECIDE, _decide),
        "dismiss_merge_proposal": Operation(Permission.OBJECT_DECIDE, _decide),
    }
)
LICENCE: Rules[LicenceFacts] = MappingProxyType(
    {
        "change_object_licence": Operation(Permission.OBJECT_WRITE, _licence),
        "end_object_licence": Operation(Permission.OBJECT_WRITE, _licence),
    }
)
