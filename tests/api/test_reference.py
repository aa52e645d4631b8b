"""Regions, units and the calendar over HTTP, as anybody reads them."""

import httpx

from app.domain.actor import Role
from tests.support.joint_factories import a_joint_plan
from tests.support.world import World

NOTICE = {
    "year": 2027,
    "document_no": "国办发明电〔2026〕99号",
    "title": "国务院办公厅关于2027年部分节假日安排的通知",
    "days": [{"on": "2027-01-01", "is_working_day": False, "name": "元旦"}],
}


async def test_a_region_lists_what_lies_directly_below_it(client: httpx.AsyncClient):
    listed = (await client.get("/api/v1/regions", params={"parent_code": "150500"})).json()
    assert "奈曼旗" in {one["name"] for one in listed}
    assert {one["parent_code"] for one in listed} == {"150500"}
    assert (await client.get("/api/v1/regions", params={"parent_code": "999999"})).json() == []


async def test_units_of_a_region_come_in_pages_with_their_total(client: httpx.AsyncClient):
    asked = {"region_code": "150525", "limit": 10, "with_total": True}
    first = (await client.get("/api/v1/departments", params=asked)).json()
    assert (len(first["items"]), first["total"]) == (10, 29)
    codes = [one["code"] for one in first["items"]]
    while first["next_cursor"]:
        first = (
            await client.get("/api/v1/departments", params=asked | {"cursor": first["next_cursor"]})
        ).json()
        codes += [one["code"] for one in first["items"]]
    assert len(codes) == len(set(codes)) == 29


async def test_a_deadline_is_explained_by_the_days_that_are_counted(client: httpx.AsyncClient):
    """The day itself is not counted, nor Labour Day; the working Saturday is (R19)."""
    asked = {"ended_on": "2026-04-20", "working_days": 20}
    told = (await client.get("/api/v1/calendar/deadline", params=asked)).json()
    numbered = [day for day in told["days"] if day["number"]]
    assert [day["number"] for day in numbered] == list(range(1, 21))
    assert numbered[-1]["date"] == told["due_on"]
    assert "2026-04-20" not in {day["date"] for day in numbered}
    assert "2026-05-01" not in {day["date"] for day in numbered}
    assert "2026-05-09" in {day["date"] for day in numbered}


async def test_a_notice_of_the_next_year_makes_its_deadlines_known(
    world: World, client: httpx.AsyncClient
):
    asked = {"ended_on": "2026-12-20"}
    before = (await client.get("/api/v1/calendar/deadline", params=asked)).json()
    assert (before["due_on"], before["missing_year"]) == (None, 2027)
    loaded = await (await world.administrator()).post("calendar/notices", NOTICE)
    assert loaded.status_code == 201, loaded.text
    after = (await client.get("/api/v1/calendar/deadline", params=asked)).json()
    assert after["due_on"].startswith("2027-01-")
    listed = (await client.get("/api/v1/calendar/notices")).json()
    assert NOTICE["document_no"] in {one["document_no"] for one in listed}


async def test_a_plan_is_public_when_it_is_published_and_no_sooner(
    world: World, client: httpx.AsyncClient
):
    filed = await a_joint_plan(world, "filed")
    path = "/api/v1/public/plans"
    asked = {"region_code": "150525", "year": 2026}
    assert (await client.get(path, params=asked)).json()["items"] == []
    shown = {"platform_receipt_no": "NMG-9", "site_url": "https://example.gov.cn/joint"}
    await filed.must(filed.clerk, "publish", shown)
    (one,) = (await client.get(path, params=asked)).json()["items"]
    assert (one["plan_no"], one["site_url"]) == (filed.body["plan_no"], shown["site_url"])
    assert (await client.get(path, params=asked | {"year": 2025})).json()["items"] == []


async def test_nobody_but_the_administrator_loads_a_notice(world: World):
    for role in (Role.DEPT_LEADER, Role.INTEGRATOR):
        refused = await (await world.caller(role)).post("calendar/notices", NOTICE)
        assert refused.status_code == 403
