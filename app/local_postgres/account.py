"""The account the database server runs as, and what that account can reach.

PostgreSQL refuses to run as root, so root hands the cluster to `postgres` or `nobody`. Whether that
account can reach a folder is tried as that account: mode bits alone do not know about access lists
or mounts. This module refuses to open a folder that is not ours.
"""

import os
import pwd
import stat
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

_USUAL_ACCOUNTS = ("postgres", "nobody")


class LocalPostgresFailed(Exception):
    """The local server cannot be had; the message tells the operator why."""


class Account(NamedTuple):
    """The ids that a child process takes on."""

    uid: int
    gid: int

    def identity(self) -> dict[str, Any]:
        """Return the arguments of `subprocess` that make a child run as this account alone."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def unprivileged(os_user: str | None) -> Account | None:
    """None when we are not root; otherwise the named account, or the usual ones."""
    if os.geteuid() != 0:
        return None
    names = (os_user,) if os_user else _USUAL_ACCOUNTS
    for name in names:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid != 0:
                return Account(entry.pw_uid, entry.pw_gid)
    raise LocalPostgresFailed(f"no unprivileged account to run PostgreSQL as: {', '.join(names)}")


def owner_of(folder: Path) -> Account | None:
    """Return who owns the folder, unless that is root or nobody can tell."""
    with suppress(OSError):
        facts = folder.stat()
        if facts.st_uid != 0:
            return Account(facts.st_uid, facts.st_gid)
    return None


def run(
    command: list[str], account: Account | None = None, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a program as the account, in an environment that owes nothing to the caller's."""
    return subprocess.run(  # noqa: S603 - an argument list, no shell; the programs are ours
        command,
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        cwd="/",
        env=environment(),
        start_new_session=True,  # the terminal's Ctrl-C must not cut an initdb in half
        **(account.identity() if account else {}),
    )


def environment() -> dict[str, str]:
    """Return the environment of every child: the locale is ours, not the terminal's."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def can_enter(account: Account, folder: Path) -> bool:
    """Whether the account can reach the folder through all its parents."""
    return run(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)], account).returncode == 0


def can_run(account: Account, program: Path) -> bool:
    """Whether the account can start the program, its libraries included."""
    try:
        return run([str(program), "--version"], account).returncode == 0
    except OSError:
        return False


def claim(folder: Path, owner: Account | None, mode: int) -> bool:
    """Make the folder and give it to the owner, or accept one that nobody else can write."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        facts = folder.lstat()
        trusted = facts.st_uid in {os.geteuid(), owner.uid if owner else os.geteuid()}
        return stat.S_ISDIR(facts.st_mode) and trusted and not facts.st_mode & 0o022
    except OSError:
        return False
    folder.chmod(mode)
    if owner is not None:
        os.chown(folder, *owner)
    return True


def open_to_read(tree: Path) -> None:
    """Let everybody read a copy that we made ourselves from a tree with a stricter umask."""
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            runs = path.is_dir() or mode & stat.S_IXUSR
            path.chmod(stat.S_IMODE(mode) | (0o055 if runs else 0o044))
