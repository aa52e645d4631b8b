"""The joint list names who initiates and who cooperates for each item."""

from app.tabular.joint_checklist_import import read_joint_checklist
from app.tabular.reader import read_table
from tests.tabular.files import workbook

HEAD = ["序号", "抽查领域", "抽查事项", "检查对象", "发起部门", "配合部门"]


def read(rows, merges=()):
    return read_joint_checklist(read_table(workbook([["附件1"], HEAD, *rows], merges)))


def test_units_are_split_and_merged_cells_belong_to_each_item():
    rows = [
        ["1", "学校", "食堂检查", "学校", "市场监管部门", "教育部门、卫生健康部门"],
        ["", "", "消防检查", "", "消防救援机构", ""],
    ]
    merges = [(2, c, 3, c, rows[0][c]) for c in (0, 1, 3, 5)]
    first, second = read(rows, merges).items
    assert first.cooperating_units == second.cooperating_units == ("教育部门", "卫生健康部门")
    assert (second.field, second.objects) == ("学校", "学校")
    assert second.initiating_units == ("消防救援机构",)


def test_two_initiating_units_are_joint_without_a_cooperating_one_but_one_unit_is_not():
    rows = [
        ["1", "环保", "甲", "机构", "生态环境部门、市场监管部门", ""],
        ["2", "环保", "乙", "机构", "生态环境部门", ""],
    ]
    done = read(rows)
    assert [item.item for item in done.items] == ["甲"]
    assert [(v.row, v.code) for v in done.report.verdicts if v.outcome == "rejected"] == [
        (4, "cooperation-missing")
    ]


def test_a_blank_field_is_that_of_the_row_above_and_said_so():
    rows = [["1", "环保", "甲", "机构", "子", "丑"], ["", "", "乙", "机构", "子", "丑"]]
    done = read(rows)
    assert [item.field for item in done.items] == ["环保", "环保"]
    assert [v.code for v in done.report.verdicts if v.outcome == "warning"] == ["carried-down"]


def test_a_repeated_header_or_a_title_is_no_field_for_the_rows_below():
    rows = [
        ["1", "环保", "甲", "机构", "子", "丑"],
        HEAD,
        ["2", "", "乙", "机构", "子", "丑"],
        ["第二部分"] + [""] * 5,
        ["3", "", "丙", "机构", "子", "丑"],
    ]
    done = read(rows, [(5, 0, 5, 5, "第二部分")])
    assert [(item.item, item.field) for item in done.items] == [
        ("甲", "环保"),
        ("乙", "环保"),
        ("丙", "环保"),
    ]
