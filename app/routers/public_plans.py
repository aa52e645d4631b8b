"""Published plans, for everybody."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from app.deps import PagingDep, secured, service
from app.domain.actor import Permission
from app.domain.refusals import general
from app.public_cache import cached
from app.routers.plans import shape_task
from app.schemas.base import Code, RegionCode
from app.schemas.page import Page, page_of
from app.schemas.plans import PublicPlanDetail, PublicPlanRead, PublicTaskRead
from app.services.plans import PlanService

router = APIRouter(prefix="/api/v1/public", tags=["public"])
PlansDep = Annotated[PlanService, Depends(service(PlanService))]


@router.get(
    "/plans",
    operation_id="list_public_plans",
    summary="抽查计划公示",
    response_model=Page[PublicPlanRead],
    **secured(Permission.PUBLIC, general.BAD_CURSOR),
)
async def list_public_plans(
    request: Request,
    plans: PlansDep,
    paging: PagingDep,
    region_code: RegionCode | None = None,
    year: Annotated[int | None, Query(ge=2000, le=2200)] = None,
) -> Response:
    """Published plans of a region and below it."""
    cut = await plans.list_public(region_code, year, paging)
    page = page_of(cut, [PublicPlanRead.model_validate(plan) for plan in cut.items])
    return cached(request, page)


@router.get(
    "/plans/{plan_no}",
    operation_id="read_public_plan",
    summary="抽查计划公示详情",
    response_model=PublicPlanDetail,
    **secured(Permission.PUBLIC, general.NOT_FOUND),
)
async def read_public_plan(
    plan_no: Annotated[Code, Path()], request: Request, plans: PlansDep
) -> Response:
    """A published plan with its tasks."""
    view = await plans.get_public(plan_no)
    shaped = PublicPlanDetail.model_validate(view.plan)
    shaped.tasks = [
        PublicTaskRead.model_validate(shape_task(task).model_dump()) for task in view.tasks
    ]
    return cached(request, shaped)
