"""The digest of a printed sheet: of exactly what is printed, and of nothing else."""

import datetime as dt
from typing import Any

import pytest

from app.domain.sheet_content import shanghai_day, shanghai_minute
from tests.support.printed_sheets import a_printed_sheet

GOLDEN = "2d6c4bb57f2c48fa7e2906ef8fec0aee46e5d51e003a6a80f2a8893a9b1a93f8"


def test_the_digest_of_a_form_never_changes():
    assert a_printed_sheet(recorded=True, departments=2).sha256 == GOLDEN


@pytest.mark.parametrize(
    "changed",
    [
        {"number": 2},
        {"name": "另一商店"},
        {"items": 5},
        {"departments": 2},
        {"recorded": True},
    ],
)
def test_whatever_is_printed_is_in_the_digest(changed: dict[str, Any]):
    assert a_printed_sheet(**changed).sha256 != a_printed_sheet().sha256


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("某\u200b店\ufeff", "某店"),
        ("倒\u202e转", "倒转"),
        ("cafe\u0301", "caf\u00e9"),
        ("一\r\n二", "一\n二"),
        ("一\t二", "一 二"),
    ],
)
def test_what_prints_nothing_is_left_out_and_text_is_nfc(written: str, printed: str):
    sheet = a_printed_sheet(name=written)
    assert sheet.values["subject"]["name"] == printed
    assert sheet.sha256 == a_printed_sheet(name=printed).sha256


def test_days_and_minutes_are_those_of_shanghai():
    late = dt.datetime(2026, 3, 1, 16, 30, tzinfo=dt.UTC)
    assert shanghai_day(late) == "2026-03-02"
    assert shanghai_day(dt.date(2026, 3, 1)) == "2026-03-01"
    assert shanghai_minute(late) == "2026-03-02 00:30"
    assert shanghai_minute(None) is None
