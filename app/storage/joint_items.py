"""Joint items of a region and the units they name.

The list is public once it stands (plan s.4(1)2): reads go by region and take no scope. Changes are
made in the caller's own region only; who may is the permission's matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.domain.errors import RuleError
from app.domain.joint_items import JointIdentity, JointUnit
from app.domain.lifecycle import JointItemStatus, JointPart
from app.domain.refusals import general
from app.domain.refusals import joint_items as refusals
from app.models.joint_item import JointItem, JointItemUnit
from app.models.organisation import Department
from app.storage.constraints import refuse_on
from app.storage.paging import Paging, Slice, slice_of
from app.storage.search import contains

refuse_on("uq_joint_item_live", refusals.JOINT_ITEM_EXISTS)
refuse_on("uq_joint_item_region_code_code", refusals.JOINT_ITEM_CODE_TAKEN)

_BATCH = 500


@dataclass(frozen=True, slots=True)
class JointFilter:
    """What a list of joint items is narrowed to; None: not at all."""

    field: str | None = None
    initiating: str | None = None
    cooperating: str | None = None
    status: JointItemStatus | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of an item, with the code of the department it is linked to."""

    part: JointPart
    name: str
    department_code: str | None


@dataclass(frozen=True, slots=True)
class KnownJointItem:
    """An item that an import meets: who it is, its code, whether it is retired, its units."""

    identity: JointIdentity
    code: str
    retired: bool
    units: frozenset[tuple[JointPart, str]]


async def get_item(session: AsyncSession, item_id: UUID, region_prefix: str) -> JointItem:
    """An item of the region or below it; raises not-found."""
    query = select(JointItem).where(
        JointItem.id == item_id,
        JointItem.region_code.startswith(region_prefix, autoescape=True),
    )
    return _found((await session.execute(query)).scalar_one_or_none())


async def lock_item(session: AsyncSession, item_id: UUID, region_code: str) -> JointItem:
    """An item of this very region, locked; raises not-found."""
    query = select(JointItem).where(JointItem.id == item_id, JointItem.region_code == region_code)
    return _found((await session.execute(query.with_for_update())).scalar_one_or_none())


async def list_items(
    session: AsyncSession, region_prefix: str, paging: Paging, wanted: JointFilter
) -> Slice[JointItem]:
    """Items of a region and below it, in order of making; `q` looks in names and objects."""
    query = select(JointItem)
    if region_prefix:
        query = query.where(JointItem.region_code.startswith(region_prefix, autoescape=True))
    if wanted.status is not None:
        query = query.where(JointItem.status == wanted.status)
    if wanted.field is not None:
        query = query.where(JointItem.field == wanted.field)
    for part, unit in (
        (JointPart.INITIATING, wanted.initiating),
        (JointPart.COOPERATING, wanted.cooperating),
    ):
        if unit is not None:
            query = query.where(_names(part, unit))
    if wanted.q is not None:
        query = query.where(
            or_(
                contains(JointItem.name, wanted.q),
                contains(JointItem.objects, wanted.q),
                JointItem.code.startswith(wanted.q.upper(), autoescape=True),
            )
        )
    return await slice_of(session, query, JointItem.id, paging)


def _names(part: JointPart, unit: str) -> ColumnElement[bool]:
    """Items in which the unit, by its department's code or by the list's name, has the part."""
    of_code = select(Department.id).where(Department.code == unit)
    return exists().where(
        JointItemUnit.joint_item_id == JointItem.id,
        JointItemUnit.part == part,
        or_(JointItemUnit.name == unit, JointItemUnit.department_id.in_(of_code)),
    )


async def units_of(
    session: AsyncSession, item_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[UnitRow]]:
    """The units of items that were read before, in the order of the list."""
    found: dict[UUID, list[UnitRow]] = {item_id: [] for item_id in item_ids}
    rows = await session.execute(
        select(JointItemUnit.joint_item_id, JointItemUnit.part, JointItemUnit.name, Department.code)
        .outerjoin(Department, Department.id == JointItemUnit.department_id)
        .where(JointItemUnit.joint_item_id.in_(item_ids))
        .order_by(JointItemUnit.joint_item_id, JointItemUnit.position)
    )
    for item_id, part, name, code in rows:
        found[item_id].append(UnitRow(part, name, code))
    return found


async def item_codes(session: AsyncSession, region_code: str) -> set[str]:
    """Every code that the region's list ever gave."""
    query = select(JointItem.code).where(JointItem.region_code == region_code)
    return set((await session.execute(query)).scalars())


async def known_items(session: AsyncSession, region_code: str) -> list[KnownJointItem]:
    """What the region's list holds, for an import to compare with."""
    items = (
        (await session.execute(select(JointItem).where(JointItem.region_code == region_code)))
        .scalars()
        .all()
    )
    rows = await session.execute(
        select(JointItemUnit.joint_item_id, JointItemUnit.part, JointItemUnit.name)
        .join(JointItem, JointItem.id == JointItemUnit.joint_item_id)
        .where(JointItem.region_code == region_code)
    )
    units: dict[UUID, set[tuple[JointPart, str]]] = {}
    for item_id, part, name in rows:
        units.setdefault(item_id, set()).add((part, name))
    return [
        KnownJointItem(
            JointIdentity(item.field, item.name, item.objects),
            item.code,
            item.status is JointItemStatus.RETIRED,
            frozenset(units.get(item.id, ())),
        )
        for item in items
    ]


async def add_items(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store many new items of one region."""
    for start in range(0, len(rows), _BATCH):
        await session.execute(insert(JointItem), list(rows[start : start + _BATCH]))


async def add_units(session: AsyncSession, units: Mapping[UUID, Sequence[JointUnit]]) -> None:
    """Store the units of new items, numbered in their order."""
    rows = [
        {
            "joint_item_id": item_id,
            "part": unit.part,
            "position": position,
            "name": unit.name,
            "department_id": unit.department_id,
        }
        for item_id, named in units.items()
        for position, unit in enumerate(named, start=1)
    ]
    for start in range(0, len(rows), _BATCH):
        await session.execute(insert(JointItemUnit), rows[start : start + _BATCH])


async def replace_units(session: AsyncSession, item: JointItem, units: Sequence[JointUnit]) -> None:
    """Give a locked item other units; its version goes on even when nothing else of it changes."""
    await session.execute(delete(JointItemUnit).where(JointItemUnit.joint_item_id == item.id))
    await add_units(session, {item.id: units})
    flag_modified(item, "updated_at")


def _found(item: JointItem | None) -> JointItem:
    if item is None:
        raise RuleError(general.NOT_FOUND)
    return item
