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
JOINT_PLAN_LATER = refusal(
    "joint-plan-not-available",
    Kind.INVALID,
    "本版本尚不支持部门联合抽查计划",
    "Joint plans are not available in this release",
)
