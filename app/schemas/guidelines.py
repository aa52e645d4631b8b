"""Wire shapes of guidelines."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.lifecycle import GuidelineKind, GuidelineStatus, Method, RiskLevel
from app.schemas.actions import AllowedActions
from app.schemas.base import (
    Code,
    Instant,
    Once,
    OptionalText,
    PatchModel,
    ReadModel,
    RequestModel,
    Title,
)
from app.schemas.differences import FieldChangeRead
from app.schemas.plans import Quota, RatioQuota, TotalQuota

ItemCodes = Annotated[list[Code], Field(max_length=1000)]
TeamSize = Annotated[int, Field(ge=2, le=50, description="Officers of a department at a visit.")]
NoticeDays = Annotated[int, Field(ge=0, le=90)]
InspectionDays = Annotated[int, Field(ge=1, le=365)]

RiskLevels = Annotated[
    list[RiskLevel], Field(max_length=3, description="适用的事项风险等级;空:不限"), Once
]
DefaultMethods = Annotated[list[Method], Field(min_length=1, max_length=4), Once]
OfficerCap = Annotated[int, Field(ge=1, le=10_000)]
VisitCap = Annotated[int, Field(ge=1, le=366)]
CoolingDays = Annotated[int, Field(ge=0, le=3660)]
_DEFAULTS = frozenset(
    {
        "quota_rule",
        "default_methods",
        "leader_required",
        "officer_cap",
        "visit_cap",
        "cooling_days",
    }
)

_GUIDELINE: dict[str, Any] = {
    "code": "SPXS-01",
    "kind": "working_guide",
    "title": "食品销售监督检查工作指引",
    "draw_principles": "按信用风险分类确定比例,随机抽取检查对象,随机选派执法检查人员。",
    "methods": "以实地核查为主,能通过书面检查、网络监测完成的不入户。",
    "contents": "经营资质、从业人员健康管理、进货查验、贮存条件。",
    "procedure": "亮证、告知、检查、记录、签字、录入、审核、公示。",
    "publicity": "检查结束之日起 20 个工作日内公示。",
    "archiving": "一案一档,检查表、记录、证据一并归档。",
    "item_codes": [],
    "team_size": 2,
    "notice_days": 3,
    "inspection_days": 30,
    "risk_levels": ["medium"],
    "quota_rule": {"method": "ratio", "per_10000": {"A": 100, "B": 300, "C": 1000, "D": 3000}},
    "default_methods": ["onsite"],
    "leader_required": True,
    "visit_cap": 2,
    "cooling_days": 90,
}


class GuidelineCreate(RequestModel):
    """A draft; the six parts (R06) may be empty until it is activated."""

    model_config = ConfigDict(json_schema_extra={"examples": [_GUIDELINE]})
    code: Code
    kind: GuidelineKind
    title: Title
    draw_principles: OptionalText = ""
    methods: OptionalText = ""
    contents: OptionalText = ""
    procedure: OptionalText = ""
    publicity: OptionalText = ""
    archiving: OptionalText = ""
    item_codes: ItemCodes = []
    team_size: TeamSize = 2
    notice_days: NoticeDays = 3
    inspection_days: InspectionDays = 30
    risk_levels: RiskLevels = []
    quota_rule: Annotated[Quota | None, Field(description="任务未填时的抽取数量规则")] = None
    default_methods: DefaultMethods | None = None
    leader_required: bool | None = None
    officer_cap: OfficerCap | None = None
    visit_cap: VisitCap | None = None
    cooling_days: CoolingDays | None = None


class GuidelineUpdate(PatchModel):
    """What changes in a draft."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"archiving": "一案一档,按年度移交。", "team_size": 3}]}
    )
    nullable: ClassVar[frozenset[str]] = _DEFAULTS
    title: Title | None = None
    draw_principles: OptionalText | None = None
    methods: OptionalText | None = None
    contents: OptionalText | None = None
    procedure: OptionalText | None = None
    publicity: OptionalText | None = None
    archiving: OptionalText | None = None
    item_codes: ItemCodes | None = None
    team_size: TeamSize | None = None
    notice_days: NoticeDays | None = None
    inspection_days: InspectionDays | None = None
    risk_levels: RiskLevels | None = None
    quota_rule: Quota | None = None
    default_methods: DefaultMethods | None = None
    leader_required: bool | None = None
    officer_cap: OfficerCap | None = None
    visit_cap: VisitCap | None = None
    cooling_days: CoolingDays | None = None

    def changes(self) -> dict[str, Any]:
        """What the caller sent; the quota rule as plain values."""
        sent = super().changes()
        if self.quota_rule is not None:
            sent["quota_rule"] = self.quota_rule.model_dump()
        return sent


class GuidelineRead(ReadModel):
    """A guideline in one version."""

    id: UUID
    department_code: str = ""
    code: str
    kind: GuidelineKind
    title: str
    version: Annotated[int, Field(ge=1)]
    status: GuidelineStatus
    draw_principles: str
    methods: str
    contents: str
    procedure: str
    publicity: str
    archiving: str
    item_codes: list[str]
    team_size: int
    notice_days: int
    inspection_days: int
    risk_levels: list[RiskLevel]
    quota_rule: RatioQuota | TotalQuota | None
    default_methods: list[Method] | None
    leader_required: bool | None
    officer_cap: int | None
    visit_cap: int | None
    cooling_days: int | None
    activated_at: Instant | None
    created_at: Instant
    updated_at: Instant
    allowed_actions: AllowedActions = []


class GuidelineDifferenceRead(ReadModel):
    """What makes one version of the one before, field by field."""

    code: Annotated[str, Field(max_length=64)]
    from_id: UUID | None
    from_version: Annotated[int | None, Field(ge=1, description="null: 这是第一版")]
    to_id: UUID
    to_version: Annotated[int, Field(ge=1)]
    changes: Annotated[list[FieldChangeRead], Field(max_length=100)]
