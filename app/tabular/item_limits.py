"""What a row of a checklist says of ratio, frequency, officers, supervision code and validity.

What is not understood is left out and named (a warning); what contradicts a rule refuses the row.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from app.domain.item_content import SUPERVISION_CODE
from app.domain.lifecycle import ItemClass
from app.domain.quota import WHOLE
from app.domain.row_messages import (
    DATE_UNKNOWN,
    GENERAL_ITEM_TAKES_ALL,
    RATIO_TURNED_ROUND,
    SUPERVISION_CODE_FORM,
    VALIDITY_ENDS_FIRST,
    VALUE_IGNORED,
)
from app.tabular.cells import parse_code, parse_date, split_list
from app.tabular.headers import Header
from app.tabular.item_numbers import Ratio, parse_ratio, parse_times, parse_validity_end
from app.tabular.table import TableRow
from app.tabular.verdicts import Verdicts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ItemLimits:
    """How much, how often, by whom and how long an item is checked; empty: the list is silent."""

    ratio_min_per_10000: int | None = None
    ratio_max_per_10000: int | None = None
    frequency_cap: int | None = None
    qualifications: tuple[str, ...] = ()
    supervision_code: str | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


NO_LIMITS = ItemLimits()


def read_limits(
    row: TableRow, header: Header, item_class: ItemClass | None, verdicts: Verdicts
) -> ItemLimits | None:
    """The limits of a row, or None after what is wrong with them has been named."""
    ratio = _understood(row, header, verdicts, "ratio", parse_ratio) or (None, None)
    code = parse_code(header.text(row, "supervision_code")) or None
    valid_from, from_sound = _day(row, header, verdicts, "valid_from")
    valid_to, to_sound = _day(row, header, verdicts, "valid_to")
    sound = _ratio_fits(row, ratio, item_class, verdicts) and from_sound and to_sound
    if code and not SUPERVISION_CODE.fullmatch(code):
        verdicts.reject(row.number, SUPERVISION_CODE_FORM, "supervision_code")
        sound = False
    if valid_from and valid_to and valid_to < valid_from:
        verdicts.reject(row.number, VALIDITY_ENDS_FIRST, "valid_to")
        sound = False
    if not sound:
        return None
    return ItemLimits(
        ratio_min_per_10000=ratio[0],
        ratio_max_per_10000=ratio[1],
        frequency_cap=_understood(row, header, verdicts, "frequency_cap", parse_times),
        qualifications=split_list(header.text(row, "qualifications")),
        supervision_code=code,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _understood(
    row: TableRow,
    header: Header,
    verdicts: Verdicts,
    field: str,
    parse: Callable[[str], T | None],
) -> T | None:
    text = header.text(row, field)
    value = parse(text) if text else None
    if text and value is None:
        verdicts.warn(row.number, VALUE_IGNORED, field)
    return value


def _day(
    row: TableRow, header: Header, verdicts: Verdicts, field: str
) -> tuple[dt.date | None, bool]:
    """A validity decides whether the item may be checked at all: never left out in silence."""
    text = header.text(row, field)
    if not text:
        return None, True
    if field == "valid_from":
        day = parse_date(text)
        understood = day is not None
    else:
        day, understood = parse_validity_end(text)
    if not understood:
        verdicts.reject(row.number, DATE_UNKNOWN, field)
    return day, understood


def _ratio_fits(
    row: TableRow, ratio: Ratio, item_class: ItemClass | None, verdicts: Verdicts
) -> bool:
    """N3: the highest is not below the lowest, and a general item never takes all."""
    low, high = ratio
    if low is not None and high is not None and high < low:
        verdicts.reject(row.number, RATIO_TURNED_ROUND, "ratio")
        return False
    if item_class is ItemClass.GENERAL and WHOLE in ratio:
        verdicts.reject(row.number, GENERAL_ITEM_TAKES_ALL, "ratio")
        return False
    return True
