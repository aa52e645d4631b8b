"""Wire shapes of certificates that end too early."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.certificate_warnings import DutyKind
from app.domain.lifecycle import CertificateKind
from app.schemas.base import Day, ReadModel


class ShortDutyRead(ReadModel):
    """A sheet or a task whose deadline comes after the certificate's last day."""

    kind: DutyKind
    number: Annotated[str, Field(description="Of the sheet, or the code of the plan task.")]
    deadline_on: Day
    days_short: Annotated[int, Field(ge=1, description="Days from the last one to the deadline.")]


class CertificateWarningRead(ReadModel):
    """What ends too early: the enforcement certificates, or the proofs of a qualification."""

    kind: CertificateKind
    qualification: str | None
    ends_on: Annotated[
        Day | None, Field(description="Covered until then without a gap; null: not even today.")
    ]
    days_left: Annotated[int, Field(ge=0)]
    duties: Annotated[list[ShortDutyRead], Field(max_length=10_000)]


class OfficerWarningsRead(ReadModel):
    """An officer with what is to be renewed."""

    officer_id: UUID
    department_code: str
    code: str
    name: str
    warnings: Annotated[list[CertificateWarningRead], Field(max_length=200)]


class CertificateWarningsRead(ReadModel):
    """Everybody in the caller's scope with something to renew."""

    as_of: Day
    within_days: Annotated[int, Field(ge=0)]
    officers: Annotated[list[OfficerWarningsRead], Field(max_length=100_000)]
