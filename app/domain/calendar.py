"""Working days from loaded holiday notices, and dates in Asia/Shanghai.

A year without a loaded notice is unknown, and asking about it is refused: the weekday rule is
applied only inside loaded years, because a guess would look exactly like an answer. A notice of
the year after may still change days of a loaded December, so open deadlines are computed again
whenever a notice is loaded (DOMAIN s.7).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.domain.errors import RuleError
from app.domain.refusals.reference import CALENDAR_MISSING

# A fixed offset instead of zoneinfo: China has had no daylight saving time since 1991, and a
# zone file that may be missing on the machine has no place in a rule (a test compares the two).
SHANGHAI = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are worked: the days that notices name, and weekdays of the loaded years.

    `days` holds the days that a notice names (True: worked, False: off), `names` the holiday
    each belongs to, `years` the years whose notice is loaded.
    """

    days: Mapping[dt.date, bool]
    years: frozenset[int]
    names: Mapping[dt.date, str] = field(default_factory=lambda: MappingProxyType({}))

    def is_working_day(self, day: dt.date) -> bool:
        """Whether `day` is worked; refuses a day of a year without a notice."""
        named = self.days.get(day)
        if named is not None:
            return named
        if day.year not in self.years:
            raise RuleError(CALENDAR_MISSING, year=day.year)
        return day.weekday() < _SATURDAY

    def name_of(self, day: dt.date) -> str | None:
        """The holiday that a notice ties to `day`, whether off or made up."""
        return self.names.get(day)


def calendar_of(days: Iterable[tuple[dt.date, bool, str]], years: Iterable[int]) -> WorkingCalendar:
    """A calendar from rows (day, worked, holiday's name); a later row of a day wins."""
    rows = list(days)
    return WorkingCalendar(
        days=MappingProxyType({day: worked for day, worked, _ in rows}),
        years=frozenset(years),
        names=MappingProxyType({day: name for day, _, name in rows}),
    )


def shanghai_date(instant: dt.datetime) -> dt.date:
    """The date in Asia/Shanghai at `instant`, which must carry a time zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant carries a time zone")
    return instant.astimezone(SHANGHAI).date()


def start_of_day(day: dt.date) -> dt.datetime:
    """The first instant of `day` in Asia/Shanghai."""
    return dt.datetime.combine(day, dt.time.min, SHANGHAI)


def end_of_day(day: dt.date) -> dt.datetime:
    """The last instant of `day` in Asia/Shanghai: deadlines run to the end of the day."""
    return dt.datetime.combine(day, dt.time.max, SHANGHAI)
