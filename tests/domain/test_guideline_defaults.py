"""Which guideline gives a task's blanks: rules before guide, the closer before the wider."""

from typing import Any
from uuid import uuid4

import pytest

from app.domain.errors import RuleError
from app.domain.guideline_defaults import GuidelineInForce, PlannedItem, task_defaults
from app.domain.lifecycle import GuidelineKind, RiskLevel

GUIDE, RULES = GuidelineKind.WORKING_GUIDE, GuidelineKind.DETAILED_RULES
ITEM = PlannedItem("C0001", RiskLevel.HIGH)
GIVEN = {"quota_rule": {}, "methods": ["onsite"]}


def guideline(code: str, kind: GuidelineKind = GUIDE, **changes: Any) -> GuidelineInForce:
    items, levels = changes.pop("items", ()), changes.pop("levels", ())
    return GuidelineInForce(uuid4(), code, 1, kind, frozenset(items), frozenset(levels), changes)


def source(field: str, *guidelines: GuidelineInForce, item: PlannedItem = ITEM) -> str | None:
    found = task_defaults(GIVEN, [item], guidelines)[field].source
    return found.code if found else None


def test_closer_guidelines_come_first() -> None:
    wide = guideline("G1", team_size=2)
    by_level = guideline("G2", levels=["high"], team_size=3)
    by_item = guideline("G3", items=["C0001"], team_size=4)
    both = guideline("G4", items=["C0001"], levels=["high"], team_size=5)
    rules = guideline("R1", RULES, team_size=6)
    rules_of_item = guideline("R2", RULES, items=["C0001"], team_size=7)
    order = [rules_of_item, rules, both, by_item, by_level, wide]
    while order:
        assert source("members", *reversed(order)) == order[0].code
        order = order[1:]
    assert source("members") is None


def test_a_guideline_of_other_items_or_levels_says_nothing() -> None:
    other = guideline("G1", items=["C0002"], team_size=5)
    low = guideline("G2", levels=["low"], team_size=5)
    assert source("members", other, low) is None
    assert task_defaults(GIVEN, [ITEM], [other, low])["members"].value == 2
    assert source("members", guideline("G3", levels=["high"], team_size=4)) == "G3"
    unknown = PlannedItem("C0001", None)
    assert source("members", guideline("G3", levels=["high"], team_size=4), item=unknown) is None


def test_each_field_is_looked_up_by_itself() -> None:
    guide = guideline("G1", team_size=3, notice_days=5)
    rules = guideline("R1", RULES, notice_days=7)
    found = task_defaults(GIVEN, [ITEM], [guide, rules])
    assert (found["members"].value, found["notice_days"].value) == (3, 7)


def test_what_is_given_is_not_looked_up() -> None:
    found = task_defaults(GIVEN | {"members": 2}, [ITEM], [guideline("G1", team_size=4)])
    assert "members" not in found
    assert "quota_rule" not in found


@pytest.mark.parametrize(
    "items",
    [
        [ITEM],
        [PlannedItem("C0001", None), PlannedItem("C0002", None)],
    ],
)
def test_it_does_not_choose_between_two_that_disagree(items: list[PlannedItem]) -> None:
    if len(items) == 1:
        rivals = [guideline("G1", team_size=3), guideline("G2", team_size=4)]
    else:
        rivals = [
            guideline("G1", items=["C0001"], team_size=3),
            guideline("G2", items=["C0002"], team_size=4),
        ]
    with pytest.raises(RuleError) as refused:
        task_defaults(GIVEN, items, rivals)
    assert refused.value.refusal.code == "task-defaults-undecided"
    error = refused.value.errors[0]
    assert (error.pointer, error.code) == ("/members", "default-undecided")
    assert "G1, G2" in error.zh


def test_two_that_agree_are_no_conflict() -> None:
    assert source("members", guideline("G2", team_size=3), guideline("G1", team_size=3)) == "G1"


def test_ratio_and_methods_have_no_default_of_the_house() -> None:
    with pytest.raises(RuleError) as refused:
        task_defaults({}, [ITEM], [])
    assert refused.value.refusal.code == "task-defaults-missing"
    assert [error.pointer for error in refused.value.errors] == ["/quota_rule", "/methods"]
