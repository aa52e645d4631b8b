"""Transfers of duties, read by both departments and who reads the region; officers' postings.

What a transfer names is read for who may read the transfer: the receiving department sees the codes
of officers who are not yet its own, and the service masks their names.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    String,
    Uuid,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.lifecycle import DrawStatus, ItemStatus, TransferStatus
from app.domain.refusals import general
from app.domain.transfer_actions import BINDING
from app.models.checklist import ChecklistItem, ItemVersion
from app.models.draw import Draw
from app.models.library import LibraryEntry, Officer
from app.models.organisation import BusinessLine, Department
from app.models.plan import Plan, PlanTask, PlanTaskItem
from app.models.transfer import (
    DutyTransfer,
    DutyTransferItem,
    DutyTransferOfficer,
    OfficerPosting,
)
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_only, own_or_region

_ENTER = text(
    """
    INSERT INTO library_entry AS there
        (id, department_id, object_id, tags, special_libraries, transfer_id, created_at)
    SELECT gen_random_uuid(), :receiving, given.object_id, given.tags, given.special_libraries,
        :transfer, :now
    FROM library_entry AS given
    JOIN inspection_object AS subject ON subject.id = given.object_id
    WHERE given.department_id = :giving AND given.tags && :tags
        AND subject.merged_into_id IS NULL
    ORDER BY given.object_id
    ON CONFLICT (department_id, object_id) DO UPDATE SET tags = there.tags || ARRAY(
        SELECT tag FROM unnest(excluded.tags) AS tag
        WHERE tag = ANY(:tags) AND tag <> ALL(there.tags)
        LIMIT 50 - cardinality(there.tags)
    )
    RETURNING transfer_id IS NOT DISTINCT FROM :transfer
    """
).bindparams(
    bindparam("giving", type_=Uuid()),
    bindparam("receiving", type_=Uuid()),
    bindparam("transfer", type_=Uuid()),
    bindparam("tags", type_=ARRAY(String(50))),
    bindparam("now", type_=DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class MovingItem:
    """An item that a transfer names, and what became of it in the receiving department."""

    item: ChecklistItem
    taken_over: ChecklistItem | None


@dataclass(frozen=True, slots=True)
class PostingRow:
    """A posting with its department and line, and the transfer that brought it about."""

    posting: OfficerPosting
    department: Department
    business_line: BusinessLine | None
    transfer_no: str | None


async def next_number(session: AsyncSession, region_code: str, year: int) -> int:
    """The next number of a region's transfers of a year; the region is locked by the caller."""
    query = select(func.count()).where(
        DutyTransfer.region_code == region_code,
        DutyTransfer.transfer_no.contains(f"-{year}-", autoescape=True),
    )
    return int(await session.scalar(query) or 0) + 1


async def get_transfer(session: AsyncSession, transfer_id: UUID, scope: Scope) -> DutyTransfer:
    """A transfer from or to a department in the caller's scope; raises not-found."""
    query = select(DutyTransfer).where(DutyTransfer.id == transfer_id, _visible(scope))
    return _found((await session.execute(query)).scalar_one_or_none())


async def lock_transfer(session: AsyncSession, transfer_id: UUID, scope: Scope) -> DutyTransfer:
    """A transfer from or to the caller's own department, locked; raises not-found."""
    own = or_(
        own_only(DutyTransfer.from_department_id, scope),
        own_only(DutyTransfer.to_department_id, scope),
    )
    query = select(DutyTransfer).where(DutyTransfer.id == transfer_id, own)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return _found((await session.execute(locked)).scalar_one_or_none())


async def list_transfers(
    session: AsyncSession, scope: Scope, paging: Paging, status: TransferStatus | None
) -> Slice[DutyTransfer]:
    """Transfers from or to departments in the caller's scope, newest first."""
    query = select(DutyTransfer).where(_visible(scope))
    if status is not None:
        query = query.where(DutyTransfer.status == status)
    return await slice_of(session, query, DutyTransfer.id, paging, newest_first=True)


async def add_members(
    session: AsyncSession, transfer_id: UUID, item_ids: Sequence[UUID], officer_ids: Sequence[UUID]
) -> None:
    """Store what a transfer names."""
    for table, name, ids in (
        (DutyTransferItem, "item_id", item_ids),
        (DutyTransferOfficer, "officer_id", officer_ids),
    ):
        rows = [
            {"transfer_id": transfer_id, name: member, "position": position}
            for position, member in enumerate(ids, start=1)
        ]
        if rows:
            await session.execute(insert(table), rows)


async def items_of(
    session: AsyncSession, transfer_id: UUID, *, lock: bool = False
) -> list[MovingItem]:
    """The items of a transfer that the caller has read, in order."""
    new = aliased(ChecklistItem)
    query = (
        select(ChecklistItem, new)
        .join(DutyTransferItem, DutyTransferItem.item_id == ChecklistItem.id)
        .outerjoin(new, new.moved_from_id == ChecklistItem.id)
        .where(DutyTransferItem.transfer_id == transfer_id)
        .order_by(DutyTransferItem.position)
    )
    if lock:
        query = query.with_for_update(of=ChecklistItem)
    return [MovingItem(item, taken) for item, taken in await session.execute(query)]


async def officers_of(
    session: AsyncSession, transfer_id: UUID, *, lock: bool = False
) -> Sequence[Officer]:
    """The officers of a transfer that the caller has read, in order."""
    query = (
        select(Officer)
        .join(DutyTransferOfficer, DutyTransferOfficer.officer_id == Officer.id)
        .where(DutyTransferOfficer.transfer_id == transfer_id)
        .order_by(DutyTransferOfficer.position)
    )
    if lock:
        query = query.with_for_update(of=Officer)
    return (await session.execute(query)).scalars().all()


async def own_live_items(session: AsyncSession, ids: Collection[UUID], scope: Scope) -> set[UUID]:
    """Those of the ids that are items of the own checklist and not retired."""
    query = select(ChecklistItem.id).where(
        ChecklistItem.id.in_(list(ids)),
        own_only(ChecklistItem.department_id, scope),
        ChecklistItem.status != ItemStatus.RETIRED,
    )
    return set((await session.execute(query)).scalars())


async def own_officers(
    session: AsyncSession, ids: Collection[UUID], scope: Scope
) -> Sequence[Officer]:
    """Those of the ids that are officers of the own department."""
    query = select(Officer).where(Officer.id.in_(list(ids)), own_only(Officer.department_id, scope))
    return (await session.execute(query)).scalars().all()


async def tags_in_use(session: AsyncSession, tags: Collection[str], scope: Scope) -> set[str]:
    """Those of the tags that an entry of the own library has."""
    return {
        tag
        for tag in tags
        if await session.scalar(
            select(LibraryEntry.id)
            .where(own_only(LibraryEntry.department_id, scope), LibraryEntry.tags.contains([tag]))
            .limit(1)
        )
    }


async def enter_objects(session: AsyncSession, transfer: DutyTransfer, now: dt.datetime) -> int:
    """Enter the giving library's objects with any of the transfer's tags in the receiving one.

    By one statement, however many they are. An entry that is there keeps what it says and gains
    the tags, as far as an entry admits them, so that the items that moved find the same objects.
    """
    if not transfer.object_tags:
        return 0
    result = await session.execute(
        _ENTER,
        {
            "giving": transfer.from_department_id,
            "receiving": transfer.to_department_id,
            "transfer": transfer.id,
            "tags": transfer.object_tags,
            "now": now,
        },
    )
    return sum(1 for (new,) in result if new)


async def moving_already(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids (items or officers of the caller's own) that an open transfer names."""
    found: set[UUID] = set()
    for member in (DutyTransferItem, DutyTransferOfficer):
        column = member.item_id if member is DutyTransferItem else DutyTransferOfficer.officer_id
        query = (
            select(column)
            .join(DutyTransfer, DutyTransfer.id == member.transfer_id)
            .where(DutyTransfer.status == TransferStatus.PROPOSED, column.in_(list(ids)))
        )
        found |= set((await session.execute(query)).scalars())
    return found


async def planned_codes(session: AsyncSession, item_ids: Collection[UUID]) -> list[str]:
    """Codes of those items that stand in binding plans without a draw."""
    drawn = (
        select(Draw.id)
        .where(Draw.plan_task_id == PlanTask.id, Draw.status != DrawStatus.ANNULLED)
        .exists()
    )
    query = (
        select(ItemVersion.code)
        .join(PlanTaskItem, PlanTaskItem.item_version_id == ItemVersion.id)
        .join(PlanTask, PlanTask.id == PlanTaskItem.plan_task_id)
        .join(Plan, Plan.id == PlanTask.plan_id)
        .where(ItemVersion.item_id.in_(list(item_ids)), Plan.status.in_(BINDING), ~drawn)
        .distinct()
    )
    return list((await session.execute(query)).scalars())


async def doubled_codes(
    session: AsyncSession, item_ids: Collection[UUID], department_id: UUID
) -> list[str]:
    """Codes of those items of which the department has the same, alive."""
    there = aliased(ChecklistItem)
    same = (
        select(there.id)
        .where(
            there.department_id == department_id,
            there.identity_md5 == ChecklistItem.identity_md5,
            there.status != ItemStatus.RETIRED,
        )
        .exists()
    )
    query = select(ChecklistItem.code).where(ChecklistItem.id.in_(list(item_ids)), same)
    return list((await session.execute(query)).scalars())


async def postings_of(session: AsyncSession, officer_id: UUID) -> list[PostingRow]:
    """Where an officer (that the caller was allowed to read) served, the latest first."""
    query = (
        select(OfficerPosting, Department, BusinessLine, DutyTransfer.transfer_no)
        .join(Department, Department.id == OfficerPosting.department_id)
        .outerjoin(BusinessLine, BusinessLine.id == OfficerPosting.business_line_id)
        .outerjoin(DutyTransfer, DutyTransfer.id == OfficerPosting.transfer_id)
        .where(OfficerPosting.officer_id == officer_id)
        .order_by(OfficerPosting.serves_from.desc())
        .limit(200)
    )
    return [PostingRow(*row) for row in await session.execute(query)]


async def current_postings(
    session: AsyncSession, officer_ids: Collection[UUID]
) -> dict[UUID, OfficerPosting]:
    """The posting that lasts, of each officer who has one."""
    query = select(OfficerPosting).where(
        OfficerPosting.officer_id.in_(list(officer_ids)), OfficerPosting.serves_to.is_(None)
    )
    return {one.officer_id: one for one in (await session.execute(query)).scalars()}


def last_day_before(effective_on: dt.date) -> dt.date:
    """The last day in the department that an officer leaves."""
    return effective_on - dt.timedelta(days=1)


def _visible(scope: Scope) -> ColumnElement[bool]:
    return or_(
        own_or_region(DutyTransfer.from_department_id, scope),
        own_or_region(DutyTransfer.to_department_id, scope),
    )


def _found(transfer: DutyTransfer | None) -> DutyTransfer:
    if transfer is None:
        raise RuleError(general.NOT_FOUND)
    return transfer
