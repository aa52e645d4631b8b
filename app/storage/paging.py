"""Keyset paging: a total order, an opaque cursor, one row more than asked to know of the next."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.errors import RuleError
from app.domain.refusals import general

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Paging:
    """What part of a list is asked for."""

    limit: int = 50
    cursor: str | None = None
    with_total: bool = False


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """A part of a list; `next_cursor` is None on the last one."""

    items: Sequence[Row]
    next_cursor: str | None
    total: int | None


def encode_key(key: bytes) -> str:
    """Some bytes as the text of a cursor."""
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def decode_key(cursor: str) -> bytes:
    """The bytes of a cursor; raises bad-cursor."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise RuleError(general.BAD_CURSOR) from error
    if encode_key(raw) != cursor:
        raise RuleError(general.BAD_CURSOR)
    return raw


def encode_cursor(key: UUID) -> str:
    """An opaque cursor that points behind a row."""
    return encode_key(key.bytes)


def decode_cursor(cursor: str) -> UUID:
    """The row that a cursor points behind; raises bad-cursor."""
    try:
        return UUID(bytes=decode_key(cursor))
    except ValueError as error:
        raise RuleError(general.BAD_CURSOR) from error


async def slice_of(
    session: AsyncSession,
    query: Select[Row],
    key: InstrumentedAttribute[UUID],
    paging: Paging,
    *,
    newest_first: bool = False,
) -> Slice[Row]:
    """One page of `query` in the order of `key` (a UUIDv7: the order of making)."""
    total: int | None = None
    if paging.with_total:
        total = await session.scalar(select(func.count()).select_from(query.subquery()))
    page: Any = query.order_by(key.desc() if newest_first else key).limit(paging.limit + 1)
    if paging.cursor is not None:
        behind = decode_cursor(paging.cursor)
        page = page.where(key < behind if newest_first else key > behind)
    rows = (await session.execute(page)).scalars().unique().all()
    items = rows[: paging.limit]
    more = len(rows) > paging.limit
    last = getattr(items[-1], key.key) if more else None
    return Slice(items, encode_cursor(last) if last is not None else None, total)
