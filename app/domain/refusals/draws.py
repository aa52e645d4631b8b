"""Refusals of the draw's ceremony."""

from app.domain.errors import Kind, refusal

DRAW_WRONG_STATE = refusal(
    "draw-wrong-state",
    Kind.CONFLICT,
    "抽取当前状态为 {status},不能执行此操作",
    "The draw is {status}; this can not be done now",
)
DRAW_EXISTS = refusal(
    "draw-exists",
    Kind.CONFLICT,
    "该任务已有抽取,不得重复抽取",
    "The task has a draw already; there is no second one",
    clause="R11",
)
PLAN_NOT_PUBLISHED = refusal(
    "plan-not-published",
    Kind.CONFLICT,
    "计划公布后方可抽取",
    "Nothing is drawn before the plan is published",
    clause="R09",
)
CLOSE_AT_INVALID = refusal(
    "close-at-invalid",
    Kind.INVALID,
    "揭示时间须晚于当前时间,且不晚于任务截止日",
    "close_at lies in the future and not after the task's last day",
)
CONTRIBUTOR_UNKNOWN = refusal(
    "contributor-unknown",
    Kind.INVALID,
    "见证单位 {code} 不存在",
    "There is no unit {code} to contribute",
)
NO_OUTSIDE_CONTRIBUTOR = refusal(
    "no-outside-contributor",
    Kind.INVALID,
    "至少须有一个不参与本次抽查的单位提供随机值",
    "At least one contributor belongs to a unit that takes no part in the draw",
)
POOL_EMPTY = refusal(
    "pool-empty",
    Kind.CONFLICT,
    "符合条件的检查对象为零",
    "No object meets the conditions",
    clause="R02",
)
QUOTA_NOTE_NEEDED = refusal(
    "quota-note-needed",
    Kind.INVALID,
    "层 {strata} 全部抽取或不抽取,须在 quota_note 中说明原因",
    "Strata {strata} are drawn whole or not at all: quota_note says why",
)
NOT_A_CONTRIBUTOR = refusal(
    "not-a-contributor",
    Kind.FORBIDDEN,
    "本单位不是该抽取的见证单位",
    "Your unit is not a contributor of this draw",
)
ALREADY_COMMITTED = refusal(
    "already-committed",
    Kind.CONFLICT,
    "本单位已提交承诺值,不得更改",
    "Your unit has committed already; a commitment is never changed",
)
COMMITMENTS_INCOMPLETE = refusal(
    "commitments-incomplete",
    Kind.CONFLICT,
    "尚有单位未提交承诺值,任何人不得公开随机值(缺:{missing})",
    "Nobody opens before all have committed (missing: {missing})",
)
ALREADY_OPENED = refusal(
    "already-opened",
    Kind.CONFLICT,
    "本单位已公开随机值",
    "Your unit has opened already",
)
CLOSED = refusal(
    "draw-closed",
    Kind.CONFLICT,
    "揭示时间已过,不再接收承诺值或随机值",
    "close_at has passed; nothing more is taken in",
)
NOT_DUE = refusal(
    "draw-not-due",
    Kind.CONFLICT,
    "未到揭示时间 {close_at}",
    "It is not yet {close_at}",
)
ALREADY_REVEALED = refusal(
    "draw-already-revealed",
    Kind.CONFLICT,
    "抽取已揭示,结果唯一,不得再次揭示",
    "The draw has been revealed; there is one outcome and no second reveal",
)
NOT_REVEALED = refusal(
    "draw-not-revealed",
    Kind.CONFLICT,
    "抽取尚未揭示",
    "The draw has not been revealed",
)
TOO_FEW_OFFICERS = refusal(
    "too-few-officers",
    Kind.CONFLICT,
    "单位 {department} 可抽取人员 {eligible} 人(可任组长 {leads} 人),不足 {members} 人检查组的要求",
    "Department {department} has {eligible} officers to draw ({leads} lead); a team has {members}",
    clause="R11",
)
DRAW_TOO_LARGE = refusal(
    "draw-too-large",
    Kind.CONFLICT,
    "抽取数与递补数合计 {count},超过上限 {limit}",
    "Winners and reserve come to {count}; the limit is {limit}",
)
