"""Who stays out of a draw, and why: objects and officers (DOMAIN F16, F19).

Each reason is a code of the reference lists `object_exclusion` and `officer_exclusion`; the first
that applies is the one that is published.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.certificates import (
    Certificate,
    covers_throughout,
    enforcement,
    principal,
    qualified_tags,
    spanned,
)
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
    """Of the principal certificate; None: there is none."""
    absences: tuple[tuple[dt.date, dt.date], ...]
    tags: frozenset[str]
    item_scopes: frozenset[str] = frozenset()
    """Codes, names or categories of the items they may enforce; empty: all of the department's."""
    certificates: tuple[Certificate, ...] = ()
    """Further ones: of other issuers, and proofs of qualifications."""


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

    A certificate must be valid on every possible day of inspection, so until the deadline; the same
    holds for the proof of a qualification, where there is one (R03). An officer is absent who is
    away on every day of the period; a shorter absence leaves days to go.
    """
    if facts.status is OfficerStatus.LEFT:
        return "LEFT"
    if facts.status is OfficerStatus.OFF_DUTY:
        return "OFF_DUTY"
    licences = [*principal(facts.certificate_valid_to), *enforcement(facts.certificates)]
    if not licences:
        return "NO_CERTIFICATE"
    if not covers_throughout(licences, first, deadline):
        return "CERTIFICATE_EXPIRES"
    if first <= deadline and spanned(facts.absences, first, deadline):
        return "ABSENT"
    tags = qualified_tags(facts.tags, facts.certificates, first, deadline)
    reasons = (item_exclusion(tags, facts.item_scopes, item) for item in items)
    return next((reason for reason in reasons if reason is not None), None)


def item_exclusion(
    tags: frozenset[str], item_scopes: frozenset[str], item: ItemFacts
) -> str | None:
    """Why an officer with these tags and scopes may not enforce an item, or None."""
    if not item.qualifications <= tags:
        return "NOT_QUALIFIED"
    if item_scopes and not item_scopes & {item.code, item.name, item.category}:
        return "OUT_OF_ITEM_SCOPE"
    return None
