"""Exports: what is read back changes nothing; safe in any program; said in the trace (issue 4.6)."""

import csv
import hashlib
import io
from urllib.parse import unquote

import httpx
import pytest

from app.domain.actor import Role
from app.tabular import writer
from app.tabular.reader import read_table
from tests.support.library_factories import (
    credit_code,
    make_item,
    make_object,
    make_officer,
    published_checklist,
    upload,
)
from tests.support.world import Caller, World

FORMS = [
    {"format": "xlsx"},
    {"format": "csv", "encoding": "utf-8"},
    {"format": "csv", "encoding": "utf-8-bom"},
    {"format": "csv", "encoding": "gb18030"},
]
CODECS = {"utf-8": "utf-8", "utf-8-bom": "utf-8-sig", "gb18030": "gb18030"}
HARD = "=1+1 @喆龘𠮷—特殊"


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


async def export(caller: Caller, path: str, **query: str) -> httpx.Response:
    answer = await caller.get(f"{path}/exports", params=query)
    assert answer.status_code == 200, answer.text
    return answer


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    """The rows of a file as another program reads it, but for what our reader takes off."""
    name = "a.csv" if answer.headers["content-type"].startswith("text/csv") else "a.xlsx"
    head, *rows = read_table(answer.content, name).rows
    return [dict(zip(head.cells, row.cells, strict=False)) for row in rows]


async def reimport(caller: Caller, path: str, answer: httpx.Response, form: dict[str, str]) -> dict:
    done = await upload(caller, f"{path}/import", answer.content, f"a.{form['format']}")
    assert done.status_code == 200, done.text
    return done.json()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: "-".join(form.values()))
async def test_objects_that_went_out_come_back_unchanged(clerk: Caller, form: dict[str, str]):
    firm = await make_object(
        clerk, name=HARD, address="-东街1号", risk_class="B", risk_source="+省平台",
        risk_on="2026-01-31", industry_code="1353", special_libraries=["食品生产企业库"],
        tags=["食品销售", "重点"], area_code="150525103201",
    )  # fmt: skip
    await make_object(
        clerk, kind="product", id_scheme="library_code", id_value="CP-0001", name="0015",
        responsible_object_code=firm["code"], status="suspended",
    )  # fmt: skip
    await make_object(
        clerk, kind="individual_business", id_scheme="credit_code", id_value=credit_code(prefix="92")
    )  # fmt: skip
    answer = await export(clerk, "inspection-objects", **form)
    before = rows_of(answer)
    assert [row["名称*"] for row in before][:2] == [HARD, "0015"]
    assert before[0]["监管标签"] == "食品销售、重点"
    done = await reimport(clerk, "inspection-objects", answer, form)
    assert (done["rows"], done["created"], done["joined"]) == (3, 0, 0)
    assert (done["rejected"], done["warnings"]) == ([], [])
    assert rows_of(await export(clerk, "inspection-objects", **form)) == before


@pytest.mark.parametrize("form", FORMS, ids=lambda form: "-".join(form.values()))
async def test_officers_that_went_out_come_back_unchanged(clerk: Caller, form: dict[str, str]):
    await make_officer(clerk, name=HARD, item_scopes=["食品", "药品"], regions=["150525"])
    await make_officer(clerk, tags=[], specialties=["会计", "审计"], leader_eligible=False)
    answer = await export(clerk, "officers", **form)
    before = rows_of(answer)
    assert [(row["执法资质"], row["业务专长"]) for row in before][1] == ("", "会计、审计")
    done = await reimport(clerk, "officers", answer, form)
    assert (done["rows"], done["created"], done["rejected"], done["warnings"]) == (2, 0, [], [])
    assert rows_of(await export(clerk, "officers", **form)) == before


@pytest.mark.parametrize("form", FORMS, ids=lambda form: "-".join(form.values()))
async def test_a_checklist_that_went_out_comes_back_unchanged(clerk: Caller, form: dict[str, str]):
    two = [
        {"law": "中华人民共和国食品安全法", "article": "第一百一十条", "text": None},
        {"law": "某办法", "article": "第三条", "text": "《某办法》(局令第1号)第三条"},
    ]
    points = [{"content": "甲", "method": None}, {"content": "乙", "method": "查阅"}]
    await make_item(
        clerk, name=HARD, legal_bases=two, contents="一\n二", key_points=points,
        ratio_min_per_10000=300, ratio_max_per_10000=550, frequency_cap=2,
        qualifications=["食品", "特种设备"], supervision_code="12345678901234",
        valid_from="2026-01-01", valid_to="2027-12-31", remark="+说明",
    )  # fmt: skip
    await make_item(clerk, sub_item="子项", subject="县级")
    answer = await export(clerk, "checklist-items", **form)
    before = rows_of(answer)
    assert [row["检查依据*"] for row in before][:2] == [
        "《中华人民共和国食品安全法》第一百一十条",
        "《某办法》(局令第1号)第三条",
    ]
    done = await reimport(clerk, "checklist-items", answer, form)
    assert (done["rows"], done["created"], done["rejected"], done["warnings"]) == (3, 0, [], [])
    assert len(done["duplicates"]) == 2
    assert rows_of(await export(clerk, "checklist-items", **form)) == before


NOT_READ_BACK = {
    "id", "department_id", "code", "created_at", "updated_at", "import_batch_id", "issuing_unit",
    "department_code",
}  # fmt: skip


async def test_a_checklist_that_went_out_says_the_same_in_another_library(world: World):
    """All that the template has columns for is read as it was; nothing of an item is lost."""
    clerk, other = await world.caller(Role.DEPT_CLERK), await world.caller(Role.DEPT_CLERK, "XFJY")
    points = [
        {"content": "甲", "method": None, "yes_text": None, "no_text": None},
        {"content": "乙", "method": "查阅", "yes_text": None, "no_text": None},
    ]
    basis = {"law": "某办法", "article": "第三条", "text": "《某办法》第三条"}
    for ratios in ((300, 550), (None, 500), (25, None), (0, 1), (None, None)):
        await make_item(
            clerk, issuing_unit="自治区某厅", key_points=points, frequency_cap=2, contents="一",
            legal_bases=[basis], methods=["document", "onsite"],
            ratio_min_per_10000=ratios[0], ratio_max_per_10000=ratios[1], remark="+说明",
            qualifications=["食品", "特种设备"], supervision_code="12345678901234",
            valid_from="2026-01-01", valid_to="2027-12-31", sub_item="子项", subject="县级",
        )  # fmt: skip
    answer = await export(clerk, "checklist-items", format="csv")
    done = await reimport(other, "checklist-items", answer, {"format": "csv"})
    assert (done["created"], done["rejected"], done["warnings"]) == (5, [], [])

    async def said(caller: Caller) -> list[dict[str, object]]:
        items = (await caller.get("checklist-items")).json()["items"]
        kept = [
            {key: value for key, value in item.items() if key not in NOT_READ_BACK}
            for item in items
        ]
        for item in kept:
            item["ratio_min_per_10000"] = item["ratio_min_per_10000"] or None
        return sorted(kept, key=lambda item: str(item["name"]))

    for there, here in zip(await said(other), await said(clerk), strict=True):
        assert {k: (v, there[k]) for k, v in here.items() if v != there[k]} == {}


async def test_a_published_version_goes_out_as_it_was_published(world: World):
    clerk, version = await published_checklist(world, items=2)
    item = version["items"][0]
    live = await clerk.get(f"checklist-items/{item['item_id']}")
    changed = await clerk.patch(
        f"checklist-items/{item['item_id']}", {"risk_level": "high"}, etag=live.headers["etag"]
    )
    assert changed.status_code == 200, changed.text
    answer = await export(clerk, f"checklist-versions/{version['id']}")
    assert [row["风险等级"] for row in rows_of(answer)] == ["中风险", "中风险"]
    other = await world.caller(Role.DEPT_CLERK, "XFJY")
    assert rows_of(await export(other, f"checklist-versions/{version['id']}")) == rows_of(answer)
    missing = await clerk.get("checklist-versions/019b0000-0000-7000-8000-000000000000/exports")
    assert missing.status_code == 404


@pytest.mark.parametrize("form", FORMS, ids=lambda form: "-".join(form.values()))
async def test_the_joint_list_that_went_out_comes_back_unchanged(
    world: World, form: dict[str, str]
):
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    for name in ("食品安全情况的检查", HARD):
        body = {
            "field": "学校", "name": name, "objects": "各类学校",
            "initiating": [{"name": "市场监督管理局"}],
            "cooperating": [{"name": "教育部门", "department_code": "JYTY"}, {"name": "海口海关"}],
        }  # fmt: skip
        made = await office.post("joint-items", body)
        assert made.status_code == 201, made.text
    answer = await export(office, "joint-items", **form)
    before = rows_of(answer)
    done = await reimport(office, "joint-items", answer, form)
    assert (done["rows"], done["created"], done["rejected"], done["warnings"]) == (2, 0, [], [])
    assert len(done["duplicates"]) == 2
    assert rows_of(await export(office, "joint-items", **form)) == before


async def test_events_go_out_with_the_code_of_their_object(world: World, clerk: Caller):
    made = await make_object(clerk)
    event = {"kind": "suspended", "effective_on": "2026-02-20", "reason": "=停业"}
    done = await clerk.post(f"inspection-objects/{made['id']}/events", event, etag='"1"')
    assert done.status_code == 201, done.text
    rows = rows_of(await export(clerk, "object-events", kind="suspended"))
    assert [(row[HEAD], row["日期*"], row["原因"]) for row in rows] == [
        (made["code"], "2026-02-20", "=停业")
    ]
    assert rows_of(await export(clerk, "object-events", effective_to="2026-02-19")) == []
    other = await world.caller(Role.DEPT_CLERK, "XFJY")
    assert rows_of(await export(other, "object-events")) == []


@pytest.mark.parametrize("form", FORMS, ids=lambda form: "-".join(form.values()))
async def test_events_that_went_out_are_all_known_again(clerk: Caller, form: dict[str, str]):
    firm = await make_object(clerk, risk_class="B", risk_source="省平台", risk_on="2026-01-01")
    path = f"inspection-objects/{firm['id']}"
    product = {"kind": "product", "id_scheme": "library_code", "id_value": "CP-1", "name": "肥料"}
    await make_object(clerk, **product, responsible_object_code=firm["code"])
    moved = {"area_code": "150402", "address": "赤峰市示例街 1 号"}
    for number, (kind, facts) in enumerate(
        (("suspended", None), ("changed", {"name": HARD}), ("changed", {"attributes": {}}),
         ("changed", {"address": None}), ("moved", moved)), start=1,
    ):  # fmt: skip
        body = {"kind": kind, "effective_on": "2026-02-20", "reason": "=停业"}
        body |= {"facts": facts} if facts else {}
        done = await clerk.post(f"{path}/events", body, etag=f'"{number}"')
        assert done.status_code == 201, done.text
    told = [
        {"external_id": "E-1", "object_code": firm["code"], "kind": "changed",
         "effective_on": "2026-02-21", "source_sequence": 7,
         "facts": {"address": "新街 2 号", "attributes": {}}},
        {"external_id": "E-2", "object_code": firm["code"], "kind": "resumed",
         "effective_on": "2026-02-22", "reason": None},
    ]  # fmt: skip
    batch = await clerk.post("object-events/batches", {"source": "AMR-TEST", "events": told})
    assert batch.json()["accepted"] == 2, batch.text
    filed = "代码,事件,日期\nCP-1,停业,2026-02-23\n".encode()
    await upload(clerk, "inspection-objects/events/import", filed, "a.csv")
    answer = await export(clerk, "object-events", **form)
    before = rows_of(answer)
    assert len(before) == 2 + 5 + 2 + 1
    assert {row["来源"] for row in before} == {"SUNLOT", "AMR-TEST", "SPREADSHEET"}
    done = await reimport(clerk, "inspection-objects/events", answer, form)
    assert (done["created"], done["rejected"], done["warnings"]) == (0, [], []), done
    assert done["duplicate_rows"] == len(before)
    assert rows_of(await export(clerk, "object-events", **form)) == before


async def test_an_exported_event_that_was_changed_in_the_file_is_refused(clerk: Caller):
    made = await make_object(clerk)
    facts = {"kind": "changed", "effective_on": "2026-02-20", "facts": {"name": "新名"}}
    told = {"external_id": "E-1", "object_code": made["code"], **facts}
    await clerk.post("object-events/batches", {"source": "AMR-TEST", "events": [told]})
    form = {"format": "csv", "encoding": "utf-8"}
    answer = await export(clerk, "object-events", kind="changed", **form)
    data = answer.content.replace("新名".encode(), "他名".encode())
    done = await upload(clerk, "inspection-objects/events/import", data, "a.csv")
    assert [v["code"] for v in done.json()["rejected"]] == ["event-id-reused"]


HEAD = "统一社会信用代码/注册号/名录库编码*"


@pytest.mark.parametrize("encoding", sorted(CODECS))
async def test_no_cell_of_a_csv_begins_a_formula(clerk: Caller, encoding: str):
    for start in "=+-@":
        await make_object(clerk, name=f"{start}SUM(A1)", address=f"{start}1")
    answer = await export(clerk, "inspection-objects", format="csv", encoding=encoding)
    text = answer.content.decode(CODECS[encoding])
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t"}] == []
    assert "'=SUM(A1)" in cells
    assert answer.content.startswith(b"\xef\xbb\xbf") is (encoding == "utf-8-bom")
    assert answer.headers["content-type"].endswith("gb18030" if encoding == "gb18030" else "utf-8")


async def test_the_filters_of_the_list_narrow_its_export(world: World, clerk: Caller):
    await make_object(clerk, name="甲商行", tags=["甲"])
    await make_object(clerk, name="乙商行", risk_class="D")
    for query, names in (
        ({"q": "甲"}, ["甲商行"]),
        ({"risk_class": "D"}, ["乙商行"]),
        ({"tag": "甲"}, ["甲商行"]),
        ({"sort": "pinyin"}, ["甲商行", "乙商行"]),
        ({"q": "丙"}, []),
    ):
        rows = rows_of(await export(clerk, "inspection-objects", **query))
        assert [row["名称*"] for row in rows] == names, query
    other = await world.caller(Role.DEPT_CLERK, "XFJY")
    assert rows_of(await export(other, "inspection-objects")) == []
    office = await world.caller(Role.SUPERVISOR, "ZFB")
    assert len(rows_of(await export(office, "inspection-objects"))) == 2


async def test_an_export_is_in_the_trace_with_its_rows_and_digest_but_no_names(clerk: Caller):
    officer = await make_officer(clerk, name="张三丰")
    answer = await export(clerk, "officers", q="张三丰", format="csv")
    digest = hashlib.sha256(answer.content).hexdigest()
    assert answer.headers["x-export-sha256"] == digest
    assert answer.headers["x-export-rows"] == "1"
    assert answer.headers["content-length"] == str(len(answer.content))
    entries = (await clerk.get("audit-entries", params={"limit": 1000})).json()["items"]
    entry = next(entry for entry in entries if entry["action"] == "officer.exported")
    assert entry["after"]["rows"] == 1
    assert entry["facts"]["file_sha256"] == digest
    assert "张三丰" not in str(entry)
    assert officer["code"] not in str(entry)


async def test_the_name_of_the_file_is_chinese_where_the_program_reads_it(clerk: Caller):
    answer = await export(clerk, "inspection-objects", format="csv")
    said = answer.headers["content-disposition"]
    assert said.startswith('attachment; filename="export-20260302.csv"')
    assert unquote(said.partition("filename*=UTF-8''")[2]) == "检查对象名录库_20260302.csv"


async def test_what_a_sheet_can_not_hold_is_refused_before_it_is_sent(
    clerk: Caller, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(writer, "MAX_WRITTEN_ROWS", 1)
    await make_object(clerk)
    await make_object(clerk)
    refused = await clerk.get("inspection-objects/exports")
    assert (refused.status_code, refused.json()["code"]) == (413, "too-many-rows")
    assert len(rows_of(await export(clerk, "inspection-objects", format="csv"))) == 2


async def test_who_may_not_read_the_list_may_not_export_it(world: World):
    witness = await world.caller(Role.WITNESS, "JWJW")
    refused = await witness.get("officers/exports")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
