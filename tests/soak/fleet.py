"""Processes that are killed with SIGKILL at random moments and started again, on one database."""

import asyncio
import contextlib
import multiprocessing
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx
from uuid_utils.compat import uuid7

from app.local_postgres import LocalPostgres
from app.services.runtime import Runtime, make_runtime
from app.storage.engine import Database
from tests.conftest import MONDAY
from tests.soak.process import clock_of, run
from tests.support.databases import TEMPLATE, clone, drop, make_template, settings_for
from tests.support.live import free_port
from tests.support.world import PASSWORD, Caller, World

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.soak.process"])
SERVICES, WORKERS = 2, 2
CHANCE = random.Random(os.environ.get("SOAK_SEED") or None)


@dataclass
class Process:
    """One process of the service, and how often it was killed."""

    arguments: list[str]
    environment: dict[str, str]
    log: Path
    base: str | None = None
    running: BaseProcess | None = None
    kills: int = 0

    def start(self) -> None:
        arguments = (self.arguments, self.environment, str(self.log))
        self.running = _FORKS.Process(target=run, args=arguments)
        self.running.start()

    @property
    def alive(self) -> bool:
        return self.running is not None and self.running.is_alive()

    def kill(self) -> None:
        """SIGKILL, and start again."""
        assert self.running is not None
        assert self.alive, f"a process ended by itself: see {self.log}"
        self.running.kill()
        self.running.join()
        self.kills += 1
        self.start()

    def end(self) -> int | None:
        """SIGTERM; how it ended."""
        assert self.running is not None
        self.running.terminate()
        self.running.join(40)
        return self.running.exitcode


@dataclass
class Fleet:
    """Services, workers, the runtime beside them, and who acts."""

    runtime: Runtime
    folder: Path
    services: list[Process] = field(default_factory=list)
    workers: list[Process] = field(default_factory=list)

    @property
    def kills(self) -> int:
        return sum(one.kills for one in (*self.services, *self.workers))

    async def ready(self) -> None:
        """Every service answers."""
        async with httpx.AsyncClient() as client:
            for process in self.services:
                for _ in range(600):
                    with contextlib.suppress(httpx.HTTPError):
                        if (await client.get(f"{process.base}/readyz")).status_code == 200:
                            break
                    await asyncio.sleep(0.1)
                else:
                    raise AssertionError(f"does not start: {process.log.read_text()[-2000:]}")

    async def harass(
        self,
        processes: list[Process],
        kills: int,
        *longest: float,
        after: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Kill a random one after a random while of at most one of `longest`, so often."""
        for _ in range(kills):
            await asyncio.sleep(CHANCE.uniform(0, CHANCE.choice(longest)))
            CHANCE.choice(processes).kill()
            if after is not None:
                await after()


class Roaming(httpx.AsyncClient):
    """A client that sends each request to any of the services, again until one answers.

    Every attempt of a POST carries the same key, as that of a careful client does.
    """

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(timeout=30, limits=httpx.Limits(max_connections=200))
        self.fleet = fleet
        self.retries: Counter[str] = Counter()
        """Why a request was sent again: no answer, or an answer that asks for that."""

    async def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        if method == "POST" and "/auth/" not in url:
            kwargs["headers"].setdefault("Idempotency-Key", f"soak-{uuid7()}")
        for _ in range(3000):
            reason = "no answer"
            base = CHANCE.choice(self.fleet.services).base
            with contextlib.suppress(httpx.TransportError):
                answer = await super().request(method, f"{base}{url}", **kwargs)
                if not _in_between(answer):
                    return answer
                reason = str(answer.json()["code"])
            self.retries[reason] += 1
            await asyncio.sleep(CHANCE.uniform(0.02, 0.2))
        raise AssertionError(f"no answer: {method} {url}")


def say(text: str) -> None:
    """A line of the summary, at once."""
    print(text, flush=True)  # noqa: T201  what soak is run for


def _in_between(answer: httpx.Response) -> bool:
    if answer.status_code == 409:
        return bool(answer.json()["code"] == "idempotency-in-flight")
    return answer.status_code == 503


async def sign_in(fleet: Fleet, client: Roaming, caller: Caller) -> Caller:
    """The same account, signed in at the live service."""
    login = {"username": caller.username, "password": PASSWORD}
    answer = await client.request("POST", "/api/v1/auth/login", json=login)
    assert answer.status_code == 200, answer.text
    return Caller(client, caller.username, caller.account_id, answer.json()["access_token"])


@asynccontextmanager
async def live_fleet(folder: Path) -> AsyncIterator[tuple[Fleet, World]]:
    """A server of its own, a database, services and workers; all are ended with the block."""
    server = LocalPostgres(folder / "pg", throwaway=True)
    server.start()
    fleet = None
    try:
        await make_template(server)
        await clone(server, TEMPLATE, "soak")
        settings = settings_for(server, "soak", folder)
        seconds = (MONDAY - clock_of(0).now()).total_seconds()
        clock = clock_of(seconds)
        runtime = make_runtime(settings, Database.from_settings(settings, clock), clock)
        fleet = Fleet(runtime, folder)
        environment = _environment(settings, folder)
        for number in range(SERVICES):
            port = free_port()
            fleet.services.append(
                Process(["serve", str(port), str(seconds)], environment,
                        folder / f"service-{number}.log", f"http://127.0.0.1:{port}")
            )  # fmt: skip
        for number in range(WORKERS):
            fleet.workers.append(
                Process(["worker", str(seconds)], environment, folder / f"worker-{number}.log")
            )
        for process in (*fleet.services, *fleet.workers):
            process.start()
        await fleet.ready()
        async with Roaming(fleet) as client:
            yield fleet, World(runtime, client)
        codes = {process.end() for process in (*fleet.services, *fleet.workers)}
        assert codes == {0}, f"SIGTERM ended with {codes}"
        await runtime.database.close()
        await drop(server, "soak")
    finally:
        for process in (*fleet.services, *fleet.workers) if fleet else ():
            if process.running is not None and process.alive:
                process.running.kill()
        server.stop(reused=True)
        server.discard()


def _environment(settings: Any, folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "SUNLOT_ENVIRONMENT": "test",
        "SUNLOT_SECRET_KEY": settings.secret_key.get_secret_value(),
        "SUNLOT_SEAL_KEY": settings.seal_key.get_secret_value(),
        "SUNLOT_DATA_DIR": str(folder),
        "SUNLOT_PASSWORD_HASH_COST": "test",
        "SUNLOT_ACCESS_TOKEN_SECONDS": "86400",
        **{
            f"SUNLOT_RATE_LIMIT_{name}": "0"
            for name in ("ACCOUNT", "IP", "SIGN_IN_IP", "SIGN_IN_NAME")
        },
        "SUNLOT_OPERATION_HEARTBEAT_SECONDS": "0.5",
        "SUNLOT_OPERATION_STALLED_SECONDS": "3",
        "SUNLOT_OPERATION_MAX_ATTEMPTS": "100",
    }
