"""Wire shapes of declared headcounts and of the coverage of the officer library (R03)."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.officer_coverage import DeclaredBy
from app.schemas.base import Code, Day, Instant, ReadModel, RequestModel, Title
from app.schemas.officers import ServiceDay
from app.schemas.publications import RateRead

Count = Annotated[int, Field(ge=0)]


class HeadcountCreate(RequestModel):
    """How many licensed people the department (or one business line) has."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "headcount": 24,
                    "declared_on": "2026-03-01",
                    "source": "本单位执法人员花名册",
                    "business_line_code": None,
                }
            ]
        }
    )
    headcount: Annotated[int, Field(ge=0, le=100_000)]
    declared_on: ServiceDay
    source: Title
    business_line_code: Annotated[
        Code | None, Field(description="null: the department as a whole.")
    ] = None


class HeadcountRead(ReadModel):
    """A declaration; a later one supersedes it and it stays."""

    id: UUID
    department_code: str
    business_line_code: str | None
    headcount: Count
    declared_on: Day
    source: str
    recorded_at: Instant
    recorded_by: UUID
    in_force: bool


class CoverageFigures(ReadModel):
    """Declared against held, as of today."""

    declared: Annotated[Count | None, Field(description="null: nobody has declared.")]
    declared_by: DeclaredBy
    in_library: Annotated[Count, Field(description="Everybody who has not left.")]
    certified: Annotated[Count, Field(description="With a certificate that holds today.")]
    missing: Annotated[Count | None, Field(description="Declared and not in the library.")]
    coverage: RateRead | None


class LineCoverageRead(CoverageFigures):
    """The coverage of one business line."""

    business_line_code: str
    business_line_name: str


class DepartmentCoverageRead(CoverageFigures):
    """The coverage of a department, with its business lines."""

    department_code: str
    department_name: str
    region_code: str
    business_lines: Annotated[list[LineCoverageRead], Field(max_length=500)]


class OfficerCoverageRead(ReadModel):
    """The coverage of every department in the caller's scope that inspects."""

    as_of: Day
    departments: Annotated[list[DepartmentCoverageRead], Field(max_length=10_000)]
