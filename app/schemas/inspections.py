"""Wire shapes of inspections: the steps that officers, clerks and leaders take, and the reads."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from app.domain.lifecycle import (
    AcknowledgementKind,
    FindingOutcome,
    InspectionStatus,
    Method,
    ResultCode,
)
from app.schemas.actions import AllowedActions
from app.schemas.base import (
    Code,
    Day,
    Instant,
    LongText,
    Name,
    Note,
    ReadModel,
    RequestModel,
    Sha256,
    Title,
)
from app.schemas.object_cases import ObjectFlagBrief

ShortNote = Annotated[Note, Field(max_length=500)]
Place = Annotated[Title, Field(max_length=300)]
FollowUpKind = Literal[
    "rectify_order",
    "licensing_letter",
    "case_filing",
    "judicial_transfer",
    "copy_notice",
    "abnormal_list_lead",
    "daily_supervision",
    "other",
]
"""The codes of the list follow_up_kind (a test compares the two)."""
NoticeChannel = Literal["phone", "sms", "letter", "platform", "visit"]
"""The codes of the list notice_channel (a test compares the two)."""


class NoticeCreate(RequestModel):
    """一次性告知:时间、材料、接收人."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "channel": "phone",
                    "recipient": "办公室",
                    "visit_from": "2026-03-09",
                    "visit_to": "2026-03-13",
                    "materials": ["营业执照", "进货台账"],
                }
            ]
        }
    )
    channel: NoticeChannel
    recipient: Name
    visit_from: Day
    visit_to: Day
    materials: Annotated[list[Title], Field(max_length=50)] = []


class StartCreate(RequestModel):
    """When the inspection began."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"started_at": "2026-03-09T01:30:00Z"}]}
    )
    started_at: Instant


class EndCreate(RequestModel):
    """When the inspection ended."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ended_at": "2026-03-09T03:00:00Z"}]}
    )
    ended_at: Instant


class FindingBody(RequestModel):
    """What was found on one item; a problem is described."""

    item_version_id: UUID
    outcome: FindingOutcome
    problem: Note | None = None
    measure: Note | None = None


class RecordPut(RequestModel):
    """检查记录:每个事项恰好一条."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "methods": ["onsite"],
                    "place": "奈曼旗大沁他拉镇",
                    "present": "店长",
                    "statement": "无异议",
                    "findings": [
                        {
                            "item_version_id": "0196f000-0000-7000-8000-000000000001",
                            "outcome": "problem",
                            "problem": "未公示营业执照",
                            "measure": "当场改正",
                        }
                    ],
                }
            ]
        }
    )
    methods: Annotated[list[Method], Field(min_length=1, max_length=4)]
    place: Place
    present: Place | None = None
    statement: LongText | None = None
    findings: Annotated[list[FindingBody], Field(min_length=1, max_length=500)]


class AcknowledgementCreate(RequestModel):
    """签字、盖章,或者拒绝、不在场的原因."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "signed", "signer": "负责人"},
                {
                    "kind": "refused",
                    "reason": "对检查结论有异议,拒绝签字",
                    "noted_by": ["SCJG-001", "SCJG-002"],
                    "witness_name": "社区工作人员",
                    "witness_unit": "社区居民委员会",
                },
            ]
        }
    )
    kind: AcknowledgementKind
    signer: Name | None = None
    reason: Annotated[Note, Field(max_length=1000)] | None = None
    noted_by: Annotated[list[Code], Field(max_length=20)] = []
    witness_name: Name | None = None
    witness_unit: Title | None = None


class EvidenceBody(RequestModel):
    """A file, by its digest."""

    name: Title
    sha256: Sha256


class FollowUpBody(RequestModel):
    """A follow-up that the result rests on."""

    kind: FollowUpKind
    is_open: bool = True
    note: ShortNote | None = None


class ResultCreate(RequestModel):
    """八项抽查检查结果之一,没有默认值;依据随结果而定."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"result_code": "01", "note": "各事项均未发现问题"},
                {
                    "result_code": "05",
                    "rectification": "当场改正,已复查",
                    "follow_ups": [{"kind": "rectify_order", "is_open": False}],
                },
            ]
        }
    )
    result_code: ResultCode
    note: Note | None = None
    visits: Annotated[int, Field(ge=0, le=100)] = 0
    contact_attempts: Annotated[int, Field(ge=0, le=100)] = 0
    rectification: Note | None = None
    library_feedback: Note | None = None
    evidence: Annotated[list[EvidenceBody], Field(max_length=50)] = []
    follow_ups: Annotated[list[FollowUpBody], Field(max_length=20)] = []


class ReviewCreate(RequestModel):
    """审核:通过或者退回(退回须写意见)."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"decision": "approve", "opinion": "同意公示"}]}
    )
    decision: Literal["approve", "return"]
    opinion: ShortNote | None = None

    @model_validator(mode="after")
    def _a_return_says_why(self) -> Self:
        if self.decision == "return" and self.opinion is None:
            msg = "a return has an opinion"
            raise ValueError(msg)
        return self


class PublishCreate(RequestModel):
    """The receipt of the supervision platform, where there is one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"platform_receipt_no": "NM-2026-000123"}]}
    )
    platform_receipt_no: Name | None = None


class TeamAssign(RequestModel):
    """Officers for an object that the draw could staff with nobody; the lead first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"officer_codes": ["SCJG0001", "SCJG0002"], "cause": "抽取时可用人员不足,现予指派"}
            ]
        }
    )
    officer_codes: Annotated[list[Code], Field(min_length=2, max_length=10)]
    cause: Annotated[Note, Field(min_length=10, max_length=500)]


class TeamMemberRead(ReadModel):
    """An officer of the team, with the certificate as it was when the draw was locked."""

    officer_id: UUID
    slot: int
    lead: bool
    code: str
    name: str
    certificate_no: str
    assigned_cause: Annotated[
        str | None, Field(description="未由抽取产生时的指派原因; empty: drawn.")
    ] = None


class NoticeRead(ReadModel):
    """The notice as it was sent."""

    channel: str
    recipient: str
    visit_from: Day
    visit_to: Day
    materials: Annotated[list[str], Field(max_length=50)]
    sent_at: Instant


class FindingRead(ReadModel):
    """What was found on one item."""

    item_version_id: UUID
    item_code: str
    item_name: str
    outcome: FindingOutcome
    problem: str | None
    measure: str | None


class RecordRead(ReadModel):
    """The record of the check."""

    methods: Annotated[list[str], Field(max_length=4)]
    place: str | None
    present: str | None
    statement: str | None
    findings: Annotated[list[FindingRead], Field(max_length=500)]


class AcknowledgementRead(ReadModel):
    """How the object acknowledged; a witness is advised where there is no signature (R16)."""

    kind: AcknowledgementKind
    signer: str | None
    reason: str | None
    noted_by: Annotated[list[str], Field(max_length=20)]
    witness_name: str | None
    witness_unit: str | None
    at: Instant
    witness_advised: bool = False


class ResultRead(ReadModel):
    """The result; of a returned one this is what was returned."""

    result_code: ResultCode
    result_text: str
    note: str | None
    details: dict[str, Any] | None
    entered_by: UUID | None
    entered_at: Instant | None


class ReviewRead(ReadModel):
    """The last review."""

    reviewed_by: UUID
    reviewed_at: Instant
    opinion: str | None


class InspectionSummaryRead(ReadModel):
    """One department's share of a sheet, in a list."""

    id: UUID
    sheet_id: UUID
    sheet_no: str
    plan_no: str
    plan_task_id: UUID
    plan_task_code: str
    object_code: str
    object_name: str
    department_code: str
    department_name: str
    region_code: str
    status: InspectionStatus
    result_code: ResultCode | None = Field(
        description="From `entered` on; there is no default.",
    )
    ended_on: Day | None
    due_on: Day | None
    due_state: str | None
    published_at: Instant | None


class InspectionRead(InspectionSummaryRead):
    """An inspection. `whole` is false for another participant: state and result only."""

    whole: bool
    started_at: Instant | None
    ended_at: Instant | None
    team: Annotated[list[TeamMemberRead], Field(max_length=50)]
    notice: NoticeRead | None = None
    record: RecordRead | None = None
    acknowledgement: AcknowledgementRead | None = None
    result: ResultRead | None = None
    review: ReviewRead | None = None
    publication_id: UUID | None
    object_flags: list[ObjectFlagBrief]
    allowed_actions: AllowedActions


class InspectionDayRead(ReadModel):
    """A day between the end and the deadline: counted with its number, or skipped and why."""

    date: Day
    number: int | None
    skipped: str | None
    holiday: str | None
    made_up: bool


class InspectionDeadlineRead(ReadModel):
    """公示期限:检查结束之日起 20 个工作日,逐日说明."""

    inspection_id: UUID
    ended_on: Day | None
    working_days: int
    due_on: Day | None
    state: Literal["not_ended", "computed", "calendar_missing"]
    missing_year: int | None
    end_of_day: Instant | None
    published_at: Instant | None
    overdue: bool
    days: Annotated[list[InspectionDayRead], Field(max_length=400)]
