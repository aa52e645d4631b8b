"""Which items may enter a plan, and each reason why not (N1, N7, R01)."""

import datetime as dt
from typing import Any

import pytest

from app.domain.errors import RuleError
from app.domain.lifecycle import ItemStatus
from app.domain.plannable import PlannableFacts, obstacles, require_plannable
from app.domain.planning import PublishedRatio, check_ratios

MARCH, JUNE = dt.date(2026, 3, 1), dt.date(2026, 6, 30)


def facts(**changes: Any) -> PlannableFacts:
    values: dict[str, Any] = {
        "code": "C0001",
        "status": ItemStatus.PUBLISHED,
        "has_legal_basis": True,
        "published": True,
    }
    return PlannableFacts(**values | changes)


def codes(item: PlannableFacts, first: dt.date | None = MARCH, last: dt.date = JUNE) -> list[str]:
    return [found.refusal.code for found in obstacles(item, first, last)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"has_legal_basis": False}, "item-without-legal-basis"),
        ({"status": ItemStatus.RETIRED}, "item-retired"),
        ({"status": ItemStatus.RETIRED, "moved_to": "消防"}, "item-moved"),
        ({"published": False}, "item-not-published"),
        ({"valid_from": dt.date(2026, 3, 2)}, "item-outside-validity"),
        ({"valid_to": dt.date(2026, 6, 29)}, "item-outside-validity"),
    ],
)
def test_each_reason_is_its_own_refusal(changes: dict[str, Any], code: str) -> None:
    assert codes(facts(**changes)) == [code]


def test_a_changed_item_is_planned_as_it_was_published() -> None:
    assert codes(facts(status=ItemStatus.DRAFT)) == []


def test_the_task_may_use_both_ends_of_the_validity() -> None:
    assert codes(facts(valid_from=MARCH, valid_to=JUNE)) == []


def test_what_begins_later_may_be_planned_for_later_and_what_is_over_may_not() -> None:
    later = facts(valid_from=dt.date(2027, 1, 1))
    assert codes(later, None, MARCH) == []
    assert codes(facts(valid_to=dt.date(2026, 2, 28)), None, MARCH) == ["item-outside-validity"]


def test_all_items_and_all_their_reasons_are_named_by_pointer() -> None:
    items = [
        ("/item_ids/0", facts()),
        ("/item_ids/1", facts(code="C0002", has_legal_basis=False, published=False)),
        ("/item_ids/2", facts(code="C0003", status=ItemStatus.RETIRED)),
    ]
    with pytest.raises(RuleError) as refused:
        require_plannable(items, MARCH, JUNE)
    assert refused.value.refusal.code == "item-without-legal-basis"
    assert [(error.pointer, error.code) for error in refused.value.errors] == [
        ("/item_ids/1", "item-without-legal-basis"),
        ("/item_ids/1", "item-not-published"),
        ("/item_ids/2", "item-retired"),
    ]


@pytest.mark.parametrize(
    ("per_10000", "refused"),
    [
        ({"A": 301, "D": 9000}, None),
        ({"A": 100, "D": 500}, None),
        ({"A": 501, "D": 9000}, "quota-above-item-ratio"),
        ({"A": 100, "D": 299}, "quota-below-item-ratio"),
    ],
)
def test_a_plan_keeps_to_the_published_ratio_as_far_as_is_certain(
    per_10000: dict[str, int], refused: str | None
) -> None:
    items = [PublishedRatio("C0001", 300, 500), PublishedRatio("C0002", None, None)]
    planned = {"method": "ratio", "per_10000": per_10000}
    if refused is None:
        check_ratios(planned, items)
    else:
        with pytest.raises(RuleError, match=refused):
            check_ratios(planned, items)


def test_a_total_has_no_ratio_before_the_pool_is_known() -> None:
    check_ratios({"method": "total", "total": 5}, [PublishedRatio("C0001", 300, 500)])
