"""Who stays out of a draw, and why; the first reason that applies is the one published."""

import datetime as dt
from dataclasses import replace

import pytest

from app.domain.eligibility import (
    ItemFacts,
    ObjectFacts,
    OfficerFacts,
    VisitLimits,
    object_exclusion,
    officer_exclusion,
)
from app.domain.lifecycle import ObjectStatus, OfficerStatus
from app.reference import codes

TODAY = dt.date(2026, 3, 2)
DEADLINE = dt.date(2026, 6, 30)
FIT = OfficerFacts(OfficerStatus.ACTIVE, dt.date(2029, 1, 1), (), frozenset({"食品", "特种设备"}))
ITEM = ItemFacts("C0001", "经营资质检查", "食品经营监督检查", frozenset({"食品"}))


@pytest.mark.parametrize("status", [one for one in ObjectStatus if one is not ObjectStatus.ACTIVE])
def test_only_active_objects_are_in_the_pool(status: ObjectStatus) -> None:
    reason = object_exclusion(ObjectFacts(status, 0, None), VisitLimits(None, 0), TODAY)
    assert reason in {code.code for code in codes("object_exclusion")}
    active = ObjectFacts(ObjectStatus.ACTIVE, 9, TODAY)
    assert object_exclusion(active, VisitLimits(None, 0), TODAY) is None


def test_n7_the_cap_is_reached_by_the_visit_that_equals_it() -> None:
    limits = VisitLimits(visit_cap=2, cooling_days=0)
    assert object_exclusion(ObjectFacts(ObjectStatus.ACTIVE, 1, None), limits, TODAY) is None
    reached = object_exclusion(ObjectFacts(ObjectStatus.ACTIVE, 2, None), limits, TODAY)
    assert reached == "CAP_REACHED"


def test_cooling_ends_on_the_day_after_the_last_one() -> None:
    limits = VisitLimits(visit_cap=None, cooling_days=60)
    ago = ObjectFacts(ObjectStatus.ACTIVE, 1, TODAY - dt.timedelta(days=59))
    assert object_exclusion(ago, limits, TODAY) == "COOLING"
    longer = replace(ago, last_visit_on=TODAY - dt.timedelta(days=60))
    assert object_exclusion(longer, limits, TODAY) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": OfficerStatus.LEFT}, "LEFT"),
        ({"status": OfficerStatus.OFF_DUTY}, "OFF_DUTY"),
        ({"certificate_valid_to": None}, "NO_CERTIFICATE"),
        ({"certificate_valid_to": DEADLINE - dt.timedelta(days=1)}, "CERTIFICATE_EXPIRES"),
        ({"certificate_valid_to": DEADLINE}, None),
        ({"absences": ((TODAY, DEADLINE),)}, "ABSENT"),
        ({"absences": ((TODAY, DEADLINE - dt.timedelta(days=1)),)}, None),
        ({"tags": frozenset({"特种设备"})}, "NOT_QUALIFIED"),
        ({"item_scopes": frozenset({"药品"})}, "OUT_OF_ITEM_SCOPE"),
        ({"item_scopes": frozenset({"C0001"})}, None),
        ({"item_scopes": frozenset({"经营资质检查"})}, None),
        ({"item_scopes": frozenset({"食品经营监督检查", "药品"})}, None),
        ({}, None),
    ],
)
def test_why_an_officer_is_not_drawn(change: dict[str, object], reason: str | None) -> None:
    found = officer_exclusion(replace(FIT, **change), [ITEM], TODAY, DEADLINE)
    assert found == reason
    assert reason is None or reason in {code.code for code in codes("officer_exclusion")}


def test_absences_that_touch_cover_the_period_together() -> None:
    middle = dt.date(2026, 4, 30)
    after = middle + dt.timedelta(days=1)
    covered = replace(FIT, absences=((after, DEADLINE), (TODAY, middle)))
    assert officer_exclusion(covered, [ITEM], TODAY, DEADLINE) == "ABSENT"
    gap = replace(FIT, absences=((after + dt.timedelta(days=1), DEADLINE), (TODAY, middle)))
    assert officer_exclusion(gap, [ITEM], TODAY, DEADLINE) is None


def test_scopes_must_cover_every_item_of_the_department() -> None:
    other = replace(ITEM, code="C0002", name="标签检查", category="药品")
    scoped = replace(FIT, item_scopes=frozenset({"C0001"}))
    assert officer_exclusion(scoped, [ITEM, other], TODAY, DEADLINE) == "OUT_OF_ITEM_SCOPE"
