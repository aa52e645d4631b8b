"""What may be done with an inspection in which state, and what each step asks for (R12-R19).

Whoever brings the record says when it is now and who is in the team; nothing is looked up here.
Whether a result fits a record is `results.py`, when it must be published `deadlines.py`.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from app.domain.calendar import shanghai_date
from app.domain.errors import FieldError, RuleError
from app.domain.lifecycle import FindingOutcome, InspectionStatus, Method
from app.domain.refusals import inspections as say

TEAM_MINIMUM = 2  # DOMAIN F19; Administrative Penalty Law art. 42


class Step(StrEnum):
    """What is done with an inspection; the value is the last part of the route."""

    NOTICE = "notice"
    START = "start"
    RECORD = "record"
    END = "end"
    ACKNOWLEDGEMENT = "acknowledgement"
    RESULT = "result"
    REVIEW = "review"
    PUBLISH = "publish"


_S = InspectionStatus
STEPS: Mapping[Step, frozenset[InspectionStatus]] = MappingProxyType(
    {
        Step.NOTICE: frozenset({_S.ASSIGNED}),
        Step.START: frozenset({_S.ASSIGNED, _S.NOTIFIED}),
        Step.RECORD: frozenset({_S.IN_PROGRESS}),
        Step.END: frozenset({_S.IN_PROGRESS}),
        # On the spot while it goes on, or afterwards; the result waits for it (R16).
        Step.ACKNOWLEDGEMENT: frozenset({_S.IN_PROGRESS, _S.ENDED}),
        Step.RESULT: frozenset({_S.ENDED}),
        Step.REVIEW: frozenset({_S.ENTERED}),
        Step.PUBLISH: frozenset({_S.REVIEWED}),
    }
)


def steps_in(status: InspectionStatus) -> tuple[Step, ...]:
    """What the state admits, in the order of the work."""
    return tuple(step for step, states in STEPS.items() if status in states)


def require(step: Step, status: InspectionStatus) -> None:
    """Refuse a step in a state that does not admit it, and say what it does admit."""
    if status not in STEPS[step]:
        raise RuleError(
            say.INSPECTION_WRONG_STATE,
            status=status.value,
            action=step.value,
            allowed=", ".join(steps_in(status)) or "—",
        )


def require_notice(methods: Collection[str], notice_sent_at: dt.datetime | None) -> None:
    """An inspection on site is announced first (R14)."""
    if Method.ONSITE in methods and notice_sent_at is None:
        raise RuleError(say.NOTICE_REQUIRED)


def require_team(officers: int) -> None:
    """Two officers at least (DOMAIN F19)."""
    if officers < TEAM_MINIMUM:
        raise RuleError(say.TEAM_TOO_SMALL, minimum=TEAM_MINIMUM, present=officers)


def require_record(findings: int) -> None:
    """Nothing ends, and nothing is acknowledged, before it is recorded (R12, R16)."""
    if findings == 0:
        raise RuleError(say.RECORD_EMPTY)


def check_notice(visit_from: dt.date, visit_to: dt.date, now: dt.datetime) -> None:
    """The visit lies ahead: an advance notice of the past is none (R14, plan s.4(3))."""
    errors = []
    if visit_from < shanghai_date(now):
        errors.append(say.VISIT_IN_THE_PAST.at("/visit_from"))
    if visit_to < visit_from:
        errors.append(say.VISIT_PERIOD.at("/visit_to"))
    if errors:
        raise RuleError(say.NOTICE_INVALID, tuple(errors))


def check_start(
    started_at: dt.datetime,
    now: dt.datetime,
    locked_at: dt.datetime | None,
    methods: Collection[str],
    notice_sent_at: dt.datetime | None,
) -> None:
    """After the lock of the draw (R11), after the notice where the check is on site (R14)."""
    require_notice(methods, notice_sent_at)
    errors = []
    if started_at > now:
        errors.append(say.TIME_IN_FUTURE.at("/started_at"))
    if locked_at is None or started_at < locked_at:
        errors.append(say.START_BEFORE_LOCK.at("/started_at"))
    if notice_sent_at is not None and started_at < notice_sent_at:
        errors.append(say.START_BEFORE_NOTICE.at("/started_at"))
    if errors:
        raise RuleError(say.INSPECTION_TIME_INVALID, tuple(errors))


def check_end(
    started_at: dt.datetime | None,
    ended_at: dt.datetime,
    now: dt.datetime,
    findings: int,
    team: int,
) -> None:
    """Not in the future, not before the start, with a record and two officers at least."""
    require_team(team)
    require_record(findings)
    errors = []
    if ended_at > now:
        errors.append(say.TIME_IN_FUTURE.at("/ended_at"))
    if started_at is None or ended_at < started_at:
        errors.append(say.END_BEFORE_START.at("/ended_at"))
    if errors:
        raise RuleError(say.INSPECTION_TIME_INVALID, tuple(errors))


@dataclass(frozen=True, slots=True)
class FindingDraft:
    """What an officer says of one item."""

    item_version_id: UUID
    outcome: FindingOutcome
    problem: str | None = None
    measure: str | None = None


def check_record(
    methods: Sequence[str],
    planned: Collection[str],
    findings: Sequence[FindingDraft],
    items: Mapping[UUID, str],
) -> None:
    """Every item of the department exactly once, by methods of the task (R12, R13).

    `items` are the codes of the department's items by the id of their version.
    """
    errors: list[FieldError] = [
        say.METHOD_NOT_PLANNED.at(f"/methods/{place}")
        for place, method in enumerate(methods)
        if method not in planned
    ]
    seen: set[UUID] = set()
    for place, finding in enumerate(findings):
        errors += _check_finding(finding, f"/findings/{place}", items, seen)
        seen.add(finding.item_version_id)
    errors += [
        say.ITEM_MISSING.at("/findings", item_code=code)
        for item, code in items.items()
        if item not in seen
    ]
    if errors:
        raise RuleError(say.RECORD_INVALID, tuple(errors))


def _check_finding(
    finding: FindingDraft, at: str, items: Mapping[UUID, str], seen: Collection[UUID]
) -> list[FieldError]:
    errors = []
    if finding.item_version_id not in items:
        errors.append(say.ITEM_UNKNOWN.at(f"{at}/item_version_id"))
    elif finding.item_version_id in seen:
        errors.append(say.ITEM_REPEATED.at(f"{at}/item_version_id"))
    if finding.outcome is FindingOutcome.PROBLEM:
        if finding.problem is None:
            errors.append(say.PROBLEM_MISSING.at(f"{at}/problem"))
    elif finding.problem is not None:
        errors.append(say.PROBLEM_UNEXPECTED.at(f"{at}/problem"))
    return errors
