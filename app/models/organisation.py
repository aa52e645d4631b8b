"""Regions, departments and their business lines (附件1/2 of the plan, R23)."""

import datetime as dt
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.lifecycle import DepartmentKind, RegionLevel
from app.models.base import CODE, Base, Identified, coded


class Region(Base):
    """A place of GB/T 2260; the hierarchy is by parent, and by prefix of the code."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(12, collation="C"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    level: Mapped[RegionLevel] = mapped_column(coded(RegionLevel, "level"))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)


class Department(Identified, Base):
    """A unit: government department, vertical unit, brigade, leading-group office, oversight."""

    __tablename__ = "department"
    __table_args__ = (UniqueConstraint("region_code", "code"),)

    code: Mapped[str] = mapped_column(CODE)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[DepartmentKind] = mapped_column(coded(DepartmentKind, "kind"))
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    leading_group_member: Mapped[bool] = mapped_column(Boolean, default=False)
    joint_conference_member: Mapped[bool] = mapped_column(Boolean, default=False)
    host_department_id: Mapped[UUID | None] = mapped_column(ForeignKey("department.id"))
    licensing_scopes: Mapped[list[str]] = mapped_column(ARRAY(String(100)), default=list)
    site_url: Mapped[str | None] = mapped_column(String(500))
    platform_org_code: Mapped[str | None] = mapped_column(String(64))
    closed_on: Mapped[dt.date | None]
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class BusinessLine(Identified, Base):
    """A business line (业务条线/股室) of a department; the internal merge duty runs across them."""

    __tablename__ = "business_line"
    __table_args__ = (UniqueConstraint("department_id", "code"),)

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    code: Mapped[str] = mapped_column(CODE)
    name: Mapped[str] = mapped_column(String(100))
