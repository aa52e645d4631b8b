"""Long work: accepted here, followed and cancelled at /operations."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse, StreamingResponse

from app.deps import ActorDep, IdPath, PagingDep, RuntimeDep, secured, service
from app.domain.actor import Actor, Permission
from app.domain.errors import CATALOGUE
from app.domain.library_actions import OPERATION, OperationFacts
from app.domain.operations import OperationKind, OperationStatus, is_over, pace_of
from app.domain.refusals import documents, general
from app.domain.refusals import operations as refusals
from app.idempotency import KeyedRoute, Once
from app.models.operation import Operation
from app.problems import STATUS
from app.schemas.actions import allowed_actions
from app.schemas.imports import ImportRead, kept_import, shape_import
from app.schemas.operations import OperationProblemRead, OperationRead
from app.schemas.page import Page, page_of
from app.schemas.sheet_documents import SheetDocumentsRequest
from app.services.operations import OperationService, SheetOrder
from app.services.runtime import Runtime
from app.storage.operations import OperationFilter

router = APIRouter(prefix="/api/v1", tags=["operations"], route_class=KeyedRoute)
OperationsDep = Annotated[OperationService, Depends(service(OperationService))]
RETRY_AFTER = "1"
_SAME = (
    "id", "kind", "status", "done", "total", "attempts", "file_name", "created_at", "started_at",
    "ended_at", "summary",
)  # fmt: skip
_WHERE: dict[str, Any] = {
    "Location": {
        "description": "The operation that does it.",
        "schema": {"type": "string", "maxLength": 200},
    },
    "Retry-After": {
        "description": "Seconds after which it is worth asking how far it is.",
        "schema": {"type": "string", "pattern": "^[0-9]+$", "maxLength": 6},
    },
}
_ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": OperationRead, "description": "Accepted.", "headers": _WHERE}
}


def accepted(
    operation: Operation, actor: Actor, runtime: Runtime, headers: dict[str, str]
) -> Response:
    """202: where the operation is that will do it."""
    made = shape_operation(operation, actor, runtime)
    where = {"Location": f"/api/v1/operations/{made.id}", "Retry-After": RETRY_AFTER}
    return JSONResponse(made.model_dump(mode="json"), 202, where | headers)


def shape_operation(operation: Operation, actor: Actor, runtime: Runtime) -> OperationRead:
    """The wire shape of an operation, with its pace as of now."""
    until = operation.ended_at or runtime.clock.now()
    pace = pace_of(operation.done, operation.total, operation.started_at, until)
    over = is_over(operation.status)
    return OperationRead.model_validate(
        {name: getattr(operation, name) for name in _SAME}
        | {
            "rate": pace.rate,
            "remaining_seconds": None if over else pace.remaining_seconds,
            "cancel_requested": operation.cancel_requested_at is not None,
            "created_by": operation.account_id,
            "allowed_actions": allowed_actions(OPERATION, OperationFacts(operation.status), actor),
            "problem": None if operation.problem is None else _problem(operation.problem),
        }
    )


def _problem(kept: dict[str, Any]) -> OperationProblemRead:
    # A release may have dropped the refusal that an older one gave.
    refusal = CATALOGUE.get(kept["code"], general.INTERNAL)
    texts = {language: refusal.text(language, kept["facts"])[:2000] for language in ("zh", "en")}
    return OperationProblemRead(
        code=refusal.code, status=STATUS[refusal.kind], messages=texts, facts=kept["facts"]
    )


@router.get(
    "/operations",
    operation_id="list_operations",
    summary="后台任务列表",
    **secured(Permission.OPERATION_READ, general.BAD_CURSOR),
)
async def list_operations(
    actor: ActorDep,
    operations: OperationsDep,
    runtime: RuntimeDep,
    paging: PagingDep,
    status: OperationStatus | None = None,
    kind: OperationKind | None = None,
) -> Page[OperationRead]:
    """Operations of the own department, newest first."""
    cut = await operations.list(actor, paging, OperationFilter(status, kind))
    return page_of(cut, [shape_operation(one, actor, runtime) for one in cut.items])


@router.get(
    "/operations/{operation_id}",
    operation_id="read_operation",
    summary="后台任务进度",
    **secured(Permission.OPERATION_READ, general.NOT_FOUND),
)
async def read_operation(
    operation_id: IdPath,
    actor: ActorDep,
    operations: OperationsDep,
    runtime: RuntimeDep,
    response: Response,
) -> OperationRead:
    """How far it is; `Retry-After` is there until it is over."""
    operation = await operations.get(actor, operation_id)
    if not is_over(operation.status):
        response.headers["Retry-After"] = RETRY_AFTER
    return shape_operation(operation, actor, runtime)


@router.post(
    "/operations/{operation_id}/cancel",
    operation_id="cancel_operation",
    summary="取消后台任务",
    **secured(
        Permission.OPERATION_CANCEL,
        general.NOT_FOUND,
        general.CONFLICT,
        refusals.OPERATION_OVER,
        once=Once.ACCEPTED,
    ),
)
async def cancel_operation(
    operation_id: IdPath, actor: ActorDep, operations: OperationsDep, runtime: RuntimeDep
) -> OperationRead:
    """Let it end without effect: at once if it waits, else before it commits.

    After this answer it can not succeed any more; `status` says when it has ended.
    """
    return shape_operation(await operations.cancel(actor, operation_id), actor, runtime)


def _files(options: dict[str, Any]) -> dict[str, Any]:
    """Document that the operation answers with an import, or with a file."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = dict.fromkeys(("application/pdf", "application/zip"), binary)
    answer = {"description": "What the import did; or the file that was made.", "content": content}
    return options | {
        "responses": {200: answer} | options["responses"],
        "response_model": ImportRead,
    }


@router.get(
    "/operations/{operation_id}/result",
    operation_id="read_operation_result",
    summary="后台任务结果",
    **_files(
        secured(
            Permission.OPERATION_READ,
            general.NOT_FOUND,
            refusals.OPERATION_NOT_OVER,
            refusals.OPERATION_WITHOUT_RESULT,
            refusals.OPERATION_RESULT_GONE,
            refusals.RESULT_OF_ANOTHER,
        )
    ),
)
async def read_operation_result(
    operation_id: IdPath, actor: ActorDep, operations: OperationsDep
) -> Any:
    """What an import says row by row, or the printed sheets (for who ordered them); for 7 days."""
    operation = await operations.with_result(actor, operation_id)
    result = operation.result or {}
    if "media_type" not in result:
        return shape_import(kept_import(result))
    return StreamingResponse(
        operations.result_file(operation),
        media_type=result["media_type"],
        headers={
            "Content-Disposition": f'attachment; filename="{result["name"]}"',
            "Content-Length": str(result["bytes"]),
            "Cache-Control": "private, no-store",
        },
    )


def accepting(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a route that may answer with an operation."""
    return options | {"responses": _ACCEPTED | options["responses"]}


@router.post(
    "/inspection-sheets/documents/batches",
    operation_id="order_inspection_sheets",
    summary="后台批量打印执法检查表(PDF 或 ZIP)",
    status_code=202,
    **accepting(
        secured(
            Permission.INSPECTION_READ,
            general.NOT_FOUND,
            documents.TOO_MANY_SHEETS,
            once=Once.REQUIRED,
        )
    ),
)
async def order_inspection_sheets(
    body: SheetDocumentsRequest, actor: ActorDep, operations: OperationsDep, runtime: RuntimeDep
) -> Response:
    """Print sheets as an operation: its result is the PDF, or the zip of PDFs."""
    order = SheetOrder(
        tuple(body.sheet_ids or ()), body.plan_task_id, body.format, body.sheets_per_file
    )
    return accepted(await operations.accept_sheets(actor, order), actor, runtime, {})
