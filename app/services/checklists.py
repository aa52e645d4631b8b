"""Checklist items as a department works on them: made, changed, retired; never deleted.

A change of a published item makes it a draft again; the published version keeps what it had.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.actions import require
from app.domain.actor import Actor, Permission
from app.domain.calendar import shanghai_date
from app.domain.checklist import new_codes
from app.domain.errors import RuleError
from app.domain.item_content import ItemContentFacts, require_sound
from app.domain.library_actions import ITEM, ItemFacts
from app.domain.lifecycle import ItemClass, ItemStatus, Method, RiskLevel
from app.domain.plannable import Obstacle, PlannableFacts, obstacles
from app.domain.refusals import checklists as refusals
from app.domain.refusals import general, plans
from app.models.checklist import ChecklistItem, ItemVersion
from app.models.organisation import BusinessLine, Department
from app.services.runtime import Runtime
from app.storage import checklists, organisation
from app.storage.checklists import ItemFilter
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewItem:
    """What an item is made from; without a code the service gives the next one."""

    category: str
    name: str
    item_class: ItemClass
    objects: str
    code: str | None = None
    sub_item: str | None = None
    issuing_unit: str | None = None
    risk_level: RiskLevel | None = None
    legal_bases: Sequence[Mapping[str, str | None]] = ()
    subject: str | None = None
    contents: str | None = None
    object_tags: Sequence[str] = ()
    methods: Sequence[Method] = ()
    key_points: Sequence[Mapping[str, str | None]] = ()
    materials: Sequence[str] = ()
    qualifications: Sequence[str] = ()
    frequency_cap: int | None = None
    supervision_code: str | None = None
    business_line_code: str | None = None
    ratio_min_per_10000: int | None = None
    ratio_max_per_10000: int | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with its department and business line."""

    item: ChecklistItem
    department: Department
    business_line: BusinessLine | None
    published: ItemVersion | None = None
    """As the version in force has it."""
    version_number: int | None = None
    obstacles: Sequence[Obstacle] = ()
    """What keeps it out of a plan today."""

    @property
    def standing(self) -> ItemFacts:
        """What the rules ask."""
        return facts_of(self.item)


def facts_of(item: ChecklistItem) -> ItemFacts:
    """How an item stands, for `app/domain/library_actions.py`."""
    return ItemFacts(item.department_id, item.code, item.status)


def content_facts(item: NewItem | ChecklistItem) -> ItemContentFacts:
    """The fields that depend on each other, for `app/domain/item_content.py`."""
    return ItemContentFacts(
        **{field.name: getattr(item, field.name) for field in dataclasses.fields(ItemContentFacts)}
    )


def plannable_facts(
    item: ChecklistItem, published: ItemVersion | None, moved: Mapping[UUID, Department]
) -> PlannableFacts:
    """How an item stands, for `app/domain/plannable.py`."""
    taken_over = moved.get(item.id)
    return PlannableFacts(
        code=item.code,
        status=item.status,
        has_legal_basis=bool(item.legal_bases),
        published=published is not None,
        valid_from=published.valid_from if published else None,
        valid_to=published.valid_to if published else None,
        moved_to=taken_over.name if taken_over else None,
    )


class ChecklistService:
    """Use cases of checklist items."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def create(self, actor: Actor, new: NewItem) -> ItemView:
        """Make a draft item of the caller's department."""
        department_id = actor.acts_for(Permission.CHECKLIST_WRITE)
        require_sound(content_facts(new))
        async with self._db.unit_of_work(actor) as uow:
            await organisation.lock_department(uow.session, department_id)
            line = await find_line(uow, department_id, new.business_line_code)
            codes = await checklists.item_codes(uow.session, department_id)
            if new.code in codes:
                raise RuleError(refusals.ITEM_CODE_TAKEN)
            content = dataclasses.asdict(new)
            del content["business_line_code"]
            item = ChecklistItem(
                **content
                | {name: list(content[name]) for name in _LISTS}
                | {"code": new.code or next(new_codes(codes))},
                id=uow.new_id(),
                department_id=department_id,
                business_line_id=line.id if line else None,
                status=ItemStatus.DRAFT,
                created_at=uow.now,
                updated_at=uow.now,
            )
            uow.session.add(item)
            await uow.flush()
            uow.audit(
                "checklist_item.created",
                "checklist_item",
                item.id,
                after={"code": item.code, "category": item.category, "name": item.name},
            )
            return (await _shown(uow.session, [item], uow.now))[0]

    async def change(
        self, actor: Actor, item_id: UUID, changes: Mapping[str, Any], version: int
    ) -> ItemView:
        """Change what an item says; published versions stay as they are."""
        department_id = actor.acts_for(Permission.CHECKLIST_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            item = await _lock(uow, "change_checklist_item", item_id, version)
            values = dict(changes)
            if "business_line_code" in values:
                line = await find_line(uow, department_id, values.pop("business_line_code"))
                values["business_line_id"] = line.id if line else None
            before = {name: getattr(item, name) for name in values}
            for name, value in values.items():
                setattr(item, name, value)
            require_sound(content_facts(item))
            item.status = ItemStatus.DRAFT
            item.updated_at = uow.now
            await uow.flush()
            uow.audit(
                "checklist_item.changed", "checklist_item", item.id, before=before, after=values
            )
            return (await _shown(uow.session, [item], uow.now))[0]

    async def retire(self, actor: Actor, item_id: UUID, reason: str, version: int) -> ItemView:
        """Take an item out of the checklist for ever: the next version is without it (R01)."""
        actor.acts_for(Permission.CHECKLIST_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            item = await _lock(uow, "retire_checklist_item", item_id, version)
            before = item.status
            item.status = ItemStatus.RETIRED
            item.updated_at = uow.now
            await uow.flush()
            uow.audit(
                "checklist_item.retired",
                "checklist_item",
                item.id,
                before={"status": before},
                after={"status": item.status},
                code=item.code,
                reason=reason,
            )
            return (await _shown(uow.session, [item], uow.now))[0]

    async def get(self, actor: Actor, item_id: UUID) -> ItemView:
        """An item in the caller's scope."""
        async with self._db.reading() as session:
            item = await checklists.get_item(session, item_id, actor.scope)
            return (await _shown(session, [item], self._db.clock.now()))[0]

    async def list(self, actor: Actor, paging: Paging, wanted: ItemFilter) -> Slice[ItemView]:
        """Items in the caller's scope, in order of making."""
        async with self._db.reading() as session:
            cut = await checklists.list_items(session, actor.scope, paging, wanted)
            shown = await _shown(session, cut.items, self._db.clock.now())
            return Slice(shown, cut.next_cursor, cut.total)


_LISTS = ("legal_bases", "object_tags", "methods", "key_points", "materials", "qualifications")


async def find_line(uow: UnitOfWork, department_id: UUID, code: str | None) -> BusinessLine | None:
    """A business line of the department by its code; raises unknown-business-line."""
    if code is None:
        return None
    line = await organisation.find_business_line(uow.session, department_id, code)
    if line is None:
        raise RuleError(plans.UNKNOWN_BUSINESS_LINE)
    return line


async def _lock(uow: UnitOfWork, operation: str, item_id: UUID, version: int) -> ChecklistItem:
    item = await checklists.lock_item(uow.session, item_id, uow.actor.scope)
    if item.row_version != version:
        raise RuleError(general.STALE_VERSION)
    require(ITEM, operation, facts_of(item), uow.actor)
    return item


async def _shown(session: Any, items: Sequence[ChecklistItem], now: dt.datetime) -> list[ItemView]:
    today = shanghai_date(now)
    published = await checklists.published_rows(session, [item.id for item in items])
    moved = await checklists.taken_over_by(
        session, [item.id for item in items if item.status is ItemStatus.RETIRED]
    )
    departments = await organisation.departments_by_id(
        session, {item.department_id for item in items}
    )
    lines = await organisation.business_lines_by_id(
        session, {item.business_line_id for item in items if item.business_line_id is not None}
    )
    views = []
    for item in items:
        row, number = published.get(item.id, (None, None))
        views.append(
            ItemView(
                item,
                departments[item.department_id],
                lines[item.business_line_id] if item.business_line_id else None,
                row,
                number,
                obstacles(plannable_facts(item, row, moved), None, today),
            )
        )
    return views
