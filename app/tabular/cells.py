"""What single cells mean: dates, yes and no, lists, codes. Text in, value or None out.

None is "not understood" and never "not there": whoever calls has looked whether the cell is empty.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping

from app.domain.row_messages import CELL_TOO_LONG, VALUE_MISSING
from app.tabular.headers import Header
from app.tabular.table import TableRow
from app.tabular.verdicts import Verdicts
from app.tabular.vocabulary import FOREVER, NO, YES, folded

CODE = re.compile(r"[0-9A-Z][0-9A-Z._-]{0,63}")  # DRAW: the form of every public code
REGISTRATION_NUMBER = re.compile(r"[0-9]{15}")  # \d would take the digits of every script
IDENTITY_NUMBER = re.compile(
    r"\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]"
)
LONG_TERM = dt.date(9999, 12, 31)  # an expiry that never comes
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?"
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SEPARATORS = re.compile(r"[、,，;；/／|\n\t]+")
_SPACES = re.compile(r"\s+")
_SPACE_IN_CHINESE = re.compile(
    r"(?<=[\u3001-\u303f\u3400-\u9fff\uff00-\uffef])\s+(?=[\u3001-\u303f\u3400-\u9fff\uff00-\uffef])"
)


def one_line(text: str) -> str:
    """Text whose line breaks only fitted it into its cell; spaces between hanzi go too."""
    if not _SPACES.search(text):
        return text
    return _SPACES.sub(" ", _SPACE_IN_CHINESE.sub("", text)).strip()


def spaced_line(text: str) -> str:
    """One line where gaps separate names: "甲   乙" becomes "甲、乙"."""
    pieces = [piece for piece in re.split(r"\s{2,}|\n", text) if piece.strip()]
    return "、".join(one_line(piece).rstrip("、") for piece in pieces)


def split_list(text: str) -> tuple[str, ...]:
    """The parts of an enumeration, in order, each once."""
    parts = (one_line(part) for part in _SEPARATORS.split(text))
    return tuple(dict.fromkeys(part for part in parts if part))


def parse_code(text: str) -> str:
    """A code as it is compared: half width, upper case, no spaces; its form is not judged."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def parse_date(text: str) -> dt.date | None:
    """2026-01-31, 2026/1/31, 2026.1.31, 2026年1月31日, 20260131, 长期; None for anything else."""
    if folded(text) in FOREVER:
        return LONG_TERM
    found = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def parse_flag(text: str) -> bool | None:
    """是 or 否 in the ways they are written."""
    word = folded(text)
    return True if word in YES else False if word in NO else None


def reject_faults(row: TableRow, header: Header, verdicts: Verdicts) -> bool:
    """Reject the row for each of our cells that could not be read; say whether there was one."""
    found = False
    if not row.faults:
        return found
    for field, column in header.columns.items():
        message = row.faults.get(column)
        if message is not None:
            verdicts.reject(row.number, message, field)
            found = True
    return found


def require(row: TableRow, header: Header, verdicts: Verdicts, *fields: str) -> bool:
    """Reject the row for each of the fields that is blank; say whether all are there."""
    missing = [field for field in fields if not header.text(row, field)]
    for field in missing:
        verdicts.reject(row.number, VALUE_MISSING, field)
    return not missing


def within_limits(
    row: TableRow, texts: Mapping[str, str], longest: Mapping[str, int], verdicts: Verdicts
) -> bool:
    """Reject the row for each text longer than its field may be; say whether all fit."""
    long = [field for field, text in texts.items() if len(text) > longest[field]]
    for field in long:
        verdicts.reject(row.number, CELL_TOO_LONG, field, limit=longest[field])
    return not long
