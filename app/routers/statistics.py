"""Figures for departments, office and oversight, each with the ids behind it (DOMAIN s.6.3)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.deps import ActorDep, PagingDep, secured, service
from app.domain.actor import Permission
from app.domain.refusals import general
from app.routers.inspection_shapes import inspection_summary
from app.routers.public_results import RateFilterDep, rates_read
from app.schemas.inspections import InspectionSummaryRead
from app.schemas.page import Page, page_of
from app.schemas.publications import PublicationRateRead
from app.services.rates import RateService
from app.storage.rates import Part

router = APIRouter(prefix="/api/v1/statistics", tags=["statistics"])
RatesDep = Annotated[RateService, Depends(service(RateService))]


@router.get(
    "/publication-rate",
    operation_id="read_publication_rate",
    summary="公示率(本单位或者全区域)",
    **secured(Permission.STATISTICS_READ),
)
async def read_publication_rate(
    actor: ActorDep, filters: RateFilterDep, rates: RatesDep
) -> PublicationRateRead:
    """The figures of the caller's department, or of the region for its readers."""
    return rates_read(await rates.own(actor, filters))


@router.get(
    "/publication-rate/inspections",
    operation_id="list_publication_rate_inspections",
    summary="公示率所依据的检查",
    **secured(Permission.STATISTICS_READ, general.BAD_CURSOR),
)
async def list_publication_rate_inspections(
    actor: ActorDep,
    filters: RateFilterDep,
    rates: RatesDep,
    paging: PagingDep,
    part: Annotated[Part, Query(description="Whose count stands in a figure.")] = Part.ENDED,
) -> Page[InspectionSummaryRead]:
    """The inspections behind a numerator or denominator, or those that keep it from 100 %."""
    cut, found = await rates.counted(actor, filters, part, paging)
    return page_of(cut, [inspection_summary(section) for section in found])
