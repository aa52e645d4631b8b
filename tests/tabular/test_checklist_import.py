"""A checklist is taken item by item; what is not taken is named by row and reason."""

from app.domain.imports import RowOutcome
from app.domain.lifecycle import ItemClass, Method, RiskLevel
from app.tabular.checklist_import import read_checklist
from app.tabular.reader import read_table
from tests.tabular.files import workbook

HEAD = ["抽查类别", "抽查事项", "检查对象", "事项类别", "检查方式", "检查主体", "检查依据"]
GOOD = [
    "食品",
    "生产检查",
    "食品生产企业",
    "重点检查事项",
    "现场检查",
    "市场监管部门",
    "《食品安全法》第一百一十条",
]


def read(rows, merges=()):
    return read_checklist(read_table(workbook(rows, merges)))


def said(report, outcome="rejected"):
    return [(v.row, v.code, v.field) for v in report.verdicts if v.outcome == outcome]


def test_an_item_is_read_with_everything_the_list_says_of_it():
    head = [
        *HEAD,
        "抽查子项",
        "事项编码",
        "对象标签",
        "检查内容",
        "检查要点",
        "所需材料",
        "风险等级",
        "编制单位",
    ]
    more = [
        "标签标识",
        "sc-001",
        "食品、小作坊",
        "内容一\n内容二",
        "要点",
        "营业执照、台账",
        "高",
        "旗市场监管局",
    ]
    (item,) = read([head, [*GOOD, *more]]).items
    assert (item.code, item.category, item.item, item.sub_item) == (
        "SC-001",
        "食品",
        "生产检查",
        "标签标识",
    )
    assert item.item_class is ItemClass.KEY
    assert item.methods == (Method.ONSITE,)
    assert item.object_tags == ("食品", "小作坊")
    assert (item.contents, item.key_points) == ("内容一\n内容二", "要点")
    assert item.materials == ("营业执照", "台账")
    assert item.risk_level is RiskLevel.HIGH
    assert item.issuing_unit == "旗市场监管局"
    assert [(b.law, b.article) for b in item.legal_bases] == [("食品安全法", "第一百一十条")]


def test_a_file_without_codes_leaves_the_code_to_the_service():
    assert read([HEAD, GOOD]).items[0].code is None


def test_rows_below_a_merged_item_add_their_legal_bases_to_it():
    below = ["", "", "", "", "", "", "《产品质量法》第十五条"]
    merges = [(1, c, 2, c, GOOD[c]) for c in range(6)]
    done = read([HEAD, GOOD, below], merges)
    (item,) = done.items
    assert item.rows == (2, 3)
    assert [b.law for b in item.legal_bases] == ["食品安全法", "产品质量法"]
    assert [(v.row, v.code) for v in done.report.verdicts] == [(2, "accepted"), (3, "continued")]


def test_rows_below_an_unmerged_item_continue_it_just_the_same():
    below = ["", "", "", "", "", "综合执法局", "《产品质量法》第十五条"]
    (item,) = read([HEAD, GOOD, below]).items
    assert item.subject == "市场监管部门、综合执法局"
    assert len(item.legal_bases) == 2


def test_one_item_for_two_objects_is_two_items_that_share_the_merged_basis():
    other = ["", "", "学校食堂", "一般检查事项", "书面检查", "市场监管部门", ""]
    merges = [(1, c, 2, c, GOOD[c]) for c in (0, 1, 6)]
    first, second = read([HEAD, GOOD, other], merges).items
    assert (first.item, first.objects, first.item_class) == (
        "生产检查",
        "食品生产企业",
        ItemClass.KEY,
    )
    assert (second.item, second.objects, second.item_class) == (
        "生产检查",
        "学校食堂",
        ItemClass.GENERAL,
    )
    assert second.legal_bases == first.legal_bases


def test_a_basis_merged_over_several_items_belongs_to_each():
    other = ["食品", "销售检查", "食品销售者", "一般检查事项", "现场检查", "市场监管部门", ""]
    items = read([HEAD, GOOD, other], [(1, 6, 2, 6, GOOD[6])]).items
    assert [len(item.legal_bases) for item in items] == [1, 1]


def warned(report):
    return [(v.row, v.code, v.field) for v in report.of(RowOutcome.WARNING)]


def test_an_item_without_legal_basis_is_a_draft_with_a_warning():
    done = read([HEAD, [*GOOD[:6], ""]])
    (item,) = done.items
    assert (item.legal_bases, done.report.rejected) == ((), 0)
    assert warned(done.report) == [(2, "legal-basis-missing", "legal_bases")]


def test_an_item_without_method_or_with_none_of_the_four_is_a_draft_that_keeps_the_words():
    none, vague = list(GOOD), list(GOOD)
    none[4], vague[4], vague[1] = "", "定期抽查", "另一事项"
    done = read([HEAD, none, vague])
    assert warned(done.report) == [
        (2, "method-missing", "methods"),
        (3, "method-unknown", "methods"),
    ]
    assert [(item.methods, item.remark) for item in done.items] == [
        ((), ""),
        ((), "检查方式原文:定期抽查"),
    ]


def test_general_or_key_is_never_assumed():
    blank, odd = list(GOOD), list(GOOD)
    blank[3], odd[3] = "", "特别"
    done = read([HEAD, blank, odd])
    assert said(done.report) == [
        (2, "value-missing", "item_class"),
        (3, "value-unknown", "item_class"),
    ]


def test_every_fault_of_a_row_is_named_at_once():
    done = read([HEAD, ["食品", "生产检查", "", "特别", "", "", ""]])
    assert {code for _, code, _ in said(done.report)} == {
        "value-missing",
        "value-unknown",
    }
    assert {code for _, code, _ in warned(done.report)} == {"method-missing", "legal-basis-missing"}
    assert done.report.rejected == 1


def test_rows_that_continue_a_refused_item_are_refused_with_it():
    bad = list(GOOD)
    bad[3] = ""
    done = read(
        [HEAD, bad, ["", "", "", "", "", "", "《乙法》第一条"], ["食品", "另一事项", *GOOD[2:]]]
    )
    assert [(r, c) for r, c, _ in said(done.report)] == [(2, "value-missing"), (3, "continued")]
    assert (done.report.rows, done.report.accepted, done.report.rejected) == (3, 1, 2)


def test_a_row_with_nothing_above_it_is_an_orphan():
    done = read([HEAD, ["", "", "", "", "", "", "《甲法》第一条"], GOOD])
    assert said(done.report) == [(2, "orphan-continuation", None)]
    assert len(done.items) == 1


def test_a_repeated_item_names_both_rows():
    done = read([HEAD, GOOD, GOOD])
    assert said(done.report) == [(3, "duplicate-in-file", None)]
    assert "第 3 行" in done.report.verdicts[-1].zh
    assert "第 2 行" in done.report.verdicts[-1].zh


def test_a_header_repeated_on_each_page_and_section_titles_are_skipped():
    title = [(1, 0, 1, 6, "一、市场监管局")]
    done = read([HEAD, [""] * 7, GOOD, HEAD, ["食品", "另一事项", *GOOD[2:]]], title)
    assert len(done.items) == 2
    codes = [v.code for v in done.report.verdicts]
    assert codes == ["section-title", "accepted", "header-repeated", "accepted"]


def test_a_blank_category_is_that_of_the_row_above_and_said_so():
    done = read([HEAD, GOOD, ["", "另一事项", *GOOD[2:]]])
    assert [item.category for item in done.items] == ["食品", "食品"]
    assert said(done.report, "warning") == [(3, "carried-down", "category")]


def test_control_characters_in_a_continuation_refuse_the_whole_item():
    lines = [HEAD, GOOD, ["", "", "", "", "", "", "《乙\x00法》第一条"]]
    data = "\n".join(",".join(row) for row in lines).encode()
    done = read_checklist(read_table(data, "a.csv"))
    assert done.items == ()
    assert [(r, c) for r, c, _ in said(done.report)] == [
        (2, "continuation-faulty"),
        (3, "control-character"),
        (3, "continued"),
    ]


def test_control_characters_in_a_column_nobody_reads_do_no_harm():
    data = "\n".join([",".join([*HEAD, "颜色"]), ",".join([*GOOD, "a\x00b"])]).encode()
    assert len(read_checklist(read_table(data)).items) == 1
