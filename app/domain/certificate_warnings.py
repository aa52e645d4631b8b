"""Certificates that end before the deadlines they are needed for, seen ahead (R03, DOMAIN s.10).

A duty is an open sheet of the officer, or a published task that is yet to be drawn in the
department; its deadline is the day until which certificates must hold.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.certificates import Certificate, enforcement, principal
from app.domain.lifecycle import CertificateKind


class DutyKind(StrEnum):
    """What a certificate is needed for."""

    SHEET = "sheet"
    PLAN_TASK = "plan_task"


@dataclass(frozen=True, slots=True)
class Duty:
    """A sheet or a task by its public number, and the tags its items ask for."""

    kind: DutyKind
    number: str
    deadline_on: dt.date
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ShortDuty:
    """A duty that a certificate does not last for, and by how many days."""

    duty: Duty
    days_short: int


@dataclass(frozen=True, slots=True)
class CertificateWarning:
    """What of an officer ends too early: the enforcement certificates, or proofs of a tag."""

    kind: CertificateKind
    qualification: str | None
    ends_on: dt.date | None
    """The last day without a gap from today; None: none holds today."""
    days_left: int
    short: Sequence[ShortDuty]


def covered_until(certificates: Iterable[Certificate], today: dt.date) -> dt.date | None:
    """The last day of a cover without a gap from today; None: none holds today."""
    until: dt.date | None = None
    for starts, ends in sorted(one.span for one in certificates):
        if ends < today:
            continue
        if starts > (today if until is None else next_day(until)):
            break
        until = ends if until is None else max(until, ends)
    return until


def next_day(day: dt.date) -> dt.date:
    """The day after; the last day that there is stays."""
    return day if day == dt.date.max else day + dt.timedelta(days=1)


def warnings_of(
    valid_to: dt.date | None,
    further: Sequence[Certificate],
    tags: Iterable[str],
    duties: Sequence[Duty],
    today: dt.date,
    within_days: int,
) -> list[CertificateWarning]:
    """What to renew, and for which sheets and tasks; nothing where all lasts long enough.

    Who never had a certificate is told of for sheets only: a draw leaves the officer out anyway.
    """
    licences = [*principal(valid_to), *enforcement(further)]
    needed = duties if licences else [one for one in duties if one.kind is DutyKind.SHEET]
    found = [_warning(CertificateKind.ENFORCEMENT, None, licences, needed, today)]
    for tag in sorted(set(tags)):
        proofs = [one for one in further if one.qualification == tag]
        if proofs:
            asking = [one for one in duties if tag in one.tags]
            found.append(_warning(CertificateKind.QUALIFICATION, tag, proofs, asking, today))
    horizon = today + dt.timedelta(days=within_days)
    return [
        one
        for one, held in zip(found, _held(licences, found), strict=True)
        if one.short or (held and (one.ends_on is None or one.ends_on <= horizon))
    ]


def _held(licences: Sequence[Certificate], found: Sequence[CertificateWarning]) -> list[bool]:
    return [bool(licences), *(True for _ in found[1:])]


def _warning(
    kind: CertificateKind,
    qualification: str | None,
    certificates: Sequence[Certificate],
    duties: Sequence[Duty],
    today: dt.date,
) -> CertificateWarning:
    until = covered_until(certificates, today)
    last = until if until is not None else today - dt.timedelta(days=1)
    short = [
        ShortDuty(duty, (max(duty.deadline_on, today) - last).days)
        for duty in sorted(duties, key=lambda one: (one.deadline_on, one.number))
        if last < max(duty.deadline_on, today)  # what is overdue is yet to be done
    ]
    return CertificateWarning(kind, qualification, until, max(0, (last - today).days), short)
