"""Which processes serve a cluster. It refuses to take a process id at its word.

A killed server that nobody has reaped is a zombie: kill(pid, 0) and `pg_ctl status` call it
running. After a reboot its number may belong to a browser. So we ask what the process is and where
it stands.
"""

import os
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_PROGRAM = "postgres"


def can_look() -> bool:
    """Whether this system shows its processes as files (Linux does)."""
    return (_PROC / "self" / "stat").exists()


def serves(pid: int, data: Path) -> bool:
    """Whether the process is a live PostgreSQL standing in this data folder."""
    if not can_look():
        return _exists(pid)
    try:
        return _stands_in(pid, data)
    except PermissionError:
        # Root in a container may not look into the processes of other accounts. The number is from
        # the cluster's own file, so its name and being alive must do.
        return _name_and_state(pid)[0] == _PROGRAM and _name_and_state(pid)[1] not in {"Z", "X"}


def servers_of(data: Path) -> list[int]:
    """Return every process of the cluster, orphaned backends included."""
    return list(_servers_of(data))


def _servers_of(data: Path) -> Iterator[int]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                if _stands_in(int(entry.name), data):
                    yield int(entry.name)
            except PermissionError:
                continue  # not ours to judge, and never ours to end


def _stands_in(pid: int, data: Path) -> bool:
    place = _PROC / str(pid)
    try:
        program = (place / "exe").readlink().name
        return program.startswith(_PROGRAM) and (place / "cwd").readlink() == data
    except (FileNotFoundError, ProcessLookupError):  # gone, or a zombie
        return False


def _name_and_state(pid: int) -> tuple[str, str]:
    try:
        head, _, tail = (_PROC / str(pid) / "stat").read_text().rpartition(")")
    except (FileNotFoundError, ProcessLookupError):
        return "", "X"
    return head.partition("(")[2], tail.split()[0]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
