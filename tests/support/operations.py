"""Long work in tests: ask for it, do what is queued, wait for its end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from app.jobs.operations import OperationWorker, do_operation
from app.services.runtime import Runtime
from tests.support.library_factories import credit_code, object_file
from tests.support.world import Caller

OVER = {"succeeded", "failed", "cancelled"}
IMPORT = "inspection-objects/import"
ASYNC = {"Prefer": "respond-async"}


def objects(count: int) -> bytes:
    """A workbook of so many new enterprises."""
    return object_file(*((credit_code(), f"东风商店{n}", "企业", "存续") for n in range(count)))


async def deferred(
    caller: Caller, data: bytes, path: str = IMPORT, name: str = "a.xlsx", **kwargs: Any
) -> httpx.Response:
    """Ask for an import as an operation."""
    return await caller.request("POST", path, files={"file": (name, data)}, headers=ASYNC, **kwargs)


async def accepted(
    caller: Caller, data: bytes, path: str = IMPORT, name: str = "a.xlsx"
) -> dict[str, Any]:
    """The operation that an import has become."""
    answer = await deferred(caller, data, path, name)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def do(runtime: Runtime, operation: dict[str, Any]) -> None:
    """One attempt, as a worker would make it."""
    await do_operation(runtime, UUID(operation["id"]))


async def ended(caller: Caller, operation: dict[str, Any], seconds: float = 30) -> dict[str, Any]:
    """The operation, when it is over."""
    for _ in range(int(seconds / 0.05)):
        read = (await caller.get(f"operations/{operation['id']}")).json()
        if read["status"] in OVER:
            return dict(read)
        await asyncio.sleep(0.05)
    raise AssertionError(f"not over: {read}")


@asynccontextmanager
async def worker(runtime: Runtime) -> AsyncIterator[asyncio.Event]:
    """A worker that runs in the block; setting the event tells it to stop."""
    stop = asyncio.Event()
    running = asyncio.create_task(OperationWorker(runtime).run(stop))
    try:
        yield stop
    finally:
        stop.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running, 20)
        assert running.done(), "the worker does not stop"


async def rows(runtime: Runtime, sql: str) -> list[Any]:
    """What a statement finds."""
    async with runtime.database.reading() as session:
        return list(await session.execute(text(sql)))


async def count(runtime: Runtime, what: str) -> int:
    """How many rows, `table` or `table WHERE …`."""
    return int((await rows(runtime, f"SELECT count(*) FROM {what}"))[0][0])
