"""Guidelines: the six mandatory parts that a department inspects by (R06)."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.lifecycle import GuidelineKind, GuidelineStatus
from app.models.base import CODE, Base, Identified, coded

_PARTS = ("draw_principles", "methods", "contents", "procedure", "publicity", "archiving")
_COMPLETE = " AND ".join(f"length({part}) > 0" for part in _PARTS)


class Guideline(Identified, Base):
    """A working guide (指引) or detailed rules (细则), version by version."""

    __tablename__ = "guideline"
    __table_args__ = (
        CheckConstraint(f"status = 'draft' OR ({_COMPLETE})", name="six_parts"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint(
            "officer_cap >= 1 AND visit_cap >= 1 AND cooling_days >= 0", name="defaults"
        ),
        CheckConstraint("activated_by IS NULL OR activated_by <> created_by", name="maker_checker"),
        Index(
            "uq_guideline_active",
            "department_id",
            "code",
            unique=True,
            postgresql_where=text("status = 'active'"),
        ),
        Index("uq_guideline_version", "department_id", "code", "version", unique=True),
    )

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    code: Mapped[str] = mapped_column(CODE)
    kind: Mapped[GuidelineKind] = mapped_column(coded(GuidelineKind, "kind"))
    title: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer)
    status: Mapped[GuidelineStatus] = mapped_column(coded(GuidelineStatus, "status"))
    draw_principles: Mapped[str] = mapped_column(Text)
    methods: Mapped[str] = mapped_column(Text)
    contents: Mapped[str] = mapped_column(Text)
    procedure: Mapped[str] = mapped_column(Text)
    publicity: Mapped[str] = mapped_column(Text)
    archiving: Mapped[str] = mapped_column(Text)
    item_codes: Mapped[list[str]] = mapped_column(ARRAY(String(64)))
    team_size: Mapped[int] = mapped_column(Integer)
    notice_days: Mapped[int] = mapped_column(Integer)
    inspection_days: Mapped[int] = mapped_column(Integer)
    risk_levels: Mapped[list[str]] = mapped_column(
        ARRAY(String(16)), server_default=text("'{}'"), default=list
    )
    """Of items; empty: whatever their level, as no item codes mean every item."""
    quota_rule: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What a task draws if it does not say, by risk class of the objects; as in a plan."""
    default_methods: Mapped[list[str] | None] = mapped_column(ARRAY(String(16)))
    leader_required: Mapped[bool | None] = mapped_column(Boolean)
    officer_cap: Mapped[int | None] = mapped_column(Integer)
    visit_cap: Mapped[int | None] = mapped_column(Integer)
    cooling_days: Mapped[int | None] = mapped_column(Integer)
    activated_at: Mapped[dt.datetime | None]
    activated_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form
