"""Rows to xlsx and csv that no spreadsheet program turns into something else.

Text is written as text: codes keep their leading zeros, and nothing that begins like a formula is
ever run. In csv, which has no types, such text gets an apostrophe that our reader takes off again.
It refuses a text that a cell cannot hold instead of cutting it.
"""

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.domain.errors import RuleError
from app.domain.refusals.tabular import (
    CELL_TOO_LONG,
    TEXT_NOT_IN_ENCODING,
    TOO_MANY_ROWS,
)
from app.tabular.table import MAX_CELL

Cell = str | int | float | bool | dt.date | None
MAX_WRITTEN_ROWS = 1_048_575  # a sheet's rows without the header
UTF8, GB18030 = "utf-8-sig", "gb18030"  # the mark tells spreadsheet programs that it is UTF-8
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "'")
_WIDTH = 18


def write_xlsx(
    rows: Iterable[Sequence[Cell]], headers: Sequence[str], *, sheet: str = "Sheet1"
) -> bytes:
    """One sheet with a header row, written row by row in constant memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        workbook = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": folder})
        try:
            write_sheet(workbook, sheet, headers, rows)
        finally:
            workbook.close()
        return path.read_bytes()


def write_sheet(
    workbook: xlsxwriter.Workbook,
    name: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> Worksheet:
    """A sheet whose columns are text and whose header stays in sight."""
    sheet = SheetRows(workbook, name, headers)
    sheet.append(rows)
    return sheet.worksheet


class SheetRows:
    """A sheet that takes rows, in order, and keeps none of them."""

    def __init__(self, workbook: xlsxwriter.Workbook, name: str, headers: Sequence[str]) -> None:
        self.worksheet = workbook.add_worksheet(name)
        self.rows = 0
        bold = workbook.add_format({"bold": True, "num_format": "@", "text_wrap": True})
        self._text = workbook.add_format({"num_format": "@"})
        self._number = workbook.add_format({"num_format": "General"})
        self.worksheet.set_column(0, max(len(headers) - 1, 0), _WIDTH, self._text)
        self.worksheet.freeze_panes(1, 0)
        for column, header in enumerate(headers):
            self.worksheet.write_string(0, column, header, bold)

    def append(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows below those that are there; raises too-many-rows."""
        for row in rows:
            if self.rows >= MAX_WRITTEN_ROWS:
                raise RuleError(TOO_MANY_ROWS, limit=MAX_WRITTEN_ROWS)
            self.rows += 1
            for column, value in enumerate(row):
                if isinstance(value, int | float) and not isinstance(value, bool):
                    self.worksheet.write_number(self.rows, column, value, self._number)
                else:
                    text = plain_text(value)
                    _write_text(self.worksheet, self.rows, column, text, self._text)


def _write_text(
    worksheet: Worksheet, row: int, column: int, text: str, text_format: Format
) -> None:
    if len(text) > MAX_CELL:
        raise RuleError(CELL_TOO_LONG, row=row + 1, limit=MAX_CELL)
    if text:
        worksheet.write_string(row, column, text, text_format)


def plain_text(value: Cell) -> str:
    """A value as text: dates in ISO form, truth as 是 and 否, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def write_csv(
    rows: Iterable[Sequence[Cell]], headers: Sequence[str], *, encoding: str = UTF8
) -> bytes:
    """A csv file in UTF-8 with its mark, or in GB18030 for older programs."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(csv_row(headers))
    writer.writerows(csv_row(row) for row in rows)
    try:
        return buffer.getvalue().encode(encoding)
    except UnicodeEncodeError as fault:
        raise RuleError(TEXT_NOT_IN_ENCODING) from fault


def csv_row(row: Sequence[Cell]) -> list[str]:
    """The cells of a row of csv."""
    return [_csv_cell(value) for value in row]


def _csv_cell(value: Cell) -> str:
    text = plain_text(value)
    if isinstance(value, str) and text.startswith(_FORMULA_START):
        return "'" + text
    return text
