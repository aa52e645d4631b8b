"""The calendar of the shipped notices, as services build it from the database."""

from app.domain.calendar import WorkingCalendar, calendar_of
from app.reference import holiday_notices


def shipped_calendar(*years: int) -> WorkingCalendar:
    """All shipped notices, or those of the given years."""
    notices = [notice for notice in holiday_notices() if not years or notice.year in years]
    return calendar_of(
        [
            (day.date, day.is_working_day, day.name)
            for notice in notices
            for day in notice.changed_days()
        ],
        [notice.year for notice in notices],
    )
