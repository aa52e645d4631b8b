"""Long work: rows, progress, files.

What callers see is narrowed to their own department, whoever may read the region: an operation
holds what somebody uploaded. What the worker does names an operation and the number of its attempt;
a statement of an attempt that is no longer the last one changes nothing.
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from app.domain.actor import Actor, Role, Scope
from app.domain.errors import RuleError
from app.domain.lifecycle import AccountStatus
from app.domain.operations import OperationKind, OperationStatus
from app.domain.refusals import general
from app.models.account import Account, RoleGrant
from app.models.operation import Operation, OperationFile
from app.models.organisation import Department
from app.storage.accounts import acting
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_only

INPUT, RESULT = "input", "result"
PIECE = 1 << 20
"""Bytes of a file in one row."""
KEPT = dt.timedelta(days=7)
_LIVE = (OperationStatus.QUEUED, OperationStatus.RUNNING)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class OperationFilter:
    """What a list of operations is narrowed to; None: not at all."""

    status: OperationStatus | None = None
    kind: OperationKind | None = None


async def get_operation(session: AsyncSession, operation_id: UUID, scope: Scope) -> Operation:
    """An operation of the caller's own department, with its result; raises not-found."""
    query = select(Operation).where(
        Operation.id == operation_id, own_only(Operation.department_id, scope)
    )
    return _found((await session.execute(query.options(undefer(Operation.result)))).scalar())


async def lock_operation(session: AsyncSession, operation_id: UUID, scope: Scope) -> Operation:
    """The same, locked: whoever ends it waits; raises not-found."""
    query = select(Operation).where(
        Operation.id == operation_id, own_only(Operation.department_id, scope)
    )
    # Weak enough to pass the batch of an import that is being done, which refers to the operation.
    locked = query.with_for_update(key_share=True)
    return _found((await session.execute(locked)).scalar())


async def list_operations(
    session: AsyncSession, scope: Scope, paging: Paging, wanted: OperationFilter
) -> Slice[Operation]:
    """Operations of the caller's own department, newest first."""
    query = select(Operation).where(own_only(Operation.department_id, scope))
    if wanted.status is not None:
        query = query.where(Operation.status == wanted.status)
    if wanted.kind is not None:
        query = query.where(Operation.kind == wanted.kind)
    return await slice_of(session, query, Operation.id, paging, newest_first=True)


async def begin_attempt(
    session: AsyncSession, operation_id: UUID, now: dt.datetime
) -> Operation | None:
    """Work on it as its next attempt, from the beginning; None where there is nothing to do."""
    begun = await session.execute(
        update(Operation)
        .where(Operation.id == operation_id, Operation.status.in_(_LIVE))
        .values(
            status=OperationStatus.RUNNING,
            attempts=Operation.attempts + 1,
            started_at=now,
            heartbeat_at=func.clock_timestamp(),
            done=0,
            total=None,
        )
        .returning(Operation.id)
    )
    if begun.one_or_none() is None:
        return None
    query = select(Operation).where(Operation.id == operation_id)
    return (await session.execute(query.options(undefer(Operation.params)))).scalar_one()


async def report(
    session: AsyncSession,
    operation_id: UUID,
    attempt: int,
    progress: tuple[int, int | None] | None = None,
) -> bool | None:
    """A sign of life; whether it is to be cancelled, or None where another attempt has it."""
    values: dict[str, Any] = {"heartbeat_at": func.clock_timestamp()}
    if progress is not None:
        values |= {"done": progress[0], "total": progress[1]}
    query = (
        update(Operation)
        .where(*_mine(operation_id, attempt))
        .values(values)
        .returning(Operation.cancel_requested_at)
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else row[0] is not None


async def end(
    session: AsyncSession, operation_id: UUID, attempt: int, values: dict[str, Any]
) -> bool:
    """End an attempt's operation, and delete what was uploaded; false where it may not.

    One that is to be cancelled can not succeed any more: who asked for that may rely on it.
    """
    query = update(Operation).where(*_mine(operation_id, attempt))
    if values["status"] is OperationStatus.SUCCEEDED:
        query = query.where(Operation.cancel_requested_at.is_(None))
    row = await session.execute(query.values(values).returning(Operation.id))
    if row.one_or_none() is None:
        return False
    await delete_files(session, operation_id, INPUT)
    return True


async def add_file(
    session: AsyncSession, operation_id: UUID, part: str, pieces: Iterable[bytes]
) -> None:
    """Store a file, a piece a row."""
    for position, piece in enumerate(pieces):
        # Not an object of the session: a file of many megabytes is not kept in memory besides.
        await session.execute(
            insert(OperationFile).values(
                operation_id=operation_id, part=part, position=position, content=piece
            )
        )


async def read_file(session: AsyncSession, operation_id: UUID, part: str) -> AsyncIterator[bytes]:
    """The pieces of a file, in order."""
    position = 0
    query = select(OperationFile.content).where(
        OperationFile.operation_id == operation_id, OperationFile.part == part
    )
    while True:
        piece = await session.scalar(query.where(OperationFile.position == position))
        if piece is None:
            return
        yield piece
        position += 1


async def delete_files(session: AsyncSession, operation_id: UUID, part: str) -> None:
    """Delete a file of an operation."""
    await session.execute(
        delete(OperationFile).where(
            OperationFile.operation_id == operation_id, OperationFile.part == part
        )
    )


async def forget_old(session: AsyncSession, now: dt.datetime) -> int:
    """Delete results and files of what ended seven days ago; the operations stay."""
    old = (
        select(Operation.id)
        .where(Operation.forgotten_at.is_(None), Operation.ended_at <= now - KEPT)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = (await session.execute(old)).scalars().all()
    await session.execute(delete(OperationFile).where(OperationFile.operation_id.in_(ids)))
    await session.execute(
        update(Operation).where(Operation.id.in_(ids)).values(forgotten_at=now, result=None)
    )
    return len(ids)


async def maker_of(session: AsyncSession, operation: Operation) -> Actor:
    """Who asked for an operation, with what their roles at its department permit now.

    The end of their session does not end the work; the loss of the role, or of a service's scope,
    does. (What a token was narrowed to has been asked for when it was accepted.)
    """
    rows = (
        await session.execute(
            select(Account, Department, RoleGrant.role)
            .select_from(Account)
            .join(Department, Department.id == operation.department_id)
            .outerjoin(
                RoleGrant,
                (RoleGrant.account_id == Account.id)
                & (RoleGrant.department_id == Department.id)
                & RoleGrant.revoked_at.is_(None)
                & (Account.status == AccountStatus.ACTIVE),
            )
            .where(Account.id == operation.account_id)
        )
    ).all()
    account, department, _ = rows[0]
    roles = frozenset(Role(role) for _, _, role in rows if role is not None)
    granted, region = account.scopes or (), department.region_code
    actor = acting(account, department, roles, granted, region, operation.session_id)
    return replace(actor, request_id=operation.request_id)


def _mine(operation_id: UUID, attempt: int) -> tuple[Any, ...]:
    return (
        Operation.id == operation_id,
        Operation.attempts == attempt,
        Operation.status == OperationStatus.RUNNING,
    )


def _found(operation: Operation | None) -> Operation:
    if operation is None:
        raise RuleError(general.NOT_FOUND)
    return operation
