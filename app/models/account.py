"""Accounts, what they may do where, their sessions, passwords and secrets.

Passwords, refresh tokens and clients' secrets are kept only as hashes: Argon2id for what people
choose; SHA-256 for what is 256 random bits, which no dictionary holds and no search exhausts.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.actor import Role
from app.domain.lifecycle import AccountKind, AccountStatus
from app.models.base import SHA256, Base, Identified, coded

_SCOPES = ARRAY(String(64, collation="C"))


class Account(Identified, Base):
    """A person who signs in, or a service that asks for tokens with a secret of its own.

    An officer's account names the officer in the library. A service has scopes and no password;
    its user name is its client id.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("(kind = 'person') = (password_hash IS NOT NULL)", name="password"),
        CheckConstraint("(kind = 'person') = (password_set_at IS NOT NULL)", name="password_set"),
        CheckConstraint("(kind = 'service') = (scopes IS NOT NULL)", name="scopes"),
        CheckConstraint("kind = 'person' OR officer_id IS NULL", name="officer"),
    )

    kind: Mapped[AccountKind] = mapped_column(
        coded(AccountKind, "kind"), default=AccountKind.PERSON
    )
    username: Mapped[str] = mapped_column(String(64, collation="C"), unique=True)
    display_name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(300))
    password_set_at: Mapped[dt.datetime | None]
    status: Mapped[AccountStatus] = mapped_column(coded(AccountStatus, "status"))
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    failed_logins: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[dt.datetime | None]
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"), unique=True)
    scopes: Mapped[list[str] | None] = mapped_column(_SCOPES)
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class PasswordHistory(Identified, Base):
    """A password that a person has set, so that it is not soon set again."""

    __tablename__ = "password_history"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(300))
    set_at: Mapped[dt.datetime]


class ClientSecret(Identified, Base):
    """A secret of a service account. Two at most are not revoked, and one of them has no end."""

    __tablename__ = "client_secret"
    __table_args__ = (
        CheckConstraint("slot IN (1, 2)", name="slot"),
        Index(
            "uq_client_secret_slot",
            "account_id",
            "slot",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index(
            "uq_client_secret_current",
            "account_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL AND expires_at IS NULL"),
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    slot: Mapped[int] = mapped_column(SmallInteger)
    secret_sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    created_at: Mapped[dt.datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]


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
    """One sign-in at one department: a family of refresh tokens that ends together.

    Of a service: one access token, the secret it was given for, and the scopes it asked for.
    """

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("(client_secret_id IS NULL) = (scopes IS NULL)", name="service"),
        Index("ix_session_account_id_last_used_at", "account_id", "last_used_at"),
        Index(
            "ix_session_service_expires_at",
            "expires_at",
            postgresql_where=text("client_secret_id IS NOT NULL"),
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("department.id"))
    created_at: Mapped[dt.datetime]
    last_used_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(32))
    ip: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(300))
    client_secret_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("client_secret.id"), index=True
    )
    scopes: Mapped[list[str] | None] = mapped_column(_SCOPES)


class RefreshToken(Identified, Base):
    """One refresh token, used once; a second use ends its session (reuse means theft)."""

    __tablename__ = "refresh_token"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("session.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    issued_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
