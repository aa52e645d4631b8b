"""Holiday notices and the days they change. Public knowledge: no scope.

The one exception is `recompute_due_dates`, which the loading of a notice runs over every unit's
open deadlines: that is what a notice does.
"""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.calendar import WorkingCalendar, calendar_of
from app.domain.deadlines import due_date
from app.models.calendar import CalendarDay, HolidayNotice
from app.models.inspection import Inspection

CALENDAR_LOCK = 715_052_501


async def hold_calendar(session: AsyncSession, *, change: bool = False) -> None:
    """Keep the calendar as it is until the commit, or, with `change`, have it alone.

    Without it a deadline computed from the old calendar could be stored after a new notice had
    recomputed all others.
    """
    lock = func.pg_advisory_xact_lock if change else func.pg_advisory_xact_lock_shared
    await session.execute(select(lock(CALENDAR_LOCK)))


async def load_calendar(session: AsyncSession) -> WorkingCalendar:
    """The calendar that the loaded notices make."""
    years = (await session.execute(select(HolidayNotice.year))).scalars().all()
    days = await session.execute(
        select(CalendarDay.on, CalendarDay.is_working_day, CalendarDay.name)
    )
    return calendar_of([(on, worked, name) for on, worked, name in days], years)


async def find_notice(session: AsyncSession, year: int) -> HolidayNotice | None:
    """The notice of a year."""
    return (
        await session.execute(select(HolidayNotice).where(HolidayNotice.year == year))
    ).scalar_one_or_none()


async def list_notices(session: AsyncSession) -> Sequence[HolidayNotice]:
    """All notices, by year."""
    query = select(HolidayNotice).order_by(HolidayNotice.year).limit(1000)
    return (await session.execute(query)).scalars().all()


async def put_day(
    session: AsyncSession, notice_id: UUID, on: dt.date, name: str, *, is_working_day: bool
) -> None:
    """Record a changed day; a later notice may change a December day of the year before."""
    values = {"notice_id": notice_id, "is_working_day": is_working_day, "name": name}
    await session.execute(
        insert(CalendarDay)
        .values(on_date=on, **values)
        .on_conflict_do_update(index_elements=["on_date"], set_=values)
    )


async def recompute_due_dates(
    session: AsyncSession, calendar: WorkingCalendar, now: dt.datetime
) -> int:
    """Compute every unpublished inspection's due date again; returns how many changed."""
    query = select(Inspection).where(
        Inspection.ended_on.is_not(None), Inspection.published_at.is_(None)
    )
    changed = 0
    ordered = query.order_by(Inspection.id).with_for_update()
    for inspection in (await session.execute(ordered)).scalars():
        assert inspection.ended_on is not None
        due = due_date(calendar, inspection.ended_on)
        if (due.due_on, due.state.value) != (inspection.due_on, inspection.due_state):
            inspection.due_on = due.due_on
            inspection.due_state = due.state.value
            inspection.updated_at = now
            changed += 1
    return changed
