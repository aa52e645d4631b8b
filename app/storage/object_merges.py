"""Proposals to merge two objects, and what moves from the one to the other (DOMAIN F43).

A proposal is seen by the departments that have an entry for either object, by office and oversight.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    any_,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, undefer

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.lifecycle import DrawStatus
from app.domain.object_cases import MergeStatus
from app.domain.refusals import general
from app.domain.refusals import object_cases as refusals
from app.models.base import new_id
from app.models.draw import Draw, DrawFile
from app.models.library import InspectionObject, Interest, LibraryEntry
from app.models.object_details import Licence, ObjectContact
from app.models.object_history import MergeProposal
from app.storage.constraints import refuse_on
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_or_region

refuse_on("guard_merged_object", refusals.OBJECT_MERGED)
refuse_on("guard_merged_entry", refusals.OBJECT_MERGED)
refuse_on("ck_merge_proposal_maker_checker", general.MAKER_IS_CHECKER)
_AT_ONCE = 1000
MOST_DEPENDENTS = 100
_First, _Second = aliased(InspectionObject), aliased(InspectionObject)


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal with both objects, in order of making."""

    proposal: MergeProposal
    first: InspectionObject
    second: InspectionObject


def _visible(scope: Scope) -> ColumnElement[bool]:
    return exists().where(
        LibraryEntry.object_id.in_([MergeProposal.first_object_id, MergeProposal.second_object_id]),
        own_or_region(LibraryEntry.department_id, scope),
    )


async def propose(
    session: AsyncSession, object_ids: Iterable[UUID], now: dt.datetime, account_id: UUID | None
) -> int:
    """Propose to merge objects with others of the region that have the same name and address.

    One statement for any number of objects, of whatever departments; pairs that were proposed
    before, and decided upon, are not proposed again. Products, projects and activities are the same
    only where the same subject answers for them. Gives the number of new proposals.
    """
    pairs = await session.execute(
        text(
            """
            SELECT DISTINCT a.region_code, least(a.id, b.id), greatest(a.id, b.id)
            FROM inspection_object a JOIN inspection_object b
              ON b.region_code = a.region_code
             AND object_identity(b.name, b.address) = object_identity(a.name, a.address)
             AND b.address IS NOT NULL AND b.id <> a.id AND b.kind = a.kind
             AND b.merged_into_id IS NULL
             AND b.responsible_object_id IS NOT DISTINCT FROM a.responsible_object_id
            WHERE a.id = ANY(:ids) AND a.address IS NOT NULL AND a.merged_into_id IS NULL
            """
        ),
        {"ids": list(object_ids)},
    )
    rows = [
        {
            "id": new_id(),
            "region_code": region_code,
            "first_object_id": first,
            "second_object_id": second,
            "status": MergeStatus.OPEN,
            "proposed_at": now,
            "proposed_by": account_id,
            "row_version": 1,
        }
        for region_code, first, second in pairs
    ]
    made = 0
    for start in range(0, len(rows), _AT_ONCE):
        added = insert(MergeProposal).values(rows[start : start + _AT_ONCE])
        stored = await session.execute(added.on_conflict_do_nothing().returning(MergeProposal.id))
        made += len(stored.all())
    return made


async def made_by(session: AsyncSession, import_batch_id: UUID | None) -> Sequence[UUID]:
    """The objects that an import has just stored."""
    query = select(InspectionObject.id).where(InspectionObject.import_batch_id == import_batch_id)
    return (await session.execute(query)).scalars().all()


async def list_proposals(
    session: AsyncSession, scope: Scope, paging: Paging, status: MergeStatus | None
) -> tuple[Slice[MergeProposal], Sequence[ProposalRow]]:
    """Proposals that the caller may see, newest first; open ones only of what is not merged."""
    query = (
        select(MergeProposal)
        .join(_First, _First.id == MergeProposal.first_object_id)
        .join(_Second, _Second.id == MergeProposal.second_object_id)
        .where(
            _visible(scope),
            or_(
                MergeProposal.status != MergeStatus.OPEN,
                _First.merged_into_id.is_(None) & _Second.merged_into_id.is_(None),
            ),
        )
    )
    if status is not None:
        query = query.where(MergeProposal.status == status)
    cut = await slice_of(session, query, MergeProposal.id, paging, newest_first=True)
    rows = {
        row[0].id: ProposalRow(*row)
        for row in await session.execute(
            select(MergeProposal, _First, _Second)
            .join(_First, _First.id == MergeProposal.first_object_id)
            .join(_Second, _Second.id == MergeProposal.second_object_id)
            .where(MergeProposal.id.in_([one.id for one in cut.items]))
        )
    }
    return cut, [rows[one.id] for one in cut.items]


async def get_proposal(session: AsyncSession, proposal_id: UUID, scope: Scope) -> ProposalRow:
    """A proposal that the caller may see; raises not-found."""
    query = (
        select(MergeProposal, _First, _Second)
        .join(_First, _First.id == MergeProposal.first_object_id)
        .join(_Second, _Second.id == MergeProposal.second_object_id)
        .where(MergeProposal.id == proposal_id, _visible(scope))
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise RuleError(general.NOT_FOUND)
    return ProposalRow(*row)


async def lock_proposal(session: AsyncSession, proposal_id: UUID, scope: Scope) -> ProposalRow:
    """A proposal with both objects, all locked, the objects in order of code as everywhere.

    Raises not-found.
    """
    seen = await get_proposal(session, proposal_id, scope)
    ids = sorted((seen.first.id, seen.second.id))
    fresh = {"populate_existing": True}
    locked = select(InspectionObject).where(InspectionObject.id.in_(ids))
    rows = await session.execute(
        locked.order_by(InspectionObject.code).with_for_update().execution_options(**fresh)
    )
    objects = {one.id: one for one in rows.scalars()}
    query = select(MergeProposal).where(MergeProposal.id == proposal_id)
    again = await session.execute(query.with_for_update().execution_options(**fresh))
    return ProposalRow(again.scalar_one(), objects[ids[0]], objects[ids[1]])


async def supervisors(session: AsyncSession, object_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """The departments that have an entry, by object; for rules, never shown."""
    wanted = list(object_ids)
    found: dict[UUID, set[UUID]] = {one: set() for one in wanted}
    query = select(LibraryEntry.object_id, LibraryEntry.department_id).where(
        LibraryEntry.object_id.in_(wanted)
    )
    for object_id, department_id in await session.execute(query):
        found[object_id].add(department_id)
    return found


async def open_pools(
    session: AsyncSession, region_code: str, department_ids: Iterable[UUID]
) -> Sequence[tuple[str, bytes]]:
    """The frozen pools (zlib) of draws that are neither locked nor annulled, by number of draw."""
    rows = await session.execute(
        select(Draw.draw_no, DrawFile)
        .join(DrawFile, DrawFile.draw_id == Draw.id)
        .where(
            Draw.region_code == region_code,
            Draw.department_id.in_(list(department_ids)),
            Draw.status.not_in([DrawStatus.LOCKED, DrawStatus.ANNULLED]),
            DrawFile.name == "pool",
        )
        .options(undefer(DrawFile.content))
    )
    return [(draw_no, file.content) for draw_no, file in rows]


async def move_entries(session: AsyncSession, merged: UUID, survivor: UUID) -> None:
    """Entries go to the survivor; where a department has both, its tags are united in one."""
    mine, theirs = aliased(LibraryEntry), aliased(LibraryEntry)
    both = (
        select(mine, theirs)
        .join(theirs, theirs.department_id == mine.department_id)
        .where(mine.object_id == survivor, theirs.object_id == merged)
    )
    for kept, gone in (await session.execute(both)).all():
        kept.tags = list(dict.fromkeys([*kept.tags, *gone.tags]))
        kept.special_libraries = list(
            dict.fromkeys([*kept.special_libraries, *gone.special_libraries])
        )
        await session.delete(gone)
    await session.flush()
    await session.execute(
        update(LibraryEntry).where(LibraryEntry.object_id == merged).values(object_id=survivor)
    )


async def move_details(session: AsyncSession, merged: UUID, survivor: UUID) -> None:
    """Licences and contacts go with the entries; recusals hold for the survivor, too."""
    other = aliased(Licence)
    known = select(other.id).where(
        other.object_id == survivor,
        other.department_id == Licence.department_id,
        other.number == Licence.number,
    )
    await session.execute(
        update(Licence)
        .where(Licence.object_id == merged, ~known.exists())
        .values(object_id=survivor)
        .execution_options(synchronize_session=False)
    )
    has = aliased(ObjectContact)
    theirs = select(has.object_id).where(
        has.object_id == survivor, has.department_id == ObjectContact.department_id
    )
    await session.execute(
        delete(ObjectContact)
        .where(ObjectContact.object_id == merged, theirs.exists())
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(ObjectContact)
        .where(ObjectContact.object_id == merged)
        .values(object_id=survivor)
        .execution_options(synchronize_session=False)
    )
    pairs = select(
        func.gen_random_uuid(),
        Interest.officer_id,
        cast(literal(survivor), Uuid),
        Interest.ground,
        Interest.declared_at,
        Interest.declared_by,
    ).where(Interest.object_id == merged)
    columns = ["id", "officer_id", "object_id", "ground", "declared_at", "declared_by"]
    await session.execute(insert(Interest).from_select(columns, pairs).on_conflict_do_nothing())


async def answered_for(session: AsyncSession, object_id: UUID) -> Sequence[InspectionObject]:
    """Products, projects and activities that an object answers for, locked in order of code."""
    query = select(InspectionObject).where(InspectionObject.responsible_object_id == object_id)
    locked = query.order_by(InspectionObject.code).with_for_update()
    return (await session.execute(locked)).scalars().all()


async def merged_codes(
    session: AsyncSession, object_ids: Iterable[UUID]
) -> dict[UUID, list[tuple[UUID, str]]]:
    """What was merged into objects (that the caller has read): ids and codes, by code."""
    wanted = cast(list(object_ids), ARRAY(Uuid))
    query = (
        select(InspectionObject.merged_into_id, InspectionObject.id, InspectionObject.code)
        .where(InspectionObject.merged_into_id == any_(wanted))
        .order_by(InspectionObject.code)
    )
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    for survivor, object_id, code in await session.execute(query):
        if survivor is not None:
            found.setdefault(survivor, []).append((object_id, code))
    return found


async def dependents_of(
    session: AsyncSession, object_id: UUID, scope: Scope
) -> Sequence[InspectionObject]:
    """What an object answers for (R07), of what the caller may see; by code, the first hundred."""
    entered = exists().where(
        LibraryEntry.object_id == InspectionObject.id,
        own_or_region(LibraryEntry.department_id, scope),
    )
    query = select(InspectionObject).where(
        InspectionObject.responsible_object_id == object_id, entered
    )
    cut = query.order_by(InspectionObject.code).limit(MOST_DEPENDENTS)
    return (await session.execute(cut)).scalars().all()
