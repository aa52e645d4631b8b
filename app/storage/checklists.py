"""Checklist items, which a department works on, and published versions, which everybody may read.

Items are read in the caller's scope and changed in their own department only. Versions are
published lists (R01): their reads take no scope.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Scope
from app.domain.checklist import Identity
from app.domain.errors import RuleError
from app.domain.lifecycle import ItemClass, ItemStatus
from app.domain.refusals import checklists as refusals
from app.domain.refusals import general
from app.models.checklist import ChecklistItem, ChecklistVersion, ItemContent, ItemVersion
from app.models.organisation import Department
from app.storage.constraints import refuse_on
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_only, own_or_region
from app.storage.search import contains

refuse_on("uq_checklist_item_live", refusals.ITEM_EXISTS)
refuse_on("uq_checklist_item_department_id_code", refusals.ITEM_CODE_TAKEN)
# Rows of a former release may break these: they were not checked when the constraints were added.
refuse_on("ck_checklist_item_supervision_code", refusals.SUPERVISION_CODE_OUTDATED)
refuse_on("ck_item_version_supervision_code", refusals.SUPERVISION_CODE_OUTDATED)

CONTENT = tuple(name for name in ItemContent.__annotations__)
"""The columns that an item and its published copy share."""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What a list of items is narrowed to; None: not at all."""

    status: ItemStatus | None = None
    item_class: ItemClass | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item that an import meets: who it is, its code, whether it is retired or unfinished."""

    identity: Identity
    code: str
    retired: bool
    incomplete: bool
    """Without legal basis or without method: a draft that publication does not take."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A published version with its department; `current` until the next one supersedes it."""

    version: ChecklistVersion
    department: Department
    current: bool


async def get_item(session: AsyncSession, item_id: UUID, scope: Scope) -> ChecklistItem:
    """An item in the caller's scope; raises not-found."""
    query = select(ChecklistItem).where(
        ChecklistItem.id == item_id, own_or_region(ChecklistItem.department_id, scope)
    )
    return _found((await session.execute(query)).scalar_one_or_none())


async def lock_item(session: AsyncSession, item_id: UUID, scope: Scope) -> ChecklistItem:
    """An item of the caller's own department, locked; raises not-found."""
    query = select(ChecklistItem).where(
        ChecklistItem.id == item_id, own_only(ChecklistItem.department_id, scope)
    )
    return _found((await session.execute(query.with_for_update())).scalar_one_or_none())


async def list_items(
    session: AsyncSession, scope: Scope, paging: Paging, wanted: ItemFilter
) -> Slice[ChecklistItem]:
    """Items in order of making; `q` looks in names, categories and codes."""
    query = select(ChecklistItem).where(own_or_region(ChecklistItem.department_id, scope))
    if wanted.status is not None:
        query = query.where(ChecklistItem.status == wanted.status)
    if wanted.item_class is not None:
        query = query.where(ChecklistItem.item_class == wanted.item_class)
    if wanted.q is not None:
        query = query.where(
            or_(
                contains(ChecklistItem.name, wanted.q),
                contains(ChecklistItem.category, wanted.q),
                ChecklistItem.code.startswith(wanted.q.upper(), autoescape=True),
            )
        )
    return await slice_of(session, query, ChecklistItem.id, paging)


async def item_codes(session: AsyncSession, department_id: UUID) -> set[str]:
    """Every code a department ever gave an item (of its own checklist: no scope needed)."""
    query = select(ChecklistItem.code).where(ChecklistItem.department_id == department_id)
    return set((await session.execute(query)).scalars())


async def known_items(session: AsyncSession, department_id: UUID) -> list[KnownItem]:
    """What the department's own checklist holds, for an import to compare with."""
    rows = await session.execute(
        select(
            ChecklistItem.issuing_unit,
            ChecklistItem.category,
            ChecklistItem.name,
            ChecklistItem.sub_item,
            ChecklistItem.objects,
            ChecklistItem.code,
            ChecklistItem.status,
            or_(
                func.jsonb_array_length(ChecklistItem.legal_bases) == 0,
                func.cardinality(ChecklistItem.methods) == 0,
            ),
        ).where(ChecklistItem.department_id == department_id)
    )
    return [
        KnownItem(
            Identity(unit or "", category, name, sub_item or "", objects),
            code,
            status is ItemStatus.RETIRED,
            incomplete,
        )
        for unit, category, name, sub_item, objects, code, status, incomplete in rows
    ]


async def add_items(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store many new items of one department."""
    for start in range(0, len(rows), _BATCH):
        await session.execute(insert(ChecklistItem), list(rows[start : start + _BATCH]))


async def lock_live_items(session: AsyncSession, department_id: UUID) -> Sequence[ChecklistItem]:
    """The items of the caller's department that are not retired, locked, by code."""
    query = (
        select(ChecklistItem)
        .where(
            ChecklistItem.department_id == department_id,
            ChecklistItem.status != ItemStatus.RETIRED,
        )
        .order_by(ChecklistItem.code)
    )
    return (await session.execute(query.with_for_update())).scalars().all()


async def last_version_number(session: AsyncSession, department_id: UUID) -> int:
    """The number of the department's latest published version, 0 before the first."""
    query = select(func.max(ChecklistVersion.number)).where(
        ChecklistVersion.department_id == department_id
    )
    return int(await session.scalar(query) or 0)


async def add_item_versions(
    session: AsyncSession,
    version: ChecklistVersion,
    items: Sequence[ChecklistItem],
    ids: list[UUID],
) -> None:
    """Copy the items into the version, in order."""
    rows = [
        {
            **{name: getattr(item, name) for name in CONTENT},
            "id": row_id,
            "checklist_version_id": version.id,
            "item_id": item.id,
            "department_id": version.department_id,
            "code": item.code,
            "position": position,
        }
        for position, (item, row_id) in enumerate(zip(items, ids, strict=True), start=1)
    ]
    for start in range(0, len(rows), _BATCH):
        await session.execute(insert(ItemVersion), rows[start : start + _BATCH])


async def get_version(session: AsyncSession, version_id: UUID) -> VersionRow:
    """A published version (public: no scope); raises not-found."""
    row = (
        await session.execute(_versions().where(ChecklistVersion.id == version_id))
    ).one_or_none()
    if row is None:
        raise RuleError(general.NOT_FOUND)
    return VersionRow(*row)


async def items_of_version(session: AsyncSession, version_id: UUID) -> Sequence[ItemVersion]:
    """The items of a published version (public: no scope), in its order."""
    query = (
        select(ItemVersion)
        .where(ItemVersion.checklist_version_id == version_id)
        .order_by(ItemVersion.position)
    )
    return (await session.execute(query)).scalars().all()


async def version_before(session: AsyncSession, version: ChecklistVersion) -> UUID | None:
    """The version that a published one superseded (public: no scope); None for the first."""
    query = (
        select(ChecklistVersion.id)
        .where(
            ChecklistVersion.department_id == version.department_id,
            ChecklistVersion.number < version.number,
        )
        .order_by(ChecklistVersion.number.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def current_version(session: AsyncSession, department_id: UUID) -> VersionRow | None:
    """The version in force of a department (public: no scope); None before the first."""
    query = _versions().where(ChecklistVersion.department_id == department_id, _is_current())
    row = (await session.execute(query)).one_or_none()
    return None if row is None else VersionRow(*row)


async def published_rows(
    session: AsyncSession, item_ids: Collection[UUID]
) -> dict[UUID, tuple[ItemVersion, int]]:
    """The rows that items (of a read under the caller's scope) have in the versions in force."""
    query = (
        select(ItemVersion, ChecklistVersion.number)
        .join(ChecklistVersion, ChecklistVersion.id == ItemVersion.checklist_version_id)
        .where(ItemVersion.item_id.in_(list(item_ids)), _is_current())
    )
    return {row.item_id: (row, number) for row, number in await session.execute(query)}


def in_force(item_id: Any) -> Any:
    """Whether an item stands in the version in force of its department (public: no scope)."""
    return (
        select(ItemVersion.id)
        .join(ChecklistVersion, ChecklistVersion.id == ItemVersion.checklist_version_id)
        .where(ItemVersion.item_id == item_id, _is_current())
        .correlate(ChecklistItem)
        .exists()
    )


async def live_items(session: AsyncSession, scope: Scope) -> Sequence[ChecklistItem]:
    """The items of the caller's own department that are not retired, by code."""
    query = (
        select(ChecklistItem)
        .where(
            own_only(ChecklistItem.department_id, scope),
            ChecklistItem.status != ItemStatus.RETIRED,
        )
        .order_by(ChecklistItem.code)
    )
    return (await session.execute(query)).scalars().all()


async def taken_over_by(
    session: AsyncSession, item_ids: Collection[UUID]
) -> dict[UUID, Department]:
    """The department that each of the items moved to, for those that did (public: no scope)."""
    if not item_ids:
        return {}
    rows = await session.execute(
        select(ChecklistItem.moved_from_id, Department)
        .join(Department, Department.id == ChecklistItem.department_id)
        .where(ChecklistItem.moved_from_id.in_(list(item_ids)))
    )
    return {old: department for old, department in rows if old is not None}


async def list_versions(
    session: AsyncSession,
    paging: Paging,
    *,
    region_prefix: str,
    department_code: str | None,
    current_only: bool,
) -> Slice[VersionRow]:
    """Published versions (public: no scope) of a region and below it, newest first."""
    query = select(ChecklistVersion).join(
        Department, Department.id == ChecklistVersion.department_id
    )
    if region_prefix:
        query = query.where(Department.region_code.startswith(region_prefix, autoescape=True))
    if department_code is not None:
        query = query.where(Department.code == department_code)
    if current_only:
        query = query.where(_is_current())
    cut = await slice_of(session, query, ChecklistVersion.id, paging, newest_first=True)
    ids = [version.id for version in cut.items]
    rows = await session.execute(_versions().where(ChecklistVersion.id.in_(ids)))
    by_id = {version.id: VersionRow(version, unit, current) for version, unit, current in rows}
    return Slice([by_id[version_id] for version_id in ids], cut.next_cursor, cut.total)


def _versions() -> Select[ChecklistVersion, Department, bool]:
    return select(ChecklistVersion, Department, _is_current()).join(
        Department, Department.id == ChecklistVersion.department_id
    )


def _is_current() -> Any:
    """Superseded is derived: a version is never touched again once it is published."""
    later = ChecklistVersion.__table__.alias("later")
    return ~(
        select(later.c.id)
        .where(
            later.c.department_id == ChecklistVersion.department_id,
            later.c.number > ChecklistVersion.number,
        )
        .exists()
    )


def _found(item: ChecklistItem | None) -> ChecklistItem:
    if item is None:
        raise RuleError(general.NOT_FOUND)
    return item
