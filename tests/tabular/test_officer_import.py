"""Officers enter by staff number and certificate; what the duty does not need is left out."""

import dataclasses
import datetime as dt

import pytest

from app.domain.lifecycle import OfficerStatus
from app.tabular.officer_import import OfficerRow, read_officers
from app.tabular.reader import read_table
from tests.tabular.files import workbook

HEAD = ["姓名", "单位工号", "业务条线", "职务", "执法证编号", "发证机关", "执法证有效期"]
MORE = ["执法资质", "业务专长", "执法事项范围", "是否可任组长", "区域", "状态"]


def read(*rows, head=HEAD):
    return read_officers(read_table(workbook([head, *rows])))


def line(code="SC001", certificate="15052500001", valid_to="2028-12-31", name="检查员甲"):
    return [name, code, "食品股", "四级主任科员", certificate, "自治区司法厅", valid_to]


def said(done, outcome="rejected"):
    return [(v.row, v.code, v.field) for v in done.report.verdicts if v.outcome == outcome]


def test_an_officer_is_read_with_everything_the_file_says():
    row = [*line(), "食品、特种设备", "会计", "SC-1、SC-2", "是", "150525", "在岗"]
    (officer,) = read(row, head=[*HEAD, *MORE]).officers
    assert (officer.code, officer.business_line) == ("SC001", "食品股")
    assert officer.certificate_valid_to == dt.date(2028, 12, 31)
    assert officer.qualifications == ("食品", "特种设备")
    assert officer.specialties == ("会计",)
    assert officer.item_scopes == ("SC-1", "SC-2")
    assert officer.leader_eligible is True
    assert officer.regions == ("150525",)
    assert officer.status is OfficerStatus.ACTIVE


@pytest.mark.parametrize("text", ["2028/12/31", "2028年12月31日", "20281231", "2028.12.31"])
def test_dates_are_understood_as_clerks_write_them(text):
    assert read(line(valid_to=text)).officers[0].certificate_valid_to == dt.date(2028, 12, 31)


def test_a_date_that_does_not_exist_is_refused():
    assert said(read(line(valid_to="2028-02-30"))) == [(2, "date-unknown", "certificate_valid_to")]


def test_an_identity_number_never_becomes_a_code():
    done = read(line(code="15052519900101001X"))
    assert said(done) == [(2, "identity-number-as-code", "code")]


KEPT = [
    "姓名",
    "业务条线",
    "职务",
    "执法证编号",
    "发证机关",
    "执法资质",
    "业务专长",
    "执法事项范围",
]


@pytest.mark.parametrize("title", KEPT)
def test_an_identity_number_is_refused_in_every_column_that_is_kept(title):
    head = [*HEAD, *MORE]
    row = [*line(), "", "", "", "", "", ""]
    row[head.index(title)] = "某 11010519491231002X"
    done = read(row, head=head)
    assert [code for _, code, _ in said(done)] == ["identity-number-in-cell"]
    assert done.officers == ()


@pytest.mark.parametrize("code", ["工号1", "-1", "A/B"])
def test_a_code_has_the_form_that_draws_need(code):
    assert said(read(line(code=code))) == [(2, "library-code-invalid", "code")]


def test_a_staff_number_is_required():
    assert said(read(line(code=""))) == [(2, "value-missing", "code")]


def test_personal_columns_are_named_as_not_stored_and_nowhere_kept():
    head = [*HEAD, "身份证号", "手机号", "性别", "学历"]
    done = read([*line(), "15052519900101001X", "13800000000", "女", "本科"], head=head)
    assert [field for _, code, field in said(done, "warning") if code == "column-not-stored"] == [
        "identity_number",
        "phone",
        "sex",
        "education",
    ]
    kept = repr(dataclasses.astuple(done.officers[0])) + repr(done.report)
    assert "15052519900101001X" not in kept
    assert "13800000000" not in kept
    assert not {"phone", "sex"} & {f.name for f in dataclasses.fields(OfficerRow)}


def test_an_officer_without_certificate_is_taken_and_named():
    done = read(line(certificate="", valid_to=""))
    assert len(done.officers) == 1
    assert said(done, "warning") == [(2, "certificate-missing", "certificate_no")]


def test_codes_and_certificates_stand_once_in_a_file():
    done = read(line(), line(certificate="2"), line(code="SC002"))
    assert said(done) == [
        (3, "duplicate-in-file", "code"),
        (4, "certificate-repeated", "certificate_no"),
    ]


def test_an_expert_does_not_enter_the_officer_library():
    done = read([*line(), "是"], head=[*HEAD, "是否专家"])
    assert said(done) == [(2, "expert-not-officer", "is_expert")]


def test_flags_and_states_are_not_guessed():
    row = [*line(), "", "", "", "也许", "", "不明"]
    assert {code for _, code, _ in said(read(row, head=[*HEAD, *MORE]))} == {"value-unknown"}
