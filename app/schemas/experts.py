"""Wire shapes of experts. No number of a person, no contact, no sex, age or schooling."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.lifecycle import ExpertStatus
from app.schemas.actions import AllowedActions
from app.schemas.base import (
    Code,
    Day,
    Instant,
    Name,
    PatchModel,
    ReadModel,
    RequestModel,
    Tag,
    Title,
)
from app.schemas.officers import AbsenceReason, ServiceDay

Fields = Annotated[list[Tag], Field(min_length=1, max_length=20, description="咨询领域.")]


class ExpertCreate(RequestModel):
    """An expert, with the confidentiality agreement; nobody advises without one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "ZJ-0001",
                    "name": "专家甲",
                    "institution": "通辽市产品质量检验检测所",
                    "fields": ["食品检验", "计量"],
                    "confidentiality_signed_on": "2026-01-15",
                    "confidentiality_valid_to": "2027-12-31",
                    "confidentiality_document": "保密协议〔2026〕3号",
                }
            ]
        }
    )
    code: Annotated[Code, Field(description="Never the code of an officer.")]
    name: Name
    institution: Title
    fields: Fields
    confidentiality_signed_on: ServiceDay
    confidentiality_valid_to: Annotated[
        ServiceDay | None, Field(description="null: without an end.")
    ] = None
    confidentiality_document: Title


class ExpertUpdate(PatchModel):
    """What changes; the code never does."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"fields": ["食品检验"]}]})
    nullable: ClassVar[frozenset[str]] = frozenset({"confidentiality_valid_to"})
    name: Name | None = None
    institution: Title | None = None
    fields: Fields | None = None
    confidentiality_signed_on: ServiceDay | None = None
    confidentiality_valid_to: ServiceDay | None = None
    confidentiality_document: Title | None = None


class ExpertDeparture(RequestModel):
    """When and why an expert leaves."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"left_on": "2026-03-02", "reason": "聘期届满"}]}
    )
    left_on: ServiceDay
    reason: AbsenceReason


class ExpertRead(ReadModel):
    """An expert, who advises and is of no team."""

    id: UUID
    department_code: Annotated[
        str | None, Field(description="null: of the region, for every department.")
    ] = None
    region_code: str
    code: str
    name: str
    institution: str
    fields: list[str]
    confidentiality_signed_on: Day
    confidentiality_valid_to: Day | None
    confidentiality_document: str
    status: ExpertStatus
    left_on: Day | None
    left_reason: str | None
    created_at: Instant
    updated_at: Instant


class ExpertDetail(ExpertRead):
    """An expert, with what the caller may do."""

    allowed_actions: AllowedActions = []
