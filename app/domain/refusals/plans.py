"""Refusals of plans and their tasks."""

from app.domain.errors import Kind, refusal

PLAN_WRONG_STATE = refusal(
    "plan-wrong-state",
    Kind.CONFLICT,
    "计划当前状态为 {status},不能执行此操作",
    "The plan is {status}; this can not be done now",
    clause="R10",
)
PLAN_WITHOUT_TASKS = refusal(
    "plan-without-tasks", Kind.CONFLICT, "计划没有抽查任务", "The plan has no tasks"
)
PLAN_HAS_DRAWS = refusal(
    "plan-has-draws",
    Kind.CONFLICT,
    "计划已有抽取活动,不能取消",
    "The plan has draws and can not be cancelled",
)
ITEM_WITHOUT_LEGAL_BASIS = refusal(
    "item-without-legal-basis",
    Kind.CONFLICT,
    "事项 {item_code} 没有检查依据,不得列入计划",
    "Item {item_code} has no legal basis and can not enter a plan",
    clause="N1",
)
ITEM_NOT_PUBLISHED = refusal(
    "item-not-published",
    Kind.CONFLICT,
    "事项 {item_code} 尚未随清单公布,不得列入计划",
    "Item {item_code} is not in the published checklist and can not enter a plan",
    clause="R01",
)
ITEM_RETIRED = refusal(
    "item-retired",
    Kind.CONFLICT,
    "事项 {item_code} 已取消,不得列入计划",
    "Item {item_code} is retired and can not enter a plan",
    clause="N1",
)
ITEM_MOVED = refusal(
    "item-moved",
    Kind.CONFLICT,
    "事项 {item_code} 已因职能职责整合划转至 {department},不得列入本部门计划",
    "Item {item_code} has moved to {department} with the duty and can not enter this plan",
    clause="N1",
)
ITEM_OUTSIDE_VALIDITY = refusal(
    "item-outside-validity",
    Kind.CONFLICT,
    "事项 {item_code} 的有效期({valid_from} 至 {valid_to})未覆盖任务时间,不得列入计划",
    "Item {item_code} is valid from {valid_from} to {valid_to} and not throughout the task",
    clause="N1",
)
QUOTA_ABOVE_ITEM_RATIO = refusal(
    "quota-above-item-ratio",
    Kind.CONFLICT,
    "各类抽取比例均高于事项 {item_code} 公布的抽查比例上限 {percent}%",
    "Every class is drawn above the highest ratio published for item {item_code}: {percent} %",
    clause="N3",
)
QUOTA_BELOW_ITEM_RATIO = refusal(
    "quota-below-item-ratio",
    Kind.CONFLICT,
    "各类抽取比例均低于事项 {item_code} 公布的抽查比例下限 {percent}%",
    "Every class is drawn below the lowest ratio published for item {item_code}: {percent} %",
    clause="N3",
)
ITEM_UNKNOWN = refusal(
    "item-unknown",
    Kind.INVALID,
    "所列事项不在本部门清单中",
    "An item is not on the department's checklist",
)
PERIOD_OUTSIDE_YEAR = refusal(
    "period-outside-year",
    Kind.INVALID,
    "任务时间应在计划年度 {year} 年之内,且截止不早于开始",
    "The task's period lies within the plan's year {year} and does not end before it begins",
)
METHOD_NOT_OF_ITEM = refusal(
    "method-not-of-item",
    Kind.INVALID,
    "检查方式不在所选事项公布的方式之内",
    "A method is not one that the items were published with",
)
UNKNOWN_BUSINESS_LINE = refusal(
    "unknown-business-line",
    Kind.INVALID,
    "没有该业务条线",
    "The department has no such business line",
)
QUOTA_STRATUM_UNPLANNED = refusal(
    "quota-stratum-unplanned",
    Kind.CONFLICT,
    "抽取比例未规定 {stratum} 类对象",
    "The quota says nothing of stratum {stratum}",
)
PLAN_NOT_JOINT = refusal(
    "plan-not-joint",
    Kind.CONFLICT,
    "仅部门联合抽查计划可执行此操作",
    "Only a joint plan knows this",
    clause="R10",
)
PLAN_NOT_FILED = refusal(
    "plan-not-filed",
    Kind.CONFLICT,
    "联合抽查计划尚未经领导小组办公室备案,不得公布或者抽取",
    "The joint plan has not been filed by the leading-group office: it is not published or drawn",
    clause="R10",
)
FILING_NO_TAKEN = refusal(
    "filing-no-taken",
    Kind.CONFLICT,
    "备案号已被其他计划使用",
    "Another plan was filed under this number",
)
DEPARTMENT_DOES_NOT_INSPECT = refusal(
    "department-does-not-inspect",
    Kind.INVALID,
    "{department} 不是行政检查主体,不得发起或者参与联合抽查",
    "{department} is no inspecting unit: it neither initiates nor joins",
    clause="N7",
)
PARTICIPANT_UNKNOWN = refusal(
    "participant-unknown",
    Kind.INVALID,
    "本地区没有这个部门",
    "The region has no such department",
)
INITIATOR_IS_NO_PARTICIPANT = refusal(
    "initiator-is-no-participant",
    Kind.INVALID,
    "发起部门无须邀请自己",
    "The initiating department takes part without an invitation",
)
PARTICIPANT_EXISTS = refusal(
    "participant-exists",
    Kind.CONFLICT,
    "已邀请该部门,请等待答复",
    "The department has been invited already",
)
TOO_MANY_PARTICIPANTS = refusal(
    "too-many-participants",
    Kind.CONFLICT,
    "一个计划最多邀请 {limit} 个部门",
    "A plan invites {limit} departments at most",
)
ANOTHER_PARTICIPANT = refusal(
    "another-participant",
    Kind.FORBIDDEN,
    "只能由被邀请部门自行答复",
    "Only the invited department answers for itself",
    clause="R10",
)
PARTICIPANT_DECLINED = refusal(
    "participant-declined",
    Kind.CONFLICT,
    "本部门已答复不参与,重新受邀后方可答复",
    "Your department has declined; it answers again when it is invited again",
)
NOT_A_PARTICIPANT = refusal(
    "not-a-participant",
    Kind.INVALID,
    "任务所列部门未受邀或者已不参与",
    "A task names a department that was not invited, or declined",
)
PARTICIPATION_INCOMPLETE = refusal(
    "participation-incomplete",
    Kind.INVALID,
    "须对列明本部门的每一项任务给出事项和人员,且仅限这些任务",
    "Say items and team for every task that names your department, and for no other",
)
PARTICIPANT_WITHOUT_TASK = refusal(
    "participant-without-task",
    Kind.CONFLICT,
    "{departments} 未列入任何任务",
    "No task names {departments}",
)
PARTICIPANTS_UNANSWERED = refusal(
    "participants-unanswered",
    Kind.CONFLICT,
    "{departments} 尚未答复,计划不得提交",
    "{departments} have not answered: the plan can not be submitted",
    clause="R10",
)
JOINT_TASK_ALONE = refusal(
    "joint-task-alone",
    Kind.CONFLICT,
    "任务 {tasks} 只有一个部门参加,不是联合抽查",
    "One department alone takes part in task {tasks}: that is no joint inspection",
    clause="R10",
)
