"""Refusals and verdicts about inspections: their steps, records, results and publication."""

from app.domain.errors import Kind, refusal
from app.domain.refusals.verdicts import Verdict

INSPECTION_WRONG_STATE = refusal(
    "inspection-wrong-state",
    Kind.CONFLICT,
    "检查目前为“{status}”状态,不能进行“{action}”;目前可以进行:{allowed}",
    "The inspection is {status}: {action} is not possible now; possible are: {allowed}",
)
ANOTHER_SECTION = refusal(
    "another-section",
    Kind.FORBIDDEN,
    "联合检查中只能填写本单位的部分(谁检查、谁录入)",
    "In a joint inspection a department writes its own section only",
    clause="R19",
)
NOT_IN_TEAM = refusal(
    "not-in-team",
    Kind.FORBIDDEN,
    "只有抽取确定的执法检查组成员才能实施检查",
    "Only an officer of the drawn team may do this",
    clause="R11",
)
NOTICE_ALREADY_SENT = refusal(
    "notice-already-sent",
    Kind.CONFLICT,
    "检查事项、时间和材料只作一次性告知,已于 {sent_at} 告知",
    "The notice is given once; it was sent at {sent_at}",
    clause="R14",
)
NOTICE_REQUIRED = refusal(
    "notice-required",
    Kind.CONFLICT,
    "含实地核查的检查须先一次性告知检查对象",
    "An on-site check needs its one-time notice first",
    clause="R14",
)
NOTICE_INVALID = refusal(
    "notice-invalid",
    Kind.INVALID,
    "告知的检查时间不符合要求,请按 errors 更正",
    "The visit days of the notice do not fit; see errors",
    clause="R14",
)
INSPECTION_TIME_INVALID = refusal(
    "inspection-time-invalid",
    Kind.INVALID,
    "检查的开始或结束时间不符合要求,请按 errors 更正",
    "The start or end of the inspection does not fit; see errors",
)
RECORD_INVALID = refusal(
    "record-invalid",
    Kind.INVALID,
    "检查记录不完整或与任务不符,请按 errors 逐项更正",
    "The record is incomplete or does not fit the task; see errors",
)
RECORD_EMPTY = refusal(
    "record-empty",
    Kind.CONFLICT,
    "检查记录中还没有任何事项的检查情况",
    "Nothing has been recorded of any item yet",
)
RECORD_ACKNOWLEDGED = refusal(
    "record-acknowledged",
    Kind.CONFLICT,
    "检查对象已对记录签字、盖章或者已注明原因,记录不得再改",
    "The record has been acknowledged and does not change any more",
    clause="R16",
)
TEAM_TOO_SMALL = refusal(
    "team-too-small",
    Kind.CONFLICT,
    "执法检查组不足 {minimum} 人(现有 {present} 人)",
    "The team has {present} officers, {minimum} are needed",
    clause="R11",
)
ACKNOWLEDGEMENT_EXISTS = refusal(
    "acknowledgement-exists",
    Kind.CONFLICT,
    "签字、盖章或者原因说明已登记",
    "The acknowledgement is on record already",
    clause="R16",
)
ACKNOWLEDGEMENT_MISSING = refusal(
    "acknowledgement-missing",
    Kind.CONFLICT,
    "录入结果前须取得检查对象签字、盖章,或者注明原因",
    "Before the result there must be a signature, a seal or a reason",
    clause="R16",
)
PUBLICATION_EXISTS = refusal(
    "publication-exists",
    Kind.CONFLICT,
    "该检查结果已公示",
    "The inspection has been published already",
    clause="R20",
)

VISIT_IN_THE_PAST = Verdict(
    "visit-in-the-past", "检查日期早于今天", "The day of the visit lies in the past"
)
VISIT_PERIOD = Verdict(
    "visit-period", "检查期间的止日早于起日", "The last day of the visit is before the first"
)
TIME_IN_FUTURE = Verdict("time-in-future", "时间晚于现在", "This lies in the future")
START_BEFORE_LOCK = Verdict(
    "start-before-lock", "检查不得早于名单锁定", "An inspection starts after its draw was locked"
)
START_BEFORE_NOTICE = Verdict(
    "start-before-notice", "检查不得早于告知", "An inspection starts after its notice"
)
END_BEFORE_START = Verdict(
    "end-before-start", "结束时间早于开始时间", "The end is before the start"
)
METHOD_NOT_PLANNED = Verdict(
    "method-not-planned", "该检查方式不在抽查任务之内", "The plan task does not have this method"
)
ITEM_UNKNOWN = Verdict(
    "item-unknown", "该事项不属于本单位在此任务中的事项", "The task has no such item of yours"
)
ITEM_REPEATED = Verdict("item-repeated", "该事项重复", "This item appears twice")
ITEM_MISSING = Verdict(
    "item-missing", "缺少事项 {item_code} 的检查情况", "Nothing is said of item {item_code}"
)
PROBLEM_MISSING = Verdict("problem-missing", "发现问题的,须写明问题", "Say what the problem is")
PROBLEM_UNEXPECTED = Verdict(
    "problem-unexpected", "未发现问题或者未检查的,不填写问题", "A problem goes with outcome problem"
)
RECEIPT_REQUIRED = refusal(
    "receipt-required",
    Kind.INVALID,
    "须填写部门协同监管平台回执号方可公示",
    "A result is published with the receipt of the supervision platform",
    clause="R19",
)
TEAM_EXISTS = refusal(
    "team-exists",
    Kind.CONFLICT,
    "已有随机抽取的检查组,不得另行指派",
    "The team was drawn; officers are assigned only where none could be",
    clause="R11",
)
TEAM_UNFIT = refusal(
    "team-unfit",
    Kind.INVALID,
    "指派的人员不符合要求,请按 errors 逐项更正",
    "The officers do not make up a team; see errors",
)
OFFICER_UNFIT = Verdict(
    "officer-unfit",
    "不是本部门在岗且执法证在检查期限内有效的人员,或应当回避",
    "Not on duty in the department with a certificate valid to the deadline, or recused",
)
TEAM_SIZE = Verdict(
    "team-size",
    "人数少于任务规定或有重复,或缺少可任组长的人员",
    "Fewer than the task asks for, repeated, or nobody who may lead",
)
