"""The five frozen files of a draw (DRAW.md section 1): their lines, their order, their digests.

A line is fields separated by TAB; lines are strictly increasing by bytes and each is ended by LF.
Everything the outcome depends on stands in these files, so it refuses any line that another party
might read otherwise: a code in lower case, a leading zero, CRLF, a missing last LF, a repeated
code. It does not look anything up: what belongs in a file is decided before.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from operator import lt

from app.domain.canonical import MAX_INTEGER
from app.domain.errors import RuleError
from app.domain.merkle import MerkleTree
from app.domain.refusals.draw_rules import FROZEN_FILE_INVALID, FROZEN_FILES_OVERLAP

NOWHERE = "-"  # an object without a region
EVERYWHERE = "-"  # an officer without a limit of region
_PORTION = 8192


class FrozenFile(StrEnum):
    """The files by the names that the manifest and the bundle give them."""

    POOL = "pool"
    EXCLUDED = "excluded"
    OFFICERS = "officers"
    OFFICERS_EXCLUDED = "officers_excluded"
    RECUSALS = "recusals"


@dataclass(frozen=True, slots=True, order=True)
class PoolLine:
    """An object that may be drawn; `weight` is kept for reports, draw-v1 does not use it."""

    object_code: str
    stratum: str
    weight: int = 1
    region: str = NOWHERE

    def render(self) -> bytes:
        """The line without LF."""
        return f"{self.object_code}\t{self.stratum}\t{self.weight}\t{self.region}".encode()


@dataclass(frozen=True, slots=True, order=True)
class ExcludedLine:
    """An object of the task's scope that is not in the pool, and why."""

    object_code: str
    reason: str

    def render(self) -> bytes:
        """The line without LF."""
        return f"{self.object_code}\t{self.reason}".encode()


@dataclass(frozen=True, slots=True, order=True)
class OfficerLine:
    """An officer who may be drawn; `regions` are prefixes of area codes, none is everywhere."""

    officer_code: str
    department_code: str
    lead: bool
    load: int
    regions: tuple[str, ...] = ()

    def render(self) -> bytes:
        """The line without LF; regions in increasing order."""
        regions = ",".join(sorted(self.regions)) or EVERYWHERE
        fields = (self.officer_code, self.department_code, "01"[self.lead], self.load, regions)
        return "\t".join(map(str, fields)).encode()


@dataclass(frozen=True, slots=True, order=True)
class OfficerExcludedLine:
    """An officer of the participating departments who may not be drawn, and why."""

    officer_code: str
    reason: str

    def render(self) -> bytes:
        """The line without LF."""
        return f"{self.officer_code}\t{self.reason}".encode()


@dataclass(frozen=True, slots=True, order=True)
class RecusalLine:
    """An officer and an object that may not meet."""

    officer_code: str
    object_code: str

    def render(self) -> bytes:
        """The line without LF."""
        return f"{self.officer_code}\t{self.object_code}".encode()


Line = PoolLine | ExcludedLine | OfficerLine | OfficerExcludedLine | RecusalLine

_C = rb"[0-9A-Z][0-9A-Z._-]{0,63}"
_N = rb"(?:0|[1-9][0-9]{0,15})"
_FORM: Mapping[FrozenFile, bytes] = {
    FrozenFile.POOL: _C + rb"\t" + _C + rb"\t([1-9][0-9]{0,15})\t(?:-|[0-9]+)",
    FrozenFile.EXCLUDED: _C + rb"\t" + _C,
    FrozenFile.OFFICERS: _C + rb"\t" + _C + rb"\t[01]\t(" + _N + rb")\t(-|[0-9]+(?:,[0-9]+)*)",
    FrozenFile.OFFICERS_EXCLUDED: _C + rb"\t" + _C,
    FrozenFile.RECUSALS: _C + rb"\t" + _C,
}
_LINE = {file: re.compile(form) for file, form in _FORM.items()}
# Lines of which the form alone says that they are right; None where fields must be looked at.
_PLAIN: Mapping[FrozenFile, re.Pattern[bytes] | None] = _LINE | {
    FrozenFile.POOL: re.compile(_FORM[FrozenFile.POOL].replace(b"{0,15}", b"{0,14}")),
    FrozenFile.OFFICERS: None,
}


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the manifest says of a file; `root` and `strata` only of the pool."""

    size: int
    sha256: str
    root: str | None = None
    strata: Mapping[str, int] | None = None

    def as_json(self) -> dict[str, object]:
        """As the manifest has it."""
        facts: dict[str, object] = {"size": self.size, "sha256": self.sha256}
        return facts if self.root is None else facts | {"root": self.root}


class FileReader:
    """Takes the lines of one file in order, in portions, checks each, and digests them.

    Nothing is kept but the last line: the memory does not grow with the file.
    """

    def __init__(self, file: FrozenFile) -> None:
        """`file` says which form the lines must have."""
        self._file = file
        self._size = 0
        self._last = b""
        self._sha256 = hashlib.sha256()
        self._tree = MerkleTree() if file is FrozenFile.POOL else None
        self._strata: Counter[bytes] = Counter()

    def add(self, lines: Iterable[bytes]) -> None:
        """Append lines without LF; RuleError names the first that breaks a rule."""
        source = iter(lines)
        while portion := list(islice(source, _PORTION)):
            self._check(portion)
            self._size += len(portion)
            self._last = portion[-1]
            self._sha256.update(b"\n".join(portion))
            self._sha256.update(b"\n")
            if self._tree is not None:
                self._tree.add(portion)
                self._strata.update([line.split(b"\t", 2)[1] for line in portion])

    def facts(self) -> FileFacts:
        """Size and digest, and for the pool its root and the size of each stratum."""
        digest = self._sha256.hexdigest()
        if self._tree is None:
            return FileFacts(self._size, digest)
        strata = {s.decode(): self._strata[s] for s in sorted(self._strata)}
        return FileFacts(self._size, digest, self._tree.root(), strata)

    def _check(self, portion: list[bytes]) -> None:
        # The quick test answers for the whole portion; only a doubt looks at each line.
        paired = self._file is FrozenFile.RECUSALS
        firsts = portion if paired else list(map(_first, portion))
        previous = self._last if paired else _first(self._last)
        ordered = previous < firsts[0] and all(map(lt, firsts, islice(firsts, 1, None)))
        plain = _PLAIN[self._file]
        if ordered and plain is not None and all(map(plain.fullmatch, portion)):
            return
        for at, (line, first) in enumerate(zip(portion, firsts, strict=True), self._size + 1):
            found = _LINE[self._file].fullmatch(line)
            if found is None:
                self._refuse(at, "form")
            elif found.re.groups:
                self._check_fields(found, at)
            if not previous < first:
                self._refuse(at, "order")
            previous = first

    def _check_fields(self, found: re.Match[bytes], at: int) -> None:
        number = found[1]
        if len(number) > 15 and int(number) > MAX_INTEGER:  # noqa: PLR2004 ten to the 15th is less
            self._refuse(at, "number")
        if self._file is FrozenFile.OFFICERS:
            regions = found[2].split(b",")
            if not all(map(lt, regions, regions[1:])):
                self._refuse(at, "regions")

    def _refuse(self, at: int, rule: str) -> None:
        raise RuleError(FROZEN_FILE_INVALID, file=str(self._file), line=at, rule=rule)


def read_facts(file: FrozenFile, content: bytes) -> FileFacts:
    """Check a whole file and digest it."""
    reader = FileReader(file)
    reader.add(split_lines(file, content))
    return reader.facts()


def split_lines(file: FrozenFile, content: bytes) -> list[bytes]:
    """The lines of a file without LF; every line, the last included, must be ended by one."""
    if not content:
        return []
    lines = content.split(b"\n")
    if lines.pop():
        raise RuleError(
            FROZEN_FILE_INVALID, file=str(file), line=len(lines) + 1, rule="last_line_without_lf"
        )
    return lines


def freeze_file(file: FrozenFile, rows: Iterable[Line]) -> tuple[bytes, FileFacts]:
    """The bytes of a file from rows in any order, and what the manifest says of it.

    Refuses what a reader would refuse.
    """
    lines = sorted([row.render() for row in rows])
    reader = FileReader(file)
    reader.add(lines)
    content = b"\n".join(lines) + b"\n" if lines else b""
    return content, reader.facts()


def read_pool(lines: Iterable[bytes]) -> list[PoolLine]:
    """Rows of checked pool lines (of a small pool, or of winners)."""
    rows = (line.decode().split("\t") for line in lines)
    return [PoolLine(code, stratum, int(weight), region) for code, stratum, weight, region in rows]


def read_officers(lines: Iterable[bytes]) -> list[OfficerLine]:
    """Rows of checked officer lines."""
    return [
        OfficerLine(
            code,
            department,
            lead == "1",
            int(load),
            () if regions == EVERYWHERE else tuple(regions.split(",")),
        )
        for code, department, lead, load, regions in (line.decode().split("\t") for line in lines)
    ]


def read_recusals(lines: Iterable[bytes]) -> list[RecusalLine]:
    """Rows of checked recusal lines."""
    return [RecusalLine(*line.decode().split("\t")) for line in lines]


def read_excluded(lines: Iterable[bytes]) -> dict[str, str]:
    """Code to reason, of checked lines of either file of exclusions."""
    rows = (line.decode().partition("\t") for line in lines)
    return {code: reason for code, _, reason in rows}


def check_disjoint(
    first: FrozenFile, first_lines: Iterable[bytes], second: FrozenFile, lines: Iterable[bytes]
) -> None:
    """Refuse when a code stands in both files: scope is pool ∪ excluded, disjoint.

    A merge of two sorted files: memory stays flat.
    """
    left, right = iter(map(_first, first_lines)), iter(map(_first, lines))
    a, b = next(left, None), next(right, None)
    while a is not None and b is not None:
        if a == b:
            raise RuleError(
                FROZEN_FILES_OVERLAP, value=a.decode(), first=str(first), second=str(second)
            )
        if a < b:
            a = next(left, None)
        else:
            b = next(right, None)


def compare_files(before: Sequence[bytes], after: Sequence[bytes]) -> tuple[list[str], list[str]]:
    """Lines gone and lines new between two frozen scopes, as published when a draw is replaced."""
    old, new = set(before), set(after)
    gone = [line.decode() for line in before if line not in new]
    return gone, [line.decode() for line in after if line not in old]


def _first(line: bytes) -> bytes:
    return line.partition(b"\t")[0]
