"""Publication and completion, derived and exact (R20, plan s.4(4)).

Rates are fractions of counts; their percentages are cut, never rounded, so that 100 % is shown
only when nothing is missing. Void inspections stand apart: they are in no rate. Nothing here can
set completion: it follows from what is published.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.lifecycle import ENDED_STATES, InspectionStatus


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of a whole, kept as two counts."""

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError("a rate is a part of a whole")

    @property
    def text(self) -> str:
        """The fraction as it is, unreduced: "41/44"."""
        return f"{self.numerator}/{self.denominator}"

    @property
    def percent(self) -> str | None:
        """Two decimals, cut: "99.99%" is the most below exactly all; None for a rate of none."""
        if self.denominator == 0:
            return None
        whole, cents = divmod(self.numerator * 10_000 // self.denominator, 100)
        return f"{whole}.{cents:02d}%"

    @property
    def is_full(self) -> bool:
        """Whether all of something is there; all of nothing is not full."""
        return self.numerator == self.denominator > 0


@dataclass(frozen=True, slots=True)
class InspectionState:
    """What the rates ask of one inspection; dates are Asia/Shanghai."""

    status: InspectionStatus
    due_on: dt.date | None = None
    published_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over inspections: `required` leaves out the void ones, which are counted apart."""

    required: int
    ended: int
    published: int
    void: int
    due: int
    on_time: int

    @property
    def publication_rate(self) -> Rate:
        """公示率: published of those whose inspection has ended (R20)."""
        return Rate(self.published, self.ended)

    @property
    def completion_rate(self) -> Rate:
        """检查完成率: published of all that must be inspected; unpublished is not completed."""
        return Rate(self.published, self.required)

    @property
    def on_time_rate(self) -> Rate:
        """按期公示率: published by the due date, of those published or past it (R19)."""
        return Rate(self.on_time, self.due)

    @property
    def is_complete(self) -> bool:
        """Whether every inspection that counts is published (R20)."""
        return self.completion_rate.is_full


def publication_rate(published: int, ended: int) -> Rate:
    """公示率 from two counts (R20): inspections published, of those that have ended."""
    return Rate(published, ended)


def tally(inspections: Iterable[InspectionState], today: dt.date) -> Tally:
    """Count inspections as they stand on `today`."""
    required = ended = published = void = due = on_time = 0
    for one in inspections:
        if one.status is InspectionStatus.VOID:
            void += 1
            continue
        required += 1
        ended += one.status in ENDED_STATES
        is_published = one.status is InspectionStatus.PUBLISHED
        published += is_published
        if is_published or (one.due_on is not None and one.due_on < today):
            due += 1
        on_time += is_published and _on_time(one)
    return Tally(required, ended, published, void, due, on_time)


def is_late(
    status: InspectionStatus, due_on: dt.date | None, deadline_on: dt.date, today: dt.date
) -> bool:
    """Whether a department keeps the others waiting: not inspected in time, or not published.

    Until its inspection ends the sheet's deadline counts (R12), then the 20 working days (R19).
    """
    if status in {InspectionStatus.VOID, InspectionStatus.PUBLISHED}:
        return False
    if status in ENDED_STATES:
        return due_on is not None and due_on < today
    return deadline_on < today


def sheet_is_complete(statuses: Iterable[InspectionStatus]) -> bool:
    """A sheet is complete when every department's inspection is published, void ones apart.

    A sheet of which nothing but void inspections is left is not complete: it is void itself.
    """
    counted = [status for status in statuses if status is not InspectionStatus.VOID]
    return bool(counted) and all(status is InspectionStatus.PUBLISHED for status in counted)


def task_is_complete(sheets: Iterable[Iterable[InspectionStatus]]) -> bool:
    """A plan task is complete when every sheet that is not void is complete."""
    counted = [list(sheet) for sheet in sheets]
    counted = [
        sheet for sheet in counted if any(status is not InspectionStatus.VOID for status in sheet)
    ]
    return bool(counted) and all(sheet_is_complete(sheet) for sheet in counted)


def _on_time(one: InspectionState) -> bool:
    # Without a computed deadline nobody can have missed it.
    if one.due_on is None or one.published_on is None:
        return True
    return one.published_on <= one.due_on
