"""Refusals of the joint list: which units take part, and what stands in it already."""

from app.domain.errors import Kind, refusal
from app.domain.refusals.verdicts import Verdict

JOINT_ITEM_EXISTS = refusal(
    "joint-item-exists",
    Kind.CONFLICT,
    "联合抽查事项清单中已有相同的事项(抽查领域、抽查事项、检查对象均相同)",
    "The joint list has this item (field, item and objects are the same)",
)
JOINT_ITEM_CODE_TAKEN = refusal(
    "joint-item-code-taken",
    Kind.CONFLICT,
    "联合抽查事项编码已被使用",
    "The code of the joint item is taken",
)
JOINT_ITEM_ALREADY_RETIRED = refusal(
    "joint-item-already-retired",
    Kind.CONFLICT,
    "联合抽查事项 {item_code} 已取消,不能再修改",
    "Joint item {item_code} is retired and can not be changed",
)
JOINT_UNITS_INVALID = refusal(
    "joint-units-invalid",
    Kind.INVALID,
    "发起部门和配合部门填写有误,详见 errors",
    "The initiating or cooperating units can not stand; see errors",
    clause="R10",
)

UNITS_TOO_FEW = Verdict(
    "units-too-few",
    "发起部门和配合部门合计不足两个,不能列为联合抽查",
    "Fewer than two units take part: not a joint item",
)
UNIT_TWICE = Verdict(
    "unit-twice",
    "同一单位只能列出一次(发起或者配合)",
    "A unit is named once, as initiating or as cooperating",
)
UNIT_UNKNOWN = Verdict(
    "unit-unknown",
    "本地区没有此编码的单位,或者该单位已撤销",
    "The region has no open unit of this code",
)
