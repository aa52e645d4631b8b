"""What the object library is searched by: one row per library entry, made by triggers alone.

A search narrows by what the subject says (name, code, place) and by what the department says (tags)
at once; no index spans two tables, so both stand here. The triggers are in migration 0006.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import CODE, Base

TOKENS = (
    "search_tokens(department_id, department_region, name, code, kind, status, risk_class,"
    " area_code, industry_code, tags, special_libraries)"
)
"""The indexed expression: the 1- and 2-grams of the name, and a token for all one can filter by."""

COVERED = ["name", "code", "kind", "status", "risk_class", "area_code", "industry_code"]
"""What the order of names can be filtered by without looking into the table."""


class LibrarySearch(Base):
    """A library entry as it is found."""

    __tablename__ = "library_search"
    __table_args__ = (
        Index("ix_library_search_object_id", "object_id"),
        Index(
            "ix_library_search_own_name",
            "department_id",
            "name_key",
            "object_id",
            postgresql_include=COVERED,
        ),
        Index(
            "ix_library_search_name",
            "name_key",
            "object_id",
            postgresql_include=["department_region", *COVERED],
        ),
        Index("ix_library_search_code", "code"),
        Index("ix_library_search_inspected", "last_inspected_on"),
        Index("ix_library_search_tokens", text(TOKENS), postgresql_using="gin"),
    )

    department_id: Mapped[UUID] = mapped_column(primary_key=True)
    object_id: Mapped[UUID] = mapped_column(primary_key=True)
    department_region: Mapped[str] = mapped_column(String(12, collation="C"))
    """Of the department as it was made: nothing in the service gives it another region."""
    name_key: Mapped[str] = mapped_column(String(255, collation="C"))
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(CODE)
    kind: Mapped[str] = mapped_column(String(32, collation="C"))
    status: Mapped[str] = mapped_column(String(32, collation="C"))
    risk_class: Mapped[str] = mapped_column(String(32, collation="C"))
    area_code: Mapped[str] = mapped_column(String(12, collation="C"))
    industry_code: Mapped[str] = mapped_column(String(5, collation="C"))
    """Without the section's letter where digits follow it; empty where there is none."""
    last_inspected_on: Mapped[dt.date]
    """The first of all days where the subject was never inspected: that is before any day."""
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
    special_libraries: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
