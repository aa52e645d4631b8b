"""Numbers of plans and tasks, and the quota rule that a plan's percentages become at the freeze.

A plan is written before anyone knows which strata its pool will have: it names percentages or
weights by risk class, and the freeze turns them into the exact rule of DRAW s.4.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.errors import RuleError
from app.domain.quota import QuotaRule, RatioRule, TotalRule
from app.domain.refusals import plans as refusals


def plan_no(region_code: str, department_code: str, year: int, number: int) -> str:
    """`150525-SCJG-2026-01` (DOMAIN F11)."""
    return f"{region_code}-{department_code}-{year}-{number:02d}"


def task_code(plan_number: str, position: int) -> str:
    """`150525-SCJG-2026-01-T01`: a code as DRAW s.1 wants it."""
    return f"{plan_number}-T{position:02d}"


def draw_no(code_of_task: str, number: int) -> str:
    """`150525-SCJG-2026-01-T01-D1`; a draw after an annulled one has the next number."""
    return f"{code_of_task}-D{number}"


def check_period(year: int, period_from: dt.date, period_to: dt.date) -> None:
    """A task lies within its plan's year."""
    if not dt.date(year, 1, 1) <= period_from <= period_to <= dt.date(year, 12, 31):
        raise RuleError(refusals.PERIOD_OUTSIDE_YEAR, year=year)


@dataclass(frozen=True, slots=True)
class PublishedRatio:
    """The range of ratios that an item was published with."""

    item_code: str
    lowest: int | None
    highest: int | None


def check_ratios(planned: Mapping[str, Any], items: Iterable[PublishedRatio]) -> None:
    """A plan's percentages against what its items were published with (N1, N3).

    Only what is certain before the pool is known: if every class is drawn above the highest (or
    below the lowest) ratio, so is the whole. Classes may lie outside on either side.
    """
    if planned["method"] != "ratio":
        return
    smallest, largest = min(planned["per_10000"].values()), max(planned["per_10000"].values())
    for item in items:
        if item.highest is not None and smallest > item.highest:
            raise RuleError(
                refusals.QUOTA_ABOVE_ITEM_RATIO,
                item_code=item.item_code,
                percent=f"{item.highest / 100:g}",
            )
        if item.lowest is not None and largest < item.lowest:
            raise RuleError(
                refusals.QUOTA_BELOW_ITEM_RATIO,
                item_code=item.item_code,
                percent=f"{item.lowest / 100:g}",
            )


def rule_for(planned: Mapping[str, Any], strata: Mapping[str, int]) -> QuotaRule:
    """The exact rule over just the strata that are there.

    Planned minimums and maximums are cut to the size of a stratum: a plan that asks for five firms
    of a class with three means all three.
    """
    if planned["method"] == "ratio":
        per_10000 = planned["per_10000"]
        for stratum in sorted(strata):
            if stratum not in per_10000:
                raise RuleError(refusals.QUOTA_STRATUM_UNPLANNED, stratum=stratum)
        return RatioRule({stratum: per_10000[stratum] for stratum in strata})
    weight, low, high = planned["weight"], planned["minimum"], planned["maximum"]
    for stratum in sorted(strata):
        if stratum not in weight:
            raise RuleError(refusals.QUOTA_STRATUM_UNPLANNED, stratum=stratum)
    return TotalRule(
        total=min(planned["total"], sum(strata.values())),
        weight={stratum: weight[stratum] for stratum in strata},
        minimum={s: min(low.get(s, 0), size) for s, size in strata.items()},
        maximum={s: min(high.get(s, size), size) for s, size in strata.items()},
    )
