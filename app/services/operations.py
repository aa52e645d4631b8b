"""Long work as its callers see it: asked for, followed, cancelled, its result taken away.

That it was accepted, the uploaded file and the job are one transaction. Does none of the work.
"""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from app.domain.actions import require
from app.domain.actor import Actor, Permission
from app.domain.errors import RuleError
from app.domain.imports import ImportMode
from app.domain.library_actions import OPERATION, OperationFacts
from app.domain.operations import (
    PERMISSION_FOR,
    RESULT_FOR_MAKER_ONLY,
    OperationKind,
    OperationStatus,
    is_over,
)
from app.domain.refusals import documents, general
from app.domain.refusals import operations as refusals
from app.models.operation import Operation
from app.services.runtime import Runtime
from app.services.sheet_documents import SHEETS_AT_MOST, SHEETS_PER_PDF
from app.services.spreadsheets import Upload
from app.storage import job_queue, sheet_documents
from app.storage import operations as storage
from app.storage.operations import OperationFilter
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class SheetOrder:
    """Which sheets are to be printed, and how."""

    sheet_ids: tuple[UUID, ...]
    plan_task_id: UUID | None
    format: str
    sheets_per_file: int


class OperationService:
    """Use cases of who asks for long work."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def accept_import(
        self, actor: Actor, kind: OperationKind, upload: Upload, mode: ImportMode
    ) -> Operation:
        """Keep the file and queue its import; imports of one department are done one by one."""
        async with self._db.unit_of_work(actor) as uow:
            params = {"mode": mode.value}
            operation = await self._add(uow, kind, params, file_name=upload.shown_name)
            pieces = (
                upload.data[start : start + storage.PIECE]
                for start in range(0, len(upload.data), storage.PIECE)
            )
            await storage.add_file(uow.session, operation.id, storage.INPUT, pieces)
            await _queue(uow, operation, lock=f"import/{operation.department_id}")
            uow.audit(
                "operation.queued",
                "operation",
                operation.id,
                after={"kind": kind, "mode": mode},
                file_sha256=upload.sha256,
            )
        return operation

    async def accept_sheets(self, actor: Actor, order: SheetOrder) -> Operation:
        """Queue the printing of sheets; raises not-found for one that the caller may not know."""
        async with self._db.unit_of_work(actor) as uow:
            count = await _count(uow, order)
            if count > (SHEETS_PER_PDF if order.format == "pdf" else SHEETS_AT_MOST):
                raise RuleError(
                    documents.TOO_MANY_SHEETS,
                    count=count,
                    limit=SHEETS_AT_MOST,
                    pdf_limit=SHEETS_PER_PDF,
                )
            params = asdict(order) | {
                "sheet_ids": [str(one) for one in order.sheet_ids],
                "plan_task_id": None if order.plan_task_id is None else str(order.plan_task_id),
            }
            operation = await self._add(uow, OperationKind.SHEET_BATCH, params)
            await _queue(uow, operation, lock=None)
            after = {"kind": operation.kind, "plan_task_id": params["plan_task_id"]}
            after["sheets"] = count
            uow.audit("operation.queued", "operation", operation.id, after=after)
        return operation

    async def get(self, actor: Actor, operation_id: UUID) -> Operation:
        """An operation of the own department; raises not-found."""
        async with self._db.reading() as session:
            return await storage.get_operation(session, operation_id, actor.scope)

    async def list(self, actor: Actor, paging: Paging, wanted: OperationFilter) -> Slice[Operation]:
        """Operations of the own department, newest first."""
        async with self._db.reading() as session:
            return await storage.list_operations(session, actor.scope, paging, wanted)

    async def cancel(self, actor: Actor, operation_id: UUID) -> Operation:
        """End what has not begun; let what is being done stop before it commits."""
        async with self._db.unit_of_work(actor) as uow:
            operation = await storage.lock_operation(uow.session, operation_id, actor.scope)
            require(OPERATION, "cancel_operation", OperationFacts(operation.status), actor)
            operation.cancel_requested_at = operation.cancel_requested_at or uow.now
            before = {"status": operation.status}
            if operation.status is OperationStatus.QUEUED:
                operation.status = OperationStatus.CANCELLED
                operation.ended_at = uow.now
                await storage.delete_files(uow.session, operation.id, storage.INPUT)
                if operation.job_id is not None:
                    await job_queue.withdraw(uow.session, operation.job_id)
                uow.audit("operation.cancelled", "operation", operation.id, before=before)
            else:
                uow.audit("operation.cancel_requested", "operation", operation.id, before=before)
        return operation

    async def with_result(self, actor: Actor, operation_id: UUID) -> Operation:
        """An operation whose result may be taken; raises why it may not."""
        operation = await self.get(actor, operation_id)
        if operation.kind in RESULT_FOR_MAKER_ONLY:
            if operation.account_id != actor.account_id:
                raise RuleError(refusals.RESULT_OF_ANOTHER)
            permission = PERMISSION_FOR[operation.kind]
            if not actor.may(permission):  # taken away since it was asked for
                raise RuleError(general.FORBIDDEN, permission=permission.value)
        if not is_over(operation.status):
            raise RuleError(refusals.OPERATION_NOT_OVER, status=operation.status.value)
        if operation.status is not OperationStatus.SUCCEEDED:
            raise RuleError(refusals.OPERATION_WITHOUT_RESULT, status=operation.status.value)
        if operation.forgotten_at is not None:
            raise RuleError(refusals.OPERATION_RESULT_GONE)
        return operation

    async def result_file(self, operation: Operation) -> AsyncIterator[bytes]:
        """The file that an operation made, piece by piece."""
        async with self._db.reading() as session:
            async for piece in storage.read_file(session, operation.id, storage.RESULT):
                yield piece

    async def forget_old(self) -> int:
        """Delete what is too old; nobody's act."""
        async with self._db.bookkeeping() as session:
            return await storage.forget_old(session, self._db.clock.now())

    async def take_back_stalled(self, seconds: float) -> int:
        """Queue again what dead workers had begun; nobody's act."""
        async with self._db.bookkeeping() as session:
            return await job_queue.take_back_stalled(session, seconds)

    async def _add(
        self,
        uow: UnitOfWork,
        kind: OperationKind,
        params: dict[str, Any],
        file_name: str | None = None,
    ) -> Operation:
        operation = Operation(
            id=uow.new_id(),
            kind=kind,
            status=OperationStatus.QUEUED,
            department_id=uow.actor.acts_for(Permission.OPERATION_READ),
            account_id=uow.actor.account_id,
            session_id=uow.actor.session_id,
            request_id=uow.actor.request_id,
            params=params,
            file_name=file_name,
            attempts=0,
            done=0,
            created_at=uow.now,
        )
        uow.session.add(operation)
        await uow.flush()
        return operation


async def _count(uow: UnitOfWork, order: SheetOrder) -> int:
    scope = uow.actor.scope
    if order.plan_task_id is not None:
        return await sheet_documents.count_of_task(uow.session, scope, order.plan_task_id)
    return len(await sheet_documents.sheets_in_order(uow.session, scope, order.sheet_ids))


async def _queue(uow: UnitOfWork, operation: Operation, lock: str | None) -> None:
    operation.job_id = await job_queue.enqueue_operation(uow.session, operation.id, lock=lock)
    await uow.flush()
