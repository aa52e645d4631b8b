"""What every importer works on: rows of clean text with the number the sheet shows for them.

Cells are text: numbers lose a meaningless ".0", dates become ISO text, everything is trimmed and
in NFC. What is wrong with a cell is remembered beside it, so that the importer can reject the row
that needs the cell, and ignore it where no column of ours is concerned. No cell is repaired
silently but for invisible formatting characters, which would make two equal codes differ.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field

from app.domain.row_messages import (
    CELL_TOO_LONG,
    CONTROL_CHARACTER,
    NUMBER_PRECISION_LOST,
    TEXT_GARBLED,
    RowMessage,
)

MAX_CELL = 32_767  # what a spreadsheet itself can hold
_EXACT_INTEGER = 10**15  # spreadsheets keep 15 digits; beyond that the last ones are invented
_INTEGER_AS_FLOAT = re.compile(r"^[+-]?\d+\.0+$")
_LOST = "锟斤拷"  # what the mark of lost characters in UTF-8 becomes when it is read as GBK
_NO_FAULTS: dict[int, RowMessage] = {}


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its 1-based number, its cells, which of them a merge filled, and their faults."""

    number: int
    cells: tuple[str, ...]
    inherited: frozenset[int] = frozenset()
    faults: dict[int, RowMessage] = field(default_factory=lambda: _NO_FAULTS)

    def text(self, column: int | None) -> str:
        """The cell of a column, "" where the row is shorter or the column does not exist."""
        if column is None or column >= len(self.cells):
            return ""
        return self.cells[column]

    def own(self, column: int | None) -> str:
        """The cell if it was written in this very row; "" if a merge brought it here."""
        return "" if column in self.inherited else self.text(column)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one sheet that hold anything; blank rows are left out, numbers are kept."""

    sheet: str
    rows: tuple[TableRow, ...]
    is_text: bool = False
    """Whether the columns are what a delimiter cut."""
    template: str | None = None
    """The kind of import that the file was made for, where it is a template of ours."""


def clean_text(text: str) -> tuple[str, RowMessage | None]:
    """Trimmed NFC text and what is wrong with it: control characters go, and are reported."""
    if len(text) > MAX_CELL:
        return "", CELL_TOO_LONG
    if text.isprintable():  # the usual case: no control, format or exotic space characters
        garbled = "\ufffd" in text or _LOST in text
        return unicodedata.normalize("NFC", text).strip(), TEXT_GARBLED if garbled else None
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept: list[str] = []
    fault: RowMessage | None = None
    for char in text:
        kind = unicodedata.category(char)
        if char in "\n\t" or kind not in {"Cc", "Cs", "Cf", "Cn"}:
            kept.append(char)
        elif kind != "Cf":
            fault = CONTROL_CHARACTER
    return "".join(kept).strip(), fault


def cell_text(value: object) -> tuple[str, RowMessage | None]:
    """Text of a cell as the reader library gives it, and what is wrong with it."""
    if isinstance(value, str):
        return clean_text(value)
    if value is None:
        return "", None
    if isinstance(value, bool):
        return ("是" if value else "否"), None
    if isinstance(value, int | float):
        return _number_text(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return (value.date().isoformat() if midnight else value.isoformat(sep=" ")), None
    if isinstance(value, dt.date | dt.time):
        return value.isoformat(), None
    return clean_text(str(value))


def _number_text(value: float) -> tuple[str, RowMessage | None]:
    """Whole numbers without ".0"; a number too long to be exact is a fault, never a guess."""
    if abs(value) >= _EXACT_INTEGER or value != value:  # noqa: PLR0124  NaN is unequal to itself
        return "", NUMBER_PRECISION_LOST
    if value == int(value):
        return str(int(value)), None
    return format(value, ".15g"), None


def plain_number(text: str) -> str:
    """Text of an exported number without its ".0": CSV files carry 42.0 where 42 was meant."""
    return text.partition(".")[0] if _INTEGER_AS_FLOAT.match(text) else text
