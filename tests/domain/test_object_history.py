"""The history is the truth: per field the latest event holds, whatever the order of arrival (R05)."""

import datetime as dt
import itertools
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import RuleError
from app.domain.object_history import (
    PastEvent,
    after_of,
    before,
    first_day,
    fold,
    require_fitting_fields,
    require_known,
    state_on,
)
from app.domain.object_library import EventKind

NOW = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
ENTERED = {"name": "甲", "address": None, "status": "active", "area_code": "150525"}
_numbers = itertools.count(1)


def day(number: int) -> dt.date:
    return dt.date(2026, 1, number)


def event(kind: str, on: int, after: dict, *, recorded: int = 0, **more) -> PastEvent:
    return PastEvent(
        id=UUID(int=next(_numbers)),
        kind=EventKind(kind),
        effective_on=day(on),
        recorded_at=NOW + dt.timedelta(minutes=recorded),
        after=after,
        **more,
    )


def entered(on: int = 1) -> PastEvent:
    return event("established", on, ENTERED)


def test_a_late_event_rewrites_only_what_nothing_told_after_it():
    events = [
        entered(),
        event("changed", 20, {"name": "丙"}, recorded=1),
        event("changed", 10, {"name": "乙", "address": "新址"}, recorded=2),
    ]
    today = fold(events, day(31))
    assert (today["name"], today["address"]) == ("丙", "新址")
    assert fold(events, day(15))["name"] == "乙"
    assert fold(events, day(9))["name"] == "甲"


def test_on_one_day_what_was_recorded_later_by_hand_holds():
    first = event("changed", 10, {"name": "乙"}, recorded=1)
    second = event("changed", 10, {"name": "丙"}, recorded=2)
    assert fold([second, entered(), first], day(10))["name"] == "丙"


def test_on_one_day_a_source_is_ordered_by_its_sequence_not_by_arrival():
    later = event(
        "changed", 10, {"name": "丙"}, recorded=1, source="R", external_id="b", sequence=8
    )
    sooner = event(
        "changed", 10, {"name": "乙"}, recorded=2, source="R", external_id="a", sequence=7
    )
    assert fold([entered(), later, sooner], day(10))["name"] == "丙"


def test_what_a_clerk_wrote_on_the_day_stands_over_what_a_source_sent():
    by_hand = event("changed", 10, {"name": "乙"}, recorded=1)
    sent = event("changed", 10, {"name": "丙"}, recorded=2, source="R", external_id="a", sequence=7)
    assert fold([entered(), sent, by_hand], day(10))["name"] == "乙"


def test_what_an_object_was_entered_with_lies_below_older_events():
    """Entered today without a day, then an older change is told: the change holds."""
    events = [entered(20), event("changed", 10, {"name": "乙"})]
    assert fold(events, day(31))["name"] == "乙"
    assert fold(events, day(10)) == ENTERED | {"name": "乙"}
    assert first_day(events) == day(10)


def test_before_the_first_day_nothing_is_told():
    with pytest.raises(RuleError) as no:
        require_known([entered(5)], day(4))
    assert (no.value.refusal.code, no.value.facts) == (
        "object-before-establishment",
        {"established_on": "2026-01-05"},
    )
    require_known([entered(5)], day(5))


def test_of_a_field_that_was_not_told_the_value_before_its_first_change_holds():
    """What releases before 0003 imported has no risk source in its first event."""
    change = event("changed", 10, {"risk_source": "新"}, before={"risk_source": "旧"})
    present = ENTERED | {"risk_source": "新"}
    assert state_on([entered(), change], day(9), present)["risk_source"] == "旧"
    assert state_on([entered(), change], day(10), present)["risk_source"] == "新"


def test_an_event_says_what_held_before_it_where_it_stands_in_the_history():
    last = event("changed", 20, {"name": "丙"}, before={"name": "甲"}, recorded=1)
    late = event("changed", 10, {"name": "乙"}, recorded=2)
    assert before([entered(), last], late, ENTERED | {"name": "丙"}) == {"name": "甲"}


@pytest.mark.parametrize(
    ("kind", "facts", "code"),
    [
        ("changed", (), "event-tells-nothing"),
        ("moved", ("name",), "event-fields-not-allowed"),
        ("cancelled", ("name",), "event-fields-not-allowed"),
        ("resumed", ("area_code",), "event-fields-not-allowed"),
    ],
)
def test_an_event_carries_what_its_kind_can(kind: str, facts: tuple, code: str):
    with pytest.raises(RuleError) as no:
        require_fitting_fields(EventKind(kind), facts)
    assert no.value.refusal.code == code


def test_a_move_within_the_region_is_a_new_place_and_one_out_of_it_an_end():
    inside = after_of(EventKind.MOVED, {"area_code": "150525101", "address": "新址"}, "1505")
    assert inside == {"area_code": "150525101", "address": "新址"}
    outside = after_of(EventKind.MOVED, {"area_code": "110101"}, "1505")
    assert outside == {"status": "moved", "moved_to_area_code": "110101"}
    assert after_of(EventKind.MOVED, {}, "1505") == {"status": "moved"}


_FIELDS = st.sampled_from(["name", "address", "industry_code"])
_FACTS = st.dictionaries(_FIELDS, st.sampled_from(["a", "b", "c", None]), min_size=1)


@st.composite
def _told(draw: st.DrawFn, number: int) -> PastEvent:
    kind = draw(st.sampled_from(["established", "changed", "suspended", "cancelled", "resumed"]))
    facts = draw(_FACTS) if kind in {"changed", "established"} else {}
    sourced = draw(st.booleans())
    origin = {"source": draw(st.sampled_from(["R", "S"])), "external_id": f"e{number}"}
    if sourced and draw(st.booleans()):
        origin["sequence"] = draw(st.integers(0, 3))
    return PastEvent(
        id=UUID(int=number + 1),
        kind=EventKind(kind),
        effective_on=day(draw(st.integers(1, 6))),
        recorded_at=NOW + dt.timedelta(minutes=draw(st.integers(0, 3))),
        after=after_of(EventKind(kind), facts, "1505"),
        **(origin if sourced else {}),
    )


@st.composite
def _histories(draw: st.DrawFn) -> tuple[list[PastEvent], list[PastEvent]]:
    events = [draw(_told(number)) for number in range(draw(st.integers(1, 8)))]
    return events, draw(st.permutations(events))


@given(_histories())
@settings(max_examples=300, deadline=None)
def test_any_order_of_arrival_gives_the_same_state_on_every_day(
    histories: tuple[list[PastEvent], list[PastEvent]],
):
    events, again = histories
    for number in range(1, 8):
        assert fold(events, day(number)) == fold(again, day(number))


@given(_histories(), st.integers(0, 9))
@settings(max_examples=200, deadline=None)
def test_when_a_source_is_heard_does_not_matter(
    histories: tuple[list[PastEvent], list[PastEvent]], shift: int
):
    """Arrival is the time of recording and the id that the library gives."""
    events, again = histories
    heard = [
        PastEvent(
            UUID(int=1000 + place + shift),
            one.kind,
            one.effective_on,
            NOW + dt.timedelta(hours=place),
            one.after,
            source=one.source,
            external_id=one.external_id,
            sequence=one.sequence,
        )
        if one.source is not None
        else one
        for place, one in enumerate(again)
    ]
    for number in range(1, 8):
        assert fold(events, day(number)) == fold(heard, day(number))
