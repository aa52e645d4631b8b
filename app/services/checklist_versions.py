"""Publishing the checklist (R01) and reading what was published.

A version is a copy: nothing that happens to the items later reaches it. It is superseded by the
next one, never edited.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.actor import Actor, Permission, region_prefix
from app.domain.calendar import shanghai_date
from app.domain.checklist import (
    ItemState,
    LeftOut,
    require_publication_facts,
    require_publishable,
)
from app.domain.lifecycle import ItemStatus
from app.models.checklist import ChecklistItem, ChecklistVersion, ItemVersion
from app.services.checklists import content_facts
from app.services.runtime import Runtime
from app.storage import checklists, organisation
from app.storage.checklists import VersionRow
from app.storage.paging import Paging, Slice


@dataclass(frozen=True, slots=True)
class VersionView:
    """A published version with its items."""

    row: VersionRow
    items: Sequence[ItemVersion]
    left_out: Sequence[tuple[ChecklistItem, LeftOut]] = ()
    """Just published without these; they stay drafts."""


_SAID = (
    "number",
    "platform_receipt_no",
    "platform_published_on",
    "site_url",
    "site_published_on",
)
"""What the trail says of a version."""


class ChecklistVersionService:
    """Use cases of published checklists."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def publish(
        self,
        actor: Actor,
        *,
        platform_receipt_no: str,
        platform_published_on: dt.date,
        site_url: str,
        site_published_on: dt.date,
        leave_out_incomplete: bool = False,
    ) -> VersionView:
        """Publish the caller's checklist as the next version, with both facts of R01."""
        department_id = actor.acts_for(Permission.CHECKLIST_PUBLISH)
        async with self._db.unit_of_work(actor) as uow:
            require_publication_facts(
                platform_published_on, site_published_on, shanghai_date(uow.now)
            )
            department = await organisation.lock_department(uow.session, department_id)
            live = await checklists.lock_live_items(uow.session, department_id)
            lacking = {
                one.code: one
                for one in require_publishable(
                    [_state(item) for item in live], leave_out_incomplete=leave_out_incomplete
                )
            }
            items = [item for item in live if item.code not in lacking]
            left_out = [(item, lacking[item.code]) for item in live if item.code in lacking]
            version = ChecklistVersion(
                id=uow.new_id(),
                department_id=department_id,
                number=await checklists.last_version_number(uow.session, department_id) + 1,
                platform_receipt_no=platform_receipt_no,
                platform_published_on=platform_published_on,
                site_url=site_url,
                site_published_on=site_published_on,
                item_count=len(items),
                published_at=uow.now,
                published_by=actor.account_id,
            )
            uow.session.add(version)
            await uow.flush()
            await checklists.add_item_versions(
                uow.session, version, items, [uow.new_id() for _ in items]
            )
            _become(items, ItemStatus.PUBLISHED, uow.now)
            # Some were published before there was such a rule.
            _become([item for item, _ in left_out], ItemStatus.DRAFT, uow.now)
            await uow.flush()
            said = {name: getattr(version, name) for name in _SAID}
            left_codes = [item.code for item, _ in left_out]
            after = said | {"items": len(items), "left_out": left_codes}
            uow.audit("checklist.published", "checklist_version", version.id, after=after)
            stored = await checklists.items_of_version(uow.session, version.id)
        return VersionView(VersionRow(version, department, current=True), stored, left_out)

    async def get(self, version_id: UUID) -> VersionView:
        """A published version with its items: public knowledge."""
        async with self._db.reading() as session:
            row = await checklists.get_version(session, version_id)
            return VersionView(row, await checklists.items_of_version(session, version_id))

    async def list(
        self,
        paging: Paging,
        *,
        region_code: str | None,
        department_code: str | None,
        current_only: bool,
    ) -> Slice[VersionRow]:
        """Published versions, newest first: public knowledge."""
        async with self._db.reading() as session:
            return await checklists.list_versions(
                session,
                paging,
                region_prefix=region_prefix(region_code) if region_code else "",
                department_code=department_code,
                current_only=current_only,
            )


def _become(items: Sequence[ChecklistItem], status: ItemStatus, now: dt.datetime) -> None:
    """Items that are not so already change their status."""
    for item in items:
        if item.status is not status:
            item.status = status
            item.updated_at = now


def _state(item: ChecklistItem) -> ItemState:
    return ItemState(item.code, bool(item.legal_bases), bool(item.methods), content_facts(item))
