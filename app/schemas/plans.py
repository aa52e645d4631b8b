"""Wire shapes of plans and tasks."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from app.domain.lifecycle import (
    DrawStatus,
    Method,
    ObjectKind,
    ParticipantStatus,
    PlanKind,
    PlanStatus,
    PoolScope,
    RiskClass,
)
from app.schemas.actions import AllowedActions
from app.schemas.base import (
    AreaCode,
    Code,
    Day,
    Instant,
    Name,
    Note,
    Once,
    ReadModel,
    RequestModel,
    Tag,
    Title,
    Url,
    VariantModel,
    Whole,
)

Year = Annotated[int, Field(ge=2000, le=2200)]
Count = Annotated[int, Field(ge=0, le=100_000_000), Whole]
Per10000 = Annotated[int, Field(ge=0, le=10_000), Whole]
ByClass = Annotated[dict[RiskClass, Count], Field(max_length=5)]


class PlanCreate(RequestModel):
    """A plan of a year: the department's own, or a joint one that it initiates."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"year": 2026, "name": "2026年度部门抽查计划"},
                {"kind": "joint", "year": 2026, "name": "2026年度食品经营与消防安全联合抽查"},
            ]
        }
    )
    kind: PlanKind = PlanKind.DEPARTMENT
    year: Year
    name: Title


class PlanUpdate(RequestModel):
    """A draft's name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "2026年度抽查计划"}]})
    name: Title


class RatioQuota(VariantModel):
    """So many of every 10,000, by risk class; rounded up (DRAW s.4)."""

    method: Literal["ratio"]
    per_10000: Annotated[dict[RiskClass, Per10000], Field(min_length=1, max_length=5)]


class TotalQuota(VariantModel):
    """A total, shared by weight x size between minimum and maximum (DRAW s.4)."""

    method: Literal["total"]
    total: Annotated[int, Field(ge=1, le=100_000_000), Whole]
    weight: Annotated[dict[RiskClass, Count], Field(min_length=1, max_length=5)]
    minimum: ByClass = {}
    maximum: ByClass = {}

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        """What no pool could satisfy (DRAW s.4) is refused with the plan, not on the draw's day."""
        if any(low > self.maximum.get(s, low) for s, low in self.minimum.items()):
            msg = "a minimum above its maximum"
            raise ValueError(msg)
        if sum(self.minimum.values()) > self.total:
            msg = "minimums above the total"
            raise ValueError(msg)
        return self


Quota = Annotated[RatioQuota | TotalQuota, Field(discriminator="method")]


_FROM_GUIDELINE = "不填的,按施行的细则、指引"


class TaskCreate(RequestModel):
    """A task: items x pool filter x quota x period x methods x team."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "食品经营单位抽查",
                    "item_ids": ["0196f0a0-0000-7000-8000-000000000001"],
                    "kinds": ["enterprise", "individual_business"],
                    "tags": ["食品经营"],
                    "quota_rule": {
                        "method": "ratio",
                        "per_10000": {"A": 100, "B": 200, "C": 1000, "D": 3000, "UNRATED": 300},
                    },
                    "reserve": 5,
                    "period_from": "2026-03-01",
                    "period_to": "2026-06-30",
                    "methods": ["onsite"],
                    "members": 2,
                    "lead": True,
                    "officer_cap": 20,
                }
            ]
        }
    )
    name: Title
    item_ids: Annotated[list[UUID], Field(min_length=1, max_length=200), Once]
    kinds: Annotated[list[ObjectKind], Field(max_length=7)] = []
    tags: Annotated[list[Tag], Field(max_length=50)] = []
    area_codes: Annotated[list[AreaCode], Field(max_length=100)] = []
    risk_classes: Annotated[list[RiskClass], Field(max_length=5)] = []
    quota_rule: Annotated[Quota | None, Field(description=_FROM_GUIDELINE)] = None
    reserve: Annotated[int, Field(ge=0, le=1000)] = 5
    period_from: Day
    period_to: Day
    methods: Annotated[
        list[Method] | None, Field(min_length=1, max_length=4, description=_FROM_GUIDELINE)
    ] = None
    business_line_code: Code | None = None
    members: Annotated[
        int | None, Field(ge=2, le=10, description="执法人员不少于两人;" + _FROM_GUIDELINE)
    ] = None
    lead: Annotated[bool | None, Field(description=_FROM_GUIDELINE)] = None
    officer_cap: Annotated[int | None, Field(ge=1, le=10_000, description=_FROM_GUIDELINE)] = None
    visit_cap: Annotated[
        int | None, Field(ge=1, le=366, description=_FROM_GUIDELINE + ";null: 不设上限")
    ] = None
    cooling_days: Annotated[int | None, Field(ge=0, le=3660, description=_FROM_GUIDELINE)] = None
    notice_days: Annotated[int | None, Field(ge=0, le=90, description=_FROM_GUIDELINE)] = None
    inspection_days: Annotated[int | None, Field(ge=1, le=365, description=_FROM_GUIDELINE)] = None
    targeted: bool = False
    department_codes: Annotated[
        list[Code],
        Field(max_length=49, description="联合抽查任务的其他参与部门(已受邀)"),
        Once,
    ] = []
    pool_scope: Annotated[
        PoolScope,
        Field(description="shared: 全部参与部门共同监管的对象; initiator: 发起部门名录库中的对象"),
    ] = PoolScope.SHARED

    @model_validator(mode="after")
    def _period(self) -> Self:
        if self.period_to < self.period_from:
            msg = "period_to before period_from"
            raise ValueError(msg)
        return self


class PlanApprove(RequestModel):
    """An opinion."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"opinion": "同意"}]})
    opinion: Annotated[Note, Field(max_length=500)]


class PlanReason(RequestModel):
    """A reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "比例过高,请核减"}]})
    reason: Annotated[Note, Field(max_length=500)]


class PlanPublish(RequestModel):
    """Both facts of publication (R09): platform receipt and page on the own site."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "platform_receipt_no": "NMG-2026-000123",
                    "site_url": "https://example.gov.cn/plan/2026",
                }
            ]
        }
    )
    platform_receipt_no: Name
    site_url: Url


class ParticipantInvite(RequestModel):
    """A department of the region that inspects."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"department_code": "XFJY"}]})
    department_code: Code


class TaskShareCreate(RequestModel):
    """A participant's items in one task, and its officers for each object."""

    task_id: UUID
    item_ids: Annotated[list[UUID], Field(min_length=1, max_length=200), Once]
    members: Annotated[int, Field(ge=2, le=10, description="执法人员不少于两人")] = 2
    lead: bool = True


class ParticipantAccept(RequestModel):
    """A share of every task that names the department."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "tasks": [
                        {
                            "task_id": "0196f0a0-0000-7000-8000-000000000001",
                            "item_ids": ["0196f0a0-0000-7000-8000-000000000002"],
                            "members": 2,
                            "lead": True,
                        }
                    ]
                }
            ]
        }
    )
    tasks: Annotated[list[TaskShareCreate], Field(min_length=1, max_length=500)]


class ParticipantDecline(RequestModel):
    """Why not."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "本年度已对同类对象开展专项检查"}]}
    )
    reason: Annotated[Note, Field(max_length=500)]


class PlanFile(RequestModel):
    """The number under which the office keeps the plan, and its opinion (R10)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"filing_no": "奈双随机备〔2026〕1号", "opinion": "予以备案"}]
        }
    )
    filing_no: Annotated[Name, Field(max_length=64)]
    opinion: Annotated[Note, Field(max_length=500)]


class TaskItemRead(ReadModel):
    """An item as the published checklist of its department has it."""

    item_version_id: UUID
    item_id: UUID
    department_id: UUID
    code: str
    name: str


class DefaultSourceRead(ReadModel):
    """The guideline in force, in its version, that gave a value when the task was made."""

    guideline_id: UUID
    code: str
    version: Annotated[int, Field(ge=1)]


class TaskDepartmentRead(ReadModel):
    """A participating department."""

    department_id: UUID
    code: str
    name: str
    members: int
    lead: bool


class TaskRead(ReadModel):
    """A task, with its live draw and whether it is complete (derived, R20)."""

    id: UUID
    plan_id: UUID
    code: str
    name: str
    position: int
    targeted: bool
    kinds: list[ObjectKind]
    tags: list[str]
    area_codes: list[str]
    risk_classes: list[RiskClass]
    quota_rule: RatioQuota | TotalQuota
    reserve: int
    period_from: Day
    period_to: Day
    methods: list[Method]
    officer_cap: int
    visit_cap: int | None
    cooling_days: int
    notice_days: int | None
    inspection_days: int | None
    defaults_from: Annotated[
        dict[str, DefaultSourceRead],
        Field(max_length=20, description="取自指引、细则的字段及其出处"),
    ] = {}
    pool_scope: PoolScope
    items: Annotated[list[TaskItemRead], Field(max_length=10_000)] = []
    departments: Annotated[list[TaskDepartmentRead], Field(max_length=50)] = []
    draw_id: UUID | None = None
    draw_status: DrawStatus | None = None
    complete: bool = False
    allowed_actions: AllowedActions = []


class PlanRead(ReadModel):
    """A plan, without its tasks."""

    id: UUID
    department_id: UUID
    region_code: str
    kind: PlanKind
    year: int
    plan_no: str
    name: str
    status: PlanStatus
    submitted_at: Instant | None
    approved_at: Instant | None
    approval_opinion: str | None
    returned_reason: str | None
    filing_no: str | None
    filing_opinion: str | None
    filed_at: Instant | None
    published_at: Instant | None
    platform_receipt_no: str | None
    site_url: str | None
    created_at: Instant
    updated_at: Instant


class ParticipantRead(ReadModel):
    """An invited department and its answer."""

    department_id: UUID
    code: str
    name: str
    status: ParticipantStatus
    invited_at: Instant
    answered_at: Instant | None
    reason: str | None
    allowed_actions: AllowedActions = []


class PlanDetail(PlanRead):
    """A plan with its participants, its tasks and its derived progress."""

    participants: Annotated[list[ParticipantRead], Field(max_length=49)] = []
    tasks: Annotated[list[TaskRead], Field(max_length=500)] = []
    progress: Literal["not_started", "in_progress", "completed"] = "not_started"
    allowed_actions: AllowedActions = []


class PublicPlanRead(ReadModel):
    """What everybody sees of a plan once published; a cancelled one says why."""

    plan_no: str
    kind: PlanKind
    status: PlanStatus
    returned_reason: str | None
    region_code: str
    year: int
    name: str
    filing_no: str | None
    filed_at: Instant | None
    published_at: Instant | None
    platform_receipt_no: str | None
    site_url: str | None


class PublicTaskRead(ReadModel):
    """What everybody sees of a task."""

    code: str
    name: str
    targeted: bool
    items: Annotated[list[TaskItemRead], Field(max_length=10_000)]
    departments: Annotated[list[TaskDepartmentRead], Field(max_length=50)]
    kinds: list[ObjectKind]
    pool_scope: PoolScope
    quota_rule: RatioQuota | TotalQuota
    period_from: Day
    period_to: Day
    methods: list[Method]
    complete: bool


class PublicPlanDetail(PublicPlanRead):
    """A published plan with its tasks."""

    tasks: Annotated[list[PublicTaskRead], Field(max_length=500)] = []
