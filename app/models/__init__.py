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
    plan,
    rate_limit,
    transfer,
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
    "plan",
    "rate_limit",
    "transfer",
]
