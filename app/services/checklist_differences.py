"""What changed between two versions of a checklist, and what publishing the draft would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.actor import Actor, Permission
from app.domain.difference import Difference, difference
from app.domain.errors import RuleError
from app.domain.refusals import checklists as refusals
from app.models.checklist import ChecklistItem, ItemVersion
from app.models.organisation import Department
from app.services.runtime import Runtime
from app.storage import checklists
from app.storage.checklists import CONTENT, VersionRow
from app.storage.engine import Reading


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item as one of the two lists has it."""

    item_id: UUID
    code: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChecklistDifference:
    """Two lists and what makes the second of the first; None: no version yet, or the draft."""

    before: VersionRow | None
    after: VersionRow | None
    found: Difference[ListedItem]
    taken_over_by: Mapping[UUID, Department]
    """Of the removed items those that moved, with the department that has them now."""


class ChecklistDifferenceService:
    """Comparing checklists."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def compare(self, version_id: UUID, from_id: UUID | None) -> ChecklistDifference:
        """A version with another of the same department, or with the one before it: public."""
        async with self._db.reading() as session:
            after = await checklists.get_version(session, version_id)
            if from_id is None:
                from_id = await checklists.version_before(session, after.version)
            before = None if from_id is None else await checklists.get_version(session, from_id)
            if before is not None and before.department.id != after.department.id:
                raise RuleError(refusals.VERSIONS_OF_TWO_LISTS)
            items = await checklists.items_of_version(session, version_id)
            return await _compared(session, before, after, items)

    async def compare_draft(self, actor: Actor, from_id: UUID | None) -> ChecklistDifference:
        """The items as they are worked on with a version of the own list, the last if not told."""
        department_id = actor.acts_for(Permission.CHECKLIST_READ)
        async with self._db.reading() as session:
            if from_id is None:
                before = await checklists.current_version(session, department_id)
            else:
                before = await checklists.get_version(session, from_id)
            if before is not None and before.department.id != department_id:
                raise RuleError(refusals.VERSIONS_OF_TWO_LISTS)
            items = await checklists.live_items(session, actor.scope)
            return await _compared(session, before, None, items)


async def _compared(
    session: Reading,
    before: VersionRow | None,
    after: VersionRow | None,
    items: Sequence[ItemVersion] | Sequence[ChecklistItem],
) -> ChecklistDifference:
    old = [] if before is None else await checklists.items_of_version(session, before.version.id)
    found = difference([_listed(item) for item in old], [_listed(item) for item in items])
    moved = await checklists.taken_over_by(session, [item.item_id for item in found.removed])
    return ChecklistDifference(before, after, found, moved)


def _listed(item: ItemVersion | ChecklistItem) -> ListedItem:
    item_id = item.item_id if isinstance(item, ItemVersion) else item.id
    return ListedItem(item_id, item.code, {name: getattr(item, name) for name in CONTENT})
