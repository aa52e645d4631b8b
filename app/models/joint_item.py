"""The joint list of a region (部门联合抽查事项清单, plan s.4(1)2), with the units of its items."""

import datetime as dt
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.lifecycle import JointItemStatus, JointPart
from app.models.base import CODE, Base, Identified, coded
from app.models.import_batch import made_by_batch

_IDENTITY = "md5(field || chr(31) || name || chr(31) || objects)"


class JointItem(Identified, Base):
    """What several departments of a region inspect together; its code is stable for ever."""

    __tablename__ = "joint_item"
    __table_args__ = (
        UniqueConstraint("region_code", "code"),
        # One live item of a kind; a digest, because the texts are longer than an index admits.
        Index(
            "uq_joint_item_live",
            "region_code",
            "identity_md5",
            unique=True,
            postgresql_where=text("status <> 'retired'"),
        ),
        Index("ix_joint_item_field", "region_code", "field"),
        Index(
            "ix_joint_item_import_batch_id",
            "import_batch_id",
            postgresql_where=text("import_batch_id IS NOT NULL"),
        ),
        Index(
            "ix_joint_item_name_trgm",
            "name",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops"},
        ),
        Index(
            "ix_joint_item_objects_trgm",
            "objects",
            postgresql_using="gin",
            postgresql_ops={"objects": "gin_trgm_ops"},
        ),
    )

    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    code: Mapped[str] = mapped_column(CODE)
    field: Mapped[str] = mapped_column(String(500))
    """抽查领域."""
    name: Mapped[str] = mapped_column(String(2000))
    """抽查事项."""
    objects: Mapped[str] = mapped_column(String(2000))
    """检查对象, in the words of the list."""
    identity_md5: Mapped[str] = mapped_column(
        String(32, collation="C"), Computed(_IDENTITY, persisted=True), deferred=True
    )
    """What makes two items the same, as `app/domain/joint_items.py` says; for the index only."""
    status: Mapped[JointItemStatus] = mapped_column(coded(JointItemStatus, "status"))
    import_batch_id: Mapped[UUID | None] = made_by_batch()
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class JointItemUnit(Base):
    """A unit that initiates or cooperates, by the name the list gives it; linked where known."""

    __tablename__ = "joint_item_unit"
    __table_args__ = (
        UniqueConstraint("joint_item_id", "name"),
        UniqueConstraint("joint_item_id", "department_id"),
        CheckConstraint("position >= 1", name="position"),
        Index("ix_joint_item_unit_name", "name"),
        Index("ix_joint_item_unit_department", "department_id"),
    )

    joint_item_id: Mapped[UUID] = mapped_column(ForeignKey("joint_item.id"), primary_key=True)
    part: Mapped[JointPart] = mapped_column(coded(JointPart, "part"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("department.id"))
