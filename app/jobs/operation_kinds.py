"""What each kind of operation does, as one attempt at it."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from typing import IO, Protocol
from uuid import UUID

from app.domain.actor import Actor
from app.domain.errors import RuleError
from app.domain.imports import ImportMode
from app.domain.operations import PERMISSION_FOR, OperationKind
from app.domain.refusals import general
from app.services.checklist_import import ChecklistImportService
from app.services.event_import import EventImportService
from app.services.joint_item_import import JointItemImportService
from app.services.object_import import ObjectImportService
from app.services.officer_import import OfficerImportService
from app.services.operation_runs import Attempt
from app.services.runtime import Runtime
from app.services.sheet_documents import SHEETS_AT_MOST, SHEETS_PER_PDF, SheetDocumentService
from app.services.spreadsheets import ImportOutcome, ImportWatch, Manner, Upload


class _Import(Protocol):
    async def run(
        self, actor: Actor, upload: Upload, manner: Manner, watch: ImportWatch
    ) -> ImportOutcome: ...


_IMPORTS: dict[OperationKind, Callable[[Runtime], _Import]] = {
    OperationKind.OBJECT_IMPORT: ObjectImportService,
    OperationKind.OBJECT_EVENT_IMPORT: EventImportService,
    OperationKind.OFFICER_IMPORT: OfficerImportService,
    OperationKind.CHECKLIST_IMPORT: ChecklistImportService,
    OperationKind.JOINT_ITEM_IMPORT: JointItemImportService,
}
_IN_MEMORY = 8 << 20
"""Bytes of a document above which it is written to a temporary file while it is made."""


async def work_on(runtime: Runtime, attempt: Attempt) -> None:
    """Do it to its end, in one transaction; raises what stands in the way."""
    permission = PERMISSION_FOR[attempt.kind]
    if not attempt.actor.may(permission):
        raise RuleError(general.FORBIDDEN, permission=permission.value)
    await attempt.step(0, None)
    await _WORK[attempt.kind](runtime, attempt)


async def _import_file(runtime: Runtime, attempt: Attempt) -> None:
    service = _IMPORTS[attempt.kind](runtime)
    # An operation that an older release accepted names no mode.
    mode = ImportMode(attempt.params.get("mode", ImportMode.PARTIAL))
    await service.run(attempt.actor, await attempt.upload(), Manner(mode=mode), attempt)


async def _print_sheets(runtime: Runtime, attempt: Attempt) -> None:
    documents = SheetDocumentService(runtime)
    params = attempt.params
    together = params["format"] == "pdf"
    task = None if params["plan_task_id"] is None else UUID(params["plan_task_id"])
    sheets = await documents.gather(
        attempt.actor,
        [UUID(one) for one in params["sheet_ids"]],
        task,
        SHEETS_PER_PDF if together else SHEETS_AT_MOST,
    )
    total = len(sheets)
    await attempt.step(0, total)
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        if together:
            document = await documents.print_together(sheets)
            name, media_type = document.name, "application/pdf"
            await _write(file, document.content)
            await attempt.step(total, total)
        else:
            name, media_type = "inspection-sheets.zip", "application/zip"
            per_file, done = params["sheets_per_file"], 0
            async for piece in documents.pack(sheets, per_file):
                await _write(file, piece)
                done = min(done + per_file, total)
                await attempt.step(done, total)
        size = file.tell()
        await attempt.finish_with_file(
            file,
            {"name": name, "media_type": media_type, "bytes": size},
            {"sheets": total, "bytes": size},
        )


async def _write(file: IO[bytes], piece: bytes) -> None:
    await asyncio.to_thread(file.write, piece)


_WORK: dict[OperationKind, Callable[[Runtime, Attempt], Awaitable[None]]] = {
    **dict.fromkeys(_IMPORTS, _import_file),
    OperationKind.SHEET_BATCH: _print_sheets,
}
