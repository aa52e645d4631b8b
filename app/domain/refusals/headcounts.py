"""Refusals of declared headcounts (R03)."""

from app.domain.errors import Kind, refusal

HEADCOUNT_AHEAD = refusal(
    "headcount-ahead",
    Kind.INVALID,
    "核定人数的日期不能晚于今天",
    "A headcount is of no day ahead",
)
