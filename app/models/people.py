"""What is known of officers beyond their row, of headcounts, and of experts (R03, R04).

An officer's principal enforcement certificate stands in the officer's own row. No identity number,
sex, age or schooling is kept here either. Experts are no officers: no table of teams can name one.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.lifecycle import CertificateKind, ExpertStatus, OfficerStatus
from app.models.base import CODE, Base, Identified, coded
from app.models.library import CODE_FORM


class OfficerCertificate(Identified, Base):
    """A further certificate of an officer: of another issuer, or proof of a qualification.

    Unique with its issuer among all that hold, the principal ones included (a trigger sees both
    tables). What was entered wrongly is withdrawn and stays.
    """

    __tablename__ = "officer_certificate"
    __table_args__ = (
        CheckConstraint("(kind = 'qualification') = (qualification IS NOT NULL)", name="proves"),
        CheckConstraint("kind = 'qualification' OR valid_to IS NOT NULL", name="long_term"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)",
            name="withdrawn",
        ),
        Index(
            "uq_officer_certificate_issuer_number",
            "issuer",
            "number",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_officer_certificate_officer_id", "officer_id"),
    )

    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    kind: Mapped[CertificateKind] = mapped_column(coded(CertificateKind, "kind"))
    number: Mapped[str] = mapped_column(String(64))
    issuer: Mapped[str] = mapped_column(String(200))
    qualification: Mapped[str | None] = mapped_column(String(50))
    """The officer's tag that it proves."""
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]
    """Empty: for long (长期), of qualifications only."""
    entered_at: Mapped[dt.datetime]
    entered_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_reason: Mapped[str | None] = mapped_column(String(200))


class OfficerStatusChange(Identified, Base):
    """That an officer left, went off duty or came back: since when and why. Insert-only."""

    __tablename__ = "officer_status_change"
    __table_args__ = (Index("ix_officer_status_change_officer_id", "officer_id"),)

    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    status: Mapped[OfficerStatus] = mapped_column(coded(OfficerStatus, "status"))
    effective_on: Mapped[dt.date]
    reason: Mapped[str | None] = mapped_column(String(200))
    """Empty where the status was changed with other fields, which asks for none."""
    recorded_at: Mapped[dt.datetime]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class HeadcountDeclaration(Identified, Base):
    """How many licensed people a department says it has (R03); the latest holds. Insert-only."""

    __tablename__ = "headcount_declaration"
    __table_args__ = (
        CheckConstraint("headcount >= 0", name="headcount"),
        Index(
            "ix_headcount_declaration_latest", "department_id", "business_line_id", "declared_on"
        ),
    )

    department_id: Mapped[UUID] = mapped_column(ForeignKey("department.id"))
    business_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("business_line.id"))
    """Empty: the department as a whole."""
    headcount: Mapped[int] = mapped_column(Integer)
    declared_on: Mapped[dt.date]
    source: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[dt.datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))


class Expert(Identified, Base):
    """Who advises (R04): of a department, or of the region where there is none.

    Never of a team and never a signature: those name officers, and a trigger keeps the codes of
    both apart.
    """

    __tablename__ = "expert"
    __table_args__ = (
        UniqueConstraint("region_code", "code"),
        CheckConstraint(f"code ~ '{CODE_FORM}'", name="code"),
        CheckConstraint("cardinality(fields) > 0", name="fields"),
        CheckConstraint("(status = 'left') = (left_on IS NOT NULL)", name="left"),
        CheckConstraint("(left_on IS NULL) = (left_reason IS NULL)", name="left_reason"),
        CheckConstraint(
            "confidentiality_valid_to IS NULL"
            " OR confidentiality_valid_to >= confidentiality_signed_on",
            name="confidentiality",
        ),
        Index("ix_expert_department_id", "department_id"),
        Index(
            "ix_expert_name_trgm",
            "name",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops"},
        ),
    )

    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("department.id"))
    """Empty: kept by the region's leading-group office for every department."""
    code: Mapped[str] = mapped_column(CODE)
    name: Mapped[str] = mapped_column(String(100))
    institution: Mapped[str] = mapped_column(String(200))
    fields: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
    confidentiality_signed_on: Mapped[dt.date]
    confidentiality_valid_to: Mapped[dt.date | None]
    confidentiality_document: Mapped[str] = mapped_column(String(200))
    status: Mapped[ExpertStatus] = mapped_column(coded(ExpertStatus, "status"))
    left_on: Mapped[dt.date | None]
    left_reason: Mapped[str | None] = mapped_column(String(200))
    row_version: Mapped[int] = mapped_column(nullable=False)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  SQLAlchemy's form
