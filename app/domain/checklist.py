"""What a checklist must hold before it is published, and how its items are told apart and coded.

An item without legal basis may not be inspected by (N1), and one without a method says not how
(R13): neither is published. Refuses nothing while an item is a draft; whoever publishes may leave
such items out by name, never unseen.
"""

import datetime as dt
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.errors import FieldError, RuleError
from app.domain.item_content import ItemContentFacts, faults_of
from app.domain.refusals import checklists as refusals

MAX_ITEMS = 5000
_MOST_NAMED = 1000  # errors of one refusal


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes two items the same.

    House rule: real lists repeat a name for another kind of object, or for another unit that
    keeps the list, and mean two items (the 2020 list of a province does so eleven times).
    """

    issuing_unit: str
    category: str
    name: str
    sub_item: str
    objects: str


@dataclass(frozen=True, slots=True)
class ItemState:
    """What publication asks of an item."""

    code: str
    has_legal_basis: bool
    has_method: bool
    content: ItemContentFacts | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that is not published with the others, and everything that it lacks."""

    code: str
    faults: tuple[FieldError, ...]


def new_codes(taken: Iterable[str], letter: str = "C") -> Iterator[str]:
    """C0001, C0002, … after the highest such code in use; no code is used twice (N7)."""
    used = set(taken)
    given = re.compile(letter + r"([0-9]{4,9})", re.ASCII)
    numbers = [int(found[1]) for code in used if (found := given.fullmatch(code))]
    codes = (f"{letter}{number:04d}" for number in itertools.count(max(numbers, default=0) + 1))
    return (code for code in codes if code not in used)


def require_publishable(
    items: Sequence[ItemState], *, leave_out_incomplete: bool = False
) -> list[LeftOut]:
    """Every live item has a legal basis (N1) and a method (R13), or the refusal names it.

    On the caller's word, items that can not be published are left out instead, and returned with
    what they lack. A list of which nothing would be left is refused as before.
    """
    if not items:
        raise RuleError(refusals.CHECKLIST_EMPTY)
    if len(items) > MAX_ITEMS:
        raise RuleError(refusals.CHECKLIST_TOO_LONG, limit=MAX_ITEMS)
    incomplete = [LeftOut(item.code, faults) for item in items if (faults := _faults(item))]
    if incomplete and (not leave_out_incomplete or len(incomplete) == len(items)):
        errors = tuple(error for one in incomplete for error in one.faults)
        raise RuleError(refusals.CHECKLIST_NOT_READY, errors[:_MOST_NAMED], count=len(incomplete))
    return incomplete


def _faults(item: ItemState) -> tuple[FieldError, ...]:
    """Everything that keeps the item from being published, each at its field."""
    pointer = f"/items/{item.code}"
    errors: list[FieldError] = faults_of(item.content, pointer) if item.content else []
    if not item.has_legal_basis:
        errors.append(
            refusals.LEGAL_BASIS_REQUIRED.at(f"{pointer}/legal_bases", item_code=item.code)
        )
    if not item.has_method:
        errors.append(refusals.METHOD_REQUIRED.at(f"{pointer}/methods", item_code=item.code))
    return tuple(errors)


def require_publication_facts(
    platform_published_on: dt.date, site_published_on: dt.date, today: dt.date
) -> None:
    """Both publications of R01 have happened: a list is in force only with both."""
    dates = {
        "/platform_published_on": platform_published_on,
        "/site_published_on": site_published_on,
    }
    late = tuple(
        refusals.DATE_AFTER_TODAY.at(pointer) for pointer, day in dates.items() if day > today
    )
    if late:
        raise RuleError(refusals.PUBLICATION_FACTS_INVALID, late)
