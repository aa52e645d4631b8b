"""What a department keeps of an object besides its entry: licences, and whom to contact."""

import datetime as dt
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import CODE, Base, Identified


class Licence(Identified, Base):
    """A licence that an object holds, as a department knows it."""

    __tablename__ = "object_licence"
    __table_args__ = (
        UniqueConstraint("department_id", "object_id", "number"),
        Index("ix_object_licence_object_id", "object_id"),
        Index("ix_object_licence_valid_to", "department_id", "valid_to"),
        CheckConstraint("long_term = (valid_to IS NULL)", name="validity"),
        CheckConstraint("valid_to >= approved_on", name="period"),
        CheckConstraint("ended_on >= approved_on", name="ended"),
    )

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_object.id"))
    code: Mapped[str | None] = mapped_column(CODE)
    name: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(100, collation="C"))
    issuer: Mapped[str] = mapped_column(String(200))
    approved_on: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]
    long_term: Mapped[bool] = mapped_column(Boolean)
    ended_on: Mapped[dt.date | None]
    """Given back or taken away before its time."""
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class ObjectContact(Base):
    """Whom a department calls at an object. Personal data: shown masked, revealed on record."""

    __tablename__ = "object_contact"
    __table_args__ = (
        CheckConstraint(
            "legal_representative IS NOT NULL OR liaison IS NOT NULL OR phone IS NOT NULL",
            name="something",
        ),
    )

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"), primary_key=True)
    object_id: Mapped[UUID] = mapped_column(
        ForeignKey("inspection_object.id"), primary_key=True, index=True
    )
    legal_representative: Mapped[str | None] = mapped_column(String(100))
    liaison: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(32))
    updated_at: Mapped[dt.datetime]
    updated_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
