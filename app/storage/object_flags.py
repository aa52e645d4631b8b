"""Flags: drawn objects that are no longer active while their inspection has not ended (DRAW s.3).

Seen by who draws, who takes part, office and oversight; raised by whoever recorded the event, for
the draws of every unit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, cast, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.lifecycle import DrawStatus, InspectionStatus
from app.domain.object_cases import FlagStatus
from app.domain.refusals import general
from app.models.draw import Draw, Selection
from app.models.inspection import Inspection, InspectionSheet
from app.models.library import InspectionObject, ObjectEvent
from app.models.object_history import ObjectFlag
from app.models.plan import PlanTaskDepartment
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_or_region

NOT_ENDED = (
    InspectionStatus.ASSIGNED,
    InspectionStatus.NOTIFIED,
    InspectionStatus.IN_PROGRESS,
)


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag with what it is about."""

    flag: ObjectFlag
    draw: Draw
    subject: InspectionObject
    sheet: InspectionSheet
    event: ObjectEvent | None


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A winner of a locked draw whose inspection has not ended."""

    draw_id: UUID
    department_id: UUID
    object_id: UUID
    sheet_id: UUID
    stratum: str


def _visible(scope: Scope) -> ColumnElement[bool]:
    own = own_or_region(ObjectFlag.department_id, scope)
    if scope.department_id is None:
        return own
    takes_part = exists().where(
        Draw.id == ObjectFlag.draw_id,
        PlanTaskDepartment.plan_task_id == Draw.plan_task_id,
        PlanTaskDepartment.department_id == scope.department_id,
    )
    return or_(own, takes_part)


async def drawn_and_open(session: AsyncSession, object_ids: Iterable[UUID]) -> Sequence[DrawnRow]:
    """Where objects were drawn, the list is locked, and an inspection has not ended."""
    waits = exists().where(
        Inspection.sheet_id == InspectionSheet.id, Inspection.status.in_(NOT_ENDED)
    )
    rows = await session.execute(
        select(
            Draw.id, Draw.department_id, Selection.object_id, InspectionSheet.id, Selection.stratum
        )
        .join(Draw, Draw.id == Selection.draw_id)
        .join(
            InspectionSheet,
            (InspectionSheet.draw_id == Draw.id)
            & (InspectionSheet.object_id == Selection.object_id),
        )
        .where(
            Selection.object_id == any_(cast(list(object_ids), ARRAY(Uuid))),
            Selection.reserve.is_(False),
            Draw.status == DrawStatus.LOCKED,
            waits,
        )
        .order_by(Draw.id, Selection.stratum, Selection.rank)
    )
    return [DrawnRow(*row) for row in rows]


async def winners_not_active(
    session: AsyncSession, object_ids: Iterable[UUID]
) -> Sequence[InspectionObject]:
    """Of a draw's winners, those that are not active; held until the lock is committed."""
    query = (
        select(InspectionObject)
        .where(InspectionObject.id == any_(cast(list(object_ids), ARRAY(Uuid))))
        .order_by(InspectionObject.code)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    return [one for one in (await session.execute(query)).scalars() if one.status != "active"]


async def open_flags(session: AsyncSession, object_ids: Iterable[UUID]) -> Sequence[ObjectFlag]:
    """Open flags of objects, locked, whichever unit drew them."""
    query = select(ObjectFlag).where(
        ObjectFlag.object_id == any_(cast(list(object_ids), ARRAY(Uuid))),
        ObjectFlag.status == FlagStatus.OPEN,
    )
    locked = query.order_by(ObjectFlag.id).with_for_update()
    return (await session.execute(locked)).scalars().all()


def _rows() -> Select[ObjectFlag, Draw, InspectionObject, InspectionSheet, ObjectEvent]:
    return (
        select(ObjectFlag, Draw, InspectionObject, InspectionSheet, ObjectEvent)
        .join(Draw, Draw.id == ObjectFlag.draw_id)
        .join(InspectionObject, InspectionObject.id == ObjectFlag.object_id)
        .join(InspectionSheet, InspectionSheet.id == ObjectFlag.sheet_id)
        .outerjoin(ObjectEvent, ObjectEvent.id == ObjectFlag.event_id)
    )


async def get_flag(session: AsyncSession, flag_id: UUID, scope: Scope) -> FlagRow:
    """A flag that the caller may see; raises not-found."""
    query = _rows().where(ObjectFlag.id == flag_id, _visible(scope))
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise RuleError(general.NOT_FOUND)
    return FlagRow(*row)


async def lock_flag(session: AsyncSession, flag_id: UUID, scope: Scope) -> FlagRow:
    """A flag that the caller may see, locked; raises not-found."""
    query = _rows().where(ObjectFlag.id == flag_id, _visible(scope))
    locked = query.with_for_update(of=ObjectFlag).execution_options(populate_existing=True)
    row = (await session.execute(locked)).one_or_none()
    if row is None:
        raise RuleError(general.NOT_FOUND)
    return FlagRow(*row)


async def list_flags(
    session: AsyncSession,
    scope: Scope,
    paging: Paging,
    status: FlagStatus | None,
    draw_id: UUID | None,
) -> tuple[Slice[ObjectFlag], Sequence[FlagRow]]:
    """Flags that the caller may see, newest first."""
    query = select(ObjectFlag).where(_visible(scope))
    if status is not None:
        query = query.where(ObjectFlag.status == status)
    if draw_id is not None:
        query = query.where(ObjectFlag.draw_id == draw_id)
    cut = await slice_of(session, query, ObjectFlag.id, paging, newest_first=True)
    ids = [one.id for one in cut.items]
    rows = await session.execute(_rows().where(ObjectFlag.id.in_(ids)))
    found = {row[0].id: FlagRow(*row) for row in rows}
    return cut, [found[one] for one in ids]


async def flags_of_draw(session: AsyncSession, draw_id: UUID) -> Sequence[FlagRow]:
    """The flags of a draw (that the caller was allowed to read), oldest first."""
    rows = await session.execute(
        _rows().where(ObjectFlag.draw_id == draw_id).order_by(ObjectFlag.id)
    )
    return [FlagRow(*row) for row in rows]


async def strata_of(
    session: AsyncSession, keys: Iterable[tuple[UUID, str]]
) -> dict[tuple[UUID, str], tuple[list[Selection], list[ObjectFlag]]]:
    """Winners and reserve by rank, and open flags by age, of strata of draws."""
    wanted = set(keys)
    draws = {draw_id for draw_id, _ in wanted}
    found: dict[tuple[UUID, str], tuple[list[Selection], list[ObjectFlag]]] = {
        key: ([], []) for key in wanted
    }
    chosen = select(Selection).where(Selection.draw_id.in_(draws))
    for row in (await session.execute(chosen.order_by(Selection.rank))).scalars():
        if (row.draw_id, row.stratum) in found:
            found[row.draw_id, row.stratum][0].append(row)
    raised = select(ObjectFlag).where(
        ObjectFlag.draw_id.in_(draws), ObjectFlag.status == FlagStatus.OPEN
    )
    for flag in (await session.execute(raised.order_by(ObjectFlag.id))).scalars():
        if (flag.draw_id, flag.stratum) in found:
            found[flag.draw_id, flag.stratum][1].append(flag)
    return found
