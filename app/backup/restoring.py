"""Restoring a backup into an empty database, all of it or nothing, and checking it at once.

It refuses a database that holds anything, a damaged backup, a server older than the one that was
backed up, and a service role that does not exist.
"""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy.engine import make_url

from app.backup import manifest as manifests
from app.backup.checking import Step, check_restored
from app.backup.making import Say
from app.backup.manifest import Manifest
from app.backup.programs import BackupFailed, find_programs, run_program
from app.clock import SystemClock
from app.migrate import grants
from app.services.recovery import RecoveryService
from app.services.runtime import make_runtime
from app.settings import Settings, asyncpg_url
from app.storage import recovery
from app.storage.engine import Database, make_engine


@dataclass(frozen=True, slots=True)
class Target:
    """Where a backup goes: the owner's address, and the role that will serve from it."""

    admin_url: str
    service_role: str | None
    bin_dir: Path | None = None

    @property
    def grantee(self) -> str | None:
        """The service role, unless it is the owner itself."""
        owner = make_url(asyncpg_url(self.admin_url)).username
        return self.service_role if self.service_role != owner else None


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored database, and what the check of it said."""

    manifest: Manifest
    steps: list[Step]

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(step.ok for step in self.steps)


async def restore_and_check(
    settings: Settings,
    folder: Path,
    target: Target,
    *,
    manifest_sha256: str | None = None,
    say: Say = lambda _: None,
) -> Restored:
    """The command: restore, put anchors and files in place, check, and leave a trace."""
    manifest = await restore(folder, target, manifest_sha256=manifest_sha256, say=say)
    _place_files(folder, settings.data_dir, say)
    steps = await check_restored(at(settings, target), folder, manifest, target.grantee, say)
    database = Database(make_engine(target.admin_url, 1), SystemClock())
    try:
        service = RecoveryService(make_runtime(settings, database, database.clock))
        await service.note(
            "backup.restored",
            {"made_at": manifest.made_at, "checks_hold": all(step.ok for step in steps)},
        )
    finally:
        await database.close()
    return Restored(manifest, steps)


async def restore(
    folder: Path,
    target: Target,
    *,
    manifest_sha256: str | None = None,
    say: Say = lambda _: None,
) -> Manifest:
    """Put the dump into the empty database and give the service role its grants."""
    say("comparing every file with the manifest …")
    manifest = await asyncio.to_thread(manifests.read, folder, manifest_sha256)
    programs = await _refuse_unfit(target, manifest)
    say("restoring …")
    await asyncio.to_thread(
        run_program,
        programs,
        "pg_restore",
        [
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            f"--dbname={make_url(asyncpg_url(target.admin_url)).database}",
            str(folder / manifests.DUMP),
        ],
        target.admin_url,
    )
    statements = grants(target.grantee) if target.grantee else []
    # The planner knows nothing of what came by COPY.
    await recovery.run_as_owner(target.admin_url, [*statements, "ANALYZE"])
    return manifest


def at(settings: Settings, target: Target) -> Settings:
    """The settings of a process that works on the restored database, as its owner."""
    url = SecretStr(target.admin_url)
    return settings.model_copy(update={"database_url": url, "database_admin_url": url})


async def _refuse_unfit(target: Target, manifest: Manifest) -> Path:
    """The programs for the target; raises BackupFailed where it can not take this backup."""
    database = Database(make_engine(target.admin_url, 1), SystemClock())
    try:
        async with database.reading() as session:
            server = await recovery.server(session)
            contents = await recovery.count_contents(session)
            known = target.grantee is None or await recovery.role_exists(session, target.grantee)
    finally:
        await database.close()
    if contents:
        raise BackupFailed(
            f"the database is not empty ({contents} tables, functions and the like):"
            " a backup is restored into a new database only"
        )
    if server.major < manifest.server_major:
        raise BackupFailed(
            f"the backup is of PostgreSQL {manifest.server_major}; this server is {server.major}"
        )
    if not known:
        raise BackupFailed(f"the server has no role {target.grantee!r}: create it first")
    return find_programs(server.major, target.bin_dir)


def _place_files(folder: Path, data_dir: Path, say: Say) -> None:
    """Anchors and files of the store to where the service looks; nothing there is replaced."""
    data_dir.mkdir(parents=True, exist_ok=True)
    for name in (manifests.ANCHORS, manifests.FILES):
        source, place = folder / name, data_dir / name
        if not source.exists():
            continue
        if place.exists():
            say(f"{place} is there already and was left as it is")
        elif source.is_dir():
            shutil.copytree(source, place)
        else:
            shutil.copyfile(source, place)
