"""Both quota rules: the golden cases, the errors by code, and the properties that define them."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.canonical import MAX_INTEGER
from app.domain.errors import RuleError
from app.domain.quota import (
    RatioRule,
    TotalRule,
    count_strata,
    extreme_strata,
    inclusion_probability,
    quota_rule,
    quotas,
)

_CASES = json.loads((Path(__file__).parents[1] / "golden/quota-v1.json").read_text("utf-8"))


@pytest.mark.parametrize("case", _CASES)
def test_golden_quotas_of_totals(case):
    rule = TotalRule(case["total"], case["weight"], case["minimum"], case["maximum"])
    if case["quota"] is None:
        with pytest.raises(RuleError) as caught:
            quotas(rule, case["size"])
        assert caught.value.refusal.code in {"quota-no-room", "quota-minimum-above-total"}
    else:
        assert quotas(rule, case["size"]) == case["quota"]


def test_a_ratio_is_rounded_up_exactly():
    rule = RatioRule({"A": 1, "B": 10_000, "C": 0, "D": 3333})
    strata = {"A": 10_000, "B": 7, "C": 5, "D": MAX_INTEGER}
    assert quotas(rule, strata) == {"A": 1, "B": 7, "C": 0, "D": -(-MAX_INTEGER * 3333 // 10_000)}
    assert quotas(RatioRule({"A": 1}), {"A": 10_001}) == {"A": 2}


def _code(call):
    with pytest.raises(RuleError) as caught:
        call()
    return caught.value.refusal.code


def test_errors_of_the_ratio_rule():
    assert _code(lambda: quotas(RatioRule({"A": 10_001}), {"A": 5})) == "quota-ratio-above-all"
    assert _code(lambda: quotas(RatioRule({"A": -1}), {"A": 5})) == "quota-rule-form"
    assert _code(lambda: quotas(RatioRule({"A": 1}), {"A": 5, "B": 1})) == "quota-strata-mismatch"
    assert _code(lambda: quotas(RatioRule({"A": 1, "B": 1}), {"A": 5})) == "quota-strata-mismatch"


@pytest.mark.parametrize(
    ("total", "weight", "minimum", "maximum", "code"),
    [
        (3, {"A": 1}, {"A": 4}, {"A": 5}, "quota-minimum-above-total"),
        (6, {"A": 1}, {"A": 0}, {"A": 5}, "quota-no-room"),
        (2, {"A": 0}, {"A": 0}, {"A": 5}, "quota-no-room"),
        (2, {"A": 1}, {"A": 3}, {"A": 2}, "quota-bounds"),
        (2, {"A": 1}, {"A": 0}, {"A": 11}, "quota-bounds"),
        (2, {}, {"A": 0}, {"A": 5}, "quota-strata-mismatch"),
        (2, {"A": 1}, {"A": 0, "B": 0}, {"A": 5}, "quota-strata-mismatch"),
        (2, {"A": 1}, {"A": 0}, {"B": 5}, "quota-strata-mismatch"),
        (-1, {"A": 1}, {"A": 0}, {"A": 5}, "quota-rule-form"),
        (2, {"A": -1}, {"A": 0}, {"A": 5}, "quota-rule-form"),
        (True, {"A": 1}, {"A": 0}, {"A": 5}, "quota-rule-form"),
    ],
)
def test_errors_of_the_total_rule(total, weight, minimum, maximum, code):
    assert _code(lambda: quotas(TotalRule(total, weight, minimum, maximum), {"A": 10})) == code


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"method": "third", "per_10000": {}},
        {"method": "ratio"},
        {"method": "ratio", "per_10000": [1]},
        {"method": "ratio", "per_10000": {"A": 1.0}},
        {"method": "ratio", "per_10000": {"A": True}},
        {"method": "ratio", "per_10000": {"A": 1}, "more": 1},
        {"method": "total", "total": 1, "weight": {}, "minimum": {}},
        {"method": ["ratio"], "per_10000": {}},
    ],
)
def test_a_rule_that_is_not_well_formed_is_refused(value):
    assert _code(lambda: quota_rule(value)) == "quota-rule-form"


def test_rules_are_read_as_they_are_written():
    for rule in (RatioRule({"A": 1}), TotalRule(4, {"A": 1}, {"A": 0}, {"A": 9})):
        assert quota_rule(rule.as_json()) == rule


@st.composite
def _totals(draw):
    names = draw(st.lists(st.sampled_from("ABCDE"), min_size=1, unique=True))
    size = {s: draw(st.integers(1, 40)) for s in names}
    maximum = {s: draw(st.integers(0, size[s])) for s in names}
    minimum = {s: draw(st.integers(0, maximum[s])) for s in names}
    weight = {s: draw(st.integers(0, 5)) for s in names}
    most = sum(maximum[s] if weight[s] else minimum[s] for s in names)
    total = draw(st.integers(sum(minimum.values()), max(most, sum(minimum.values()))))
    return TotalRule(total, weight, minimum, maximum), size


@given(_totals())
def test_a_total_with_room_is_met_between_the_bounds_and_whatever_the_key_order(case):
    rule, size = case
    quota = quotas(rule, size)
    assert sum(quota.values()) == rule.total
    assert all(rule.minimum[s] <= quota[s] <= rule.maximum[s] for s in size)
    assert all(quota[s] == rule.minimum[s] for s in size if rule.weight[s] == 0)
    turned = dict(reversed(size.items()))
    assert quotas(rule, turned) == quota
    # of strata that no bound holds, each is within one of its exact share
    held = {s for s in size if quota[s] == rule.maximum[s] or rule.weight[s] == 0}
    loose = [s for s in size if s not in held]
    rest = sum(quota[s] - rule.minimum[s] for s in loose)
    whole = sum(rule.weight[s] * size[s] for s in loose)
    if any(quota[s] == rule.maximum[s] for s in size):
        return
    for s in loose:
        share = Fraction(rest * rule.weight[s] * size[s], whole)
        assert abs(quota[s] - rule.minimum[s] - share) < 1


def test_equal_remainders_go_to_the_smaller_code():
    rule = TotalRule(1, {"B": 1, "A": 1}, {"B": 0, "A": 0}, {"B": 5, "A": 5})
    assert quotas(rule, {"B": 5, "A": 5}) == {"A": 1, "B": 0}


def test_strata_are_counted_from_the_lines():
    lines = [b"1\tB\t1\t-", b"2\tA\t7\t15", b"3\tB\t1\t-"]
    assert count_strata(lines) == {"A": 1, "B": 2}


def test_the_inclusion_probability_is_exact():
    assert inclusion_probability(3, 9) == Fraction(1, 3)
    for quota, size in ((4, 3), (-1, 3), (0, 0)):
        with pytest.raises(ValueError):
            inclusion_probability(quota, size)


def test_strata_drawn_whole_or_not_at_all_are_named():
    assert extreme_strata({"A": 0, "B": 2, "C": 5}, {"A": 3, "B": 3, "C": 5}) == ["A", "C"]
