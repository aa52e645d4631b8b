"""Bytes of an xlsx, xls or csv file to a `Table`; the one way a spreadsheet enters the service.

The content decides what a file is, and must agree with its name. A merged range is filled with its
value down and to the right, within the range only: a cell that is merely blank stays blank. Text
files are read as UTF-8 or GB18030, strictly: no character is replaced by a question mark.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import python_calamine
from python_calamine import CalamineSheet, SheetTypeEnum, SheetVisibleEnum

from app.domain.errors import RuleError
from app.domain.refusals.tabular import (
    FILE_EMPTY,
    FILE_ENCODING_UNKNOWN,
    FILE_ENCRYPTED,
    FILE_NOT_READABLE,
    FILE_TOO_LARGE,
    FILE_TYPE_MISMATCH,
    FILE_TYPE_UNKNOWN,
    FILE_UNPACKS_TOO_LARGE,
    SHEET_NOT_FOUND,
    TOO_MANY_COLUMNS,
    TOO_MANY_ROWS,
)
from app.domain.row_messages import FORMULA_FOUND, RowMessage
from app.tabular.extent import (
    MAX_AREA,
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_LINES,
    MAX_MERGED_CELLS,
    MAX_ROWS,
    MAX_SHEET_ROWS,
    MAX_TEXT_FILE,
)
from app.tabular.legacy_workbook_guard import check_legacy_workbook
from app.tabular.table import Table, TableRow, cell_text, plain_number
from app.tabular.workbook_guard import safe_workbook, template_mark

_XLSX, _XLS, _CSV = "xlsx", "xls", "csv"
_EXTENSIONS = {"xlsx": _XLSX, "xls": _XLS, "csv": _CSV, "txt": _CSV, "tsv": _CSV}
_FOREIGN = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"MZ",
)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DELIMITERS = ",;\t"
_SNIFFED_ROWS = 50
_SNIFFED_BYTES = 1000
_QUOTED = re.compile(r'="([^"=]*)"')  # what keeps a spreadsheet from making a number of a code
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "'")
Grid = list[list[object]]


def read_table(data: bytes, filename: str = "", *, sheet: str | None = None) -> Table:
    """The first visible sheet that holds anything (or the one named), as clean text."""
    if not data[:_SNIFFED_BYTES].strip() and not data.strip():
        raise RuleError(FILE_EMPTY)
    kind = _kind(data)
    limit = MAX_TEXT_FILE if kind == _CSV else MAX_BYTES
    if len(data) > limit:
        raise RuleError(FILE_TOO_LARGE, limit_bytes=limit)
    if kind == _XLS and _ENCRYPTED in data:
        raise RuleError(FILE_ENCRYPTED)  # an xlsx under a password is a compound file, too
    _check_name(kind, filename)
    table = _read_text(data) if kind == _CSV else _read_workbook(data, kind, sheet)
    if not table.rows:
        raise RuleError(FILE_EMPTY)
    if len(table.rows) > MAX_SHEET_ROWS:
        raise RuleError(TOO_MANY_ROWS, limit=MAX_ROWS)
    return table


def _kind(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        return _XLSX
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _XLS
    if data.startswith(_FOREIGN):
        raise RuleError(FILE_TYPE_UNKNOWN)
    return _CSV


def _check_name(kind: str, filename: str) -> None:
    _, dot, extension = filename.rpartition(".")
    if not dot:
        return
    expected = _EXTENSIONS.get(extension.strip().lower())
    if expected is None:
        raise RuleError(FILE_TYPE_UNKNOWN)
    if expected != kind:
        raise RuleError(FILE_TYPE_MISMATCH, actual=kind)


# Workbooks

_ENGINE = "pyo3_runtime"  # where the class of panics says it is; it can not be imported


@contextmanager
def _panics_refused() -> Iterator[None]:
    """A panic of the engine is no Exception: unanswered, it would end who reads the file."""
    try:
        yield
    except BaseException as fault:
        if type(fault).__module__ == _ENGINE:
            raise RuleError(FILE_NOT_READABLE) from fault
        raise


@_panics_refused()
def _read_workbook(data: bytes, kind: str, wanted: str | None) -> Table:
    template: str | None = None
    if kind == _XLSX:
        data = safe_workbook(data)
        template = template_mark(data)
    else:
        check_legacy_workbook(data)
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(data))
        names = [
            found.name
            for found in workbook.sheets_metadata
            if found.typ is SheetTypeEnum.WorkSheet
            and (wanted is not None or found.visible is SheetVisibleEnum.Visible)
        ]
        if wanted is not None and wanted not in names:
            raise RuleError(SHEET_NOT_FOUND)
        for name in names if wanted is None else [wanted]:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.height:
                return Table(name, tuple(_sheet_rows(sheet)), template=template)
    except python_calamine.PasswordError as fault:
        raise RuleError(FILE_ENCRYPTED) from fault
    except (python_calamine.CalamineError, OSError, ValueError) as fault:
        raise RuleError(FILE_NOT_READABLE) from fault
    raise RuleError(FILE_EMPTY)


def _sheet_rows(sheet: CalamineSheet) -> Iterator[TableRow]:
    if sheet.end is None:
        return
    height, width = sheet.end[0] + 1, sheet.end[1] + 1
    if width > MAX_COLUMNS:
        raise RuleError(TOO_MANY_COLUMNS, limit=MAX_COLUMNS)
    if height > MAX_SHEET_ROWS:
        raise RuleError(TOO_MANY_ROWS, limit=MAX_ROWS)
    if height * width > MAX_AREA:
        raise RuleError(FILE_UNPACKS_TOO_LARGE)
    grid: Grid = [list[object](row) for row in sheet.to_python(skip_empty_area=False)]
    inherited = _fill_merges(grid, sheet.merged_cell_ranges or [])
    none: frozenset[int] = frozenset()
    for index, cells in enumerate(grid):
        row = _row(index + 1, cells, inherited.get(index, none))
        if row is not None:
            yield row


def _fill_merges(
    grid: Grid, ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]
) -> dict[int, frozenset[int]]:
    """Copy each merged value over its range; say per row which columns were filled."""
    filled: dict[int, set[int]] = {}
    budget = MAX_MERGED_CELLS
    height = len(grid)
    for (top, left), (bottom, right) in ranges:
        if top >= height or left >= len(grid[top]):
            continue
        last_row = min(bottom, height - 1)
        columns = range(left, min(right, len(grid[top]) - 1) + 1)
        budget -= (last_row - top + 1) * len(columns)
        if budget < 0:
            raise RuleError(FILE_UNPACKS_TOO_LARGE)
        value = grid[top][left]
        for row in range(top, last_row + 1):
            for column in columns:
                if (row, column) != (top, left):
                    grid[row][column] = value
                    filled.setdefault(row, set()).add(column)
    return {row: frozenset(columns) for row, columns in filled.items()}


def _row(number: int, cells: Sequence[object], inherited: frozenset[int]) -> TableRow | None:
    """One clean row, or None when nothing stands in it."""
    texts: list[str] = []
    faults: dict[int, RowMessage] = {}
    for column, value in enumerate(cells):
        if value == "":
            texts.append("")
            continue
        text, fault = cell_text(value)
        texts.append(text)
        if fault is not None:
            faults[column] = fault
    if not faults and not any(texts):
        return None
    return TableRow(number, tuple(texts), inherited, faults)


# Text files


def _read_text(data: bytes) -> Table:
    text = _decode(data)
    controls = sum(text.count(chr(code)) for code in range(32) if code not in {9, 10, 13})
    if controls > max(10, len(text) // 100):
        raise RuleError(FILE_TYPE_UNKNOWN)  # a program or a picture that happens to decode
    delimiter = _delimiter(text)
    has_formulas = "=" in text
    rows: list[TableRow] = []
    try:
        for number, cells in enumerate(_records(text, delimiter), start=1):
            if len(cells) > MAX_COLUMNS:
                raise RuleError(TOO_MANY_COLUMNS, limit=MAX_COLUMNS)
            if number > MAX_LINES:
                raise RuleError(TOO_MANY_ROWS, limit=MAX_ROWS)
            if not any(map(str.strip, cells)):
                continue
            row = _row(number, [_unescaped(cell) for cell in cells], frozenset())
            if row is not None and has_formulas:
                row = _without_formulas(row, cells)
            if row is not None:
                rows.append(row)
            if len(rows) > MAX_SHEET_ROWS:
                raise RuleError(TOO_MANY_ROWS, limit=MAX_ROWS)
    except csv.Error as fault:
        raise RuleError(FILE_NOT_READABLE) from fault
    return Table("", tuple(rows), is_text=True)


def _decode(data: bytes) -> str:
    """Byte order mark, else UTF-8, else GB18030; strict, so that no name is stored garbled."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif data.startswith(b"\xef\xbb\xbf"):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RuleError(FILE_ENCODING_UNKNOWN)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _delimiter(text: str) -> str:
    """The delimiter that cuts most of the first rows into the same number of columns."""
    best, best_score = ",", (0, 0)
    for candidate in _DELIMITERS:
        widths: Counter[int] = Counter()
        try:
            for cells, _ in zip(_records(text, candidate), range(_SNIFFED_ROWS), strict=False):
                widths[len(cells)] += 1
        except csv.Error:
            continue
        score = max(((n, width) for width, n in widths.items() if width > 1), default=(0, 0))
        if score > best_score:
            best, best_score = candidate, score
    return best


def _without_formulas(row: TableRow, cells: Sequence[str]) -> TableRow:
    """The row with a fault for each formula: a text file should hold what it came to."""
    formulas = {
        column: FORMULA_FOUND
        for column, cell in enumerate(cells)
        if cell.startswith("=") and len(cell) > 1 and not _QUOTED.fullmatch(cell)
    }
    return replace(row, faults=row.faults | formulas) if formulas else row


def _unescaped(cell: str) -> str:
    """Undo what our own export does against formulas, and numbers written as 42.0."""
    if cell.startswith('="') and (quoted := _QUOTED.fullmatch(cell)):
        return quoted[1]
    if cell.startswith("'") and cell[1:].startswith(_FORMULA_START):
        return cell[1:]
    return plain_number(cell) if cell.endswith("0") else cell
