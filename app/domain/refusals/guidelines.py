"""Refusals of guidelines (R06)."""

from app.domain.errors import Kind, refusal
from app.domain.refusals.verdicts import Verdict

GUIDELINE_INCOMPLETE = refusal(
    "guideline-incomplete",
    Kind.CONFLICT,
    "工作指引和细则须具备六个部分,详见 errors",
    "A guideline has all six parts; see errors",
    clause="R06",
)
GUIDELINE_NOT_DRAFT = refusal(
    "guideline-not-draft",
    Kind.CONFLICT,
    "只能修改、启用草稿;已启用的请另建新版本",
    "Only a draft is changed or activated; make a new version of an active one",
)
GUIDELINE_DRAFT_EXISTS = refusal(
    "guideline-draft-exists",
    Kind.CONFLICT,
    "该编码已有草稿(第 {version} 版),请先修改或者启用",
    "The code has a draft already (version {version}): change or activate it first",
)
GUIDELINE_KIND_FIXED = refusal(
    "guideline-kind-fixed",
    Kind.CONFLICT,
    "该编码已用于另一种类(指引或者细则)",
    "The code belongs to a guideline of the other kind",
)
GUIDELINE_ITEM_UNKNOWN = refusal(
    "guideline-item-unknown",
    Kind.INVALID,
    "所列事项编码不在本部门清单中,详见 errors",
    "An item code is not on the department's checklist; see errors",
)

GUIDELINE_NOT_ACTIVE = refusal(
    "guideline-not-active",
    Kind.CONFLICT,
    "只能在施行的版本上修订,形成新的草稿",
    "A new version is drafted from the one in force",
)
GUIDELINES_OF_TWO_CODES = refusal(
    "guidelines-of-two-codes",
    Kind.INVALID,
    "两个版本不属于同一指引或者细则,不能比较",
    "These are versions of two guidelines and are not compared",
)
DEFAULTS_MISSING = refusal(
    "task-defaults-missing",
    Kind.INVALID,
    "任务未填明、施行的指引和细则也未规定,详见 errors",
    "The task does not say it and no guideline in force does; see errors",
    clause="R06",
)
DEFAULTS_UNDECIDED = refusal(
    "task-defaults-undecided",
    Kind.INVALID,
    "适用的指引、细则规定不一致,请在任务中填明,详见 errors",
    "The guidelines that apply disagree: say it in the task; see errors",
    clause="R06",
)

DEFAULT_MISSING = Verdict(
    "default-missing", "请填写,或者在指引、细则中规定", "Say it here or in a guideline"
)
DEFAULT_UNDECIDED = Verdict(
    "default-undecided", "{codes} 的规定不一致", "{codes} say different things"
)
PART_MISSING = Verdict("part-missing", "缺少“{part}”", "The part {name} is missing")
ITEM_CODE_UNKNOWN = Verdict(
    "item-code-unknown", "本部门清单中没有该事项", "The checklist has no such item"
)
