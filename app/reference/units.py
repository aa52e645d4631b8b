"""The units of the 2022 plan (R23): names and memberships, never the people."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from app.reference.source import read_json


@dataclass(frozen=True, slots=True)
class BusinessLine:
    """A business line (业务条线/股室) of a department; its code is unique within it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Department:
    """A unit; `host` is the code of the department that houses the leading-group office."""

    code: str
    name: str
    kind: str
    region_code: str
    leading_group_member: bool
    joint_conference_member: bool
    host: str | None
    business_lines: tuple[BusinessLine, ...]
    licensing_scopes: tuple[str, ...]


@cache
def departments() -> tuple[Department, ...]:
    """All units in the order of annex 1, then the office, then the oversight bodies."""
    document = read_json("departments.json")
    return tuple(_department(document["region_code"], unit) for unit in document["units"])


def _department(region_code: str, unit: dict[str, Any]) -> Department:
    return Department(
        code=unit["code"],
        name=unit["name"],
        kind=unit["kind"],
        region_code=region_code,
        leading_group_member=unit["leading_group_member"],
        joint_conference_member=unit["joint_conference_member"],
        host=unit["host"],
        business_lines=tuple(
            BusinessLine(line["code"], line["name"]) for line in unit["business_lines"]
        ),
        licensing_scopes=tuple(unit["licensing_scopes"]),
    )
