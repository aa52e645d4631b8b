"""What the imports of all spreadsheets share: the file, its digest, its batch, each row's verdicts.

An import of a file is one unit of work: the batch with its verdicts and the file, what it made, one
audit entry. Refuses a batch whole where all or nothing was asked for and a row is rejected: then
the batch and its verdicts are all that is stored. Reading is `app/tabular`, storing is the use
case's.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

from app.domain.errors import FieldError
from app.domain.imports import (
    PERMISSION_FOR,
    ImportKind,
    ImportMode,
    ImportStatus,
    RowOutcome,
    shown_value,
)
from app.domain.row_messages import ACCEPTED, RowMessage
from app.models.import_batch import ImportBatch
from app.storage import import_batches
from app.storage.uow import UnitOfWork
from app.tabular.verdicts import ImportReport, RowVerdict, Source
from app.tabular.writer import write_csv

_LONGEST_NAME = 500


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in."""

    data: bytes
    filename: str

    @property
    def sha256(self) -> str:
        """The digest that the audit entry of the import names."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def shown_name(self) -> str:
        """Its name as it may be kept and shown."""
        return "".join(char for char in self.filename if char.isprintable())[-_LONGEST_NAME:]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is to be imported."""

    dry_run: bool = False
    mode: ImportMode = ImportMode.PARTIAL


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """An import: what was (or, in a dry run, would be) stored, and what was said of its rows."""

    kind: ImportKind
    sha256: str
    manner: Manner
    rows: int
    created: int
    joined: int
    duplicates: tuple[RowVerdict, ...]
    rejected: tuple[RowVerdict, ...]
    warnings: tuple[RowVerdict, ...]
    remarks: tuple[RowVerdict, ...] = ()
    """Of rows that were taken or passed over for a reason: continuations, repeated headers."""
    source: Source = field(default_factory=Source)
    batch_id: UUID | None = None
    further: Mapping[str, int] = field(default_factory=dict)
    """What came of the import besides its rows, for the audit entry."""

    @property
    def dry_run(self) -> bool:
        """Whether nothing is stored in any case."""
        return self.manner.dry_run

    @property
    def mode(self) -> ImportMode:
        """All or nothing, or what can be taken."""
        return self.manner.mode

    @property
    def refused(self) -> bool:
        """Whether nothing may be stored, because something was rejected."""
        return self.manner.mode is ImportMode.ATOMIC and bool(self.rejected)

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

    @property
    def verdicts(self) -> list[RowVerdict]:
        """Everything but plain acceptances, in the order of the sheet."""
        return sorted(
            (*self.rejected, *self.duplicates, *self.warnings, *self.remarks), key=_row_of
        )


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

    async def refused(self, uow: UnitOfWork, outcome: ImportOutcome) -> None:
        """Nothing is stored but the batch with its verdicts; the unit of work commits next."""

    @property
    def working_for(self) -> UUID | None:
        """The operation that the import is."""
        return None


UNWATCHED = ImportWatch()


async def open_batch(
    uow: UnitOfWork,
    upload: Upload,
    outcome: ImportOutcome,
    watch: ImportWatch,
    batch_id: UUID | None = None,
) -> ImportOutcome:
    """Store the batch with its verdicts and the file; what it makes comes next, unless refused.

    The outcome that is given back names the batch, and says that nothing was made of one refused.
    `batch_id` is given where what the batch makes has been stored before it.
    """
    if outcome.refused:
        outcome = replace(outcome, created=0, joined=0, further={})
    verdicts, kept = outcome.verdicts, await asyncio.to_thread(to_keep, upload, outcome.source)
    batch = ImportBatch(
        id=batch_id or uow.new_id(),
        kind=outcome.kind,
        status=ImportStatus.REFUSED if outcome.refused else ImportStatus.STORED,
        mode=outcome.mode,
        department_id=uow.actor.acts_for(PERMISSION_FOR[outcome.kind]),
        account_id=uow.actor.account_id,
        operation_id=watch.working_for,
        file_name=kept.shown_name,
        file_sha256=outcome.sha256,
        **outcome.counts,
        warned=len({verdict.row for verdict in outcome.warnings}),
        verdicts=len(verdicts),
        made_at=uow.now,
    )
    uow.session.add(batch)
    await uow.flush()
    if verdicts:
        rows = (
            (v.row, v.outcome.value, v.code, v.field, v.column, v.title, v.value, v.zh, v.en)
            for v in verdicts
        )
        await import_batches.add_verdicts(await uow.driver(), batch.id, rows)
    await import_batches.add_file(uow.session, batch.id, kept.data)
    return replace(outcome, batch_id=batch.id)


def to_keep(upload: Upload, source: Source) -> Upload:
    """The file, for the marked copy; without the columns whose contents are not stored."""
    if not source.withheld:
        return upload
    lines: list[Sequence[str]] = [()] * (source.header_row - 2)
    lines += [source.titles] if source.header_row > 1 else []
    for row in source.rows:
        lines += [()] * (row.number - len(lines) - 2)
        lines.append(
            ["" if place in source.withheld else cell for place, cell in enumerate(row.cells)]
        )
    head = source.titles if source.header_row == 1 else ()
    return Upload(write_csv(lines, head), f"{upload.filename.rpartition('.')[0]}.csv")


async def conclude(
    uow: UnitOfWork,
    action: str,
    subject: tuple[str, UUID | str],
    outcome: ImportOutcome,
    watch: ImportWatch,
) -> ImportOutcome:
    """The one audit entry of an import, into whose list or library it went; then who follows it."""
    kind, subject_id = subject
    facts: dict[str, Any] = {"file_sha256": outcome.sha256, "batch_id": str(outcome.batch_id)}
    if outcome.refused:
        uow.audit(
            f"{action.partition('.')[0]}.import_refused",
            kind,
            subject_id,
            after=outcome.counts,
            outcome="failure",
            **facts,
        )
        await watch.refused(uow, outcome)
    else:
        uow.audit(action, kind, subject_id, after={**outcome.counts, **outcome.further}, **facts)
        await watch.done(uow, outcome)
    return outcome


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
        self.rejected.append(self._verdict(row, RowOutcome.REJECTED, message, field, facts))

    def duplicate(self, row: int, message: RowMessage, **facts: object) -> None:
        """The row is in the library already: no error, and nothing to store."""
        self.duplicates.append(self._verdict(row, RowOutcome.ACCEPTED, message, None, facts))

    def warn(self, row: int, message: RowMessage, field: str | None = None) -> None:
        """The row is stored, but somebody should look."""
        self.warnings.append(self._verdict(row, RowOutcome.WARNING, message, field, {}))

    def say(self, row: int, outcome: RowOutcome, said: FieldError, field: str | None) -> None:
        """What the rules said of the row, in their own words."""
        verdict = RowVerdict(row, outcome, said.code, field, said.zh, said.en)
        (self.rejected if outcome is RowOutcome.REJECTED else self.warnings).append(verdict)

    def outcome(
        self,
        kind: ImportKind,
        upload: Upload,
        report: ImportReport,
        made: tuple[int, int],
        manner: Manner,
        further: Mapping[str, int] | None = None,
    ) -> ImportOutcome:
        """The whole import, with what the reader of the file had to say; `made`: new, joined."""
        said = (v for v in report.verdicts if v.code != ACCEPTED.code)
        every = sorted((*said, *self.duplicates, *self.rejected, *self.warnings), key=_row_of)
        told = {id(verdict) for verdict in self.duplicates}
        sorts: dict[RowOutcome, list[RowVerdict]] = {outcome: [] for outcome in RowOutcome}
        duplicates: list[RowVerdict] = []
        for verdict, placed in zip(every, report.source.placed(every), strict=True):
            shown = placed
            if placed.value is not None:
                value = shown_value(kind, placed.field, placed.value)
                shown = placed if value is placed.value else replace(placed, value=value)
            (duplicates if id(verdict) in told else sorts[verdict.outcome]).append(shown)
        return ImportOutcome(
            kind=kind,
            sha256=upload.sha256,
            manner=manner,
            rows=report.rows,
            created=made[0],
            joined=made[1],
            duplicates=tuple(duplicates),
            rejected=tuple(sorts[RowOutcome.REJECTED]),
            warnings=tuple(sorts[RowOutcome.WARNING]),
            remarks=tuple(sorts[RowOutcome.ACCEPTED]),
            source=report.source,
            further=further or {},
        )

    def _verdict(
        self,
        row: int,
        outcome: RowOutcome,
        message: RowMessage,
        field: str | None,
        facts: dict[str, object],
    ) -> RowVerdict:
        title = self._titles.get(field or "", field or "")
        zh, en = message.texts({"row": row, "field": field or "", "title": title, **facts})
        return RowVerdict(row, outcome, message.code, field, zh, en)


def _row_of(verdict: RowVerdict) -> int:
    return verdict.row
