"""Imports that were made: looked at, their faults shown in the file itself, undone as a whole."""

import asyncio
from collections.abc import Iterable
from typing import IO
from uuid import UUID

from app.domain.actions import require
from app.domain.actor import Actor
from app.domain.errors import RuleError
from app.domain.imports import ImportBatchFacts, ImportKind, ImportStatus, RowOutcome
from app.domain.library_actions import IMPORT_BATCH
from app.domain.refusals import general
from app.domain.refusals import imports as refusals
from app.models.import_batch import ImportBatch, ImportVerdict
from app.services.runtime import Runtime
from app.services.spreadsheets import Upload
from app.storage import import_batches, organisation
from app.storage.import_batches import BatchFilter
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork
from app.tabular import (
    checklist_import,
    event_import,
    joint_checklist_import,
    object_import,
    officer_import,
)
from app.tabular.headers import Column
from app.tabular.marked_copy import write_marked_copy
from app.tabular.reader import read_table
from app.tabular.verdicts import RowVerdict

COLUMNS: dict[ImportKind, tuple[Column, ...]] = {
    ImportKind.OBJECT: object_import.COLUMNS,
    ImportKind.OBJECT_EVENT: event_import.COLUMNS,
    ImportKind.OFFICER: officer_import.COLUMNS,
    ImportKind.CHECKLIST: checklist_import.COLUMNS,
    ImportKind.JOINT_ITEM: joint_checklist_import.COLUMNS,
}
_FIRST_NAMED = 10


def facts_of(batch: ImportBatch) -> ImportBatchFacts:
    """How a batch stands, for `app/domain/library_actions.py`."""
    return ImportBatchFacts(batch.department_id, batch.kind, batch.status)


def mark_copy(kind: ImportKind, upload: Upload, verdicts: Iterable[RowVerdict]) -> IO[bytes]:
    """The file as xlsx with what was said of its rows; slow, so call it in a thread."""
    return write_marked_copy(read_table(upload.data, upload.filename), COLUMNS[kind], verdicts)


class ImportBatchService:
    """Use cases of the department that imported."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def get(self, actor: Actor, batch_id: UUID) -> ImportBatch:
        """A batch of the own department; raises not-found."""
        async with self._db.reading() as session:
            return await import_batches.get_batch(session, batch_id, actor.scope)

    async def list(self, actor: Actor, paging: Paging, wanted: BatchFilter) -> Slice[ImportBatch]:
        """Batches of the own department, newest first."""
        async with self._db.reading() as session:
            return await import_batches.list_batches(session, actor.scope, paging, wanted)

    async def verdicts(
        self, actor: Actor, batch_id: UUID, paging: Paging, outcome: RowOutcome | None
    ) -> Slice[ImportVerdict]:
        """All that was said of the rows, in the order of the sheet."""
        async with self._db.reading() as session:
            batch = await import_batches.get_batch(session, batch_id, actor.scope)
            if batch.verdicts_gone_at is not None:
                raise RuleError(refusals.BATCH_VERDICTS_GONE)
            return await import_batches.list_verdicts(session, batch, paging, outcome)

    async def marked_copy(self, actor: Actor, batch_id: UUID) -> IO[bytes]:
        """The uploaded file with its faults in place; the caller closes it."""
        async with self._db.reading() as session:
            batch = await import_batches.get_batch(session, batch_id, actor.scope)
            if batch.file_gone_at is not None:
                raise RuleError(refusals.BATCH_FILE_GONE)
            data = await import_batches.read_file(session, batch.id)
            said = [_said(one) async for one in import_batches.verdicts_in_order(session, batch)]
        return await asyncio.to_thread(mark_copy, batch.kind, Upload(data, batch.file_name), said)

    async def undo(self, actor: Actor, batch_id: UUID, reason: str, version: int) -> ImportBatch:
        """Take back all that a batch made, if nothing depends on any of it; else nothing at all."""
        async with self._db.unit_of_work(actor) as uow:
            batch = await import_batches.lock_batch(uow.session, batch_id, actor.scope)
            await _lock_list(uow, batch.kind)
            if batch.row_version != version:
                raise RuleError(general.STALE_VERSION)
            require(IMPORT_BATCH, "undo_import_batch", facts_of(batch), actor)
            draws = await import_batches.draws_since(uow.session, batch)
            if draws:
                raise RuleError(refusals.BATCH_IN_POOL, draws="、".join(draws[:_FIRST_NAMED]))
            used = await import_batches.used_rows(uow.session, batch, _FIRST_NAMED)
            if used.count:
                first = "、".join(used.first)
                raise RuleError(refusals.BATCH_IN_USE, count=used.count, first=first)
            batch.status = ImportStatus.UNDONE
            batch.undone_at, batch.undone_by, batch.undo_reason = uow.now, actor.account_id, reason
            await uow.flush()  # the database lets events go of a batch only once it is undone
            await import_batches.delete_rows(uow.session, batch)
            uow.audit(
                "import_batch.undone",
                "import_batch",
                batch.id,
                before={"status": ImportStatus.STORED},
                after={"status": ImportStatus.UNDONE, "created": batch.created},
                kind=batch.kind,
                joined=batch.joined,
                file_sha256=batch.file_sha256,
                reason=reason,
            )
        return batch

    async def forget_old(self) -> int:
        """Delete files and verdicts that are too old; nobody's act."""
        async with self._db.bookkeeping() as session:
            return await import_batches.forget_old(session, self._db.clock.now())


async def _lock_list(uow: UnitOfWork, kind: ImportKind) -> None:
    """Wait for imports into the same list or library, and let none begin, until this is over."""
    if kind is ImportKind.JOINT_ITEM:  # the list of a region, which one department imports for all
        await organisation.lock_region(uow.session, uow.actor.region_code)
    elif uow.actor.department_id is not None:
        await organisation.lock_department(uow.session, uow.actor.department_id)


def _said(kept: ImportVerdict) -> RowVerdict:
    return RowVerdict(
        kept.row, kept.outcome, kept.code, kept.field, kept.zh, kept.en, kept.column, kept.title
    )
