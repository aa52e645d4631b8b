"""A whole service for one run: own PostgreSQL, own secrets, own process; nothing is left of it.

It starts with the clock at the beginning of the demo year. It refuses to touch any database that
the environment names.
"""

import asyncio
import contextlib
import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.clock import SteerableClock
from app.demo.stage import YEAR_BEGINS
from app.local_postgres import LocalPostgres
from app.migrate import migrate
from app.services.accounts import AccountService
from app.services.audit_trail import AuditTrailService
from app.services.reference_data import ReferenceService
from app.services.runtime import Runtime, make_runtime
from app.settings import Settings
from app.storage.engine import Database

_DATABASE = "sunlot_demo"
_ROOT = Path(__file__).resolve().parent.parent.parent
_LOG = "service.log"
_START_SECONDS = 60
_STOP_SECONDS = 20
_PAUSE = 0.05


class ServiceFailed(Exception):
    """The service did not start; the text says what it wrote."""


@dataclass
class ThrowawayService:
    """A running service, and what only its operator has."""

    settings: dict[str, Any]
    folder: Path
    base_url: str
    username: str
    password: str = field(repr=False)
    process: subprocess.Popen[str] = field(repr=False)

    def stop(self) -> None:
        """Stop API and worker; a second time does nothing."""
        _stop(self.process)

    @property
    def anchors(self) -> Path:
        """Where the worker has put the heads of the audit chains."""
        return Path(self.settings["data_dir"]) / "audit-anchors.jsonl"

    def errors_logged(self) -> list[str]:
        """What the service wrote that nobody should have to read."""
        log = (self.folder / _LOG).read_text(encoding="utf-8")
        return [line for line in log.splitlines() if "[error" in line or "Traceback" in line]

    def export_audit(self) -> tuple[Path, int]:
        """Every audit chain as lines of JSON, as `python -m app export-audit` writes them."""
        out = self.folder / "audit.jsonl"
        return out, asyncio.run(_export(Settings(**self.settings), out))


@contextmanager
def throwaway_service(*, worker: bool = True) -> Iterator[ThrowawayService]:
    """Start everything; stop and delete it, whatever happens in between.

    Without the worker nothing happens by itself: a bench times the reveal that it asks for.
    """
    folder = Path(tempfile.mkdtemp(prefix="sunlot-demo-"))
    # Beside our folder, which nobody else may enter: the server's account must reach its own.
    home = Path(tempfile.mkdtemp(prefix="sunlot-demo-pg-"))
    home.chmod(0o755)
    postgres = LocalPostgres(home / "pg", throwaway=True)
    try:
        postgres.start()
        postgres.ensure_database(_DATABASE)
        settings = _settings(postgres, folder)
        username, password = "sysadmin", secrets.token_urlsafe(18)
        asyncio.run(_prepare(Settings(**settings), username, password))
        process, base_url = _launch(settings, folder, worker=worker)
        try:
            _await_ready(process, base_url, folder)
            yield ThrowawayService(settings, folder, base_url, username, password, process)
        finally:
            _stop(process)
    finally:
        postgres.discard()
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _settings(postgres: LocalPostgres, folder: Path) -> dict[str, Any]:
    return {
        "environment": "demo",
        "database_url": postgres.service_dsn(_DATABASE),
        "database_admin_url": postgres.admin_dsn(_DATABASE),
        "secret_key": secrets.token_hex(32),
        "seal_key": secrets.token_hex(32),
        "data_dir": str(folder / "data"),
        "worker_poll_seconds": 0.2,
        "anchor_seconds": 5,
        "refresh_token_seconds": 90 * 86_400,  # a season of the year; the clock jumps by weeks
        "rate_limit_ip": 100_000,  # all the year's people sit at one address
        "rate_limit_sign_in_ip": 100_000,
        "log_json": False,
    }


def _runtime(settings: Settings) -> Runtime:
    clock = SteerableClock()
    clock.set(YEAR_BEGINS)
    return make_runtime(settings, Database.from_settings(settings, clock), clock)


async def _prepare(settings: Settings, username: str, password: str) -> None:
    """Schema, reference data and the first administrator, as on the command line."""
    await migrate(settings)
    runtime = _runtime(settings)
    try:
        await ReferenceService(runtime).load_shipped()
        await AccountService(runtime).create_first_administrator(username, password)
    finally:
        await runtime.database.close()


async def _export(settings: Settings, out: Path) -> int:
    runtime = _runtime(settings)
    count = 0
    try:
        with out.open("w", encoding="utf-8") as file:
            async for line in AuditTrailService(runtime).export_lines():
                file.write(line + "\n")
                count += 1
    finally:
        await runtime.database.close()
    return count


def _launch(
    settings: dict[str, Any], folder: Path, *, worker: bool
) -> tuple[subprocess.Popen[str], str]:
    """The service in its process, and where it listens: a free port of 127.0.0.1."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        (folder / _LOG).open("w", encoding="utf-8") as log,
    ):
        order = {
            "now": YEAR_BEGINS.isoformat(),
            "socket": listening.fileno(),
            "settings": settings,
            "worker": worker,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "app.demo.server"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            text=True,
            cwd=_ROOT,
            pass_fds=(listening.fileno(),),
            start_new_session=True,  # the terminal's Ctrl-C is for us; we then stop it
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
        return process, f"http://127.0.0.1:{listening.getsockname()[1]}"


def _await_ready(process: subprocess.Popen[str], base_url: str, folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    with httpx.Client(trust_env=False, timeout=_START_SECONDS) as client:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if client.get(f"{base_url}/readyz").status_code == httpx.codes.OK:
                    return
            if process.poll() is not None or time.monotonic() > deadline:
                log = (folder / _LOG).read_text(encoding="utf-8")
                raise ServiceFailed(log[-2000:])
            time.sleep(_PAUSE)


def _stop(process: subprocess.Popen[str]) -> None:
    """End its input and wait; the worker writes the last audit heads on its way out."""
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
