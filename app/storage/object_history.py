"""The events of inspection objects, in the order that decides what holds (R05).

The order is `app.domain.object_history.PastEvent.order`, said in SQL; a test compares both. Objects
are found here by ids that a scoped read gave, or by code in the caller's own library.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    Uuid,
    any_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.object_cases import WaitingStatus
from app.domain.object_library import EventKind
from app.domain.refusals import general
from app.domain.refusals import object_events as refusals
from app.models.library import InspectionObject, LibraryEntry, ObjectEvent
from app.models.object_history import WaitingEvent
from app.storage.constraints import refuse_on
from app.storage.objects import get_object
from app.storage.paging import Paging, Slice, decode_cursor, encode_cursor, slice_of
from app.storage.scope import own_only

refuse_on("uq_object_event_source", refusals.EVENT_ID_REUSED)
refuse_on("uq_waiting_event_department_id_source_external_id", refusals.EVENT_ID_REUSED)
_AT_ONCE = 5000
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LOWEST = dt.datetime.min.replace(tzinfo=dt.UTC)


def _order() -> tuple[Any, ...]:
    by_hand = ObjectEvent.source.is_(None)
    return (
        ObjectEvent.kind != EventKind.ESTABLISHED.value,
        ObjectEvent.effective_on,
        by_hand,
        func.coalesce(ObjectEvent.source, ""),
        func.coalesce(ObjectEvent.source_sequence, -1),
        case((by_hand, ObjectEvent.recorded_at), else_=literal(_LOWEST)),
        func.coalesce(ObjectEvent.external_id, ""),
        ObjectEvent.id,
    )


async def list_events(
    session: AsyncSession, object_id: UUID, scope: Scope, paging: Paging
) -> Slice[ObjectEvent]:
    """What happened to an object in the caller's scope, in order of effect; raises not-found.

    Of a survivor, also what happened to the objects that were merged into it.
    """
    await get_object(session, object_id, scope)
    merged = select(InspectionObject.id).where(InspectionObject.merged_into_id == object_id)
    mine = or_(ObjectEvent.object_id == object_id, ObjectEvent.object_id.in_(merged))
    query = select(ObjectEvent).where(mine)
    total = None
    if paging.with_total:
        total = await session.scalar(select(func.count()).select_from(query.subquery()))
    if paging.cursor is not None:
        behind = await _place(session, query, decode_cursor(paging.cursor))
        query = query.where(tuple_(*_order()) > behind)
    rows = (await session.execute(query.order_by(*_order()).limit(paging.limit + 1))).scalars()
    found = rows.all()
    items = found[: paging.limit]
    more = len(found) > paging.limit
    return Slice(items, encode_cursor(items[-1].id) if more else None, total)


async def _place(session: AsyncSession, events: Select[ObjectEvent], event_id: UUID) -> Any:
    place = events.with_only_columns(*_order()).where(ObjectEvent.id == event_id)
    row = (await session.execute(place)).one_or_none()
    if row is None:
        raise RuleError(general.BAD_CURSOR)
    types = [column.type for column in _order()]
    return tuple_(*(literal(value, kind) for value, kind in zip(row, types, strict=True)))


async def events_of(
    session: AsyncSession, object_ids: Iterable[UUID]
) -> dict[UUID, list[ObjectEvent]]:
    """All events of objects (that the caller has read or locked), in order of effect."""
    wanted = list(object_ids)
    found: dict[UUID, list[ObjectEvent]] = {one: [] for one in wanted}
    query = select(ObjectEvent).where(ObjectEvent.object_id == any_(cast(wanted, ARRAY(Uuid))))
    for event in (await session.execute(query.order_by(*_order()))).scalars():
        found[event.object_id].append(event)
    return found


async def events_by_origin(
    session: AsyncSession, region_code: str, source: str, external_ids: Iterable[str]
) -> dict[str, ObjectEvent]:
    """The events that a source has sent before, by its own ids."""
    wanted = cast(sorted(set(external_ids)), ARRAY(String))
    query = select(ObjectEvent).where(
        ObjectEvent.region_code == region_code,
        ObjectEvent.source == source,
        ObjectEvent.external_id == any_(wanted),
    )
    rows = (await session.execute(query)).scalars()
    return {str(event.external_id): event for event in rows}


@dataclass(frozen=True, slots=True)
class RecordedAs:
    """An event with the code of its object, and of who answers for that by it."""

    event: ObjectEvent
    code: str
    responsible_code: str | None


async def recorded_as(
    session: AsyncSession,
    department_id: UUID,
    region_code: str,
    source: str,
    names: Iterable[str],
    *,
    ids_too: bool = False,
) -> dict[str, RecordedAs]:
    """Events of the caller's own library by the names that a source has for them.

    With `ids_too` also by our own ids.
    """
    wanted = set(names)
    named: ColumnElement[bool] = (ObjectEvent.source == source) & (
        ObjectEvent.external_id == any_(cast(sorted(wanted), ARRAY(String)))
    )
    if ids_too:
        ids = [UUID(one) for one in wanted if _UUID.fullmatch(one)]
        named = or_(named, ObjectEvent.id == any_(cast(ids, ARRAY(Uuid))))
    responsible = aliased(InspectionObject)
    answers = ObjectEvent.after["responsible_object_id"].astext
    query = (
        select(ObjectEvent, InspectionObject.code, responsible.code)
        .join(InspectionObject, InspectionObject.id == ObjectEvent.object_id)
        .outerjoin(responsible, responsible.id == cast(answers, Uuid))
        .where(InspectionObject.region_code == region_code, named, _entered(department_id))
    )
    return {
        (event.external_id or "") if event.source == source else str(event.id): RecordedAs(
            event, code, responsible_code
        )
        for event, code, responsible_code in await session.execute(query)
    }


async def hold_events(
    session: AsyncSession, department_id: UUID, *, exclusively: bool = False
) -> None:
    """Let no batch of events of the department run while an object is entered into its library.

    Else an event could begin to wait for the object at the moment in which it comes, and wait for
    ever. Batches hold this exclusively; who enters objects one by one does not wait for another.
    """
    take = func.pg_advisory_xact_lock if exclusively else func.pg_advisory_xact_lock_shared
    await session.execute(select(take(func.hashtextextended(f"events/{department_id}", 0))))


def _entered(department_id: UUID) -> ColumnElement[bool]:
    """In the department's library, or merged into one that is: a register knows of no merging.

    A probe of the unique index for each object, not a join (as EXISTS would be): before the tables
    of a fresh library are analysed, that would read all of its entries for every chunk of a file.
    """
    entry = (
        select(LibraryEntry.id)
        .where(
            LibraryEntry.object_id
            == func.coalesce(InspectionObject.merged_into_id, InspectionObject.id),
            LibraryEntry.department_id == department_id,
        )
        .correlate(InspectionObject)
    )
    return entry.scalar_subquery().is_not(None)


async def lock_own_by_code(
    session: AsyncSession, department_id: UUID, region_code: str, codes: Iterable[str]
) -> dict[str, InspectionObject]:
    """The objects of these codes in the caller's own library, locked in order of code."""
    wanted = cast(sorted(set(codes)), ARRAY(String))
    entered = _entered(department_id)
    query = (
        select(InspectionObject)
        .where(
            InspectionObject.region_code == region_code,
            InspectionObject.code == any_(wanted),
            entered,
        )
        .order_by(InspectionObject.code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {found.code: found for found in (await session.execute(query)).scalars()}


async def waiting_by_origin(
    session: AsyncSession, department_id: UUID, source: str, external_ids: Iterable[str]
) -> dict[str, WaitingEvent]:
    """The department's events that waited or wait, by the source's ids."""
    wanted = cast(sorted(set(external_ids)), ARRAY(String))
    query = select(WaitingEvent).where(
        WaitingEvent.department_id == department_id,
        WaitingEvent.source == source,
        WaitingEvent.external_id == any_(wanted),
    )
    return {row.external_id: row for row in (await session.execute(query)).scalars()}


def _came(department_id: UUID, region_code: str) -> Select[WaitingEvent]:
    """Events whose object is in the department's library now, or whose responsible one is known."""
    entered = _entered(department_id)
    return (
        select(WaitingEvent)
        .join(
            InspectionObject,
            (InspectionObject.region_code == region_code)
            & (InspectionObject.code == WaitingEvent.waits_for),
        )
        .where(
            WaitingEvent.department_id == department_id,
            WaitingEvent.status == WaitingStatus.WAITING,
            or_(WaitingEvent.waits_for != WaitingEvent.object_code, entered),
        )
        .order_by(WaitingEvent.id)
        .limit(_AT_ONCE)
        .with_for_update(of=WaitingEvent, skip_locked=True)
    )


async def waiting_that_came(
    session: AsyncSession, department_id: UUID, region_code: str
) -> Sequence[WaitingEvent]:
    """The department's waiting events that need not wait any more, oldest first."""
    return (await session.execute(_came(department_id, region_code))).scalars().all()


@dataclass(frozen=True, slots=True)
class WaitingFilter:
    """What a list of waiting events is narrowed to; None: not at all."""

    source: str | None = None
    status: WaitingStatus | None = None


async def list_waiting(
    session: AsyncSession, scope: Scope, paging: Paging, wanted: WaitingFilter
) -> Slice[WaitingEvent]:
    """Events that wait or waited, of the caller's own department, oldest first."""
    query = select(WaitingEvent).where(own_only(WaitingEvent.department_id, scope))
    if wanted.source is not None:
        query = query.where(WaitingEvent.source == wanted.source)
    if wanted.status is not None:
        query = query.where(WaitingEvent.status == wanted.status)
    return await slice_of(session, query, WaitingEvent.id, paging)
