"""Who stays out of a draw, and why: objects and officers (DOMAIN F16, F19).

Each reason is a code of the reference lists `object_exclusion` and `officer_exclusion`; the first
that applies is the one that is published.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.lifecycle import ObjectStatus, OfficerStatus

BY_STATUS: Mapping[ObjectStatus, str] = {
    ObjectStatus.SUSPENDED: "SUSPENDED",
    ObjectStatus.REVOKED: "REVOKED",
    ObjectStatus.WITHDRAWN: "WITHDRAWN",
    ObjectStatus.CANCELLED: "CANCELLED",
    ObjectStatus.MOVED: "MOVED",
}


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What the freeze knows of an object of the task's scope."""

    status: ObjectStatus
    visits_this_year: int
    last_visit_on: dt.date | None
    shared: bool = True
    """Whether every department supervises it that the pool asks for (joint tasks)."""


@dataclass(frozen=True, slots=True)
class VisitLimits:
    """The task's limits: visits per year (N7) and days between two visits."""

    visit_cap: int | None
    cooling_days: int


def object_exclusion(facts: ObjectFacts, limits: VisitLimits, today: dt.date) -> str | None:
    """Why an object is not in the pool, or None."""
    if facts.status is not ObjectStatus.ACTIVE:
        return BY_STATUS[facts.status]
    if not facts.shared:
        return "NOT_SHARED"
    if limits.visit_cap is not None and facts.visits_this_year >= limits.visit_cap:
        return "CAP_REACHED"
    cooling = dt.timedelta(days=limits.cooling_days)
    if facts.last_visit_on is not None and cooling and today < facts.last_visit_on + cooling:
        return "COOLING"
    return None


@dataclass(frozen=True, slots=True)
class OfficerFacts:
    """What the freeze knows of an officer of a participating department."""

    status: OfficerStatus
    certificate_valid_to: dt.date | None
    """None: no certificate at all."""
    absences: tuple[tuple[dt.date, dt.date], ...]
    tags: frozenset[str]
    item_scopes: frozenset[str] = frozenset()
    """Codes, names or categories of the items they may enforce; empty: all of the department's."""


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item that the officer's department checks in this draw."""

    code: str
    name: str
    category: str
    qualifications: frozenset[str]


def officer_exclusion(
    facts: OfficerFacts, items: Iterable[ItemFacts], first: dt.date, deadline: dt.date
) -> str | None:
    """Why an officer may not be drawn for inspections from `first` to `deadline`, or None.

    The certificate must be valid on every possible day of inspection, so until the deadline. An
    officer is absent who is away on every day of the period; a shorter absence leaves days to go.
    """
    if facts.status is OfficerStatus.LEFT:
        return "LEFT"
    if facts.status is OfficerStatus.OFF_DUTY:
        return "OFF_DUTY"
    if facts.certificate_valid_to is None:
        return "NO_CERTIFICATE"
    if facts.certificate_valid_to < deadline:
        return "CERTIFICATE_EXPIRES"
    if _away_throughout(facts.absences, first, deadline):
        return "ABSENT"
    for item in items:
        if not item.qualifications <= facts.tags:
            return "NOT_QUALIFIED"
        if facts.item_scopes and not facts.item_scopes & {item.code, item.name, item.category}:
            return "OUT_OF_ITEM_SCOPE"
    return None


def _away_throughout(
    absences: Iterable[tuple[dt.date, dt.date]], first: dt.date, last: dt.date
) -> bool:
    day = first
    for starts, ends in sorted(absences):
        if starts > day:
            return False
        day = max(day, ends + dt.timedelta(days=1))
        if day > last:
            return True
    return False
