"""Refusals of experts: they advise, and are never of a team (R04)."""

from app.domain.errors import Kind, refusal
from app.domain.refusals.verdicts import Verdict

EXPERT_CODE_TAKEN = refusal(
    "expert-code-taken",
    Kind.CONFLICT,
    "该专家代码已被使用",
    "The expert code is taken",
)
EXPERT_LEFT = refusal(
    "expert-left",
    Kind.CONFLICT,
    "该专家已退出专家库",
    "The expert has left",
)
EXPERT_LEAVES_AHEAD = refusal(
    "expert-leaves-ahead",
    Kind.INVALID,
    "退出日期不能晚于今天",
    "An expert leaves on no day ahead",
)
CONFIDENTIALITY_PERIOD_INVALID = refusal(
    "confidentiality-period-invalid",
    Kind.INVALID,
    "保密协议的截止日期早于签订日期",
    "The confidentiality agreement ends before it was signed",
    clause="R04",
)
EXPERT_IN_TEAM = Verdict(
    "expert-in-team",
    "专家只提供咨询意见,不计入执法检查人员,不得编入检查组",
    "Experts advise; they count as no officer and are of no team (R04)",
)
