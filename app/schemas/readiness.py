"""Wire shapes of readiness: findings, each with what mends it."""

from typing import Annotated

from pydantic import Field

from app.domain.readiness import ReadinessCode, Severity
from app.schemas.base import Day, ReadModel

Count = Annotated[int, Field(ge=0)]


class ReadinessLinkRead(ReadModel):
    """The operation that mends it, and where."""

    operation: Annotated[str, Field(max_length=64, description="An operationId.")]
    href: str


class ReadinessFindingRead(ReadModel):
    """One thing that stands in the way of a lawful draw, or will."""

    code: ReadinessCode
    severity: Severity
    text: Annotated[str, Field(max_length=1000, description="说明")]
    clause: Annotated[str, Field(max_length=64, description="规则依据")]
    subject: Annotated[
        str, Field(max_length=64, description="Code of the item, guideline or department; a tag.")
    ]
    link: ReadinessLinkRead


class ReadinessRead(ReadModel):
    """Everything found for a department, as of today."""

    as_of: Day
    department_code: str
    department_name: str
    ready: Annotated[bool, Field(description="Nothing blocks; warnings may stand.")]
    blocks: Count
    warns: Count
    findings: Annotated[list[ReadinessFindingRead], Field(max_length=10_000)]


class FindingCountRead(ReadModel):
    """How many findings of a code a department has."""

    code: ReadinessCode
    severity: Severity
    count: Count


class DepartmentReadinessRead(ReadModel):
    """A department at a glance; its own page has the findings."""

    department_code: str
    department_name: str
    region_code: str
    ready: bool
    blocks: Count
    warns: Count
    findings: Annotated[list[FindingCountRead], Field(max_length=50)]


class ReadinessOverviewRead(ReadModel):
    """Every department in the caller's scope that inspects."""

    as_of: Day
    departments: Annotated[list[DepartmentReadinessRead], Field(max_length=10_000)]
