"""The header is found by its names, wherever it stands; what is missing or unknown is named."""

import pytest

from app.domain.errors import RuleError
from app.tabular.headers import Column, find_header
from app.tabular.reader import read_table
from app.tabular.verdicts import Verdicts
from tests.tabular.files import workbook

COLUMNS = (
    Column("code", "代码", ("编号",), required=True),
    Column("name", "名称", required=True),
    Column("remark", "备注"),
    Column("phone", "手机号", stored=False),
)


def found(rows, merges=()):
    verdicts = Verdicts({c.field: c.title for c in COLUMNS})
    header, data = find_header(read_table(workbook(rows, merges)), COLUMNS, verdicts)
    return header, data, verdicts.report(row.number for row in data).verdicts


def test_titles_above_the_header_are_skipped():
    header, data, _ = found(
        [["某某名录(2026年)"], ["填报单位:甲"], ["编 号*", "名称(全称)"], ["1", "x"]]
    )
    assert header.row == 3
    assert header.columns == {"code": 0, "name": 1}
    assert [row.number for row in data] == [4]


def test_english_field_names_and_full_width_letters_are_headers_too():
    assert found([["ＣＯＤＥ", "Name"], ["1", "x"]])[0].columns == {"code": 0, "name": 1}


def test_a_header_of_two_rows_is_understood_with_and_without_merges():
    rows = [["代码", "基本情况", ""], ["", "名称", "备注"], ["1", "x", "y"]]
    for merges in ((), ((0, 0, 1, 0, "代码"), (0, 1, 0, 2, "基本情况"))):
        header, data, _ = found(rows, merges)
        assert header.columns == {"code": 0, "name": 1, "remark": 2}
        assert [row.number for row in data] == [3]


def test_missing_columns_are_named_in_the_refusal():
    with pytest.raises(RuleError) as refused:
        found([["编号", "备注"], ["1", "x"]])
    assert refused.value.refusal.code == "header-not-found"
    assert refused.value.facts["missing"] == "名称"


def test_a_table_without_any_header_names_all_required_columns():
    with pytest.raises(RuleError) as refused:
        found([["1", "x"], ["2", "y"]])
    assert refused.value.facts["missing"] == "代码、名称"


def test_unknown_repeated_and_not_stored_columns_are_reported():
    _, _, verdicts = found([["代码", "名称", "颜色", "编号", "手机号"], ["1", "x", "z", "2", "3"]])
    assert [(v.code, v.outcome, v.field) for v in verdicts] == [
        ("column-unknown", "warning", None),
        ("column-repeated", "warning", "code"),
        ("column-not-stored", "warning", "phone"),
    ]


def test_more_rows_than_one_import_takes_are_refused():
    text = "代码,名称\n" + "1,x\n" * 100_001
    table = read_table(text.encode())
    with pytest.raises(RuleError) as refused:
        find_header(table, COLUMNS, Verdicts({}))
    assert refused.value.refusal.code == "too-many-rows"
