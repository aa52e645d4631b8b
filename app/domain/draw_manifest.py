"""The manifest of a draw (DRAW.md section 2): everything that is fixed before any seed exists.

A `Manifest` that exists is valid: it checks itself when made, and it recomputes the quota from the
rule. It refuses what would leave the outcome open or contestable: a code that is no code, a quota
that does not follow from the rule, a stratum drawn whole or not at all without a note, contributors
out of order, an instant that is not UTC. It does not fetch or freeze anything.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from app.domain.canonical import MAX_INTEGER, canonical, sha256_hex
from app.domain.draw import ALGORITHM, is_code, is_hash
from app.domain.draw_files import FileFacts, FrozenFile
from app.domain.errors import RuleError
from app.domain.quota import QuotaRule, extreme_strata, quota_rule, quotas
from app.domain.refusals.draw_rules import MANIFEST_INVALID

NONE = "none"  # in `supersedes` and `beacon`; a code has no lower-case letters, so no code is this
MAY_BE_WITHHELD = (
    FrozenFile.OFFICERS.value,
    FrozenFile.OFFICERS_EXCLUDED.value,
    FrozenFile.RECUSALS.value,
)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


@dataclass(frozen=True, slots=True)
class TeamDepartment:
    """What one department gives to each team; the lead department stands first in the manifest."""

    code: str
    members: int
    lead: bool

    def as_json(self) -> dict[str, object]:
        """As the manifest has it."""
        return {"code": self.code, "members": self.members, "lead": self.lead}


@dataclass(frozen=True, slots=True)
class Beacon:
    """A public randomness beacon's round, named in advance and due after `close_at`."""

    chain: str
    round: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Every fact that the outcome depends on. `strata` are those of `pool.strata`."""

    draw_no: str
    task: str
    rehearsal: bool
    supersedes: str
    pool: FileFacts
    excluded: FileFacts
    strata: Mapping[str, int]
    quota_rule: QuotaRule
    quota_note: str
    reserve: int
    officers: FileFacts
    officers_excluded: FileFacts
    recusals: FileFacts
    withheld: tuple[str, ...]
    departments: tuple[TeamDepartment, ...]
    cap: int
    server_commit: str
    contributors: tuple[str, ...]
    close_at: str
    public_source: str
    beacon: Beacon | None = None

    def __post_init__(self) -> None:
        """Refuse to exist with anything wrong."""
        _check_names(self)
        _check_files(self)
        _check_quota(self)
        _check_teams(self)
        _check_contributors(self)

    @property
    def quota(self) -> dict[str, int]:
        """How many of each stratum are drawn, by the rule."""
        return quotas(self.quota_rule, self.strata)

    def as_json(self) -> dict[str, object]:
        """The manifest as a JSON object."""
        beacon = self.beacon
        return {
            "alg": ALGORITHM,
            "draw_no": self.draw_no,
            "task": self.task,
            "rehearsal": self.rehearsal,
            "supersedes": self.supersedes,
            "pool": self.pool.as_json(),
            "excluded": self.excluded.as_json(),
            "strata": dict(self.strata),
            "quota_rule": self.quota_rule.as_json(),
            "quota": self.quota,
            "quota_note": self.quota_note,
            "reserve": self.reserve,
            "officers": self.officers.as_json(),
            "officers_excluded": self.officers_excluded.as_json(),
            "recusals": self.recusals.as_json(),
            "withheld": list(self.withheld),
            "teams": {"departments": [d.as_json() for d in self.departments], "cap": self.cap},
            "server_commit": self.server_commit,
            "contributors": list(self.contributors),
            "close_at": self.close_at,
            "public_source": self.public_source,
            "beacon": NONE if beacon is None else {"chain": beacon.chain, "round": beacon.round},
        }

    def canonical(self) -> bytes:
        """The bytes that are published and hashed."""
        return canonical(self.as_json())

    def sha256(self) -> str:
        """`manifest_sha` of DRAW.md."""
        return sha256_hex(self.canonical())


def instant_text(at: datetime) -> str:
    """An instant as `close_at` has it: RFC 3339, UTC, `Z`, whole seconds."""
    offset = at.utcoffset()
    if offset is None or offset or at.microsecond:
        raise ValueError("close_at must be in UTC, in whole seconds")
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def read_manifest(value: object) -> Manifest:
    """The manifest in a JSON object (as stored or imported): exactly its keys, all rules checked.

    The object must be the manifest's own JSON again, so that the hash is that of what was read.
    """
    if not isinstance(value, dict):
        _refuse("manifest", "object")
    try:
        made = _from_json(value)
        same = canonical(made.as_json()) == canonical(value)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise RuleError(MANIFEST_INVALID, field="manifest", rule="shape") from None
    if not same:
        _refuse("manifest", "other_content")
    return made


def _from_json(value: dict[str, Any]) -> Manifest:
    fields = dict(value)
    if fields.pop("alg") != ALGORITHM:
        _refuse("alg", "other_profile")
    fields.pop("quota")  # recomputed; the comparison with what was read catches a false one
    teams, beacon = fields.pop("teams"), fields.pop("beacon")
    facts = {name.value: dict(fields[name.value]) for name in FrozenFile}
    facts["pool"]["strata"] = fields["strata"]
    fields |= {name: FileFacts(**fact) for name, fact in facts.items()}
    return Manifest(
        **fields
        | {
            "quota_rule": quota_rule(fields["quota_rule"]),
            "withheld": tuple(fields["withheld"]),
            "contributors": tuple(fields["contributors"]),
            "departments": tuple(TeamDepartment(**d) for d in teams["departments"]),
            "cap": teams["cap"],
            "beacon": None if beacon == NONE else Beacon(**beacon),
        }
    )


def _check_names(manifest: Manifest) -> None:
    _need_code("draw_no", manifest.draw_no)
    _need_code("task", manifest.task)
    if manifest.supersedes != NONE:
        _need_code("supersedes", manifest.supersedes)
    if manifest.supersedes == manifest.draw_no:
        _refuse("supersedes", "itself")
    if not isinstance(manifest.rehearsal, bool):
        _refuse("rehearsal", "boolean")
    for field in ("quota_note", "public_source"):
        _need_text(field, getattr(manifest, field))
    if not is_hash(manifest.server_commit):
        _refuse("server_commit", "hash")


def _check_files(manifest: Manifest) -> None:
    for file in FrozenFile:
        facts: FileFacts = getattr(manifest, file.value)
        _need_integer(f"{file.value}.size", facts.size, 0)
        if not is_hash(facts.sha256):
            _refuse(f"{file.value}.sha256", "hash")
        if (file is FrozenFile.POOL) is (facts.root is None):
            _refuse(f"{file.value}.root", "pool_only")
    if not is_hash(manifest.pool.root or ""):
        _refuse("pool.root", "hash")
    _need_increasing("withheld", manifest.withheld)
    if not set(manifest.withheld) <= set(MAY_BE_WITHHELD):
        _refuse("withheld", "may_not_be_withheld")


def _check_quota(manifest: Manifest) -> None:
    for stratum, size in manifest.strata.items():
        _need_code("strata", stratum)
        _need_integer("strata", size, 1)
    if dict(manifest.strata) != dict(manifest.pool.strata or {}):
        _refuse("strata", "other_than_pool")
    if sum(manifest.strata.values()) != manifest.pool.size:
        _refuse("strata", "sum")
    _need_integer("reserve", manifest.reserve, 0)
    if not manifest.quota_note and extreme_strata(manifest.quota, manifest.strata):
        _refuse("quota_note", "missing")


def _check_teams(manifest: Manifest) -> None:
    codes = [department.code for department in manifest.departments]
    if not codes or len(set(codes)) != len(codes):
        _refuse("teams.departments", "distinct")
    for department in manifest.departments:
        _need_code("teams.departments", department.code)
        _need_integer("teams.departments.members", department.members, 1)
        if not isinstance(department.lead, bool):
            _refuse("teams.departments.lead", "boolean")
    _need_integer("teams.cap", manifest.cap, 1)


def _check_contributors(manifest: Manifest) -> None:
    if not manifest.contributors:
        _refuse("contributors", "none")
    for who in manifest.contributors:
        _need_code("contributors", who)
    _need_increasing("contributors", manifest.contributors)
    if not isinstance(manifest.close_at, str) or not _INSTANT.fullmatch(manifest.close_at):
        _refuse("close_at", "instant")
    try:
        datetime.fromisoformat(manifest.close_at)
    except ValueError:
        _refuse("close_at", "instant")
    if manifest.beacon is not None:
        _need_text("beacon.chain", manifest.beacon.chain)
        _need_integer("beacon.round", manifest.beacon.round, 0)


def _need_code(field: str, text: object) -> None:
    if not isinstance(text, str) or not is_code(text):
        _refuse(field, "code")


def _need_text(field: str, text: object) -> None:
    if not isinstance(text, str) or not unicodedata.is_normalized("NFC", text):
        _refuse(field, "nfc")


def _need_integer(field: str, value: object, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MAX_INTEGER:
        _refuse(field, "integer")


def _need_increasing(field: str, values: Iterable[str]) -> None:
    listed = list(values)
    if listed != sorted(set(listed)):
        _refuse(field, "increasing")


def _refuse(field: str, rule: str) -> NoReturn:
    raise RuleError(MANIFEST_INVALID, field=field, rule=rule)
