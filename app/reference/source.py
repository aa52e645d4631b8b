"""Reading the shipped files, and saying where each comes from."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """Where a data set comes from; `unverified` until someone compared it with the original."""

    name: str
    source: str
    version: str
    unverified: bool
    note: str


def read_json(name: str) -> Any:
    """The parsed content of a shipped JSON file."""
    return json.loads(_text(name))


def read_csv(name: str) -> list[dict[str, str]]:
    """The rows of a shipped CSV file; every value is text."""
    return list(csv.DictReader(_text(name).splitlines()))


@cache
def sources() -> Mapping[str, Source]:
    """The origin of every data set, by its name."""
    found = {key: _source(key, value) for key, value in read_json("sources.json").items()}
    for name in ("departments", "holiday_notices", "codes", "certificate_forms"):
        found[name] = _source(name, read_json(f"{name}.json"))
    return MappingProxyType(found)


def _source(name: str, head: Mapping[str, Any]) -> Source:
    # Codes are marked group by group, so the file as a whole carries no mark of its own.
    unverified = bool(head.get("unverified", False))
    return Source(name, head["source"], head["version"], unverified, head["note"])


def read_lines(name: str) -> list[str]:
    """The lines of a shipped text file."""
    return _text(name).splitlines()


def _text(name: str) -> str:
    return resources.files("app.reference").joinpath(name).read_text(encoding="utf-8")
