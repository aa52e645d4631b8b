"""Wire shapes of what the public reads: results and rates. No officer, no penalty (R21)."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.lifecycle import ResultCode
from app.schemas.base import Day, Instant, ReadModel


class PublishedItemRead(ReadModel):
    """One checked item, in the national system's field names."""

    model_config = ConfigDict(from_attributes=True, serialize_by_alias=True)
    seqno: int
    item_name: str = Field(alias="raninsItemName")
    result_text: str = Field(alias="raninsCheckResName")


class PublishedContentRead(ReadModel):
    """The national field set, kept as it was published."""

    model_config = ConfigDict(from_attributes=True, serialize_by_alias=True)
    plan_no: str = Field(alias="raninsPlanId")
    plan_name: str = Field(alias="raninsPlaneName")
    task_code: str = Field(alias="raninsTaskId")
    task_name: str = Field(alias="raninsTaskName")
    kind: str = Field(alias="raninsTypeName")
    authority: str = Field(alias="insAuth")
    inspected_on: Day = Field(alias="insDate")
    result: str = Field(alias="insRes")
    subject_name: str = Field(alias="entName")
    credit_code: str | None = Field(alias="uniscid")
    details: Annotated[list[PublishedItemRead], Field(max_length=500)]


class PublicResultRead(ReadModel):
    """A published result."""

    id: UUID
    inspection_id: UUID
    version: int
    region_code: str
    department_code: str
    department_name: str
    object_code: str
    object_name: str
    plan_no: str
    result_code: ResultCode
    ended_on: Day | None
    due_on: Day | None
    published_at: Instant
    platform_receipt_no: str | None
    content: PublishedContentRead


class RateRead(ReadModel):
    """A share, exact: the fraction as it is, and a percentage that is cut, never rounded."""

    numerator: Annotated[int, Field(ge=0)]
    denominator: Annotated[int, Field(ge=0)]
    fraction: Annotated[str, Field(examples=["41/44"])]
    percent: Annotated[str, Field(examples=["93.18%"])] | None = Field(
        description="Null for a share of nothing."
    )
    full: bool


class PublicationRateRead(ReadModel):
    """公示率:已公示/已检查结束。作废的检查单独计数."""

    as_of: Day
    publication_rate: RateRead = Field(description="公示率 = 已公示 / 已检查结束 (R20)")
    completion_rate: RateRead = Field(description="检查完成率 = 已公示 / 应检查 (R20)")
    on_time_rate: RateRead = Field(description="按期公示率 (R19)")
    sheets: RateRead = Field(description="Complete sheets of all that are not void.")
    plan_tasks: RateRead = Field(description="Complete plan tasks of all that were drawn.")
    void: Annotated[int, Field(ge=0)]
