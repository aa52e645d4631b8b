"""The State Council's holiday notices, as issued: which days are off and which are made up."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.reference.source import read_json


@dataclass(frozen=True, slots=True)
class DayOff:
    """A run of days off, both ends included, under the holiday's name."""

    name: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class MakeUpDay:
    """A weekend day that is worked (上班), and the holiday that it makes up for."""

    date: dt.date
    holiday: str


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """A day that the weekday rule would judge wrongly, or that bears a holiday's name."""

    date: dt.date
    is_working_day: bool
    name: str


@dataclass(frozen=True, slots=True)
class HolidayNotice:
    """A notice; it makes `year` known, and may change days of the December before."""

    year: int
    document_no: str
    title: str
    issued_on: dt.date
    url: str
    days_off: tuple[DayOff, ...]
    make_up: tuple[MakeUpDay, ...]

    def changed_days(self) -> tuple[ChangedDay, ...]:
        """Every day that the notice names, in order."""
        days = [ChangedDay(day.date, True, day.holiday) for day in self.make_up]
        for run in self.days_off:
            length = (run.last - run.first).days + 1
            days += [
                ChangedDay(run.first + dt.timedelta(days=n), False, run.name) for n in range(length)
            ]
        return tuple(sorted(days, key=lambda day: day.date))


@cache
def holiday_notices() -> tuple[HolidayNotice, ...]:
    """The notices of 2022–2026, by year."""
    return tuple(_notice(entry) for entry in read_json("holiday_notices.json")["notices"])


def _notice(entry: dict[str, Any]) -> HolidayNotice:
    day = dt.date.fromisoformat
    return HolidayNotice(
        year=entry["year"],
        document_no=entry["document_no"],
        title=f"国务院办公厅关于{entry['year']}年部分节假日安排的通知",
        issued_on=day(entry["issued_on"]),
        url=entry["url"],
        days_off=tuple(
            DayOff(run["name"], day(run["first"]), day(run["last"])) for run in entry["days_off"]
        ),
        make_up=tuple(MakeUpDay(day(made["date"]), made["holiday"]) for made in entry["make_up"]),
    )
