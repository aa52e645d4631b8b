"""An import whose worker is killed with SIGKILL in the middle: taken up anew, stored once.

`make soak` does the same at random moments, with services killed besides.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.actor import Role
from app.services.runtime import Runtime
from app.tabular.writer import write_csv
from tests.soak.fleet import Process
from tests.support.library_factories import OBJECT_HEAD, credit_code
from tests.support.operations import accepted, count, ended
from tests.support.world import World

pytestmark = [pytest.mark.committed, pytest.mark.service]
ROWS = 20_000


@pytest.fixture
def worker(committed: Runtime, tmp_path: Path) -> Iterator[Process]:
    """A worker as a process of its own."""
    settings = committed.settings
    process = Process(
        ["worker", "0"],
        {
            "DATABASE_URL": settings.database_url.get_secret_value(),
            "SUNLOT_ENVIRONMENT": "test",
            "SUNLOT_SECRET_KEY": settings.secret_key.get_secret_value(),
            "SUNLOT_SEAL_KEY": settings.seal_key.get_secret_value(),
            "SUNLOT_DATA_DIR": str(tmp_path),
            "SUNLOT_OPERATION_HEARTBEAT_SECONDS": "0.3",
            "SUNLOT_OPERATION_STALLED_SECONDS": "1.5",
        },
        tmp_path / "worker.log",
    )
    process.start()
    yield process
    if process.alive:
        assert process.end() == 0, process.log.read_text()


def _lines() -> Iterator[tuple[str, str, str]]:
    return ((credit_code(), f"东风商店{number}", "企业") for number in range(ROWS))


async def test_an_import_is_stored_once_though_its_worker_is_killed(
    committed: Runtime, committed_world: World, worker: Process
):
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    made = await accepted(clerk, write_csv(_lines(), OBJECT_HEAD[:3]), name="a.csv")
    path = f"operations/{made['id']}"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(60):
            while not (await clerk.get(path)).json()["done"]:
                await asyncio.sleep(0.01)
    worker.kill()
    left = (await clerk.get(path)).json()
    assert (left["status"], left["attempts"]) == ("running", 1), left
    assert 0 < left["done"] < left["total"]
    assert await count(committed, "inspection_object") == 0
    read = await ended(clerk, made, seconds=60)
    assert (read["status"], read["attempts"]) == ("succeeded", 2)
    assert read["done"] == read["total"] == 3 * ROWS
    for what in ("inspection_object", "library_entry", "object_event"):
        assert await count(committed, what) == ROWS
    assert await count(committed, "audit_entry WHERE action = 'object.imported'") == 1
    assert await count(committed, "audit_entry WHERE action = 'operation.succeeded'") == 1
    assert await count(committed, "operation_file") == 0
    assert await count(committed, "import_batch") == 1
