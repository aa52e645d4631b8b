"""R19: 20 working days from the end of an inspection, the first day not counted."""

import datetime as dt

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar import WorkingCalendar
from app.domain.deadlines import (
    PUBLICATION_WORKING_DAYS,
    CountedDay,
    DueDate,
    DueState,
    Skipped,
    add_natural_days,
    add_working_days,
    due_date,
    explain,
    is_overdue,
    working_days_left,
)
from app.domain.errors import RuleError
from tests.domain.loaded_calendar import shipped_calendar

DAY = dt.timedelta(days=1)
CALENDAR = shipped_calendar()


def on(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("ended", "due"),
    [
        ("2026-01-30", "2026-03-05"),
        ("2026-02-13", "2026-03-19"),
        ("2026-02-20", "2026-03-20"),  # a holiday
        ("2026-04-30", "2026-06-01"),
        ("2026-09-10", "2026-10-14"),
        ("2026-09-19", "2026-10-22"),  # a Saturday
        ("2026-09-30", "2026-11-03"),
    ],
)
def test_r19_the_twentieth_working_day_is_the_last_day_to_publish(ended, due):
    assert due_date(CALENDAR, on(ended)) == DueDate(on(due), DueState.COMPUTED)


def test_r19_every_deadline_that_lies_in_a_loaded_year_agrees_with_the_independent_calendar():
    working = [
        day
        for n in range(1826)
        if chinese_calendar.is_workday(day := dt.date(2022, 1, 1) + n * DAY)
    ]
    start, last, first_after, compared = dt.date(2022, 1, 1), dt.date(2026, 11, 20), 0, 0
    while start <= last:
        while working[first_after] <= start:
            first_after += 1
        expected = working[first_after + 19]
        assert add_working_days(CALENDAR, start, 20) == expected, start
        start, compared = start + DAY, compared + 1
    assert compared == 1785


def test_r19_a_deadline_that_runs_into_a_year_without_notice_is_no_date():
    assert due_date(CALENDAR, on("2026-12-03")) == DueDate(on("2026-12-31"), DueState.COMPUTED)
    assert due_date(CALENDAR, on("2026-12-04")) == DueDate(None, DueState.CALENDAR_MISSING, 2027)
    with pytest.raises(RuleError, match="calendar-missing"):
        add_working_days(CALENDAR, on("2026-12-04"), 20)
    with pytest.raises(RuleError, match="calendar-missing"):
        explain(CALENDAR, on("2026-12-04"))


def test_a_later_notice_that_changes_a_december_day_moves_the_deadline():
    ended = on("2026-12-03")
    moved = WorkingCalendar(
        days={**CALENDAR.days, on("2026-12-31"): False, on("2026-12-26"): True},
        years=CALENDAR.years,
    )
    assert due_date(CALENDAR, ended).due_on == on("2026-12-31")
    assert due_date(moved, ended).due_on == on("2026-12-30")


def test_an_explanation_tells_every_day_and_why_it_is_skipped():
    told = explain(CALENDAR, on("2026-09-18"), 6)
    assert told == (
        CountedDay(on("2026-09-18"), None, Skipped.FIRST_DAY, None, made_up=False),
        CountedDay(on("2026-09-19"), None, Skipped.WEEKEND, None, made_up=False),
        CountedDay(on("2026-09-20"), 1, None, "国庆节", made_up=True),
        CountedDay(on("2026-09-21"), 2, None, None, made_up=False),
        CountedDay(on("2026-09-22"), 3, None, None, made_up=False),
        CountedDay(on("2026-09-23"), 4, None, None, made_up=False),
        CountedDay(on("2026-09-24"), 5, None, None, made_up=False),
        CountedDay(on("2026-09-25"), None, Skipped.HOLIDAY, "中秋节", made_up=False),
        CountedDay(on("2026-09-26"), None, Skipped.HOLIDAY, "中秋节", made_up=False),
        CountedDay(on("2026-09-27"), None, Skipped.HOLIDAY, "中秋节", made_up=False),
        CountedDay(on("2026-09-28"), 6, None, None, made_up=False),
    )


STARTS = st.dates(min_value=dt.date(2022, 1, 1), max_value=dt.date(2026, 11, 20))


@given(STARTS)
def test_an_explanation_ends_on_the_deadline_and_counts_without_a_gap(start):
    told = explain(CALENDAR, start)
    assert [day.number for day in told if day.number is not None] == list(range(1, 21))
    assert told[-1].date == due_date(CALENDAR, start).due_on
    assert told[-1].number == PUBLICATION_WORKING_DAYS
    assert [day.date for day in told] == [start + n * DAY for n in range(len(told))]
    assert all((day.number is None) != (day.skipped is None) for day in told)


@given(STARTS, st.integers(1, 20))
def test_a_deadline_is_a_working_day_and_as_many_working_days_away(start, days):
    due = add_working_days(CALENDAR, start, days)
    assert CALENDAR.is_working_day(due)
    assert working_days_left(CALENDAR, start, due) == days
    assert working_days_left(CALENDAR, due, start) == -days


def test_natural_days_that_end_on_a_day_off_move_to_the_next_working_day():
    assert add_natural_days(CALENDAR, on("2026-09-20"), 10) == on("2026-09-30")
    assert add_natural_days(CALENDAR, on("2026-09-21"), 10) == on("2026-10-08")


@pytest.mark.parametrize("count", [add_working_days, add_natural_days, explain])
def test_a_deadline_of_no_days_is_a_mistake(count):
    with pytest.raises(ValueError, match="at least one day"):
        count(CALENDAR, on("2026-03-02"), 0)


def test_a_deadline_is_over_when_its_day_has_ended_in_shanghai():
    due = on("2026-03-05")
    assert not is_overdue(due, dt.datetime(2026, 3, 5, 15, 59, 59, tzinfo=dt.UTC))
    assert is_overdue(due, dt.datetime(2026, 3, 5, 16, 0, tzinfo=dt.UTC))
