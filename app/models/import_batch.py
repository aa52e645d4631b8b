"""What one imported file made, what was said of its rows, and the file itself for a while."""

import datetime as dt
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.imports import ImportKind, ImportMode, ImportStatus, RowOutcome
from app.models.base import SHA256, Base, Identified, coded


class ImportBatch(Identified, Base):
    """Counts are of rows of the file; what was made carries this id in `import_batch_id`."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint(
            "(status = 'undone') = (undone_at IS NOT NULL)"
            " AND (undone_at IS NULL) = (undone_by IS NULL)"
            " AND (undone_at IS NULL) = (undo_reason IS NULL)",
            name="undone",
        ),
        CheckConstraint(
            "status <> 'refused' OR (mode = 'atomic' AND rejected > 0 AND created + joined = 0)",
            name="refused",
        ),
        CheckConstraint(
            "created >= 0 AND joined >= 0 AND duplicates >= 0 AND rejected >= 0 AND warned >= 0"
            " AND verdicts >= 0 AND rows >= 0",
            name="counts",
        ),
        Index("ix_import_batch_department", "department_id", "id"),
        Index(
            "ix_import_batch_file_kept", "made_at", postgresql_where=text("file_gone_at IS NULL")
        ),
        Index(
            "ix_import_batch_verdicts_kept",
            "made_at",
            postgresql_where=text("verdicts_gone_at IS NULL"),
        ),
    )

    kind: Mapped[ImportKind] = mapped_column(coded(ImportKind, "kind"))
    status: Mapped[ImportStatus] = mapped_column(coded(ImportStatus, "status"))
    mode: Mapped[ImportMode] = mapped_column(coded(ImportMode, "mode"))
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    operation_id: Mapped[UUID | None] = mapped_column(ForeignKey("operation.id"), unique=True)
    """The long work that did it: one batch each, which is one more guard against doubling."""
    file_name: Mapped[str] = mapped_column(String(500))
    file_sha256: Mapped[str] = mapped_column(SHA256)
    rows: Mapped[int] = mapped_column(Integer)
    created: Mapped[int] = mapped_column(Integer)
    joined: Mapped[int] = mapped_column(Integer)
    duplicates: Mapped[int] = mapped_column(Integer)
    rejected: Mapped[int] = mapped_column(Integer)
    warned: Mapped[int] = mapped_column(Integer)
    verdicts: Mapped[int] = mapped_column(Integer)
    """How many verdicts there are (or were): a row has one for each of its faults."""
    made_at: Mapped[dt.datetime]
    undone_at: Mapped[dt.datetime | None]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    undo_reason: Mapped[str | None] = mapped_column(String(500))
    file_gone_at: Mapped[dt.datetime | None]
    verdicts_gone_at: Mapped[dt.datetime | None]
    row_version: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class ImportVerdict(Base):
    """One thing said of one row, in the order of the sheet; texts as they were said then."""

    __tablename__ = "import_verdict"
    __table_args__ = (
        Index("ix_import_verdict_outcome", "batch_id", "outcome", "position"),
        CheckConstraint("row > 0 AND position >= 0", name="place"),
    )

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    row: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[RowOutcome] = mapped_column(coded(RowOutcome, "outcome"))
    code: Mapped[str] = mapped_column(String(64, collation="C"))
    field: Mapped[str | None] = mapped_column(String(64, collation="C"))
    column: Mapped[int | None] = mapped_column("column_number", SmallInteger)
    title: Mapped[str | None] = mapped_column(String(100))
    value: Mapped[str | None] = mapped_column(String(200))
    zh: Mapped[str] = mapped_column(String(500))
    en: Mapped[str] = mapped_column(String(500))


class ImportFile(Base):
    """A piece of the file of a batch."""

    __tablename__ = "import_file"
    __table_args__ = (CheckConstraint("position >= 0", name="position"),)

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


def made_by_batch(*, before_batch: bool = False) -> Mapped[UUID | None]:
    """The column of what an import makes; empty for what was entered by hand.

    What is stored before the batch is (its counts follow from it) is compared at the commit.
    """
    key = ForeignKey(
        "import_batch.id",
        use_alter=True,
        deferrable=before_batch or None,
        initially="DEFERRED" if before_batch else None,
    )
    return mapped_column(key)
