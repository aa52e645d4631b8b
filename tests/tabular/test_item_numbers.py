"""Ratios and frequencies as lists write them."""

import pytest

from app.tabular.item_numbers import parse_ratio, parse_times, parse_validity_end


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("3%", (300, 300)),
        ("3％", (300, 300)),
        ("3%-5%", (300, 500)),
        ("3-5%", (300, 500)),
        ("3%—5%", (300, 500)),
        ("3％～5％", (300, 500)),
        ("5‰至1%", (50, 100)),
        ("不低于5%", (500, None)),
        ("≥5%", (500, None)),
        ("5%以上", (500, None)),
        ("5%及以上", (500, None)),
        ("不超过 10 %", (None, 1000)),
        ("10%以内", (None, 1000)),
        ("0.03", (300, 300)),
        ("0.25%", (25, 25)),
        ("100%", (10_000, 10_000)),
    ],
)
def test_ratios_are_read_as_parts_of_ten_thousand(text: str, ratio: tuple):
    assert parse_ratio(text) == ratio


@pytest.mark.parametrize("text", ["3", "1", "按上级计划", "0%", "101%", "0.001%", "约3%", "3%5%"])
def test_what_is_no_ratio_is_not_guessed_at(text: str):
    assert parse_ratio(text) is None


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("2", 2),
        ("2次/年", 2),
        ("每年1次", 1),
        ("一年一次", 1),
        ("每年不超过两次", 2),
        ("每年度1次", 1),
    ],
)
def test_visits_a_year(text: str, times: int | None):
    assert parse_times(text) == times


@pytest.mark.parametrize("text", ["每两年1次", "0次", "400次/年", "适时"])
def test_what_says_less_than_once_a_year_is_no_cap(text: str):
    assert parse_times(text) is None


def test_forever_is_understood_and_has_no_end():
    assert parse_validity_end("长期") == (None, True)
    assert parse_validity_end("说不清") == (None, False)
