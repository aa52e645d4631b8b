"""Refusals about departments, regions and holiday notices."""

from app.domain.errors import Kind, refusal

UNKNOWN_DEPARTMENT = refusal(
    "unknown-department", Kind.NOT_FOUND, "没有该单位", "There is no such department"
)
NOTICE_EXISTS = refusal(
    "notice-exists",
    Kind.CONFLICT,
    "{year} 年放假安排已录入",
    "The notice of {year} has been loaded already",
)
NOTICE_DAYS_REPEAT = refusal(
    "notice-days-repeat",
    Kind.INVALID,
    "同一日期在通知中出现多次",
    "A day appears more than once in the notice",
)
