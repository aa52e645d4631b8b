"""Wire shapes of checklist items and published versions."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from app.domain.lifecycle import ItemClass, ItemStatus, Method, RiskLevel
from app.schemas.actions import AllowedActions, RefusalRead
from app.schemas.base import (
    Clean,
    Code,
    Day,
    Instant,
    LongText,
    LongTitle,
    NotBlank,
    Note,
    PatchModel,
    ReadModel,
    RequestModel,
    Tag,
    Title,
    Url,
    at_most,
)

ItemName = Annotated[
    str, Clean, StringConstraints(min_length=1, max_length=2000), NotBlank, at_most(2000)
]
LawText = Annotated[
    str, Clean, StringConstraints(min_length=1, max_length=4000), NotBlank, at_most(4000)
]
ReceiptNo = Annotated[
    str, Clean, StringConstraints(min_length=1, max_length=100), NotBlank, at_most(100)
]
SupervisionCode = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{14}$", min_length=14, max_length=14)
]
RatioMin = Annotated[int, Field(ge=0, le=10_000, description="抽查比例下限(万分比)")]
RatioMax = Annotated[
    int, Field(ge=1, le=10_000, description="抽查比例上限(万分比);一般事项不得为 10000")
]
FrequencyCap = Annotated[int, Field(ge=1, le=366, description="Visits of an object a year.")]

_ITEM: dict[str, Any] = {
    "category": "食品销售监督检查",
    "name": "食品销售主体资格检查",
    "sub_item": None,
    "item_class": "general",
    "risk_level": "medium",
    "legal_bases": [{"law": "中华人民共和国食品安全法", "article": "第一百一十条", "text": None}],
    "objects": "食品销售经营者",
    "object_tags": ["食品销售"],
    "methods": ["onsite", "document"],
    "key_points": [
        {
            "content": "食品经营许可证在有效期内",
            "method": "核对许可证原件与系统登记信息",
            "yes_text": "许可证在有效期内",
            "no_text": "许可证已过期",
        },
        {"content": "从业人员持有健康证明"},
    ],
    "materials": ["营业执照", "食品经营许可证"],
    "qualifications": ["食品"],
    "frequency_cap": 2,
    "ratio_min_per_10000": 300,
    "ratio_max_per_10000": 500,
    "valid_from": "2026-01-01",
    "valid_to": None,
    "business_line_code": None,
}


class LegalBasis(RequestModel):
    """A law, the article cited of it, and the words, as far as the list gives them."""

    model_config = ConfigDict(from_attributes=True)
    law: LawText
    article: Note | None = None
    text: LawText | None = None


class KeyPoint(RequestModel):
    """What to look at, how it is done, and the usual words when it is in order or is not."""

    model_config = ConfigDict(from_attributes=True)
    content: LongText
    method: Annotated[Note | None, Field(description="操作方法与要领")] = None
    yes_text: Annotated[Note | None, Field(description="符合时的常用表述")] = None
    no_text: Annotated[Note | None, Field(description="不符合时的常用表述")] = None


LegalBases = Annotated[list[LegalBasis], Field(max_length=50)]
Tags = Annotated[list[Tag], Field(max_length=50)]
Methods = Annotated[list[Method], Field(max_length=4)]
KeyPoints = Annotated[list[KeyPoint], Field(max_length=200)]
Materials = Annotated[list[Title], Field(max_length=50)]


class ItemCreate(RequestModel):
    """A draft item. Basis and method may be missing until the list is published."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM]})
    code: Annotated[
        Code | None, Field(description="Stable for ever; without one the next C0001 is given.")
    ] = None
    category: LongTitle
    name: ItemName
    sub_item: ItemName | None = None
    issuing_unit: Annotated[
        Title | None, Field(description="编制单位, where it is another unit than the department.")
    ] = None
    item_class: ItemClass
    risk_level: RiskLevel | None = None
    legal_bases: LegalBases = []
    objects: ItemName
    subject: LongTitle | None = None
    contents: LongText | None = None
    object_tags: Tags = []
    methods: Methods = []
    key_points: KeyPoints = []
    materials: Materials = []
    qualifications: Annotated[Tags, Field(description="Tags an officer needs; none: any.")] = []
    frequency_cap: FrequencyCap | None = None
    supervision_code: SupervisionCode | None = None
    ratio_min_per_10000: RatioMin | None = None
    ratio_max_per_10000: RatioMax | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    remark: Note | None = None
    business_line_code: Code | None = None


class ItemUpdate(PatchModel):
    """What changes; the code never does."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"item_class": "key", "methods": ["onsite"]}]}
    )
    nullable: ClassVar[frozenset[str]] = frozenset(
        {
            "sub_item",
            "issuing_unit",
            "risk_level",
            "subject",
            "contents",
            "frequency_cap",
            "supervision_code",
            "ratio_min_per_10000",
            "ratio_max_per_10000",
            "valid_from",
            "valid_to",
            "remark",
            "business_line_code",
        }
    )
    category: LongTitle | None = None
    name: ItemName | None = None
    sub_item: ItemName | None = None
    issuing_unit: Title | None = None
    item_class: ItemClass | None = None
    risk_level: RiskLevel | None = None
    legal_bases: LegalBases | None = None
    objects: ItemName | None = None
    subject: LongTitle | None = None
    contents: LongText | None = None
    object_tags: Tags | None = None
    methods: Methods | None = None
    key_points: KeyPoints | None = None
    materials: Materials | None = None
    qualifications: Tags | None = None
    frequency_cap: FrequencyCap | None = None
    supervision_code: SupervisionCode | None = None
    ratio_min_per_10000: RatioMin | None = None
    ratio_max_per_10000: RatioMax | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    remark: Note | None = None
    business_line_code: Code | None = None

    def changes(self) -> dict[str, Any]:
        """What the caller sent; legal bases and key points as plain values."""
        sent = super().changes()
        if self.legal_bases is not None:
            sent["legal_bases"] = [basis.model_dump() for basis in self.legal_bases]
        if self.key_points is not None:
            sent["key_points"] = [point.model_dump() for point in self.key_points]
        return sent


class ItemRetire(RequestModel):
    """Why the item leaves the checklist."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "依据已废止"}]})
    reason: Note


class ItemContentRead(ReadModel):
    """What an item says."""

    category: str
    name: str
    sub_item: str | None
    issuing_unit: str | None
    item_class: ItemClass
    risk_level: RiskLevel | None
    legal_bases: list[LegalBasis]
    objects: str
    subject: str | None
    contents: str | None
    object_tags: list[str]
    methods: list[Method]
    key_points: list[KeyPoint]
    materials: list[str]
    qualifications: list[str]
    frequency_cap: int | None
    supervision_code: str | None
    ratio_min_per_10000: int | None
    ratio_max_per_10000: int | None
    valid_from: Day | None
    valid_to: Day | None
    remark: str | None
    code: str


class PlannableRead(ReadModel):
    """Whether the item may enter a plan from today on, and every rule that says no."""

    allowed: bool
    version_number: Annotated[
        int | None, Field(ge=1, description="按哪一版公布的清单列入计划;null: 现行清单中没有")
    ] = None
    changed_since_publication: Annotated[
        bool, Field(description="公布后有修改:再次公布之前,计划仍按已公布的内容执行")
    ] = False
    refusals: Annotated[list[RefusalRead], Field(max_length=10)] = []


class ItemRead(ItemContentRead):
    """An item as the department works on it; a change after publication makes it a draft."""

    id: UUID
    status: ItemStatus
    department_code: str = ""
    business_line_code: str | None = None
    created_at: Instant
    updated_at: Instant
    moved_from_id: Annotated[
        UUID | None, Field(description="因职能职责整合由其他部门划入的,原事项")
    ] = None
    plannable: PlannableRead = PlannableRead(allowed=False)
    allowed_actions: AllowedActions = []


class ItemVersionRead(ItemContentRead):
    """An item as the published version has it. `id` is what plan tasks and sheets refer to."""

    id: UUID
    item_id: UUID
    position: Annotated[int, Field(ge=1)]


class VersionCreate(RequestModel):
    """Both facts of publication (R01): in the platform, and on the department's own site."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "platform_receipt_no": "XT-2026-000123",
                    "platform_published_on": "2026-02-26",
                    "site_url": "https://www.example.gov.cn/scjg/qingdan-2026.html",
                    "site_published_on": "2026-02-27",
                }
            ]
        }
    )
    platform_receipt_no: ReceiptNo
    platform_published_on: Day
    site_url: Url
    site_published_on: Day
    leave_out_incomplete: Annotated[
        bool,
        Field(description="true: 缺检查依据、检查方式或者内容有误的事项暂不公布,仍为草稿"),
    ] = False


class VersionRead(ReadModel):
    """A published checklist; superseded once a later version is there."""

    id: UUID
    department_code: str
    department_name: str
    region_code: str
    number: Annotated[int, Field(ge=1)]
    status: Literal["current", "superseded"]
    platform_receipt_no: str
    platform_published_on: Day
    site_url: str
    site_published_on: Day
    item_count: int
    published_at: Instant


class VersionDetail(VersionRead):
    """A published checklist with its items."""

    items: Annotated[list[ItemVersionRead], Field(max_length=5000)]


class LackingRead(ReadModel):
    """One thing that an item lacks, at its field."""

    pointer: Annotated[str, Field(max_length=200)]
    code: Annotated[str, Field(max_length=64)]
    zh: Annotated[str, Field(max_length=500)]
    en: Annotated[str, Field(max_length=500)]


class LeftOutRead(ReadModel):
    """An item that was not published with the others, and what it lacks; it is a draft."""

    item_id: UUID
    code: str
    name: Annotated[str, Field(max_length=2000)]
    lacking: Annotated[list[LackingRead], Field(max_length=500)]


class VersionPublished(VersionDetail):
    """The version just published, and the items that it was published without."""

    left_out: Annotated[list[LeftOutRead], Field(max_length=5000)] = []
