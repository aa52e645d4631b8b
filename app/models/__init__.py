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
    library_search,
    operation,
    organisation,
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
    "library_search",
    "operation",
    "organisation",
    "plan",
    "rate_limit",
]
