#!/usr/bin/env python3
"""Verify an export of the audit chains with nothing but this file.

    python verify_audit.py EXPORT.jsonl [--anchors audit-anchors.jsonl ...]

EXPORT is what `python -m app export-audit` writes: one entry per line, chain by chain. Every hash
is computed again from all that the entry says, every entry must name the hash of the one before
it, and the numbers of a chain must run 1, 2, 3 … without gap or repetition. The anchor files hold
heads that left the database while it ran; against them it shows, besides, when the end of a chain
was cut off, a whole chain left out, or a chain rewritten with new hashes. Without anchors none of
these three can be seen. This script shares no code with the service and opens no connection.

Exit code 0: all checks hold. 1: a check fails; the chain and the number of the entry are named.
2: not an export or not an anchor file (not UTF-8, not JSON, duplicate, missing or unknown keys, a
number that is no integer within 2^53-1, a lone surrogate), or a usage error.
Python 3.9 or later, standard library only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Iterator, NoReturn  # noqa: UP035 (Python 3.9 reads both alike)

ALG = "sunlot-audit-1"
GENESIS = "0" * 64
ENTRY_KEYS = frozenset(
    [
        "id",
        "chain",
        "seq",
        "at",
        "actor_id",
        "actor",
        "actor_kind",
        "roles",
        "department",
        "session_id",
        "ip",
        "action",
        "subject_kind",
        "subject_id",
        "before",
        "after",
        "facts",
        "outcome",
        "request_id",
        "alg",
        "prev_hash",
        "hash",
    ]
)
ANCHOR_KEYS = frozenset(("chain", "seq", "hash", "at"))
LIMIT = 2**53 - 1
DEPTH = 64
SHOWN_PER_CHAIN = 20
HASH = re.compile(r"[0-9a-f]{64}")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


# ---------------------------------------------------------------------------------------------
# Reading JSON lines strictly


class NotAnExport(Exception):
    """The file cannot be read as what it should be: exit code 2."""


def read_lines(name: str, keys: frozenset) -> Iterator[dict]:
    """Each line's object, with exactly these keys; the line's number is in every refusal."""
    try:
        file = open(name, "rb")  # noqa: SIM115, PTH123 (a `with` around a generator hides errors)
    except OSError as error:
        raise NotAnExport(f"{name}: cannot be opened ({error.strerror})") from error
    with file:
        for number, raw in enumerate(file, 1):
            try:
                value = _read(raw)
            except NotAnExport as error:
                raise NotAnExport(f"{name}, line {number}: {error}") from None
            if not isinstance(value, dict) or value.keys() != keys:
                found = value.keys() if isinstance(value, dict) else set()
                raise NotAnExport(
                    f"{name}, line {number}: missing keys {sorted(keys - found)}, "
                    f"unknown keys {[key[:40] for key in sorted(found - keys)]}"
                )
            yield value


def _read(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotAnExport(f"not UTF-8 (byte {error.start})") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except NotAnExport:
        raise
    except (ValueError, RecursionError):
        raise NotAnExport("not one JSON value") from None
    _refuse_what_cannot_be_hashed(value, 0)
    return value


def _object(pairs: list) -> dict:
    result: dict = {}
    for key, value in pairs:
        if key in result:
            raise NotAnExport(f"duplicate key {key[:40]!r}")
        result[key] = value
    return result


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LIMIT:
        raise NotAnExport("a number beyond 2^53-1")
    return int(text)


def _refuse_number(text: str) -> NoReturn:
    raise NotAnExport(f"number {text[:40]} is not written as an integer")


def _refuse_what_cannot_be_hashed(value: Any, depth: int) -> None:
    if depth > DEPTH:
        raise NotAnExport(f"nested deeper than {DEPTH} levels")
    if isinstance(value, str):
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise NotAnExport("a lone surrogate")
        if not unicodedata.is_normalized("NFC", value):
            raise NotAnExport("text that is not in NFC")
    elif isinstance(value, dict):
        for key, member in value.items():
            _refuse_what_cannot_be_hashed(key, depth)
            _refuse_what_cannot_be_hashed(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            _refuse_what_cannot_be_hashed(member, depth + 1)


# ---------------------------------------------------------------------------------------------
# Hashing


def canonical(value: Any) -> str:
    """RFC 8785 for objects, arrays, texts, integers, booleans and null."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(member) for member in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def hash_of(entry: dict) -> str:
    """SHA-256 of the algorithm's name, LF, and the canonical JSON of all fields but the hash."""
    body = {key: value for key, value in entry.items() if key != "hash"}
    return hashlib.sha256(f"{ALG}\n{canonical(body)}".encode()).hexdigest()


# ---------------------------------------------------------------------------------------------
# Checking


@dataclass
class Chain:
    """What is known of one chain after the entries read so far."""

    name: str
    count: int = 0
    head: str = GENESIS
    last_at: str = ""
    failures: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
    anchored: int = 0

    def fail(self, seq: Any, what: str) -> None:
        """Note a check that does not hold at an entry."""
        self.failures.append(f"chain {shown(self.name)} seq {shown(seq)}: {what}")

    def take(self, entry: dict) -> None:
        """Check the next entry of the chain, in the order of the file."""
        seq = entry["seq"]
        expected = self.count + 1
        if seq != expected or not _is_number(seq):
            self.fail(seq, f"number {expected} was expected here")
        if entry["alg"] != ALG:
            self.fail(seq, "the algorithm is not one that this verifier knows")
        elif entry["hash"] != hash_of(entry):
            self.fail(seq, "the hash does not follow from what the entry says")
        if entry["prev_hash"] != self.head:
            self.fail(seq, "does not name the hash of the entry before it")
        if not isinstance(entry["at"], str) or not INSTANT.fullmatch(entry["at"]):
            self.fail(seq, "`at` is no instant in UTC with microseconds")
        else:
            if entry["at"] < self.last_at:
                self.warnings.append(
                    f"chain {shown(self.name)} seq {seq}: earlier than the entry before it"
                )
            self.last_at = entry["at"]
        # Going on from the number and hash that stand there names every fault just once.
        self.count = seq if _is_number(seq) and seq > 0 else expected
        self.head = entry["hash"]


def shown(value: Any) -> str:
    """A value from the file for the screen: short, and nothing that steers a terminal."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= 100 else text[:100] + "…"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass
class Report:
    """The outcome: every chain, and what was said about the files as a whole."""

    chains: dict
    entries: int
    anchors: int
    with_anchors: bool

    @property
    def failed(self) -> bool:
        """Whether any check does not hold."""
        return any(chain.failures for chain in self.chains.values())


def read_anchors(names: list) -> dict:
    """(chain, seq) -> the set of hashes that the anchor files give for it."""
    heads: dict = {}
    for name in names:
        for line in read_lines(name, ANCHOR_KEYS):
            shaped = (
                isinstance(line["chain"], str)
                and _is_number(line["seq"])
                and line["seq"] > 0
                and isinstance(line["hash"], str)
                and HASH.fullmatch(line["hash"])
            )
            if not shaped:
                raise NotAnExport(f"{name}: a line is no anchor")
            heads.setdefault((line["chain"], line["seq"]), set()).add(line["hash"])
    return heads


def verify(export: str, anchor_files: list) -> Report:
    """Check an export against itself and against anchors."""
    heads = read_anchors(anchor_files)
    chains: dict = {}
    ids: set = set()
    entries = 0
    met: set = set()
    for entry in read_lines(export, ENTRY_KEYS):
        entries += 1
        name = entry["chain"]
        if not isinstance(name, str) or not name:
            raise NotAnExport(f"{export}, line {entries}: the chain has no name")
        chain = chains.setdefault(name, Chain(name))
        chain.take(entry)
        if not isinstance(entry["id"], str) or not ID.fullmatch(entry["id"]):
            chain.fail(entry["seq"], "the id is no UUID")
        elif entry["id"] in ids:
            chain.fail(entry["seq"], "the id stands at another entry, too")
        else:
            ids.add(entry["id"])
        place = (name, entry["seq"]) if _is_number(entry["seq"]) else None
        if place in heads:
            met.add(place)
            chain.anchored = max(chain.anchored, entry["seq"])
            if heads[place] != {str(entry["hash"])}:
                chain.fail(entry["seq"], "another hash than the anchor's: the chain was rewritten")
    if not entries and not heads:
        raise NotAnExport(f"{export}: holds no entry")
    _missing(heads, met, chains)
    return Report(chains, entries, len(heads), bool(anchor_files))


def _missing(heads: dict, met: set, chains: dict) -> None:
    """Anchors that no entry stands for: the tail was cut, or the chain is not there at all."""
    for name, seq in sorted(heads.keys() - met):
        known = name in chains
        chain = chains.setdefault(name, Chain(name))
        if not known or not chain.count:
            chain.fail(seq, "an anchor names this entry, but the chain is missing")
        elif seq > chain.count:
            chain.fail(seq, f"an anchor names this entry, but the chain ends at {chain.count}: cut")
        else:
            chain.fail(seq, "an anchor names this entry, but it is missing")


# ---------------------------------------------------------------------------------------------
# Saying so


def say(report: Report) -> None:
    """One line per chain, its faults below it, and a line that sums up."""
    for name, chain in sorted(report.chains.items()):
        state = "FAIL" if chain.failures else "OK  "
        anchored = f"anchored up to {chain.anchored}" if chain.anchored else "no anchor"
        print(f"{state} {shown(name)}: {chain.count} entries, {anchored}, head {shown(chain.head)}")
        for fault in chain.failures[:SHOWN_PER_CHAIN]:
            print(f"     FAIL {fault}")
        if len(chain.failures) > SHOWN_PER_CHAIN:
            print(f"     … and {len(chain.failures) - SHOWN_PER_CHAIN} more")
        for warning in chain.warnings[:SHOWN_PER_CHAIN]:
            print(f"     WARNING {warning}")
    if not report.with_anchors:
        print(
            "NOTE no anchors given: an end that was cut off, a chain that was left out, and a "
            "chain that was rewritten as a whole cannot be seen"
        )
    failures = sum(len(chain.failures) for chain in report.chains.values())
    warnings = sum(len(chain.warnings) for chain in report.chains.values())
    print(
        f"{'FAIL' if report.failed else 'OK'}: {len(report.chains)} chains, "
        f"{report.entries} entries, {report.anchors} anchors, "
        f"{failures} failures, {warnings} warnings"
    )


def main(arguments: list | None = None) -> int:
    """The command line; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    parser = argparse.ArgumentParser(description="Verify an export of the audit chains.")
    parser.add_argument("export", help="JSON Lines from `python -m app export-audit`")
    parser.add_argument(
        "--anchors", nargs="+", action="extend", default=[], help="files of heads, JSON Lines"
    )
    chosen = parser.parse_args(arguments)
    try:
        report = verify(chosen.export, chosen.anchors)
    except NotAnExport as error:
        print(f"NOT READABLE: {error}", file=sys.stderr)
        return 2
    say(report)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
