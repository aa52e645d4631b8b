"""Published checklists, for everybody (R01)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.deps import IdPath, PagingDep, secured, service
from app.domain.actor import Permission
from app.domain.refusals import general
from app.public_cache import cached
from app.routers.checklists import shape_detail, shape_version
from app.schemas.base import Code, RegionCode
from app.schemas.checklists import VersionDetail, VersionRead
from app.schemas.page import Page, page_of
from app.services.checklist_versions import ChecklistVersionService

router = APIRouter(prefix="/api/v1/public", tags=["public"])
VersionsDep = Annotated[ChecklistVersionService, Depends(service(ChecklistVersionService))]


@router.get(
    "/checklist-versions",
    operation_id="list_public_checklist_versions",
    summary="随机抽查事项清单公示",
    response_model=Page[VersionRead],
    **secured(Permission.PUBLIC, general.BAD_CURSOR),
)
async def list_public_checklist_versions(
    request: Request,
    versions: VersionsDep,
    paging: PagingDep,
    region_code: RegionCode | None = None,
    department_code: Code | None = None,
    *,
    current_only: bool = False,
) -> Response:
    """Published lists, newest first; old versions stay to be seen."""
    cut = await versions.list(
        paging,
        region_code=region_code,
        department_code=department_code,
        current_only=current_only,
    )
    return cached(request, page_of(cut, [shape_version(row) for row in cut.items]))


@router.get(
    "/checklist-versions/{version_id}",
    operation_id="read_public_checklist_version",
    summary="随机抽查事项清单公示详情",
    response_model=VersionDetail,
    **secured(Permission.PUBLIC, general.NOT_FOUND),
)
async def read_public_checklist_version(
    version_id: IdPath, request: Request, versions: VersionsDep
) -> Response:
    """A published list with its items as they were published."""
    return cached(request, shape_detail(await versions.get(version_id)))
