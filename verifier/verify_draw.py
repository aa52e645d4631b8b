#!/usr/bin/env python3
"""Verify the published bundle of a draw (draw-v1) with nothing but this file.

    python verify_draw.py [--manifest-sha256 H] [--commits-sha256 H] FILE...

A FILE is one bundle or a JSON list of bundles. Everything that follows from what was frozen and
from the values that were opened is computed again: files, tree, strata, quotas, commitments, seed,
winners, reserve, teams, voids. The two options take the hashes that were published before the
draw, from a place where the drawing unit has no control; without them a bundle can only be
consistent in itself. This script shares no code with the service, opens no connection, and
believes no value of a bundle that it can compute; what it cannot compute it lists as UNVERIFIED.

Exit code 0: all checks hold. 1: a check fails, or a value has the wrong shape. 2: not a bundle
(missing key, duplicate JSON key, a number that is no integer within 2^53-1, a lone surrogate, not
UTF-8, not JSON), or a usage error. Of several bundles the highest code counts.
Python 3.9 or later, standard library only.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import json
import re
import sys
import unicodedata
from collections import deque
from typing import Any, Callable, NoReturn  # noqa: UP035 (Python 3.9 reads both alike)

REQUIRED = [
    "manifest",
    "server_secret",
    "contribution_commits",
    "contributions",
    "beacon",
    "seed",
    "keys",
    "selected",
    "reserve",
    "cutoff",
    "teams",
    "unstaffable",
    "voids",
    "final",
    "pool",
    "excluded",
    "officers",
    "officers_excluded",
    "recusals",
]
OPTIONAL = ["manifest_canonical", "manifest_sha256", "commits_sha256", "public", "inclusion"]
FILES = ("pool", "excluded", "officers", "officers_excluded", "recusals")
MAY_BE_WITHHELD = ("officers", "officers_excluded", "recusals")
LIMIT = 2**53 - 1
DEPTH = 64
Check = Callable[[Any], bool]

# The closed list of section 3: cancelled, revoked, registration withdrawn, moved away, closed down.
VOID_REASONS = ("CANCELLED", "REVOKED", "WITHDRAWN", "MOVED", "CLOSED")
CODE = re.compile(r"[0-9A-Z][0-9A-Z._-]{0,63}")
HASH = re.compile(r"[0-9a-f]{64}")
VALUE = re.compile(r"[0-9A-Za-z._-]{0,64}\.[0-9a-f]{32}")
NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")
DIGITS = re.compile(r"[0-9]+")
INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?Z"
)
BLANK = " \t\r\n\u3000"


# ---------------------------------------------------------------------------------------------
# Reading JSON strictly


class NotABundle(Exception):
    """The file cannot be read as a bundle or a list of bundles: exit code 2."""


def read_json(data: bytes) -> Any:
    """Return the value of a JSON text, refusing whatever two readers could take differently."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotABundle(f"not UTF-8 (byte {error.start})") from error
    if text.startswith("\ufeff"):
        raise NotABundle("starts with a byte order mark")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except NotABundle:
        raise
    except (ValueError, RecursionError) as error:
        raise NotABundle(f"not JSON ({error})") from error
    _refuse_bad_text(value, 0)
    return value


def _object(pairs: list) -> dict:
    result = {}
    for key, value in pairs:
        if key in result:
            raise NotABundle(f"duplicate JSON key {shown(key)}")
        result[key] = value
    return result


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LIMIT:
        raise NotABundle(f"number {text[:40]} is beyond 2^53-1")
    return int(text)


def _refuse_number(text: str) -> NoReturn:
    raise NotABundle(f"number {text[:40]} is not written as an integer")


def _refuse_bad_text(value: Any, depth: int) -> None:
    if depth > DEPTH:
        raise NotABundle("nested too deeply")
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise NotABundle("a text holds a lone surrogate") from error
    elif isinstance(value, list):
        for item in value:
            _refuse_bad_text(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_bad_text(key, depth + 1)
            _refuse_bad_text(item, depth + 1)


def shown(value: Any) -> str:
    """Show a value of the bundle in one short line of ASCII, so it cannot disturb a terminal."""
    text = json.dumps(value)
    return text if len(text) <= 90 else text[:87] + "..."


# ---------------------------------------------------------------------------------------------
# Shapes. `True` is an int in Python, hence `type(x) is int`.


def is_text(x: Any) -> bool:
    return isinstance(x, str)


def is_code(x: Any) -> bool:
    return isinstance(x, str) and CODE.fullmatch(x) is not None


def is_hash(x: Any) -> bool:
    return isinstance(x, str) and HASH.fullmatch(x) is not None


def is_int(x: Any, least: int = 0) -> bool:
    return type(x) is int and least <= x <= LIMIT


def is_positive(x: Any) -> bool:
    return is_int(x, 1)


def is_list(x: Any, item: Check) -> bool:
    return isinstance(x, list) and all(item(i) for i in x)


def is_map(x: Any, value: Check) -> bool:
    return isinstance(x, dict) and all(is_code(k) and value(v) for k, v in x.items())


def is_record(x: Any, **fields: Check) -> bool:
    return (
        isinstance(x, dict)
        and x.keys() == fields.keys()
        and all(f(x[k]) for k, f in fields.items())
    )


def is_increasing(x: Any) -> bool:
    return all(x[i] < x[i + 1] for i in range(len(x) - 1))


def is_codes(x: Any) -> bool:
    return is_list(x, is_code)


def is_ranked(x: Any) -> bool:
    return is_map(x, lambda rows: is_list(rows, _is_rank))


def _is_rank(x: Any) -> bool:
    return isinstance(x, list) and len(x) == 2 and is_hash(x[0]) and is_code(x[1])


def _is_department_team(x: Any) -> bool:
    return isinstance(x, list) and len(x) == 2 and is_code(x[0]) and is_codes(x[1])


def _is_team(x: Any) -> bool:
    ok = isinstance(x, list) and len(x) == 2 and is_code(x[0])
    return ok and is_list(x[1], _is_department_team)


def _is_void(x: Any) -> bool:
    return is_record(
        x,
        stratum=is_code,
        object=is_code,
        reason=lambda r: isinstance(r, str) and r in VOID_REASONS,
        replacement=lambda r: r is None or is_code(r),
    )


def _is_value(x: Any) -> bool:
    return isinstance(x, str) and VALUE.fullmatch(x) is not None


SHAPES = {
    "manifest": lambda x: isinstance(x, dict),
    "server_secret": is_hash,
    "contribution_commits": lambda x: is_map(x, is_hash),
    "contributions": lambda x: is_map(x, _is_value),
    "beacon": lambda x: x == "" or is_hash(x),
    "seed": is_hash,
    "keys": lambda x: is_record(x, object=is_hash, task=is_hash, officer=is_hash),
    "selected": is_ranked,
    "reserve": is_ranked,
    "cutoff": lambda x: is_map(x, is_hash),
    "teams": lambda x: is_list(x, _is_team),
    "unstaffable": is_codes,
    "voids": lambda x: is_list(x, _is_void),
    "final": lambda x: is_map(x, is_codes),
    "pool": is_text,
    "excluded": is_text,
    "officers": lambda x: x is None or is_text(x),
    "officers_excluded": lambda x: x is None or is_text(x),
    "recusals": lambda x: x is None or is_text(x),
    "manifest_canonical": is_text,
    "manifest_sha256": is_hash,
    "commits_sha256": is_hash,
    "public": is_text,
    "inclusion": lambda x: is_record(
        x,
        index=is_int,
        size=is_int,
        leaf=is_text,
        proof=lambda p: is_list(p, is_hash),
        root=is_hash,
    ),
}


def is_instant(x: Any) -> bool:
    """RFC 3339 in UTC, ending in Z, a day of the calendar; no leap second."""
    found = INSTANT.fullmatch(x) if isinstance(x, str) else None
    if not found:
        return False
    year, month, day, hour, minute, second = (int(found.group(i)) for i in range(1, 7))
    if year < 1 or not 1 <= month <= 12 or hour > 23 or minute > 59 or second > 59:
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def is_said(x: Any) -> bool:
    return isinstance(x, str) and x.strip(BLANK) != ""


def _is_file_entry(x: Any) -> bool:
    return is_record(x, size=is_int, sha256=is_hash)


def _is_quota_rule(x: Any) -> bool:
    if isinstance(x, dict) and x.get("method") == "ratio":
        return is_record(
            x, method=is_text, per_10000=lambda m: is_map(m, lambda p: is_int(p) and p <= 10000)
        )
    counts = lambda m: is_map(m, is_int)  # noqa: E731
    return is_record(
        x,
        method=lambda t: t == "total",
        total=is_int,
        weight=counts,
        minimum=counts,
        maximum=counts,
    )


def _is_teams_rule(x: Any) -> bool:
    department = lambda d: is_record(  # noqa: E731
        d, code=is_code, members=is_positive, lead=lambda b: isinstance(b, bool)
    )
    if not is_record(x, departments=lambda ds: is_list(ds, department), cap=is_positive):
        return False
    codes = [d["code"] for d in x["departments"]]
    return len(codes) >= 1 and len(set(codes)) == len(codes)


def _is_beacon_rule(x: Any) -> bool:
    return x == "none" or is_record(x, chain=is_said, round=is_positive)


MANIFEST = {
    "alg": lambda x: x == "draw-v1",
    "draw_no": is_code,
    "task": is_code,
    "rehearsal": lambda x: isinstance(x, bool),
    "supersedes": lambda x: x == "none" or is_code(x),
    "pool": lambda x: is_record(x, size=is_int, root=is_hash, sha256=is_hash),
    "excluded": _is_file_entry,
    "strata": lambda x: is_map(x, is_positive),
    "quota_rule": _is_quota_rule,
    "quota": lambda x: is_map(x, is_int),
    "quota_note": is_text,
    "reserve": is_int,
    "officers": _is_file_entry,
    "officers_excluded": _is_file_entry,
    "recusals": _is_file_entry,
    "withheld": lambda x: is_list(x, lambda n: n in MAY_BE_WITHHELD) and is_increasing(x),
    "teams": _is_teams_rule,
    "server_commit": is_hash,
    "contributors": lambda x: is_codes(x) and len(x) >= 1 and is_increasing(x),
    "close_at": is_instant,
    "public_source": is_said,
    "beacon": _is_beacon_rule,
}


def manifest_faults(manifest: dict) -> list:
    faults = [f"{k} is missing" for k in MANIFEST if k not in manifest]
    faults += [f"unknown key {shown(k)}" for k in manifest if k not in MANIFEST]
    for key, fits in MANIFEST.items():
        if key in manifest and not fits(manifest[key]):
            faults.append(f"{key} has the wrong form: {shown(manifest[key])}")
    if "supersedes" in manifest and manifest["supersedes"] == manifest.get("draw_no"):
        faults.append("a draw cannot supersede itself")
    if not _all_nfc(manifest):
        faults.append("a text is not in Unicode normal form C")
    return faults


def _all_nfc(value: Any) -> bool:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value) == value
    if isinstance(value, list):
        return all(_all_nfc(v) for v in value)
    if isinstance(value, dict):
        return all(_all_nfc(k) and _all_nfc(v) for k, v in value.items())
    return True


def _is_number_text(x: str, least: int = 0) -> bool:
    return NUMBER.fullmatch(x) is not None and least <= int(x) <= LIMIT


def _is_region(x: str) -> bool:
    return x == "-" or DIGITS.fullmatch(x) is not None


def _is_regions(x: str) -> bool:
    parts = x.split(",")
    return x == "-" or (all(DIGITS.fullmatch(p) for p in parts) and is_increasing(parts))


LINES = {
    "pool": (is_code, is_code, lambda w: _is_number_text(w, 1), _is_region),
    "excluded": (is_code, is_code),
    "officers": (is_code, is_code, lambda x: x in ("0", "1"), _is_number_text, _is_regions),
    "officers_excluded": (is_code, is_code),
    "recusals": (is_code, is_code),
}


def read_file(name: str, text: str) -> tuple:
    """Return (rows, fault) of a frozen file; fault is empty when every line has its form."""
    if text and not text.endswith("\n"):
        return [], "the last line does not end in LF"
    fields, rows, previous = LINES[name], [], None
    for number, line in enumerate(text.split("\n")[:-1], 1):
        row = line.split("\t")
        if len(row) != len(fields) or not all(fits(f) for fits, f in zip(fields, row)):  # noqa: B905
            return [], f"line {number} has the wrong form: {shown(line)}"
        if previous is not None and not previous < line:
            return [], f"line {number} is not after the line before it"
        if name != "recusals" and rows and rows[-1][0] == row[0]:
            return [], f"line {number} repeats the code {row[0]}"
        rows.append(row)
        previous = line
    return rows, ""


# ---------------------------------------------------------------------------------------------
# Hashes


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def canonical(value: Any) -> str:
    """RFC 8785 for what a manifest may hold: objects, arrays, texts, booleans, integers."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: k.encode("utf-16-be"))
        return "{" + ",".join(canonical(k) + ":" + canonical(value[k]) for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def merkle_levels(lines: list) -> list:
    """RFC 6962: all levels from the leaves up; an odd last node moves up unchanged."""
    level = [hashlib.sha256(b"\x00" + line.encode("utf-8")).digest() for line in lines]
    levels = [level]
    while len(level) > 1:
        pairs = range(0, len(level) - 1, 2)
        above = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
        levels.append(level)
    return levels


def merkle_root(levels: list) -> str:
    return levels[-1][0].hex() if levels[0] else hashlib.sha256(b"").hexdigest()


def merkle_proof(levels: list, index: int) -> list:
    proof = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling].hex())
        index //= 2
    return proof


class Tickets:
    """ticket(p, x) = H(key(p) ":" x); the hash of the key is computed once."""

    def __init__(self, key: str) -> None:
        self._start = hashlib.sha256(f"{key}:".encode("ascii"))

    def of(self, text: str) -> str:
        state = self._start.copy()
        state.update(text.encode("ascii"))
        return state.hexdigest()


# ---------------------------------------------------------------------------------------------
# Quota


def quota_of(rule: dict, strata: dict) -> tuple:
    """Return (quota, fault): how many of each stratum the rule gives, or why it gives none."""
    maps = ("per_10000",) if rule["method"] == "ratio" else ("weight", "minimum", "maximum")
    for name in maps:
        if rule[name].keys() != strata.keys():
            return None, f"the strata of {name} are not the strata of the pool"
    if rule["method"] == "ratio":
        return {s: -(-n * rule["per_10000"][s] // 10000) for s, n in strata.items()}, ""
    return _quota_of_total(rule, strata)


def _quota_of_total(rule: dict, strata: dict) -> tuple:
    least, most, weight = rule["minimum"], rule["maximum"], rule["weight"]
    for s, n in strata.items():
        if not least[s] <= most[s] <= n:
            return None, f"not minimum <= maximum <= size in stratum {s}"
    if sum(least.values()) > rule["total"]:
        return None, "the minimums add up to more than the total"
    full = set()
    while True:
        quota = {s: most[s] if s in full else least[s] for s in strata}
        rest = rule["total"] - sum(quota.values())
        if rest == 0:
            return quota, ""
        shares = {s: weight[s] * strata[s] for s in strata if s not in full and least[s] < most[s]}
        shares = {s: share for s, share in shares.items() if share > 0}
        whole = sum(shares.values())
        if not shares:
            return None, "no stratum has room for the rest of the total"
        left = rest
        for s, share in shares.items():
            quota[s] += rest * share // whole
            left -= rest * share // whole
        for s in sorted(shares, key=lambda s: (-(rest * shares[s] % whole), s))[:left]:
            quota[s] += 1
        over = {s for s in shares if quota[s] > most[s]}
        if not over:
            return quota, ""
        full |= over


# ---------------------------------------------------------------------------------------------
# Teams


class Roster:
    """One department's places on the drawn objects, filled by maximum flow.

    A place is (object, "L") for the one lead place, or (object, "A") for the places of anyone.
    Officers belong to one department, so departments can be filled apart from each other.
    """

    def __init__(self, rule: dict, cap: int, officers: dict, eligible: dict) -> None:
        self.rule, self.cap, self.officers, self.eligible = rule, cap, officers, eligible
        self.leads = {o: [x for x in xs if officers[x]["lead"]] for o, xs in eligible.items()}
        self.teams: dict = {}  # object -> {officer: kind of place}
        self.serves: dict = {x: {} for x in officers}  # officer -> objects, as a dict for its order
        self.fixed: set = set()  # (object, officer) pairs chosen for good

    def places(self, obj: str) -> list:
        first = "L" if self.rule["lead"] else "A"
        return [(obj, first)] + [(obj, "A")] * (self.rule["members"] - 1)

    def _candidates(self, place: tuple) -> list:
        return self.leads[place[0]] if place[1] == "L" else self.eligible[place[0]]

    def fill(self, start: tuple) -> bool:
        """Find somebody for a place, moving others where that helps (an augmenting path)."""
        came, queue, seen = {start: None}, deque([start]), set()
        while queue:
            place = queue.popleft()
            obj = place[0]
            team = self.teams.setdefault(obj, {})
            for x in self._candidates(place):
                if x in team:
                    other = (obj, team[x])
                    if (obj, x) not in self.fixed and other not in came:
                        came[other] = (place, x)
                        queue.append(other)
                    continue
                if x in seen:
                    continue
                seen.add(x)
                if len(self.serves[x]) < self.cap:
                    self._shift(came, place, x)
                    return True
                for served in self.serves[x]:
                    other = (served, self.teams[served][x])
                    if (served, x) not in self.fixed and other not in came:
                        came[other] = (place, x)
                        queue.append(other)
        return False

    def _shift(self, came: dict, place: tuple, x: str) -> None:
        self.put(place, x)
        while came[place] is not None:
            taker, moved = came[place]
            if taker[0] != place[0]:
                self.take(place[0], moved)
            self.put(taker, moved)
            place = taker

    def put(self, place: tuple, x: str) -> None:
        self.teams.setdefault(place[0], {})[x] = place[1]
        self.serves[x][place[0]] = True

    def take(self, obj: str, x: str) -> None:
        del self.teams[obj][x]
        del self.serves[x][obj]

    def accept(self, obj: str) -> bool:
        enough = self.rule["members"] <= len(self.eligible[obj])
        return enough and all(self.fill(place) for place in self.places(obj))

    def drop(self, obj: str) -> None:
        for x in list(self.teams.get(obj, {})):
            self.take(obj, x)

    def choose(self, obj: str, tickets: Tickets, given: dict) -> list:
        """Pick the best officer, place by place, that still lets every object be staffed."""
        team: list = []
        rank = {x: tickets.of(f"{obj}|{x}") for x in self.eligible[obj]}
        for place in self.places(obj):
            free = [x for x in self._candidates(place) if x not in team and given[x] < self.cap]
            free.sort(key=lambda x: (self.officers[x]["load"] + given[x], rank[x], x))
            best = next(x for x in free if self._settle(place, x))
            given[best] += 1
            team.append(best)
        return team

    def _settle(self, place: tuple, x: str) -> bool:
        """Fix officer x on a place if all other places can still be filled."""
        obj, kind = place
        team = self.teams[obj]
        if team.get(x) != kind:
            holder = next(y for y, k in team.items() if k == kind and (obj, y) not in self.fixed)
            if x in team:  # on this team already, on the other kind of place: the two change places
                team[x], team[holder] = kind, team[x]
            elif not self._replace(place, holder, x):
                return False
        self.fixed.add((obj, x))
        return True

    def _replace(self, place: tuple, holder: str, x: str) -> bool:
        obj = place[0]
        self.take(obj, holder)
        moved = None
        if len(self.serves[x]) >= self.cap:
            moved = next((o for o in self.serves[x] if (o, x) not in self.fixed), None)
            if moved is None:
                self.put(place, holder)
                return False
            vacated = (moved, self.teams[moved][x])
            self.take(moved, x)
        self.put(place, x)
        self.fixed.add((obj, x))
        if moved is None or self.fill(vacated):
            return True
        self.fixed.discard((obj, x))
        self.take(obj, x)
        self.put(vacated, x)
        self.put(place, holder)
        return False


def covers(regions: str, region: str) -> bool:
    return regions == "-" or any(region.startswith(p) for p in regions.split(","))


def staff(
    order: list, rule: dict, officers: dict, *, region: dict, recused: set, tickets: Tickets
) -> tuple:
    """Return (teams, unstaffable) for the drawn objects, which come in the order of ORDER."""
    rosters = []
    for department in rule["departments"]:
        own = {x: o for x, o in officers.items() if o["department"] == department["code"]}
        eligible = {
            obj: [
                x
                for x, o in own.items()
                if (x, obj) not in recused and covers(o["regions"], region[obj])
            ]
            for obj in order
        }
        rosters.append(Roster(department, rule["cap"], own, eligible))
    accepted, unstaffable = [], []
    for obj in order:
        if all(roster.accept(obj) for roster in rosters):
            accepted.append(obj)
        else:
            unstaffable.append(obj)
            for roster in rosters:
                roster.drop(obj)
    given = dict.fromkeys(officers, 0)
    teams = [
        [obj, [[r.rule["code"], r.choose(obj, tickets, given)] for r in rosters]]
        for obj in accepted
    ]
    return teams, unstaffable


# ---------------------------------------------------------------------------------------------
# The checks, in the order of the draw


class Report:
    """What was found: one line per check."""

    def __init__(self) -> None:
        self.lines: list = []
        self.manifest_sha256 = self.commits_sha256 = ""

    def add(self, status: str, name: str, detail: str = "") -> None:
        self.lines.append((status, name, detail))

    def check(self, name: str, holds: bool, fault: str = "", fact: str = "") -> bool:
        self.add("OK" if holds else "FAIL", name, fact if holds else fault)
        return holds

    def same(self, name: str, stated: Any, computed: Any, fact: str = "") -> bool:
        fault = "" if stated == computed else f"stated {shown(stated)}, computed {shown(computed)}"
        return self.check(name, stated == computed, fault, fact)

    @property
    def failed(self) -> bool:
        return any(status == "FAIL" for status, _, _ in self.lines)

    def of(self, status: str) -> list:
        return [name for s, name, _ in self.lines if s == status]


def verify(bundle: dict, manifest_sha256: str = "", commits_sha256: str = "") -> Report:
    """Check one bundle against the rules of draw-v1, and the two hashes when they are given."""
    missing = [k for k in REQUIRED if k not in bundle]
    if missing:
        raise NotABundle("missing key: " + ", ".join(missing))
    report = Report()
    for key in bundle:
        if key not in REQUIRED and key not in OPTIONAL:
            report.add("NOTE", "unknown key", f"{shown(key)} is not part of draw-v1; not looked at")
    rows = check_shapes(report, bundle)
    if report.failed:
        report.add("NOTE", "not recomputed", "the rest needs values of the right shape")
        return report
    if bundle["manifest"]["rehearsal"]:
        report.add("NOTE", "REHEARSAL", "this is a rehearsal, not a draw; its outcome binds nobody")
    check_frozen(report, bundle, rows)
    check_quota(report, bundle["manifest"], rows["pool"])
    check_commitments(report, bundle)
    check_published_hashes(report, manifest_sha256, commits_sha256)
    keys = check_seed(report, bundle)
    order = check_selection(report, bundle, rows["pool"], keys)
    check_teams(report, bundle, rows, keys, order)
    check_voids(report, bundle)
    check_inclusion(report, bundle)
    return report


def check_shapes(report: Report, bundle: dict) -> dict:
    for key, fits in SHAPES.items():
        if key in bundle and not fits(bundle[key]):
            report.add("FAIL", f"shape of {key}", shown(bundle[key]))
    if report.failed:
        return {}
    faults = manifest_faults(bundle["manifest"])
    for fault in faults:
        report.add("FAIL", "form of the manifest", fault)
    if faults:
        return {}
    report.add("OK", "shapes", "manifest and all other values")
    rows: dict = {}
    for name in FILES:
        withheld = name in bundle["manifest"]["withheld"]
        if (bundle[name] is None) != withheld:
            fault = (
                "the manifest withholds it, yet it is there" if withheld else "null, not withheld"
            )
            report.add("FAIL", f"presence of {name}", fault)
        elif bundle[name] is None:
            rows[name] = None
        else:
            rows[name], fault = read_file(name, bundle[name])
            report.check(f"form of {name}", not fault, fault, f"{len(rows[name])} lines")
    return rows


def check_frozen(report: Report, bundle: dict, rows: dict) -> None:
    manifest = bundle["manifest"]
    for name in FILES:
        if rows[name] is None:
            why = "withheld by the manifest: size, digest and lines cannot be checked"
            report.add("UNVERIFIED", f"file {name}", why)
            continue
        report.same(f"size of {name}", manifest[name]["size"], len(rows[name]))
        report.same(f"sha256 of {name}", manifest[name]["sha256"], sha256(bundle[name]))
    levels = merkle_levels(bundle["pool"].split("\n")[:-1])
    report.same("root of pool", manifest["pool"]["root"], merkle_root(levels))
    for name, other in (("pool", "excluded"), ("officers", "officers_excluded")):
        if rows[name] is not None and rows[other] is not None:
            both = {r[0] for r in rows[name]} & {r[0] for r in rows[other]}
            report.check(f"{name} and {other} share nobody", not both, shown(sorted(both)))


def check_quota(report: Report, manifest: dict, pool: list) -> None:
    strata: dict = {}
    for row in pool:
        strata[row[1]] = strata.get(row[1], 0) + 1
    report.same("strata", manifest["strata"], strata)
    quota, fault = quota_of(manifest["quota_rule"], strata)
    if fault:
        report.add("FAIL", "quota", fault)
        return
    report.same("quota", manifest["quota"], quota)
    edge = sorted(s for s in strata if quota[s] in (0, strata[s]))
    said = not edge or is_said(manifest["quota_note"])
    report.check("quota_note", said, f"no reason why none or all are drawn in {', '.join(edge)}")


def check_commitments(report: Report, bundle: dict) -> None:
    manifest, who = bundle["manifest"], bundle["manifest"]["contributors"]
    text = canonical(manifest)
    report.manifest_sha256 = sha256(text)
    if "manifest_canonical" in bundle:
        report.same("manifest_canonical", bundle["manifest_canonical"], text)
    if "manifest_sha256" in bundle:
        report.same("manifest_sha256", bundle["manifest_sha256"], report.manifest_sha256)
    report.same("contributors committed", sorted(bundle["contribution_commits"]), who)
    report.same("contributors opened", sorted(bundle["contributions"]), who)
    secret = f"draw-v1/commit\n{manifest['draw_no']}\n{bundle['server_secret']}"
    report.same("server_commit", manifest["server_commit"], sha256(secret))
    for name, value in sorted(bundle["contributions"].items()):
        opened = sha256(f"draw-v1/contribution\n{report.manifest_sha256}\n{name}\n{value}")
        report.same(f"commitment of {name}", bundle["contribution_commits"].get(name), opened)
    report.commits_sha256 = sha256(canonical(bundle["contribution_commits"]))
    if "commits_sha256" in bundle:
        report.same("commits_sha256", bundle["commits_sha256"], report.commits_sha256)


def check_published_hashes(report: Report, manifest_sha256: str, commits_sha256: str) -> None:
    if manifest_sha256:
        report.same("manifest hash as published", manifest_sha256, report.manifest_sha256)
    if commits_sha256:
        report.same("commitments hash as published", commits_sha256, report.commits_sha256)
    if not (manifest_sha256 and commits_sha256):
        report.add(
            "UNVERIFIED",
            "published before the draw",
            "not both hashes were given: what was not given is only consistent in itself; compare"
            f" manifest sha256 {report.manifest_sha256}"
            f" and commitments sha256 {report.commits_sha256} with what was published",
        )


def check_seed(report: Report, bundle: dict) -> dict:
    manifest = bundle["manifest"]
    public = ";".join(f"{w}={v}" for w, v in sorted(bundle["contributions"].items()))
    if "public" in bundle:
        report.same("public", bundle["public"], public)
    named = manifest["beacon"] != "none"
    fault = "the manifest names a beacon" if named else "the manifest names no beacon"
    report.check("presence of beacon", (bundle["beacon"] != "") == named, fault)
    if named:
        chain, number = shown(manifest["beacon"]["chain"]), manifest["beacon"]["round"]
        fact = f"compare {bundle['beacon'] or 'nothing'} with round {number} of chain {chain}"
        report.add("UNVERIFIED", "value of beacon", fact)
    seed = sha256(
        f"draw-v1/seed\nmanifest:{report.manifest_sha256}\nserver:{bundle['server_secret']}"
        f"\npublic:{public}\nbeacon:{bundle['beacon']}"
    )
    report.same("seed", bundle["seed"], seed)
    keys = {p: sha256(f"draw-v1/key\n{p}\n{seed}") for p in ("object", "task", "officer")}
    report.same("keys", bundle["keys"], keys)
    return keys


def check_selection(report: Report, bundle: dict, pool: list, keys: dict) -> list:
    """Draw again; return the winners in the order in which they get their teams."""
    manifest, tickets = bundle["manifest"], Tickets(keys["object"])
    ranked: dict = {}
    for row in pool:
        ranked.setdefault(row[1], []).append((tickets.of(row[0]), row[0]))
    selected, reserve, cutoff = {}, {}, {}
    for stratum, entries in ranked.items():
        k = manifest["quota"].get(stratum, 0)
        best = [list(e) for e in heapq.nsmallest(k + manifest["reserve"], entries)]
        selected[stratum], reserve[stratum] = best[:k], best[k:]
        if selected[stratum]:
            cutoff[stratum] = selected[stratum][-1][0]
    winners = [code for entries in selected.values() for _, code in entries]
    for name, computed in (("selected", selected), ("reserve", reserve), ("cutoff", cutoff)):
        strata = sorted(computed.keys() | bundle[name].keys())
        wrong = [s for s in strata if bundle[name].get(s) != computed.get(s)]
        fault = "; ".join(
            f"{s}: stated {shown(bundle[name].get(s))}, computed {shown(computed.get(s))}"
            for s in wrong
        )
        count = sum(len(x) for x in computed.values()) if name != "cutoff" else len(computed)
        report.check(name, not wrong, fault, f"{count} in {len(computed)} strata")
    task = Tickets(keys["task"])
    return sorted(winners, key=lambda code: (task.of(code), code))


def check_teams(report: Report, bundle: dict, rows: dict, keys: dict, order: list) -> None:
    rule, teams, unstaffable = bundle["manifest"]["teams"], bundle["teams"], bundle["unstaffable"]
    staffed = [obj for obj, _ in teams]
    both = set(staffed) & set(unstaffable)
    whole = set(staffed) | set(unstaffable) == set(order) and not both
    whole = whole and len(staffed) + len(unstaffable) == len(order)
    report.check(
        "teams and unstaffable are the winners", whole, "each winner exactly once, no other"
    )
    in_order = all(part == [o for o in order if o in set(part)] for part in (staffed, unstaffable))
    report.check("order of teams and unstaffable", in_order, "not by task ticket")
    fault = team_fault(bundle)
    report.check("size of teams, distinct members, cap", not fault, fault)
    fault = member_fault(bundle, rows)
    if any(rows[name] is not None for name in MAY_BE_WITHHELD):
        report.check("members against the files at hand", not fault, fault)
    if rows["officers"] is None or rows["recusals"] is None:
        why = (
            "officers or recusals are withheld: who was chosen, and that the unstaffable could not"
        )
        report.add("UNVERIFIED", "choice of teams", f"{why} be staffed, rests on the drawing unit")
        return
    officers = {
        code: {"department": d, "lead": lead == "1", "load": int(load), "regions": regions}
        for code, d, lead, load, regions in rows["officers"]
    }
    region = {row[0]: row[3] for row in rows["pool"]}
    recused = {(officer, obj) for officer, obj in rows["recusals"]}
    tickets = Tickets(keys["officer"])
    computed, left = staff(order, rule, officers, region=region, recused=recused, tickets=tickets)
    fault = next(
        (f"stated {shown(s)}, computed {shown(c)}" for s, c in zip(teams, computed) if s != c),  # noqa: B905
        f"stated {len(teams)}, computed {len(computed)}",
    )
    report.check("teams", teams == computed, fault, f"{len(computed)} objects")
    report.same("unstaffable", unstaffable, left, f"{len(left)} objects")


def team_fault(bundle: dict) -> str:
    """What the teams themselves show, whether or not the officers' files are public."""
    rule, entry = bundle["manifest"]["teams"], bundle["manifest"]["officers"]
    wanted = [(d["code"], d["members"]) for d in rule["departments"]]
    home: dict = {}
    served: dict = {}
    for obj, parts in bundle["teams"]:
        if [(code, len(members)) for code, members in parts] != wanted:
            return f"{obj}: departments and members are not those of the manifest"
        for code, members in parts:
            if len(set(members)) != len(members):
                return f"{obj}: an officer twice"
            for x in members:
                if home.setdefault(x, code) != code:
                    return f"{x} serves two departments"
                served[x] = served.get(x, 0) + 1
                if served[x] > rule["cap"]:
                    return f"{x} serves more than {rule['cap']} objects"
    return "" if len(home) <= entry["size"] else "more officers serve than the frozen file holds"


def member_fault(bundle: dict, rows: dict) -> str:
    """What those of the three files that are public say about the members of teams."""
    officers = None if rows["officers"] is None else {row[0]: row for row in rows["officers"]}
    excluded = {row[0] for row in rows["officers_excluded"] or []}
    recused = {tuple(row) for row in rows["recusals"] or []}
    region = {row[0]: row[3] for row in rows["pool"]}
    lead = {d["code"]: d["lead"] for d in bundle["manifest"]["teams"]["departments"]}
    for obj, parts in bundle["teams"]:
        for code, members in parts:
            for slot, x in enumerate(members):
                if x in excluded:
                    return f"{x} was excluded, yet serves {obj}"
                if (x, obj) in recused:
                    return f"{x} is recused from {obj}"
                if officers is None:
                    continue
                if x not in officers or officers[x][1] != code:
                    return f"{x} is no officer of {code}"
                if slot == 0 and lead.get(code) and officers[x][2] != "1":
                    return f"{x} may not lead {obj}"
                if not covers(officers[x][4], region.get(obj, "-")):
                    return f"{x} does not serve the region of {obj}"
    return ""


def check_voids(report: Report, bundle: dict) -> None:
    """Each void must be in force at its turn, and give way to the next rank of the reserve."""
    final = {s: [code for _, code in rows] for s, rows in bundle["selected"].items()}
    waiting = {s: deque(code for _, code in rows) for s, rows in bundle["reserve"].items()}
    fault = ""
    for number, void in enumerate(bundle["voids"], 1):
        stratum, obj = void["stratum"], void["object"]
        if obj not in final.get(stratum, []):
            fault = f"number {number}: {obj} was not in force in stratum {stratum}"
            break
        queue = waiting.get(stratum, deque())
        following = queue.popleft() if queue else None
        if void["replacement"] != following:
            fault = f"number {number}: the next rank is {following}, not {void['replacement']}"
            break
        final[stratum].remove(obj)
        if following is not None:
            final[stratum].append(following)
    report.check("voids", not fault, fault, f"{len(bundle['voids'])}")
    if bundle["voids"]:
        said = ", ".join(f"{v['object']} {v['reason']}" for v in bundle["voids"])
        detail = f"the reasons rest on evidence on record, not in the bundle: {said}"
        report.add("UNVERIFIED", "reasons of voids", detail)
    if not fault:
        report.same("final", bundle["final"], final)


def check_inclusion(report: Report, bundle: dict) -> None:
    if "inclusion" not in bundle:
        return
    given, lines = bundle["inclusion"], bundle["pool"].split("\n")[:-1]
    levels = merkle_levels(lines)
    if not given["index"] < len(lines):
        report.add("FAIL", "inclusion", f"index {given['index']} is not in the pool")
        return
    computed = {
        "index": given["index"],
        "size": len(lines),
        "leaf": lines[given["index"]],
        "proof": merkle_proof(levels, given["index"]),
        "root": merkle_root(levels),
    }
    wrong = [k for k in computed if given[k] != computed[k]]
    report.check("inclusion", not wrong, "wrong: " + ", ".join(wrong))


# ---------------------------------------------------------------------------------------------
# Command line


def bundles_of(data: bytes) -> list:
    value = read_json(data)
    bundles = value if isinstance(value, list) else [value]
    if not bundles:
        raise NotABundle("an empty list")
    if not all(isinstance(b, dict) for b in bundles):
        raise NotABundle("neither a bundle nor a list of bundles")
    return bundles


def verdict(report: Report) -> str:
    faults, open_parts = report.of("FAIL"), report.of("UNVERIFIED")
    if faults:
        return f"REFUSED 不通过: {len(faults)} checks fail, first: {faults[0]}"
    known = "published before the draw" not in open_parts
    base = (
        "ACCEPTED 通过"
        if known
        else "CONSISTENT IN ITSELF ONLY 仅自身一致(未与抽查前公布的两个摘要核对)"
    )
    rest = [p for p in open_parts if p != "published before the draw"]
    return base + (f"; UNVERIFIED 未能核实: {', '.join(rest)}" if rest else "")


def say(text: str) -> None:
    print(text)


def run(title: str, bundle: dict, manifest_sha256: str, commits_sha256: str) -> int:
    say(f"== {title}")
    try:
        report = verify(bundle, manifest_sha256, commits_sha256)
    except NotABundle as error:
        say(f"NOT A BUNDLE  {error}")
        return 2
    for status, name, detail in report.lines:
        say(f"{status:<10}  {name}" + (f": {detail}" if detail else ""))
    if report.manifest_sha256:
        say(f"manifest sha256     {report.manifest_sha256}")
        say(f"commitments sha256  {report.commits_sha256}")
    say(verdict(report))
    return 1 if report.failed else 0


def hash_argument(text: str) -> str:
    if not is_hash(text.strip().lower()):
        raise argparse.ArgumentTypeError("64 hexadecimal characters are wanted")
    return text.strip().lower()


def main(arguments: list | None = None) -> int:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(description="Verify published bundles of draws (draw-v1).")
    parser.add_argument("--manifest-sha256", metavar="H", type=hash_argument)
    parser.add_argument("--commits-sha256", metavar="H", type=hash_argument)
    parser.add_argument("files", metavar="FILE", nargs="+")
    options = parser.parse_args(arguments)
    code, found = 0, []
    for path in options.files:
        try:
            with open(path, "rb") as file:  # noqa: PTH123
                bundles = bundles_of(file.read())
        except (OSError, NotABundle) as error:
            say(f"== {path}\nNOT A BUNDLE  {error}")
            code = 2
            continue
        for number, bundle in enumerate(bundles, 1):
            found.append((path if len(bundles) == 1 else f"{path} [{number}]", bundle))
    hashes = (options.manifest_sha256 or "", options.commits_sha256 or "")
    if any(hashes) and (len(found) > 1 or len(options.files) > 1):
        parser.error("the two hashes belong to one draw: give a single bundle with them")
    return max([code] + [run(title, bundle, *hashes) for title, bundle in found])


if __name__ == "__main__":
    sys.exit(main())
