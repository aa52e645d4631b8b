"""What hangs on the history of inspection objects: events that wait, flags, proposals to merge."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.object_cases import FlagStatus, MergeStatus, WaitingStatus
from app.models.base import CODE, SHA256, Base, Identified, coded
from app.models.import_batch import made_by_batch


class WaitingEvent(Identified, Base):
    """An event of an object that the department's library does not have yet."""

    __tablename__ = "waiting_event"
    __table_args__ = (
        UniqueConstraint("department_id", "source", "external_id"),
        Index(
            "ix_waiting_event_waits_for",
            "department_id",
            "waits_for",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_waiting_event_department", "department_id", "id"),
        Index(
            "ix_waiting_event_import_batch_id",
            "import_batch_id",
            postgresql_where=text("import_batch_id IS NOT NULL"),
        ),
        CheckConstraint("(status = 'refused') = (verdict IS NOT NULL)", name="refused"),
    )

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    source: Mapped[str] = mapped_column(CODE)
    external_id: Mapped[str] = mapped_column(String(100, collation="C"))
    content_sha256: Mapped[str] = mapped_column(SHA256)
    object_code: Mapped[str] = mapped_column(CODE)
    waits_for: Mapped[str] = mapped_column(CODE)
    """Its own code, or that of the subject that answers for it."""
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The event as it was sent."""
    status: Mapped[WaitingStatus] = mapped_column(coded(WaitingStatus, "status"))
    verdict: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """Why it could not be recorded when its object came."""
    recorded_at: Mapped[dt.datetime]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    import_batch_id: Mapped[UUID | None] = made_by_batch(before_batch=True)


class ObjectFlag(Identified, Base):
    """A drawn object that is no longer active while its inspection has not ended."""

    __tablename__ = "object_flag"
    __table_args__ = (
        Index(
            "uq_object_flag_open",
            "draw_id",
            "object_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_object_flag_object_id", "object_id"),
        Index("ix_object_flag_event_id", "event_id"),
        Index("ix_object_flag_department_status", "department_id", "status"),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
        CheckConstraint(
            "status <> 'dismissed' OR (closed_by IS NOT NULL AND close_reason IS NOT NULL)",
            name="dismissed",
        ),
    )

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"))
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    """The drawing department's."""
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_object.id"))
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("object_event.id"))
    """The event after which it is no longer active."""
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_sheet.id"), index=True)
    stratum: Mapped[str] = mapped_column(CODE)
    status: Mapped[FlagStatus] = mapped_column(coded(FlagStatus, "status"))
    raised_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    close_reason: Mapped[str | None] = mapped_column(String(500))
    row_version: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class MergeProposal(Identified, Base):
    """Two subjects of one region with the same name and address, and what came of it."""

    __tablename__ = "merge_proposal"
    __table_args__ = (
        UniqueConstraint("first_object_id", "second_object_id"),
        Index("ix_merge_proposal_second_object_id", "second_object_id"),
        Index("ix_merge_proposal_survivor_id", "survivor_id"),
        Index("ix_merge_proposal_region_status", "region_code", "status"),
        CheckConstraint("first_object_id < second_object_id", name="pair"),
        CheckConstraint(
            "(status = 'open') = (decided_at IS NULL) AND (status = 'open') = (decided_by IS NULL)",
            name="decided",
        ),
        CheckConstraint("status = 'open' OR decision_reason IS NOT NULL", name="reason"),
        CheckConstraint(
            "(status = 'accepted') = (survivor_id IS NOT NULL)"
            " AND (survivor_id IS NULL OR survivor_id IN (first_object_id, second_object_id))",
            name="survivor",
        ),
        CheckConstraint("decided_by <> proposed_by", name="maker_checker"),
    )

    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    first_object_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_object.id"))
    second_object_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_object.id"))
    status: Mapped[MergeStatus] = mapped_column(coded(MergeStatus, "status"))
    proposed_at: Mapped[dt.datetime]
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    """Who entered the second of the two."""
    survivor_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspection_object.id"))
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decision_reason: Mapped[str | None] = mapped_column(String(500))
    row_version: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form
