"""ORM tables, a file per aggregate; importing this package registers them all."""

from app.models import (
    account,
    audit,
    calendar,
    checklist,
    draw,
    guideline,
    idempotency,
    import_batch,
    inspection,
    joint_item,
    library,
    object_details,
    object_history,
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
    "import_batch",
    "inspection",
    "joint_item",
    "library",
    "object_details",
    "object_history",
    "operation",
    "organisation",
    "plan",
    "rate_limit",
]
