"""What stands in the way of each step of an inspection (R11-R19)."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from app.domain.actions import Operation, Rules
from app.domain.actor import Actor, Permission, Role
from app.domain.errors import RuleError
from app.domain.inspection_steps import (
    Step,
    require,
    require_notice,
    require_record,
    require_team,
)
from app.domain.lifecycle import InspectionStatus
from app.domain.refusals import general
from app.domain.refusals import inspections as refusals

ENTRY_ROLES = frozenset({Role.DEPT_CLERK, Role.INTEGRATOR})
"""Who enters any result of the department; an officer enters those of the own inspections."""


@dataclass(frozen=True, slots=True)
class InspectionFacts:
    """How an inspection stands."""

    department_id: UUID
    status: InspectionStatus
    methods: Collection[str]
    """Of the task: on site needs the notice (R14)."""
    team: frozenset[UUID]
    notice_sent_at: dt.datetime | None
    findings: int
    acknowledged: bool
    entered_by: UUID | None


def _own(facts: InspectionFacts, actor: Actor) -> None:
    if facts.department_id != actor.department_id:
        raise RuleError(refusals.ANOTHER_SECTION)


def _in_team(facts: InspectionFacts, actor: Actor) -> bool:
    return actor.officer_id is not None and actor.officer_id in facts.team


def _inspects(facts: InspectionFacts, actor: Actor) -> None:
    """The officers of the drawn team, and nobody else (R11)."""
    _own(facts, actor)
    if not _in_team(facts, actor):
        raise RuleError(refusals.NOT_IN_TEAM)


def _assign(facts: InspectionFacts, actor: Actor) -> None:
    """The one way to a team that was not drawn; a drawn team is never replaced."""
    _own(facts, actor)
    if facts.team:
        raise RuleError(refusals.TEAM_EXISTS)
    if facts.status is not InspectionStatus.ASSIGNED:
        raise RuleError(
            refusals.INSPECTION_WRONG_STATE,
            status=facts.status.value,
            action="team",
            allowed="—",
        )


def _notice(facts: InspectionFacts, actor: Actor) -> None:
    """Once (R14)."""
    _inspects(facts, actor)
    if facts.notice_sent_at is not None:
        raise RuleError(refusals.NOTICE_ALREADY_SENT, sent_at=facts.notice_sent_at.isoformat())
    require(Step.NOTICE, facts.status)


def _start(facts: InspectionFacts, actor: Actor) -> None:
    _inspects(facts, actor)
    require(Step.START, facts.status)
    require_notice(facts.methods, facts.notice_sent_at)


def _record(facts: InspectionFacts, actor: Actor) -> None:
    """Until it is acknowledged: then it is closed (R16)."""
    _inspects(facts, actor)
    require(Step.RECORD, facts.status)
    if facts.acknowledged:
        raise RuleError(refusals.RECORD_ACKNOWLEDGED)


def _end(facts: InspectionFacts, actor: Actor) -> None:
    _inspects(facts, actor)
    require(Step.END, facts.status)
    require_team(len(facts.team))
    require_record(facts.findings)


def _acknowledge(facts: InspectionFacts, actor: Actor) -> None:
    _inspects(facts, actor)
    if facts.acknowledged:
        raise RuleError(refusals.ACKNOWLEDGEMENT_EXISTS)
    require(Step.ACKNOWLEDGEMENT, facts.status)
    require_record(facts.findings)


def _enter(facts: InspectionFacts, actor: Actor) -> None:
    """By the clerk, or an officer of the team; the record is acknowledged before (R16, R19)."""
    _own(facts, actor)
    require(Step.RESULT, facts.status)
    if not actor.roles & ENTRY_ROLES and not _in_team(facts, actor):
        raise RuleError(refusals.NOT_IN_TEAM)
    if not facts.acknowledged:
        raise RuleError(refusals.ACKNOWLEDGEMENT_MISSING)


def _review(facts: InspectionFacts, actor: Actor) -> None:
    """Never by who inspected or entered it (F29)."""
    _own(facts, actor)
    require(Step.REVIEW, facts.status)
    if facts.entered_by == actor.account_id or _in_team(facts, actor):
        raise RuleError(general.MAKER_IS_CHECKER)


def _publish(facts: InspectionFacts, actor: Actor) -> None:
    _own(facts, actor)
    require(Step.PUBLISH, facts.status)


def _writes(rule: Callable[[InspectionFacts, Actor], None]) -> Operation[InspectionFacts]:
    return Operation(Permission.INSPECTION_WRITE, rule)


INSPECTION: Rules[InspectionFacts] = MappingProxyType(
    {
        "assign_inspection_team": Operation(Permission.INSPECTION_ASSIGN, _assign),
        "send_inspection_notice": _writes(_notice),
        "start_inspection": _writes(_start),
        "write_inspection_record": _writes(_record),
        "end_inspection": _writes(_end),
        "acknowledge_inspection": _writes(_acknowledge),
        "enter_inspection_result": Operation(Permission.INSPECTION_ENTER, _enter),
        "review_inspection": Operation(Permission.INSPECTION_REVIEW, _review),
        "publish_inspection": Operation(Permission.INSPECTION_PUBLISH, _publish),
    }
)
