"""What the imports of all spreadsheets share: the file, its digest, and what became of each row.

Refuses nothing itself; reading is `app/tabular`, storing is the use case's.
"""

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from app.domain.row_messages import RowMessage
from app.storage.uow import UnitOfWork
from app.tabular.verdicts import ImportReport, Outcome, RowVerdict


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in."""

    data: bytes
    filename: str

    @property
    def sha256(self) -> str:
        """The digest that the audit entry of the import names."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """An import: what was (or, in a dry run, would be) stored, and the rows that were not."""

    sha256: str
    dry_run: bool
    rows: int
    created: int
    joined: int
    duplicates: tuple[RowVerdict, ...]
    rejected: tuple[RowVerdict, ...]
    warnings: tuple[RowVerdict, ...]

    @property
    def counts(self) -> dict[str, int]:
        """What the audit entry says of the import."""
        return {
            "rows": self.rows,
            "created": self.created,
            "joined": self.joined,
            "duplicates": len({verdict.row for verdict in self.duplicates}),
            "rejected": len({verdict.row for verdict in self.rejected}),
        }


Row = TypeVar("Row")
CHUNK = 1000
"""Rows stored between two reports of progress."""


class ImportWatch:
    """Who follows an import. This one does not care; an operation counts, stops it, and ends."""

    async def step(self, done: int, total: int | None) -> None:
        """So many rows of all are stored, if it comes to a commit; may raise to stop the import."""

    async def chunks(
        self, rows: Sequence[Row], before: int = 0, total: int | None = None
    ) -> AsyncIterator[Sequence[Row]]:
        """The rows piece by piece, to be stored; a piece is counted when the next is asked for."""
        total = len(rows) if total is None else total
        await self.step(before, total)
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            yield chunk
            await self.step(before + start + len(chunk), total)

    async def done(self, uow: UnitOfWork, outcome: ImportOutcome) -> None:
        """All is stored in the unit of work, which commits next; may raise to prevent that."""


UNWATCHED = ImportWatch()


async def conclude(
    uow: UnitOfWork,
    action: str,
    subject: tuple[str, UUID | str],
    outcome: ImportOutcome,
    watch: ImportWatch,
) -> None:
    """The one audit entry of an import, into whose list or library it went; then who follows it."""
    kind, subject_id = subject
    uow.audit(action, kind, subject_id, after=outcome.counts, file_sha256=outcome.sha256)
    await watch.done(uow, outcome)


class RowNotes:
    """Collects what the library has to say of rows that the reader of the file had accepted."""

    def __init__(self, titles: dict[str, str]) -> None:
        self._titles = titles
        self.duplicates: list[RowVerdict] = []
        self.rejected: list[RowVerdict] = []
        self.warnings: list[RowVerdict] = []

    def reject(
        self, row: int, message: RowMessage, field: str | None = None, **facts: object
    ) -> None:
        """The row is not stored."""
        self.rejected.append(self._verdict(row, Outcome.REJECTED, message, field, facts))

    def duplicate(self, row: int, message: RowMessage, **facts: object) -> None:
        """The row is in the library already: no error, and nothing to store."""
        self.duplicates.append(self._verdict(row, Outcome.ACCEPTED, message, None, facts))

    def warn(self, row: int, message: RowMessage, field: str | None = None) -> None:
        """The row is stored, but somebody should look."""
        self.warnings.append(self._verdict(row, Outcome.WARNING, message, field, {}))

    def outcome(
        self, upload: Upload, report: ImportReport, created: int, joined: int, *, dry_run: bool
    ) -> ImportOutcome:
        """The whole import, with what the reader of the file had to say."""
        return ImportOutcome(
            sha256=upload.sha256,
            dry_run=dry_run,
            rows=report.rows,
            created=created,
            joined=joined,
            duplicates=tuple(self.duplicates),
            rejected=_in_order((*report.of(Outcome.REJECTED), *self.rejected)),
            warnings=_in_order((*report.of(Outcome.WARNING), *self.warnings)),
        )

    def _verdict(
        self,
        row: int,
        outcome: Outcome,
        message: RowMessage,
        field: str | None,
        facts: dict[str, object],
    ) -> RowVerdict:
        title = self._titles.get(field or "", field or "")
        zh, en = message.texts({"row": row, "field": field or "", "title": title, **facts})
        return RowVerdict(row, outcome, message.code, field, zh, en)


def _in_order(verdicts: Iterable[RowVerdict]) -> tuple[RowVerdict, ...]:
    return tuple(sorted(verdicts, key=lambda verdict: verdict.row))
