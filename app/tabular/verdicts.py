"""The verdict on each row of an import and the report that sums them up.

Every row of the sheet below the header gets at least one verdict, so that a clerk can account for
the whole file. A rejected row has one verdict per fault; nothing of it is imported.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.domain.imports import RowOutcome
from app.domain.row_messages import ACCEPTED, RowMessage
from app.tabular.table import MAX_CELL, TableRow

Outcome = RowOutcome
_LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """One thing said of one row, in both languages; `row` is what the sheet shows."""

    row: int
    outcome: Outcome
    code: str
    field: str | None
    zh: str
    en: str
    column: int | None = None
    """Where the field stands in the sheet, 1 for A; what follows is filled in by a `Source`."""
    title: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where verdicts point to: the rows of the sheet, and which column holds which field."""

    header_row: int = 0
    titles: Sequence[str] = ()
    columns: Mapping[str, int] = field(default_factory=dict)
    rows: Sequence[TableRow] = field(default=(), repr=False, compare=False)
    """Not in any log: they may hold what is not stored."""
    withheld: frozenset[int] = frozenset()
    """Columns of what is not stored, such as numbers of persons."""

    def placed(self, verdicts: Iterable[RowVerdict]) -> list[RowVerdict]:
        """The verdicts (in order of rows) with column, its title, and what stands in the cell."""
        found: list[RowVerdict] = []
        rows = iter(self.rows)
        row: TableRow | None = None
        for verdict in verdicts:
            column = self.columns.get(verdict.field or "")
            if column is None:
                found.append(verdict)
                continue
            while row is None or row.number < verdict.row:
                following = next(rows, None)
                if following is None:
                    break
                row = following
            value = row.text(column) if row is not None and row.number == verdict.row else None
            title = self.titles[column][:_LONGEST_TITLE] if column < len(self.titles) else None
            found.append(replace(verdict, column=column + 1, title=title, value=value))
        return found


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts of rows (not of verdicts) and all verdicts in the order of the sheet."""

    rows: int
    accepted: int
    rejected: int
    warned: int
    verdicts: tuple[RowVerdict, ...]
    source: Source = field(default_factory=Source)

    def of(self, outcome: Outcome) -> tuple[RowVerdict, ...]:
        """The verdicts of one outcome."""
        return tuple(found for found in self.verdicts if found.outcome is outcome)


def _row_of(verdict: RowVerdict) -> int:
    return verdict.row


class Verdicts:
    """Collects verdicts while a file is read; `titles` are the Chinese names of the fields."""

    def __init__(self, titles: dict[str, str]) -> None:
        self._titles = titles
        self._verdicts: list[RowVerdict] = []
        self._accepted: list[int] = []
        self.source = Source()

    def reject(
        self, row: int, message: RowMessage, field: str | None = None, **facts: object
    ) -> None:
        """The row is not imported, for this reason among others."""
        self._say(row, Outcome.REJECTED, message, field, facts)

    def warn(
        self, row: int, message: RowMessage, field: str | None = None, **facts: object
    ) -> None:
        """The row is imported, but somebody should look."""
        self._say(row, Outcome.WARNING, message, field, facts)

    def accept(self, row: int, message: RowMessage = ACCEPTED, **facts: object) -> None:
        """The row is imported."""
        if message is ACCEPTED:  # of nearly every row: what it says is made once, in the report
            self._accepted.append(row)
        else:
            self._say(row, Outcome.ACCEPTED, message, None, facts)

    def report(self, rows: Iterable[int]) -> ImportReport:
        """Everything said, and the counts over the rows of data."""
        data = set(rows)
        by_outcome: dict[Outcome, set[int]] = {outcome: set() for outcome in Outcome}
        for verdict in self._verdicts:
            by_outcome[verdict.outcome].add(verdict.row)
        rejected = by_outcome[Outcome.REJECTED] & data
        accepted = (by_outcome[Outcome.ACCEPTED] | set(self._accepted)) & data
        zh, en = ACCEPTED.texts({})
        plain = (
            RowVerdict(row, Outcome.ACCEPTED, ACCEPTED.code, None, zh, en) for row in self._accepted
        )
        return ImportReport(
            len(data),
            len(accepted - rejected),
            len(rejected),
            len(by_outcome[Outcome.WARNING] & data),
            tuple(sorted((*self._verdicts, *plain), key=_row_of)),
            self.source,
        )

    def _say(
        self,
        row: int,
        outcome: Outcome,
        message: RowMessage,
        field: str | None,
        facts: dict[str, object],
    ) -> None:
        known = {
            "row": row,
            "field": field or "",
            "title": self._titles.get(field or "", field or ""),
            "limit": MAX_CELL,
            **facts,
        }
        zh, en = message.texts(known)
        column = facts.get("column")
        place = column if isinstance(column, int) else None
        self._verdicts.append(RowVerdict(row, outcome, message.code, field, zh, en, place))
