"""One throw-away server per run, one migrated template, a clone per worker, a savepoint per test.

`client` speaks to the application over ASGI with every session bound to one connection that is
rolled back after the test; `committed` gives a database of its own where commits are real.
"""

import datetime as dt
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.dependencies import models as dependency_models
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from app.local_postgres import LocalPostgres
from app.main import create_app
from app.services.runtime import Runtime, make_runtime
from app.storage.engine import Database
from tests.support import recorded_examples
from tests.support.clocks import FrozenClock
from tests.support.databases import (
    TEMPLATE,
    SavepointDatabase,
    clone,
    drop,
    make_template,
    settings_for,
)
from tests.support.world import World

ROOT_VARIABLE = "SUNLOT_TEST_SERVER"
TOGETHER = {"tests/deploy", "tests/backup", "tests/query_plans"}
"""They look at what the whole machine, or the whole server, has; or share what is costly to make."""
MONDAY = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


def pytest_configure(config: pytest.Config) -> None:
    """The process that started the run names the server's folder; xdist workers inherit it."""
    if not hasattr(config, "workerinput"):
        os.environ[ROOT_VARIABLE] = tempfile.mkdtemp(prefix="sunlot-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if any test asked for it, and delete all it made."""
    if hasattr(config, "workerinput"):
        return
    root = Path(os.environ.pop(ROOT_VARIABLE))
    if (root / "started").exists():
        server = LocalPostgres(root / "pg", throwaway=True)
        server.stop(reused=True)
        server.discard()
    shutil.rmtree(root, ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keep each folder of TOGETHER on one worker under `--dist loadgroup`.

    pytest 9.2 keeps a test's id where xdist 3.8 no longer puts the name of its group, so the mark
    `xdist_group` alone has no effect with these two.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadGroupScheduling

    class ByFolder(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folder = "/".join(nodeid.split("/")[:2])
            return folder if folder in TOGETHER else super()._split_scope(nodeid)

    return ByFolder(config, log)


@pytest_asyncio.fixture(scope="session")
async def server() -> LocalPostgres:
    """The run's throw-away server, with the migrated and seeded template in it."""
    root = Path(os.environ[ROOT_VARIABLE])
    made = LocalPostgres(root / "pg", throwaway=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made.start()
        if not (root / "started").exists():
            await make_template(made)
            (root / "started").touch()
    return made


@pytest_asyncio.fixture(scope="session")
async def worker_database(server: LocalPostgres) -> AsyncIterator[str]:
    """This worker's clone of the template."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    await clone(server, TEMPLATE, name)
    yield name


@pytest_asyncio.fixture
async def connection(server: LocalPostgres, worker_database: str) -> AsyncIterator[AsyncConnection]:
    """One connection in a transaction that is rolled back after the test."""
    engine = create_async_engine(server.service_dsn(worker_database), poolclass=NullPool)
    async with engine.connect() as made:
        outer = await made.begin()
        yield made
        if outer.is_active:
            await outer.rollback()
    await engine.dispose()


@pytest.fixture
def clock() -> FrozenClock:
    """Monday, 2 March 2026, 9:00 in Shanghai, until the test says otherwise."""
    return FrozenClock(MONDAY)


@pytest.fixture
def runtime(
    connection: AsyncConnection, clock: FrozenClock, server: LocalPostgres, tmp_path: Path
) -> Runtime:
    """The service's runtime over the test's connection."""
    settings = settings_for(server, "unused", tmp_path)
    return make_runtime(settings, SavepointDatabase(connection, clock), clock)


@pytest.fixture
def application(runtime: Runtime) -> FastAPI:
    """The application over the test's runtime."""
    return _with_document(create_app(runtime.settings, clock=runtime.clock, runtime=runtime))


_document: dict[str, Any] = {}


def _with_document(made: FastAPI) -> FastAPI:
    """Its document, which is the same for every application, is made once in a worker."""
    if not _document:
        _document.update(made.openapi())
    made.openapi_schema = _document
    return made


@pytest.fixture(autouse=True)
def _forget_applications() -> Iterator[None]:
    """The framework remembers functions it has seen, and with them every application: megabytes."""
    yield
    for remembered in vars(dependency_models).values():
        if hasattr(remembered, "cache_clear"):
            remembered.cache_clear()


@pytest_asyncio.fixture
async def client(application: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An anonymous client."""
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://sunlot.test",
        event_hooks=recorded_examples.hooks(application),
    ) as made:
        yield made


@pytest.fixture
def world(runtime: Runtime, client: httpx.AsyncClient) -> World:
    """Makes accounts and signs them in."""
    return World(runtime, client)


@pytest_asyncio.fixture
async def committed(
    server: LocalPostgres, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[Runtime]:
    """A runtime on a database of its own, with a real pool and real commits."""
    name = f"committed_{os.getpid()}_{abs(hash(tmp_path)) % 10**9}"
    await clone(server, TEMPLATE, name)
    settings = settings_for(server, name, tmp_path)
    database = Database.from_settings(settings, clock)
    yield make_runtime(settings, database, clock)
    await database.close()
    await drop(server, name)


@pytest_asyncio.fixture
async def committed_client(committed: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application with real commits."""
    made_app = create_app(committed.settings, clock=committed.clock, runtime=committed)
    _with_document(made_app)
    transport = httpx.ASGITransport(app=made_app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://sunlot.test",
        event_hooks=recorded_examples.hooks(made_app),
    ) as made:
        yield made


@pytest.fixture
def committed_world(committed: Runtime, committed_client: httpx.AsyncClient) -> World:
    """Accounts on the database with real commits."""
    return World(committed, committed_client)


async def execute_as_owner(server: LocalPostgres, database: str, statement: str) -> None:
    """Run a statement as the tables' owner (tampering, for tests of what finds it)."""
    engine = create_async_engine(server.admin_dsn(database), poolclass=NullPool)
    async with engine.begin() as made:
        await made.execute(text(statement))
    await engine.dispose()
