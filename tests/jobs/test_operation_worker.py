"""The worker and the queue: taken up, taken back from the dead, cancelled, one end and one effect."""

import asyncio
import dataclasses
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.domain.actor import Role
from app.domain.errors import RuleError
from app.domain.refusals import general
from app.jobs import operations as jobs
from app.jobs.operations import do_operation
from app.services.object_import import ObjectImportService
from app.services.operation_runs import Attempt, OperationRuns, Superseded
from app.services.operations import OperationService
from app.services.runtime import Runtime
from app.services.spreadsheets import Manner
from app.settings import Settings, libpq_url
from tests.support.operations import accepted, count, do, ended, objects, rows, worker
from tests.support.world import Caller, World

pytestmark = pytest.mark.committed


@pytest.fixture
def quick(committed: Runtime) -> Runtime:
    """A runtime whose workers are soon taken for dead."""
    settings = committed.settings.model_copy(
        update={
            "operation_heartbeat_seconds": 0.2,
            "operation_stalled_seconds": 1.0,
            "operation_grace_seconds": 0.5,
        }
    )
    return dataclasses.replace(committed, settings=settings)


@pytest.fixture
async def clerk(committed_world: World) -> Caller:
    return await committed_world.caller(Role.DEPT_CLERK)


class Gate:
    """Holds an import inside its transaction, before it ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.open = asyncio.Event(), asyncio.Event()
        original = Attempt.done

        async def done(attempt: Attempt, *args: Any) -> None:
            self.reached.set()
            await self.open.wait()
            await original(attempt, *args)

        monkeypatch.setattr(Attempt, "done", done)


async def _execute(runtime: Runtime, sql: str) -> None:
    async with runtime.database.bookkeeping() as session:
        await session.execute(text(sql))


async def test_a_worker_does_what_is_queued_and_deletes_the_job(quick: Runtime, clerk: Caller):
    made = await accepted(clerk, objects(5))
    async with worker(quick):
        read = await ended(clerk, made)
        assert (read["status"], read["attempts"]) == ("succeeded", 1)
        later = await ended(clerk, await accepted(clerk, objects(2)))
        assert later["status"] == "succeeded"
    assert await count(quick, "inspection_object") == 7
    assert await count(quick, "jobs.procrastinate_jobs") == 0
    assert await count(quick, "jobs.procrastinate_workers") == 0, "who ends says so"


async def test_several_workers_share_the_queue_and_do_everything_once(
    quick: Runtime, clerk: Caller, committed_world: World
):
    other = await committed_world.caller(Role.DEPT_CLERK, "WJW")
    made = [(who, await accepted(who, objects(20))) for _ in range(5) for who in (clerk, other)]
    async with worker(quick), worker(quick), worker(quick):
        ends = [await ended(who, one) for who, one in made]
    assert {one["status"] for one in ends} == {"succeeded"}
    assert await count(quick, "inspection_object") == 200
    assert await count(quick, "audit_entry WHERE action = 'operation.succeeded'") == 10
    assert await count(quick, "audit_entry WHERE action = 'object.imported'") == 10


async def test_what_a_dead_worker_had_begun_is_taken_up_by_another(quick: Runtime, clerk: Caller):
    made = await accepted(clerk, objects(3))
    # As kill -9 leaves it: taken by a worker that gives no more signs of life, nothing committed.
    await OperationRuns(quick).begin(UUID(made["id"]))
    await _execute(quick, "SELECT jobs.procrastinate_register_worker_v1()")
    await _execute(
        quick,
        "SELECT jobs.procrastinate_fetch_job_v2(NULL, (SELECT id FROM jobs.procrastinate_workers))",
    )
    async with worker(quick):
        read = await ended(clerk, made, seconds=15)
    assert (read["status"], read["attempts"]) == ("succeeded", 2)
    assert await count(quick, "inspection_object") == 3


async def test_a_job_that_its_living_worker_has_lost_is_taken_back_too(
    quick: Runtime, clerk: Caller
):
    made = await accepted(clerk, objects(1))
    await _execute(quick, "SELECT jobs.procrastinate_register_worker_v1()")
    await _execute(
        quick,
        "SELECT jobs.procrastinate_fetch_job_v2(NULL, (SELECT id FROM jobs.procrastinate_workers))",
    )
    service = OperationService(quick)
    assert await service.take_back_stalled(5) == 0, "it has just begun"
    await _execute(quick, "UPDATE jobs.procrastinate_events SET at = at - interval '1 hour'")
    assert await service.take_back_stalled(5) == 1
    assert await service.take_back_stalled(5) == 0
    assert [
        row.status for row in await rows(quick, "SELECT status FROM jobs.procrastinate_jobs")
    ] == ["todo"]
    assert made["status"] == "queued"


async def test_who_was_taken_for_dead_and_was_not_can_not_commit(
    quick: Runtime, clerk: Caller, monkeypatch: pytest.MonkeyPatch
):
    gate = Gate(monkeypatch)
    made = await accepted(clerk, objects(3))
    slow = asyncio.create_task(do(quick, made))
    await gate.reached.wait()
    second = await OperationRuns(quick).begin(UUID(made["id"]))
    gate.open.set()
    await slow
    assert await count(quick, "inspection_object") == 0, "the first is rolled back"
    assert second is not None
    await ObjectImportService(quick).run(second.actor, await second.upload(), Manner(), second)
    read = await ended(clerk, made)
    assert (read["status"], read["attempts"]) == ("succeeded", 2)
    assert await count(quick, "inspection_object") == 3
    assert await count(quick, "audit_entry WHERE action = 'operation.succeeded'") == 1


async def test_an_attempt_that_was_superseded_notices_at_its_next_step(
    quick: Runtime, clerk: Caller
):
    made = await accepted(clerk, objects(1))
    runs = OperationRuns(quick)
    first = await runs.begin(UUID(made["id"]))
    await runs.begin(UUID(made["id"]))
    assert first is not None
    with pytest.raises(Superseded):
        await first.step(0, None)


async def test_what_is_being_done_is_cancelled_before_it_commits(
    quick: Runtime, clerk: Caller, monkeypatch: pytest.MonkeyPatch
):
    gate = Gate(monkeypatch)
    made = await accepted(clerk, objects(3))
    working = asyncio.create_task(do(quick, made))
    await gate.reached.wait()
    answer = await clerk.post(f"operations/{made['id']}/cancel")
    assert (answer.json()["status"], answer.json()["cancel_requested"]) == ("running", True)
    gate.open.set()
    await working
    assert (await ended(clerk, made))["status"] == "cancelled"
    assert await count(quick, "inspection_object") == 0
    assert await count(quick, "operation_file") == 0
    actions = await rows(
        quick, "SELECT action FROM audit_entry WHERE subject_kind = 'operation' ORDER BY seq"
    )
    assert [row.action for row in actions] == [
        "operation.queued", "operation.cancel_requested", "operation.cancelled",
    ]  # fmt: skip


async def test_cancelling_one_whose_worker_died_ends_it_when_it_is_taken_up(
    quick: Runtime, clerk: Caller
):
    made = await accepted(clerk, objects(3))
    await OperationRuns(quick).begin(UUID(made["id"]))
    await clerk.post(f"operations/{made['id']}/cancel")
    await do(quick, made)
    assert (await ended(clerk, made))["status"] == "cancelled"
    assert await count(quick, "inspection_object") == 0


async def test_a_worker_that_is_told_to_stop_lets_go_of_what_takes_long(
    quick: Runtime, clerk: Caller, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        gate = Gate(patch)
        made = await accepted(clerk, objects(3))
        async with worker(quick) as stop:
            await gate.reached.wait()
            stop.set()
    assert await count(quick, "inspection_object") == 0
    assert await count(quick, "jobs.procrastinate_jobs WHERE status = 'todo'") == 1
    async with worker(quick):
        read = await ended(clerk, made)
    assert (read["status"], read["attempts"]) == ("succeeded", 2)


async def test_a_fault_that_does_not_go_away_ends_the_operation(
    quick: Runtime, clerk: Caller, monkeypatch: pytest.MonkeyPatch
):
    async def broken(*_args: object) -> None:
        raise ValueError("a secret")

    monkeypatch.setattr(jobs, "work_on", broken)
    made = await accepted(clerk, objects(1))
    for _ in range(jobs.TRIES - 1):
        with pytest.raises(ValueError, match="a secret"):
            await do(quick, made)
    await do(quick, made)
    read = await ended(clerk, made)
    assert (read["status"], read["problem"]["code"]) == ("failed", "internal")
    assert "secret" not in str(read)


async def test_a_lack_that_may_pass_is_tried_again(
    quick: Runtime, clerk: Caller, monkeypatch: pytest.MonkeyPatch
):
    original, asked = jobs.work_on, []

    async def busy_once(runtime: Runtime, attempt: Attempt) -> None:
        asked.append(attempt.number)
        if len(asked) == 1:
            raise RuleError(general.UNAVAILABLE)
        await original(runtime, attempt)

    monkeypatch.setattr(jobs, "work_on", busy_once)
    made = await accepted(clerk, objects(1))
    async with worker(quick):
        read = await ended(clerk, made, seconds=15)
    assert (read["status"], read["attempts"], asked) == ("succeeded", 2, [1, 2])


async def test_what_ends_worker_after_worker_is_given_up(quick: Runtime, clerk: Caller):
    made = await accepted(clerk, objects(1))
    for _ in range(quick.settings.operation_max_attempts):
        await OperationRuns(quick).begin(UUID(made["id"]))
    await do_operation(quick, UUID(made["id"]))
    read = await ended(clerk, made)
    assert (read["status"], read["problem"]["code"]) == ("failed", "operation-interrupted")
    assert await count(quick, "inspection_object") == 0


async def test_progress_is_seen_while_it_is_not_committed(
    quick: Runtime, clerk: Caller, monkeypatch: pytest.MonkeyPatch
):
    gate = Gate(monkeypatch)
    made = await accepted(clerk, objects(4))
    working = asyncio.create_task(do(quick, made))
    await gate.reached.wait()
    read = (await clerk.get(f"operations/{made['id']}")).json()
    assert (read["status"], read["done"], read["total"]) == ("running", 12, 12)
    assert await count(quick, "inspection_object") == 0
    gate.open.set()
    await working


def test_a_heartbeat_is_shorter_than_what_is_taken_for_dead():
    with pytest.raises(ValueError, match="three heartbeats"):
        Settings(environment="test", operation_heartbeat_seconds=5, operation_stalled_seconds=10)


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("postgresql+asyncpg://a:b%40c@h:5/d", "postgresql://a:b%40c@h:5/d"),
        ("postgres://a@h/d?ssl=require", "postgresql://a@h/d?sslmode=require"),
        (
            "postgresql://a@/d?host=/s&prepared_statement_cache_size=0&port=1",
            "postgresql://a@/d?host=/s&port=1",
        ),
    ],
)
def test_the_queue_reads_the_address_of_the_database_as_the_service_does(given: str, asked: str):
    assert libpq_url(given) == asked
