"""Import batches: what each file made, every verdict on its rows, the marked copy, undoing it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.imports import ImportKind, ImportStatus, RowOutcome
from app.domain.library_actions import IMPORT_BATCH
from app.domain.refusals import general
from app.domain.refusals import imports as refusals
from app.idempotency import KeyedRoute, Once
from app.models.import_batch import ImportBatch
from app.routers.importing import XLSX, marked_answer
from app.schemas.actions import allowed_actions
from app.schemas.import_batches import ImportBatchRead, ImportUndo, ImportVerdictRead
from app.schemas.page import Page, page_of
from app.services.import_batches import ImportBatchService, facts_of
from app.storage.import_batches import BatchFilter

router = APIRouter(prefix="/api/v1", tags=["imports"], route_class=KeyedRoute)
BatchesDep = Annotated[ImportBatchService, Depends(service(ImportBatchService))]


def _shape(batch: ImportBatch, actor: Actor) -> ImportBatchRead:
    shaped = ImportBatchRead.model_validate(batch)
    shaped.allowed_actions = allowed_actions(IMPORT_BATCH, facts_of(batch), actor)
    return shaped


@router.get(
    "/import-batches",
    operation_id="list_import_batches",
    summary="导入批次列表",
    **secured(Permission.OPERATION_READ, general.BAD_CURSOR),
)
async def list_import_batches(
    actor: ActorDep,
    batches: BatchesDep,
    paging: PagingDep,
    kind: ImportKind | None = None,
    status: ImportStatus | None = None,
    operation_id: Annotated[UUID | None, Query(description="The batch of this operation.")] = None,
) -> Page[ImportBatchRead]:
    """Batches of the own department, newest first."""
    cut = await batches.list(actor, paging, BatchFilter(kind, status, operation_id))
    return page_of(cut, [_shape(batch, actor) for batch in cut.items])


@router.get(
    "/import-batches/{batch_id}",
    operation_id="read_import_batch",
    summary="导入批次详情",
    **secured(Permission.OPERATION_READ, general.NOT_FOUND),
)
async def read_import_batch(
    batch_id: IdPath, actor: ActorDep, batches: BatchesDep, response: Response
) -> ImportBatchRead:
    """What a file made; its ETag is what undoing it asks for."""
    batch = await batches.get(actor, batch_id)
    set_etag(response, batch.row_version)
    return _shape(batch, actor)


@router.get(
    "/import-batches/{batch_id}/verdicts",
    operation_id="list_import_verdicts",
    summary="导入逐行结果",
    **secured(
        Permission.OPERATION_READ,
        general.NOT_FOUND,
        general.BAD_CURSOR,
        refusals.BATCH_VERDICTS_GONE,
    ),
)
async def list_import_verdicts(
    batch_id: IdPath,
    actor: ActorDep,
    batches: BatchesDep,
    paging: PagingDep,
    outcome: Annotated[
        RowOutcome | None, Query(description="Only what was said to this effect.")
    ] = None,
) -> Page[ImportVerdictRead]:
    """Every verdict in the order of the sheet, for 90 days; plain acceptances are not listed."""
    cut = await batches.verdicts(actor, batch_id, paging, outcome)
    return page_of(cut, [ImportVerdictRead.model_validate(verdict) for verdict in cut.items])


def _file(options: dict[str, Any]) -> dict[str, Any]:
    binary = {XLSX: {"schema": {"type": "string", "format": "binary"}}}
    answer = {"description": "The file as xlsx, with its faults marked.", "content": binary}
    return options | {
        "responses": {200: answer} | options["responses"],
        "response_class": Response,
    }


@router.get(
    "/import-batches/{batch_id}/marked-copy",
    operation_id="read_marked_copy",
    summary="下载标注了问题的导入文件(xlsx)",
    **_file(
        secured(
            Permission.OPERATION_READ,
            general.NOT_FOUND,
            refusals.BATCH_FILE_GONE,
        )
    ),
)
async def read_marked_copy(batch_id: IdPath, actor: ActorDep, batches: BatchesDep) -> Response:
    """The uploaded file with bad cells coloured and a last column 「问题」; for 7 days."""
    return marked_answer(await batches.marked_copy(actor, batch_id))


@router.post(
    "/import-batches/{batch_id}/undo",
    operation_id="undo_import_batch",
    summary="整批撤销导入",
    **secured(
        Permission.IMPORT_UNDO,
        general.NOT_FOUND,
        refusals.BATCH_NOT_STORED,
        refusals.BATCH_IN_USE,
        refusals.BATCH_IN_POOL,
        refusals.EVENTS_STAY,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def undo_import_batch(
    batch_id: IdPath,
    body: ImportUndo,
    version: IfMatch,
    actor: ActorDep,
    batches: BatchesDep,
    response: Response,
) -> ImportBatchRead:
    """Delete all that the batch made, while nothing depends on any of it; else nothing is."""
    batch = await batches.undo(actor, batch_id, body.reason, version)
    set_etag(response, batch.row_version)
    return _shape(batch, actor)
