"""Regions, departments, code lists, the calendar: public knowledge, anonymous."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from app import reference
from app.deps import ActorDep, PagingDep, secured, service
from app.domain.actor import Permission, region_prefix
from app.domain.calendar import end_of_day
from app.domain.deadlines import DueState, due_date, explain
from app.domain.refusals import general
from app.domain.refusals import organisation as refusals
from app.idempotency import KeyedRoute, Once
from app.schemas.base import Code, Day, RegionCode
from app.schemas.page import Page, page_of
from app.schemas.reference import (
    BusinessLineRead,
    CodeGroupRead,
    CodeRead,
    CountedDayRead,
    DeadlineRead,
    DepartmentRead,
    HolidayNoticeCreate,
    HolidayNoticeRead,
    RegionRead,
)
from app.services.reference_data import NoticeDay, ReferenceService

router = APIRouter(prefix="/api/v1", tags=["reference"], route_class=KeyedRoute)
ReferenceDep = Annotated[ReferenceService, Depends(service(ReferenceService))]


@router.get(
    "/regions",
    operation_id="list_regions",
    summary="行政区划(按上级)",
    **secured(Permission.PUBLIC),
)
async def list_regions(
    data: ReferenceDep,
    parent_code: Annotated[str | None, Query(pattern=r"^[0-9]{6}$", max_length=6)] = None,
) -> list[RegionRead]:
    """The places directly below another; without one, the provinces."""
    return [RegionRead.model_validate(region) for region in await data.regions(parent_code)]


@router.get(
    "/departments",
    operation_id="list_departments",
    summary="单位列表",
    **secured(Permission.PUBLIC, general.BAD_CURSOR),
)
async def list_departments(
    data: ReferenceDep, paging: PagingDep, region_code: RegionCode | None = None
) -> Page[DepartmentRead]:
    """Departments of a region and below it."""
    cut = await data.departments(region_prefix(region_code) if region_code else "", paging)
    return page_of(cut, [_department(found) for found in cut.items])


def _department(found: object) -> DepartmentRead:
    return DepartmentRead.model_validate(found)


@router.get(
    "/departments/{region_code}/{code}",
    operation_id="read_department",
    summary="单位详情",
    **secured(Permission.PUBLIC, refusals.UNKNOWN_DEPARTMENT),
)
async def read_department(
    region_code: Annotated[RegionCode, Path()], code: Annotated[Code, Path()], data: ReferenceDep
) -> DepartmentRead:
    """A department with its business lines."""
    view = await data.department(region_code, code)
    shaped = DepartmentRead.model_validate(view.department)
    shaped.business_lines = [BusinessLineRead.model_validate(line) for line in view.business_lines]
    return shaped


@router.get(
    "/reference/codes",
    operation_id="list_code_groups",
    summary="代码表",
    **secured(Permission.PUBLIC),
)
async def list_code_groups() -> list[CodeGroupRead]:
    """Every code list with Chinese and English labels."""
    return [
        CodeGroupRead(
            group=name,
            zh=group.zh,
            en=group.en,
            codes=[CodeRead.model_validate(code) for code in group.codes],
        )
        for name, group in reference.code_groups().items()
    ]


@router.get(
    "/calendar/notices",
    operation_id="list_holiday_notices",
    summary="已录入的放假安排通知",
    **secured(Permission.PUBLIC),
)
async def list_holiday_notices(data: ReferenceDep) -> list[HolidayNoticeRead]:
    """The loaded State Council notices, by year."""
    return [HolidayNoticeRead.model_validate(notice) for notice in await data.notices()]


@router.post(
    "/calendar/notices",
    operation_id="load_holiday_notice",
    summary="录入新一年放假安排",
    status_code=201,
    **secured(
        Permission.CALENDAR_WRITE,
        refusals.NOTICE_EXISTS,
        refusals.NOTICE_DAYS_REPEAT,
        once=Once.ACCEPTED,
    ),
)
async def load_holiday_notice(
    body: HolidayNoticeCreate, actor: ActorDep, data: ReferenceDep, response: Response
) -> HolidayNoticeRead:
    """Load a year's notice; deadlines that waited for it are computed."""
    days = [NoticeDay(day.on, day.is_working_day, day.name) for day in body.days]
    notice = await data.load_notice(
        actor, body.year, body.document_no, body.title, body.issued_on, days
    )
    response.headers["Location"] = "/api/v1/calendar/notices"
    return HolidayNoticeRead.model_validate(notice)


@router.get(
    "/calendar/deadline",
    operation_id="explain_deadline",
    summary="公示期限推算与逐日说明",
    **secured(Permission.PUBLIC),
)
async def explain_deadline(
    data: ReferenceDep,
    ended_on: Annotated[Day, Query(examples=["2026-09-30"])],
    working_days: Annotated[int, Query(ge=1, le=250)] = 20,
) -> DeadlineRead:
    """The day that lies so many working days after the end of an inspection (R19)."""
    calendar = await data.calendar()
    due = due_date(calendar, ended_on, working_days)
    days = explain(calendar, ended_on, working_days) if due.state is DueState.COMPUTED else ()
    return DeadlineRead(
        ended_on=ended_on,
        working_days=working_days,
        due_on=due.due_on,
        state=due.state,
        missing_year=due.missing_year,
        end_of_day=end_of_day(due.due_on) if due.due_on else None,
        days=[CountedDayRead.model_validate(day) for day in days],
    )
