"""The two libraries: inspection objects (one subject per region) and officers (R02-R05).

A subject has one row per region; each department that supervises it has an entry of its own.
"""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.domain.lifecycle import (
    IdScheme,
    InterestSource,
    ObjectKind,
    ObjectStatus,
    OfficerStatus,
    RiskClass,
)
from app.models.base import CODE, SHA256, Base, Identified, coded
from app.models.import_batch import made_by_batch
from app.reference.pinyin import NAME_KEY_LENGTH, name_key

CODE_FORM = "^[0-9A-Z][0-9A-Z._-]{0,63}$"


def _key_of_inserted(context: DefaultExecutionContext) -> str:
    """The sort key of a row that a Core statement inserts."""
    return name_key(str(context.get_current_parameters()["name"]))  # type: ignore[no-untyped-call]


class InspectionObject(Identified, Base):
    """A firm, individual business, co-operative, other body, product, project or activity."""

    __tablename__ = "inspection_object"
    __table_args__ = (
        UniqueConstraint("region_code", "code"),
        UniqueConstraint("region_code", "id_scheme", "id_value"),
        CheckConstraint(f"code ~ '{CODE_FORM}'", name="code"),
        CheckConstraint(
            "kind NOT IN ('product', 'project', 'activity') OR responsible_object_id IS NOT NULL",
            name="responsible",
        ),
        CheckConstraint("merged_into_id <> id", name="merged_into_itself"),
        Index("ix_inspection_object_area", "area_code"),
        Index("ix_inspection_object_last_inspected_on", "last_inspected_on"),
        Index(
            "ix_inspection_object_identity",
            "region_code",
            text("object_identity(name, address)"),
            postgresql_where=text("address IS NOT NULL"),
        ),
        Index(
            "ix_inspection_object_merged_into_id",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        # Else the deletion of each subject would look through all of them for what it answers for.
        Index(
            "ix_inspection_object_responsible_object_id",
            "responsible_object_id",
            postgresql_where=text("responsible_object_id IS NOT NULL"),
        ),
        Index(
            "ix_inspection_object_import_batch_id",
            "import_batch_id",
            postgresql_where=text("import_batch_id IS NOT NULL"),
        ),
        Index(
            "ix_inspection_object_name_key_missing", "id", postgresql_where=text("name_key = ''")
        ),
    )

    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    code: Mapped[str] = mapped_column(CODE)
    """What draws use: the credit code, or the library code."""
    kind: Mapped[ObjectKind] = mapped_column(coded(ObjectKind, "kind"))
    id_scheme: Mapped[IdScheme] = mapped_column(coded(IdScheme, "id_scheme"))
    id_value: Mapped[str] = mapped_column(CODE)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(
        String(NAME_KEY_LENGTH, collation="C"), default=_key_of_inserted, server_default=""
    )
    """What names are sorted by; where a statement left it out, the worker fills it in."""
    address: Mapped[str | None] = mapped_column(String(500))
    area_code: Mapped[str] = mapped_column(String(12, collation="C"))
    industry_code: Mapped[str | None] = mapped_column(String(5))
    status: Mapped[ObjectStatus] = mapped_column(coded(ObjectStatus, "status"))
    risk_class: Mapped[RiskClass] = mapped_column(coded(RiskClass, "risk_class"))
    risk_source: Mapped[str | None] = mapped_column(String(200))
    risk_on: Mapped[dt.date | None]
    responsible_object_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspection_object.id"))
    """Where the results of a product, project or activity are collected (R07)."""
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    last_inspected_on: Mapped[dt.date | None]
    """The last day on which an inspection of it ended, whoever inspected."""
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspection_object.id"))
    """Another row stands for this subject; this one keeps what it has and is in no list or pool."""
    import_batch_id: Mapped[UUID | None] = made_by_batch()
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form

    @validates("name")
    def _sort_by(self, _field: str, name: str) -> str:
        self.name_key = name_key(name)
        return name


class LibraryEntry(Identified, Base):
    """That a department supervises a subject, with its own tags and special libraries."""

    __tablename__ = "library_entry"
    __table_args__ = (
        UniqueConstraint("department_id", "object_id"),
        Index("ix_library_entry_object_id", "object_id"),
        Index(
            "ix_library_entry_import_batch_id",
            "import_batch_id",
            postgresql_where=text("import_batch_id IS NOT NULL"),
        ),
        Index("ix_library_entry_tags", "tags", postgresql_using="gin"),
    )

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_object.id"))
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
    special_libraries: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
    import_batch_id: Mapped[UUID | None] = made_by_batch()
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey("duty_transfer.id"))
    """The transfer of a duty that brought the entry here; empty: the department made it."""
    created_at: Mapped[dt.datetime]


class ObjectEvent(Identified, Base):
    """What happened to a subject, effective-dated. Insert-only."""

    __tablename__ = "object_event"
    __table_args__ = (
        Index("ix_object_event_object", "object_id", "effective_on"),
        Index(
            "uq_object_event_source",
            "region_code",
            "source",
            "external_id",
            unique=True,
            postgresql_where=text("source IS NOT NULL"),
        ),
        CheckConstraint(
            "(source IS NULL) = (external_id IS NULL)"
            " AND (source IS NULL OR (region_code IS NOT NULL AND content_sha256 IS NOT NULL))"
            " AND (source_sequence IS NULL OR source IS NOT NULL)",
            name="origin",
        ),
        Index(
            "ix_object_event_import_batch_id",
            "import_batch_id",
            postgresql_where=text("import_batch_id IS NOT NULL"),
        ),
    )

    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_object.id"))
    kind: Mapped[str] = mapped_column(String(32))
    effective_on: Mapped[dt.date]
    recorded_at: Mapped[dt.datetime]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(String(500))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    source: Mapped[str | None] = mapped_column(CODE)
    """The register that told of it; None: recorded by hand."""
    external_id: Mapped[str | None] = mapped_column(String(100, collation="C"))
    """The source's own id of the event, by which it is taken once."""
    source_sequence: Mapped[int | None] = mapped_column(BigInteger)
    content_sha256: Mapped[str | None] = mapped_column(SHA256)
    """What the source sent: the same again is known, other content under the same id is refused."""
    import_batch_id: Mapped[UUID | None] = made_by_batch(before_batch=True)


class Officer(Identified, Base):
    """An enforcement officer; no identity number, sex, age or education is kept."""

    __tablename__ = "officer"
    __table_args__ = (
        UniqueConstraint("region_code", "code"),
        UniqueConstraint("certificate_issuer", "certificate_no"),
        CheckConstraint(f"code ~ '{CODE_FORM}'", name="code"),
        Index("ix_officer_department_id", "department_id"),
        Index(
            "ix_officer_import_batch_id",
            "import_batch_id",
            postgresql_where=text("import_batch_id IS NOT NULL"),
        ),
    )

    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    business_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("business_line.id"))
    code: Mapped[str] = mapped_column(CODE)
    name: Mapped[str] = mapped_column(String(100))
    post: Mapped[str | None] = mapped_column(String(100))
    certificate_no: Mapped[str | None] = mapped_column(String(64))
    """The principal enforcement certificate; further ones are rows of `officer_certificate`.

    Empty: in the library all the same (R03), and not drawn until one is there."""
    certificate_issuer: Mapped[str | None] = mapped_column(String(200))
    certificate_valid_to: Mapped[dt.date | None]
    status: Mapped[OfficerStatus] = mapped_column(coded(OfficerStatus, "status"))
    status_changed_on: Mapped[dt.date | None]
    """Empty: since the officer was entered."""
    status_reason: Mapped[str | None] = mapped_column(String(200))
    leader_eligible: Mapped[bool] = mapped_column(Boolean)
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
    """Qualifications (执法资质); an item may require some."""
    specialties: Mapped[list[str]] = mapped_column(
        ARRAY(String(50)), default=list, server_default=text("'{}'")
    )
    """What the officer knows best (业务专长); no rule asks for it."""
    item_scopes: Mapped[list[str]] = mapped_column(ARRAY(String(200)), default=list)
    """执法事项范围, in the words of the unit."""
    regions: Mapped[list[str]] = mapped_column(ARRAY(String(12)))
    """Area-code prefixes where the officer serves; empty: everywhere."""
    import_batch_id: Mapped[UUID | None] = made_by_batch()
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form


class Absence(Identified, Base):
    """Days on which an officer can not inspect; both ends included.

    Absences of one officer do not overlap: whoever writes one has locked the officer. What was
    ended early or cancelled stays, and says by whom and why.
    """

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint(
            "original_ends_on IS NULL OR original_ends_on > ends_on", name="ended_early"
        ),
        CheckConstraint(
            "(changed_at IS NULL) = (change_reason IS NULL)"
            " AND (changed_at IS NOT NULL OR (NOT cancelled AND original_ends_on IS NULL))",
            name="changed",
        ),
        Index("ix_absence_officer_id", "officer_id"),
    )

    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(String(200))
    original_ends_on: Mapped[dt.date | None]
    """The end as it was recorded first, of one that ended early."""
    cancelled: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    changed_at: Mapped[dt.datetime | None]
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    change_reason: Mapped[str | None] = mapped_column(String(200))


class Interest(Identified, Base):
    """A pair that may not meet: declared interest, kinship, former employer (recusal).

    It keeps the pair apart from the moment it is declared; confirmed or withdrawn by another.
    """

    __tablename__ = "interest"
    __table_args__ = (
        Index(
            "uq_interest_officer_id_object_id",
            "officer_id",
            "object_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)"
            " AND (confirmed_by IS NULL OR confirmed_by IS DISTINCT FROM declared_by)",
            name="confirmed",
        ),
        CheckConstraint(
            "(withdrawn_by IS NULL) = (withdrawn_at IS NULL)"
            " AND (withdrawn_by IS NULL) = (withdrawn_reason IS NULL)"
            " AND (withdrawn_by IS NULL OR withdrawn_by IS DISTINCT FROM declared_by)",
            name="withdrawn",
        ),
    )

    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    object_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_object.id"), index=True)
    ground: Mapped[str] = mapped_column(String(200))
    source: Mapped[InterestSource] = mapped_column(
        coded(InterestSource, "source"),
        default=InterestSource.CLERK,
        server_default=InterestSource.CLERK.value,
    )
    declared_at: Mapped[dt.datetime]
    declared_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[dt.datetime | None]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_reason: Mapped[str | None] = mapped_column(String(200))
