"""What the fields of an item must hold to among themselves (N1, N3)."""

import datetime as dt
from typing import Any

import pytest

from app.domain.errors import RuleError
from app.domain.item_content import ItemContentFacts, faults_of, require_sound
from app.domain.lifecycle import ItemClass

FOOD = {"law": "食品安全法", "article": "第一百一十条", "text": None}


def facts(**changes: Any) -> ItemContentFacts:
    values: dict[str, Any] = {
        "item_class": ItemClass.GENERAL,
        "legal_bases": [FOOD],
        "key_points": [{"content": "许可证在有效期内"}],
        "supervision_code": "01234567890123",
        "ratio_min_per_10000": 300,
        "ratio_max_per_10000": 500,
        "valid_from": dt.date(2026, 1, 1),
        "valid_to": dt.date(2026, 1, 1),
    }
    return ItemContentFacts(**values | changes)


def test_an_item_that_makes_sense_has_no_faults():
    assert faults_of(facts()) == []
    require_sound(facts(ratio_min_per_10000=None, ratio_max_per_10000=None, supervision_code=None))


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"ratio_max_per_10000": 299}, "/ratio_max_per_10000", "ratio-turned-round"),
        ({"ratio_max_per_10000": 10_000}, "/ratio_max_per_10000", "general-item-takes-all"),
        ({"valid_to": dt.date(2025, 12, 31)}, "/valid_to", "validity-ends-first"),
        ({"supervision_code": "0123456789012"}, "/supervision_code", "supervision-code-form"),
        ({"supervision_code": "0123456789012X"}, "/supervision_code", "supervision-code-form"),
        ({"supervision_code": "０1234567890123"}, "/supervision_code", "supervision-code-form"),
        (
            {"legal_bases": [FOOD, FOOD | {"law": "《食品 安全法》"}]},
            "/legal_bases/1",
            "legal-basis-repeated",
        ),
        (
            {
                "key_points": [
                    {"content": "甲"},
                    {"content": "乙"},
                    {"content": "甲", "method": "x"},
                ]
            },
            "/key_points/2",
            "key-point-repeated",
        ),
    ],
)
def test_each_contradiction_is_named_at_its_field(changes: dict, pointer: str, code: str):
    found = faults_of(facts(**changes))
    assert [(fault.pointer, fault.code) for fault in found] == [(pointer, code)]
    with pytest.raises(RuleError, match="item-content-invalid"):
        require_sound(facts(**changes))


def test_a_key_item_may_take_everybody():
    assert (
        faults_of(
            facts(item_class=ItemClass.KEY, ratio_min_per_10000=10_000, ratio_max_per_10000=10_000)
        )
        == []
    )


def test_another_article_of_the_same_law_is_another_basis():
    assert faults_of(facts(legal_bases=[FOOD, FOOD | {"article": "第一百一十一条"}])) == []
