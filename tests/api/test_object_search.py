"""Search of the object library: any fragment of a name, every filter, both orders (issue 4.7)."""

import pytest
from sqlalchemy import text

from app.domain.actor import Role
from app.models.library import InspectionObject
from app.reference.pinyin import name_key
from app.services.name_keys import NameKeys
from app.services.runtime import Runtime
from tests.support.library_factories import credit_code, make_object
from tests.support.world import Caller, World


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


async def found(caller: Caller, **query: object) -> list[str]:
    """The names of what a search finds, in its order, page by page of two."""
    names: list[str] = []
    cursor: str | None = None
    while True:
        wanted = query | ({"cursor": cursor} if cursor else {})
        answer = await caller.get("inspection-objects", params={"limit": 2, **wanted})
        assert answer.status_code == 200, answer.text
        names += [item["name"] for item in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return names


async def test_a_fragment_of_any_length_is_found_anywhere_in_the_name(clerk: Caller):
    name = "奈曼旗Ab示例_食品100%公司"
    await make_object(clerk, name=name)
    await make_object(clerk, name="通辽市另一家商行")
    for fragment in ("奈", "品", "示例", "食品1", "司", "aB示", "AB", "_食", "100%", "%", name):
        assert await found(clerk, q=fragment) == [name], fragment
    for fragment in ("例示", "奈旗", "示例_食品公司", "\\", "100_"):
        assert await found(clerk, q=fragment) == [], fragment


async def test_a_fragment_whose_pairs_stand_apart_is_not_found(clerk: Caller):
    await make_object(clerk, name="甲乙丙丁乙丙甲乙")
    assert await found(clerk, q="甲乙丙丁") == ["甲乙丙丁乙丙甲乙"]
    assert await found(clerk, q="丁乙丙丁") == []


async def test_the_start_of_a_code_finds_its_object_in_either_case(clerk: Caller):
    made = await make_object(clerk, name="有代码的")
    await make_object(clerk, name="其他", id_value=credit_code(prefix="92"))
    for length in (3, 8, 10, 13, 14, 18):
        start = made["code"][:length]
        assert "有代码的" in await found(clerk, q=start), length
        assert "有代码的" in await found(clerk, q=start.lower()), length
    assert await found(clerk, q=made["code"]) == ["有代码的"]
    assert await found(clerk, q=made["code"][1:]) == []


@pytest.mark.parametrize(
    ("query", "changes"),
    [
        ({"kind": "individual_business"}, {"kind": "individual_business"}),
        ({"risk_class": "D"}, {"risk_class": "D"}),
        ({"status": "suspended"}, {"status": "suspended"}),
        ({"area_code": "150525103"}, {"area_code": "150525103201"}),
        ({"area_code": "1505251032"}, {"area_code": "150525103201"}),
        ({"tag": "危化品"}, {"tags": ["危化品", "食品销售"]}),
        ({"special_library": "食品生产企业库"}, {"special_libraries": ["食品生产企业库"]}),
        ({"industry": "C"}, {"industry_code": "1353"}),
        ({"industry": "C"}, {"industry_code": "C1353"}),
        ({"industry": "C"}, {"industry_code": "C"}),
        ({"industry": "13"}, {"industry_code": "C1353"}),
        ({"industry": "C135"}, {"industry_code": "1353"}),
    ],
)
async def test_each_filter_finds_what_it_names_and_nothing_else(
    clerk: Caller, query: dict[str, str], changes: dict[str, object]
):
    await make_object(clerk, name="不相干的", area_code="150525", industry_code="F52")
    await make_object(clerk, name="要找的", **changes)
    assert await found(clerk, **query) == ["要找的"]
    assert await found(clerk, **query, q="要") == ["要找的"]
    assert await found(clerk, **query, q="干") == []


async def test_what_was_never_inspected_was_not_inspected_before_any_day_either(
    clerk: Caller, runtime: Runtime
):
    ids = {}
    for name in ("从未", "早", "晚"):
        ids[name] = (await make_object(clerk, name=name))["id"]
    async with runtime.database.bookkeeping() as session:
        for name, day in (("早", "2024-05-01"), ("晚", "2026-02-01")):
            await session.execute(
                text(f"UPDATE inspection_object SET last_inspected_on = '{day}' WHERE id = :id"),
                {"id": ids[name]},
            )
    assert await found(clerk, last_inspected_before="2026-02-01") == ["从未", "早"]
    assert await found(clerk, last_inspected_before="2026-02-02") == ["从未", "早", "晚"]
    assert await found(clerk, last_inspected_before="2024-05-01") == ["从未"]


async def test_names_are_in_the_order_of_their_pinyin(clerk: Caller):
    names = ["重庆面馆", "安达商行", "长春药房", "Zeta公司", "银川烟酒", "行知书店", "奥体酒店"]
    for name in names:
        await make_object(clerk, name=name)
    by_name = ["安达商行", "奥体酒店", "长春药房", "重庆面馆", "行知书店", "银川烟酒", "Zeta公司"]
    assert await found(clerk, sort="pinyin") == by_name
    assert await found(clerk, sort="pinyin_desc") == by_name[::-1]
    assert await found(clerk) == await found(clerk, sort="created") == names
    assert await found(clerk, sort="created_desc") == names[::-1]


async def test_a_changed_name_tag_or_status_is_found_as_it_is_now(clerk: Caller):
    made = await make_object(clerk, name="旧名商行", tags=["旧标签"])
    path = f"inspection-objects/{made['id']}"
    changed = await clerk.patch(path, {"name": "改名商行", "tags": ["新标签"]}, etag='"1"')
    assert changed.status_code == 200, changed.text
    await make_object(clerk, name="改天商行")
    assert await found(clerk, q="旧") == await found(clerk, tag="旧标签") == []
    assert await found(clerk, q="改", tag="新标签") == ["改名商行"]
    assert await found(clerk, sort="pinyin") == ["改名商行", "改天商行"]
    event = {"kind": "cancelled", "effective_on": "2026-03-01"}
    done = await clerk.post(f"{path}/events", event, etag=changed.headers["etag"])
    assert done.status_code == 201, done.text
    assert await found(clerk, status="cancelled") == ["改名商行"]


async def test_a_cursor_of_another_order_is_refused(clerk: Caller):
    for _ in range(3):
        await make_object(clerk)
    sorts = ("created", "created_desc", "pinyin", "pinyin_desc")
    for made_for in sorts:
        first = await clerk.get("inspection-objects", params={"limit": 1, "sort": made_for})
        cursor = first.json()["next_cursor"]
        for sort in sorts:
            query = {"limit": 1, "sort": sort, "cursor": cursor}
            answer = await clerk.get("inspection-objects", params=query)
            expected = (200, None) if sort == made_for else (422, "bad-cursor")
            assert (answer.status_code, answer.json().get("code")) == expected, (made_for, sort)


async def test_a_tag_of_another_department_finds_nothing_and_the_region_finds_both_once(
    world: World, clerk: Caller
):
    made = await make_object(clerk, name="两家共管", tags=["甲标签"])
    other = await world.caller(Role.DEPT_CLERK, "XFJY")
    await make_object(other, id_value=made["code"], name="两家共管", tags=["乙标签"])
    assert await found(other, tag="甲标签") == []
    assert await found(other, tag="乙标签") == ["两家共管"]
    office = await world.caller(Role.SUPERVISOR, "ZFB")
    for query in ({}, {"q": "共"}, {"sort": "pinyin"}, {"tag": "甲标签"}, {"tag": "乙标签"}):
        assert await found(office, **query) == ["两家共管"], query
    nobody = await world.caller(Role.DEPT_CLERK, "WLJ")
    assert await found(nobody, q="两") == []
    for length in (2, 10, 13, 14, 18):
        assert await found(nobody, q=made["code"][:length]) == [], length


async def test_a_total_counts_each_object_once(world: World, clerk: Caller):
    made = await make_object(clerk, name="甲商行")
    await make_object(clerk, name="乙商行")
    other = await world.caller(Role.DEPT_CLERK, "XFJY")
    await make_object(other, id_value=made["code"], name="甲商行")
    office = await world.caller(Role.SUPERVISOR, "ZFB")
    for caller, query, expected in (
        (clerk, {}, 2),
        (office, {}, 2),
        (office, {"q": "甲"}, 1),
        (other, {"q": "商"}, 1),
        (other, {"q": "乙"}, 0),
    ):
        query |= {"with_total": True, "limit": 1}
        answer = await caller.get("inspection-objects", params=query)
        assert answer.json()["total"] == expected, query


async def test_a_statement_that_forgets_the_key_leaves_it_to_the_worker(
    clerk: Caller, runtime: Runtime
):
    made = await make_object(clerk, name="安达商行")
    async with runtime.database.bookkeeping() as session:
        await session.execute(
            text("UPDATE inspection_object SET name = '卓越商行' WHERE id = :id"),
            {"id": made["id"]},
        )
        stored = await session.get(InspectionObject, made["id"])
        assert stored is not None
        assert stored.name_key == ""
    assert await found(clerk, q="卓") == ["卓越商行"]
    await make_object(clerk, name="长春药房")
    assert await found(clerk, sort="pinyin") == ["卓越商行", "长春药房"]
    assert await NameKeys(runtime).fill_missing() == 1
    assert await found(clerk, sort="pinyin") == ["长春药房", "卓越商行"]
    assert await NameKeys(runtime).fill_missing() == 0


def test_a_key_is_never_empty_and_fits_its_column():
    assert name_key("绿色女鞋行") == "lv se nv xie xing"
    assert name_key("KTV 3D影院") == "ktv 3d ying yuan"
    assert name_key("!!") == "~"
    assert len(name_key("装" * 200)) <= 255
