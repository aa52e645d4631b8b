"""How a route imports a file: at once or as an operation, dry or not, all or what can be taken."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import IO, Annotated, Any

from fastapi import Depends, Header, Query, Response
from fastapi.responses import StreamingResponse

from app.deps import ActorDep, RuntimeDep
from app.domain.actor import Actor, Permission
from app.domain.imports import ImportKind, ImportMode
from app.domain.operations import OperationKind
from app.routers.operations import accepted, accepting
from app.schemas.imports import ImportRead, shape_import
from app.services.import_batches import mark_copy
from app.services.operations import OperationService
from app.services.runtime import Runtime
from app.services.spreadsheets import ImportOutcome, Manner, Upload
from app.tabular.extent import MAX_LINES

RESPOND_ASYNC = "respond-async"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECE = 1 << 16
_OPERATIONS = {
    ImportKind.OBJECT: OperationKind.OBJECT_IMPORT,
    ImportKind.OBJECT_EVENT: OperationKind.OBJECT_EVENT_IMPORT,
    ImportKind.OFFICER: OperationKind.OFFICER_IMPORT,
    ImportKind.CHECKLIST: OperationKind.CHECKLIST_IMPORT,
    ImportKind.JOINT_ITEM: OperationKind.JOINT_ITEM_IMPORT,
}
_MARKED = {
    200: {
        "description": "What the import did or, of a dry run, the file with its faults marked.",
        "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}},
    }
}
Run = Callable[[Actor, Upload, Manner], Awaitable[ImportOutcome]]


class ImportRequest:
    """An import as it was asked for."""

    def __init__(
        self, runtime: Runtime, manner: Manner, from_row: int, *, deferred: bool, marked: bool
    ) -> None:
        self._runtime = runtime
        self._manner = manner
        self._from_row = from_row
        self._deferred = deferred
        self._marked = marked

    async def __call__(self, actor: Actor, kind: ImportKind, upload: Upload, run: Run) -> Any:
        """Do it, or queue it (202); a dry run may answer with the marked copy."""
        if self._deferred:
            operation = await OperationService(self._runtime).accept_import(
                actor, _OPERATIONS[kind], upload, self._manner.mode
            )
            applied = {"Preference-Applied": RESPOND_ASYNC}
            return accepted(operation, actor, self._runtime, applied)
        outcome = await run(actor, upload, self._manner)
        if self._marked:
            return marked_answer(await asyncio.to_thread(mark_copy, kind, upload, outcome.verdicts))
        return shape_import(outcome, self._from_row)


def import_request(
    actor: ActorDep,
    runtime: RuntimeDep,
    prefer: Annotated[
        str | None,
        Header(
            max_length=200,
            description="`respond-async` (RFC 7240): be answered at once with 202 and an operation"
            " that does it; without it the answer waits for the end. A dry run always waits, and"
            " so does who may not read operations: they could never learn what came of it.",
        ),
    ] = None,
    accept: Annotated[
        str | None,
        Header(
            max_length=500,
            description=f"`{XLSX}`: be answered, for a dry run, with the file itself, its faults"
            " marked in place.",
        ),
    ] = None,
    *,
    dry_run: Annotated[bool, Query(description="Say what would happen; store nothing.")] = False,
    mode: Annotated[
        ImportMode,
        Query(description="`atomic`: one rejected row refuses the whole file."),
    ] = ImportMode.PARTIAL,
    from_row: Annotated[
        int,
        Query(
            ge=1, le=MAX_LINES, description="List the verdicts of this row and of those below it."
        ),
    ] = 1,
) -> ImportRequest:
    """What the caller wishes."""
    wishes = {wish.partition(";")[0].strip().lower() for wish in (prefer or "").split(",")}
    granted = not dry_run and actor.may(Permission.OPERATION_READ)
    types = {one.partition(";")[0].strip().lower() for one in (accept or "").split(",")}
    return ImportRequest(
        runtime,
        Manner(dry_run, mode),
        from_row,
        deferred=RESPOND_ASYNC in wishes and granted,
        marked=dry_run and XLSX in types,
    )


ImportRequestDep = Annotated[ImportRequest, Depends(import_request)]


def importing(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a route that imports: it may answer with an operation or a file, too."""
    options = accepting(options)
    return options | {
        "responses": _MARKED | options["responses"],
        "response_model": ImportRead,
    }


def marked_answer(file: IO[bytes]) -> Response:
    """A marked copy, sent piece by piece."""
    size = file.seek(0, 2)
    file.seek(0)
    return StreamingResponse(
        _pieces(file),
        media_type=XLSX,
        headers={
            "Content-Disposition": 'attachment; filename="marked-copy.xlsx"',
            "Content-Length": str(size),
            "Cache-Control": "private, no-store",
        },
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
