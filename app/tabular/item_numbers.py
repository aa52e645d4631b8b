"""Ratios, frequencies and validity as checklists write them: "3%-5%", "不低于5%", "每年1次".

Text in, value or None out; None is "not understood" and never "not there".
"""

import datetime as dt
import re
import unicodedata
from decimal import Decimal

from app.tabular.cells import LONG_TERM, parse_date

_NUMBER = r"(\d{1,3}(?:\.\d{1,2})?)"
_RATIO = re.compile(_NUMBER + "([%‰])")
_RANGE = re.compile(_NUMBER + "([%‰])?(?:-|~|至|到)" + _NUMBER + "([%‰])")
_AT_LEAST = re.compile("(?:不低于|不少于|不小于|至少|>=|≥|大于等于)")
_AT_MOST = re.compile("(?:不高于|不超过|不大于|至多|最多|<=|≤|小于等于)")
_AFTER = {"以上": "min", "及以上": "min", "以下": "max", "以内": "max", "及以下": "max"}
_FRACTION = re.compile(r"0?\.\d{1,4}")
_TIMES = re.compile(
    r"(?:(?:每|一|每一)年度?)?(?:不超过|不多于|最多|至多|≤|<=)?([1-9]\d{0,2}|[一二两三四五六七八九十])次?"
    r"(?:(?:/|每)年度?|以内)?"
)
_HANZI = {"一": 1, "二": 2, "两": 2, **{hanzi: n for n, hanzi in enumerate("三四五六七八九十", 3)}}
_MOST_TIMES = 366
Ratio = tuple[int | None, int | None]
"""Lowest and highest, of every 10,000."""


def parse_ratio(text: str) -> Ratio | None:
    """A ratio or a range of ratios; a share written as a number (0.03) is one, too."""
    plain = _plain(text)
    found = _RANGE.fullmatch(plain)
    if found:
        low, high = _of_10000(found[1], found[2] or found[4]), _of_10000(found[3], found[4])
        return None if low is None or high is None else (low, high)
    bound = None
    for pattern, name in ((_AT_LEAST, "min"), (_AT_MOST, "max")):
        words = pattern.match(plain)
        if words:
            bound, plain = name, plain[words.end() :]
    for ending, name in _AFTER.items():
        if bound is None and plain.endswith(ending):
            bound, plain = name, plain.removesuffix(ending).removesuffix("及")
    ratio = _single(plain)
    if ratio is None:
        return None
    return (None if bound == "max" else ratio, None if bound == "min" else ratio)


def parse_times(text: str) -> int | None:
    """Visits of an object a year; "每两年1次" is none, since it says less than one a year."""
    found = _TIMES.fullmatch(_plain(text))
    if found is None:
        return None
    times = _HANZI.get(found[1]) or int(found[1])
    return times if times <= _MOST_TIMES else None


def parse_validity_end(text: str) -> tuple[dt.date | None, bool]:
    """(the last day, understood): 长期 is understood and has no last day."""
    day = parse_date(text)
    return (None if day == LONG_TERM else day), day is not None


def _single(text: str) -> int | None:
    found = _RATIO.fullmatch(text)
    if found:
        return _of_10000(found[1], found[2])
    return _of_10000(text, "") if _FRACTION.fullmatch(text) else None


def _of_10000(number: str, unit: str) -> int | None:
    """Whole parts of 10,000; None for more than all, for nothing at all, or a finer share."""
    share = Decimal(number) * {"%": 100, "‰": 10, "": 10_000}[unit]
    return int(share) if share == int(share) and 0 < share <= 10_000 else None  # noqa: PLR2004


def _plain(text: str) -> str:
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    return folded.replace("—", "-").replace("–", "-").replace("～", "~").replace("--", "-")
