"""Regions, departments, code lists, the calendar: public knowledge, anonymous."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import RootModel

from app import reference
from app.deps import ActorDep, PagingDep, secured, service
from app.domain.actor import Permission, region_prefix
from app.domain.calendar import end_of_day
from app.domain.deadlines import DueState, due_date, explain
from app.domain.errors import RuleError
from app.domain.refusals import general
from app.domain.refusals import organisation as refusals
from app.idempotency import KeyedRoute, Once
from app.public_cache import cached, cached_bytes
from app.schemas.base import Code, Day, RegionCode
from app.schemas.forms import FormRead, every_form
from app.schemas.page import Page, page_of
from app.schemas.reference import (
    BusinessLineRead,
    CodeGroupRead,
    CodeListRead,
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
NamePath = Annotated[str, Path(pattern=r"^[a-z][a-z_]{0,63}$", max_length=64)]


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


def _code_group(group: reference.CodeGroup) -> CodeGroupRead:
    return CodeGroupRead(
        group=group.key,
        zh=group.zh,
        en=group.en,
        codes=[CodeRead.model_validate(code) for code in group.codes],
    )


@router.get(
    "/reference",
    operation_id="list_code_lists",
    summary="代码表目录",
    response_model=list[CodeListRead],
    **secured(Permission.PUBLIC),
)
async def list_code_lists(request: Request) -> Response:
    """Which code lists there are: one for every closed set of values of this interface."""
    lists = [
        CodeListRead(
            group=group.key,
            zh=group.zh,
            en=group.en,
            values=len(group.codes),
            href=f"/api/v1/reference/codes/{group.key}",
        )
        for group in reference.code_groups().values()
    ]
    return cached(request, RootModel(lists))


@router.get(
    "/reference/codes",
    operation_id="list_code_groups",
    summary="代码表",
    response_model=list[CodeGroupRead],
    **secured(Permission.PUBLIC),
)
async def list_code_groups(request: Request) -> Response:
    """Every code list with Chinese and English labels."""
    groups = [_code_group(group) for group in reference.code_groups().values()]
    return cached(request, RootModel(groups))


@router.get(
    "/reference/codes/{group}",
    operation_id="read_code_group",
    summary="一个代码表",
    response_model=CodeGroupRead,
    **secured(Permission.PUBLIC, general.NOT_FOUND),
)
async def read_code_group(group: NamePath, request: Request) -> Response:
    """A code list: what `x-reference` in a schema leads to."""
    found = reference.code_groups().get(group)
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return cached(request, _code_group(found))


@router.get(
    "/reference/schemas",
    operation_id="list_form_schemas",
    summary="表单和检查对象类型的 JSON Schema 目录",
    response_model=list[FormRead],
    **secured(Permission.PUBLIC),
)
async def list_form_schemas(request: Request) -> Response:
    """Every form by the operation that takes it, and the seven kinds of inspection objects."""
    return cached(request, RootModel([form for form, _ in _forms(request).values()]))


@router.get(
    "/reference/schemas/{name}",
    operation_id="read_form_schema",
    summary="表单或者检查对象类型的 JSON Schema",
    response_model=dict[str, Any],
    **secured(Permission.PUBLIC, general.NOT_FOUND),
)
async def read_form_schema(name: NamePath, request: Request) -> Response:
    """JSON Schema 2020-12, with all that it refers to; enumerations name their code list."""
    found = _forms(request).get(name)
    if found is None:
        raise RuleError(general.NOT_FOUND)
    content = json.dumps(found[1], ensure_ascii=False).encode()
    return cached_bytes(request, content, "application/json")


def _forms(request: Request) -> dict[str, tuple[FormRead, dict[str, Any]]]:
    """Made once for an application: its document does not change."""
    state = request.app.state
    if not hasattr(state, "forms"):
        state.forms = every_form(request.app.openapi())
    made: dict[str, tuple[FormRead, dict[str, Any]]] = state.forms
    return made


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
