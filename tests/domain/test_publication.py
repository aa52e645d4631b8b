"""R20: publication rate 100 %, and what is not published is not completed."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lifecycle import InspectionStatus as Status
from app.domain.publication import (
    InspectionState,
    Rate,
    publication_rate,
    sheet_is_complete,
    tally,
    task_is_complete,
)

TODAY = dt.date(2026, 6, 1)
BEFORE, AFTER = dt.date(2026, 5, 29), dt.date(2026, 6, 2)


@pytest.mark.parametrize(
    ("numerator", "denominator", "text", "percent"),
    [
        (0, 3, "0/3", "0.00%"),
        (1, 3, "1/3", "33.33%"),
        (2, 3, "2/3", "66.66%"),
        (43, 44, "43/44", "97.72%"),
        (44, 44, "44/44", "100.00%"),
        (99_999, 100_000, "99999/100000", "99.99%"),
        (7, 100, "7/100", "7.00%"),
        (0, 0, "0/0", None),
    ],
)
def test_a_rate_is_a_fraction_and_its_percentage_is_cut(numerator, denominator, text, percent):
    rate = Rate(numerator, denominator)
    assert (rate.text, rate.percent) == (text, percent)


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_r20_one_hundred_percent_is_shown_only_when_nothing_is_missing(numerator, denominator):
    numerator %= denominator + 1
    rate = Rate(numerator, denominator)
    assert rate.percent is not None
    shown = Fraction(rate.percent[:-1])
    exact = Fraction(100 * numerator, denominator)
    assert (rate.percent == "100.00%") == (numerator == denominator) == rate.is_full
    assert 0 <= exact - shown < Fraction(1, 100)


def test_all_of_nothing_is_not_full():
    assert not Rate(0, 0).is_full


@pytest.mark.parametrize(("numerator", "denominator"), [(2, 1), (-1, 3), (1, -1)])
def test_a_rate_is_a_part_of_a_whole(numerator, denominator):
    with pytest.raises(ValueError, match="part of a whole"):
        Rate(numerator, denominator)


def test_r20_the_publication_rate_is_published_of_ended():
    assert publication_rate(published=3, ended=4) == Rate(3, 4)


def test_r20_every_state_is_counted_where_it_belongs():
    found = tally([InspectionState(status) for status in Status], TODAY)
    assert (found.required, found.ended, found.published, found.void) == (7, 4, 1, 1)
    assert found.publication_rate == Rate(1, 4)
    assert found.completion_rate == Rate(1, 7)
    assert not found.is_complete


def test_r20_void_inspections_are_in_no_rate():
    done = [InspectionState(Status.PUBLISHED)] * 3
    with_void = tally([*done, InspectionState(Status.VOID)], TODAY)
    assert with_void.publication_rate == with_void.completion_rate == Rate(3, 3)
    assert with_void.is_complete
    assert with_void.void == 1


def test_r20_nothing_but_void_inspections_is_not_completion():
    assert not tally([InspectionState(Status.VOID)], TODAY).is_complete


def test_r19_on_time_counts_what_is_published_or_past_its_deadline():
    found = tally(
        [
            InspectionState(Status.PUBLISHED, BEFORE, BEFORE),  # on the last day: on time
            InspectionState(Status.PUBLISHED, BEFORE, TODAY),  # late
            InspectionState(Status.PUBLISHED, None, TODAY),  # no deadline was computed
            InspectionState(Status.ENDED, BEFORE),  # overdue
            InspectionState(Status.ENDED, TODAY),  # its last day still runs
            InspectionState(Status.ENDED, AFTER),
            InspectionState(Status.VOID, BEFORE),
        ],
        TODAY,
    )
    assert found.on_time_rate == Rate(2, 4)


def test_r20_a_sheet_is_complete_when_every_department_has_published():
    assert sheet_is_complete([Status.PUBLISHED, Status.PUBLISHED])
    assert sheet_is_complete([Status.PUBLISHED, Status.VOID])
    assert not sheet_is_complete([Status.PUBLISHED, Status.REVIEWED])
    assert not sheet_is_complete([Status.VOID])
    assert not sheet_is_complete([])


def test_r20_a_task_is_complete_when_every_sheet_that_is_not_void_is_complete():
    published, void, open_ = [Status.PUBLISHED], [Status.VOID], [Status.ENDED]
    assert task_is_complete([published, void])
    assert not task_is_complete([published, open_])
    assert not task_is_complete([void])
    assert not task_is_complete([])
