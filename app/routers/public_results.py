"""What everybody may read of inspections: published results and publication rates. Anonymous."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.deps import IdPath, PagingDep, secured, service
from app.domain.actor import Permission
from app.domain.publication import Rate
from app.domain.refusals import general
from app.public_cache import cached
from app.schemas.base import Code, RegionCode
from app.schemas.base import Query as SearchText
from app.schemas.page import Page, page_of
from app.schemas.publications import (
    PublicationRateRead,
    PublicResultRead,
    RateRead,
)
from app.schemas.reference import Year
from app.services.publications import PublicationService
from app.services.rates import RateService, RateView
from app.storage.publications import PublishedResult, ResultFilter
from app.storage.rates import RateFilter

router = APIRouter(prefix="/api/v1/public", tags=["public"])
PublicationsDep = Annotated[PublicationService, Depends(service(PublicationService))]
RatesDep = Annotated[RateService, Depends(service(RateService))]


def result_read(found: PublishedResult) -> PublicResultRead:
    """A publication as the public sees it; built field by field, so nothing else gets out."""
    publication, department = found.publication, found.department
    return PublicResultRead.model_validate(
        {
            "id": publication.id,
            "inspection_id": publication.inspection_id,
            "version": publication.version,
            "region_code": publication.region_code,
            "department_code": department.code,
            "department_name": department.name,
            "object_code": publication.object_code,
            "object_name": publication.object_name,
            "plan_no": publication.plan_no,
            "result_code": publication.result_code,
            "ended_on": found.inspection.ended_on,
            "due_on": found.inspection.due_on,
            "published_at": publication.published_at,
            "platform_receipt_no": publication.platform_receipt_no,
            "content": publication.content,
        }
    )


def rate_read(rate: Rate) -> RateRead:
    """An exact share on the wire."""
    return RateRead(
        numerator=rate.numerator,
        denominator=rate.denominator,
        fraction=rate.text,
        percent=rate.percent,
        full=rate.is_full,
    )


def rates_read(view: RateView) -> PublicationRateRead:
    """Figures on the wire."""
    tally = view.figures.tally
    return PublicationRateRead(
        as_of=view.as_of,
        publication_rate=rate_read(tally.publication_rate),
        completion_rate=rate_read(tally.completion_rate),
        on_time_rate=rate_read(tally.on_time_rate),
        sheets=rate_read(view.figures.sheets),
        plan_tasks=rate_read(view.figures.tasks),
        void=tally.void,
    )


def result_filter(
    region_code: Annotated[RegionCode | None, Query()] = None,
    object_code: Annotated[Code | None, Query()] = None,
    department_code: Annotated[Code | None, Query()] = None,
    plan_no: Annotated[Code | None, Query()] = None,
    q: Annotated[SearchText | None, Query(description="Part of the object's name.")] = None,
) -> ResultFilter:
    """What the list of results is narrowed to."""
    return ResultFilter(region_code, object_code, department_code, plan_no, q)


def rate_filter(
    region_code: Annotated[RegionCode | None, Query()] = None,
    department_code: Annotated[Code | None, Query()] = None,
    year: Annotated[Year | None, Query(description="The plan's.")] = None,
    plan_no: Annotated[Code | None, Query()] = None,
    plan_task: Annotated[Code | None, Query(description="The plan task's code.")] = None,
) -> RateFilter:
    """What figures are narrowed to."""
    return RateFilter(region_code, department_code, year, plan_no, plan_task)


ResultFilterDep = Annotated[ResultFilter, Depends(result_filter)]
RateFilterDep = Annotated[RateFilter, Depends(rate_filter)]


@router.get(
    "/results",
    operation_id="list_public_results",
    summary="检查结果公示",
    response_model=Page[PublicResultRead],
    **secured(Permission.PUBLIC, general.BAD_CURSOR),
)
async def list_public_results(
    request: Request, filters: ResultFilterDep, paging: PagingDep, publications: PublicationsDep
) -> Response:
    """Published results, newest first."""
    cut, found = await publications.list(filters, paging)
    return cached(request, page_of(cut, [result_read(one) for one in found]))


@router.get(
    "/results/{publication_id}",
    operation_id="read_public_result",
    summary="检查结果公示详情",
    response_model=PublicResultRead,
    **secured(Permission.PUBLIC, general.NOT_FOUND),
)
async def read_public_result(
    request: Request, publication_id: IdPath, publications: PublicationsDep
) -> Response:
    """One published result, as it was published."""
    return cached(request, result_read(await publications.get(publication_id)))


@router.get(
    "/publication-rate",
    operation_id="read_public_publication_rate",
    summary="公示率",
    response_model=PublicationRateRead,
    **secured(Permission.PUBLIC),
)
async def read_public_publication_rate(
    request: Request, filters: RateFilterDep, rates: RatesDep
) -> Response:
    """公示率, 检查完成率 and 按期公示率 as exact fractions (R19, R20)."""
    return cached(request, rates_read(await rates.public(filters)))
