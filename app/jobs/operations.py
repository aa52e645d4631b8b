"""The queue of long work: takes operations from PostgreSQL with procrastinate and does them.

Any number of workers may run. One that is killed gives no more signs of life; within seconds any
other queues again what it had begun. Whatever goes wrong, an operation has one end and one effect:
that is held by the attempt's number in the database (`services/operation_runs.py`), not here.
"""

import asyncio
import contextlib
from uuid import UUID

import procrastinate
import structlog
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import DeleteJobCondition, Job

from app.domain.errors import Kind, RuleError
from app.domain.refusals import general, operations
from app.jobs.operation_kinds import work_on
from app.services.operation_runs import Attempt, CancelRequested, OperationRuns, Superseded
from app.services.operations import OperationService
from app.services.runtime import Runtime
from app.settings import libpq_url
from app.storage.engine import is_outage
from app.storage.job_queue import QUEUE, RUN_OPERATION
from app.storage.uow import SerializationFailure

log = structlog.get_logger("app.operations")
TRIES = 3
"""Attempts after which a fault of ours is taken to be one that will not go away."""
LONGEST_PAUSE = 30


class Again(BaseRetryStrategy):
    """Whatever a job raises, it is queued again; the operation itself says when it is enough."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """Sooner at first; at once where a worker was told to stop."""
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_in={"seconds": 0})
        return RetryDecision(retry_in={"seconds": min(2**job.attempts, LONGEST_PAUSE)})


class OperationWorker:
    """Does operations until told to stop."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._service = OperationService(runtime)

    async def run(self, stop: asyncio.Event) -> None:
        """Take and do; without the database, wait and begin anew."""
        pause = 1.0
        while not stop.is_set():
            try:
                await self._work(stop)
                pause = 1.0
            except Exception:
                log.exception("operation_worker_failed")
            if not stop.is_set():
                await _until(stop, pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _work(self, stop: asyncio.Event) -> None:
        settings = self._runtime.settings
        app = queue_app(self._runtime)
        async with app.open_async():
            working = asyncio.create_task(
                app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=settings.operation_concurrency,
                    delete_jobs=DeleteJobCondition.ALWAYS,
                    # New jobs are announced; what waits for a lock or for its time is not.
                    fetch_job_polling_interval=settings.worker_poll_seconds,
                    update_heartbeat_interval=settings.operation_heartbeat_seconds,
                    stalled_worker_timeout=settings.operation_stalled_seconds,
                    shutdown_graceful_timeout=settings.operation_grace_seconds,
                    install_signal_handlers=False,
                )
            )
            watching = asyncio.create_task(self._watch(stop))
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
            watching.cancel()
            if not working.done():
                working.cancel()  # which lets it end what it is at
            with contextlib.suppress(asyncio.CancelledError):
                await working

    async def _watch(self, stop: asyncio.Event) -> None:
        """Take back what dead workers had begun, until it is time to stop."""
        stalled = self._runtime.settings.operation_stalled_seconds
        while not stop.is_set():
            try:
                if taken := await self._service.take_back_stalled(stalled):
                    log.warning("operations_taken_back", count=taken)
            except Exception:
                log.exception("stalled_operations_not_taken_back")
            await _until(stop, stalled / 3)


def queue_app(runtime: Runtime) -> procrastinate.App:
    """Procrastinate over the service's database, with the one task that there is."""
    settings = runtime.settings
    connector = procrastinate.PsycopgConnector(
        conninfo=libpq_url(settings.database_url.get_secret_value()),
        kwargs={"options": "-c search_path=jobs", "application_name": "sunlot-jobs"},
        min_size=1,
        max_size=2 + settings.operation_concurrency,
    )
    app = procrastinate.App(connector=connector)

    @app.task(name=RUN_OPERATION, queue=QUEUE, retry=Again())
    async def run_operation(operation_id: str) -> None:
        await do_operation(runtime, UUID(operation_id))

    return app


async def do_operation(runtime: Runtime, operation_id: UUID) -> None:
    """One attempt at an operation; what it raises is tried again later."""
    attempt = await OperationRuns(runtime).begin(operation_id)
    if attempt is None:
        return
    said = log.bind(operation_id=str(operation_id), attempt=attempt.number, kind=attempt.kind)
    said.info("operation_begun")
    beating = asyncio.create_task(_beat(attempt, runtime.settings.operation_heartbeat_seconds))
    try:
        await _do(runtime, attempt)
        said.info("operation_ended")
    except Superseded:
        said.warning("operation_superseded")
    finally:
        beating.cancel()


async def _do(runtime: Runtime, attempt: Attempt) -> None:
    if attempt.number > runtime.settings.operation_max_attempts:
        await attempt.fail(operations.OPERATION_INTERRUPTED, {})
        return
    try:
        await work_on(runtime, attempt)
    except CancelRequested:
        await attempt.cancel()
    except RuleError as refused:
        if _passes(refused):
            raise
        await attempt.fail(refused.refusal, refused.facts)
    except Superseded:
        raise
    except Exception as error:
        if is_outage(error) or attempt.number < TRIES:
            raise
        log.exception("operation_failed", operation_id=str(attempt.operation_id))
        await attempt.fail(general.INTERNAL, {})


def _passes(refused: RuleError) -> bool:
    """Whether it may be otherwise in a moment."""
    return isinstance(refused, SerializationFailure) or refused.refusal.kind is Kind.UNAVAILABLE


async def _beat(attempt: Attempt, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await attempt.beat()
        except Exception:
            log.exception("heartbeat_missed")


async def _until(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
