"""The trace of every step: one hash chain per department, append-only by trigger and by grant.

No foreign key leads here or away: what is recorded outlives what it is about (R07).
"""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.actor import ActorKind
from app.models.base import SHA256, Base, Identified, coded


class AuditChain(Base):
    """The head of a chain; its row is locked while an entry is added."""

    __tablename__ = "audit_chain"

    chain: Mapped[str] = mapped_column(String(100, collation="C"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(SHA256)


class AuditEntry(Identified, Base):
    """Who did what to what, as what, from where, with what outcome; hashed with the one before."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("uq_audit_entry_chain_seq", "chain", "seq", unique=True),
        Index("ix_audit_entry_subject", "subject_kind", "subject_id"),
    )

    chain: Mapped[str] = mapped_column(String(100, collation="C"))
    seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[dt.datetime]
    actor_id: Mapped[UUID | None]
    actor: Mapped[str] = mapped_column(String(64))
    actor_kind: Mapped[ActorKind] = mapped_column(coded(ActorKind, "actor_kind"))
    roles: Mapped[list[str]] = mapped_column(ARRAY(String(32)))
    department: Mapped[str | None] = mapped_column(String(64))
    session_id: Mapped[UUID | None]
    ip: Mapped[str | None] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[str | None] = mapped_column(String(100))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    outcome: Mapped[str] = mapped_column(String(16))
    request_id: Mapped[str | None] = mapped_column(String(64))
    alg: Mapped[str] = mapped_column(String(16))
    prev_hash: Mapped[str] = mapped_column(SHA256)
    hash: Mapped[str] = mapped_column(SHA256)
