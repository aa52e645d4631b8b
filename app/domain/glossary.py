"""One Chinese term, one English name, one code: the words of the API and of the documents.

Data only. `code` is the name used in tables, schemas and permissions; `not_called` are names that
must not appear there for the same thing. Pairs that are easily confused stand apart: draw
(choosing) and inspection (visiting), result (found) and publication (shown), publicity (the act)
and publication (the row).
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A term; `clause` is the id of the clause it comes from, None for a house term."""

    zh: str
    en: str
    code: str
    clause: str | None = None
    not_called: tuple[str, ...] = ()


_LISTS = (
    Term(
        "双随机、一公开",
        "double-random, one-public supervision",
        "double_random",
        "N1",
        ("dual random", "twin random"),
    ),
    Term("随机抽查事项清单", "checklist", "checklist", "R01", ("item list", "matter list")),
    Term("抽查类别", "item category", "category", "R01", ("item type",)),
    Term(
        "抽查事项", "checklist item", "checklist_item", "R01", ("spot check item", "check matter")
    ),
    Term("抽查子项", "sub-item", "sub_item", "R01", ("child item",)),
    Term("事项类别", "item class", "item_class", "N3", ("item importance",)),
    Term("一般检查事项", "general item", "general", "N3", ("ordinary item",)),
    Term("重点检查事项", "key item", "key", "N3", ("priority item", "focus item")),
    Term("检查依据", "legal basis", "legal_basis", "N1", ("law reference", "check reason")),
    Term("检查要点", "key point", "key_point", "R06", ("checkpoint",)),
    Term(
        "部门联合抽查事项清单", "joint item list", "joint_list", "R10", ("cross department list",)
    ),
    Term("部门联合抽查事项", "joint item", "joint_item", "R10", ("cross department item",)),
    Term("发起部门", "initiating department", "initiating", "R10", ("sponsor unit",)),
    Term("配合部门", "cooperating department", "cooperating", "R10", ("assisting unit",)),
    Term("抽查工作指引", "working guide", "working_guide", "R06", ("work manual",)),
    Term("抽查工作细则", "detailed rules", "detailed_rules", "R06", ("bylaw",)),
    Term("抽查工作指引和细则", "guideline", "guideline", "R06", ("working regulation",)),
)

_LIBRARIES = (
    Term(
        "检查对象",
        "inspection object",
        "inspection_object",
        "R02",
        ("inspectee", "supervisee", "check target"),
    ),
    Term(
        "检查对象名录库",
        "object library",
        "object_library",
        "R02",
        ("target pool", "enterprise list", "subject directory"),
    ),
    Term("名录库条目", "library entry", "library_entry", "R02", ("directory record",)),
    Term("专项库", "special library", "special_library", "R02", ("thematic list",)),
    Term("分类监管标签", "supervision tag", "object_tag", "R02", ("supervision mark",)),
    Term("企业", "enterprise", "enterprise", "R02", ("company",)),
    Term(
        "个体工商户",
        "individual business",
        "individual_business",
        "R02",
        ("sole trader", "self employed"),
    ),
    Term("农民专业合作社", "farmers’ cooperative", "farmer_coop", "R02", ("rural society",)),
    Term("其他主体", "other organisation", "other_org", "R02", ("misc subject",)),
    Term("产品", "product", "product", "R02", ("merchandise",)),
    Term("项目", "project", "project", "R02", ("undertaking",)),
    Term("行为", "activity", "activity", "R02", ("behaviour", "behavior")),
    Term(
        "统一社会信用代码",
        "unified social credit code",
        "credit_code",
        "R07",
        ("uscc", "social code", "uni code"),
    ),
    Term("信用风险分类", "credit-risk class", "credit_risk_class", "N4", ("credit grade",)),
    Term("执法检查人员", "officer", "officer", "R03", ("inspector", "enforcer", "law agent")),
    Term("执法检查人员名录库", "officer library", "officer_library", "R03", ("staff pool",)),
    Term("执法证", "enforcement certificate", "certificate", "R03", ("enforcement license",)),
    Term("执法资质", "qualification", "qualification", "R03", ("competency",)),
    Term("业务专长", "specialty", "specialty", "R03", ("skill set",)),
    Term("业务条线", "business line", "business_line", "R09", ("sub office",)),
    Term("专家辅助", "expert assist", "expert", "R04", ("assistant officer",)),
)

_TRANSFERS = (
    Term("职能划转", "duty transfer", "duty_transfer", "R01", ("function handover",)),
    Term("任职记录", "posting", "officer_posting", "R03", ("assignment record",)),
)

_PLANS_AND_DRAWS = (
    Term("抽查工作计划", "plan", "plan", "R09", ("work programme", "schedule plan")),
    Term("部门抽查计划", "department plan", "department_plan", "R09", ("internal plan",)),
    Term("部门联合抽查计划", "joint plan", "joint_plan", "R10", ("cross department plan",)),
    Term("参与部门", "participant", "participant", "R10", ("cooperating unit", "joiner")),
    Term("联合抽查对象范围", "pool scope", "pool_scope", "N8", ("object range",)),
    Term("抽查任务", "plan task", "plan_task", "R09", ("plan mission", "work order")),
    Term("备案", "filing", "filing", "R10", ("record keeping", "put on record")),
    Term("计划调整", "plan amendment", "plan_version", "R10", ("plan edit",)),
    Term("领导小组办公室", "leading-group office", "lg_office", "R23", ("leading office",)),
    Term(
        "部门联合抽查",
        "joint inspection",
        "joint_inspection",
        "R10",
        ("combined check", "cross department check"),
    ),
    Term("定向抽查", "targeted draw", "targeted_draw", "N5", ("directional draw",)),
    Term("不定向抽查", "untargeted draw", "untargeted_draw", "N5", ("non directional draw",)),
    Term("抽查比例", "draw ratio", "draw_ratio", "N3", ("sampling rate",)),
    Term("抽查频次", "draw frequency", "draw_frequency", "N7", ("sampling frequency",)),
    Term("随机抽取", "draw", "draw", "R11", ("lottery", "raffle", "sampling run")),
    Term("抽取种子", "seed", "seed", "R11", ("random number", "salt")),
    Term("锁定名单", "lock list", "lock", "R11", ("freeze result",)),
    Term("递补", "substitution", "substitution", "N11", ("replacement pick", "swap")),
    Term("候补名单", "reserve", "reserve", "N11", ("waiting list", "standby list")),
    Term("回避", "recusal", "recusal", "N11", ("avoidance", "evasion")),
    Term("废止抽取", "annulment", "annulment", None, ("draw deletion",)),
)

_INSPECTIONS = (
    Term("《执法检查表》", "inspection sheet", "inspection_sheet", "R11", ("check table",)),
    Term("执法检查组", "inspection team", "team", "R11", ("check squad",)),
    Term("检查", "inspection", "inspection", "R12", ("checkup", "spot check")),
    Term("书面检查", "document review", "document", "R13", ("paper check",)),
    Term("实地核查", "on-site check", "onsite", "R13", ("field check",)),
    Term("网络监测", "online monitoring", "online", "R13", ("web check",)),
    Term("委托专业机构", "entrusted institution", "entrusted", "R13", ("outsourced",)),
    Term("一次性告知", "one-time advance notice", "notice", "R14", ("announcement letter",)),
    Term("证据", "evidence", "evidence", "R15", ("proof file",)),
    Term("签字盖章确认", "acknowledgement", "acknowledgement", "R16", ("sign off",)),
    Term("延期", "extension", "extension", "R17", ("prolongation", "postponement")),
    Term("非随机检查", "targeted inspection", "targeted_inspection", "R08", ("daily patrol",)),
    Term("后续处理", "follow-up", "follow_up", "R18", ("post handling", "aftercare")),
    Term("移送", "referral", "referral", "R18", ("hand over",)),
    Term("责令改正", "order to rectify", "rectify_order", "R18", ("correction order",)),
    Term("函告许可部门", "licensing letter", "licensing_letter", "R18", ("permit letter",)),
    Term("立案查处", "case filing", "case_filing", "R18", ("lawsuit",)),
    Term("移送司法", "judicial transfer", "judicial_transfer", "R18", ("court transfer",)),
    Term("检查码", "check code", "check_code", "N10", ("scan code",)),
)

_PUBLICITY = (
    Term("公示", "publicity", "publicity", "R20", ("propaganda", "disclosure act")),
    Term("公示信息", "publication", "publication", "R20", ("bulletin",)),
    Term("公示率", "publication rate", "publication_rate", "R20", ("publicity rate",)),
    Term("公示期限", "publication deadline", "publication_deadline", "R19", ("publicity term",)),
    Term("工作日", "working day", "working_day", "R19", ("workday", "business day")),
    Term("异议", "objection", "objection", "R20", ("complaint letter", "protest")),
    Term("全过程留痕", "whole-process trace", "audit_entry", "R07", ("footprint",)),
    Term("检查归档", "archive", "archive", "N14", ("case folder",)),
    Term(
        "督查考核",
        "supervision and assessment",
        "assessment",
        "R22",
        ("appraisal", "performance exam"),
    ),
    Term("督办单", "supervision order", "supervision_order", "R22", ("dunning letter",)),
    Term(
        "部门协同监管平台(内蒙古)",
        "provincial collaborative supervision platform",
        "supervision_platform",
        "R01",
        ("synergy platform",),
    ),
    Term(
        "涉企行政检查公示专栏",
        "autonomous-region public column for enterprise inspections",
        "public_column",
        "N8",
        ("publicity board",),
    ),
    Term("进一次门、查多项事", "one visit, many items", "one_visit", "R10", ("one stop check",)),
)

_SERVICE = (
    Term("服务账号", "service account", "service_account", None, ("machine user", "robot account")),
    Term("权限范围", "scope", "scope", None, ("privilege range",)),
    Term("会话", "session", "session", None, ("login record",)),
    Term("后台任务", "operation", "operation", None, ("background job", "async task")),
)

TERMS: tuple[Term, ...] = (
    *_LISTS,
    *_LIBRARIES,
    *_TRANSFERS,
    *_PLANS_AND_DRAWS,
    *_INSPECTIONS,
    *_PUBLICITY,
    *_SERVICE,
)


_AVOIDED = {
    tuple(word.lower().replace("-", " ").split()): term
    for term in TERMS
    for word in term.not_called
}
_LONGEST = max(len(words) for words in _AVOIDED)
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def misnamed(identifier: str) -> Term | None:
    """The term that an identifier calls by a wrong name, in snake, kebab or camel case.

    Whole words are compared, so that "permission" holds no "mission".
    """
    words = [word.lower() for word in _WORDS.findall(identifier)]
    for length in range(1, _LONGEST + 1):
        for start in range(len(words) - length + 1):
            term = _AVOIDED.get(tuple(words[start : start + length]))
            if term is not None:
                return term
    return None


def markdown() -> str:
    """The glossary as openapi/glossary.md, sorted by code."""
    lines = [
        "# Glossary",
        "",
        "Generated from `app/domain/glossary.py` by `python -m app openapi`; do not edit.",
        "One Chinese term, one English name, one code. The last column names what the same thing",
        "is never called in the API.",
        "",
        "| 中文 | English | code | clause | not called |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {term.zh} | {term.en} | `{term.code}` | {term.clause or 'house term'} "
        f"| {', '.join(term.not_called)} |"
        for term in sorted(TERMS, key=lambda term: term.code)
    ]
    return "\n".join(lines) + "\n"
