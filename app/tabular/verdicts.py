"""The verdict on each row of an import and the report that sums them up.

Every row of the sheet below the header gets at least one verdict, so that a clerk can account for
the whole file. A rejected row has one verdict per fault; nothing of it is imported.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.row_messages import ACCEPTED, RowMessage
from app.tabular.table import MAX_CELL


class Outcome(StrEnum):
    """What becomes of the row; a warning stands beside an acceptance."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """One thing said of one row, in both languages; `row` is what the sheet shows."""

    row: int
    outcome: Outcome
    code: str
    field: str | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts of rows (not of verdicts) and all verdicts in the order of the sheet."""

    rows: int
    accepted: int
    rejected: int
    warned: int
    verdicts: tuple[RowVerdict, ...]

    def of(self, outcome: Outcome) -> tuple[RowVerdict, ...]:
        """The verdicts of one outcome."""
        return tuple(found for found in self.verdicts if found.outcome is outcome)


class Verdicts:
    """Collects verdicts while a file is read; `titles` are the Chinese names of the fields."""

    def __init__(self, titles: dict[str, str]) -> None:
        self._titles = titles
        self._verdicts: list[RowVerdict] = []

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
        self._say(row, Outcome.ACCEPTED, message, None, facts)

    def report(self, rows: Iterable[int]) -> ImportReport:
        """Everything said, and the counts over the rows of data."""
        data = set(rows)
        rejected = {v.row for v in self._verdicts if v.outcome is Outcome.REJECTED} & data
        accepted = {v.row for v in self._verdicts if v.outcome is Outcome.ACCEPTED} & data
        warned = {v.row for v in self._verdicts if v.outcome is Outcome.WARNING} & data
        ordered = sorted(self._verdicts, key=lambda verdict: verdict.row)
        return ImportReport(
            len(data), len(accepted - rejected), len(rejected), len(warned), tuple(ordered)
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
        self._verdicts.append(RowVerdict(row, outcome, message.code, field, zh, en))
