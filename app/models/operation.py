"""Long work that was accepted: what was asked, how far it is, what came of it, and its files."""

import datetime as dt
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.operations import OperationKind, OperationStatus
from app.models.base import Base, Identified, Json, coded

_NULLABLE = JSONB(none_as_null=True)


class Operation(Identified, Base):
    """`attempts` numbers who works on it: only the last one's work is taken.

    `done`, `total`, `heartbeat_at` and the start of an attempt are counters and leave no trace in
    the audit; that it was asked for, cancelled and how it ended do.
    """

    __tablename__ = "operation"
    __table_args__ = (
        CheckConstraint(
            "(ended_at IS NOT NULL) = (status IN ('succeeded', 'failed', 'cancelled'))",
            name="ended",
        ),
        CheckConstraint(
            "status NOT IN ('running', 'succeeded') OR (started_at IS NOT NULL AND attempts > 0)",
            name="started",
        ),
        CheckConstraint(
            "CASE WHEN status = 'succeeded' THEN (result IS NULL) = (forgotten_at IS NOT NULL)"
            " ELSE result IS NULL AND summary IS NULL END",
            name="result",
        ),
        CheckConstraint("(problem IS NOT NULL) = (status = 'failed')", name="problem"),
        CheckConstraint("status <> 'cancelled' OR cancel_requested_at IS NOT NULL", name="cancel"),
        CheckConstraint(
            "done >= 0 AND attempts >= 0 AND (total IS NULL OR done <= total)", name="progress"
        ),
        CheckConstraint("forgotten_at IS NULL OR ended_at IS NOT NULL", name="forgotten"),
        Index("ix_operation_department", "department_id", "id"),
        Index(
            "ix_operation_unforgotten", "ended_at", postgresql_where=text("forgotten_at IS NULL")
        ),
    )

    kind: Mapped[OperationKind] = mapped_column(coded(OperationKind, "kind"))
    status: Mapped[OperationStatus] = mapped_column(coded(OperationStatus, "status"))
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    """Who asked for it; it is done in this account's name."""
    session_id: Mapped[UUID | None]
    request_id: Mapped[str | None] = mapped_column(String(64))
    params: Mapped[Json] = mapped_column(deferred=True)
    file_name: Mapped[str | None] = mapped_column(String(500))
    """Of the uploaded file."""
    created_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    """Of the last attempt."""
    ended_at: Mapped[dt.datetime | None]
    cancel_requested_at: Mapped[dt.datetime | None]
    forgotten_at: Mapped[dt.datetime | None]
    """When result and files were deleted."""
    heartbeat_at: Mapped[dt.datetime | None]
    """By the clock of the database: it is compared with no other."""
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int | None] = mapped_column(Integer)
    summary: Mapped[Json | None] = mapped_column(_NULLABLE)
    result: Mapped[Json | None] = mapped_column(_NULLABLE, deferred=True)
    problem: Mapped[Json | None] = mapped_column(_NULLABLE)
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    """In the queue (schema jobs); no foreign key, since jobs that are done are deleted."""


class OperationFile(Base):
    """A piece of a file of an operation: what was uploaded, or what was made."""

    __tablename__ = "operation_file"
    __table_args__ = (
        CheckConstraint("part IN ('input', 'result')", name="part"),
        CheckConstraint("position >= 0", name="position"),
    )

    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operation.id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(8, collation="C"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
