"""The joint list: the office keeps it, every department reads it, everybody may see it."""

from typing import Any

import httpx
import pytest

from app.domain.actor import Role
from app.tabular.writer import write_xlsx
from tests.support.library_factories import upload
from tests.support.world import Caller, World

HEAD = ("序号", "抽查领域", "抽查事项", "检查对象", "发起部门", "配合部门")
Body = dict[str, Any]


def body_of(**changes: Any) -> Body:
    body: Body = {
        "field": "学校办学情况抽查",
        "name": "学校食堂食品安全情况的检查",
        "objects": "各类学校",
        "initiating": [{"name": "市场监督管理局"}],
        "cooperating": [{"name": "教育部门", "department_code": "JYTY"}, {"name": "海口海关"}],
    }
    return body | changes


def file_of(*rows: tuple[str, ...]) -> bytes:
    return write_xlsx([(str(n), *row) for n, row in enumerate(rows, 1)], HEAD)


@pytest.fixture
async def office(world: World) -> Caller:
    return await world.caller(Role.LG_OFFICE, "LDXZ")


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


async def made(office: Caller, **changes: Any) -> Body:
    answer = await office.post("joint-items", body_of(**changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_units_are_linked_by_code_or_certain_name_and_others_stay_text(office: Caller):
    answer = await office.post("joint-items", body_of())
    item = answer.json()
    assert (answer.status_code, item["code"], item["status"]) == (201, "J0001", "active")
    assert item["initiating"] == [{"name": "市场监督管理局", "department_code": "SCJG"}]
    assert item["cooperating"] == [
        {"name": "教育部门", "department_code": "JYTY"},
        {"name": "海口海关", "department_code": None},
    ]
    read = await office.get(answer.headers["location"])
    assert read.json() == item
    assert read.headers["etag"] == answer.headers["etag"] == '"1"'


async def test_every_department_reads_the_list_and_none_but_the_office_writes_it(
    office: Caller, clerk: Caller, world: World
):
    item = await made(office)
    leader = await world.caller(Role.DEPT_LEADER, "WJW")
    path = f"joint-items/{item['id']}"
    for caller in (clerk, leader):
        read = (await caller.get(path)).json()
        assert {key: read[key] for key in item if key != "allowed_actions"} == {
            key: value for key, value in item.items() if key != "allowed_actions"
        }
        assert (await caller.post("joint-items", body_of())).status_code == 403
        assert (await caller.patch(path, {"name": "x"}, etag='"1"')).status_code == 403
        gone = await caller.post(f"{path}/retire", {"reason": "x"}, etag='"1"')
        assert gone.status_code == 403
        assert (await upload(caller, "joint-items/import", file_of())).status_code == 403


async def test_the_same_item_is_not_entered_twice_while_it_is_in_force(office: Caller):
    item = await made(office)
    again = await office.post("joint-items", body_of())
    assert (again.status_code, again.json()["code"]) == (409, "joint-item-exists")
    retired = await office.post(
        f"joint-items/{item['id']}/retire", {"reason": "依据已废止"}, etag='"1"'
    )
    assert retired.json()["status"] == "retired"
    assert (await made(office))["code"] == "J0002"


async def test_a_code_is_given_once(office: Caller):
    assert (await made(office, code="J0007"))["code"] == "J0007"
    taken = await office.post("joint-items", body_of(code="J0007", name="另一事项"))
    assert (taken.status_code, taken.json()["code"]) == (409, "joint-item-code-taken")
    assert (await made(office, name="另一事项"))["code"] == "J0008"


@pytest.mark.parametrize(
    ("units", "pointer", "code"),
    [
        ({"cooperating": []}, "/cooperating", "units-too-few"),
        ({"cooperating": [{"name": "奈曼旗市场监督管理局"}]}, "/cooperating/0", "unit-twice"),
        (
            {"cooperating": [{"name": "某局", "department_code": "NOSUCH"}]},
            "/cooperating/0/department_code",
            "unit-unknown",
        ),
    ],
)
async def test_units_that_can_not_stand_are_named(
    office: Caller, units: Body, pointer: str, code: str
):
    refused = await office.post("joint-items", body_of(**units))
    assert (refused.status_code, refused.json()["code"]) == (422, "joint-units-invalid")
    assert (pointer, code) in {(e["pointer"], e["code"]) for e in refused.json()["errors"]}


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b", "", "x" * 2001])
async def test_texts_that_no_list_can_hold_are_refused(office: Caller, bad: str):
    refused = await office.post("joint-items", body_of(name=bad))
    assert (refused.status_code, refused.json()["code"]) == (422, "validation-failed")


async def test_a_change_needs_the_version_that_was_seen_and_moves_it_on(office: Caller):
    item = await made(office)
    path = f"joint-items/{item['id']}"
    change = {"cooperating": [{"name": "奈曼旗教育体育局"}]}
    assert (await office.patch(path, change)).status_code == 428
    changed = await office.patch(path, change, etag='"1"')
    assert changed.json()["cooperating"] == [
        {"name": "奈曼旗教育体育局", "department_code": "JYTY"}
    ]
    assert changed.json()["initiating"] == item["initiating"]
    assert changed.headers["etag"] == '"2"', "a change of the units alone is a change, too"
    assert (await office.patch(path, change, etag='"1"')).status_code == 412
    emptied = await office.patch(path, {"cooperating": []}, etag='"2"')
    assert (emptied.status_code, emptied.json()["code"]) == (422, "joint-units-invalid")
    assert (await office.get(path)).json()["cooperating"] == changed.json()["cooperating"]


async def test_a_retired_item_is_not_changed(office: Caller):
    item = await made(office)
    path = f"joint-items/{item['id']}"
    await office.post(f"{path}/retire", {"reason": "依据已废止"}, etag='"1"')
    for answer in (
        await office.patch(path, {"name": "x"}, etag='"2"'),
        await office.post(f"{path}/retire", {"reason": "x"}, etag='"2"'),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "joint-item-already-retired")


async def test_the_list_is_narrowed_by_field_unit_and_words(office: Caller, clerk: Caller):
    school = await made(office)
    hotel = await made(
        office,
        field="宾馆、旅店监督抽查",
        name="宾馆、旅店卫生情况的检查",
        objects="各类宾馆",
        initiating=[{"name": "卫生健康部门"}],
        cooperating=[{"name": "奈曼旗市场监督管理局"}],
    )

    async def codes(query: str) -> list[str]:
        answer = await clerk.get(f"joint-items?{query}")
        assert answer.status_code == 200, answer.text
        return [item["code"] for item in answer.json()["items"]]

    assert await codes("") == [school["code"], hotel["code"]]
    assert await codes("field=学校办学情况抽查") == [school["code"]]
    assert await codes("field=学校") == []
    assert await codes("initiating=SCJG") == [school["code"]]
    assert await codes("cooperating=SCJG") == [hotel["code"]]
    assert await codes("initiating=卫生健康部门") == [hotel["code"]]
    assert await codes("q=卫生") == [hotel["code"]]
    assert await codes("q=%25") == []
    assert await codes("status=retired") == []


async def test_everybody_sees_what_is_in_force_with_an_etag(
    office: Caller, client: httpx.AsyncClient
):
    kept = await made(office)
    gone = await made(office, name="另一事项")
    await office.post(f"joint-items/{gone['id']}/retire", {"reason": "x"}, etag='"1"')
    url = "/api/v1/public/joint-items?region_code=150525"
    seen = await client.get(url)
    assert [item["code"] for item in seen.json()["items"]] == [kept["code"]]
    assert "id" not in seen.json()["items"][0]
    again = await client.get(url, headers={"If-None-Match": seen.headers["etag"]})
    assert again.status_code == 304
    elsewhere = await client.get("/api/v1/public/joint-items?region_code=150521")
    assert elsewhere.json()["items"] == []


async def test_an_import_links_certain_units_and_names_the_other_rows(office: Caller):
    data = file_of(
        ("消防安全检查", "消防产品检查", "使用单位", "旗应急管理局", "奈曼旗市场监督管理局"),
        ("消防安全检查", "消防通道检查", "使用单位", "消防救援机构", "市场监督管理局"),
        ("消防安全检查", "灯箱检查", "使用单位", "公安部门", ""),
        ("消防安全检查", "仓库检查", "仓库", "应急管理局、奈曼旗应急管理局", "奈曼旗应急管理局"),
        ("消防安全检查", "库房检查", "库房", "公安局", "奈曼旗公安局、市场监督管理局"),
    )
    tried = (await upload(office, "joint-items/import?dry_run=true", data)).json()
    done = (await upload(office, "joint-items/import", data)).json()
    assert tried == done | {"dry_run": True, "batch_id": None}
    assert (done["created"], done["rejected_rows"]) == (3, 2)
    assert {(v["row"], v["code"]) for v in done["rejected"]} == {
        (4, "cooperation-missing"),
        (5, "cooperation-missing"),
    }
    assert {(v["row"], v["field"], v["code"]) for v in done["warnings"]} == {
        (3, "initiating_units", "unit-not-linked"),
        (6, "cooperating_units", "unit-repeated"),
    }
    items = (await office.get("joint-items")).json()["items"]
    assert [u["department_code"] for u in items[0]["initiating"]] == ["YJGL"]
    assert items[1]["initiating"] == [{"name": "消防救援机构", "department_code": None}]


async def test_the_same_file_comes_twice_and_changed_units_are_reported_not_taken(office: Caller):
    row = ("消防安全检查", "消防产品检查", "使用单位", "公安部门", "商务部门")
    assert (await upload(office, "joint-items/import", file_of(row))).json()["created"] == 1
    again = (await upload(office, "joint-items/import", file_of(row))).json()
    assert (again["created"], [v["code"] for v in again["duplicates"]]) == (0, ["already-there"])
    other = (await upload(office, "joint-items/import", file_of((*row[:4], "海关")))).json()
    assert (other["created"], [v["code"] for v in other["duplicates"]]) == (
        0,
        ["joint-units-differ"],
    )
    [item] = (await office.get("joint-items")).json()["items"]
    assert item["cooperating"] == [{"name": "商务部门", "department_code": None}]
    retired = await office.post(
        f"joint-items/{item['id']}/retire", {"reason": "依据已废止"}, etag='"1"'
    )
    assert retired.status_code == 200
    back = (await upload(office, "joint-items/import", file_of(row))).json()
    assert (back["created"], [v["code"] for v in back["duplicates"]]) == (0, ["already-retired"])
