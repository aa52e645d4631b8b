"""Deadlines, counted and explained: 20 working days to publish (R19, plan s.4(4)).

The day of the event is not counted (Civil Code art. 201). Counting in working days, the last day
is a working day by construction; counting in natural days, a last day that is off moves to the
next working day (art. 203). A deadline that runs into a year without a notice is no date at all:
`due_date` says so as a value, so that the act itself can still be accepted (DESIGN s.3 Time).
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from app.domain.calendar import WorkingCalendar, shanghai_date
from app.domain.errors import RuleError
from app.domain.refusals.reference import CALENDAR_MISSING

PUBLICATION_WORKING_DAYS = 20  # R19, plan s.4(4)

_ONE_DAY = dt.timedelta(days=1)


class Skipped(StrEnum):
    """Why a day is not counted."""

    FIRST_DAY = "first_day"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A day on the way to a deadline: counted as `number`, or `skipped` for a reason.

    `holiday` names the holiday that keeps the day off, or that a worked weekend (`made_up`)
    makes up for.
    """

    date: dt.date
    number: int | None
    skipped: Skipped | None
    holiday: str | None
    made_up: bool


class DueState(StrEnum):
    """Whether a deadline could be computed."""

    COMPUTED = "computed"
    CALENDAR_MISSING = "calendar_missing"


@dataclass(frozen=True, slots=True)
class DueDate:
    """A deadline, or the year whose notice it waits for."""

    due_on: dt.date | None
    state: DueState
    missing_year: int | None = None


def add_working_days(calendar: WorkingCalendar, start: dt.date, days: int) -> dt.date:
    """The `days`-th working day after `start`, which is not counted itself."""
    _positive(days)
    day, left = start, days
    while left:
        day += _ONE_DAY
        left -= calendar.is_working_day(day)
    return day


def add_natural_days(calendar: WorkingCalendar, start: dt.date, days: int) -> dt.date:
    """`days` natural days after `start`; a last day that is off moves on (Civil Code art. 203)."""
    _positive(days)
    day = start + dt.timedelta(days=days)
    while not calendar.is_working_day(day):
        day += _ONE_DAY
    return day


def due_date(
    calendar: WorkingCalendar, ended_on: dt.date, days: int = PUBLICATION_WORKING_DAYS
) -> DueDate:
    """The last day to publish what ended on `ended_on` (R19), or which year is missing."""
    try:
        return DueDate(add_working_days(calendar, ended_on, days), DueState.COMPUTED)
    except RuleError as refused:
        if refused.refusal is not CALENDAR_MISSING:
            raise
        year = refused.facts["year"]
        assert isinstance(year, int)
        return DueDate(None, DueState.CALENDAR_MISSING, year)


def explain(
    calendar: WorkingCalendar, start: dt.date, days: int = PUBLICATION_WORKING_DAYS
) -> tuple[CountedDay, ...]:
    """Every day from `start` to the deadline, counted or skipped; the last one is the deadline."""
    _positive(days)
    told = [CountedDay(start, None, Skipped.FIRST_DAY, calendar.name_of(start), made_up=False)]
    day, number = start, 0
    while number < days:
        day += _ONE_DAY
        worked = calendar.is_working_day(day)
        number += worked
        told.append(_told(calendar, day, number if worked else None))
    return tuple(told)


def working_days_left(calendar: WorkingCalendar, today: dt.date, due_on: dt.date) -> int:
    """Working days after `today` up to and including `due_on`; negative when it has passed."""
    first, last = min(today, due_on), max(today, due_on)
    span = (last - first).days
    count = sum(calendar.is_working_day(first + dt.timedelta(days=n)) for n in range(1, span + 1))
    return count if due_on >= today else -count


def is_overdue(due_on: dt.date, at: dt.datetime) -> bool:
    """Whether `at` lies after the end of `due_on` in Asia/Shanghai."""
    return shanghai_date(at) > due_on


def _told(calendar: WorkingCalendar, day: dt.date, number: int | None) -> CountedDay:
    holiday = calendar.name_of(day)
    if number is not None:
        return CountedDay(day, number, None, holiday, made_up=day in calendar.days)
    skipped = Skipped.HOLIDAY if holiday is not None else Skipped.WEEKEND
    return CountedDay(day, None, skipped, holiday, made_up=False)


def _positive(days: int) -> None:
    # A deadline of no days is a mistake of the caller, not a rule that a clerk could break.
    if days < 1:
        raise ValueError("a deadline has at least one day")
