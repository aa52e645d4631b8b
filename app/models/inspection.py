"""Inspection sheets, inspections, findings, acknowledgements and what is published of them.

Completion has no column: it is derived from publications (R20).
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
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.lifecycle import (
    AcknowledgementKind,
    FindingOutcome,
    InspectionStatus,
    ResultCode,
)
from app.models.base import CODE, Base, Identified, coded


class InspectionSheet(Identified, Base):
    """《执法检查表》: one drawn object of one draw, a section per department. Insert-only."""

    __tablename__ = "inspection_sheet"
    __table_args__ = (UniqueConstraint("draw_id", "object_id"),)

    sheet_no: Mapped[str] = mapped_column(CODE, unique=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"))
    plan_task_id: Mapped[UUID] = mapped_column(ForeignKey("plan_task.id"), index=True)
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_object.id"), index=True)
    object_code: Mapped[str] = mapped_column(CODE)
    object_snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The subject as it was when the draw was locked."""
    deadline_on: Mapped[dt.date]
    created_at: Mapped[dt.datetime]


class Inspection(Identified, Base):
    """One department's share of a sheet."""

    __tablename__ = "inspection"
    __table_args__ = (
        UniqueConstraint("sheet_id", "department_id"),
        Index("ix_inspection_department_status", "department_id", "status"),
        Index("ix_inspection_due_on", "due_on"),
        CheckConstraint("reviewed_by IS NULL OR reviewed_by <> entered_by", name="maker_checker"),
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="period"),
        CheckConstraint(
            "status NOT IN ('ended', 'entered', 'reviewed', 'published')"
            " OR (ended_at IS NOT NULL AND ended_on IS NOT NULL AND due_state IS NOT NULL)",
            name="ended",
        ),
        CheckConstraint(
            "status NOT IN ('entered', 'reviewed', 'published') OR result_code IS NOT NULL",
            name="result",
        ),
        CheckConstraint(
            "status NOT IN ('reviewed', 'published') OR reviewed_by IS NOT NULL", name="reviewed"
        ),
        CheckConstraint("(status = 'published') = (published_at IS NOT NULL)", name="published"),
        CheckConstraint("(due_state = 'computed') = (due_on IS NOT NULL)", name="due"),
    )

    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_sheet.id"), index=True)
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    status: Mapped[InspectionStatus] = mapped_column(coded(InspectionStatus, "status"))
    methods: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    ended_on: Mapped[dt.date | None]
    """The day (Asia/Shanghai) that the 20 working days are counted from (R19)."""
    due_on: Mapped[dt.date | None]
    due_state: Mapped[str | None] = mapped_column(String(32))
    place: Mapped[str | None] = mapped_column(String(300))
    present: Mapped[str | None] = mapped_column(String(300))
    statement: Mapped[str | None] = mapped_column(Text)
    result_code: Mapped[ResultCode | None] = mapped_column(coded(ResultCode, "result_code"))
    """No default: an empty result is empty (F29)."""
    result_note: Mapped[str | None] = mapped_column(String(2000))
    result_details: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    entered_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[dt.datetime | None]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    reviewed_at: Mapped[dt.datetime | None]
    review_opinion: Mapped[str | None] = mapped_column(String(500))
    published_at: Mapped[dt.datetime | None]
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class InspectionOfficer(Base):
    """A member of the team, with the certificate as it was then. Insert-only.

    Drawn with the object; or, where the draw could staff nobody, assigned on record with a cause.
    """

    __tablename__ = "inspection_officer"
    __table_args__ = (
        CheckConstraint("(assigned_by IS NULL) = (assigned_cause IS NULL)", name="assigned"),
    )

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), primary_key=True)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), primary_key=True, index=True)
    slot: Mapped[int] = mapped_column(Integer)
    lead: Mapped[bool] = mapped_column(Boolean)
    code: Mapped[str] = mapped_column(CODE)
    name: Mapped[str] = mapped_column(String(100))
    certificate_no: Mapped[str] = mapped_column(String(64))
    assigned_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    assigned_cause: Mapped[str | None] = mapped_column(String(500))


class Notice(Identified, Base):
    """The one-time advance notice of an on-site check (R14). Insert-only."""

    __tablename__ = "notice"

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), unique=True)
    channel: Mapped[str] = mapped_column(String(32))
    recipient: Mapped[str] = mapped_column(String(100))
    visit_from: Mapped[dt.date]
    visit_to: Mapped[dt.date]
    materials: Mapped[list[str]] = mapped_column(ARRAY(String(200)))
    sent_at: Mapped[dt.datetime]
    sent_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))


class Finding(Identified, Base):
    """What was found on one item."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("inspection_id", "item_version_id"),
        CheckConstraint("outcome <> 'problem' OR problem IS NOT NULL", name="problem"),
    )

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"))
    item_version_id: Mapped[UUID] = mapped_column(ForeignKey("item_version.id"), index=True)
    outcome: Mapped[FindingOutcome] = mapped_column(coded(FindingOutcome, "outcome"))
    problem: Mapped[str | None] = mapped_column(String(2000))
    measure: Mapped[str | None] = mapped_column(String(2000))


class Acknowledgement(Base):
    """Signed, sealed, refused or absent; without signature or seal there is a reason (R16)."""

    __tablename__ = "acknowledgement"
    __table_args__ = (
        CheckConstraint("kind NOT IN ('refused', 'absent') OR length(reason) >= 10", name="reason"),
    )

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), primary_key=True)
    kind: Mapped[AcknowledgementKind] = mapped_column(coded(AcknowledgementKind, "kind"))
    signer: Mapped[str | None] = mapped_column(String(100))
    reason: Mapped[str | None] = mapped_column(String(1000))
    witness_name: Mapped[str | None] = mapped_column(String(100))
    witness_unit: Mapped[str | None] = mapped_column(String(200))
    noted_by: Mapped[list[str]] = mapped_column(ARRAY(String(64)))
    """Codes of the officers of the team who noted the refusal."""
    at: Mapped[dt.datetime]


class Publication(Identified, Base):
    """What the public sees of one inspection, version by version. Insert-only."""

    __tablename__ = "publication"
    __table_args__ = (
        UniqueConstraint("inspection_id", "version"),
        Index("ix_publication_region_code", "region_code"),
        Index("ix_publication_object_code", "object_code"),
        Index("ix_publication_plan_no", "plan_no"),
        Index(
            "ix_publication_object_name_trgm",
            "object_name",
            postgresql_using="gin",
            postgresql_ops={"object_name": "gin_trgm_ops"},
        ),
    )

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"))
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    object_code: Mapped[str] = mapped_column(CODE)
    object_name: Mapped[str] = mapped_column(String(200))
    plan_no: Mapped[str] = mapped_column(CODE)
    result_code: Mapped[ResultCode] = mapped_column(coded(ResultCode, "result_code"))
    version: Mapped[int] = mapped_column(Integer)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The national field set (DOMAIN s.8.2); never an officer's name, never a penalty (R21)."""
    platform_receipt_no: Mapped[str | None] = mapped_column(String(100))
    published_at: Mapped[dt.datetime]
    published_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
