"""Wire shapes of officers, absences and declared interests. No identity number, phone, sex, age."""

import datetime as dt
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from app.domain.lifecycle import OfficerStatus
from app.domain.officer_library import CertificateState
from app.schemas.actions import AllowedActions
from app.schemas.base import (
    AreaCode,
    Clean,
    Code,
    Day,
    DayForm,
    Instant,
    Name,
    NotBlank,
    PatchModel,
    ReadModel,
    RequestModel,
    Tag,
    Title,
    at_most,
)

Tags = Annotated[list[Tag], Field(max_length=100)]
Scopes = Annotated[list[Title], Field(max_length=50)]
Areas = Annotated[
    list[AreaCode],
    Field(max_length=100, description="Area-code prefixes of service; none: everywhere."),
]
CertificateNo = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9A-Za-z()\uff08\uff09\u4e00-\u9fff-]{1,64}$", min_length=1, max_length=64
    ),
    Clean,
]
ValidTo = Annotated[
    dt.date, Field(ge=dt.date(1990, 1, 1), description="长期: 9999-12-31."), DayForm
]
ServiceDay = Annotated[dt.date, Field(ge=dt.date(2000, 1, 1), le=dt.date(2200, 12, 31)), DayForm]
AbsenceReason = Annotated[
    str, Clean, StringConstraints(min_length=1, max_length=200), NotBlank, at_most(200)
]


class OfficerCreate(RequestModel):
    """An officer; without a certificate he or she is in the library and is not drawn (R03)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "ZF00001",
                    "name": "执法员甲",
                    "business_line_code": None,
                    "post": "四级主办",
                    "certificate_no": "15052500001",
                    "certificate_issuer": "内蒙古自治区人民政府",
                    "certificate_valid_to": "2028-12-31",
                    "leader_eligible": True,
                    "tags": ["食品", "特种设备"],
                    "item_scopes": ["食品销售监督检查"],
                    "regions": [],
                }
            ]
        }
    )
    code: Annotated[Code, Field(description="Staff number; public, never an identity number.")]
    name: Name
    business_line_code: Code | None = None
    post: Name | None = None
    certificate_no: CertificateNo | None = None
    certificate_issuer: Title | None = None
    certificate_valid_to: ValidTo | None = None
    status: OfficerStatus = OfficerStatus.ACTIVE
    leader_eligible: bool = False
    tags: Tags = []
    item_scopes: Scopes = []
    regions: Areas = []


class OfficerUpdate(PatchModel):
    """What changes; the code never does. Who leaves gets status `left`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"certificate_valid_to": "2031-12-31", "tags": ["食品", "药品"]}]
        }
    )
    nullable: ClassVar[frozenset[str]] = frozenset(
        {
            "business_line_code",
            "post",
            "certificate_no",
            "certificate_issuer",
            "certificate_valid_to",
        }
    )
    name: Name | None = None
    business_line_code: Code | None = None
    post: Name | None = None
    certificate_no: CertificateNo | None = None
    certificate_issuer: Title | None = None
    certificate_valid_to: ValidTo | None = None
    status: OfficerStatus | None = None
    leader_eligible: bool | None = None
    tags: Tags | None = None
    item_scopes: Scopes | None = None
    regions: Areas | None = None


class AbsenceCreate(RequestModel):
    """Days on which the officer can not inspect; both ends count."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"starts_on": "2026-03-09", "ends_on": "2026-03-13", "reason": "脱产培训"}]
        }
    )
    starts_on: ServiceDay
    ends_on: ServiceDay
    reason: AbsenceReason


class AbsenceRead(ReadModel):
    """Days on which the officer can not inspect."""

    id: UUID
    starts_on: Day
    ends_on: Day
    reason: str


class InterestCreate(RequestModel):
    """An object that the officer may not inspect, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"object_code": "91150525MA0TEYT07L", "ground": "近亲属任该企业负责人"}]
        }
    )
    object_code: Code
    ground: AbsenceReason


class InterestRead(ReadModel):
    """A recusal."""

    id: UUID
    object_id: UUID
    object_code: str
    object_name: str
    ground: str
    declared_at: Instant


class OfficerRead(ReadModel):
    """An officer, as the own department and the region's readers see them."""

    id: UUID
    department_code: str = ""
    business_line_code: str | None = None
    code: str
    name: str
    post: str | None
    certificate_no: str | None
    certificate_issuer: str | None
    certificate_valid_to: Day | None
    certificate_state: Annotated[
        CertificateState, Field(description="Today; expiring within 60 days.")
    ] = CertificateState.MISSING
    status: OfficerStatus
    leader_eligible: bool
    tags: list[str]
    item_scopes: list[str]
    regions: list[str]
    created_at: Instant
    updated_at: Instant


class OfficerDetail(OfficerRead):
    """An officer with absences and interests, the latest first."""

    absences: Annotated[list[AbsenceRead], Field(max_length=500)] = []
    interests: Annotated[list[InterestRead], Field(max_length=500)] = []
    allowed_actions: AllowedActions = []
