"""Long work while workers and services are killed: each operation ends once, with one effect."""

import asyncio
import os
import time
from typing import Any
from uuid import UUID

from app.domain.actor import Role
from app.services.runtime import Runtime
from tests.soak.fleet import CHANCE, Fleet, say
from tests.support.inspection_factories import a_drawn_task
from tests.support.messy_objects import CSV, Messy, as_csv, messy_objects
from tests.support.messy_reports import differences
from tests.support.operations import OVER, accepted, count, objects, rows
from tests.support.world import Caller, World

ROWS = int(os.environ.get("SOAK_ROWS", "20000"))
SHEETS = int(os.environ.get("SOAK_SHEETS", "100"))
KILLS = int(os.environ.get("SOAK_KILLS", "4"))
LONGEST = 300


async def rounds(fleet: Fleet, world: World, number: int) -> int:
    """Imports and sheet batches, a department each, all at once; returns the operations."""
    clerks = {code: await world.caller(Role.DEPT_CLERK, code) for code in ("SCJG", "WJW")}
    printing = await world.caller(Role.DEPT_CLERK, "GAJ")
    task = await a_drawn_task(
        fleet.runtime, UUID(printing.account_id), departments=("GAJ",), objects=SHEETS
    )
    done = 0
    for round_number in range(1, number + 1):
        done += await _round(fleet, round_number, list(clerks.values()), printing, task.task_id)
    return done


async def _round(
    fleet: Fleet, number: int, clerks: list[Caller], printing: Caller, task_id: UUID
) -> int:
    began, kills = time.monotonic(), fleet.kills
    runtime = fleet.runtime
    before = await _counts(runtime)
    # Both departments bring the same firms at once: whoever is second joins, and nothing doubles.
    file = messy_objects(ROWS, seed=number, form=CSV, first=number * 1_000_000)
    data = await asyncio.to_thread(as_csv, file, "utf-8-sig")
    asked: list[tuple[Caller, dict[str, Any]]] = [
        (clerk, await accepted(clerk, data, name="messy.csv")) for clerk in clerks
    ]
    order = {"plan_task_id": str(task_id), "format": "zip", "sheets_per_file": 10}
    batch = await printing.post("inspection-sheets/documents/batches", order)
    assert batch.status_code == 202, batch.text
    asked.append((printing, batch.json()))
    accepted_kills = asyncio.create_task(
        fleet.harass([*fleet.workers, *fleet.workers, *fleet.services], KILLS, 6)
    )
    ends = [await ended(caller, one) for caller, one in asked]
    await accepted_kills
    seconds = time.monotonic() - began
    made = [after - was for was, after in zip(before, await _counts(runtime), strict=True)]
    wrong = await _batches_wrong(asked[:-1], file)
    ids = ", ".join(f"'{one['id']}'" for one in ends)
    succeeded = await count(
        runtime,
        f"audit_entry WHERE action = 'operation.succeeded' AND subject_id IN ({ids})",
    )
    left = await count(runtime, "jobs.procrastinate_jobs")
    result = await printing.get(f"operations/{batch.json()['id']}/result")
    say(
        f"operations round {number}: {len(ends)} operations"
        f" ({len(clerks)} imports of {ROWS} rows, {SHEETS} sheets as zip),"
        f" {fleet.kills - kills} kills, attempts {[one['attempts'] for one in ends]},"
        f" ends {[one['status'] for one in ends]}, objects, entries, events, batches {made}"
        f" of {file.stored} firms for {len(clerks)} departments,"
        f" {len(file.rejected)} bad rows, wrongly reported {len(wrong)},"
        f" audited ends {succeeded}/{len(ends)}, zip {len(result.content)} bytes,"
        f" jobs left {left}, {seconds:.1f} s"
    )
    assert {one["status"] for one in ends} == {"succeeded"}, ends
    assert made == [file.stored, file.stored * len(clerks), file.stored, len(clerks)]
    assert wrong == []
    assert succeeded == len(ends)
    assert result.status_code == 200
    assert len(result.content) == ends[-1]["summary"]["bytes"]
    assert await count(runtime, "operation_file WHERE part = 'input'") == 0
    return len(ends)


async def _counts(runtime: Runtime) -> list[int]:
    return [
        await count(runtime, table)
        for table in ("inspection_object", "library_entry", "object_event", "import_batch")
    ]


async def _batches_wrong(asked: list[tuple[Caller, dict[str, Any]]], file: Messy) -> list[str]:
    """What the batches say of the rows that it should not, and what they should and do not."""
    wrong: list[str] = []
    for caller, operation in asked:
        found = await caller.get(f"import-batches?operation_id={operation['id']}")
        (batch,) = found.json()["items"]
        wrong += await differences(caller, batch["id"], file)
        if batch["created"] + batch["joined"] != file.stored:
            wrong.append(f"created {batch['created']}, joined {batch['joined']}")
    return wrong


async def cancelled_rounds(fleet: Fleet, world: World, number: int) -> None:
    """An import that is cancelled at a random moment: cancelled without effect, or done whole."""
    clerk = await world.caller(Role.DEPT_CLERK, "XFJY")
    for round_number in range(1, number + 1):
        before = await count(fleet.runtime, "inspection_object")
        one = await accepted(clerk, await asyncio.to_thread(objects, ROWS // 4))
        await asyncio.sleep(CHANCE.uniform(0, CHANCE.choice((0.3, 1.5))))
        asked = await clerk.post(f"operations/{one['id']}/cancel")
        read = await ended(clerk, one)
        made = await count(fleet.runtime, "inspection_object") - before
        wanted = ROWS // 4 if read["status"] == "succeeded" else 0
        say(
            f"cancel round {round_number}: answered {asked.status_code}, ended"
            f" {read['status']}, objects {made}/{wanted}"
        )
        assert made == wanted
        assert (asked.status_code == 200) == (read["status"] == "cancelled")


async def ended(caller: Caller, operation: dict[str, Any]) -> dict[str, Any]:
    """The operation, when it is over."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        read = (await caller.get(f"operations/{operation['id']}")).json()
        if read["status"] in OVER:
            return dict(read)
        await asyncio.sleep(0.3)
    raise AssertionError(f"not over: {read}")


async def one_end_each(fleet: Fleet) -> None:
    """Over all rounds: no operation has two ends in the trace, none has none."""
    ends = await rows(
        fleet.runtime,
        "SELECT o.id, o.status, count(a.id) AS ends FROM operation o LEFT JOIN audit_entry a"
        " ON a.subject_id = o.id::text AND a.action IN"
        " ('operation.succeeded', 'operation.failed', 'operation.cancelled') GROUP BY o.id",
    )
    wrong = [row for row in ends if row.ends != 1]
    say(f"operations in all: {len(ends)}, with other than one end: {len(wrong)}")
    assert wrong == []
