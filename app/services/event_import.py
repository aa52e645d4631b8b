"""Registry events from a spreadsheet into the histories of the department's objects.

One unit of work, one audit entry. What becomes of an event is decided by `apply_events` alone, as
for singles and batches: in whatever order rows and files come, and each event once. A row of an
export is recognised by what it says, before that. A dry run does the same and takes it back.
"""

import asyncio
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from app import reference
from app.domain import object_history as history_rules
from app.domain.actor import Actor, Permission, region_prefix
from app.domain.imports import ImportKind, ImportMode, RowOutcome
from app.domain.object_cases import EventOutcome
from app.domain.object_events import EventVerdict
from app.domain.object_library import EventKind, is_subject
from app.domain.row_messages import ALREADY_THERE, EVENT_WAITS, MOVED_INSIDE
from app.services.object_event_batch import apply_events
from app.services.runtime import Runtime
from app.services.spreadsheets import (
    CHUNK,
    UNWATCHED,
    ImportOutcome,
    ImportWatch,
    Manner,
    RowNotes,
    Upload,
    conclude,
    open_batch,
)
from app.storage import object_history, organisation
from app.storage.object_history import RecordedAs
from app.storage.uow import UnitOfWork
from app.tabular.cells import one_line
from app.tabular.event_import import COLUMNS, OWN_SOURCE, EventImport, SourcedEvent, read_events
from app.tabular.reader import read_table

_COLUMN_OF = {
    "object_code": "code",
    "id_scheme": "code",
    "object_kind": "object_kind",
    "kind": "kind",
    "effective_on": "effective_on",
    "external_id": "external_id",
    "area_code": "region_code",
    "responsible_object_code": "responsible_code",
}
"""The column that the end of a verdict's pointer names; others are called as the field is."""


@dataclass(slots=True)
class _Applied:
    """What was said of the rows, and how much came of them."""

    notes: RowNotes
    recorded: int = 0
    waiting: int = 0
    later: int = 0

    @property
    def further(self) -> Mapping[str, int]:
        """What the audit entry says besides the counts of the rows."""
        return {"waiting": self.waiting, "events_that_waited": self.later}


class EventImportService:
    """The import of events."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def run(
        self, actor: Actor, upload: Upload, manner: Manner, watch: ImportWatch = UNWATCHED
    ) -> ImportOutcome:
        """Record every event that can be taken; say of each other row why not."""
        department_id = actor.acts_for(Permission.OBJECT_WRITE)
        read = await asyncio.to_thread(_read, upload, actor.scope.region_prefix)
        if manner.dry_run:
            async with self._db.rehearsal(actor) as uow:
                applied = await _apply(uow, department_id, read, None, UNWATCHED)
            return await asyncio.to_thread(_outcome, applied, upload, read, manner)
        async with self._db.unit_of_work(actor) as uow:
            batch_id = uow.new_id()
            attempt = await uow.attempt() if manner.mode is ImportMode.ATOMIC else None
            applied = await _apply(uow, department_id, read, batch_id, watch)
            outcome = await asyncio.to_thread(_outcome, applied, upload, read, manner)
            if attempt is not None:
                await (attempt.rollback() if outcome.refused else attempt.commit())
            outcome = await open_batch(uow, upload, outcome, watch, batch_id)
            subject = ("department", department_id)
            return await conclude(uow, "object_event.imported", subject, outcome, watch)


def _read(upload: Upload, prefix: str) -> EventImport:
    names = {
        region.name: region.code for region in reference.regions() if region.code.startswith(prefix)
    }
    return read_events(read_table(upload.data, upload.filename), regions=names)


async def _apply(
    uow: UnitOfWork,
    department_id: UUID,
    read: EventImport,
    batch_id: UUID | None,
    watch: ImportWatch,
) -> _Applied:
    """Record what can be, a chunk of one source at a time, and note what became of each row."""
    applied = _Applied(RowNotes({column.field: column.title for column in COLUMNS}))
    await organisation.lock_department(uow.session, department_id)
    done, total = 0, len(read.events)
    await watch.step(0, total)
    for source, chunk in _chunks(read.events):
        known = await object_history.recorded_as(
            uow.session,
            department_id,
            uow.actor.region_code,
            source,
            [one.row.external_id for one in chunk],
            ids_too=source == OWN_SOURCE,
        )
        prefix = region_prefix(uow.actor.region_code)
        new = []
        for one in chunk:
            if _same(one, known.get(one.row.external_id), prefix):
                applied.notes.duplicate(one.row.row, ALREADY_THERE)
            else:
                new.append(one)
        outcome = await apply_events(uow, source, [one.row for one in new], batch_id)
        applied.later += outcome.applied_later
        for one, verdict in zip(new, outcome.verdicts, strict=True):
            _note(applied, one, verdict, prefix)
        await uow.flush()
        uow.session.expunge_all()  # a large file is not kept in the session
        done += len(chunk)
        await watch.step(done, total)
    return applied


def _chunks(events: Sequence[SourcedEvent]) -> Iterator[tuple[str, Sequence[SourcedEvent]]]:
    """Objects come before what happened to them, and who answers for others before these.

    So no verdict depends on where the file is cut; what holds in the end never does.
    """

    def place(one: SourcedEvent) -> tuple[int, str]:
        if one.row.kind is not EventKind.ESTABLISHED:
            return 2, one.source
        kind = one.row.object_kind
        return 0 if kind is None or is_subject(kind) else 1, one.source

    ordered = sorted(events, key=lambda one: (*place(one), one.row.row))
    for (_, source), rows in groupby(ordered, key=place):
        alike = list(rows)
        for start in range(0, len(alike), CHUNK):
            yield source, alike[start : start + CHUNK]


def _same(one: SourcedEvent, known: RecordedAs | None, prefix: str) -> bool:
    """Whether the library has the event that the row names, and it says all that the row says.

    An export leaves out what a file has no column for; the digest of its rows is another.
    """
    row = one.row
    if (
        known is None
        or known.code != row.object_code
        or known.event.kind != row.kind
        or known.event.effective_on != row.effective_on
    ):
        return False
    told = dict(history_rules.after_of(row.kind, row.facts, prefix))
    if row.kind is EventKind.ESTABLISHED:
        told.pop("status")
    holds = {**known.event.after, "responsible_object_code": known.responsible_code}
    return all(_text(holds.get(name)) == _text(value) for name, value in told.items())


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, dt.date) else one_line(str(value))


def _note(applied: _Applied, one: SourcedEvent, verdict: EventVerdict, prefix: str) -> None:
    number, notes = one.row.row, applied.notes
    if verdict.outcome is EventOutcome.REJECTED:
        end = verdict.said.pointer.rpartition("/")[2]
        column = _COLUMN_OF.get(end, end) if end != "facts" else None
        notes.say(number, RowOutcome.REJECTED, verdict.said, column or None)
        return
    if verdict.outcome is EventOutcome.DUPLICATE:
        notes.duplicate(number, ALREADY_THERE)
        return
    if one.row.kind is EventKind.MOVED and one.row.facts.get("area_code", "").startswith(prefix):
        notes.warn(number, MOVED_INSIDE, "region_code")
    if verdict.outcome is EventOutcome.WAITING:
        applied.waiting += 1
        notes.warn(number, EVENT_WAITS, "code")
    else:
        applied.recorded += 1


def _outcome(applied: _Applied, upload: Upload, read: EventImport, manner: Manner) -> ImportOutcome:
    made = (applied.recorded, 0)
    return applied.notes.outcome(
        ImportKind.OBJECT_EVENT, upload, read.report, made, manner, applied.further
    )
