"""Making a backup: the database as of one moment, the anchors, the files of the store.

One snapshot serves the dump, the counts and the heads of the chains, so that a restored database
must agree with the manifest exactly, whatever goes on meanwhile. It refuses a folder that holds
anything, and a database that was never migrated.
"""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from app.backup import manifest as manifests
from app.backup.manifest import Head, Manifest, TableEntry
from app.backup.programs import BackupFailed, find_programs, run_program
from app.clock import Clock, SystemClock
from app.services.recovery import RecoveryService
from app.services.runtime import make_runtime
from app.settings import Settings, asyncpg_url
from app.storage import audit, recovery
from app.storage.engine import Database, make_engine
from app.storage.schema import current_revision

Say = Callable[[str], None]
_CONNECTIONS = 2


@dataclass(frozen=True, slots=True)
class BackupMade:
    """A backup on disk."""

    folder: Path
    manifest: Manifest
    manifest_sha256: str


def owner_url(settings: Settings) -> str:
    """Who may dump: the owner of the tables; with one role only, that one."""
    admin = settings.database_admin_url.get_secret_value()
    return admin or settings.database_url.get_secret_value()


async def make_backup(
    settings: Settings,
    out: Path,
    *,
    bin_dir: Path | None = None,
    clock: Clock | None = None,
    say: Say = lambda _: None,
) -> BackupMade:
    """Back up to a new folder; leaves nothing behind when it fails."""
    made_here = _make_room(out)
    database = Database(make_engine(owner_url(settings), _CONNECTIONS), clock or SystemClock())
    try:
        made = await _fill(settings, database, out, bin_dir, say)
        await RecoveryService(make_runtime(settings, database, database.clock)).note(
            "backup.made",
            {"manifest_sha256": made.manifest_sha256, "rows": made.manifest.rows},
        )
    except BaseException:
        _discard(out, made_here=made_here)
        raise
    finally:
        await database.close()
    return made


def _make_room(out: Path) -> bool:
    """An empty folder for the owner alone; returns whether it was made here."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BackupFailed(f"{out} holds something already: a backup is never written over")
    made_here = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    out.chmod(0o700)  # personal data, whatever the umask
    return made_here


def _discard(out: Path, *, made_here: bool) -> None:
    """Take away what was written to a folder that was empty before."""
    for path in out.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    if made_here:
        out.rmdir()


async def _fill(
    settings: Settings, database: Database, out: Path, bin_dir: Path | None, say: Say
) -> BackupMade:
    # First the anchors: each names a head that was committed, so the later snapshot has it.
    anchors = _copy_anchors(settings.data_dir / manifests.ANCHORS, out / manifests.ANCHORS)
    revision = await current_revision(database)
    if revision is None:
        raise BackupFailed("the database was never migrated: there is nothing to back up")
    async with database.snapshot() as session:
        await recovery.begin_long_reading(session)
        server = await recovery.server(session)
        programs = find_programs(server.major, bin_dir)
        snapshot = await recovery.export_snapshot(session)
        say(f"dumping with pg_dump {server.major} …")
        dump = out / manifests.DUMP
        arguments = ["--format=custom", "--no-owner", "--no-privileges"]
        await asyncio.to_thread(
            run_program,
            programs,
            "pg_dump",
            [*arguments, f"--snapshot={snapshot}", f"--file={dump}"],
            owner_url(settings),
        )
        dump.chmod(0o600)
        say("counting what the dump holds …")
        tables = await recovery.digests(session)
        heads = await audit.heads(session)
    # After the snapshot: a file is stored before the row that names it.
    copied = await asyncio.to_thread(_copy_files, settings.data_dir / manifests.FILES, out)
    say(f"{copied} files of the store; writing the manifest …")
    manifest = Manifest(
        made_at=manifests.instant(database.clock.now()),
        database=make_url(asyncpg_url(owner_url(settings))).database or "",
        schema_revision=revision,
        server_version=server.version,
        server_major=server.major,
        anchors_included=anchors,
        tables={
            name: TableEntry(rows=one.rows, checksum=one.checksum) for name, one in tables.items()
        },
        heads=[Head(chain=head.chain, seq=head.seq, hash=head.hash) for head in heads],
        files=await asyncio.to_thread(manifests.entries, out),
    )
    return BackupMade(out, manifest, manifests.write(out, manifest))


def _copy_anchors(source: Path, target: Path) -> bool:
    """The whole lines of the anchor file: the worker may be writing the next one."""
    if not source.is_file():
        return False
    data = source.read_bytes()
    target.write_bytes(data[: data.rfind(b"\n") + 1])
    target.chmod(0o600)
    return True


def _copy_files(source: Path, out: Path) -> int:
    if not source.is_dir():
        return 0
    shutil.copytree(source, out / manifests.FILES, symlinks=True)
    return sum(path.is_file() for path in (out / manifests.FILES).rglob("*"))
