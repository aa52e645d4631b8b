"""Codes of items and what publication asks of them (R01, N1, R13)."""

import datetime as dt
import itertools

import pytest

from app.domain.checklist import (
    MAX_ITEMS,
    ItemState,
    new_codes,
    require_publication_facts,
    require_publishable,
)
from app.domain.errors import RuleError

DAY = dt.date(2026, 3, 2)


def some(codes):
    return list(itertools.islice(codes, 3))


def test_codes_go_on_after_the_highest_and_skip_none_twice():
    assert some(new_codes([])) == ["C0001", "C0002", "C0003"]
    assert some(new_codes(["C0002", "X9", "C12", "C0009"])) == ["C0010", "C0011", "C0012"]
    assert some(new_codes(["C9999"]))[0] == "C10000"


def test_a_number_of_a_strange_form_does_not_lead_the_count_astray():
    assert some(new_codes(["C99999999999999999999", "c0005"]))[0] == "C0001"


def test_n1_every_item_needs_a_legal_basis_and_a_method():
    items = [ItemState("A", True, True), ItemState("B", False, False), ItemState("C", True, False)]
    with pytest.raises(RuleError) as refused:
        require_publishable(items)
    assert refused.value.refusal.code == "checklist-not-ready"
    assert refused.value.facts == {"count": 2}
    assert [error.pointer for error in refused.value.errors] == [
        "/items/B/legal_bases",
        "/items/B/methods",
        "/items/C/methods",
    ]
    require_publishable(items[:1])


def test_incomplete_items_are_left_out_on_the_word_of_who_publishes_and_named():
    items = [ItemState("A", True, True), ItemState("B", False, True), ItemState("C", True, False)]
    left = require_publishable(items, leave_out_incomplete=True)
    assert [(one.code, [fault.pointer for fault in one.faults]) for one in left] == [
        ("B", ["/items/B/legal_bases"]),
        ("C", ["/items/C/methods"]),
    ]
    assert require_publishable(items[:1], leave_out_incomplete=True) == []
    with pytest.raises(RuleError) as refused:  # nothing would be published
        require_publishable(items[1:], leave_out_incomplete=True)
    assert refused.value.refusal.code == "checklist-not-ready"


def test_a_checklist_is_neither_empty_nor_endless():
    for items, code in (
        ([], "checklist-empty"),
        ([ItemState("A", True, True)] * (MAX_ITEMS + 1), "checklist-too-long"),
    ):
        with pytest.raises(RuleError) as refused:
            require_publishable(items)
        assert refused.value.refusal.code == code


def test_r01_both_publications_have_happened():
    require_publication_facts(DAY, DAY, DAY)
    for platform, site, pointer in (
        (DAY + dt.timedelta(1), DAY, "/platform_published_on"),
        (DAY, DAY + dt.timedelta(1), "/site_published_on"),
    ):
        with pytest.raises(RuleError) as refused:
            require_publication_facts(platform, site, DAY)
        assert refused.value.refusal.clause == "R01"
        assert [error.pointer for error in refused.value.errors] == [pointer]
