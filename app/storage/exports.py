"""Whole lists, read piece by piece in one snapshot: never more than a batch is in memory.

What is read is what the lists show: the same filters, the caller's scope, in order of making.
"""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, cast, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.library_lists import ObjectSort
from app.domain.object_library import EventKind
from app.domain.refusals import general
from app.models.library import InspectionObject, LibraryEntry, ObjectEvent
from app.storage.object_search import ObjectFilter, matching_ids
from app.storage.scope import own_or_region

BATCH = 2000
AT_ONCE = 4
"""Exports that run at one time, in all processes: each holds a connection and a snapshot."""
_LOCK = 715_052_560


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What an export of events is narrowed to; None: not at all."""

    kind: EventKind | None = None
    effective_from: dt.date | None = None
    effective_to: dt.date | None = None


async def take_turn(session: AsyncSession) -> None:
    """Be one of the few exports at work until the snapshot ends; raises unavailable."""
    for number in range(AT_ONCE):
        key = _LOCK + number
        if await session.scalar(select(func.pg_try_advisory_xact_lock(key))):
            return
    raise RuleError(general.UNAVAILABLE)


async def object_batches(
    session: AsyncSession, scope: Scope, wanted: ObjectFilter
) -> AsyncIterator[Sequence[Any]]:
    """The objects that match, each with its tags in the caller's scope and who answers for it."""
    responsible = aliased(InspectionObject)
    o = InspectionObject
    async for ids in matching_ids(session, scope, replace(wanted, sort=ObjectSort.CREATED), BATCH):
        these = cast(list(ids), ARRAY(o.id.type))
        labels = await _labels(session, these, scope)
        rows = await session.execute(
            select(
                o.id, o.code, o.name, o.kind, o.address, o.area_code, o.status, o.risk_class,
                o.risk_source, o.risk_on, o.industry_code,
                responsible.code.label("responsible_code"),
            )
            .outerjoin(responsible, responsible.id == o.responsible_object_id)
            .where(o.id == func.any(these))
            .order_by(o.id)
        )  # fmt: skip
        yield [(row, *labels.get(row.id, ((), ()))) for row in rows]


async def _labels(
    session: AsyncSession, ids: ColumnElement[Any], scope: Scope
) -> dict[UUID, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Tags and special libraries of objects, of all entries in the caller's scope together."""
    found: dict[UUID, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    rows = await session.execute(
        select(LibraryEntry.object_id, LibraryEntry.tags, LibraryEntry.special_libraries)
        .where(
            LibraryEntry.object_id == func.any(ids),
            own_or_region(LibraryEntry.department_id, scope),
        )
        .order_by(LibraryEntry.object_id, LibraryEntry.id)
    )
    for object_id, tags, libraries in rows:
        before = found.get(object_id, ((), ()))
        found[object_id] = (
            tuple(dict.fromkeys((*before[0], *tags))),
            tuple(dict.fromkeys((*before[1], *libraries))),
        )
    return found


async def event_batches(
    session: AsyncSession, scope: Scope, wanted: EventFilter
) -> AsyncIterator[Sequence[Any]]:
    """Events in the caller's scope: event, code and kind of its object, who answers for that."""
    responsible = aliased(InspectionObject)
    answers = cast(ObjectEvent.after["responsible_object_id"].astext, Uuid)
    entered = select(LibraryEntry.id).where(
        LibraryEntry.object_id == ObjectEvent.object_id,
        own_or_region(LibraryEntry.department_id, scope),
    )
    query = (
        select(ObjectEvent, InspectionObject.code, InspectionObject.kind, responsible.code)
        .join(InspectionObject, InspectionObject.id == ObjectEvent.object_id)
        .outerjoin(responsible, responsible.id == answers)
        .where(entered.exists(), *_narrowed(wanted))
        .order_by(ObjectEvent.id)
        .limit(BATCH)
    )
    behind: ColumnElement[bool] = true()
    while True:
        rows = (await session.execute(query.where(behind))).all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        behind = ObjectEvent.id > rows[-1][0].id
        session.expunge_all()


def _narrowed(wanted: EventFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        found.append(ObjectEvent.kind == wanted.kind)
    if wanted.effective_from is not None:
        found.append(ObjectEvent.effective_on >= wanted.effective_from)
    if wanted.effective_to is not None:
        found.append(ObjectEvent.effective_on <= wanted.effective_to)
    return found
