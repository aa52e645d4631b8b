"""schemathesis over a running service with data in it, as people of several roles.

All its checks: no server error, and document and service agree. The one check that is replaced, and
what counts as a refusal, stand in fuzz_checks.py and schemathesis.toml beside this file.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from app.clock import SystemClock
from app.domain.actor import Role, system_actor
from app.local_postgres import LocalPostgres
from app.services.accounts import AccountService
from app.services.runtime import make_runtime
from app.storage.engine import Database
from tests.support.databases import TEMPLATE, clone, drop, settings_for
from tests.support.draw_factories import a_library
from tests.support.live import live_service
from tests.support.world import PASSWORD, REGION, World

HERE = Path(__file__).resolve().parent
MANY = (Role.DEPT_CLERK, Role.DEPT_LEADER, Role.OFFICER, Role.WITNESS, Role.SUPERVISOR)
"""One person with every role of a department: the most operations are reached in one run."""
PEOPLE: dict[str, tuple[tuple[Role, ...], str | None]] = {
    "department": (MANY, "SCJG"),
    "administrator": ((Role.SYSADMIN,), None),
    "office": ((Role.LG_OFFICE,), "LDXZ"),
}
PART = {
    "administrator": "/(accounts|calendar|me|service-accounts)",
    "office": "/joint-items",
}
"""Of who reaches little: the addresses where they do what nobody else does."""
EXAMPLES = int(os.environ.get("SUNLOT_FUZZ_EXAMPLES", "8"))
SEED = os.environ.get("SUNLOT_FUZZ_SEED", "20260302")


@pytest.mark.service
@pytest.mark.parametrize("person", list(PEOPLE))
async def test_document_and_service_agree_whatever_comes_in(
    person: str, server: LocalPostgres, tmp_path: Path
) -> None:
    roles, department = PEOPLE[person]
    name = f"fuzz_{person}_{os.getpid()}"
    await clone(server, TEMPLATE, name)
    settings = settings_for(server, name, tmp_path)
    clock = SystemClock()
    runtime = make_runtime(settings, Database.from_settings(settings, clock), clock)
    async with httpx.AsyncClient() as unused:
        world = World(runtime, unused)
        await a_library(runtime)
        username, account_id = await world.account(roles[0], department)
        for role in roles[1:]:
            await AccountService(runtime).grant_role(
                system_actor(REGION), account_id, role, department, REGION
            )
    await runtime.database.close()
    with live_service(settings) as base:
        token = httpx.post(
            f"{base}/api/v1/auth/login", json={"username": username, "password": PASSWORD}
        ).json()["access_token"]
        found = subprocess.run(
            [
                shutil.which("schemathesis", path=Path(sys.executable).parent) or "schemathesis",
                f"--config-file={HERE / 'schemathesis.toml'}",
                "run",
                f"{base}/openapi.json",
                f"--max-examples={EXAMPLES}",
                "--phases=examples,coverage,fuzzing,stateful",
                f"--seed={SEED}",
                "--exclude-path-regex=/auth/(logout|password)$",
                "--generation-database=none",
                "--no-color",
                "--request-timeout=60",  # it is no test of speed: the machine may be busy
                "--max-failures=5",
                *([f"--include-path-regex={PART[person]}"] if person in PART else []),
                f"--header=Authorization: Bearer {token}",
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "fuzz_checks", "PYTHONPATH": str(HERE)},
        )
    await drop(server, name)
    assert found.returncode == 0, found.stdout[-20000:] + found.stderr[-2000:]
    assert "operations" in found.stdout.lower() or "tested" in found.stdout.lower()
