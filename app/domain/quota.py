"""How many objects each stratum gives (DRAW.md section 4): by ratio, or by sharing a total.

Integers only: every share is computed as floor and remainder of one exact division, so that every
party gets the same quota. It refuses a rule that does not name exactly the strata of the pool, or
that cannot be met; it never rounds a contradiction away.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.domain.canonical import MAX_INTEGER
from app.domain.errors import RuleError
from app.domain.refusals.draw_rules import (
    QUOTA_BOUNDS,
    QUOTA_MINIMUM_ABOVE_TOTAL,
    QUOTA_NO_ROOM,
    QUOTA_RATIO_ABOVE_ALL,
    QUOTA_RULE_FORM,
    QUOTA_STRATA_MISMATCH,
)

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class RatioRule:
    """k = ceil(N * p / 10000) in each stratum."""

    per_10000: Mapping[str, int]

    def as_json(self) -> dict[str, object]:
        """As the manifest has it."""
        return {"method": "ratio", "per_10000": dict(self.per_10000)}


@dataclass(frozen=True, slots=True)
class TotalRule:
    """A total, shared in proportion to weight * N between a minimum and a maximum each."""

    total: int
    weight: Mapping[str, int]
    minimum: Mapping[str, int]
    maximum: Mapping[str, int]

    def as_json(self) -> dict[str, object]:
        """As the manifest has it."""
        return {
            "method": "total",
            "total": self.total,
            "weight": dict(self.weight),
            "minimum": dict(self.minimum),
            "maximum": dict(self.maximum),
        }


QuotaRule = RatioRule | TotalRule
_FIELDS = {
    "ratio": {"method", "per_10000"},
    "total": {"method", "total", "weight", "minimum", "maximum"},
}


def quota_rule(value: object) -> QuotaRule:
    """Read a rule from JSON; exactly the fields of its method, integers that are not negative."""
    if not isinstance(value, Mapping):
        raise RuleError(QUOTA_RULE_FORM, field="quota_rule")
    method = value.get("method")
    if not isinstance(method, str) or method not in _FIELDS:
        raise RuleError(QUOTA_RULE_FORM, field="method")
    if set(value) != _FIELDS[method]:
        raise RuleError(QUOTA_RULE_FORM, field="quota_rule")
    if method == "ratio":
        return RatioRule(_map_of_integers(value, "per_10000"))
    return TotalRule(
        _integer(value["total"], "total"),
        _map_of_integers(value, "weight"),
        _map_of_integers(value, "minimum"),
        _map_of_integers(value, "maximum"),
    )


def quotas(rule: QuotaRule, strata: Mapping[str, int]) -> dict[str, int]:
    """The quota of every stratum present; `strata` maps each to its size N ≥ 1."""
    if isinstance(rule, RatioRule):
        return _by_ratio(rule, strata)
    return _by_total(rule, strata)


def count_strata(pool_lines: Iterable[bytes]) -> dict[str, int]:
    """The size of every stratum that occurs in the pool's lines, by stratum code."""
    counted = Counter(line.split(b"\t", 2)[1] for line in pool_lines)
    return {stratum.decode(): counted[stratum] for stratum in sorted(counted)}


def inclusion_probability(quota: int, size: int) -> Fraction:
    """The exact chance of an object of the stratum: k/N. It is published."""
    if not 0 <= quota <= size or size == 0:
        raise ValueError("a quota lies between 0 and the size of its stratum")
    return Fraction(quota, size)


def extreme_strata(quota: Mapping[str, int], strata: Mapping[str, int]) -> list[str]:
    """Strata of which nothing or everything is drawn: the manifest must say why."""
    return sorted(s for s, k in quota.items() if k in {0, strata[s]})


def _by_ratio(rule: RatioRule, strata: Mapping[str, int]) -> dict[str, int]:
    _same_strata("per_10000", rule.per_10000, strata)
    for stratum in sorted(strata):
        _integer(rule.per_10000[stratum], "per_10000")
        if rule.per_10000[stratum] > WHOLE:
            raise RuleError(QUOTA_RATIO_ABOVE_ALL, stratum=stratum)
    return {s: -(-strata[s] * rule.per_10000[s] // WHOLE) for s in sorted(strata)}


def _by_total(rule: TotalRule, strata: Mapping[str, int]) -> dict[str, int]:
    _check_total_rule(rule, strata)
    smallest = sum(rule.minimum.values())
    if smallest > rule.total:
        raise RuleError(QUOTA_MINIMUM_ABOVE_TOTAL, minimum=smallest, total=rule.total)
    full: set[str] = set()
    while True:
        quota = {s: rule.maximum[s] if s in full else rule.minimum[s] for s in sorted(strata)}
        rest = rule.total - sum(quota.values())
        if rest == 0:
            return quota
        open_strata = [
            s
            for s in quota
            if s not in full and rule.weight[s] > 0 and rule.maximum[s] > rule.minimum[s]
        ]
        if not open_strata:
            raise RuleError(QUOTA_NO_ROOM, total=rule.total, left=rest)
        for stratum, share in _shares(rest, open_strata, rule.weight, strata).items():
            quota[stratum] += share
        passing = {s for s in open_strata if quota[s] > rule.maximum[s]}
        if not passing:
            return quota
        full |= passing


def _shares(
    rest: int, open_strata: list[str], weight: Mapping[str, int], strata: Mapping[str, int]
) -> dict[str, int]:
    """Floors first, then one each by larger remainder, ties by stratum code."""
    part = {s: weight[s] * strata[s] for s in open_strata}
    whole = sum(part.values())
    share = {s: rest * part[s] // whole for s in open_strata}
    by_remainder = sorted(open_strata, key=lambda s: (-(rest * part[s] % whole), s))
    for stratum in by_remainder[: rest - sum(share.values())]:
        share[stratum] += 1
    return share


def _check_total_rule(rule: TotalRule, strata: Mapping[str, int]) -> None:
    _integer(rule.total, "total")
    for name in ("weight", "minimum", "maximum"):
        values = getattr(rule, name)
        _same_strata(name, values, strata)
        for value in values.values():
            _integer(value, name)
    for stratum in sorted(strata):
        low, high, size = rule.minimum[stratum], rule.maximum[stratum], strata[stratum]
        if not low <= high <= size:
            raise RuleError(QUOTA_BOUNDS, stratum=stratum, minimum=low, maximum=high, size=size)


def _same_strata(name: str, values: Mapping[str, int], strata: Mapping[str, int]) -> None:
    missing, unknown = sorted(set(strata) - set(values)), sorted(set(values) - set(strata))
    if missing or unknown:
        raise RuleError(QUOTA_STRATA_MISMATCH, field=name, missing=missing, unknown=unknown)


def _map_of_integers(value: Mapping[str, object], name: str) -> dict[str, int]:
    member = value[name]
    if not isinstance(member, Mapping) or not all(isinstance(key, str) for key in member):
        raise RuleError(QUOTA_RULE_FORM, field=name)
    return {key: _integer(number, name) for key, number in member.items()}


def _integer(value: object, name: str) -> int:
    # bool is an int for Python; in JSON it is not a number
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_INTEGER:
        raise RuleError(QUOTA_RULE_FORM, field=name)
    return value
