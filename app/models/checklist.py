"""The checklist of a department, item by item, and its published versions (R01, N1).

Items are worked on; a published version is a copy of them that nothing changes any more.
"""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.lifecycle import ItemClass, ItemStatus, Method, RiskLevel
from app.models.base import CODE, Base, Identified, coded
from app.models.import_batch import made_by_batch

_METHODS = "', '".join(method.value for method in Method)
_IDENTITY = (
    "md5(coalesce(issuing_unit, '') || chr(31) || category || chr(31) || name || chr(31)"
    " || coalesce(sub_item, '') || chr(31) || objects)"
)


class ItemContent:
    """What an item says; the same columns in the working item and in a published version."""

    category: Mapped[str] = mapped_column(String(500))
    name: Mapped[str] = mapped_column(String(2000))
    sub_item: Mapped[str | None] = mapped_column(String(2000))
    issuing_unit: Mapped[str | None] = mapped_column(String(200))
    """编制单位, where the list came from another unit (a superior one); empty: the department."""
    item_class: Mapped[ItemClass] = mapped_column(coded(ItemClass, "item_class"))
    risk_level: Mapped[RiskLevel | None] = mapped_column(coded(RiskLevel, "risk_level"))
    """Empty where the list does not say: never assumed."""
    legal_bases: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """[{law, article, text}], article and text may be empty."""
    objects: Mapped[str] = mapped_column(String(2000))
    subject: Mapped[str | None] = mapped_column(String(500))
    """检查主体: who inspects, in the words of the list."""
    contents: Mapped[str | None] = mapped_column(Text)
    object_tags: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
    methods: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    key_points: Mapped[list[dict[str, Any]]] = mapped_column("checking_points", JSONB)
    """[{content, method, yes_text, no_text}]: what to look at, how, and the usual words for it."""
    materials: Mapped[list[str]] = mapped_column(ARRAY(String(200)))
    qualifications: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
    """Officers' tags required; empty: any enforcement certificate."""
    frequency_cap: Mapped[int | None] = mapped_column(Integer)
    """Visits per object and year, at most."""
    supervision_code: Mapped[str | None] = mapped_column(String(14))
    """监管事项目录编码, 14 digits."""
    ratio_min_per_10000: Mapped[int | None] = mapped_column(Integer)
    ratio_max_per_10000: Mapped[int | None] = mapped_column(Integer)
    """Of every 10,000 objects a year, as quota rules have it; a general item is limited (N3)."""
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    """Days on which the item may be checked, both included; empty: no end."""
    remark: Mapped[str | None] = mapped_column(String(2000))


class FormerKeyPoints:
    """The key points of release 1, texts without methods, for servers that still run it.

    A trigger keeps both columns the same whichever is written; a later release drops this one.
    """

    key_point_texts: Mapped[list[str]] = mapped_column(
        "key_points", ARRAY(Text), server_default=text("'{}'"), deferred=True
    )


def _content_checks() -> tuple[CheckConstraint, ...]:
    """What an item and its published copy hold to alike (`app/domain/item_content.py`)."""
    return (
        CheckConstraint("jsonb_typeof(checking_points) = 'array'", name="checking_points"),
        CheckConstraint("supervision_code ~ '^[0-9]{14}$'", name="supervision_code"),
        CheckConstraint(
            "ratio_min_per_10000 BETWEEN 0 AND 10000 AND ratio_max_per_10000 BETWEEN 1 AND 10000"
            " AND ratio_min_per_10000 <= ratio_max_per_10000",
            name="ratio",
        ),
        CheckConstraint(
            "item_class = 'key' OR (ratio_min_per_10000 < 10000 AND ratio_max_per_10000 < 10000)",
            name="general_ratio",
        ),
        CheckConstraint("valid_to >= valid_from", name="validity"),
    )


class ChecklistItem(Identified, ItemContent, FormerKeyPoints, Base):
    """An item as the department works on it; its code is stable for ever."""

    __tablename__ = "checklist_item"
    __table_args__ = (
        UniqueConstraint("department_id", "code"),
        CheckConstraint(f"methods <@ ARRAY['{_METHODS}']::varchar[]", name="methods"),
        CheckConstraint("frequency_cap IS NULL OR frequency_cap > 0", name="frequency_cap"),
        *_content_checks(),
        # One live item of a kind; a digest, because the texts are longer than an index admits.
        Index(
            "uq_checklist_item_live",
            "department_id",
            "identity_md5",
            unique=True,
            postgresql_where=text("status <> 'retired'"),
        ),
        Index(
            "ix_checklist_item_import_batch_id",
            "import_batch_id",
            postgresql_where=text("import_batch_id IS NOT NULL"),
        ),
    )

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    business_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("business_line.id"))
    code: Mapped[str] = mapped_column(CODE)
    identity_md5: Mapped[str] = mapped_column(
        String(32, collation="C"), Computed(_IDENTITY, persisted=True), deferred=True
    )
    """What makes two items the same, as `app/domain/checklist.py` says; for the index only."""
    status: Mapped[ItemStatus] = mapped_column(coded(ItemStatus, "status"))
    import_batch_id: Mapped[UUID | None] = made_by_batch()
    moved_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("checklist_item.id"), unique=True)
    """The item of another department that this one continues since duties were reorganised."""
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class ChecklistVersion(Identified, Base):
    """A published checklist: effective only with both facts of R01."""

    __tablename__ = "checklist_version"
    __table_args__ = (
        UniqueConstraint("department_id", "number"),
        CheckConstraint("number > 0", name="number"),
    )

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    number: Mapped[int] = mapped_column(Integer)
    platform_receipt_no: Mapped[str] = mapped_column(String(100))
    platform_published_on: Mapped[dt.date]
    site_url: Mapped[str] = mapped_column(String(500))
    site_published_on: Mapped[dt.date]
    item_count: Mapped[int] = mapped_column(Integer)
    published_at: Mapped[dt.datetime]
    published_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))


class ItemVersion(Identified, ItemContent, FormerKeyPoints, Base):
    """An item as one published version has it. Insert-only."""

    __tablename__ = "item_version"
    __table_args__ = (
        UniqueConstraint("checklist_version_id", "item_id"),
        CheckConstraint("jsonb_array_length(legal_bases) > 0", name="legal_basis_required"),
        CheckConstraint("cardinality(methods) > 0", name="method_required"),
        *_content_checks(),
    )

    checklist_version_id: Mapped[UUID] = mapped_column(ForeignKey("checklist_version.id"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("checklist_item.id"), index=True)
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"), index=True)
    code: Mapped[str] = mapped_column(CODE)
    position: Mapped[int] = mapped_column(Integer)
