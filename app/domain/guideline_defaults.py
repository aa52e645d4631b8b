"""What a plan task takes from the guidelines in force where its maker says nothing (R06, F10).

Each field is looked up by itself: for every item the detailed rules come before the working guide,
then who names the item before who means all, then who names its risk level. Refuses to choose
between two guidelines of the same rank, or between two items, that say different things.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.errors import FieldError, RuleError
from app.domain.lifecycle import GuidelineKind, RiskLevel
from app.domain.refusals import guidelines as refusals

FIELDS: Mapping[str, str] = {
    "quota_rule": "quota_rule",
    "methods": "default_methods",
    "members": "team_size",
    "lead": "leader_required",
    "officer_cap": "officer_cap",
    "visit_cap": "visit_cap",
    "cooling_days": "cooling_days",
    "notice_days": "notice_days",
    "inspection_days": "inspection_days",
}
"""A task's field and the guideline's that it is taken from."""
HOUSE: Mapping[str, Any] = {"members": 2, "lead": True, "officer_cap": 50, "cooling_days": 0}
"""Where no guideline speaks either; two officers at least (DOMAIN F19)."""
REQUIRED = ("quota_rule", "methods")


def speaks_of(item_codes: frozenset[str], risk_levels: frozenset[str], item: "PlannedItem") -> bool:
    """Whether a guideline bound so holds for the item; bound to nothing, it holds for all."""
    return (not item_codes or item.code in item_codes) and (
        not risk_levels or (item.risk_level is not None and item.risk_level in risk_levels)
    )


@dataclass(frozen=True, slots=True)
class GuidelineInForce:
    """An active guideline: what it is bound to, and the values it gives by its own field names."""

    id: UUID
    code: str
    version: int
    kind: GuidelineKind
    item_codes: frozenset[str]
    risk_levels: frozenset[str]
    values: Mapping[str, Any]

    def rank(self, item: "PlannedItem") -> tuple[bool, bool, bool] | None:
        """How closely it speaks of the item; None: not of it."""
        if not speaks_of(self.item_codes, self.risk_levels, item):
            return None
        rules = self.kind is GuidelineKind.DETAILED_RULES
        return rules, bool(self.item_codes), bool(self.risk_levels)


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An item of a task."""

    code: str
    risk_level: RiskLevel | None


@dataclass(frozen=True, slots=True)
class Default:
    """A value and the guideline that gave it; None: the house's own."""

    value: Any
    source: GuidelineInForce | None = None


def task_defaults(
    given: Mapping[str, Any], items: Sequence[PlannedItem], guidelines: Sequence[GuidelineInForce]
) -> dict[str, Default]:
    """The values of the fields that `given` lacks; refuses what is missing or undecided."""
    found: dict[str, Default] = {}
    errors: list[FieldError] = []
    undecided = False
    for field in FIELDS:
        if field in given:
            continue
        offers = [offer for item in items for offer in _offers(field, item, guidelines)]
        if any(offer.value != offers[0].value for offer in offers[1:]):
            codes = {offer.source.code for offer in offers if offer.source}
            errors.append(
                refusals.DEFAULT_UNDECIDED.at(f"/{field}", codes=", ".join(sorted(codes)))
            )
            undecided = True
        elif offers:
            found[field] = offers[0]
        elif field in REQUIRED:
            errors.append(refusals.DEFAULT_MISSING.at(f"/{field}"))
        else:
            found[field] = Default(HOUSE.get(field))
    if errors:
        refusal = refusals.DEFAULTS_UNDECIDED if undecided else refusals.DEFAULTS_MISSING
        raise RuleError(refusal, tuple(errors))
    return found


def _offers(field: str, item: PlannedItem, guidelines: Sequence[GuidelineInForce]) -> list[Default]:
    """What the guidelines that speak most closely of the item say of the field, by code."""
    name = FIELDS[field]
    ranked = [
        (rank, one)
        for one in guidelines
        if one.values.get(name) is not None and (rank := one.rank(item)) is not None
    ]
    closest = max((rank for rank, _ in ranked), default=None)
    chosen = sorted((one for rank, one in ranked if rank == closest), key=lambda one: one.code)
    return [Default(one.values[name], one) for one in chosen]
