"""The caller's own sheet with its faults in place: coloured cells, notes, a last column 「问题」.

Every cell is written as text, at its own place, so that the row numbers of verdicts hold and
nothing that begins like a formula is run. Rows are written one by one in constant memory. It takes
verdicts in the order of rows, and refuses nothing.
"""

import itertools
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.tabular.headers import Column, find_header
from app.tabular.table import MAX_CELL, Table
from app.tabular.verdicts import Outcome, RowVerdict, Verdicts

PROBLEMS = "问题"
MOST_NOTES = 2000
"""Cells with a note: a spreadsheet program keeps a drawing for each, and bogs down in more."""
_IN_MEMORY = 4 << 20
_WIDTH, _PROBLEM_WIDTH = 18, 60


def write_marked_copy(
    table: Table, columns: Sequence[Column], verdicts: Iterable[RowVerdict]
) -> IO[bytes]:
    """An xlsx file in a temporary file, which the caller closes."""
    header, _ = find_header(table, columns, Verdicts({}))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "marked.xlsx"
        workbook = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": folder})
        try:
            _Sheet(workbook, table, header.row).write(verdicts)
        finally:
            workbook.close()
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  handed on
        with path.open("rb") as made:
            while piece := made.read(1 << 20):
                file.write(piece)
    return file


class _Sheet:
    """The sheet while it is written."""

    def __init__(self, workbook: xlsxwriter.Workbook, table: Table, header_row: int) -> None:
        self._table = table
        self._header_row = header_row
        self._width = max((len(row.cells) for row in table.rows), default=0)
        self._sheet: Worksheet = workbook.add_worksheet("Sheet1")
        self._text: Format = workbook.add_format({"num_format": "@"})
        self._bad: Format = workbook.add_format({"num_format": "@", "bg_color": "#FFC7CE"})
        self._doubtful: Format = workbook.add_format({"num_format": "@", "bg_color": "#FFEB9C"})
        self._wrapped: Format = workbook.add_format({"num_format": "@", "text_wrap": True})
        self._notes = 0

    def write(self, verdicts: Iterable[RowVerdict]) -> None:
        """All rows in their places; what is said of a row stands behind it."""
        self._sheet.set_column(0, max(self._width - 1, 0), _WIDTH, self._text)
        self._sheet.set_column(self._width, self._width, _PROBLEM_WIDTH, self._wrapped)
        groups = itertools.groupby(verdicts, key=lambda verdict: verdict.row)
        said = next(groups, None)
        found = [] if said is None else list(said[1])
        for row in self._table.rows:
            while said is not None and said[0] < row.number:
                said = next(groups, None)
                found = [] if said is None else list(said[1])
            mine = found if said is not None and said[0] == row.number else []
            self._write_row(row.number - 1, row.cells, mine)

    def _write_row(self, place: int, cells: Sequence[str], said: Sequence[RowVerdict]) -> None:
        marks = _by_column(said)
        for column, text in enumerate(cells):
            style = self._style(marks.get(column, ()))
            if text:
                self._sheet.write_string(place, column, text[:MAX_CELL], style)
            elif column in marks:
                self._sheet.write_blank(place, column, None, style)
        for column, verdicts in marks.items():
            if column >= len(cells):
                self._sheet.write_blank(place, column, None, self._style(verdicts))
            if self._notes < MOST_NOTES:
                self._notes += 1
                self._sheet.write_comment(place, column, "\n".join(v.zh for v in verdicts))
        if place == self._header_row - 1:
            self._sheet.write_string(place, self._width, PROBLEMS, self._wrapped)
        elif said:
            told = ";".join(dict.fromkeys(verdict.zh for verdict in said))
            self._sheet.write_string(place, self._width, told[:MAX_CELL], self._wrapped)

    def _style(self, verdicts: Sequence[RowVerdict]) -> Format:
        if any(verdict.outcome is Outcome.REJECTED for verdict in verdicts):
            return self._bad
        return self._doubtful if verdicts else self._text


def _by_column(said: Sequence[RowVerdict]) -> dict[int, list[RowVerdict]]:
    """What is wrong with which cell of a row."""
    marks: dict[int, list[RowVerdict]] = {}
    for verdict in said:
        if verdict.column is not None and verdict.outcome is not Outcome.ACCEPTED:
            marks.setdefault(verdict.column - 1, []).append(verdict)
    return marks
