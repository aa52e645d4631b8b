"""Working days are what loaded notices say, and nothing is guessed."""

import datetime as dt
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest

from app.domain.calendar import (
    SHANGHAI,
    WorkingCalendar,
    calendar_of,
    end_of_day,
    shanghai_date,
    start_of_day,
)
from app.domain.errors import RuleError
from app.domain.refusals.reference import CALENDAR_MISSING
from tests.domain.loaded_calendar import shipped_calendar

DAY = dt.timedelta(days=1)


def test_every_day_of_2022_to_2026_is_judged_as_the_independent_calendar_judges_it():
    calendar = shipped_calendar()
    day, judged = dt.date(2022, 1, 1), 0
    while day.year < 2027:
        assert calendar.is_working_day(day) == chinese_calendar.is_workday(day), day
        day, judged = day + DAY, judged + 1
    assert judged == 1826


def test_2026_has_248_working_days():
    calendar = shipped_calendar()
    days = [dt.date(2026, 1, 1) + n * DAY for n in range(365)]
    assert sum(calendar.is_working_day(day) for day in days) == 248


@pytest.mark.parametrize(
    "day", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
)
def test_a_weekend_that_a_notice_has_worked_is_a_working_day(day):
    made_up = dt.date.fromisoformat(day)
    assert made_up.weekday() >= 5
    assert shipped_calendar().is_working_day(made_up)


def test_a_year_without_a_notice_is_refused_and_named():
    with pytest.raises(RuleError) as refused:
        shipped_calendar().is_working_day(dt.date(2027, 1, 4))
    assert refused.value.refusal is CALENDAR_MISSING
    assert refused.value.facts == {"year": 2027}


def test_a_day_that_a_notice_names_is_known_even_in_a_year_that_is_not_loaded():
    only_2023 = shipped_calendar(2023)
    assert not only_2023.is_working_day(dt.date(2022, 12, 31))
    with pytest.raises(RuleError):
        only_2023.is_working_day(dt.date(2022, 12, 30))


def test_the_weekday_rule_holds_only_where_no_notice_speaks():
    friday, saturday = dt.date(2030, 3, 1), dt.date(2030, 3, 2)
    plain = WorkingCalendar(days={}, years=frozenset({2030}))
    assert plain.is_working_day(friday)
    assert not plain.is_working_day(saturday)
    changed = calendar_of([(friday, False, "某节"), (saturday, True, "某节")], [2030])
    assert not changed.is_working_day(friday)
    assert changed.is_working_day(saturday)
    assert changed.name_of(saturday) == "某节"


def test_the_later_row_of_a_day_wins():
    day = dt.date(2030, 3, 1)
    assert calendar_of([(day, False, "甲"), (day, True, "乙")], [2030]).is_working_day(day)


def test_the_date_of_an_instant_is_that_of_shanghai():
    assert shanghai_date(dt.datetime(2026, 1, 30, 16, 0, tzinfo=dt.UTC)) == dt.date(2026, 1, 31)
    assert shanghai_date(dt.datetime(2026, 1, 30, 15, 59, tzinfo=dt.UTC)) == dt.date(2026, 1, 30)


def test_an_instant_without_a_time_zone_is_a_mistake():
    with pytest.raises(ValueError, match="time zone"):
        shanghai_date(dt.datetime(2026, 1, 30, 16, 0))


def test_a_day_ends_just_before_the_next_one_starts():
    day = dt.date(2026, 3, 5)
    assert start_of_day(day + DAY) - end_of_day(day) == dt.timedelta(microseconds=1)
    assert shanghai_date(end_of_day(day)) == day
    assert start_of_day(day).astimezone(dt.UTC).isoformat() == "2026-03-04T16:00:00+00:00"


def test_the_fixed_offset_is_the_zone_of_shanghai_since_1992():
    zone = ZoneInfo("Asia/Shanghai")
    for year in range(1992, 2051):
        for month in range(1, 13):
            instant = dt.datetime(year, month, 15, tzinfo=dt.UTC)
            assert instant.astimezone(zone).utcoffset() == SHANGHAI.utcoffset(None)
