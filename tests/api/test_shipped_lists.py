"""The lists that are at hand, through the API: every item stored, or named with its row (N1)."""

import pytest

from app.demo.checklist_rows import FILE, UNITS
from app.domain.actor import Role
from tests.support.library_factories import publication_body, publish_checklist, upload
from tests.support.real_lists import (
    CHECKLIST,
    FIRST_ROW,
    JOINT_LIST,
    TIMING_ROW,
    a_made_list,
    needs_real_lists,
)
from tests.support.world import World


@pytest.mark.parametrize(("unit", "items"), [(code, len(items)) for code, _, items in UNITS])
async def test_each_department_takes_its_own_items_of_the_shipped_list(
    world: World, unit: str, items: int
):
    clerk = await world.caller(Role.DEPT_CLERK, unit)
    done = (await upload(clerk, "checklist-items/import", FILE.read_bytes(), FILE.name)).json()
    assert done["created"] == items
    assert {v["code"] for v in done["rejected"]} == {"issued-by-other-department"}
    listed = (await clerk.get("checklist-items?limit=1000&with_total=true")).json()
    assert listed["total"] == items
    assert all(item["legal_bases"] and item["methods"] for item in listed["items"])


async def test_a_list_with_the_troubles_of_real_ones_is_taken_but_for_what_it_repeats(world: World):
    clerk = await world.caller(Role.DEPT_CLERK)
    done = (await upload(clerk, "checklist-items/import", a_made_list())).json()
    assert (done["created"], done["rejected_rows"]) == (6, 1)
    assert [(v["row"], v["code"]) for v in done["rejected"]] == [
        (FIRST_ROW + 8, "duplicate-in-file"),
    ]
    assert [(v["row"], v["code"]) for v in done["warnings"]] == [
        (TIMING_ROW, "carried-down"),
        (TIMING_ROW, "method-unknown"),
        (FIRST_ROW + 5, "method-part-unknown"),
        (FIRST_ROW + 6, "method-interpreted"),
        (FIRST_ROW + 7, "legal-basis-unsplit"),
    ]
    items = (await clerk.get("checklist-items?limit=100")).json()["items"]
    (made,) = [item for item in items if item["name"] == "食品生产检查"]
    assert [basis["article"] for basis in made["legal_bases"]] == ["第一百一十条", "第四十九条"]
    assert sorted(made["methods"]) == ["document", "onsite"]
    (vague,) = [item for item in items if not item["methods"]]
    assert (vague["name"], vague["remark"]) == ("餐饮服务检查", "检查方式原文:定期与不定期")
    mended = (await upload(clerk, "checklist-items/import", a_made_list("现场检查"))).json()
    assert (mended["created"], mended["duplicate_rows"], mended["rejected_rows"]) == (0, 6, 1)
    told = {v["row"]: v["code"] for v in mended["duplicates"]}
    assert told.pop(TIMING_ROW) == "already-there-incomplete"
    assert set(told.values()) == {"already-there"}


@needs_real_lists
async def test_a_real_list_is_taken_to_the_last_row_and_published_with_or_without_its_open_items(
    world: World,
):
    clerk = await world.caller(Role.DEPT_CLERK)
    data = CHECKLIST.read_bytes()
    done = (await upload(clerk, "checklist-items/import", data, CHECKLIST.name)).json()
    assert (done["created"], done["rejected_rows"]) == (293, 0)
    leader = await world.caller(Role.DEPT_LEADER)
    refused = await leader.post("checklist-versions", publication_body())
    assert (refused.status_code, refused.json()["code"]) == (409, "checklist-not-ready")
    items = (await clerk.get("checklist-items?limit=1000")).json()["items"]
    unfinished = {item["code"]: item for item in items if not item["methods"]}
    assert len(unfinished) == 4
    assert [e["pointer"] for e in refused.json()["errors"]] == [
        f"/items/{code}/methods" for code in sorted(unfinished)
    ]
    first = await publish_checklist(leader, leave_out_incomplete=True)
    assert first["item_count"] == 289
    assert [item["code"] for item in first["left_out"]] == sorted(unfinished)
    for item in unfinished.values():
        path = f"checklist-items/{item['id']}"
        done = await clerk.patch(path, {"methods": ["onsite"]}, etag='"1"')
        assert done.status_code == 200, done.text
    assert (await publish_checklist(leader))["item_count"] == 293
    again = (await upload(clerk, "checklist-items/import", data, CHECKLIST.name)).json()
    assert (again["created"], again["duplicate_rows"], again["rejected_rows"]) == (0, 293, 0)


@needs_real_lists
async def test_what_a_clerk_should_look_at_in_the_real_list_is_named_row_by_row(world: World):
    clerk = await world.caller(Role.DEPT_CLERK)
    done = (
        await upload(clerk, "checklist-items/import", CHECKLIST.read_bytes(), CHECKLIST.name)
    ).json()
    rows: dict[str, list[int]] = {}
    for verdict in done["warnings"]:
        rows.setdefault(verdict["code"], []).append(verdict["row"])
    assert rows == {
        # A time, and no method: a draft that publication does not take.
        "method-unknown": [158, 159, 160, 166],
        # A part names no method: asking questions, self-inspection, a campaign.
        "method-part-unknown": [137, 161, 162, 163, 164, 165, 167, 221, 222, 223],
        # A bracket is not closed; a letter without the name of a law.
        "legal-basis-unsplit": [149, 193],
        # "Off-site" is two of the four methods, and the list does not say which.
        "method-interpreted": [195, 199, 200],
    }


@needs_real_lists
async def test_a_real_joint_list_of_another_place_is_taken_whole_with_its_units_as_text(
    world: World,
):
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    done = (
        await upload(office, "joint-items/import", JOINT_LIST.read_bytes(), JOINT_LIST.name)
    ).json()
    assert (done["rows"], done["created"], done["rejected_rows"]) == (83, 83, 0)
    # It names kinds of departments, and a customs office of its province: none is guessed.
    assert {v["code"] for v in done["warnings"]} == {"unit-not-linked"}
    assert {v["row"] for v in done["warnings"]} == set(range(4, 87))
    clerk = await world.caller(Role.DEPT_CLERK)
    listed = (await clerk.get("joint-items?limit=1000&with_total=true")).json()
    assert listed["total"] == 83
    assert len({item["field"] for item in listed["items"]}) == 36
    assert not [
        unit
        for item in listed["items"]
        for unit in (*item["initiating"], *item["cooperating"])
        if unit["department_code"] is not None
    ]
    car = next(item for item in listed["items"] if item["name"] == "报废机动车回收拆解活动监管")
    assert [unit["name"] for unit in car["initiating"]] == ["商务部门", "市场监管部门"]
    assert [unit["name"] for unit in car["cooperating"]] == [
        "发展改革部门",
        "公安部门",
        "生态环境部门",
        "交通运输部门",
        "工业和信息化部门",
    ]
    again = (
        await upload(office, "joint-items/import", JOINT_LIST.read_bytes(), JOINT_LIST.name)
    ).json()
    assert (again["created"], again["duplicate_rows"], again["rejected_rows"]) == (0, 83, 0)
    assert {v["code"] for v in again["duplicates"]} == {"already-there"}
    public = (await world.client.get("/api/v1/public/joint-items?limit=1000")).json()
    assert len(public["items"]) == 83
