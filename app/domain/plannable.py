"""Which items may enter a plan: published, with a legal basis, not retired, valid at the time.

An item that was changed since its publication is planned as it was published: what is not public
may not be inspected by (N7), and what is public holds until the next version. Every reason is a
refusal of its own; all of an item's and of a task's are told at once, and an item's ahead of time.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.errors import FieldError, Refusal, RuleError
from app.domain.lifecycle import ItemStatus
from app.domain.refusals import plans as refusals


@dataclass(frozen=True, slots=True)
class PlannableFacts:
    """How an item stands: as it is worked on, and as the version in force has it."""

    code: str
    status: ItemStatus
    has_legal_basis: bool
    published: bool
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    """As published."""
    moved_to: str | None = None
    """The department that has it since duties were reorganised."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason why an item can not be planned."""

    refusal: Refusal
    facts: Mapping[str, str]

    def at(self, pointer: str) -> FieldError:
        """The reason at the field that names the item."""
        return FieldError(
            pointer,
            self.refusal.code,
            self.refusal.text("zh", self.facts),
            self.refusal.text("en", self.facts),
        )


def obstacles(item: PlannableFacts, first_day: dt.date | None, last_day: dt.date) -> list[Obstacle]:
    """Everything that keeps the item out of a task of these days, the gravest first.

    Without a first day: out of any task from `last_day` on.
    """
    named = {"item_code": item.code}
    found = []
    if not item.has_legal_basis:
        found.append(Obstacle(refusals.ITEM_WITHOUT_LEGAL_BASIS, named))
    if item.moved_to is not None:
        found.append(Obstacle(refusals.ITEM_MOVED, named | {"department": item.moved_to}))
    elif item.status is ItemStatus.RETIRED:
        found.append(Obstacle(refusals.ITEM_RETIRED, named))
    if not item.published:
        found.append(Obstacle(refusals.ITEM_NOT_PUBLISHED, named))
    elif not _valid(item, first_day, last_day):
        bounds = {
            "valid_from": item.valid_from.isoformat() if item.valid_from else "…",
            "valid_to": item.valid_to.isoformat() if item.valid_to else "…",
        }
        found.append(Obstacle(refusals.ITEM_OUTSIDE_VALIDITY, named | bounds))
    return found


def require_plannable(
    items: Sequence[tuple[str, PlannableFacts]], first_day: dt.date, last_day: dt.date
) -> None:
    """Refuse items that can not be planned: the first as the answer, all of them by pointer."""
    found = [
        (pointer, obstacle)
        for pointer, item in items
        for obstacle in obstacles(item, first_day, last_day)
    ]
    if found:
        gravest = found[0][1]
        errors = tuple(obstacle.at(pointer) for pointer, obstacle in found)
        raise RuleError(gravest.refusal, errors, **gravest.facts)


def _valid(item: PlannableFacts, first_day: dt.date | None, last_day: dt.date) -> bool:
    begun = item.valid_from is None or first_day is None or item.valid_from <= first_day
    return begun and (item.valid_to is None or last_day <= item.valid_to)
