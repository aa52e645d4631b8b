"""`make run`: the whole service on a fresh machine, with a demo year in it.

Starts its own PostgreSQL unless DATABASE_URL names another, migrates, serves API and worker in one
process, plays the demo year at the first start, and prints where to look and who to sign in as.
Passwords are made at every start and shown once; nothing has a default one. What it started it
stops, and nothing else.
"""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import typer
from pydantic import SecretStr

from app.clock import SteerableClock
from app.demo.stage import YEAR_BEGINS
from app.demo.year import play_year
from app.domain.actor import Permission, Role
from app.local_postgres import LocalPostgres, LocalPostgresFailed
from app.logs import configure
from app.main import create_app
from app.migrate import migrate
from app.security import new_password
from app.services.accounts import AccountService
from app.services.reference_data import ReferenceService
from app.services.runtime import make_runtime
from app.services.service_accounts import NewServiceAccount, ServiceAccountService
from app.serving import serve_app
from app.settings import Settings
from app.storage.engine import Database

DATABASE = "sunlot"
MANY_AT_ONCE = 100_000
DEMO_ACCOUNTS: tuple[tuple[str, Role, str | None, str], ...] = (
    ("demo.admin", Role.SYSADMIN, None, "系统管理员"),
    ("demo.clerk", Role.DEPT_CLERK, "SCJG", "市场监管局 经办"),
    ("demo.leader", Role.DEPT_LEADER, "SCJG", "市场监管局 审批"),
    ("demo.clerk2", Role.DEPT_CLERK, "XFJY", "消防救援大队 经办"),
    ("demo.office", Role.LG_OFFICE, "LDXZ", "领导小组办公室"),
    ("demo.supervisor", Role.SUPERVISOR, "ZFB", "督查"),
    ("demo.oversight", Role.OVERSIGHT, "JWJW", "纪委监委 监督"),
    ("demo.witness", Role.WITNESS, "GZC", "公证处 见证"),
)
DEMO_SERVICE = NewServiceAccount(
    client_id="demo.sync",
    display_name="市场监管局 平台对接",
    department_code="SCJG",
    region_code="150525",
    scopes=(Permission.OBJECT_READ, Permission.OBJECT_WRITE, Permission.PLAN_READ),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the demo listens and keeps what."""

    host: str
    port: int
    data: Path

    @property
    def base_url(self) -> str:
        """The address of the service."""
        return f"http://{self.host}:{self.port}"

    @property
    def year_played(self) -> Path:
        """Exists when the demo year is whole."""
        return self.data / "demo-year-played"


def run_demo_service(*, host: str, port: int, data: Path, with_year: bool) -> int:
    """Run until Ctrl-C; returns the exit status."""
    place = Place(host, port, data.resolve())
    place.data.mkdir(parents=True, exist_ok=True)
    configure(as_json=False, level="WARNING")
    if not _port_is_free(place):
        typer.echo(f"{place.base_url} is in use: stop what listens there, or use --port", err=True)
        return 1
    pid_file = place.data / "run.pid"
    pid_file.write_text(str(os.getpid()), encoding="utf-8")
    try:
        with _database(place, with_year=with_year) as (service_url, admin_url):
            settings = _settings(place, service_url, admin_url)
            clock = SteerableClock()
            plays = with_year and not place.year_played.exists()
            if plays:
                clock.set(YEAR_BEGINS)  # so that the trace of the demo never runs backwards
            passwords = asyncio.run(_prepare(settings, clock))
            _serve(place, settings, passwords, clock, plays=plays)
    except LocalPostgresFailed as failed:
        typer.echo(str(failed), err=True)
        return 1
    finally:
        pid_file.unlink(missing_ok=True)
    return 0


def stop_demo_service(data: Path) -> int:
    """End a `run` of this data folder and its PostgreSQL; returns the exit status."""
    place = data.resolve()
    pid = _running(place)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        for _ in range(300):
            if _running(place) is None:
                break
            threading.Event().wait(0.1)
        typer.echo("service: stopped")
    if (place / "postgres").exists():
        LocalPostgres(place / "postgres").stop(reused=True)
        typer.echo("PostgreSQL: stopped")
    return 0


@contextlib.contextmanager
def demo_settings(data: Path) -> Iterator[Settings]:
    """The settings of a `run` on this data folder; starts its PostgreSQL if it is down."""
    place = Place("127.0.0.1", 8000, data.resolve())
    if not (place.data / "demo-database").is_file():
        msg = f"{place.data} is not the data folder of a `run` with a PostgreSQL of its own"
        raise LocalPostgresFailed(msg)
    server = LocalPostgres(place.data / "postgres")
    server.start()
    try:
        name = (place.data / "demo-database").read_text(encoding="utf-8").strip()
        yield _settings(place, server.service_dsn(name), server.admin_dsn(name))
    finally:
        server.stop()  # not one that a `run` started


def _running(data: Path) -> int | None:
    """The process of a `run`, if it still is one: a number that was reused is not."""
    try:
        pid = int((data / "run.pid").read_text(encoding="utf-8"))
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if b"app" in command and b"run" in command else None


def _port_is_free(place: Place) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.host, place.port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def _database(place: Place, *, with_year: bool) -> Iterator[tuple[str, str]]:
    """The DSNs of the given database, or of an embedded server that ends with us."""
    given = Settings(environment="demo")
    if given.database_url.get_secret_value():
        service = given.database_url.get_secret_value()
        yield service, given.database_admin_url.get_secret_value() or service
        return
    typer.echo("PostgreSQL: starting the embedded server …")
    server = LocalPostgres(place.data / "postgres")
    server.start()
    try:
        name = _database_name(place, with_year=with_year)
        server.ensure_database(name)
        yield server.service_dsn(name), server.admin_dsn(name)
    finally:
        server.stop()
        typer.echo("PostgreSQL: stopped")


def _database_name(place: Place, *, with_year: bool) -> str:
    """The demo's database; a new one when the first year was interrupted half-way."""
    record = place.data / "demo-database"
    if record.exists() and (place.year_played.exists() or not with_year):
        return record.read_text(encoding="utf-8").strip()
    name = f"{DATABASE}_{secrets.token_hex(4)}"
    record.write_text(name, encoding="utf-8")
    return name


def _settings(place: Place, service_url: str, admin_url: str) -> Settings:
    keys = _keys(place.data / "secrets.json")
    return Settings(
        environment="demo",
        database_url=SecretStr(service_url),
        database_admin_url=SecretStr(admin_url),
        secret_key=SecretStr(keys["secret_key"]),
        seal_key=SecretStr(keys["seal_key"]),
        data_dir=place.data,
        public_base_url=place.base_url,
        worker_poll_seconds=0.3,
        refresh_token_seconds=90 * 86_400,  # the demo's people sign in once a season
        rate_limit_ip=MANY_AT_ONCE,  # and all from one address
        rate_limit_sign_in_ip=MANY_AT_ONCE,
        log_json=False,
    )


def _keys(path: Path) -> dict[str, str]:
    """The demo's keys, made once and readable by its owner only."""
    if path.exists():
        return dict(json.loads(path.read_text(encoding="utf-8")))
    keys = {"secret_key": secrets.token_hex(32), "seal_key": secrets.token_hex(32)}
    _write_private(path, keys)
    return keys


def _write_private(path: Path, content: object) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)


async def _prepare(settings: Settings, clock: SteerableClock) -> dict[str, str]:
    """Migrate, load reference data, give every demo account a fresh password or secret."""
    typer.echo("Database: migrating …")
    await migrate(settings)
    runtime = make_runtime(settings, Database.from_settings(settings, clock), clock)
    await ReferenceService(runtime).load_shipped()
    accounts = AccountService(runtime)
    passwords = {}
    for username, role, department, title in DEMO_ACCOUNTS:
        passwords[username] = new_password()
        await accounts.provide_demo_account(username, title, role, department, passwords[username])
    services = ServiceAccountService(runtime)
    passwords[DEMO_SERVICE.client_id] = await services.provide_demo_service(DEMO_SERVICE)
    await runtime.database.close()
    return passwords


def _serve(
    place: Place,
    settings: Settings,
    passwords: dict[str, str],
    clock: SteerableClock,
    *,
    plays: bool,
) -> None:
    app = create_app(settings, clock=clock, with_worker=True)
    helper = threading.Thread(
        target=_accompany, args=(place, passwords), kwargs={"plays": plays}, daemon=True
    )
    helper.start()
    serve_app(app, place.host, place.port)


def _accompany(place: Place, passwords: dict[str, str], *, plays: bool) -> None:
    """What happens beside the server: wait for it, play the year once, tell where to look."""
    try:
        _await_service(place)
        if plays:
            typer.echo("Demo year: playing 2022 and 2026 over HTTP, once …")
            outcome = play_year(place.base_url, "demo.admin", passwords["demo.admin"])
            for unmet in (one for one in outcome.year.expectations if not one.ok):
                typer.echo(f"Demo year: NOT MET {unmet.name}: {unmet.detail}", err=True)
            place.year_played.touch()
    except (httpx.HTTPError, RuntimeError) as failed:
        # The server is being stopped, or the year broke off: the next start plays it anew.
        typer.echo(f"Demo year: broke off ({type(failed).__name__}: {failed})", err=True)
    _write_private(place.data / "demo-accounts.json", passwords)
    _tell(place, passwords)


def _await_service(place: Place) -> None:
    for _ in range(600):
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{place.base_url}/readyz", timeout=2).status_code == httpx.codes.OK:
                return
        threading.Event().wait(0.1)
    raise RuntimeError("the service did not become ready")


def _tell(place: Place, passwords: dict[str, str]) -> None:
    url = place.base_url
    typer.echo("")
    typer.echo("Sunlot 阳光抽查 is running (demo). Ctrl-C stops it and its PostgreSQL.")
    typer.echo(f"  API        {url}/api/v1")
    typer.echo(f"  Docs       {url}/docs   {url}/redoc   (no network needed)")
    typer.echo(f"  OpenAPI    {url}/openapi.json")
    typer.echo(f"  Verifier   {url}/verify")
    typer.echo(f"  Public     {url}/api/v1/public/publication-rate")
    typer.echo(f"             {url}/api/v1/public/draws")
    typer.echo(f"  Health     {url}/healthz   {url}/readyz   {url}/metrics")
    typer.echo("")
    typer.echo("Accounts (passwords made at this start, shown once, also in demo-accounts.json):")
    for username, role, department, title in DEMO_ACCOUNTS:
        where = department or "-"
        typer.echo(
            f"  {username:<16} {passwords[username]:<25} {role.value:<12} {where:<5} {title}"
        )
    client_id = DEMO_SERVICE.client_id
    typer.echo("Service account (client id and secret, for POST /api/v1/auth/token):")
    typer.echo(f"  {client_id:<16} {passwords[client_id]}")
