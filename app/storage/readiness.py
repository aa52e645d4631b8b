"""What readiness asks of departments: set-based, the same number of statements for one and for all.

The departments were read in the caller's scope; everything here is asked for by their ids.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.lifecycle import GuidelineStatus, ItemStatus, RiskLevel
from app.models.checklist import ChecklistItem, ChecklistVersion, ItemVersion
from app.models.guideline import Guideline

Content = tuple[str, str, Sequence[str], Sequence[str], RiskLevel | None]
"""Name, category, object tags, qualifications, risk level."""


class ItemRow(NamedTuple):
    """A live item as it is worked on, and as the version in force has it (None: it has not)."""

    id: UUID
    department_id: UUID
    code: str
    status: ItemStatus
    working: Content
    published: Content | None


async def versions_in_force(
    session: AsyncSession, department_ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    """The latest published version of each department that has one; both facts of R01 are in it."""
    latest = (
        select(ChecklistVersion.department_id, func.max(ChecklistVersion.number).label("number"))
        .where(ChecklistVersion.department_id.in_(department_ids))
        .group_by(ChecklistVersion.department_id)
        .subquery()
    )
    rows = await session.execute(
        select(ChecklistVersion.department_id, ChecklistVersion.id).join(
            latest,
            and_(
                latest.c.department_id == ChecklistVersion.department_id,
                latest.c.number == ChecklistVersion.number,
            ),
        )
    )
    return {unit: version for unit, version in rows}  # noqa: C416  rows are not pairs to mypy


async def live_items(
    session: AsyncSession, department_ids: Sequence[UUID], version_ids: Sequence[UUID]
) -> list[ItemRow]:
    """Items that were not retired, by code."""
    told = ("name", "category", "object_tags", "qualifications", "risk_level")
    rows = await session.execute(
        select(
            ChecklistItem.id,
            ChecklistItem.department_id,
            ChecklistItem.code,
            ChecklistItem.status,
            ItemVersion.id,
            *(getattr(ChecklistItem, name) for name in told),
            *(getattr(ItemVersion, name).label(f"published_{name}") for name in told),
        )
        .outerjoin(
            ItemVersion,
            and_(
                ItemVersion.item_id == ChecklistItem.id,
                ItemVersion.checklist_version_id.in_(version_ids),
            ),
        )
        .where(
            ChecklistItem.department_id.in_(department_ids),
            ChecklistItem.status != ItemStatus.RETIRED,
        )
        .order_by(ChecklistItem.code)
    )
    return [
        ItemRow(
            one[0], one[1], one[2], one[3], tuple(one[5:10]), tuple(one[10:]) if one[4] else None
        )
        for one in rows
    ]


async def pools(
    session: AsyncSession, department_ids: Sequence[UUID]
) -> dict[UUID, dict[str, int]]:
    """Active objects by tag and special library of each department: one grouped statement."""
    rows = await session.execute(
        text(
            "SELECT e.department_id, t.tag, count(*)"
            " FROM library_entry e JOIN inspection_object o ON o.id = e.object_id,"
            " LATERAL (SELECT unnest(e.tags) UNION SELECT unnest(e.special_libraries)) AS t(tag)"
            " WHERE o.status = 'active' AND e.department_id = ANY(:departments)"
            " GROUP BY e.department_id, t.tag"
        ),
        {"departments": list(department_ids)},
    )
    found: dict[UUID, dict[str, int]] = {}
    for unit, tag, count in rows:
        found.setdefault(unit, {})[tag] = count
    return found


async def guidelines(session: AsyncSession, department_ids: Sequence[UUID]) -> Sequence[Guideline]:
    """Drafts and active guidelines, by code."""
    rows = await session.execute(
        select(Guideline)
        .where(
            Guideline.department_id.in_(department_ids),
            Guideline.status.in_((GuidelineStatus.DRAFT, GuidelineStatus.ACTIVE)),
        )
        .order_by(Guideline.department_id, Guideline.code, Guideline.version)
    )
    return rows.scalars().all()


def grouped(rows: Sequence[Any]) -> Mapping[UUID, list[Any]]:
    """Rows by their department."""
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.department_id, []).append(row)
    return found
