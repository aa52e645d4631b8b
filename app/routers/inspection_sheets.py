"""《执法检查表》: read by departments with a section in it and by the region's readers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from app.deps import ActorDep, IdPath, PagingDep, secured, service
from app.domain.actor import Permission
from app.domain.refusals import general
from app.routers.inspection_shapes import sheet_read, sheet_summary
from app.schemas.base import Code
from app.schemas.inspection_sheets import SheetRead, SheetSummaryRead
from app.schemas.page import Page, page_of
from app.services.inspections import InspectionService

router = APIRouter(prefix="/api/v1", tags=["inspections"])
InspectionsDep = Annotated[InspectionService, Depends(service(InspectionService))]


@router.get(
    "/inspection-sheets",
    operation_id="list_inspection_sheets",
    summary="执法检查表列表",
    **secured(Permission.INSPECTION_READ, general.BAD_CURSOR),
)
async def list_inspection_sheets(
    actor: ActorDep,
    inspections: InspectionsDep,
    paging: PagingDep,
    object_code: Code | None = None,
    plan_task_id: UUID | None = None,
) -> Page[SheetSummaryRead]:
    """Sheets in order of making, with the state of their sections."""
    cut, found = await inspections.list_sheets(actor, paging, object_code, plan_task_id)
    return page_of(cut, [sheet_summary(summary) for summary in found])


@router.get(
    "/inspection-sheets/{sheet_id}",
    operation_id="read_inspection_sheet",
    summary="执法检查表",
    **secured(Permission.INSPECTION_READ, general.NOT_FOUND),
)
async def read_inspection_sheet(
    sheet_id: IdPath, actor: ActorDep, inspections: InspectionsDep
) -> SheetRead:
    """One object's sheet: items with legal bases and key points, teams, deadline, sections."""
    return sheet_read(await inspections.get_sheet(actor, sheet_id), actor)
