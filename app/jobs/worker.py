"""The worker: draws whose time has come reveal themselves, audit heads leave the database.

Long operations are done beside (`operations.py`). It also deletes what is kept for a while only:
counts of rate limits, stored answers, tokens of services, results of operations, files and verdicts
of imports; and it gives names the sort keys that they lack.

Every step is a unit of work that looks at the state in the database and locks it, so any number
of workers may run, and one that dies leaves nothing half done: the next finds the same work again.
"""

import asyncio
import contextlib
import time
from uuid import UUID

import structlog

from app.jobs.draw_rounds import finish_due_draws
from app.jobs.operations import OperationWorker
from app.services.audit_trail import AuditTrailService
from app.services.import_batches import ImportBatchService
from app.services.kept_answers import KeptAnswers
from app.services.name_keys import NameKeys
from app.services.operations import OperationService
from app.services.runtime import Runtime
from app.services.sessions import SessionService

log = structlog.get_logger("app.worker")
SWEEP_SECONDS = 60
FORGET_SECONDS = 600


class Worker:
    """Runs until told to stop."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._audit = AuditTrailService(runtime)
        self._anchored: dict[str, int] = {}
        self._anchor_due = 0.0
        self._answers = KeptAnswers(runtime)
        self._name_keys = NameKeys(runtime)
        self._sessions = SessionService(runtime)
        self._operations = OperationService(runtime)
        self._batches = ImportBatchService(runtime)
        self._forget_due = 0.0
        self._failures: dict[UUID, int] = {}
        self._sweep_due = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Work, wait, work again; an error is logged and does not end the worker."""
        log.info("worker_started")
        operations = asyncio.create_task(OperationWorker(self._runtime).run(stop))
        while not stop.is_set():
            await self.once()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._runtime.settings.worker_poll_seconds)
        await operations
        await self._write_heads()
        log.info("worker_stopped")

    async def once(self) -> None:
        """One round."""
        try:
            await finish_due_draws(self._runtime, self._failures)
        except Exception:
            log.exception("draw_round_failed")
        if time.monotonic() >= self._anchor_due:
            self._anchor_due = time.monotonic() + self._runtime.settings.anchor_seconds
            await self._write_heads()
        if time.monotonic() >= self._sweep_due:
            self._sweep_due = time.monotonic() + SWEEP_SECONDS
            await self._sweep()
        if time.monotonic() >= self._forget_due:
            self._forget_due = time.monotonic() + FORGET_SECONDS
            await self._forget_old()

    async def _sweep(self) -> None:
        """Delete counts of rate limits whose windows have ended; give names their sort keys."""
        for step in (self._runtime.rate_limiter.forget_expired, self._name_keys.fill_missing):
            try:
                await step()
            except Exception:
                log.exception("sweep_failed", of=step.__qualname__)

    async def _forget_old(self) -> None:
        """Delete what was kept for a while: answers, tokens, results, files and verdicts."""
        for forget in (
            self._answers.forget_old,
            self._sessions.forget_tokens,
            self._operations.forget_old,
            self._batches.forget_old,
        ):
            try:
                await forget()
            except Exception:
                log.exception("old_rows_not_forgotten", of=forget.__qualname__)

    async def _write_heads(self) -> None:
        try:
            await self._audit.write_heads(self._anchored)
        except Exception:
            log.exception("audit_heads_failed")
