"""Long work: its kinds, its states, and how fast it goes."""

import datetime as dt
import math
from dataclasses import dataclass
from enum import StrEnum

from app.domain.actor import Permission


class OperationKind(StrEnum):
    OBJECT_IMPORT = "object_import"
    OBJECT_EVENT_IMPORT = "object_event_import"
    OFFICER_IMPORT = "officer_import"
    CHECKLIST_IMPORT = "checklist_import"
    JOINT_ITEM_IMPORT = "joint_item_import"
    SHEET_BATCH = "sheet_batch"


class OperationStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


OVER = frozenset({OperationStatus.SUCCEEDED, OperationStatus.FAILED, OperationStatus.CANCELLED})
"""States that nothing leaves."""
PERMISSION_FOR: dict[OperationKind, Permission] = {
    OperationKind.OBJECT_IMPORT: Permission.OBJECT_WRITE,
    OperationKind.OBJECT_EVENT_IMPORT: Permission.OBJECT_WRITE,
    OperationKind.OFFICER_IMPORT: Permission.OFFICER_WRITE,
    OperationKind.CHECKLIST_IMPORT: Permission.CHECKLIST_WRITE,
    OperationKind.JOINT_ITEM_IMPORT: Permission.JOINT_ITEM_WRITE,
    OperationKind.SHEET_BATCH: Permission.INSPECTION_READ,
}
"""What its maker needs when it is asked for, when it is done, and to take a result of its own."""
RESULT_FOR_MAKER_ONLY = frozenset({OperationKind.SHEET_BATCH})
"""It shows what its maker may read, which may be more than colleagues may."""
LONGEST_RATE = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Pace:
    """How many steps a second, and how long the rest takes; None where nothing is known yet."""

    rate: float | None
    remaining_seconds: int | None


def pace_of(
    done: int, total: int | None, started_at: dt.datetime | None, until: dt.datetime
) -> Pace:
    """The pace since the work began (anew, where a worker had died)."""
    if started_at is None or not done:
        return Pace(None, None)
    seconds = (until - started_at).total_seconds()
    if seconds <= 0:
        return Pace(None, None)
    rate = min(done / seconds, float(LONGEST_RATE))
    if total is None:
        return Pace(round(rate, 1), None)
    return Pace(round(rate, 1), min(math.ceil((total - done) / rate), LONGEST_RATE))


def is_over(status: OperationStatus) -> bool:
    """Whether it has ended, in whatever way."""
    return status in OVER
