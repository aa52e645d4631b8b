"""Wire shapes of inspection objects and their events."""

import datetime as dt
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from app.domain.lifecycle import IdScheme, ObjectKind, ObjectStatus, RiskClass
from app.schemas.actions import AllowedActions
from app.schemas.base import (
    Attributes,
    Clean,
    Code,
    Day,
    DayForm,
    Instant,
    LongTitle,
    NotBlank,
    PatchModel,
    ReadModel,
    RequestModel,
    Tag,
    Title,
    at_most,
)

Tags = Annotated[list[Tag], Field(max_length=50)]
IndustryCode = Annotated[
    str, StringConstraints(pattern=r"^[A-T]?[0-9]{0,4}$", min_length=1, max_length=5)
]
PlaceCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6,12}$", max_length=12)]
"""Where an object is: county (6 digits), township (9) or village (12), GB/T 2260 and 10114."""
Reason = Annotated[
    str, Clean, StringConstraints(min_length=1, max_length=500), NotBlank, at_most(500)
]
BoundedDay = Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2200, 12, 31)), DayForm]


class ObjectCreate(RequestModel):
    """An object; subjects by credit code, products, projects and activities by library code."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "enterprise",
                    "id_scheme": "credit_code",
                    "id_value": "91150525MA0TEYT07L",
                    "name": "奈曼旗示例食品有限公司",
                    "address": "奈曼旗大沁他拉镇示例街 1 号",
                    "area_code": "150525",
                    "industry_code": "F52",
                    "risk_class": "B",
                    "risk_source": "企业信用风险分类管理系统",
                    "risk_on": "2026-01-31",
                    "tags": ["食品销售"],
                    "special_libraries": [],
                    "attributes": {},
                    "effective_on": "2019-05-06",
                },
                {
                    "kind": "product",
                    "id_scheme": "library_code",
                    "id_value": "CP-2026-0001",
                    "name": "示例牌复合肥料 50 公斤装",
                    "area_code": "150525",
                    "responsible_object_code": "91150525MA0TEYT07L",
                    "attributes": {"model": "50 公斤", "standard_no": "GB/T 15063-2020"},
                },
            ]
        }
    )
    kind: ObjectKind
    id_scheme: IdScheme
    id_value: Code
    name: Title
    area_code: PlaceCode
    address: LongTitle | None = None
    industry_code: IndustryCode | None = None
    status: ObjectStatus = ObjectStatus.ACTIVE
    risk_class: RiskClass = RiskClass.UNRATED
    risk_source: Title | None = None
    risk_on: BoundedDay | None = None
    responsible_object_code: Annotated[
        Code | None, Field(description="Who answers for a product, project or activity (R07).")
    ] = None
    tags: Tags = []
    special_libraries: Tags = []
    attributes: Attributes = {}
    effective_on: Annotated[
        BoundedDay | None, Field(description="Day of establishment; today where it is not known.")
    ] = None


class ObjectUpdate(PatchModel):
    """What changes. Tags and special libraries are the department's own; the rest is shared."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "奈曼旗示例食品商贸有限公司",
                    "tags": ["食品销售", "网络经营"],
                    "effective_on": "2026-02-20",
                    "reason": "名称变更登记",
                }
            ]
        }
    )
    nullable: ClassVar[frozenset[str]] = frozenset(
        {
            "address",
            "industry_code",
            "risk_source",
            "risk_on",
            "responsible_object_code",
            "effective_on",
            "reason",
        }
    )
    name: Title | None = None
    address: LongTitle | None = None
    area_code: PlaceCode | None = None
    industry_code: IndustryCode | None = None
    risk_class: RiskClass | None = None
    risk_source: Title | None = None
    risk_on: BoundedDay | None = None
    responsible_object_code: Code | None = None
    tags: Tags | None = None
    special_libraries: Tags | None = None
    attributes: Attributes | None = None
    effective_on: BoundedDay | None = None
    reason: Reason | None = None


class LibraryEntryRead(ReadModel):
    """That a department supervises the object, with its tags."""

    department_code: str
    tags: list[str]
    special_libraries: list[str]
    transfer_id: Annotated[
        UUID | None, Field(description="因职能划转列入的,划转记录;本部门自行列入的为空")
    ] = None


class WarningRead(ReadModel):
    """A doubt about what was taken: compare it, nothing was refused."""

    pointer: str
    code: str
    zh: str
    en: str


class ObjectBrief(ReadModel):
    """A product, project or activity that a subject answers for."""

    id: UUID
    code: str
    kind: ObjectKind
    name: str
    status: ObjectStatus


class MergedObjectRead(ReadModel):
    """An object that was merged into this one; its history is read here, too."""

    id: UUID
    code: str


class ObjectRead(ReadModel):
    """An object, with the entries that the caller may see: their own, or all of the region."""

    id: UUID
    region_code: str
    code: Annotated[str, Field(description="The public natural key that draws use.")]
    kind: ObjectKind
    id_scheme: IdScheme
    id_value: str
    name: str
    address: str | None
    area_code: str
    industry_code: str | None
    status: ObjectStatus
    risk_class: RiskClass
    risk_source: str | None
    risk_on: Day | None
    responsible_object_id: UUID | None
    responsible_object_code: str | None = None
    attributes: dict[str, Any]
    last_inspected_on: Annotated[
        Day | None, Field(description="The last day an inspection of it ended, whoever inspected.")
    ]
    entries: list[LibraryEntryRead] = []
    warnings: list[WarningRead] = []
    answers_for: Annotated[
        list[ObjectBrief],
        Field(max_length=100, description="Only when read by id: the first hundred (R07)."),
    ] = []
    merged_into_id: Annotated[
        UUID | None, Field(description="The object that stands for this one since the merge.")
    ]
    merged_into_code: Annotated[str | None, Field(max_length=64)] = None
    merged_objects: Annotated[
        list[MergedObjectRead], Field(description="Only when read by id.")
    ] = []
    joined: Annotated[
        bool, Field(description="Only on create: another department had entered the subject.")
    ] = False
    created_at: Instant
    updated_at: Instant
    allowed_actions: AllowedActions = []
