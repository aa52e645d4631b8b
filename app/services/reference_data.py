"""Loading the reference data that ships with the service, and the holiday notices of later years.

Loading is idempotent: what is there stays, what changed is changed and audited.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app import reference
from app.domain.actor import Actor, system_actor
from app.domain.calendar import WorkingCalendar
from app.domain.errors import RuleError
from app.domain.lifecycle import DepartmentKind, RegionLevel
from app.domain.refusals import organisation as refusals
from app.models.calendar import HolidayNotice
from app.models.organisation import BusinessLine, Department, Region
from app.services.runtime import Runtime
from app.storage import calendar, organisation
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """A day that a notice changes."""

    on: dt.date
    is_working_day: bool
    name: str


@dataclass(frozen=True, slots=True)
class DepartmentView:
    """A department with its business lines."""

    department: Department
    business_lines: Sequence[BusinessLine]


class ReferenceService:
    """Use cases of reference data."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def load_shipped(self) -> dict[str, int]:
        """Load regions, units and holiday notices; returns how many rows were new."""
        actor = system_actor(self._runtime.settings.region_code)
        async with self._db.unit_of_work(actor) as uow:
            counts = {
                "regions": await _load_regions(uow),
                "departments": await _load_departments(uow),
                "holiday_notices": await _load_notices(uow),
            }
            if any(counts.values()):
                uow.audit("reference.loaded", "reference", None, after=counts)
        return counts

    async def load_notice(
        self,
        actor: Actor,
        year: int,
        document_no: str,
        title: str,
        issued_on: dt.date | None,
        days: Sequence[NoticeDay],
    ) -> HolidayNotice:
        """Load a later year's notice; computes the deadlines that were waiting for it."""
        if len({day.on for day in days}) != len(days):
            raise RuleError(refusals.NOTICE_DAYS_REPEAT)
        async with self._db.unit_of_work(actor) as uow:
            await calendar.hold_calendar(uow.session, change=True)
            if await calendar.find_notice(uow.session, year) is not None:
                raise RuleError(refusals.NOTICE_EXISTS, year=year)
            notice = HolidayNotice(
                id=uow.new_id(),
                year=year,
                document_no=document_no,
                title=title,
                issued_on=issued_on,
                loaded_at=uow.now,
            )
            uow.session.add(notice)
            await uow.flush()
            for day in days:
                await calendar.put_day(
                    uow.session, notice.id, day.on, day.name, is_working_day=day.is_working_day
                )
            await uow.flush()
            recomputed = await calendar.recompute_due_dates(
                uow.session, await calendar.load_calendar(uow.session), uow.now
            )
            uow.audit(
                "holiday_notice.loaded",
                "holiday_notice",
                notice.id,
                after={"year": year, "document_no": document_no, "days": len(days)},
                deadlines_recomputed=recomputed,
            )
        return notice

    async def calendar(self) -> WorkingCalendar:
        """The calendar in force."""
        async with self._db.reading() as session:
            return await calendar.load_calendar(session)

    async def notices(self) -> Sequence[HolidayNotice]:
        """The loaded notices, by year."""
        async with self._db.reading() as session:
            return await calendar.list_notices(session)

    async def departments(self, prefix: str, paging: Paging) -> Slice[Department]:
        """Departments of a region and below."""
        async with self._db.reading() as session:
            return await organisation.list_departments(session, prefix, paging)

    async def department(self, region_code: str, code: str) -> DepartmentView:
        """One department with its business lines."""
        async with self._db.reading() as session:
            found = await organisation.find_department(session, region_code, code)
            if found is None:
                raise RuleError(refusals.UNKNOWN_DEPARTMENT)
            return DepartmentView(found, await organisation.list_business_lines(session, found.id))

    async def regions(self, parent_code: str | None) -> Sequence[Region]:
        """The places directly below another."""
        async with self._db.reading() as session:
            return await organisation.list_regions(session, parent_code)


async def _load_regions(uow: UnitOfWork) -> int:
    made = 0
    known = await organisation.region_codes(uow.session)
    for shipped in reference.regions():
        if shipped.code in known:
            continue
        uow.session.add(
            Region(
                code=shipped.code,
                name=shipped.name,
                level=RegionLevel(shipped.level),
                parent_code=shipped.parent_code,
            )
        )
        made += 1
    await uow.flush()
    return made


async def _load_departments(uow: UnitOfWork) -> int:
    made: dict[str, Department] = {}
    for shipped in reference.departments():
        found = await organisation.find_department(uow.session, shipped.region_code, shipped.code)
        if found is not None:
            continue
        host = made.get(shipped.host) if shipped.host else None
        department = Department(
            id=uow.new_id(),
            code=shipped.code,
            name=shipped.name,
            kind=DepartmentKind(shipped.kind),
            region_code=shipped.region_code,
            leading_group_member=shipped.leading_group_member,
            joint_conference_member=shipped.joint_conference_member,
            host_department_id=host.id if host else None,
            licensing_scopes=list(shipped.licensing_scopes),
            created_at=uow.now,
            updated_at=uow.now,
        )
        made[shipped.code] = department
        uow.session.add(department)
        await uow.flush()
        for line in shipped.business_lines:
            uow.session.add(
                BusinessLine(
                    id=uow.new_id(), department_id=department.id, code=line.code, name=line.name
                )
            )
    await uow.flush()
    return len(made)


async def _load_notices(uow: UnitOfWork) -> int:
    made = 0
    for shipped in reference.holiday_notices():
        if await calendar.find_notice(uow.session, shipped.year) is not None:
            continue
        notice = HolidayNotice(
            id=uow.new_id(),
            year=shipped.year,
            document_no=shipped.document_no,
            title=shipped.title,
            issued_on=shipped.issued_on,
            loaded_at=uow.now,
        )
        uow.session.add(notice)
        await uow.flush()
        for day in shipped.changed_days():
            await calendar.put_day(
                uow.session, notice.id, day.date, day.name, is_working_day=day.is_working_day
            )
        await uow.flush()
        made += 1
    return made
