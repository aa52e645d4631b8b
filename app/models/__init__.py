"""ORM tables, a file per aggregate; importing this package registers them all."""

from app.models import (
    account,
    audit,
    calendar,
    checklist,
    draw,
    guideline,
    idempotency,
    inspection,
    joint_item,
    library,
    operation,
    organisation,
    people,
    plan,
    rate_limit,
)
from app.models.base import Base

__all__ = [
    "Base",
    "account",
    "audit",
    "calendar",
    "checklist",
    "draw",
    "guideline",
    "idempotency",
    "inspection",
    "joint_item",
    "library",
    "operation",
    "organisation",
    "people",
    "plan",
    "rate_limit",
]
