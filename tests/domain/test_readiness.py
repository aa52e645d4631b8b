"""Each finding of readiness appears when its fact is there, and goes when it is mended (F09)."""

from dataclasses import replace

import pytest

from app.domain.clauses import CLAUSES
from app.domain.eligibility import ItemFacts
from app.domain.lifecycle import GuidelineKind, RiskLevel
from app.domain.officer_coverage import of_line
from app.domain.readiness import (
    KINDS,
    DepartmentFacts,
    GuidelineDraft,
    ReadinessCode,
    ReadyGuideline,
    ReadyItem,
    ReadyOfficer,
    Severity,
    findings,
    missing_parts,
    tally,
)
from app.reference import codes

NOBODY = frozenset[str]()
ITEM = ReadyItem(
    "id-1",
    ItemFacts("C0001", "特种设备使用检查", "特种设备", frozenset({"特种设备"})),
    frozenset({"特种设备使用"}),
    unpublished=False,
)
OFFICER = ReadyOfficer(frozenset({"特种设备", "食品"}), NOBODY, leader=True)
GUIDE = ReadyGuideline(GuidelineKind.WORKING_GUIDE, NOBODY)
RULES = ReadyGuideline(GuidelineKind.DETAILED_RULES, frozenset({"C0001"}))
READY = DepartmentFacts(
    code="SCJG",
    has_version=True,
    items=[ITEM],
    pools={"特种设备使用": 12},
    officers=[OFFICER, replace(OFFICER, leader=False)],
    guidelines=[GUIDE, RULES],
    drafts=[GuidelineDraft("id-2", "ZY-1", "指引", [])],
    expiring=0,
    coverage=of_line(2, 2, 2),
)
OTHER = replace(ITEM, facts=replace(ITEM.facts, code="C0002"))


@pytest.mark.parametrize(
    ("level", "missing"), [(None, True), (RiskLevel.LOW, True), (RiskLevel.HIGH, False)]
)
def test_a_guideline_of_a_risk_level_holds_for_items_of_that_level_only(level, missing):
    bound = replace(GUIDE, risk_levels=frozenset({"high"}))
    item = replace(ITEM, risk_level=level)
    found = findings(replace(READY, items=[item], guidelines=[bound, RULES]))
    codes = [one.code for one in found]
    assert ("item-without-guide" in codes) is missing


def test_a_department_that_has_everything_is_ready():
    assert findings(READY) == []


@pytest.mark.parametrize(
    ("change", "code", "subject"),
    [
        ({"has_version": False}, "no-effective-checklist", "SCJG"),
        ({"items": [replace(ITEM, unpublished=True)]}, "unpublished-changes", "C0001"),
        (
            {"items": [replace(ITEM, object_tags=NOBODY)], "pools": {}},
            "item-without-tags",
            "C0001",
        ),
        ({"pools": {}}, "item-pool-empty", "C0001"),
        ({"pools": {"特种设备使用": 12, "旅馆": 3}}, "pool-without-item", "旅馆"),
        ({"officers": [OFFICER]}, "item-lacks-officers", "C0001"),
        (
            {"officers": [OFFICER, replace(OFFICER, tags=frozenset({"食品"}))]},
            "item-lacks-officers",
            "C0001",
        ),
        (
            {"officers": [OFFICER, replace(OFFICER, item_scopes=frozenset({"药品"}))]},
            "item-lacks-officers",
            "C0001",
        ),
        ({"officers": [replace(OFFICER, leader=False)] * 2}, "no-team-leader", "SCJG"),
        ({"guidelines": [RULES]}, "item-without-guide", "C0001"),
        ({"guidelines": [GUIDE]}, "item-without-rules", "C0001"),
        ({"items": [ITEM, OTHER]}, "item-without-rules", "C0002"),
        (
            {"drafts": [GuidelineDraft("id-2", "ZY-1", "指引", ["检查归档"])]},
            "guideline-incomplete",
            "ZY-1",
        ),
        ({"expiring": 3}, "certificates-expiring", "SCJG"),
        ({"coverage": of_line(None, 2, 2)}, "headcount-missing", "SCJG"),
        ({"coverage": of_line(5, 2, 2)}, "headcount-short", "SCJG"),
    ],
)
def test_each_finding_has_its_fact(change: dict, code: str, subject: str):
    found = findings(replace(READY, **change))
    assert [(one.code.value, one.subject) for one in found] == [(code, subject)]
    assert "{" not in found[0].text
    assert "{" not in found[0].path


def test_scopes_by_code_name_or_category_count():
    for scope in ("C0001", "特种设备使用检查", "特种设备"):
        scoped = replace(OFFICER, item_scopes=frozenset({scope}))
        assert findings(replace(READY, officers=[scoped, scoped])) == []


def test_how_many_officers_there_are_is_said():
    (found,) = findings(replace(READY, officers=[OFFICER]))
    assert "只有1名" in found.text


def test_the_parts_that_a_draft_lacks_are_named():
    parts = dict.fromkeys(
        ("draw_principles", "methods", "contents", "procedure", "publicity", "archiving"), "有"
    )
    assert missing_parts(parts) == []
    assert missing_parts(parts | {"methods": " ", "archiving": ""}) == ["检查方法", "检查归档"]


def test_findings_are_counted_by_code():
    found = findings(replace(READY, items=[ITEM, OTHER], guidelines=[]))
    assert tally(found) == {
        ReadinessCode.ITEM_WITHOUT_GUIDE: 2,
        ReadinessCode.ITEM_WITHOUT_RULES: 2,
    }


def test_every_code_has_a_kind_a_clause_and_a_label():
    assert set(KINDS) == set(ReadinessCode)
    assert {one.code for one in codes("readiness_code")} == {one.value for one in ReadinessCode}
    assert {kind.clause for kind in KINDS.values()} <= set(CLAUSES)
    assert {kind.severity for kind in KINDS.values()} == set(Severity)
