"""Wire shapes of guidelines."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.lifecycle import GuidelineKind, GuidelineStatus
from app.schemas.actions import AllowedActions
from app.schemas.base import Code, Instant, OptionalText, PatchModel, ReadModel, RequestModel, Title

ItemCodes = Annotated[list[Code], Field(max_length=1000)]
TeamSize = Annotated[int, Field(ge=2, le=50, description="Officers of a department at a visit.")]
NoticeDays = Annotated[int, Field(ge=0, le=90)]
InspectionDays = Annotated[int, Field(ge=1, le=365)]

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


class GuidelineUpdate(PatchModel):
    """What changes in a draft."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"archiving": "一案一档,按年度移交。", "team_size": 3}]}
    )
    nullable: ClassVar[frozenset[str]] = frozenset()
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
    activated_at: Instant | None
    created_at: Instant
    updated_at: Instant
    allowed_actions: AllowedActions = []
