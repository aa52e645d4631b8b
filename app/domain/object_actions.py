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
from app.domain.object_cases import FlagStatus
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


FLAG: Rules[FlagFacts] = MappingProxyType(
    {"dismiss_object_flag": Operation(Permission.OBJECT_DECIDE, _dismiss)}
)
