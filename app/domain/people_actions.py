"""What stands in the way of changing what belongs to an officer, and experts (R04, R05, N11).

Maker ≠ checker: a recusal is confirmed, or withdrawn, by another person than who declared it.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from app.domain.actions import F, Operation, Rules
from app.domain.actor import Actor, Permission, Role
from app.domain.errors import RuleError
from app.domain.lifecycle import ExpertStatus
from app.domain.refusals import experts as expert_refusals
from app.domain.refusals import general
from app.domain.refusals import officers as refusals


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """Whose further certificate it is, and whether it was withdrawn."""

    department_id: UUID
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class AbsenceFacts:
    """Whose absence it is, and from when to when."""

    department_id: UUID
    starts_on: dt.date
    ends_on: dt.date
    cancelled: bool


@dataclass(frozen=True, slots=True)
class InterestFacts:
    """How a recusal stands."""

    department_id: UUID
    declared_by: UUID | None
    confirmed: bool
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class ExpertFacts:
    """Who keeps an expert: a department, or (None) the leading-group office of the region."""

    region_code: str
    department_id: UUID | None
    status: ExpertStatus


def may_keep(department_id: UUID | None, region_code: str, actor: Actor) -> bool:
    """Whether an expert is the caller's to change: the own department's, or the own region's."""
    if department_id is None:
        return keeps_region(actor) and region_code == actor.region_code
    return department_id == actor.department_id and not keeps_region(actor)


def keeps_region(actor: Actor) -> bool:
    """Whether the caller's experts are the region's: the leading-group office has no others."""
    return Role.LG_OFFICE in actor.roles


def _own(department_id: UUID, actor: Actor) -> None:
    if department_id != actor.department_id:
        raise RuleError(general.NOT_FOUND)


def _certificate(facts: CertificateFacts, actor: Actor) -> None:
    _own(facts.department_id, actor)
    if facts.withdrawn:
        raise RuleError(refusals.CERTIFICATE_WITHDRAWN)


def _absence(facts: AbsenceFacts, actor: Actor) -> None:
    _own(facts.department_id, actor)
    if facts.cancelled:
        raise RuleError(refusals.ABSENCE_CANCELLED)


def _end_absence(facts: AbsenceFacts, actor: Actor) -> None:
    """One day can not be made shorter; it can be cancelled."""
    _absence(facts, actor)
    if facts.starts_on == facts.ends_on:
        raise RuleError(refusals.ABSENCE_END_INVALID)


def _withdraw_interest(facts: InterestFacts, actor: Actor) -> None:
    _own(facts.department_id, actor)
    if facts.withdrawn:
        raise RuleError(refusals.INTEREST_WITHDRAWN)
    if facts.declared_by is not None and facts.declared_by == actor.account_id:
        raise RuleError(general.MAKER_IS_CHECKER)


def _confirm_interest(facts: InterestFacts, actor: Actor) -> None:
    _withdraw_interest(facts, actor)
    if facts.confirmed:
        raise RuleError(refusals.INTEREST_CONFIRMED)


def _expert(facts: ExpertFacts, actor: Actor) -> None:
    if not may_keep(facts.department_id, facts.region_code, actor):
        raise RuleError(general.NOT_FOUND)
    if facts.status is ExpertStatus.LEFT:
        raise RuleError(expert_refusals.EXPERT_LEFT)


def _all(permission: Permission, rule: Callable[[F, Actor], None], *operations: str) -> Rules[F]:
    return MappingProxyType({name: Operation(permission, rule) for name in operations})


CERTIFICATE: Rules[CertificateFacts] = _all(
    Permission.OFFICER_WRITE, _certificate, "withdraw_officer_certificate"
)
ABSENCE: Rules[AbsenceFacts] = MappingProxyType(
    {
        "end_absence": Operation(Permission.OFFICER_WRITE, _end_absence),
        "cancel_absence": Operation(Permission.OFFICER_WRITE, _absence),
    }
)
INTEREST: Rules[InterestFacts] = MappingProxyType(
    {
        "confirm_interest": Operation(Permission.OFFICER_CONFIRM, _confirm_interest),
        "withdraw_interest": Operation(Permission.OFFICER_CONFIRM, _withdraw_interest),
    }
)
EXPERT: Rules[ExpertFacts] = _all(
    Permission.EXPERT_WRITE, _expert, "change_expert", "record_expert_departure"
)
