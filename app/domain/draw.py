"""draw-v1 from commitments to winners (DRAW.md sections 2 and 3): rules over bytes, nothing else.

Codes, commitments, the seed, keys, tickets, and the selection of the smallest tickets. No
generator, float, locale or row order takes part, so any party repeats it and gets the same bytes.
It refuses to know more than it needs: the secret comes in as a value, nothing here keeps one, and
nothing here says whether a step is allowed now (the state machine and the database do).
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice
from math import isqrt
from typing import Protocol

from app.domain.canonical import canonical, sha256_hex
from app.domain.errors import RuleError
from app.domain.refusals.draw_rules import (
    CONTRIBUTION_FORM,
    CONTRIBUTION_MISMATCH,
    CONTRIBUTORS_INCOMPLETE,
    DRAW_CODE_FORM,
)

ALGORITHM = "draw-v1"
NO_BEACON = ""
_CODE = re.compile(r"[0-9A-Z][0-9A-Z._-]{0,63}")
_HASH = re.compile(r"[0-9a-f]{64}")
_CONTRIBUTION = re.compile(r"[0-9A-Za-z._-]{0,64}\.[0-9a-f]{32}")
_PORTION = 8192
_TICKETS = 1 << 256


class HashState(Protocol):
    """The part of a hashlib object that tickets need."""

    def copy(self) -> "HashState": ...
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


def is_code(text: str) -> bool:
    """Whether the text has the form of a code: `[0-9A-Z][0-9A-Z._-]{0,63}`."""
    return _CODE.fullmatch(text) is not None


def check_code(text: str, field: str) -> str:
    """The code itself, or a refusal that names the field (never the input)."""
    if not is_code(text):
        raise RuleError(DRAW_CODE_FORM, field=field)
    return text


def is_hash(text: str) -> bool:
    """Whether the text is 64 lower-case hex characters (a hash, a secret, a beacon value)."""
    return _HASH.fullmatch(text) is not None


# --- commitments and seed ---------------------------------------------------------------------


def server_commit(draw_no: str, secret: str) -> str:
    """What the manifest shows of the sealed secret (64 hex from the operating system)."""
    _need_hash(secret, "secret")
    return sha256_hex(f"draw-v1/commit\n{draw_no}\n{secret}")


def is_contribution(value: str) -> bool:
    """Whether a value has the form TEXT.RANDOM, so that it cannot be guessed from its hash."""
    return _CONTRIBUTION.fullmatch(value) is not None


def check_contribution(value: str) -> str:
    """The value itself, or a refusal."""
    if not is_contribution(value):
        raise RuleError(CONTRIBUTION_FORM)
    return value


def contribution_commit(manifest_sha: str, who: str, value: str) -> str:
    """What a contributor publishes before anyone opens."""
    return sha256_hex(f"draw-v1/contribution\n{manifest_sha}\n{who}\n{value}")


def check_opening(manifest_sha: str, who: str, value: str, commitment: str) -> None:
    """Refuse an opened value that is malformed or is not the one committed to."""
    check_contribution(value)
    if contribution_commit(manifest_sha, who, value) != commitment:
        raise RuleError(CONTRIBUTION_MISMATCH, who=who)


def commits_sha(commits: Mapping[str, str]) -> str:
    """The hash of all commitments, which every contributor notes before opening."""
    return sha256_hex(canonical(dict(commits)))


def check_complete(contributors: Iterable[str], given: Iterable[str]) -> None:
    """Refuse unless exactly the contributors named in the manifest have given."""
    named, present = set(contributors), set(given)
    missing, unknown = sorted(named - present), sorted(present - named)
    if missing or unknown:
        raise RuleError(CONTRIBUTORS_INCOMPLETE, missing=missing, unknown=unknown)


def public_string(contributions: Mapping[str, str]) -> str:
    """`who=value` of all contributors, in order of who, joined by `;`."""
    return ";".join(f"{who}={contributions[who]}" for who in sorted(contributions))


def draw_seed(manifest_sha: str, secret: str, public: str, beacon: str = NO_BEACON) -> str:
    """The seed; `beacon` is 64 hex, or empty when the manifest names none."""
    _need_hash(manifest_sha, "manifest_sha")
    _need_hash(secret, "secret")
    if beacon != NO_BEACON:
        _need_hash(beacon, "beacon")
    return sha256_hex(
        f"draw-v1/seed\nmanifest:{manifest_sha}\nserver:{secret}\npublic:{public}\nbeacon:{beacon}"
    )


@dataclass(frozen=True, slots=True)
class DrawKeys:
    """One key per purpose, so that no ticket means two things."""

    object: str
    task: str
    officer: str

    def as_json(self) -> dict[str, str]:
        """As the bundle has it."""
        return {"object": self.object, "task": self.task, "officer": self.officer}


def draw_keys(seed: str) -> DrawKeys:
    """The keys of the three purposes."""
    object_, task, officer = (
        sha256_hex(f"draw-v1/key\n{purpose}\n{seed}") for purpose in ("object", "task", "officer")
    )
    return DrawKeys(object_, task, officer)


def ticket(key: str, subject: str) -> str:
    """The ticket of a code (or of `object|officer`) under one of the keys, as hex."""
    return sha256_hex(f"{key}:{subject}")


def ticket_hash(key: str, prefix: str = "") -> HashState:
    """The hash state after `key:prefix`; copied for each code, it saves a block of hashing."""
    return hashlib.sha256(f"{key}:{prefix}".encode())


# --- selection --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Ranked:
    """One object with its ticket; these sort as ranks do (equal tickets by code)."""

    ticket: str
    code: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The winners and the reserve of every stratum, each in order of rank."""

    selected: Mapping[str, tuple[Ranked, ...]]
    reserve: Mapping[str, tuple[Ranked, ...]]

    @property
    def cutoff(self) -> dict[str, str]:
        """The ticket of each stratum's last winner; no key where nothing is drawn."""
        return {s: ranks[-1].ticket for s, ranks in self.selected.items() if ranks}

    def codes(self, stratum: str) -> list[str]:
        """The winners of a stratum, by rank."""
        return [ranked.code for ranked in self.selected[stratum]]

    def all_codes(self) -> list[str]:
        """The winners of all strata, in no order that matters (teams have their own)."""
        return [ranked.code for s in sorted(self.selected) for ranked in self.selected[s]]


class SelectionPass:
    """One pass over the pool's lines, pushed in portions, that keeps the smallest tickets.

    The fast pass (`full=False`) keeps tickets below a threshold that k + reserve objects stay
    under except once in many million draws; `outcome()` then returns None and the caller repeats
    with `full=True`, which is exact for any tickets. Both use memory for the winners alone.
    """

    def __init__(
        self,
        key: str,
        quota: Mapping[str, int],
        strata: Mapping[str, int],
        reserve: int,
        *,
        full: bool = False,
    ) -> None:
        """`strata`: sizes by stratum; `quota`: how many of each are drawn; `reserve`: of each."""
        self._base = ticket_hash(key)
        self._quota = dict(quota)
        self._want = {s.encode(): min(quota[s] + reserve, strata[s]) for s in strata}
        self._sizes = {s.encode(): size for s, size in strata.items()}
        self._limits = {
            s: (_TICKETS - 1 if full else threshold(self._want[s], size)).to_bytes(32, "big")
            for s, size in self._sizes.items()
        }
        self._highest = max(self._limits.values(), default=bytes(32))
        self._kept: dict[bytes, list[tuple[bytes, bytes]]] = {s: [] for s in self._want}
        self._lines = 0

    def add(self, lines: Iterable[bytes]) -> None:
        """Take in pool lines (without LF), in any order and in portions of any size."""
        source = iter(lines)
        while portion := list(islice(source, _PORTION)):
            self._lines += len(portion)
            copy, highest = self._base.copy, self._highest
            for line in portion:
                code, _, rest = line.partition(b"\t")
                state = copy()
                state.update(code)
                digest = state.digest()
                if digest <= highest:
                    self._keep(digest, code, rest.partition(b"\t")[0])
            self._shrink()

    def outcome(self) -> Selection | None:
        """The selection; None when the fast pass kept too few and a full pass must follow."""
        if self._lines != sum(self._sizes.values()):
            raise ValueError("the lines passed are not as many as the strata say")
        selected: dict[str, tuple[Ranked, ...]] = {}
        reserve: dict[str, tuple[Ranked, ...]] = {}
        for stratum in sorted(self._kept):
            want = self._want[stratum]
            if len(self._kept[stratum]) < want:
                return None
            best = nsmallest(want, self._kept[stratum])
            ranks = tuple(Ranked(digest.hex(), code.decode()) for digest, code in best)
            name = stratum.decode()
            selected[name] = ranks[: self._quota[name]]
            reserve[name] = ranks[self._quota[name] :]
        return Selection(selected, reserve)

    def _keep(self, digest: bytes, code: bytes, stratum: bytes) -> None:
        if digest <= self._limits[stratum]:
            self._kept[stratum].append((digest, code))

    def _shrink(self) -> None:
        for stratum, kept in self._kept.items():
            want = self._want[stratum]
            if len(kept) > 2 * want + _PORTION:
                kept.sort()
                del kept[want:]


def threshold(want: int, size: int) -> int:
    """The largest ticket worth keeping: (k + 8√k + 64) · 2^256 / N, √ rounded up, as an integer."""
    if want == 0:
        return 0
    enough = want + 8 * (isqrt(want) + 1) + 64
    return _TICKETS - 1 if enough >= size else enough * _TICKETS // size


def select(
    lines: Callable[[], Iterable[bytes]],
    key: str,
    quota: Mapping[str, int],
    strata: Mapping[str, int],
    reserve: int,
) -> Selection:
    """The winners of a pool that can be read again: a fast pass, then a full one if it must be."""
    for full in (False, True):
        one_pass = SelectionPass(key, quota, strata, reserve, full=full)
        one_pass.add(lines())
        outcome = one_pass.outcome()
        if outcome is not None:
            return outcome
    raise ValueError("the pool does not hold as many objects of a stratum as it should")


def _need_hash(text: str, field: str) -> None:
    if not is_hash(text):
        # The text may be the secret: it must not reach a message.
        raise ValueError(f"{field} must be 64 lower-case hex characters")
