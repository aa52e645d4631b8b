"""Wire shapes of transfers of duties and of officers' postings."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.lifecycle import ItemStatus, TransferStatus
from app.schemas.actions import AllowedActions
from app.schemas.base import Code, Day, Instant, Name, Note, Once, ReadModel, RequestModel, Tag

Ids = Annotated[list[UUID], Field(max_length=1000), Once]
Tags = Annotated[list[Tag], Field(max_length=50), Once]


class DutyTransferCreate(RequestModel):
    """Items and officers offered to another department of the region, and by what decision."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "to_department_code": "XFJY",
                    "reason": "职能职责整合,消防产品监督检查由消防救援机构承担",
                    "document_no": "奈机编发〔2026〕5号",
                    "effective_on": "2026-03-01",
                    "item_ids": ["0196f0a0-0000-7000-8000-000000000001"],
                    "officer_ids": ["0196f0a0-0000-7000-8000-000000000002"],
                }
            ]
        }
    )
    to_department_code: Code
    reason: Note
    document_no: Name
    effective_on: Annotated[Day, Field(description="自该日起可以接收")]
    item_ids: Ids = []
    officer_ids: Ids = []
    object_tags: Annotated[
        Tags,
        Field(description="带有其中任一标签的检查对象,接收后同时列入接收部门的名录库"),
    ] = []


class DutyTransferAccept(RequestModel):
    """The business line of the receiving department that takes the duty over, if any."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})
    business_line_code: Code | None = None


class DutyTransferReason(RequestModel):
    """Why not, or why no longer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "人员编制尚未落实"}]})
    reason: Note


class MovingItemRead(ReadModel):
    """An item of the giving department, and the one that continues it once accepted."""

    item_id: UUID
    code: Annotated[str, Field(max_length=64)]
    name: Annotated[str, Field(max_length=2000)]
    status: ItemStatus
    new_item_id: UUID | None = None
    new_code: Annotated[str, Field(max_length=64)] | None = None


class MovingOfficerRead(ReadModel):
    """An officer who moves; the name is masked, since one of the two has no claim to it."""

    officer_id: UUID
    code: Annotated[str, Field(max_length=64)]
    masked_name: Annotated[str, Field(max_length=100)]


class DutyTransferSummaryRead(ReadModel):
    """A transfer in a list."""

    id: UUID
    transfer_no: Annotated[str, Field(max_length=64)]
    from_department_code: Annotated[str, Field(max_length=64)]
    from_department_name: Annotated[str, Field(max_length=200)]
    to_department_code: Annotated[str, Field(max_length=64)]
    to_department_name: Annotated[str, Field(max_length=200)]
    reason: str
    document_no: str
    effective_on: Day
    status: TransferStatus
    answered_at: Instant | None
    answer_reason: Annotated[str | None, Field(max_length=2000)]
    created_at: Instant
    updated_at: Instant


class DutyTransferRead(DutyTransferSummaryRead):
    """A transfer with all that it names."""

    moving_items: Annotated[list[MovingItemRead], Field(max_length=1000)]
    moving_officers: Annotated[list[MovingOfficerRead], Field(max_length=1000)]
    object_tags: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=50)] = []
    objects_entered: Annotated[
        int | None, Field(ge=0, description="列入接收部门名录库的对象数;尚未接收的为空")
    ] = None
    allowed_actions: AllowedActions = []


class OfficerPostingRead(ReadModel):
    """Where an officer served; without an end: to this day."""

    department_code: Annotated[str, Field(max_length=64)]
    department_name: Annotated[str, Field(max_length=200)]
    business_line_code: Annotated[str, Field(max_length=64)] | None
    serves_from: Day
    serves_to: Annotated[Day | None, Field(description="最后一天(含)")]
    transfer_no: Annotated[str, Field(max_length=64)] | None


class OfficerPostingsRead(ReadModel):
    """The history of an officer's postings, the latest first."""

    postings: Annotated[list[OfficerPostingRead], Field(max_length=200)]
