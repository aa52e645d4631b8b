"""The joint list of a region: which units an item names, and when it is joint at all.

A list may name units by their full name, without the region's name, or by kinds ("market
regulation") that are no unit. Only a name that is certain is linked; the rest stays text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.errors import FieldError, RuleError
from app.domain.lifecycle import JointPart
from app.domain.refusals import joint_items as refusals

CODE_LETTER = "J"
MAX_UNITS = 50
_LEAST_UNITS = 2


@dataclass(frozen=True, slots=True)
class JointIdentity:
    """What makes two joint items of a region the same."""

    field: str
    name: str
    objects: str


@dataclass(frozen=True, slots=True)
class JointUnit:
    """A unit as an item names it; linked where it is a department of the region."""

    part: JointPart
    name: str
    department_id: UUID | None


def names_of(department: str, region: str) -> frozenset[str]:
    """How lists of the region write a department: in full, bare, or with 旗, 县, 市 before it."""
    if not region or not department.startswith(region) or department == region:
        return frozenset({department})
    bare = department.removeprefix(region)
    return frozenset({department, bare, region[-1] + bare})


def directory(departments: Iterable[tuple[UUID, str]], region: str) -> Mapping[str, UUID]:
    """The department of each name; a name that could mean two means none."""
    meant: dict[str, set[UUID]] = {}
    for department_id, full_name in departments:
        for name in names_of(full_name, region):
            meant.setdefault(name, set()).add(department_id)
    return {name: found.pop() for name, found in meant.items() if len(found) == 1}


def without_repeats(units: Sequence[JointUnit]) -> list[JointUnit]:
    """Each unit where it is named first, by its name or by the department it stands for."""
    kept: list[JointUnit] = []
    for unit in units:
        if not any(_same(unit, other) for other in kept):
            kept.append(unit)
    return kept


def is_joint(units: Sequence[JointUnit]) -> bool:
    """Whether two units or more take part; two names of one unit are one (plan s.4(1)2)."""
    return len(without_repeats(units)) >= _LEAST_UNITS


def require_joint(units: Sequence[JointUnit]) -> None:
    """Two units or more, each named once, or nothing is joint (plan s.4(1)2)."""
    errors: list[FieldError] = []
    places = dict.fromkeys(JointPart, 0)
    for index, unit in enumerate(units):
        if any(_same(unit, other) for other in units[:index]):
            errors.append(refusals.UNIT_TWICE.at(f"/{unit.part.value}/{places[unit.part]}"))
        places[unit.part] += 1
    if not is_joint(units):
        errors.append(refusals.UNITS_TOO_FEW.at("/cooperating"))
    if errors:
        raise RuleError(refusals.JOINT_UNITS_INVALID, tuple(errors))


def _same(one: JointUnit, other: JointUnit) -> bool:
    linked = one.department_id is not None and one.department_id == other.department_id
    return linked or one.name == other.name
