"""What all tables share: naming of constraints, ids, coded columns, the row version.

Refuses relationships that load by themselves: storage says what it reads.
"""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Enum, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Json = dict[str, Any]


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  read by SQLAlchemy
        dt.datetime: DateTime(timezone=True),
        Json: JSONB,
    }


def new_id() -> UUID:
    """A UUIDv7: unique, and in order of making."""
    return uuid7()


def coded(values: type[StrEnum], name: str) -> Enum:
    """A text column with a CHECK that admits just the enumeration's codes."""
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        validate_strings=True,
        values_callable=lambda codes: [code.value for code in codes],
    )


CODE = String(64, collation="C")
"""A public natural key, compared as bytes."""
SHA256 = String(64, collation="C")


class Identified:
    """A row with an id of its own."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
