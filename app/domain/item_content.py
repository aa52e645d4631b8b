"""What the fields of a checklist item must hold to among themselves (N1, N3).

A draft may lack a basis or a method; what it does say must make sense. Refuses a ratio or validity
turned round, a general item that takes everybody, a code that is none, and what is said twice.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from app.domain.errors import FieldError, RuleError
from app.domain.lifecycle import ItemClass
from app.domain.quota import WHOLE
from app.domain.refusals import checklists as refusals

V = TypeVar("V")
SUPERVISION_CODE = re.compile(r"[0-9]{14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ItemContentFacts:
    """The fields of an item that depend on each other."""

    item_class: ItemClass
    legal_bases: Sequence[Mapping[str, Any]]
    key_points: Sequence[Mapping[str, Any]]
    supervision_code: str | None
    ratio_min_per_10000: int | None
    ratio_max_per_10000: int | None
    valid_from: dt.date | None
    valid_to: dt.date | None


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """What to look at, how it is done, and the usual words when it is in order or is not."""

    content: str
    method: str | None = None
    yes_text: str | None = None
    no_text: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """As it is stored."""
        return asdict(self)


def faults_of(item: ItemContentFacts, pointer: str = "") -> list[FieldError]:
    """Everything that is wrong with the item, each at its field."""
    faults = _ratio_faults(item, pointer)
    if item.valid_from and item.valid_to and item.valid_to < item.valid_from:
        faults.append(refusals.VALIDITY_ENDS_FIRST.at(f"{pointer}/valid_to"))
    if item.supervision_code and not SUPERVISION_CODE.fullmatch(item.supervision_code):
        faults.append(refusals.SUPERVISION_CODE_FORM.at(f"{pointer}/supervision_code"))
    faults += [
        refusals.LEGAL_BASIS_REPEATED.at(f"{pointer}/legal_bases/{place}", first=first + 1)
        for place, first in _repeats([basis_words(basis) for basis in item.legal_bases])
    ]
    faults += [
        refusals.KEY_POINT_REPEATED.at(f"{pointer}/key_points/{place}", first=first + 1)
        for place, first in _repeats([point_words(point) for point in item.key_points])
    ]
    return faults


def require_sound(item: ItemContentFacts) -> None:
    """Refuse an item whose fields contradict each other, with each field named."""
    faults = faults_of(item)
    if faults:
        raise RuleError(refusals.ITEM_CONTENT_INVALID, tuple(faults))


def _ratio_faults(item: ItemContentFacts, pointer: str) -> list[FieldError]:
    """N3: key items are drawn without upper limit, general ones strictly limited."""
    low, high = item.ratio_min_per_10000, item.ratio_max_per_10000
    if low is not None and high is not None and high < low:
        return [refusals.RATIO_TURNED_ROUND.at(f"{pointer}/ratio_max_per_10000")]
    if item.item_class is ItemClass.KEY:
        return []
    bounds = {"ratio_min_per_10000": low, "ratio_max_per_10000": high}
    return [
        refusals.GENERAL_ITEM_TAKES_ALL.at(f"{pointer}/{name}")
        for name, bound in bounds.items()
        if bound is not None and bound >= WHOLE
    ]


def basis_words(basis: Mapping[str, Any]) -> tuple[str, str, str]:
    """What tells two legal bases apart."""
    return _folded(basis.get("law")), _folded(basis.get("article")), _folded(basis.get("text"))


def point_words(point: Mapping[str, Any]) -> str:
    """What tells two key points apart: what is looked at, not how."""
    return _folded(point.get("content"))


def distinct(values: Iterable[V], words: Callable[[V], Any]) -> list[V]:
    """Each value once, the first of those whose words are the same."""
    kept: dict[Any, V] = {}
    for value in values:
        kept.setdefault(words(value), value)
    return list(kept.values())


def _folded(text: Any) -> str:
    """Spaces and the brackets of a title tell no two laws apart."""
    return "".join(str(text or "").split()).strip("《》")


def _repeats(values: Sequence[Any]) -> list[tuple[int, int]]:
    """(place, place of the first that is the same)."""
    first: dict[Any, int] = {}
    return [
        (place, first[value])
        for place, value in enumerate(values)
        if first.setdefault(value, place) != place
    ]
