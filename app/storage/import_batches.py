"""Import batches: what a file made, its verdicts, the file itself, and taking all of it back.

What callers see is narrowed to their own department, whoever may read the region: a batch holds
what somebody uploaded. Rows that a batch made carry its id; what else refers to them is found from
the tables' foreign keys, so that a table that is added later protects them, too.
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.imports import ImportKind, ImportStatus, RowOutcome
from app.domain.object_cases import MergeStatus
from app.domain.refusals import general
from app.models.base import Base
from app.models.checklist import ChecklistItem
from app.models.draw import Draw
from app.models.import_batch import ImportBatch, ImportFile, ImportVerdict
from app.models.joint_item import JointItem, JointItemUnit
from app.models.library import InspectionObject, LibraryEntry, Officer
from app.models.object_history import MergeProposal
from app.models.plan import PlanTaskDepartment
from app.storage.paging import Paging, Slice, decode_cursor, encode_cursor, slice_of
from app.storage.scope import own_only

PIECE = 1 << 20
"""Bytes of a file in one row."""
FILE_KEPT = dt.timedelta(days=7)
VERDICTS_KEPT = dt.timedelta(days=90)
_FORGOTTEN_AT_ONCE = 50
VERDICT_COLUMNS = (
    "batch_id", "position", "row", "outcome", "code", "field", "column_number", "title", "value",
    "zh", "en",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BatchFilter:
    """What a list of batches is narrowed to; None: not at all."""

    kind: ImportKind | None = None
    status: ImportStatus | None = None
    operation_id: UUID | None = None


async def get_batch(session: AsyncSession, batch_id: UUID, scope: Scope) -> ImportBatch:
    """A batch of the caller's own department; raises not-found."""
    query = select(ImportBatch).where(
        ImportBatch.id == batch_id, own_only(ImportBatch.department_id, scope)
    )
    return _found((await session.execute(query)).scalar())


async def lock_batch(session: AsyncSession, batch_id: UUID, scope: Scope) -> ImportBatch:
    """The same, locked; raises not-found."""
    query = select(ImportBatch).where(
        ImportBatch.id == batch_id, own_only(ImportBatch.department_id, scope)
    )
    return _found((await session.execute(query.with_for_update())).scalar())


async def list_batches(
    session: AsyncSession, scope: Scope, paging: Paging, wanted: BatchFilter
) -> Slice[ImportBatch]:
    """Batches of the caller's own department, newest first."""
    query = select(ImportBatch).where(own_only(ImportBatch.department_id, scope))
    for column, value in (
        (ImportBatch.kind, wanted.kind),
        (ImportBatch.status, wanted.status),
        (ImportBatch.operation_id, wanted.operation_id),
    ):
        if value is not None:
            query = query.where(column == value)
    return await slice_of(session, query, ImportBatch.id, paging, newest_first=True)


async def list_verdicts(
    session: AsyncSession, batch: ImportBatch, paging: Paging, outcome: RowOutcome | None
) -> Slice[ImportVerdict]:
    """Verdicts of a batch that the caller may see, in the order of the sheet."""
    query = select(ImportVerdict).where(ImportVerdict.batch_id == batch.id)
    if outcome is not None:
        query = query.where(ImportVerdict.outcome == outcome)
    total: int | None = None
    if paging.with_total:
        total = await session.scalar(select(func.count()).select_from(query.subquery()))
    if paging.cursor is not None:
        behind = decode_cursor(paging.cursor).int
        if behind >= 2**31:
            raise RuleError(general.BAD_CURSOR)
        query = query.where(ImportVerdict.position > behind)
    page = query.order_by(ImportVerdict.position).limit(paging.limit + 1)
    rows = (await session.execute(page)).scalars().all()
    more = len(rows) > paging.limit
    items = rows[: paging.limit]
    cursor = encode_cursor(UUID(int=items[-1].position)) if more else None
    return Slice(items, cursor, total)


async def verdicts_in_order(
    session: AsyncSession, batch: ImportBatch
) -> AsyncIterator[ImportVerdict]:
    """All verdicts of a batch, piece by piece."""
    paging = Paging(limit=5000)
    while True:
        cut = await list_verdicts(session, batch, paging, None)
        for verdict in cut.items:
            session.expunge(verdict)  # a large batch is not kept in the session
            yield verdict
        if cut.next_cursor is None:
            return
        paging = Paging(limit=5000, cursor=cut.next_cursor)


async def add_verdicts(driver: Any, batch_id: UUID, verdicts: Iterable[Sequence[Any]]) -> None:
    """Store verdicts in their order: what VERDICT_COLUMNS names after the position."""
    await driver.copy_records_to_table(
        "import_verdict",
        schema_name="public",
        records=((batch_id, place, *verdict) for place, verdict in enumerate(verdicts)),
        columns=VERDICT_COLUMNS,
    )


async def add_file(session: AsyncSession, batch_id: UUID, data: bytes) -> None:
    """Keep the file, a piece a row."""
    for position, start in enumerate(range(0, len(data), PIECE)):
        await session.execute(
            insert(ImportFile).values(
                batch_id=batch_id, position=position, content=data[start : start + PIECE]
            )
        )


async def read_file(session: AsyncSession, batch_id: UUID) -> bytes:
    """The file of a batch."""
    query = select(ImportFile.content).where(ImportFile.batch_id == batch_id)
    return b"".join((await session.execute(query.order_by(ImportFile.position))).scalars())


async def forget_old(session: AsyncSession, now: dt.datetime) -> int:
    """Delete files after 7 days and verdicts after 90; the batches stay."""
    gone = 0
    for model, kept, mark in (
        (ImportFile, FILE_KEPT, ImportBatch.file_gone_at),
        (ImportVerdict, VERDICTS_KEPT, ImportBatch.verdicts_gone_at),
    ):
        old = (
            select(ImportBatch.id)
            .where(mark.is_(None), ImportBatch.made_at <= now - kept)
            .limit(_FORGOTTEN_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        ids = (await session.execute(old)).scalars().all()
        await session.execute(delete(model).where(model.batch_id.in_(ids)))
        await session.execute(
            update(ImportBatch).where(ImportBatch.id.in_(ids)).values({mark: now})
        )
        gone += len(ids)
    return gone


@dataclass(frozen=True, slots=True)
class InUse:
    """Rows of a batch that something depends on: how many, and the codes of the first."""

    count: int
    first: tuple[str, ...]


_ROOTS: dict[ImportKind, type[Any]] = {
    ImportKind.OBJECT: InspectionObject,
    ImportKind.OFFICER: Officer,
    ImportKind.CHECKLIST: ChecklistItem,
    ImportKind.JOINT_ITEM: JointItem,
}
_PARTS: dict[ImportKind, tuple[type[Any], ...]] = {ImportKind.JOINT_ITEM: (JointItemUnit,)}
"""What belongs to a row and goes with it."""


async def used_rows(session: AsyncSession, batch: ImportBatch, listed: int) -> InUse:
    """Rows that the batch made and that somebody changed, or that something else refers to."""
    root = _ROOTS[batch.kind]
    used = select(root.id, root.code).where(
        root.import_batch_id == batch.id,
        or_(root.row_version != 1, *_references(batch, root.__table__)),
    )
    count = await session.scalar(select(func.count()).select_from(used.subquery()))
    first = await session.execute(used.order_by(root.code).limit(listed))
    return InUse(count or 0, tuple(row.code for row in first))


def _references(batch: ImportBatch, root: Table) -> list[Any]:
    parts = {part.__table__ for part in _PARTS.get(batch.kind, ())}
    found: list[Any] = []
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column is not root.c.id or table in parts:
                continue
            other = table.alias()
            query = select(1).where(other.c[key.parent.name] == root.c.id)
            if "import_batch_id" in other.c:
                query = query.where(other.c.import_batch_id.is_distinct_from(batch.id))
            if table is MergeProposal.__table__:  # open ones are nobody's work, and go along
                query = query.where(other.c.status != MergeStatus.OPEN)
            found.append(query.exists())
    return found


async def draws_since(session: AsyncSession, batch: ImportBatch) -> list[str]:
    """Draws frozen since the batch was made, of pools that it may have filled, by number."""
    if batch.kind not in {ImportKind.OBJECT, ImportKind.OFFICER}:
        return []
    takes_part = select(1).where(
        PlanTaskDepartment.plan_task_id == Draw.plan_task_id,
        PlanTaskDepartment.department_id == batch.department_id,
    )
    query = select(Draw.draw_no).where(
        Draw.frozen_at >= batch.made_at,
        or_(Draw.department_id == batch.department_id, takes_part.exists()),
    )
    return list((await session.execute(query.order_by(Draw.draw_no))).scalars())


async def delete_rows(session: AsyncSession, batch: ImportBatch) -> None:
    """Delete what a batch made, which has been marked as undone; nothing may depend on it."""
    if batch.kind is ImportKind.OBJECT:
        await session.execute(
            text("SELECT delete_events_of_undone_batch(:batch)"), {"batch": batch.id}
        )
        made = select(InspectionObject.id).where(InspectionObject.import_batch_id == batch.id)
        for either in (MergeProposal.first_object_id, MergeProposal.second_object_id):
            await session.execute(delete(MergeProposal).where(either.in_(made)))
        await session.execute(delete(LibraryEntry).where(LibraryEntry.import_batch_id == batch.id))
    root = _ROOTS[batch.kind]
    mine: Select[Any] = select(root.id).where(root.import_batch_id == batch.id)
    for part in _PARTS.get(batch.kind, ()):
        await session.execute(delete(part).where(part.joint_item_id.in_(mine)))
    await session.execute(delete(root).where(root.import_batch_id == batch.id))


def _found(batch: ImportBatch | None) -> ImportBatch:
    if batch is None:
        raise RuleError(general.NOT_FOUND)
    return batch
