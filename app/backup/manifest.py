"""The manifest of a backup: every file with its digest, and what the restored database must hold.

It is written last: a folder without it is no backup. Its own digest is printed when it is made and
should be kept elsewhere, for who can change the folder can change the manifest, too.
"""

import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.backup.programs import BackupFailed

NAME = "manifest.json"
DUMP = "database.dump"
ANCHORS = "audit-anchors.jsonl"
FILES = "files"
KEYS_NOTE = (
    "The keys are NOT in this backup: keep SUNLOT_SEAL_KEY and SUNLOT_SECRET_KEY elsewhere. Without"
    " the seal key no draw that is still open can be revealed."
)
_BLOCK = 1 << 20
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FileEntry(_Part):
    """A file of the backup, by its path inside the folder."""

    path: str
    bytes: _Count
    sha256: _Sha256


class TableEntry(_Part):
    """A table: how many rows, and the sum of their hashes."""

    rows: _Count
    checksum: str


class Head(_Part):
    """The head of an audit chain at the moment of the backup."""

    chain: str
    seq: _Count
    hash: _Sha256


class Manifest(_Part):
    """What a backup holds."""

    format: Literal["sunlot-backup-1"] = "sunlot-backup-1"
    made_at: str
    database: str
    schema_revision: str
    server_version: str
    server_major: int
    keys_included: Literal[False] = False
    note: str = KEYS_NOTE
    anchors_included: bool
    tables: Mapping[str, TableEntry]
    heads: Sequence[Head]
    files: Sequence[FileEntry]

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(table.rows for table in self.tables.values())


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    made = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            made.update(block)
    return made.hexdigest()


def entries(folder: Path) -> list[FileEntry]:
    """Every file in the folder but the manifest, by path."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise BackupFailed(f"{path} is a link: a backup holds files only")
        if path.is_file() and name != NAME:
            found.append(FileEntry(path=name, bytes=path.stat().st_size, sha256=digest(path)))
    return found


def write(folder: Path, manifest: Manifest) -> str:
    """Put the manifest in its folder, on disk before it has its name; returns its digest."""
    side = folder / f"{NAME}.part"
    text = json.dumps(manifest.model_dump(), ensure_ascii=False, indent=1, sort_keys=True)
    with side.open("w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    side.chmod(0o600)
    side.replace(folder / NAME)
    return digest(folder / NAME)


def read(folder: Path, expected_sha256: str | None = None) -> Manifest:
    """The manifest, after every file has been compared with it; raises BackupFailed."""
    path = folder / NAME
    if not path.is_file():
        raise BackupFailed(f"{folder} is no backup: it has no {NAME}")
    if expected_sha256 is not None and digest(path) != expected_sha256.lower():
        raise BackupFailed(f"{path} is another manifest than the one whose digest was given")
    try:
        manifest = Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise BackupFailed(f"{path} is no manifest that this release reads") from error
    _compare(folder, manifest)
    return manifest


def _compare(folder: Path, manifest: Manifest) -> None:
    """Every file as the manifest says, and no other."""
    listed = {entry.path: entry for entry in manifest.files}
    for name in listed:
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts:
            raise BackupFailed("the manifest names a file outside its folder")
    faults = []
    present = {entry.path: entry for entry in entries(folder)}
    for name in sorted(listed.keys() | present.keys()):
        if name not in present:
            faults.append(f"{name} is missing")
        elif name not in listed:
            faults.append(f"{name} is not in the manifest")
        elif present[name] != listed[name]:
            faults.append(f"{name} is not what was backed up (size or SHA-256 differs)")
    if DUMP not in listed:
        faults.append(f"{DUMP} is not in the manifest")
    if faults:
        raise BackupFailed("the backup is damaged: " + "; ".join(faults[:20]))


def instant(now: dt.datetime) -> str:
    """An instant in UTC, to the second."""
    return now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
