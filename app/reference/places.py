"""Regions (GB/T 2260, townships by the statistical list) and industries (GB/T 4754)."""

from dataclasses import dataclass
from functools import cache

from app.reference.source import read_csv


@dataclass(frozen=True, slots=True)
class Region:
    """A place; `level` is province, prefecture, county or township."""

    code: str
    name: str
    level: str
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class Industry:
    """A section (letter) or division (two digits); classes and groups are not shipped yet."""

    code: str
    name: str
    level: str
    section: str


@cache
def regions() -> tuple[Region, ...]:
    """All regions, parents before their children."""
    return tuple(
        Region(row["code"], row["name"], row["level"], row["parent_code"] or None)
        for row in read_csv("regions.csv")
    )


@cache
def industries() -> tuple[Industry, ...]:
    """All sections and divisions, each section before its divisions."""
    return tuple(
        Industry(row["code"], row["name"], row["level"], row["section"])
        for row in read_csv("industries.csv")
    )
