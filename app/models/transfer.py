"""Duties that move between departments (职能职责整合), and where each officer has served.

What a transfer names never changes; its answer is written once. Items and officers move only with
an accepted one.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.lifecycle import TransferStatus
from app.models.base import CODE, Base, Identified, coded


class DutyTransfer(Identified, Base):
    """A duty with its items and officers, proposed by one department, answered by another."""

    __tablename__ = "duty_transfer"
    __table_args__ = (
        UniqueConstraint("transfer_no"),
        CheckConstraint("from_department_id <> to_department_id", name="departments"),
        CheckConstraint("(status = 'proposed') = (answered_at IS NULL)", name="answered"),
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answerer"),
        CheckConstraint("status <> 'accepted' OR answered_by <> proposed_by", name="maker_checker"),
        CheckConstraint(
            "status NOT IN ('declined', 'withdrawn') OR answer_reason IS NOT NULL", name="reason"
        ),
        CheckConstraint(
            "(status = 'accepted') = (objects_entered IS NOT NULL)", name="objects_entered"
        ),
        Index("ix_duty_transfer_from", "from_department_id"),
        Index("ix_duty_transfer_to", "to_department_id"),
    )

    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    transfer_no: Mapped[str] = mapped_column(CODE)
    from_department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    to_department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    reason: Mapped[str] = mapped_column(String(2000))
    document_no: Mapped[str] = mapped_column(String(100))
    """文号 of the decision that reorganises the duty."""
    effective_on: Mapped[dt.date]
    status: Mapped[TransferStatus] = mapped_column(coded(TransferStatus, "status"))
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[dt.datetime | None]
    answer_reason: Mapped[str | None] = mapped_column(String(2000))
    object_tags: Mapped[list[str]] = mapped_column(
        ARRAY(String(50)), server_default=text("'{}'"), default=list
    )
    """Entries of the giving library with any of these are entered in the receiving one, too."""
    objects_entered: Mapped[int | None] = mapped_column(Integer)
    """How many entries the receiving library gained; empty until it is accepted."""
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class DutyTransferItem(Base):
    """An item of the giving department that moves. Insert-only."""

    __tablename__ = "duty_transfer_item"

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("duty_transfer.id"), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(
        ForeignKey("checklist_item.id"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(Integer)


class DutyTransferOfficer(Base):
    """An officer of the giving department who moves. Insert-only."""

    __tablename__ = "duty_transfer_officer"

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("duty_transfer.id"), primary_key=True)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(Integer)


class OfficerPosting(Identified, Base):
    """Where an officer served and when; written from the officer's first transfer on."""

    __tablename__ = "officer_posting"
    __table_args__ = (
        CheckConstraint("serves_to >= serves_from", name="period"),
        UniqueConstraint("officer_id", "serves_from"),
        # An officer is in one department at a time.
        Index(
            "uq_officer_posting_current",
            "officer_id",
            unique=True,
            postgresql_where=text("serves_to IS NULL"),
        ),
    )

    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    business_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("business_line.id"))
    serves_from: Mapped[dt.date]
    serves_to: Mapped[dt.date | None]
    """The last day, included; empty: to this day."""
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey("duty_transfer.id"))
    """What brought the officer here; empty: was there from the first."""
