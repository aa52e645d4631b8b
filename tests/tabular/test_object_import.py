"""Objects of all seven kinds are taken under an identifier that holds, or refused by row."""

import time

import pytest

from app.domain.credit_code import check_character
from app.domain.lifecycle import IdScheme, ObjectKind, ObjectStatus, RiskClass
from app.tabular.object_import import read_objects
from app.tabular.reader import read_table
from tests.tabular.files import workbook

HEAD = [
    "统一社会信用代码/注册号",
    "名称",
    "类型",
    "住所",
    "行政区划",
    "登记状态",
    "风险等级",
    "行业代码",
    "标签",
    "专项库",
    "责任主体代码",
]
FIRM = "91150525MA0TEYT07L"


def line(code=FIRM, name="某某公司", kind="企业", *rest):
    return [code, name, kind, *rest, *[""] * (8 - len(rest))]


def read(*rows, **options):
    return read_objects(read_table(workbook([HEAD, *rows])), **options)


def said(done, outcome="rejected"):
    return [(v.row, v.code, v.field) for v in done.report.verdicts if v.outcome == outcome]


def test_a_firm_is_read_with_everything_the_file_says_of_it():
    rest = ("大沁他拉镇", "奈曼旗", "存续", "B", "F5211", "食品、餐饮", "餐饮库")
    done = read(line(FIRM, "某某公司", "企业", *rest), regions={"奈曼旗": "150525"})
    (firm,) = done.objects
    assert (firm.id_scheme, firm.code, firm.kind) == (
        IdScheme.CREDIT_CODE,
        FIRM,
        ObjectKind.ENTERPRISE,
    )
    assert (firm.region_code, firm.status, firm.risk_class) == (
        "150525",
        ObjectStatus.ACTIVE,
        RiskClass.B,
    )
    assert (firm.industry_code, firm.tags, firm.special_libraries) == (
        "F5211",
        ("食品", "餐饮"),
        ("餐饮库",),
    )
    assert said(done) == said(done, "warning") == []


@pytest.mark.parametrize(
    ("code", "label", "kind"),
    [
        ("91150525MA0TEYT07L", "企业", ObjectKind.ENTERPRISE),
        ("92150525MA0TEYT15C", "个体工商户", ObjectKind.INDIVIDUAL_BUSINESS),
        ("93150525MA0TEYT234", "农民专业合作社", ObjectKind.FARMER_COOP),
        ("12150525MB0TEYT35Q", "其他主体", ObjectKind.OTHER_ORG),
    ],
)
def test_the_four_market_kinds_have_credit_codes(code, label, kind):
    assert read(line(code, "甲", label, "", "", "存续")).objects[0].kind is kind


@pytest.mark.parametrize("label", ["产品", "项目", "行为"])
def test_products_projects_and_activities_have_a_library_code_and_who_answers_for_them(label):
    done = read(line("CP-2026.001", "甲", label, "", "", "存续", "", "", "", "", FIRM))
    assert done.objects[0].id_scheme is IdScheme.LIBRARY_CODE
    assert done.objects[0].responsible_code == FIRM
    assert said(read(line("CP-2026.001", "甲", label))) == [
        (2, "value-missing", "responsible_code")
    ]


def test_a_project_may_have_its_investment_code():
    row = line("2026-150525-78-01-000001", "甲", "项目", "", "", "存续", "", "", "", "", FIRM)
    assert read(row).objects[0].id_scheme is IdScheme.PROJECT_CODE


@pytest.mark.parametrize("code", ["-A", "代码", "A B/C", "X" * 65])
def test_a_library_code_has_the_form_that_draws_need(code):
    row = line(code, "甲", "产品", "", "", "存续", "", "", "", "", FIRM)
    assert said(read(row)) == [(2, "library-code-invalid", "code")]


@pytest.mark.parametrize(
    "code", ["91150525MA0TEYT07M", "91150525MA0TEYT0", "9115052*********7L", "甲"]
)
def test_a_wrong_credit_code_is_refused(code):
    done = read(line(code))
    assert said(done) == [(2, "credit-code-invalid", "code")]
    assert code not in done.report.verdicts[0].zh


def test_full_width_and_lower_case_codes_are_the_same_code():
    done = read(line("９１150525ma0teyt07l"), line(FIRM))
    assert done.objects[0].code == FIRM
    assert said(done) == [(3, "duplicate-in-file", "code")]
    assert "第 2 行" in done.report.verdicts[-1].zh


def test_a_registration_number_is_taken_with_a_warning():
    done = read(line("150525600000008", "甲", "个体工商户", "", "", "存续"))
    assert done.objects[0].id_scheme is IdScheme.REGISTRATION_NUMBER
    assert (2, "registration-number-used", "code") in said(done, "warning")


def test_two_columns_are_enough_and_the_kind_comes_from_the_code():
    done = read_objects(read_table(workbook([["统一社会信用代码", "企业名称"], [FIRM, "甲"]])))
    assert done.objects[0].kind is ObjectKind.ENTERPRISE
    assert done.objects[0].risk_class is RiskClass.UNRATED
    assert said(done, "warning") == [(2, "kind-derived", "kind")]


def test_a_kind_that_the_code_contradicts_is_warned_of():
    done = read(line(FIRM, "甲", "个体工商户", "", "", "存续"))
    assert said(done, "warning") == [(2, "kind-mismatch", "kind")]


@pytest.mark.parametrize(
    ("place", "field"), [(2, "kind"), (4, "region_code"), (5, "status"), (6, "risk_class")]
)
def test_what_decides_a_draw_is_refused_when_not_understood(place, field):
    row = line(FIRM, "甲", "企业", "", "", "存续")
    row[place] = "不知道"
    assert said(read(row)) == [(2, "value-unknown", field)]


@pytest.mark.parametrize(
    ("text", "status"),
    [("注销", "cancelled"), ("吊销,未注销", "revoked"), ("迁出", "moved"), ("停业", "suspended")],
)
def test_states_are_told_apart(text, status):
    assert read(line(FIRM, "甲", "企业", "", "", text)).objects[0].status == status


def test_an_industry_given_by_name_is_left_out_and_said_so():
    done = read(line(FIRM, "甲", "企业", "", "", "存续", "", "全民所有制"))
    assert done.objects[0].industry_code is None
    assert said(done, "warning") == [(2, "value-ignored", "industry_code")]


def test_a_row_with_nul_is_refused_and_the_others_are_taken():
    data = f"统一社会信用代码,名称\n{FIRM},甲\x00\n92150525MA0TEYT15C,乙\n".encode()
    done = read_objects(read_table(data, "a.csv"))
    assert said(done) == [(2, "control-character", "name")]
    assert [found.name for found in done.objects] == ["乙"]


@pytest.mark.parametrize("day", ["长期", "2026-13-01"])
def test_a_class_is_of_a_day(day):
    data = f"统一社会信用代码,名称,类型,风险评定日期\n{FIRM},甲,企业,{day}\n".encode()
    done = read_objects(read_table(data, "a.csv"))
    assert said(done) == [(2, "date-unknown", "risk_on")]


@pytest.mark.parametrize("digit", "١४")
def test_digits_of_other_scripts_make_no_registration_number(digit):
    done = read(line(digit * 15))
    assert said(done) == [(2, "credit-code-invalid", "code")]
    assert done.objects == ()


def test_a_hundred_thousand_messy_rows_are_judged_in_time():
    lines = ["名称,统一社会信用代码,类型,登记状态,风险等级,标签"]
    for n in range(100_000):
        body = f"91150525MA{n:07d}"
        code = body + check_character(body)
        messy = {0: code[:-1] + "I", 1: " " + code.lower(), 2: "", 3: code + "\x00"}.get(
            n % 50, code
        )
        lines.append(f'"公司 {n}",{messy},企业,存续,{"ABCDE"[n % 5]},"食品、餐饮"')
    data = "\r\n".join(lines).encode("gb18030")
    started = time.perf_counter()
    done = read_objects(read_table(data, "a.csv"))
    assert time.perf_counter() - started < 20
    assert done.report.rows == 100_000
    assert done.report.accepted + done.report.rejected == 100_000
    assert (
        len(done.objects) == done.report.accepted == 74_000
    )  # 20,000 with risk class E, 6,000 with a bad code
