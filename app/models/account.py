"""Accounts, what they may do where, and their sessions.

Passwords and refresh tokens are kept only as hashes.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.actor import Role
from app.domain.lifecycle import AccountStatus
from app.models.base import SHA256, Base, Identified, coded


class Account(Identified, Base):
    """A person who signs in. An officer's account names the officer in the library."""

    __tablename__ = "account"

    username: Mapped[str] = mapped_column(String(64, collation="C"), unique=True)
    display_name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(300))
    status: Mapped[AccountStatus] = mapped_column(coded(AccountStatus, "status"))
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    failed_logins: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[dt.datetime | None]
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"), unique=True)
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class RoleGrant(Identified, Base):
    """A role of an account at a department; without a department only for the administrator."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("department_id IS NOT NULL OR role = 'sysadmin'", name="department"),
        Index(
            "uq_role_grant_live",
            "account_id",
            "department_id",
            "role",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("department.id"))
    role: Mapped[Role] = mapped_column(coded(Role, "role"))
    granted_at: Mapped[dt.datetime]
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[dt.datetime | None]


class Session(Identified, Base):
    """One sign-in at one department: a family of refresh tokens that ends together."""

    __tablename__ = "session"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("department.id"))
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(32))
    ip: Mapped[str | None] = mapped_column(String(64))


class RefreshToken(Identified, Base):
    """One refresh token, used once; a second use ends its session (reuse means theft)."""

    __tablename__ = "refresh_token"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("session.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    issued_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
