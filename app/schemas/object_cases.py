"""Wire shapes of flags on drawn objects, and of proposals to merge two objects."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.lifecycle import IdScheme, ObjectKind, ObjectStatus
from app.domain.object_cases import FlagStatus, MergeStatus
from app.domain.object_library import EventKind
from app.schemas.actions import AllowedActions
from app.schemas.base import Day, Instant, ReadModel, RequestModel
from app.schemas.objects import Reason


class FlagDismiss(RequestModel):
    """Why no substitute is needed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "停业登记有误,经营者已到现场说明"}]}
    )
    reason: Reason


class ObjectFlagBrief(ReadModel):
    """That the drawn object is no longer active, as an inspection shows it."""

    id: UUID
    status: FlagStatus
    raised_at: Instant


class DrawFlagRead(ObjectFlagBrief):
    """A flag as its draw shows it."""

    object_code: str
    stratum: str
    replacement: Annotated[
        str | None,
        Field(max_length=64, description="Open flags: the next rank of the reserve, if any."),
    ]


class ObjectFlagRead(DrawFlagRead):
    """A drawn object that is no longer active while its inspection has not ended.

    `replacement` is the only substitute that the draw admits; null where the reserve is used up.
    """

    draw_id: UUID
    draw_no: str
    object_id: UUID
    object_name: str
    object_status: ObjectStatus
    sheet_id: UUID
    sheet_no: str
    event_kind: EventKind | None
    event_on: Day | None
    closed_at: Instant | None
    close_reason: Annotated[str | None, Field(max_length=500)]
    allowed_actions: AllowedActions = []


class MergeAccept(RequestModel):
    """Which of the two stands for both from now on, and why they are one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "survivor_id": "0196f3a0-5b1c-7c33-8f5e-2f6d1a0c9b11",
                    "reason": "同一主体换发统一社会信用代码",
                }
            ]
        }
    )
    survivor_id: UUID
    reason: Reason


class MergeDismiss(RequestModel):
    """Why they are two."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "同一市场内两家不同摊位"}]}
    )
    reason: Reason


class MergeSideRead(ReadModel):
    """One of the two objects, as far as its registration is public."""

    id: UUID
    code: str
    kind: ObjectKind
    id_scheme: IdScheme
    name: str
    address: str | None
    status: ObjectStatus
    created_at: Instant


class MergeProposalRead(ReadModel):
    """Two objects with the same name and address under different identifiers."""

    id: UUID
    status: MergeStatus
    first: MergeSideRead
    second: MergeSideRead
    proposed_at: Instant
    survivor_id: UUID | None
    decided_at: Instant | None
    decision_reason: Annotated[str | None, Field(max_length=500)]
    allowed_actions: AllowedActions = []
