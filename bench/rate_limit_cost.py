"""What the rate limits cost a read of one row: GET /api/v1/me with and without them.

    python bench/rate_limit_cost.py [--rounds 20] [--requests 100]

The application is called over ASGI, without network or client, in turns of both kinds, on a
throw-away PostgreSQL. `exact` asks the database for every request (a quota of which each lease is
one request), to show what the leases save.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.clock import SystemClock
from app.domain.actor import Role, system_actor
from app.domain.rate_limits import RatePolicy
from app.local_postgres import LocalPostgres
from app.logs import configure
from app.main import create_app
from app.services.accounts import AccountService, NewAccount
from app.services.runtime import make_runtime
from app.storage.engine import Database
from tests.support.databases import TEMPLATE, make_template, settings_for
from tests.support.world import PASSWORD

BATCH = 60
"""The lease of the default quota, 3,000 a minute."""
LEASES = {"without": 0, "with": BATCH, "exact": 1}


class Leased(RatePolicy):
    """A quota that a bench does not exhaust, with leases of a size of their own."""

    @property
    def batch(self) -> int:
        return LEASES[self.name]


async def asked(app, method: str, path: str, body: bytes = b"", token: str = "") -> bytes:
    headers = [(b"host", b"bench"), (b"content-type", b"application/json")]
    if token:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "headers": headers, "client": ("127.0.0.1", 1), "server": ("bench", 80),
    }  # fmt: skip
    said = []

    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict) -> None:
        said.append(message)

    await app(scope, receive, send)
    assert said[0]["status"] == 200, said
    return b"".join(message.get("body", b"") for message in said)


async def measured(server: LocalPostgres, folder: Path, rounds: int, requests: int) -> None:
    settings = settings_for(server, TEMPLATE, folder)
    database, clock = Database.from_settings(settings, SystemClock()), SystemClock()
    apps = {}
    for kind, lease in LEASES.items():
        runtime = make_runtime(settings, database, clock)
        limiter = runtime.rate_limiter
        account = Leased(kind, 1_000_000 if lease else 0, 3600)
        limiter.policies = replace(limiter.policies, account=account)
        apps[kind] = create_app(settings, clock=clock, runtime=runtime)
    clerk = NewAccount("bench.clerk", "bench", Role.DEPT_CLERK, "SCJG", "150525", PASSWORD)
    await AccountService(runtime).create(system_actor("150525"), clerk)
    login = json.dumps({"username": "bench.clerk", "password": PASSWORD}).encode()
    answer = await asked(apps["with"], "POST", "/api/v1/auth/login", login)
    token = json.loads(answer)["access_token"]
    per_request: dict[str, list[float]] = {kind: [] for kind in apps}
    for number in range(rounds + 1):
        for kind in sorted(apps, reverse=bool(number % 2)):
            started = time.perf_counter()
            for _ in range(requests):
                await asked(apps[kind], "GET", "/api/v1/me", token=token)
            if number:  # the first round warms up
                per_request[kind].append((time.perf_counter() - started) / requests * 1000)
    base = statistics.median(per_request["without"])
    for kind, times in per_request.items():
        middle = statistics.median(times)
        print(f"{kind:<8} {middle:6.3f} ms per request   ratio {middle / base:5.3f}")
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--requests", type=int, default=100)
    given = parser.parse_args()
    configure(as_json=False, level="ERROR")
    folder = Path(tempfile.mkdtemp(prefix="sunlot-bench-"))
    server = LocalPostgres(folder / "pg", throwaway=True)
    server.start()
    try:
        asyncio.run(make_template(server))
        asyncio.run(measured(server, folder, given.rounds, given.requests))
    finally:
        server.stop(reused=True)
        server.discard()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
