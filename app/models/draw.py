"""The draw: what was frozen, who contributed what, and what came out (DRAW s.1-3).

Everything but the state of the draw is insert-only, by trigger: a draw is never edited, and never
repeated in private.
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
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.lifecycle import DrawStatus
from app.models.base import CODE, SHA256, Base, Identified, coded


class Draw(Identified, Base):
    """One draw of one plan task."""

    __tablename__ = "draw"
    __table_args__ = (
        Index(
            "uq_draw_live_task",
            "plan_task_id",
            unique=True,
            postgresql_where=text("status <> 'annulled'"),
        ),
        Index("ix_draw_due", "status", "close_at"),
        CheckConstraint(
            "status NOT IN ('drawn', 'locked') OR (seed IS NOT NULL AND outcome IS NOT NULL)",
            name="outcome",
        ),
        CheckConstraint(
            "status NOT IN ('committed', 'opened', 'drawn', 'locked')"
            " OR commits_sha256 IS NOT NULL",
            name="committed",
        ),
        CheckConstraint("(status = 'annulled') = (annulled_at IS NOT NULL)", name="annulled"),
    )

    plan_task_id: Mapped[UUID] = mapped_column(ForeignKey("plan_task.id"), index=True)
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    draw_no: Mapped[str] = mapped_column(CODE, unique=True)
    status: Mapped[DrawStatus] = mapped_column(coded(DrawStatus, "status"))
    manifest: Mapped[str] = mapped_column(Text, deferred=True)
    """The canonical manifest, byte for byte."""
    manifest_sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    server_commit: Mapped[str] = mapped_column(SHA256, unique=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    close_at: Mapped[dt.datetime]
    supersedes_id: Mapped[UUID | None] = mapped_column(ForeignKey("draw.id"), unique=True)
    shortages: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, deferred=True)
    """Objects with fewer eligible officers than twice their team, at the freeze; the first 1000."""
    shortage_count: Mapped[int] = mapped_column(Integer)
    """How many there are in all: recusals could be used to shield a firm (DRAW s.1)."""
    frozen_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    frozen_at: Mapped[dt.datetime]
    published_at: Mapped[dt.datetime | None]
    committed_at: Mapped[dt.datetime | None]
    commits_sha256: Mapped[str | None] = mapped_column(SHA256)
    opened_at: Mapped[dt.datetime | None]
    drawn_at: Mapped[dt.datetime | None]
    locked_at: Mapped[dt.datetime | None]
    annulled_at: Mapped[dt.datetime | None]
    annulment: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """{reason, contributors, committed}: who did not commit or open in time, by name."""
    server_secret: Mapped[str | None] = mapped_column(SHA256)
    seed: Mapped[str | None] = mapped_column(SHA256)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB, deferred=True)
    """The parts of the bundle that the seed decides."""
    row_version: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class DrawFile(Base):
    """A frozen file, compressed as it is. Insert-only."""

    __tablename__ = "draw_file"

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    size: Mapped[int] = mapped_column(Integer)
    """Lines."""
    sha256: Mapped[str] = mapped_column(SHA256)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """zlib."""


class DrawContributor(Base):
    """A unit asked for a contribution; its code is the department's. Insert-only."""

    __tablename__ = "draw_contributor"

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"), index=True)


class DrawCommitment(Base):
    """A contributor's commitment, before any opening. Insert-only."""

    __tablename__ = "draw_commitment"

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    commitment: Mapped[str] = mapped_column(SHA256)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[dt.datetime]


class DrawOpening(Base):
    """A contributor's value, after every commitment. Insert-only."""

    __tablename__ = "draw_opening"

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    value: Mapped[str] = mapped_column(String(100))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[dt.datetime]


class Selection(Identified, Base):
    """A winner, or a place in the published reserve. Insert-only."""

    __tablename__ = "selection"
    __table_args__ = (
        UniqueConstraint("draw_id", "object_code"),
        UniqueConstraint("draw_id", "stratum", "rank"),
        CheckConstraint("rank >= 1", name="rank"),
    )

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"))
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_object.id"), index=True)
    object_code: Mapped[str] = mapped_column(CODE)
    stratum: Mapped[str] = mapped_column(CODE)
    rank: Mapped[int] = mapped_column(Integer)
    reserve: Mapped[bool] = mapped_column(Boolean)
    ticket: Mapped[str] = mapped_column(SHA256)
    staffed: Mapped[bool] = mapped_column(Boolean)


class TeamMember(Base):
    """An officer of an object's team, slot by slot. Insert-only."""

    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("draw_id", "object_code", "officer_code"),)

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    object_code: Mapped[str] = mapped_column(CODE, primary_key=True)
    department_code: Mapped[str] = mapped_column(CODE, primary_key=True)
    slot: Mapped[int] = mapped_column(Integer, primary_key=True)
    officer_code: Mapped[str] = mapped_column(CODE)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), index=True)
