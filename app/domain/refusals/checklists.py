"""Refusals of checklist items and of the publication of a checklist."""

from app.domain.errors import Kind, refusal
from app.domain.refusals.verdicts import Verdict

ITEM_EXISTS = refusal(
    "item-exists",
    Kind.CONFLICT,
    "清单中已有相同的事项(编制单位、类别、事项、子项、检查对象均相同)",
    "The checklist has this item (unit, category, name, sub-item and objects are the same)",
)
ITEM_CODE_TAKEN = refusal(
    "item-code-taken",
    Kind.CONFLICT,
    "事项编码已被使用",
    "The item code is taken",
)
ITEM_ALREADY_RETIRED = refusal(
    "item-already-retired",
    Kind.CONFLICT,
    "事项 {item_code} 已取消,不能再修改",
    "Item {item_code} is retired and can not be changed",
)
ITEM_CONTENT_INVALID = refusal(
    "item-content-invalid",
    Kind.INVALID,
    "事项内容前后矛盾或者重复,详见 errors",
    "The item contradicts or repeats itself; see errors",
    clause="N3",
)
SUPERVISION_CODE_OUTDATED = refusal(
    "supervision-code-outdated",
    Kind.CONFLICT,
    "事项的监管事项目录编码由以前的版本录入,不是 14 位数字;请先改正或者清空该编码,再办理",
    "The item has a supervision code of a former release, which is not 14 digits: put it right or"
    " empty it first",
)
CHECKLIST_EMPTY = refusal(
    "checklist-empty",
    Kind.CONFLICT,
    "清单中没有事项,不能公布",
    "The checklist has no item to publish",
    clause="R01",
)
CHECKLIST_NOT_READY = refusal(
    "checklist-not-ready",
    Kind.CONFLICT,
    "有 {count} 个事项缺少检查依据、检查方式或者内容有误,不能公布,详见 errors;"
    "请补充完整,或者明确选择暂不公布这些事项(leave_out_incomplete)",
    "{count} items lack a legal basis or a method, or contradict themselves; see errors."
    " Complete them, or say that they are left out (leave_out_incomplete)",
    clause="N1",
)
CHECKLIST_TOO_LONG = refusal(
    "checklist-too-long",
    Kind.CONFLICT,
    "一份清单最多 {limit} 个事项",
    "A checklist has {limit} items at most",
)
VERSIONS_OF_TWO_LISTS = refusal(
    "versions-of-two-lists",
    Kind.INVALID,
    "两个版本不属于同一部门的清单,不能比较",
    "The versions belong to the lists of two departments and are not compared",
)
PUBLICATION_FACTS_INVALID = refusal(
    "publication-facts-invalid",
    Kind.INVALID,
    "清单须已录入平台并在本部门网站公示,日期不得晚于今天",
    "The checklist stands in the platform and on the own site already: no date after today",
    clause="R01",
)

LEGAL_BASIS_REQUIRED = Verdict(
    "legal-basis-required",
    "事项 {item_code} 没有检查依据,无依据不得检查",
    "Item {item_code} has no legal basis: what has none may not be inspected",
)
METHOD_REQUIRED = Verdict(
    "method-required",
    "事项 {item_code} 没有检查方式",
    "Item {item_code} has no method of inspection",
)
RATIO_TURNED_ROUND = Verdict(
    "ratio-turned-round",
    "抽查比例上限低于下限",
    "The highest ratio lies below the lowest",
)
GENERAL_ITEM_TAKES_ALL = Verdict(
    "general-item-takes-all",
    "一般检查事项应严格限制抽查比例,不得为 100%",
    "A general item is limited in its ratio: never 100 %",
)
VALIDITY_ENDS_FIRST = Verdict(
    "validity-ends-first", "有效期截止早于开始", "The validity ends before it begins"
)
SUPERVISION_CODE_FORM = Verdict(
    "supervision-code-form",
    "监管事项目录编码应为 14 位数字",
    "A supervision code has 14 digits",
)
LEGAL_BASIS_REPEATED = Verdict(
    "legal-basis-repeated",
    "与第 {first} 条检查依据重复",
    "Repeats legal basis {first}",
)
KEY_POINT_REPEATED = Verdict(
    "key-point-repeated", "与第 {first} 条检查要点重复", "Repeats key point {first}"
)
DATE_AFTER_TODAY = Verdict("date-after-today", "日期晚于今天", "The date lies after today")
