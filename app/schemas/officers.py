"""Wire shapes of officers and what belongs to them. No identity number, phone, sex, age."""

import datetime as dt
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from app.domain.lifecycle import CertificateKind, InterestSource, OfficerStatus
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
                    "specialties": ["餐饮量化分级"],
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
    tags: Annotated[Tags, Field(description="执法资质: what items may require.")] = []
    specialties: Annotated[Tags, Field(description="业务专长: no rule asks for them.")] = []
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
    specialties: Tags | None = None
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
    """Days on which the officer can not inspect; what changed it, stays."""

    id: UUID
    starts_on: Day
    ends_on: Day
    reason: str
    original_ends_on: Annotated[
        Day | None, Field(description="The end as recorded first, of one that ended early.")
    ] = None
    cancelled: bool = False
    changed_at: Instant | None = None
    change_reason: str | None = None
    allowed_actions: AllowedActions = []


class AbsenceEnd(RequestModel):
    """The last day of an absence that ended early, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ends_on": "2026-03-11", "reason": "培训提前结束"}]}
    )
    ends_on: ServiceDay
    reason: AbsenceReason


class ReasonBody(RequestModel):
    """Why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "登记有误"}]})
    reason: AbsenceReason


class CertificateCreate(RequestModel):
    """A certificate besides the principal one: of another issuer, or proof of a qualification."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "qualification",
                    "number": "TS-2024-00017",
                    "issuer": "国家市场监督管理总局",
                    "qualification": "特种设备",
                    "valid_from": "2024-05-01",
                    "valid_to": "2028-04-30",
                }
            ]
        }
    )
    kind: CertificateKind
    number: CertificateNo
    issuer: Title
    qualification: Annotated[
        Tag | None, Field(description="The tag that it proves; of qualifications only.")
    ] = None
    valid_from: ServiceDay
    valid_to: Annotated[
        ServiceDay | None, Field(description="null: for long (长期), of qualifications only.")
    ] = None


class CertificateRead(ReadModel):
    """A further certificate; one that was withdrawn counts no more."""

    id: UUID
    kind: CertificateKind
    number: str
    issuer: str
    qualification: str | None
    valid_from: Day
    valid_to: Day | None
    entered_at: Instant
    withdrawn_at: Instant | None
    withdrawn_reason: str | None
    allowed_actions: AllowedActions = []


class OfficerStatusCreate(RequestModel):
    """Leaving, being off duty, coming back."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"status": "left", "effective_on": "2026-03-02", "reason": "调离本单位"}]
        }
    )
    status: OfficerStatus
    effective_on: ServiceDay
    reason: AbsenceReason


class OfficerStatusChangeRead(ReadModel):
    """A change of status; the reason is empty where it was changed with other fields."""

    status: OfficerStatus
    effective_on: Day
    reason: str | None
    recorded_at: Instant


class OpenInspectionRead(ReadModel):
    """An inspection that has not ended and has the officer in its team."""

    inspection_id: UUID
    sheet_no: str


class CertificateFormRead(ReadModel):
    """The number does not look as the issuer's numbers do; it was taken all the same."""

    code: Annotated[str, Field(max_length=64)]
    zh: str
    en: str


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
    source: InterestSource
    declared_at: Instant
    declared_by: UUID | None
    confirmed_at: Annotated[
        Instant | None, Field(description="It keeps the pair apart before that, too.")
    ]
    confirmed_by: UUID | None
    withdrawn_at: Instant | None
    withdrawn_by: UUID | None
    withdrawn_reason: str | None
    allowed_actions: AllowedActions = []


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
    status_changed_on: Day | None
    status_reason: str | None
    leader_eligible: bool
    load: Annotated[
        int, Field(ge=0, description="Inspections assigned this year, as a freeze counts them.")
    ] = 0
    tags: list[str]
    specialties: list[str]
    item_scopes: list[str]
    regions: list[str]
    created_at: Instant
    updated_at: Instant


class OfficerDetail(OfficerRead):
    """An officer with certificates, absences, interests, the latest first."""

    certificates: Annotated[list[CertificateRead], Field(max_length=500)] = []
    absences: Annotated[list[AbsenceRead], Field(max_length=500)] = []
    interests: Annotated[list[InterestRead], Field(max_length=500)] = []
    status_changes: Annotated[list[OfficerStatusChangeRead], Field(max_length=500)] = []
    certificate_form: Annotated[
        CertificateFormRead | None, Field(description="null: nothing odd about the number.")
    ] = None
    allowed_actions: AllowedActions = []


class OfficerStatusAnswer(OfficerDetail):
    """The officer, and what he or she leaves open: it is to be given to others."""

    open_inspections: Annotated[list[OpenInspectionRead], Field(max_length=500)] = []
