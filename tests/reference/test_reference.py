"""The shipped data are complete, consistent in themselves and with the domain's codes."""

import datetime as dt
import re
from collections import Counter

import chinese_calendar
import holidays
import pytest
from python_calamine import CalamineWorkbook

from app.demo.checklist_rows import FILE, HEADER, TITLE, UNITS, checklist_rows, write_checklist
from app.domain import lifecycle
from app.reference import (
    code_groups,
    codes,
    departments,
    holiday_notices,
    industries,
    regions,
    sources,
)

CODE = re.compile(r"[0-9A-Z][0-9A-Z._-]{0,63}")


def test_every_data_set_names_its_source_and_version():
    assert set(sources()) == {
        "regions", "industries", "departments", "holiday_notices", "codes", "common_passwords",
        "certificate_forms"
    }  # fmt: skip
    for source in sources().values():
        assert source.source
        assert source.version
        assert source.note


def test_the_region_tree_is_whole():
    found = {region.code: region for region in regions()}
    assert len(found) == len(regions())
    assert Counter(region.level for region in regions()) == {
        "province": 1, "prefecture": 12, "county": 103, "township": 16
    }  # fmt: skip
    parent_level = {"prefecture": "province", "county": "prefecture", "township": "county"}
    seen = set()
    for region in regions():
        if region.parent_code is not None:
            assert region.parent_code in seen, "parents come before their children"
            assert found[region.parent_code].level == parent_level[region.level]
            assert region.code.startswith(region.parent_code.rstrip("0"))
        assert len(region.code) == (9 if region.level == "township" else 6)
        seen.add(region.code)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("150000", "内蒙古自治区"),
        ("150500", "通辽市"),
        ("150502", "科尔沁区"),
        ("150521", "科尔沁左翼中旗"),
        ("150522", "科尔沁左翼后旗"),
        ("150523", "开鲁县"),
        ("150524", "库伦旗"),
        ("150525", "奈曼旗"),
        ("150526", "扎鲁特旗"),
        ("150581", "霍林郭勒市"),
        ("150525100", "大沁他拉镇"),
    ],
)
def test_the_places_around_naiman_are_there(code, name):
    assert name in [region.name for region in regions() if region.code == code]


def test_r23_the_leading_group_has_25_units_and_the_joint_conference_17_of_them():
    group = {unit.code for unit in departments() if unit.leading_group_member}
    conference = {unit.code for unit in departments() if unit.joint_conference_member}
    assert (len(group), len(conference)) == (25, 17)
    assert group - conference == {
        "GYXX", "MZJ", "CZJ", "ZRZY", "SWJ", "YBJ", "LCJ", "QXJ"
    }  # fmt: skip
    assert conference < group
    assert "ZFB" in conference


def test_r23_the_office_is_a_unit_of_its_own_hosted_by_market_supervision():
    (office,) = [unit for unit in departments() if unit.kind == "office"]
    assert office.host == "SCJG"
    assert not office.leading_group_member
    assert [unit.code for unit in departments() if unit.host is not None] == [office.code]


def test_oversight_bodies_witness_and_belong_to_neither_group():
    oversight = [unit for unit in departments() if unit.kind == "oversight"]
    assert [unit.code for unit in oversight] == ["JWJW", "SFJ", "GZC"]
    assert not any(unit.leading_group_member for unit in oversight)


def test_every_unit_has_a_unique_code_a_kind_and_business_lines():
    units = departments()
    assert len({unit.code for unit in units}) == len({unit.name for unit in units}) == 29
    for unit in units:
        assert CODE.fullmatch(unit.code)
        assert unit.kind in set(lifecycle.DepartmentKind)
        assert unit.region_code == "150525"
        assert "奈曼旗" in unit.name
        lines = [line.code for line in unit.business_lines]
        assert lines
        assert len(set(lines)) == len(lines)
        assert all(CODE.fullmatch(line) for line in lines)


def test_the_eight_result_texts_are_kept_exactly():
    assert [(code.code, code.zh) for code in codes("result")] == [
        ("01", "未发现问题"),
        ("02", "未按规定公示应当公示的信息"),
        ("03", "公示信息隐瞒真实情况、弄虚作假"),
        ("04", "通过登记的住所(经营场所)无法联系"),
        ("05", "发现问题已责令改正"),
        ("06", "不配合检查情节严重"),
        ("07", "未发现开展本次抽查涉及的经营活动"),
        ("08", "发现问题待后续处理"),
    ]


@pytest.mark.parametrize(
    ("group", "enum"),
    [
        ("result", lifecycle.ResultCode),
        ("inspection_method", lifecycle.Method),
        ("acknowledgement_kind", lifecycle.AcknowledgementKind),
        ("finding_outcome", lifecycle.FindingOutcome),
        ("object_kind", lifecycle.ObjectKind),
        ("object_status", lifecycle.ObjectStatus),
        ("id_scheme", lifecycle.IdScheme),
        ("risk_class", lifecycle.RiskClass),
        ("officer_status", lifecycle.OfficerStatus),
        ("department_kind", lifecycle.DepartmentKind),
        ("region_level", lifecycle.RegionLevel),
        ("item_class", lifecycle.ItemClass),
        ("risk_level", lifecycle.RiskLevel),
        ("guideline_kind", lifecycle.GuidelineKind),
        ("plan_kind", lifecycle.PlanKind),
        ("participant_status", lifecycle.ParticipantStatus),
        ("pool_scope", lifecycle.PoolScope),
    ],
)
def test_a_code_list_has_exactly_the_codes_of_the_domain(group, enum):
    assert [code.code for code in codes(group)] == [member.value for member in enum]


def test_every_code_is_unique_and_labelled_in_both_languages():
    for group in code_groups().values():
        known = [code.code for code in group.codes]
        assert len(set(known)) == len(known)
        texts = [text for code in group.codes for text in (code.code, code.zh, *code.aliases)]
        assert len(set(texts)) == len(texts), f"{group.key}: a text names two codes"
        assert all(code.zh and code.en for code in group.codes)


@pytest.mark.parametrize("group", ["object_exclusion", "officer_exclusion", "void_reason"])
def test_reasons_that_stand_in_draw_files_have_the_form_of_a_code(group):
    assert all(CODE.fullmatch(code.code) for code in codes(group))


def test_r08_routine_patrol_is_no_cause():
    assert [code.code for code in codes("targeted_cause")] == [
        "public_safety",
        "complaint",
        "assigned",
        "data_monitoring",
    ]


def test_a_code_is_found_by_code_label_or_alias():
    methods = code_groups()["inspection_method"]
    for text in ("onsite", "实地核查", "现场检查"):
        found = methods.find(text)
        assert found is not None
        assert found.code == "onsite"
    assert methods.find("电话") is None


def test_there_are_20_sections_and_97_divisions_of_industry():
    sections = [one.code for one in industries() if one.level == "section"]
    divisions = [one for one in industries() if one.level == "division"]
    assert sections == list("ABCDEFGHIJKLMNOPQRST")
    assert [one.code for one in divisions] == [f"{n:02d}" for n in range(1, 98)]
    assert [one.section for one in divisions] == sorted(one.section for one in divisions)
    assert {one.section for one in divisions} == set(sections)


def test_the_notices_of_2022_to_2026_carry_their_document_numbers():
    assert [(notice.year, notice.document_no) for notice in holiday_notices()] == [
        (2022, "国办发明电〔2021〕11号"),
        (2023, "国办发明电〔2022〕16号"),
        (2024, "国办发明电〔2023〕7号"),
        (2025, "国办发明电〔2024〕12号"),
        (2026, "国办发明电〔2025〕7号"),
    ]
    for notice in holiday_notices():
        assert notice.issued_on.year == notice.year - 1


def test_a_made_up_day_is_a_weekend_and_no_day_is_named_twice():
    for notice in holiday_notices():
        assert all(day.date.weekday() >= 5 for day in notice.make_up)
        days = [day.date for day in notice.changed_days()]
        assert days == sorted(set(days))
        assert {day.holiday for day in notice.make_up} <= {run.name for run in notice.days_off}


def _judged(day, changed):
    return changed.get(day, day.weekday() < 5)


def test_two_independent_calendars_judge_every_day_as_the_notices_do():
    changed = {
        day.date: day.is_working_day
        for notice in holiday_notices()
        for day in notice.changed_days()
    }
    other = holidays.country_holidays("CN", years=range(2022, 2027))
    start = dt.date(2022, 1, 1)
    days = [start + dt.timedelta(days=n) for n in range(1826)]
    differences = [
        (day.isoformat(), name)
        for day in days
        for name, worked in (
            ("chinese_calendar", chinese_calendar.is_workday(day)),
            ("holidays", other.is_working_day(day)),
        )
        if worked != _judged(day, changed)
    ]
    assert differences == []


def _sheet_rows(path):
    (sheet,) = CalamineWorkbook.from_path(path).sheet_names
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()
    return [tuple(str(cell) for cell in row) for row in rows]


def test_the_shipped_spreadsheet_holds_the_rows_of_the_demo_checklist():
    title, header, *rows = _sheet_rows(FILE)
    assert title[0] == TITLE
    assert header == HEADER
    assert rows == checklist_rows()


def test_generating_the_spreadsheet_again_gives_the_same_bytes(tmp_path):
    count = write_checklist(tmp_path / "again.xlsx")
    assert count >= 60
    assert (tmp_path / "again.xlsx").read_bytes() == FILE.read_bytes()


def test_every_demo_item_has_a_legal_basis_a_known_method_class_and_risk():
    known = {unit.code: unit.name for unit in departments()}
    methods = {code.zh for code in codes("inspection_method")}
    for code, name, items in UNITS:
        assert known[code] == name
        for one in items:
            assert all(
                re.fullmatch(r"《[^》]+》第[〇一二三四五六七八九十百零]+条", b) for b in one.bases
            )
            assert len(set(one.bases)) == len(one.bases)
            assert set(one.methods) <= methods
            assert code_groups()["item_class"].find(one.item_class) is not None
            assert code_groups()["risk_level"].find(one.risk) is not None
        assert len({(one.name, one.sub_item) for one in items}) == len(items)


def test_some_demo_items_take_continuation_rows():
    rows = checklist_rows("SCJG")
    assert any(not row[0] for row in rows)
    assert all(row[HEADER.index("检查依据")] for row in rows)
