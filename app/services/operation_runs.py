"""Long work as it is done: attempts, their progress, and the one end that an operation has.

An attempt that was taken for dead, and one that is to be cancelled, are stopped at their next step,
and can not commit in any case: the end of the operation is part of the transaction of its effect,
and is refused to any but the last attempt.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import IO, Any
from uuid import UUID

from app.domain.actor import Actor
from app.domain.errors import Refusal
from app.domain.operations import OperationKind, OperationStatus
from app.domain.refusals import imports
from app.models.operation import Operation
from app.services.runtime import Runtime
from app.services.spreadsheets import ImportOutcome, ImportWatch, Upload
from app.storage import operations as storage
from app.storage.audit import plain
from app.storage.uow import UnitOfWork

REPORT_SECONDS = 0.2
"""Progress is written at most so often, but for its beginning and its end."""
MOST_LISTED = 5001
"""Verdicts kept of each sort: one more than an answer lists, to know that there are more."""


class Superseded(Exception):
    """Another attempt has the operation: whatever this one did is dropped."""


class CancelRequested(Exception):
    """Somebody asked to cancel the operation: whatever was done is dropped."""


class Attempt(ImportWatch):
    """One try at an operation, by one worker, in the name of who asked for it."""

    def __init__(self, runtime: Runtime, operation: Operation, actor: Actor) -> None:
        self._db = runtime.database
        self.operation_id = operation.id
        self.kind: OperationKind = operation.kind
        self.params: dict[str, Any] = operation.params
        self.file_name = operation.file_name or ""
        self.number = operation.attempts
        self.actor = actor
        self._reported = 0.0
        self._total: int | None = None

    async def step(self, done: int, total: int | None) -> None:
        """Report progress; raises CancelRequested or Superseded."""
        told = total == self._total and done != total
        if told and time.monotonic() - self._reported < REPORT_SECONDS:
            return
        self._reported, self._total = time.monotonic(), total
        _obey(await self._report((done, total)))

    async def beat(self) -> None:
        """Give a sign of life."""
        await self._report(None)

    async def upload(self) -> Upload:
        """The uploaded file."""
        async with self._db.reading() as session:
            file = storage.read_file(session, self.operation_id, storage.INPUT)
            return Upload(b"".join([piece async for piece in file]), self.file_name)

    async def done(self, uow: UnitOfWork, outcome: ImportOutcome) -> None:
        """End with the import's own commit."""
        told = ("kind", "sha256", "mode", "rows", "created", "joined", "batch_id", "refused")
        result = {
            **{name: getattr(outcome, name) for name in told},
            "counts": outcome.counts,
            **{
                name: [asdict(verdict) for verdict in getattr(outcome, name)[:MOST_LISTED]]
                for name in ("duplicates", "rejected", "warnings")
            },
        }
        await self._succeed(uow, outcome.counts, result)

    async def refused(self, uow: UnitOfWork, outcome: ImportOutcome) -> None:
        """End without effect, in the commit that keeps the verdicts."""
        facts = {"rejected": outcome.counts["rejected"], "batch_id": str(outcome.batch_id)}
        await self._fail(uow, imports.IMPORT_REFUSED_WHOLE, facts)

    @property
    def working_for(self) -> UUID | None:
        """The operation itself."""
        return self.operation_id

    async def finish_with_file(
        self, file: IO[bytes], description: Mapping[str, Any], summary: Mapping[str, Any]
    ) -> None:
        """End with a file that was made; `description` says its name and media type."""
        async with self._db.unit_of_work(self.actor) as uow:
            await storage.add_file(uow.session, self.operation_id, storage.RESULT, _pieces(file))
            await self._succeed(uow, summary, dict(description))

    async def fail(self, refusal: Refusal, facts: Mapping[str, Any]) -> None:
        """End with a problem."""
        async with self._db.unit_of_work(self.actor) as uow:
            await self._fail(uow, refusal, facts)

    async def cancel(self) -> None:
        """End without effect, as was asked."""
        async with self._db.unit_of_work(self.actor) as uow:
            await self._end(uow, OperationStatus.CANCELLED)
            uow.audit("operation.cancelled", "operation", self.operation_id, attempt=self.number)

    async def _fail(self, uow: UnitOfWork, refusal: Refusal, facts: Mapping[str, Any]) -> None:
        problem = {"code": refusal.code, "facts": plain(facts)}
        await self._end(uow, OperationStatus.FAILED, problem=problem)
        uow.audit(
            "operation.failed",
            "operation",
            self.operation_id,
            outcome="failure",
            code=refusal.code,
            attempt=self.number,
        )

    async def _succeed(
        self, uow: UnitOfWork, summary: Mapping[str, Any], result: dict[str, Any]
    ) -> None:
        status = OperationStatus.SUCCEEDED
        await self._end(uow, status, summary=plain(summary), result=plain(result))
        uow.audit(
            "operation.succeeded",
            "operation",
            self.operation_id,
            after=summary,
            attempt=self.number,
        )

    async def _end(self, uow: UnitOfWork, status: OperationStatus, **values: Any) -> None:
        ended = {"status": status, "ended_at": uow.now} | values
        if not await storage.end(uow.session, self.operation_id, self.number, ended):
            _obey(await storage.report(uow.session, self.operation_id, self.number))
            raise Superseded

    async def _report(self, progress: tuple[int, int | None] | None) -> bool | None:
        async with self._db.counting() as session:
            return await storage.report(session, self.operation_id, self.number, progress)


class OperationRuns:
    """What the worker asks."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def begin(self, operation_id: UUID) -> Attempt | None:
        """Take an operation up; None where it is over."""
        async with self._db.bookkeeping() as session:
            operation = await storage.begin_attempt(session, operation_id, self._db.clock.now())
            if operation is None:
                return None
            actor = await storage.maker_of(session, operation)
        return Attempt(self._runtime, operation, actor)


def _obey(cancel_requested: bool | None) -> None:
    if cancel_requested is None:
        raise Superseded
    if cancel_requested:
        raise CancelRequested


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(storage.PIECE):
        yield piece
