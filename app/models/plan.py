"""Plans and their tasks: items x pool filter x quota x period x team (plan s.4(1), R09-R11).

A joint plan has participants: departments that were invited and accepted or declined. It is filed
by the leading-group office before it is published (R10); the tables refuse anything else.
"""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.lifecycle import ParticipantStatus, PlanKind, PlanStatus, PoolScope
from app.models.base import CODE, Base, Identified, coded


class Plan(Identified, Base):
    """A year's plan of a department, or a joint one that it initiates."""

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("plan_no"),
        CheckConstraint("approved_by IS NULL OR approved_by <> submitted_by", name="maker_checker"),
        CheckConstraint("year BETWEEN 2000 AND 2200", name="year"),
        CheckConstraint(
            "status NOT IN ('approved', 'filed', 'published') OR approved_by IS NOT NULL",
            name="approved",
        ),
        CheckConstraint(
            "status <> 'published' OR (platform_receipt_no IS NOT NULL AND site_url IS NOT NULL)",
            name="published",
        ),
        # R10: a joint plan is filed before it is published; a department plan never is.
        CheckConstraint(
            "(filed_at IS NULL) = (filed_by IS NULL) AND (filed_at IS NULL) = (filing_no IS NULL)",
            name="filing",
        ),
        CheckConstraint(
            "kind <> 'joint' OR status NOT IN ('filed', 'published') OR filed_at IS NOT NULL",
            name="filed",
        ),
        CheckConstraint("kind = 'joint' OR filed_at IS NULL", name="joint_filing"),
        CheckConstraint(
            "filed_by IS NULL OR filed_by NOT IN (created_by, submitted_by, approved_by)",
            name="filer",
        ),
        Index("uq_plan_filing_no", "region_code", "filing_no", unique=True),
        Index("ix_plan_department_year", "department_id", "year"),
    )

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    kind: Mapped[PlanKind] = mapped_column(coded(PlanKind, "kind"))
    year: Mapped[int] = mapped_column(Integer)
    plan_no: Mapped[str] = mapped_column(CODE)
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[PlanStatus] = mapped_column(coded(PlanStatus, "status"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    submitted_at: Mapped[dt.datetime | None]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[dt.datetime | None]
    approval_opinion: Mapped[str | None] = mapped_column(String(500))
    returned_reason: Mapped[str | None] = mapped_column(String(500))
    filing_no: Mapped[str | None] = mapped_column(String(64, collation="C"))
    filing_opinion: Mapped[str | None] = mapped_column(String(500))
    filed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    filed_at: Mapped[dt.datetime | None]
    published_at: Mapped[dt.datetime | None]
    platform_receipt_no: Mapped[str | None] = mapped_column(String(100))
    site_url: Mapped[str | None] = mapped_column(String(500))
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class PlanParticipant(Base):
    """A department that was invited to a joint plan, and what it answered (F13)."""

    __tablename__ = "plan_participant"
    __table_args__ = (
        CheckConstraint("(status = 'invited') = (answered_at IS NULL)", name="answered"),
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answerer"),
        CheckConstraint("(status = 'declined') = (reason IS NOT NULL)", name="reason"),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    department_id: Mapped[UUID] = mapped_column(
        ForeignKey("department.id"), primary_key=True, index=True
    )
    status: Mapped[ParticipantStatus] = mapped_column(coded(ParticipantStatus, "status"))
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    invited_at: Mapped[dt.datetime]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None] = mapped_column(String(500))


class PlanTask(Identified, Base):
    """One draw's worth of a plan."""

    __tablename__ = "plan_task"
    __table_args__ = (
        UniqueConstraint("plan_id", "position"),
        UniqueConstraint("code"),
        CheckConstraint("period_to >= period_from", name="period"),
        CheckConstraint("reserve >= 0", name="reserve"),
        CheckConstraint("officer_cap >= 1", name="officer_cap"),
        CheckConstraint("visit_cap IS NULL OR visit_cap >= 1", name="visit_cap"),
        CheckConstraint("cooling_days >= 0", name="cooling_days"),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"), index=True)
    business_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("business_line.id"))
    code: Mapped[str] = mapped_column(CODE)
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(Integer)
    targeted: Mapped[bool] = mapped_column(Boolean)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(String(32)))
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
    area_codes: Mapped[list[str]] = mapped_column(ARRAY(String(12)))
    risk_classes: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    quota_rule: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reserve: Mapped[int] = mapped_column(Integer)
    period_from: Mapped[dt.date]
    period_to: Mapped[dt.date]
    methods: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    pool_scope: Mapped[PoolScope] = mapped_column(
        coded(PoolScope, "pool_scope"), default=PoolScope.SHARED
    )
    """Which objects of the initiating department's library join the pool of a joint task."""
    officer_cap: Mapped[int] = mapped_column(Integer)
    """Objects of one draw that an officer serves, at most."""
    visit_cap: Mapped[int | None] = mapped_column(Integer)
    """Visits of one object in a year by the departments that take part, at most (N7)."""
    cooling_days: Mapped[int] = mapped_column(Integer)
    """Days after a visit in which an object is not drawn again."""
    notice_days: Mapped[int | None] = mapped_column(Integer)
    inspection_days: Mapped[int | None] = mapped_column(Integer)
    defaults_from: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'"), default=dict
    )
    """Field to the guideline that gave its value: {id, code, version}; others were given."""


class PlanTaskItem(Base):
    """An item that the task checks, as one published checklist version has it."""

    __tablename__ = "plan_task_item"

    plan_task_id: Mapped[UUID] = mapped_column(
        ForeignKey("plan_task.id", ondelete="CASCADE"), primary_key=True
    )
    item_version_id: Mapped[UUID] = mapped_column(ForeignKey("item_version.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)


class PlanTaskDepartment(Base):
    """A department that takes part, and the officers it sends to each object (lead first)."""

    __tablename__ = "plan_task_department"
    __table_args__ = (
        UniqueConstraint("plan_task_id", "position"),
        # Two officers at least, whoever they are (DOMAIN F19, Administrative Penalty Law art. 42).
        CheckConstraint("members >= 2", name="members"),
    )

    plan_task_id: Mapped[UUID] = mapped_column(
        ForeignKey("plan_task.id", ondelete="CASCADE"), primary_key=True
    )
    department_id: Mapped[UUID] = mapped_column(
        ForeignKey("department.id"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(Integer)
    members: Mapped[int] = mapped_column(Integer)
    lead: Mapped[bool] = mapped_column(Boolean)
