"""Wire shapes of reference data: regions, departments, codes, the calendar."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.lifecycle import DepartmentKind, RegionLevel
from app.schemas.base import Day, Instant, Name, ReadModel, RequestModel, Tag, Title

Year = Annotated[int, Field(ge=2000, le=2200, examples=[2026])]


class RegionRead(ReadModel):
    """A place of GB/T 2260."""

    code: str
    name: str
    level: RegionLevel
    parent_code: str | None


class BusinessLineRead(ReadModel):
    """业务条线/股室."""

    id: UUID
    code: str
    name: str


class DepartmentRead(ReadModel):
    """A unit and its flags (R23)."""

    id: UUID
    code: str
    name: str
    kind: DepartmentKind
    region_code: str
    leading_group_member: bool
    joint_conference_member: bool
    host_department_id: UUID | None
    licensing_scopes: Annotated[list[str], Field(max_length=100)]
    site_url: str | None
    business_lines: Annotated[list[BusinessLineRead], Field(max_length=200)] = []


class CodeRead(ReadModel):
    """A code with its labels."""

    code: str
    zh: str
    en: str


class CodeGroupRead(ReadModel):
    """A code list."""

    group: str
    zh: str
    en: str
    codes: Annotated[list[CodeRead], Field(max_length=500)]


class CodeListRead(ReadModel):
    """A code list in the index."""

    group: str
    zh: str
    en: str
    values: int
    href: str


class NoticeDayBody(RequestModel):
    """A day that the notice changes."""

    on: Day
    is_working_day: bool
    name: Tag


class HolidayNoticeCreate(RequestModel):
    """A State Council holiday notice."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "year": 2027,
                    "document_no": "国办发明电〔2026〕0号",
                    "title": "国务院办公厅关于2027年部分节假日安排的通知",
                    "days": [{"on": "2027-01-01", "is_working_day": False, "name": "元旦"}],
                }
            ]
        }
    )
    year: Year
    document_no: Name
    title: Title
    issued_on: Day | None = None
    days: Annotated[list[NoticeDayBody], Field(min_length=1, max_length=100)]


class HolidayNoticeRead(ReadModel):
    """A loaded notice."""

    id: UUID
    year: int
    document_no: str
    title: str
    issued_on: dt.date | None
    loaded_at: Instant


class CountedDayRead(ReadModel):
    """A day between the start and the deadline: counted with its number, or skipped and why."""

    date: dt.date
    number: int | None
    skipped: str | None
    holiday: str | None
    made_up: bool


class DeadlineRead(ReadModel):
    """A deadline, or the year whose notice is missing; explained day by day."""

    ended_on: dt.date
    working_days: int
    due_on: dt.date | None
    state: str
    missing_year: int | None
    end_of_day: Instant | None
    days: Annotated[list[CountedDayRead], Field(max_length=1000)]
