"""Every way to change one value of a bundle, for tests of the verifiers.

Yields single changes only: a character, a number by one, a flipped boolean, an element removed,
doubled or moved, a key removed, renamed or added. It knows which single changes must be let
through, because nothing in a bundle can contradict them, and refuses to excuse any other.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

VOID_REASONS = ("CANCELLED", "REVOKED", "WITHDRAWN", "MOVED", "CLOSED")
OPTIONAL = {"manifest_canonical", "manifest_sha256", "commits_sha256", "public", "inclusion"}
CODE = re.compile(r"[0-9A-Z][0-9A-Z._-]{0,63}")


@dataclass(frozen=True)
class Mutation:
    path: tuple
    kind: str
    bundle: dict

    def __str__(self) -> str:
        return f"{'/'.join(map(str, self.path))}: {self.kind}"


def leaves_and_containers(value: object, path: tuple = ()) -> Iterator[tuple]:
    """All paths of a bundle, the bundle itself first."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves_and_containers(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves_and_containers(item, (*path, index))


def at(value: object, path: tuple) -> object:
    for step in path:
        value = value[step]
    return value


def replaced(value: object, path: tuple, new: object) -> object:
    """A copy of the bundle that shares all but the changed branch."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def _next(char: str) -> str:
    if char in "0123456789":
        return str((int(char) + 1) % 10)
    if "a" <= char <= "e" or "A" <= char <= "Y":
        return chr(ord(char) + 1)
    return "A" if char != "A" else "B"


def of_text(text: str, whole: bool) -> Iterator[tuple]:
    """Change, drop or add a character; at all positions of short texts if `whole`."""
    last = len(text) - 1
    places = {0, last // 2, last} if text else set()
    if whole and len(text) <= 130:
        places = set(range(len(text)))
    elif whole:
        places |= set(range(0, len(text), 37))
    for i in sorted(places):
        yield f"character {i}", text[:i] + _next(text[i]) + text[i + 1 :]
    for i in sorted({0, last // 2, last}) if text else ():
        yield f"without character {i}", text[:i] + text[i + 1 :]
    yield "a character more", text + (text[-1:] or "A")
    yield "a newline more", text + "\n"
    yield "a zero in front", "0" + text
    if text.swapcase() != text:
        yield "case", text.swapcase()
    if "\n" in text:
        yield "CRLF", text.replace("\n", "\r\n")
        lines = text.splitlines(keepends=True)
        yield "a line doubled", "".join([lines[0], *lines])
        yield "first line gone", "".join(lines[1:])
        yield "last line gone", "".join(lines[:-1])
        if len(lines) > 1:
            yield "lines swapped", "".join([lines[1], lines[0], *lines[2:]])
    yield "empty", ""
    yield "null", None
    yield "list", [text]


def of_number(number: int) -> Iterator[tuple]:
    yield "one more", number + 1
    yield "one less", number - 1
    yield "zero", 0
    yield "text", str(number)
    yield "boolean", bool(number)
    yield "null", None
    yield "largest", 2**53 - 1


def of_list(items: list) -> Iterator[tuple]:
    for i, item in enumerate(items):
        yield f"without {i}", items[:i] + items[i + 1 :]
        yield f"{i} doubled", [*items[:i], item, *items[i:]]
        if i:
            yield f"{i - 1} and {i} swapped", [*items[: i - 1], item, items[i - 1], *items[i + 1 :]]
    yield "null more", [*items, None]
    yield "code more", [*items, "X0"]
    yield "empty", []
    yield "null", None
    yield "object", {}


def of_map(items: dict) -> Iterator[tuple]:
    for key, item in items.items():
        rest = {k: v for k, v in items.items() if k != key}
        yield f"without {key}", rest
        yield f"{key} renamed", {**rest, key + "0": item}
    if items:
        key = next(iter(items))
        yield "key more", {**items, "X0": items[key]}
    yield "empty", {}
    yield "null", None
    yield "list", []


def changes(value: object, whole: bool) -> list:
    if isinstance(value, str):
        found = of_text(value, whole)
    elif isinstance(value, bool):
        found = iter([("flip", not value), ("number", int(value)), ("null", None)])
    elif isinstance(value, int):
        found = of_number(value)
    elif isinstance(value, list):
        found = of_list(value)
    elif isinstance(value, dict):
        found = of_map(value)
    else:
        found = iter([("text", ""), ("zero", 0), ("false", False), ("code", "X0"), ("list", [])])
    return [(kind, new) for kind, new in found if not _same(new, value)]


def _same(a: object, b: object) -> bool:
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def mutations(bundle: dict, *, each: int = 0, step: int = 1) -> Iterator[Mutation]:
    """All changes of all values; or `each` changes, others at each path, of every step-th path."""
    for number, path in enumerate(leaves_and_containers(bundle)):
        if number % step:
            continue
        found = changes(at(bundle, path), whole=not each)
        if each and len(found) > each:
            found = [found[(number * 7 + i * 5) % len(found)] for i in range(each)]
        for kind, new in found:
            yield Mutation(path, kind, replaced(bundle, path, new))


def must_stand(original: dict, mutation: Mutation) -> str:
    """Why a verifier cannot see this change; empty when it must refuse it."""
    path, changed = mutation.path, mutation.bundle
    if not path and isinstance(changed, dict):
        lost = original.keys() - changed.keys()
        if lost <= OPTIONAL and all(
            changed[k] == original[k] for k in original.keys() & changed.keys()
        ):
            return "an optional key left out, or an unknown key noted"
    if path[:1] == ("voids",):
        if len(path) == 3 and path[2] == "reason" and at(changed, path) in VOID_REASONS:
            return "another reason for a void: the evidence is not in the bundle"
        if (
            path == ("voids",)
            and "swapped" in mutation.kind
            and _strata_in_order(original, changed)
        ):
            return "voids of different strata in another order"
    withheld = path[:1] == ("teams",) and original["officers"] is None
    if withheld and _teams_still_possible(
        original["manifest"], original["teams"], changed["teams"]
    ):
        return "another officer in a team, the officers' files being withheld"
    return ""


def _is_code(value: object) -> bool:
    return isinstance(value, str) and CODE.fullmatch(value) is not None


def _strata_in_order(original: dict, changed: dict) -> bool:
    def split(bundle: dict) -> dict:
        strata: dict = {}
        for void in bundle["voids"]:
            strata.setdefault(void["stratum"], []).append(void)
        return strata

    return split(original) == split(changed)


def _teams_still_possible(manifest: dict, before: list, after: object) -> bool:
    """Written apart from the verifiers: same objects and seats, only the names in them differ."""
    try:
        seats = [[(obj, code, len(xs)) for code, xs in parts] for obj, parts in before]
        if [[(obj, code, len(xs)) for code, xs in parts] for obj, parts in after] != seats:
            return False
        names = [(code, x) for _, parts in after for code, xs in parts for x in xs]
        teams = [xs for _, parts in after for _, xs in parts]
        homes = {x: {c for c, y in names if y == x} for _, x in names}
    except (TypeError, ValueError):
        return False
    return (
        all(_is_code(x) for _, x in names)
        and all(len(set(xs)) == len(xs) for xs in teams)
        and all(len(home) == 1 for home in homes.values())
        and all(sum(y == x for _, y in names) <= manifest["teams"]["cap"] for x in homes)
        and len(homes) <= manifest["officers"]["size"]
    )
