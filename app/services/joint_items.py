"""The joint list as the leading-group office keeps it: made, changed, retired; never deleted.

Everybody reads it; the office of a region changes the list of its own region and no other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.actions import require
from app.domain.actor import Actor, Permission, region_prefix
from app.domain.checklist import new_codes
from app.domain.errors import FieldError, RuleError
from app.domain.joint_items import CODE_LETTER, JointUnit, directory, require_joint
from app.domain.library_actions import JOINT_ITEM, JointItemFacts
from app.domain.lifecycle import JointItemStatus, JointPart
from app.domain.refusals import general
from app.domain.refusals import joint_items as refusals
from app.models.joint_item import JointItem
from app.services.runtime import Runtime
from app.storage import joint_items, organisation
from app.storage.engine import Reading
from app.storage.joint_items import JointFilter, UnitRow
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A unit as a caller names it; without a code it is linked by its name, if that is certain."""

    name: str
    department_code: str | None = None


@dataclass(frozen=True, slots=True)
class NewJointItem:
    """What a joint item is made from; without a code the service gives the next one."""

    field: str
    name: str
    objects: str
    initiating: Sequence[NamedUnit]
    cooperating: Sequence[NamedUnit]
    code: str | None = None


@dataclass(frozen=True, slots=True)
class JointItemView:
    """A joint item with its units, in the order of the list."""

    item: JointItem
    units: Sequence[UnitRow]

    @property
    def standing(self) -> JointItemFacts:
        """What the rules ask."""
        return facts_of(self.item)

    def of(self, part: JointPart) -> list[UnitRow]:
        """The units of one part."""
        return [unit for unit in self.units if unit.part is part]


def facts_of(item: JointItem) -> JointItemFacts:
    """How an item stands, for `app/domain/library_actions.py`."""
    return JointItemFacts(item.region_code, item.code, item.status)


class JointItemService:
    """Use cases of joint items."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def create(self, actor: Actor, new: NewJointItem) -> JointItemView:
        """Enter an item in the list of the caller's region."""
        actor.acts_for(Permission.JOINT_ITEM_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            await organisation.lock_region(uow.session, actor.region_code)
            codes = await joint_items.item_codes(uow.session, actor.region_code)
            if new.code in codes:
                raise RuleError(refusals.JOINT_ITEM_CODE_TAKEN)
            units = await _linked(
                uow,
                {JointPart.INITIATING: new.initiating, JointPart.COOPERATING: new.cooperating},
            )
            item = JointItem(
                id=uow.new_id(),
                region_code=actor.region_code,
                code=new.code or next(new_codes(codes, CODE_LETTER)),
                field=new.field,
                name=new.name,
                objects=new.objects,
                status=JointItemStatus.ACTIVE,
                created_at=uow.now,
                updated_at=uow.now,
            )
            uow.session.add(item)
            await uow.flush()
            await joint_items.add_units(uow.session, {item.id: units})
            uow.audit(
                "joint_item.created",
                "joint_item",
                item.id,
                after={"code": item.code, "field": item.field, "name": item.name} | _told(units),
            )
            return (await _shown(uow.session, [item]))[0]

    async def change(
        self, actor: Actor, item_id: UUID, changes: Mapping[str, Any], version: int
    ) -> JointItemView:
        """Change what an item says; `initiating` and `cooperating` replace all of their part."""
        actor.acts_for(Permission.JOINT_ITEM_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            item = await _lock(uow, "change_joint_item", item_id, version)
            values = dict(changes)
            named = {part: values.pop(part.value, None) for part in JointPart}
            before = {name: getattr(item, name) for name in values}
            for name, value in values.items():
                setattr(item, name, value)
            if any(units is not None for units in named.values()):
                stored = (await joint_items.units_of(uow.session, [item.id]))[item.id]
                before |= _told(stored)
                units = await _linked(uow, _merged(stored, named))
                values |= _told(units)
                await joint_items.replace_units(uow.session, item, units)
            item.updated_at = uow.now
            await uow.flush()
            uow.audit("joint_item.changed", "joint_item", item.id, before=before, after=values)
            return (await _shown(uow.session, [item]))[0]

    async def retire(self, actor: Actor, item_id: UUID, reason: str, version: int) -> JointItemView:
        """Take an item out of the list for ever; what was planned by it stands."""
        actor.acts_for(Permission.JOINT_ITEM_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            item = await _lock(uow, "retire_joint_item", item_id, version)
            before = item.status
            item.status = JointItemStatus.RETIRED
            item.updated_at = uow.now
            await uow.flush()
            uow.audit(
                "joint_item.retired",
                "joint_item",
                item.id,
                before={"status": before},
                after={"status": item.status},
                code=item.code,
                reason=reason,
            )
            return (await _shown(uow.session, [item]))[0]

    async def get(self, actor: Actor, item_id: UUID) -> JointItemView:
        """An item of the caller's region or below it."""
        async with self._db.reading() as session:
            item = await joint_items.get_item(session, item_id, region_prefix(actor.region_code))
            return (await _shown(session, [item]))[0]

    async def list(self, actor: Actor, paging: Paging, wanted: JointFilter) -> Slice[JointItemView]:
        """Items of the caller's region and below it, in order of making."""
        return await self._list(region_prefix(actor.region_code), paging, wanted)

    async def list_public(
        self, region_code: str | None, paging: Paging, wanted: JointFilter
    ) -> Slice[JointItemView]:
        """Items in force, for everybody."""
        return await self._list(region_prefix(region_code) if region_code else "", paging, wanted)

    async def _list(self, prefix: str, paging: Paging, wanted: JointFilter) -> Slice[JointItemView]:
        async with self._db.reading() as session:
            cut = await joint_items.list_items(session, prefix, paging, wanted)
            return Slice(await _shown(session, cut.items), cut.next_cursor, cut.total)


async def _lock(uow: UnitOfWork, operation: str, item_id: UUID, version: int) -> JointItem:
    item = await joint_items.lock_item(uow.session, item_id, uow.actor.region_code)
    if item.row_version != version:
        raise RuleError(general.STALE_VERSION)
    require(JOINT_ITEM, operation, facts_of(item), uow.actor)
    return item


def _merged(
    stored: Sequence[UnitRow], named: Mapping[JointPart, Sequence[NamedUnit] | None]
) -> dict[JointPart, Sequence[NamedUnit]]:
    """The units that the caller sent, and of the part not sent those that are stored."""
    merged: dict[JointPart, Sequence[NamedUnit]] = {}
    for part, units in named.items():
        kept = [NamedUnit(unit.name, unit.department_code) for unit in stored if unit.part is part]
        merged[part] = kept if units is None else units
    return merged


async def _linked(
    uow: UnitOfWork, named: Mapping[JointPart, Sequence[NamedUnit]]
) -> list[JointUnit]:
    """The units with their departments; raises joint-units-invalid."""
    region_code = uow.actor.region_code
    region = await organisation.get_region(uow.session, region_code)
    departments = await organisation.open_departments(uow.session, region_code)
    by_code = {department.code: department.id for department in departments}
    by_name = directory(((one.id, one.name) for one in departments), region.name)
    units: list[JointUnit] = []
    errors: list[FieldError] = []
    for part, some in named.items():
        for index, unit in enumerate(some):
            if unit.department_code is None:
                department_id = by_name.get(unit.name)
            elif (department_id := by_code.get(unit.department_code)) is None:
                pointer = f"/{part.value}/{index}/department_code"
                errors.append(refusals.UNIT_UNKNOWN.at(pointer))
            units.append(JointUnit(part, unit.name, department_id))
    if errors:
        raise RuleError(refusals.JOINT_UNITS_INVALID, tuple(errors))
    require_joint(units)
    return units


def _told(units: Sequence[JointUnit | UnitRow]) -> dict[str, list[str]]:
    """The units by name, for the trace."""
    return {part.value: [unit.name for unit in units if unit.part is part] for part in JointPart}


async def _shown(session: Reading, items: Sequence[JointItem]) -> list[JointItemView]:
    units = await joint_items.units_of(session, [item.id for item in items])
    return [JointItemView(item, units[item.id]) for item in items]
