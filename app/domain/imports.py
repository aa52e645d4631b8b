"""Imports as acts of their own: what was brought in, how, what became of each row, and undoing it.

A batch is what one file made. Where a single rejected row refuses the whole (`atomic`), the batch
is kept all the same, with its verdicts: it made nothing.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.domain.actor import Actor, Permission
from app.domain.errors import RuleError
from app.domain.masking import mask_name, mask_text
from app.domain.refusals import general
from app.domain.refusals import imports as refusals


class ImportKind(StrEnum):
    """What a file brings in."""

    OBJECT = "object"
    OBJECT_EVENT = "object_event"
    OFFICER = "officer"
    CHECKLIST = "checklist"
    JOINT_ITEM = "joint_item"


class ImportMode(StrEnum):
    """Whether rows without fault are stored beside rejected ones, or only all together."""

    PARTIAL = "partial"
    ATOMIC = "atomic"


class ImportStatus(StrEnum):
    """What became of the batch as a whole."""

    STORED = "stored"
    REFUSED = "refused"
    UNDONE = "undone"


class RowOutcome(StrEnum):
    """What becomes of a row; a warning stands beside an acceptance."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WARNING = "warning"


PERMISSION_FOR: dict[ImportKind, Permission] = {
    ImportKind.OBJECT: Permission.OBJECT_WRITE,
    ImportKind.OBJECT_EVENT: Permission.OBJECT_WRITE,
    ImportKind.OFFICER: Permission.OFFICER_WRITE,
    ImportKind.CHECKLIST: Permission.CHECKLIST_WRITE,
    ImportKind.JOINT_ITEM: Permission.JOINT_ITEM_WRITE,
}
"""What it takes to import, and to undo that."""
UNDOABLE = frozenset(ImportKind) - {ImportKind.OBJECT_EVENT}
"""Events happened, whoever typed them in: a wrong one is answered by another (R05)."""
LONGEST_VALUE = 200
_PERSONS = {ImportKind.OFFICER: frozenset({"name"})}
_MANY_DIGITS = re.compile(r"(?:\d[- ]?){7}")


@dataclass(frozen=True, slots=True)
class ImportBatchFacts:
    """How a batch stands."""

    department_id: UUID
    kind: ImportKind
    status: ImportStatus


def shown_value(kind: ImportKind, field: str | None, value: str) -> str:
    """What stood in a cell, as a report may show it: bounded, without the numbers of persons."""
    if field in _PERSONS.get(kind, ()):
        return mask_name(value)
    cut = value if len(value) <= LONGEST_VALUE else value[: LONGEST_VALUE - 1] + "…"
    return mask_text(cut) if _MANY_DIGITS.search(cut) else cut


def may_undo(facts: ImportBatchFacts, actor: Actor) -> None:
    """By the own department, who may import the same; once; never events."""
    if facts.department_id != actor.department_id:
        raise RuleError(general.NOT_FOUND)
    permission = PERMISSION_FOR[facts.kind]
    if not actor.may(permission):
        raise RuleError(general.FORBIDDEN, permission=permission.value)
    if facts.kind not in UNDOABLE:
        raise RuleError(refusals.EVENTS_STAY)
    if facts.status is not ImportStatus.STORED:
        raise RuleError(refusals.BATCH_NOT_STORED, status=facts.status.value)
