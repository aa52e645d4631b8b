"""The restore drill: a backup that was never restored is a hope.

It backs up (or takes a backup that is there), restores into a throw-away database, checks all of
it, deletes the database and keeps a report. The data that serve are read only, but for the trace
that a copy was made.
"""

import contextlib
import json
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from app.backup.checking import as_json, check_restored
from app.backup.making import Say, make_backup, owner_url
from app.backup.manifest import NAME as MANIFEST
from app.backup.manifest import digest, instant
from app.backup.programs import BackupFailed
from app.backup.restoring import Target, at, restore
from app.clock import Clock, SystemClock
from app.local_postgres import SERVICE_ROLE, LocalPostgres, LocalPostgresFailed
from app.settings import Settings, asyncpg_url
from app.storage.engine import DATABASE_ERRORS
from app.storage.recovery import run_as_owner, run_outside_transaction

Report = dict[str, Any]
_EMBEDDED_DATABASE = "sunlot_drill"


async def run_drill(
    settings: Settings,
    report_file: Path,
    *,
    source: Path | None = None,
    embedded: bool = False,
    bin_dir: Path | None = None,
    clock: Clock | None = None,
    say: Say = lambda _: None,
) -> Report:
    """The drill; its report is written whatever comes of it, and `ok` says what did."""
    began, clock = time.monotonic(), clock or SystemClock()
    report: Report = {
        "format": "sunlot-restore-drill-1",
        "ok": False,
        "began_at": instant(clock.now()),
        "target": "embedded server" if embedded else "same server",
        "backup": None,
        "seconds": {},
        "steps": [],
        "failure": None,
    }
    with tempfile.TemporaryDirectory(prefix="sunlot-drill-") as scratch:  # mode 0700
        try:
            folder = source or Path(scratch) / "backup"
            if source is None:
                with _clocked(report, "backup"):
                    await make_backup(settings, folder, bin_dir=bin_dir, clock=clock, say=say)
            await _restore_and_check(settings, folder, embedded, bin_dir, report, say)
            report["ok"] = all(step["ok"] for step in report["steps"])
        except (BackupFailed, LocalPostgresFailed) as failed:
            report["failure"] = str(failed)
        except DATABASE_ERRORS as error:
            report["failure"] = f"{type(error).__name__}: the database could not be used"
        except BaseException as error:
            report["failure"] = f"{type(error).__name__}: the drill was cut short"
            raise
        finally:
            report["seconds"]["whole"] = round(time.monotonic() - began, 3)
            _keep(report, report_file)
    return report


def _keep(report: Report, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    file.write_text(text + "\n", encoding="utf-8")


async def _restore_and_check(
    settings: Settings,
    folder: Path,
    embedded: bool,
    bin_dir: Path | None,
    report: Report,
    say: Say,
) -> None:
    throwaway = _embedded_target() if embedded else _target_beside(settings, bin_dir)
    async with throwaway as target:
        with _clocked(report, "restore"):
            manifest = await restore(folder, target, say=say)
        report["backup"] = {
            "made_at": manifest.made_at,
            "schema_revision": manifest.schema_revision,
            "server_version": manifest.server_version,
            "rows": manifest.rows,
            "bytes": sum(entry.bytes for entry in manifest.files),
            "manifest_sha256": digest(folder / MANIFEST),
        }
        with _clocked(report, "check"):
            steps = await check_restored(
                at(settings, target), folder, manifest, target.grantee, say
            )
        report["steps"] = as_json(steps)


@contextlib.asynccontextmanager
async def _target_beside(settings: Settings, bin_dir: Path | None) -> AsyncIterator[Target]:
    """A database on the same server, which the owner may create; dropped at the end."""
    url = make_url(asyncpg_url(owner_url(settings)))
    here = url.render_as_string(hide_password=False)
    name = f"sunlot_drill_{secrets.token_hex(6)}"
    try:
        await run_outside_transaction(
            here, f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'"
        )
    except DATABASE_ERRORS as error:
        raise BackupFailed(
            "no throw-away database could be created on the server: give the owner CREATEDB, or"
            " use --embedded"
        ) from error
    try:
        there = url.set(database=name).render_as_string(hide_password=False)
        await run_as_owner(there, [f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC'])
        role = make_url(asyncpg_url(settings.database_url.get_secret_value())).username
        yield Target(there, role, bin_dir)
    finally:
        await run_outside_transaction(here, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.asynccontextmanager
async def _embedded_target() -> AsyncIterator[Target]:
    """A server of our own for the drill; nothing of it is left."""
    home = _reachable_folder()
    server = LocalPostgres(home / "pg", throwaway=True)
    try:
        server.start()
        server.ensure_database(_EMBEDDED_DATABASE)
        target = Target(server.admin_dsn(_EMBEDDED_DATABASE), SERVICE_ROLE)
        yield replace(target, bin_dir=server.bin_dir)
    finally:
        server.discard()
        shutil.rmtree(home, ignore_errors=True)


def _reachable_folder() -> Path:
    """As root the server runs under another account, which must reach its own folder."""
    home = Path(tempfile.mkdtemp(prefix="sunlot-drill-pg-"))
    home.chmod(0o711)
    return home


@contextlib.contextmanager
def _clocked(report: Report, name: str) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        report["seconds"][name] = round(time.monotonic() - began, 3)
