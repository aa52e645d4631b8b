"""What changed between two published versions, and what publishing the draft would change."""

import pytest

from app.domain.actor import Role
from tests.support.library_factories import make_item, publish_checklist
from tests.support.world import Caller, World


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def leader(world: World) -> Caller:
    return await world.caller(Role.DEPT_LEADER)


async def test_a_difference_names_items_and_fields_in_chinese(clerk: Caller, leader: Caller):
    kept, changed, gone = [await make_item(clerk) for _ in range(3)]
    first = await publish_checklist(leader)
    bases = [
        {"law": "食品安全法", "article": "第一百一十条", "text": None},
        {"law": "行政处罚法", "article": "第四十二条", "text": None},
    ]
    patch = {
        "item_class": "key",
        "ratio_max_per_10000": 550,
        "legal_bases": bases,
        "methods": ["document", "onsite"],
        "key_points": [{"content": "许可证在有效期内", "method": "扫码查验"}],
    }
    await clerk.patch(f"checklist-items/{changed['id']}", patch, etag='"2"')
    retired = await clerk.post(
        f"checklist-items/{gone['id']}/retire", {"reason": "依据已废止"}, etag='"2"'
    )
    assert retired.status_code == 200, retired.text
    new = await make_item(clerk)
    draft = await clerk.get("checklist-draft/difference")
    assert draft.status_code == 200, draft.text
    second = await publish_checklist(leader)
    answer = await clerk.get(f"checklist-versions/{second['id']}/difference?from={first['id']}")
    found = answer.json()
    for part in ("added", "removed", "changed", "unchanged"):
        assert draft.json()[part] == found[part]
    assert draft.json()["to_version"] is None
    assert (found["from_version"]["number"], found["to_version"]["number"]) == (1, 2)
    assert [item["code"] for item in found["added"]] == [new["code"]]
    assert [item["code"] for item in found["removed"]] == [gone["code"]]
    assert found["removed"][0]["moved_to_department_code"] is None
    assert found["unchanged"] == 1
    assert kept["id"] not in str(found)
    assert [item["code"] for item in found["changed"]] == [changed["code"]]
    fields = {one["field"]: one for one in found["changed"][0]["changes"]}
    assert set(fields) == {
        "item_class",
        "ratio_max_per_10000",
        "legal_bases",
        "methods",
        "key_points",
    }
    assert (fields["item_class"]["title"], fields["item_class"]["after"]) == (
        "事项类别",
        "重点检查事项",
    )
    assert fields["ratio_max_per_10000"]["before"] is None
    assert fields["ratio_max_per_10000"]["after"] == "5.5%"
    assert "《行政处罚法》第四十二条" in fields["legal_bases"]["added"]
    assert fields["legal_bases"]["taken_away"] == ["《中华人民共和国食品安全法》第一百一十条"]
    assert fields["methods"]["reordered"]
    assert fields["methods"]["added"] == fields["methods"]["taken_away"] == []
    assert fields["key_points"]["added"] == ["许可证在有效期内(方法:扫码查验)"]


async def test_without_from_it_is_the_version_before_and_before_the_first_nothing(
    clerk: Caller, leader: Caller
):
    item = await make_item(clerk)
    first = await publish_checklist(leader)
    second = await publish_checklist(leader)
    start = (await clerk.get(f"checklist-versions/{first['id']}/difference")).json()
    assert start["from_version"] is None
    assert [one["code"] for one in start["added"]] == [item["code"]]
    same = (await clerk.get(f"checklist-versions/{second['id']}/difference")).json()
    assert same["from_version"]["id"] == first["id"]
    assert (same["added"], same["removed"], same["changed"], same["unchanged"]) == ([], [], [], 1)
    back = (
        await clerk.get(f"checklist-versions/{first['id']}/difference?from={second['id']}")
    ).json()
    assert back["to_version"]["number"] == 1


async def test_everybody_may_compare_published_versions(
    clerk: Caller, leader: Caller, world: World
):
    await make_item(clerk)
    version = await publish_checklist(leader)
    path = f"checklist-versions/{version['id']}/difference"
    public = await clerk.get(f"public/{path}")
    assert public.status_code == 200
    assert public.headers["etag"]
    assert public.json() == (await clerk.get(path)).json()
    witness = await world.caller(Role.WITNESS)
    assert (await witness.get(path)).status_code == 403


async def test_lists_of_two_departments_are_not_compared(
    clerk: Caller, leader: Caller, world: World
):
    await make_item(clerk)
    ours = await publish_checklist(leader)
    await make_item(await world.caller(Role.DEPT_CLERK, "XFJY"))
    theirs = await publish_checklist(await world.caller(Role.DEPT_LEADER, "XFJY"))
    for path in (f"checklist-versions/{ours['id']}/difference", "checklist-draft/difference"):
        answer = await clerk.get(f"{path}?from={theirs['id']}")
        assert (answer.status_code, answer.json()["code"]) == (422, "versions-of-two-lists")
    nowhere = "0196f0a0-0000-7000-8000-000000000001"
    assert (await clerk.get(f"checklist-versions/{nowhere}/difference")).status_code == 404
    assert (await clerk.get(f"checklist-draft/difference?from={nowhere}")).status_code == 404
