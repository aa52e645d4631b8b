"""The life of a private PostgreSQL: made, started, found running, stopped.

It refuses to run the server as root, to listen beyond 127.0.0.1, and to stop a server that another
process started unless told so. Whoever may enter the socket's 0700 folder (the server's account and
root) may connect as any role; over TCP, which is off, the two roles need their password.
"""

import fcntl
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote

from app.local_postgres.account import LocalPostgresFailed, environment, run
from app.local_postgres.places import Places, version
from app.local_postgres.processes import can_look, servers_of, serves

SUPERUSER = "postgres"
OWNER_ROLE = "sunlot_owner"
SERVICE_ROLE = "sunlot"
StopMode = Literal["smart", "fast", "immediate"]

_SOCKET_PORT = 5432  # the folder is ours alone: every server of ours may have the same number
_DATABASE_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_START_SECONDS = 300  # crash recovery of a large cluster takes minutes
_STOP_SECONDS = 120
_POLL_SECONDS = 0.02
_LOG_BYTES = 10_000_000
_BUILTIN_LOCALE_SINCE = 17
_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}

_ROLES = """
SELECT format('CREATE ROLE %I LOGIN CREATEDB', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \\gexec
SELECT format('CREATE ROLE %I LOGIN', :'service')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \\gexec
"""
_PASSWORDS = """
ALTER ROLE :"owner" PASSWORD :'password';
ALTER ROLE :"service" PASSWORD :'password';
"""
_DATABASE = """
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \\gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"name" TO :"service";
"""  # TEMPORARY: imports stage their rows in temporary tables


class _PidFile(NamedTuple):
    pid: int
    port: int
    ready: bool


class LocalPostgres:
    """One cluster under one root folder; any number of processes may `start` it at once."""

    def __init__(
        self,
        root: Path,
        *,
        tcp_port: int | None = None,
        throwaway: bool = False,
        bin_dir: Path | None = None,
        os_user: str | None = None,
    ) -> None:
        self._places = Places(root, throwaway=throwaway, bin_dir=bin_dir, os_user=os_user)
        self._tcp_port = tcp_port
        self._throwaway = throwaway
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        """Where data and log are: the root, unless LOCATION in it says otherwise."""
        return self._places.home

    @property
    def socket_dir(self) -> Path:
        """The 0700 folder of the unix socket."""
        return self._places.socket_dir

    @property
    def bin_dir(self) -> Path:
        """The folder of postgres, psql, pg_dump and the rest."""
        return self._places.bin_dir

    # -- addresses ----------------------------------------------------------------------------

    def admin_dsn(self, database: str) -> str:
        """For migrations: as the role that owns the databases (DATABASE_ADMIN_URL)."""
        return self._dsn("postgresql+asyncpg", OWNER_ROLE, database)

    def service_dsn(self, database: str) -> str:
        """For service and worker: as the role that has what migrations grant (DATABASE_URL)."""
        return self._dsn("postgresql+asyncpg", SERVICE_ROLE, database)

    def libpq_dsn(self, database: str, *, role: str = SERVICE_ROLE) -> str:
        """For psql, pg_dump and other clients of libpq."""
        return self._dsn("postgresql", role, database)

    def _dsn(self, driver: str, role: str, database: str) -> str:
        if self._tcp_port and role != SUPERUSER:  # who has no password, so the socket only
            return f"{driver}://{role}:{self._password}@127.0.0.1:{self._tcp_port}/{database}"
        place = quote(str(self.socket_dir), safe="/")
        return f"{driver}://{role}@/{database}?host={place}&port={self._port}"

    @property
    def _port(self) -> int:
        return self._tcp_port or _SOCKET_PORT

    @cached_property
    def _password(self) -> str:
        record = self.home / "TCP_PASSWORD"
        if not record.exists():
            side = record.with_name(f"TCP_PASSWORD.{os.getpid()}")
            side.touch(mode=0o600)
            side.write_text(secrets.token_urlsafe(24))
            with suppress(FileExistsError):  # another process was first
                record.hardlink_to(side)
            side.unlink()
        return record.read_text()

    # -- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Return with a server that answers: a new one, or the one that is running already."""
        with self._alone():
            found = self.running()
            try:
                self._serve()
            except LocalPostgresFailed:
                if not found or self.running():
                    raise
                self._serve()  # what we found was dying: a killed server takes a moment to go

    def _serve(self) -> None:
        if self.running():
            self._refuse_another_port()
            self._await_ready()
        else:
            self._sweep()
            if not (self._data / "PG_VERSION").exists():
                self._initialise()
            self._refuse_another_version()
            self._launch()
        self._psql(_ROLES)
        if self._tcp_port:
            self._psql(_PASSWORDS, password=self._password)

    def running(self) -> bool:
        """Whether a live server holds the cluster; a zombie or a reused process id does not."""
        if self._process is not None:
            self._process.poll()  # reaps our own child, should it be dead
        record = self._pid_file()
        return record is not None and serves(record.pid, self._data)

    def stop(self, mode: StopMode | None = None, *, reused: bool = False) -> None:
        """Stop the server this object started; one found running only with `reused=True`."""
        with self._alone():
            record = self._pid_file()
            if record is None or not self.running():
                return
            ours = self._process is not None and self._process.pid == record.pid
            if not (ours or reused):
                return
            chosen = mode or ("immediate" if self._throwaway else "fast")
            os.kill(record.pid, _SIGNALS[chosen])
            deadline = time.monotonic() + _STOP_SECONDS
            while serves(record.pid, self._data):
                if time.monotonic() > deadline:
                    raise LocalPostgresFailed(f"PostgreSQL did not stop:\n{self._log_tail()}")
                time.sleep(_POLL_SECONDS)
            if self._process is not None and ours:
                self._process.wait(_STOP_SECONDS)

    def discard(self) -> None:
        """Stop a throw-away server and delete all it made; a lasting one is never deleted."""
        if not self._throwaway:
            raise LocalPostgresFailed("only a throw-away server may be discarded")
        self.stop()
        if self.running():
            raise LocalPostgresFailed(f"another process started the server of {self.home}")
        for folder in (self.socket_dir, self.home, self._places.root):
            shutil.rmtree(folder, ignore_errors=True)

    def ensure_database(self, name: str) -> None:
        """Create the database for the owner role and let the service role connect to it."""
        if not _DATABASE_NAME.fullmatch(name):
            raise LocalPostgresFailed(f"not a database name: {name!r}")
        with self._alone():
            self._psql(_DATABASE, name=name)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            handle = os.open(self.home / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError as error:
            raise LocalPostgresFailed(f"{self.home} belongs to another account") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _initialise(self) -> None:
        # Beside, then renamed: a half-made cluster is never mistaken for a good one.
        side = self.home / "data.new"
        shutil.rmtree(side, ignore_errors=True)
        side.mkdir(mode=0o700)
        if self._places.account is not None:
            os.chown(side, *self._places.account)
        options = ["-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions"]
        if int(version(self.bin_dir).split(".")[0]) >= _BUILTIN_LOCALE_SINCE:
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self._throwaway:
            options += ["--no-sync"]
        options += ["--auth-local=trust", "--auth-host=scram-sha-256", "-U", SUPERUSER]
        self._tool("initdb", "-D", str(side), *options)
        side.rename(self._data)

    def _launch(self) -> None:
        log = self.home / "server.log"
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        arguments = [str(self.bin_dir / "postgres"), "-D", str(self._data)]
        for name, value in self._settings().items():
            arguments += ["-c", f"{name}={value}"]
        with log.open("ab") as sink:
            # Not pg_ctl: its options pass through a shell, and its child is not ours to reap.
            self._process = subprocess.Popen(  # noqa: S603 - an argument list; the program is ours
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd="/",
                env=environment(),
                start_new_session=True,  # the terminal's Ctrl-C must not reach the server
                **(self._places.account.identity() if self._places.account else {}),
            )
        self._await_ready()

    def _settings(self) -> dict[str, str]:
        settings = {
            "unix_socket_directories": f'"{self.socket_dir}"',
            "listen_addresses": "127.0.0.1" if self._tcp_port else "",
            "port": str(self._port),
            "max_connections": "200",
            "shared_buffers": "256MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if self._throwaway:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return settings

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            running = self.running()
            record = self._pid_file()
            if running and record is not None and record.ready:
                return
            starting = self._process is not None and self._process.poll() is None
            if not (running or starting) or time.monotonic() > deadline:
                raise LocalPostgresFailed(f"PostgreSQL did not start:\n{self._log_tail()}")
            time.sleep(_POLL_SECONDS)

    def _sweep(self) -> None:
        """Clear what a killed server left, or the next one would refuse to start."""
        if not can_look():
            return  # PostgreSQL's own checks must do
        # Orphaned backends hold the shared memory for as long as their statement takes.
        for ending, patience in ((None, 3), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            for pid in servers_of(self._data) if ending else ():
                with suppress(ProcessLookupError):
                    os.kill(pid, ending or 0)
            deadline = time.monotonic() + patience
            while servers_of(self._data) and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
        if not servers_of(self._data):
            (self._data / "postmaster.pid").unlink(missing_ok=True)
            for leftover in self.socket_dir.glob(".s.PGSQL.*"):
                leftover.unlink(missing_ok=True)

    @property
    def _data(self) -> Path:
        return self._places.data

    def _pid_file(self) -> _PidFile | None:
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            ready = lines[7:8] != [] and lines[7].strip() == "ready"
            return _PidFile(int(lines[0]), int(lines[3]), ready)
        except PermissionError as error:
            raise LocalPostgresFailed(f"{self._data} belongs to another account") from error
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _refuse_another_port(self) -> None:
        record = self._pid_file()
        if record is not None and record.port != self._port:
            raise LocalPostgresFailed(
                f"the server in {self.home} runs with port {record.port}, not {self._port};"
                " stop it first"
            )

    def _refuse_another_version(self) -> None:
        made_by = (self._data / "PG_VERSION").read_text().strip()
        if made_by != version(self.bin_dir).split(".")[0]:
            raise LocalPostgresFailed(
                f"{self._data} was made by PostgreSQL {made_by}, which {self.bin_dir} is not:"
                " dump it with that version and load it with this one"
            )

    def _psql(self, script: str, **variables: str) -> None:
        # Values go in by standard input: arguments are for every account to read.
        variables |= {"owner": OWNER_ROLE, "service": SERVICE_ROLE}
        settings = "".join(f"\\set {name} '{value}'\n" for name, value in variables.items())
        place = ["-h", str(self.socket_dir), "-p", str(self._port), "-U", SUPERUSER]
        options = ["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", "postgres"]
        self._tool("psql", *options, *place, text=settings + script)

    def _tool(self, name: str, *arguments: str, text: str = "") -> None:
        result = run([str(self.bin_dir / name), *arguments], self._places.account, text)
        if result.returncode != 0:
            raise LocalPostgresFailed(f"{name} failed:\n{result.stderr.strip()[-2000:]}")

    def _log_tail(self) -> str:
        with suppress(OSError):
            text = (self.home / "server.log").read_text(errors="replace")
            return "\n".join(text.splitlines()[-15:])
        return "(no log)"
