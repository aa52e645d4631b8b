"""What we write, a spreadsheet program shows as text, and our reader reads back unchanged."""

import datetime as dt
import re

import pytest

from app.domain.errors import RuleError
from app.tabular.checklist_import import read_checklist
from app.tabular.event_import import read_events
from app.tabular.joint_checklist_import import read_joint_checklist
from app.tabular.object_import import read_objects
from app.tabular.officer_import import read_officers
from app.tabular.reader import read_table
from app.tabular.templates import (
    PARAMETER_SHEET,
    TemplateKind,
    template_headers,
    template_title,
    write_template,
)
from app.tabular.writer import write_csv, write_xlsx
from tests.tabular.files import part

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "'=x", "http://example.org/"]


def test_nothing_that_looks_like_a_formula_becomes_one():
    data = write_xlsx([DANGEROUS], ["列"] * len(DANGEROUS))
    sheet = part(data, "xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet
    assert list(read_table(data, "a.xlsx").rows[1].cells) == DANGEROUS


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv_disarms_formulas_and_our_reader_undoes_it(encoding):
    data = write_csv([DANGEROUS], ["列"] * len(DANGEROUS), encoding=encoding)
    text = data.decode(encoding)
    assert not re.search(r"(?:^|,)[=+\-@]", text, re.MULTILINE)
    assert list(read_table(data, "a.csv").rows[1].cells) == DANGEROUS


def test_codes_stay_text_and_numbers_numbers():
    data = write_xlsx([["0015", 15, dt.date(2026, 1, 31), True, None]], ["a", "b", "c", "d", "e"])
    assert read_table(data).rows[1].cells[:4] == ("0015", "15", "2026-01-31", "是")
    assert re.search(rb'<c r="B2" s="\d"><v>15</v>', part(data, "xl/worksheets/sheet1.xml"))


def test_a_text_that_a_cell_cannot_hold_is_refused_and_not_cut():
    with pytest.raises(RuleError) as refused:
        write_xlsx([["x" * 32_768]], ["a"])
    assert refused.value.refusal.code == "cell-too-long"


FILLED = {
    TemplateKind.CHECKLIST: (
        read_checklist,
        {
            "抽查事项": "生产检查",
            "检查对象": "企业",
            "事项类别": "重点检查事项",
            "检查方式": "实地核查",
            "检查依据": "《食品安全法》第一百一十条",
        },
    ),
    TemplateKind.JOINT_CHECKLIST: (
        read_joint_checklist,
        {
            "抽查领域": "学校",
            "抽查事项": "食堂检查",
            "检查对象": "学校",
            "发起部门": "教育部门",
            "配合部门": "卫生部门",
        },
    ),
    TemplateKind.OBJECTS: (
        read_objects,
        {"统一社会信用代码/注册号/名录库编码": "91150525MA0TEYT07L", "名称": "甲", "类型": "企业"},
    ),
    TemplateKind.OBJECT_EVENTS: (
        read_events,
        {
            "统一社会信用代码/注册号/名录库编码": "91150525MA0TEYT07L",
            "事件": "注销",
            "日期": "2026-03-02",
        },
    ),
    TemplateKind.OFFICERS: (read_officers, {"单位工号": "SC001", "姓名": "检查员甲"}),
}


@pytest.mark.parametrize("kind", list(TemplateKind))
def test_a_filled_template_is_read_back(kind):
    read, values = FILLED[kind]
    headers = template_headers(kind)
    row = [values.get(header.rstrip("*"), "") for header in headers]
    done = read(read_table(write_xlsx([row], headers), "a.xlsx"))
    assert done.report.accepted == 1
    assert not [v for v in done.report.verdicts if v.code == "column-unknown"]


@pytest.mark.parametrize("kind", list(TemplateKind))
def test_a_template_opens_with_its_headers_and_carries_the_code_lists(kind):
    data = write_template(kind)
    assert read_table(data, "a.xlsx").rows[0].cells == template_headers(kind)
    parameters = read_table(data, "a.xlsx", sheet=PARAMETER_SHEET).rows
    assert parameters[0].cells == ("栏目", "可填内容", "代码")
    assert parameters[1].cells == ("本模板", f"{template_title(kind)}导入模板", "v1")
    assert read_table(data, "a.xlsx").template == kind.value


def test_every_closed_column_offers_its_words():
    sheet = part(write_template(TemplateKind.OBJECTS), "xl/worksheets/sheet1.xml")
    offered = re.findall(rb'<dataValidation type="list"[^>]* sqref="([A-Z]+)2:', sheet)
    titles = [title.rstrip("*") for title in template_headers(TemplateKind.OBJECTS)]
    columns = {titles[ord(letter) - ord("A")] for letter in map(bytes.decode, offered)}
    assert columns == {"类型", "登记状态", "信用风险等级"}
