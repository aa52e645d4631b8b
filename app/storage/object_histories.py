"""Histories of many objects at once, for what changes many."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Scope
from app.models.library import InspectionObject, LibraryEntry, ObjectEvent
from app.storage.scope import own_only

_SOUGHT = 5000


async def own_by_codes(
    session: AsyncSession, scope: Scope, codes: Iterable[str], *, lock: bool
) -> list[InspectionObject]:
    """The caller's own objects of those codes, locked (in the order of codes) where they change."""
    wanted = sorted(set(codes))
    found: list[InspectionObject] = []
    for start in range(0, len(wanted), _SOUGHT):
        query = (
            select(InspectionObject)
            .join(LibraryEntry, LibraryEntry.object_id == InspectionObject.id)
            .where(
                own_only(LibraryEntry.department_id, scope),
                InspectionObject.code.in_(wanted[start : start + _SOUGHT]),
            )
            .order_by(InspectionObject.code)
        )
        if lock:
            query = query.with_for_update(of=InspectionObject)
        found += (await session.execute(query)).scalars()
    return found


async def events_of(
    session: AsyncSession, object_ids: Sequence[UUID]
) -> dict[UUID, list[ObjectEvent]]:
    """Everything that happened to objects that the caller has read, in order of entry."""
    found: dict[UUID, list[ObjectEvent]] = {}
    for start in range(0, len(object_ids), _SOUGHT):
        query = (
            select(ObjectEvent)
            .where(ObjectEvent.object_id.in_(object_ids[start : start + _SOUGHT]))
            .order_by(ObjectEvent.id)
        )
        for event in (await session.execute(query)).scalars():
            found.setdefault(event.object_id, []).append(event)
    return found
