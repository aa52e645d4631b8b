"""The server's own pg_dump and pg_restore: found, compared with the server, run.

Only programs of the server's major version are used: an older pg_dump is refused by the server, and
what a newer one writes may not go back into it. Passwords go by environment, never as arguments.
"""

import re
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import make_url

from app.local_postgres import LocalPostgresFailed, wheel_bin_dir
from app.local_postgres.account import environment
from app.settings import asyncpg_url

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_DEBIAN = Path("/usr/lib/postgresql")
_SSL = {
    "sslmode": "PGSSLMODE",
    "ssl": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


class BackupFailed(Exception):
    """A backup, restore or drill can not go on; the message tells the operator why."""


def find_programs(major: int, given: Path | None = None) -> Path:
    """The folder of pg_dump and pg_restore of this major version; raises BackupFailed."""
    found: list[str] = []
    for folder in [given] if given else _candidates(major):
        version = _major(folder)
        if version == major:
            return folder
        if version is not None:
            found.append(f"{version} in {folder}")
    raise BackupFailed(
        f"the server is PostgreSQL {major} and needs pg_dump and pg_restore {major}; found: "
        + (", ".join(found) or "none")
        + ". Install its client programs, or name their folder with --bin-dir"
    )


def run_program(folder: Path, name: str, arguments: Sequence[str], url: str) -> None:
    """Run a program against the database of the URL; raises BackupFailed with what it said."""
    done = subprocess.run(  # noqa: S603  an argument list; the program is the server's
        [str(folder / name), "--no-password", *arguments],
        env=_libpq_environment(url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BackupFailed(f"{name} failed:\n{done.stderr.strip()[-2000:]}")


def _candidates(major: int) -> list[Path]:
    found = []
    on_path = shutil.which("pg_dump")
    if on_path:
        found.append(Path(on_path).parent)
    found.append(_DEBIAN / str(major) / "bin")
    with suppress(LocalPostgresFailed):  # no embedded server is installed here
        found.append(wheel_bin_dir())
    return found


def _major(folder: Path) -> int | None:
    """The major version that both programs have, or None where they are not."""
    versions = set()
    for name in ("pg_dump", "pg_restore"):
        try:
            done = subprocess.run(  # noqa: S603  an argument list; nothing but --version
                [str(folder / name), "--version"],
                env=environment(),
                capture_output=True,
                text=True,
                check=False,
                timeout=30,
            )
        except OSError:
            return None
        said = _VERSION.search(done.stdout)
        versions.add(int(said[1]) if said else None)
    return versions.pop() if len(versions) == 1 else None


def _libpq_environment(url: str) -> dict[str, str]:
    parts = make_url(asyncpg_url(url))
    query = {name: str(value) for name, value in parts.query.items()}
    host = parts.host or query.get("host")
    port = str(parts.port) if parts.port else query.get("port")
    wanted = {
        "PGHOST": host,
        "PGPORT": port,
        "PGUSER": parts.username,
        "PGPASSWORD": None if parts.password is None else str(parts.password),
        "PGDATABASE": parts.database,
        "PGAPPNAME": "sunlot-backup",
        "PGCONNECT_TIMEOUT": "10",
    }
    wanted |= {_SSL[name]: value for name, value in query.items() if name in _SSL}
    return environment() | {name: value for name, value in wanted.items() if value}
