"""《执法检查表》 on paper: PDF of one, of many, and the public check behind the QR code."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.deps import ActorDep, IdPath, secured, service
from app.domain.actor import Permission
from app.domain.refusals import documents as refusals
from app.domain.refusals import general
from app.public_cache import cached
from app.schemas.base import Code, Sha256
from app.schemas.sheet_documents import SheetCheckRead, SheetDocumentsRequest
from app.services.sheet_documents import (
    SHEETS_AT_MOST,
    SHEETS_PER_PDF,
    SheetDocument,
    SheetDocumentService,
)

router = APIRouter(prefix="/api/v1", tags=["inspections"])
public = APIRouter(prefix="/api/v1/public", tags=["public"])
DocumentsDep = Annotated[SheetDocumentService, Depends(service(SheetDocumentService))]
PDF, ZIP = "application/pdf", "application/zip"


def _answers(options: dict[str, Any], *media_types: str) -> dict[str, Any]:
    """Document that the operation answers with a file."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    answer = {"description": "The file.", "content": dict.fromkeys(media_types, binary)}
    return options | {"responses": {200: answer} | options["responses"]}


def _file(document: SheetDocument) -> Response:
    headers = _download(document.name)
    if document.sha256 is not None:
        headers["X-Sheet-SHA256"] = document.sha256
    return Response(document.content, media_type=PDF, headers=headers)


def _download(name: str) -> dict[str, str]:
    # Names are sheet numbers: ASCII without quotes.
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }


@router.get(
    "/inspection-sheets/{sheet_id}/document",
    operation_id="print_inspection_sheet",
    summary="打印执法检查表(PDF)",
    response_class=Response,
    **_answers(
        secured(Permission.INSPECTION_READ, general.NOT_FOUND, refusals.CHARACTER_MISSING), PDF
    ),
)
async def print_inspection_sheet(
    sheet_id: IdPath, actor: ActorDep, documents: DocumentsDep
) -> Response:
    """One sheet with what is recorded so far and empty boxes for the rest; same data, same bytes.

    The header X-Sheet-SHA256 is the digest that the QR code on the sheet asks about.
    """
    return _file(await documents.print_one(actor, sheet_id))


@router.post(
    "/inspection-sheets/documents",
    operation_id="print_inspection_sheets",
    summary="批量打印执法检查表(PDF 或 ZIP)",
    response_class=Response,
    **_answers(
        secured(
            Permission.INSPECTION_READ,
            general.NOT_FOUND,
            refusals.TOO_MANY_SHEETS,
            refusals.CHARACTER_MISSING,
        ),
        PDF,
        ZIP,
    ),
)
async def print_inspection_sheets(
    body: SheetDocumentsRequest, actor: ActorDep, documents: DocumentsDep
) -> Response:
    """Sheets in order, as one PDF or as a zip of PDFs that is sent while it is made."""
    together = body.format == "pdf"
    limit = SHEETS_PER_PDF if together else SHEETS_AT_MOST
    sheets = await documents.gather(actor, body.sheet_ids or (), body.plan_task_id, limit)
    if together:
        return _file(await documents.print_together(sheets))
    return StreamingResponse(
        documents.pack(sheets, body.sheets_per_file),
        media_type=ZIP,
        headers=_download("inspection-sheets.zip"),
    )


@public.get(
    "/sheet-checks/{sheet_no}",
    operation_id="check_printed_sheet",
    summary="核验打印的执法检查表",
    response_model=SheetCheckRead,
    **secured(Permission.PUBLIC, general.NOT_FOUND),
)
async def check_printed_sheet(
    sheet_no: Annotated[Code, Path(examples=["150525-SCJG-2026-01-T01-D1-0001"])],
    sha256: Annotated[Sha256, Query(description="The digest that the QR code carries.")],
    request: Request,
    documents: DocumentsDep,
) -> Response:
    """Whether a sheet printed now would be the same; tells nothing of what stands on it."""
    current = await documents.is_current(sheet_no, sha256)
    return cached(request, SheetCheckRead(sheet_no=sheet_no, sha256=sha256, current=current))
