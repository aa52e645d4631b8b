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
    "有 {count} 个事项缺少检查依据或者检查方式,不能公布,详见 errors",
    "{count} items lack a legal basis or a method and can not be published; see errors",
    clause="N1",
)
CHECKLIST_TOO_LONG = refusal(
    "checklist-too-long",
    Kind.CONFLICT,
    "一份清单最多 {limit} 个事项",
    "A checklist has {limit} items at most",
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
DATE_AFTER_TODAY = Verdict("date-after-today", "日期晚于今天", "The date lies after today")
