"""Finds the header of a sheet and which column holds which field.

Titles above the header are skipped; a header of two rows (a merged heading over its parts) is
understood. Columns are known by their names, never by their place. It refuses a sheet whose
required columns are not all there, and names them; it reports every column it does not know.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.domain.errors import RuleError
from app.domain.refusals.tabular import (
    FILE_OF_ANOTHER_KIND,
    HEADER_NOT_FOUND,
    TOO_MANY_ROWS,
)
from app.domain.row_messages import COLUMN_NOT_STORED, COLUMN_REPEATED, COLUMN_UNKNOWN, ROW_TOO_WIDE
from app.tabular.extent import HEADER_SEARCH_ROWS, MAX_ROWS
from app.tabular.table import Table, TableRow
from app.tabular.verdicts import Source, Verdicts

_NOISE = re.compile(r"[\s*:_/\\\-.,、()\[\]【】《》]+")
_REMARK = re.compile(r"[(\[【][^)\]】]*[)\]】]")
_LONGEST_LABEL = 100
_LEAST_COLUMNS = 2  # one word that happens to be a column name is no header


@dataclass(frozen=True, slots=True)
class Column:
    """One field: its Chinese title in templates and verdicts, and what else it may be called."""

    field: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    stored: bool = True  # False: recognised only to say that it is not kept


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file may be for: the mark in our templates, what clerks call it, and its columns."""

    mark: str
    title: str
    columns: tuple[Column, ...]


_KINDS: dict[str, FileKind] = {}


def declare(kind: FileKind) -> None:
    """Let files of this kind be known where another is read."""
    _KINDS[kind.mark] = kind


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands and which column holds which field."""

    row: int
    columns: dict[str, int]
    labels: tuple[str, ...]
    unknown: tuple[int, ...]
    repeated: tuple[tuple[int, str], ...]
    not_stored: tuple[tuple[int, str], ...]

    def text(self, row: TableRow, field: str) -> str:
        """The cell of a field, "" when the sheet has no such column."""
        return row.text(self.columns.get(field))

    def has(self, field: str) -> bool:
        """Whether the sheet has a column for the field."""
        return field in self.columns

    def repeats_in(self, row: TableRow) -> bool:
        """Whether the row is the header once more, as printed lists have on each page."""
        filled = 0
        for column in self.columns.values():
            text = row.text(column)
            if text:
                if normal_label(text) != self.labels[column]:
                    return False  # of nearly every row at its first cell
                filled += 1
        return filled >= _LEAST_COLUMNS


def normal_label(text: str) -> str:
    """A header cell without spaces, marks, remarks in brackets; width and case folded."""
    folded = unicodedata.normalize("NFKC", text[:_LONGEST_LABEL]).lower()
    return _NOISE.sub("", _REMARK.sub("", folded)) or _NOISE.sub("", folded)


def find_header(
    table: Table, columns: Sequence[Column], verdicts: Verdicts
) -> tuple[Header, tuple[TableRow, ...]]:
    """The header and the rows of data below it; unknown columns are warned of."""
    own = _kind_of(columns)
    if own is not None and table.template in _KINDS and table.template != own.mark:
        raise _other_kind(_KINDS[table.template], own)
    best, best_index, titles = _best(table, columns)
    missing = [
        c.title
        for c in columns
        if c.required
        and (best is None or len(best.columns) < _LEAST_COLUMNS or not best.has(c.field))
    ]
    if own is not None and table.template is None:
        _refuse_other_kind(table, own, None if missing else best)
    if best is None or missing:
        raise RuleError(HEADER_NOT_FOUND, missing="、".join(missing))
    data = _without_shifts(table, best, best_index)
    if len(data) > MAX_ROWS:
        raise RuleError(TOO_MANY_ROWS, limit=MAX_ROWS)
    verdicts.source = Source(
        best.row,
        titles,
        best.columns,
        data,
        frozenset(place for place, _ in best.not_stored),
    )
    _report_columns(best, data, verdicts)
    return best, data


def _best(table: Table, columns: Sequence[Column]) -> tuple[Header | None, int, tuple[str, ...]]:
    """The row, or pair of rows, among the first that names most of the columns; its cells."""
    known = _labels(columns)
    best: Header | None = None
    best_index = 0
    titles: tuple[str, ...] = ()
    for index, row in enumerate(table.rows[:HEADER_SEARCH_ROWS]):
        found = _match(row, known, {c.field: c for c in columns})
        if best is None or len(found.columns) > len(best.columns):
            best, best_index, titles = found, index, row.cells
        if index + 1 < len(table.rows):
            below = table.rows[index + 1]
            both = _two_rows(row, below, known)
            if both is not None:
                found = _match(both, known, {c.field: c for c in columns})
                if len(found.columns) > len(best.columns):
                    best, best_index, titles = found, index + 1, both.cells
    return best, best_index, titles


def _kind_of(columns: Sequence[Column]) -> FileKind | None:
    return next((kind for kind in _KINDS.values() if kind.columns == tuple(columns)), None)


def _refuse_other_kind(table: Table, own: FileKind, best: Header | None) -> None:
    """Raise if all that another kind requires is there, and more of its columns than of ours.

    Of several such kinds the one is named that most of the columns are of.
    """
    ours = len(best.columns) if best is not None else 0
    others: list[tuple[int, FileKind]] = []
    for kind in _KINDS.values():
        if kind is own:
            continue
        found, _, _ = _best(table, kind.columns)
        if (
            found is not None
            and len(found.columns) > max(ours, _LEAST_COLUMNS - 1)
            and all(found.has(column.field) for column in kind.columns if column.required)
        ):
            others.append((len(found.columns), kind))
    if others:
        raise _other_kind(max(others, key=lambda one: one[0])[1], own)


def _other_kind(actual: FileKind, expected: FileKind) -> RuleError:
    return RuleError(FILE_OF_ANOTHER_KIND, actual=actual.title, expected=expected.title)


def _without_shifts(table: Table, header: Header, index: int) -> tuple[TableRow, ...]:
    """The rows below the header; those of a text file that are wider than it can not be trusted."""
    data = table.rows[index + 1 :]
    width = len(table.rows[index].cells)
    if not table.is_text or all(len(row.cells) <= width for row in data):
        return data
    fault = {min(header.columns.values()): ROW_TOO_WIDE}
    return tuple(
        replace(row, faults=row.faults | fault) if any(row.cells[width:]) else row for row in data
    )


def _labels(columns: Sequence[Column]) -> dict[str, str]:
    known: dict[str, str] = {}
    for column in columns:
        for name in (column.title, column.field, *column.aliases):
            known.setdefault(normal_label(name), column.field)
    return known


def _two_rows(upper: TableRow, lower: TableRow, known: dict[str, str]) -> TableRow | None:
    """The lower labels where there are any, else the upper; None if the lower row is data."""
    own = [text for text in lower.cells if text]
    if not own or any(normal_label(text) not in known for text in own):
        return None
    width = max(len(upper.cells), len(lower.cells))
    cells = tuple(lower.text(c) or upper.text(c) for c in range(width))
    return TableRow(lower.number, cells)


def _match(row: TableRow, known: dict[str, str], columns: dict[str, Column]) -> Header:
    found: dict[str, int] = {}
    unknown: list[int] = []
    repeated: list[tuple[int, str]] = []
    not_stored: list[tuple[int, str]] = []
    labels = tuple(normal_label(text) for text in row.cells)
    for place, label in enumerate(labels):
        field = known.get(label)
        if field is None:
            if label:
                unknown.append(place)
        elif not columns[field].stored:
            not_stored.append((place, field))
        elif field in found:
            repeated.append((place, field))
        else:
            found[field] = place
    return Header(row.number, found, labels, tuple(unknown), tuple(repeated), tuple(not_stored))


def _report_columns(header: Header, data: Sequence[TableRow], verdicts: Verdicts) -> None:
    for place in header.unknown:
        verdicts.warn(header.row, COLUMN_UNKNOWN, column=place + 1)
    for place, field in header.repeated:
        verdicts.warn(header.row, COLUMN_REPEATED, field, column=place + 1)
    for place, field in header.not_stored:
        if any(row.text(place) for row in data):
            verdicts.warn(header.row, COLUMN_NOT_STORED, field, column=place + 1)
