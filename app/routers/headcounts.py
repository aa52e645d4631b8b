"""Declared headcounts, and how far the officer library covers them (R03)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from app.deps import ActorDep, PagingDep, secured, service
from app.domain.actor import Permission
from app.domain.officer_coverage import Coverage
from app.domain.refusals import general, headcounts, officers, plans
from app.idempotency import KeyedRoute, Once
from app.routers.officer_shapes import officer_read
from app.routers.public_results import rate_read
from app.schemas import base
from app.schemas.headcounts import (
    DepartmentCoverageRead,
    HeadcountCreate,
    HeadcountRead,
    LineCoverageRead,
    OfficerCoverageRead,
)
from app.schemas.officers import OfficerRead
from app.schemas.page import Page, page_of
from app.services.headcounts import (
    DepartmentCoverage,
    HeadcountService,
    HeadcountView,
    NewHeadcount,
)
from app.storage.headcounts import HeadcountFilter

router = APIRouter(prefix="/api/v1", tags=["officers"], route_class=KeyedRoute)
HeadcountsDep = Annotated[HeadcountService, Depends(service(HeadcountService))]


def headcount_filter(
    department_code: base.Code | None = None,
    business_line_code: Annotated[
        base.Code | None, Query(description="Of this business line.")
    ] = None,
) -> HeadcountFilter:
    """What lists are narrowed to."""
    return HeadcountFilter(department_code, business_line_code)


FilterDep = Annotated[HeadcountFilter, Depends(headcount_filter)]


def _read(view: HeadcountView) -> HeadcountRead:
    declaration = view.declaration
    return HeadcountRead(
        id=declaration.id,
        department_code=view.department.code,
        business_line_code=view.business_line.code if view.business_line else None,
        headcount=declaration.headcount,
        declared_on=declaration.declared_on,
        source=declaration.source,
        recorded_at=declaration.recorded_at,
        recorded_by=declaration.recorded_by,
        in_force=view.in_force,
    )


def _figures(coverage: Coverage) -> dict[str, Any]:
    return {
        "declared": coverage.declared,
        "declared_by": coverage.declared_by,
        "in_library": coverage.in_library,
        "certified": coverage.certified,
        "missing": coverage.missing,
        "coverage": rate_read(coverage.rate) if coverage.rate else None,
    }


def _department(found: DepartmentCoverage) -> DepartmentCoverageRead:
    return DepartmentCoverageRead(
        department_code=found.department.code,
        department_name=found.department.name,
        region_code=found.department.region_code,
        **_figures(found.coverage),
        business_lines=[
            LineCoverageRead(
                business_line_code=one.line.code,
                business_line_name=one.line.name,
                **_figures(one.coverage),
            )
            for one in found.lines
        ],
    )


@router.post(
    "/headcount-declarations",
    operation_id="declare_headcount",
    summary="申报执法人员核定人数",
    status_code=201,
    **secured(
        Permission.OFFICER_WRITE,
        plans.UNKNOWN_BUSINESS_LINE,
        headcounts.HEADCOUNT_AHEAD,
        officers.IDENTITY_NUMBER_IN_TEXT,
        once=Once.ACCEPTED,
    ),
)
async def declare_headcount(
    body: HeadcountCreate, actor: ActorDep, service_: HeadcountsDep, response: Response
) -> HeadcountRead:
    """Say how many licensed people there are; it supersedes what was said before."""
    view = await service_.declare(actor, NewHeadcount(**body.model_dump()))
    response.headers["Location"] = "/api/v1/headcount-declarations"
    return _read(view)


@router.get(
    "/headcount-declarations",
    operation_id="list_headcount_declarations",
    summary="核定人数申报记录",
    **secured(Permission.OFFICER_READ, general.BAD_CURSOR),
)
async def list_headcount_declarations(
    actor: ActorDep, service_: HeadcountsDep, paging: PagingDep, wanted: FilterDep
) -> Page[HeadcountRead]:
    """Declarations of the own department (office and oversight: of the region), latest first."""
    cut = await service_.list(actor, paging, wanted)
    return page_of(cut, [_read(view) for view in cut.items])


@router.get(
    "/statistics/officer-coverage",
    operation_id="read_officer_coverage",
    summary="执法人员入库率",
    **secured(Permission.STATISTICS_READ),
)
async def read_officer_coverage(
    actor: ActorDep,
    service_: HeadcountsDep,
    department_code: base.Code | None = None,
) -> OfficerCoverageRead:
    """Declared, in the library, with a certificate today, missing; of the department or region."""
    today, found = await service_.coverage(actor, department_code)
    return OfficerCoverageRead(as_of=today, departments=[_department(one) for one in found])


@router.get(
    "/statistics/officer-coverage/officers",
    operation_id="list_officer_coverage_officers",
    summary="入库率所依据的人员",
    **secured(Permission.OFFICER_READ, general.BAD_CURSOR),
)
async def list_officer_coverage_officers(
    actor: ActorDep,
    service_: HeadcountsDep,
    paging: PagingDep,
    wanted: FilterDep,
    certified: Annotated[
        bool | None, Query(description="With (or without) a certificate that holds today.")
    ] = None,
) -> Page[OfficerRead]:
    """The officers behind `in_library` and `certified`."""
    cut = await service_.counted(actor, paging, wanted, certified)
    return page_of(cut, [officer_read(view) for view in cut.items])
