"""Readiness over HTTP: what is found, mended by its link, in a fixed number of statements."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role
from app.domain.readiness import KINDS
from tests.support.library_factories import (
    guideline_body,
    make_guideline,
    make_item,
    make_object,
    make_officer,
    make_officers,
    publish_checklist,
)
from tests.support.openapi import operations_of
from tests.support.world import Caller, World


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def leader(world: World) -> Caller:
    return await world.caller(Role.DEPT_LEADER)


async def read(caller: Caller, department: str = "SCJG") -> dict[str, Any]:
    answer = await caller.get(f"departments/{department}/readiness")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def codes_of(caller: Caller) -> set[str]:
    return {one["code"] for one in (await read(caller))["findings"]}


async def activate(leader: Caller, guideline: dict[str, Any]) -> None:
    path = f"guidelines/{guideline['id']}"
    tag = (await leader.get(path)).headers["etag"]
    done = await leader.post(f"{path}/activate", etag=tag)
    assert done.is_success, done.text


async def test_a_department_becomes_ready_step_by_step(clerk: Caller, leader: Caller):
    item = await make_item(clerk, qualifications=["食品"])
    first = await read(clerk)
    assert first["ready"] is False
    assert {one["code"] for one in first["findings"]} == {
        "no-effective-checklist",
        "item-pool-empty",
        "item-lacks-officers",
        "no-team-leader",
        "item-without-guide",
        "item-without-rules",
        "headcount-missing",
    }
    await publish_checklist(leader)
    assert "no-effective-checklist" not in await codes_of(clerk)

    await make_object(clerk, tags=["旅馆"])
    assert {"item-pool-empty", "pool-without-item"} <= await codes_of(clerk)
    await make_object(clerk)
    assert "item-pool-empty" not in await codes_of(clerk)
    await make_item(clerk, object_tags=["旅馆"], qualifications=[])
    found = await read(clerk)
    assert "pool-without-item" not in {one["code"] for one in found["findings"]}
    assert "unpublished-changes" in {one["code"] for one in found["findings"]}
    await publish_checklist(leader)
    assert "unpublished-changes" not in await codes_of(clerk)

    await make_officer(clerk, certificate_valid_to="2026-03-01")
    await make_officer(clerk, tags=["药品"], leader_eligible=False)
    lacking = [
        one for one in (await read(clerk))["findings"] if one["code"] == "item-lacks-officers"
    ]
    assert [one["subject"] for one in lacking] == [item["code"], lacking[1]["subject"]]
    assert "只有0名" in lacking[0]["text"]
    assert "只有1名" in lacking[1]["text"]
    await make_officers(clerk, 2)
    assert not {"item-lacks-officers", "no-team-leader"} & await codes_of(clerk)

    guide = await make_guideline(clerk)
    rules = await make_guideline(clerk, kind="detailed_rules", archiving="")
    assert {"item-without-guide", "item-without-rules", "guideline-incomplete"} <= await codes_of(
        clerk
    )
    await activate(leader, guide)
    assert "item-without-guide" not in await codes_of(clerk)
    tag = (await clerk.get(f"guidelines/{rules['id']}")).headers["etag"]
    await clerk.patch(
        f"guidelines/{rules['id']}", {"archiving": guideline_body()["archiving"]}, etag=tag
    )
    assert "guideline-incomplete" not in await codes_of(clerk)
    await activate(leader, rules)
    assert await codes_of(clerk) == {"headcount-missing", "certificates-expiring"}
    assert (await read(clerk))["ready"] is True

    body = {"headcount": 9, "declared_on": "2026-03-01", "source": "花名册"}
    await clerk.post("headcount-declarations", body)
    assert await codes_of(clerk) == {"headcount-short", "certificates-expiring"}
    await clerk.post("headcount-declarations", body | {"headcount": 4})
    expired = (await clerk.get("officers?certificate_ends_by=2026-03-01")).json()["items"][0]
    renewed = await clerk.patch(
        f"officers/{expired['id']}", {"certificate_valid_to": "2031-01-01"}, etag='"1"'
    )
    assert renewed.is_success
    assert (await read(clerk))["findings"] == []


async def test_what_is_published_counts_until_the_change_is_published(
    clerk: Caller, leader: Caller
):
    item = await make_item(clerk)
    await make_object(clerk)
    await publish_checklist(leader)
    tag = (await clerk.get(f"checklist-items/{item['id']}")).headers["etag"]
    await clerk.patch(f"checklist-items/{item['id']}", {"object_tags": ["冷库"]}, etag=tag)
    found = {one["code"] for one in (await read(clerk))["findings"]}
    assert "unpublished-changes" in found
    assert "item-pool-empty" not in found


async def test_objects_that_closed_fill_no_pool(clerk: Caller, leader: Caller):
    await make_item(clerk)
    firm = await make_object(clerk)
    await publish_checklist(leader)
    assert "item-pool-empty" not in await codes_of(clerk)
    path = f"inspection-objects/{firm['id']}"
    tag = (await clerk.get(path)).headers["etag"]
    body = {"kind": "cancelled", "effective_on": "2026-03-01", "reason": "注销"}
    done = await clerk.post(f"{path}/events", body, etag=tag)
    assert done.is_success, done.text
    assert "item-pool-empty" in await codes_of(clerk)


async def test_who_sees_whose_readiness(clerk: Caller, world: World):
    other = await world.caller(Role.DEPT_CLERK, "WJW")
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    officer = await world.caller(Role.OFFICER)
    assert (await other.get("departments/SCJG/readiness")).status_code == 404
    assert (await office.get("departments/LDXZ/readiness")).status_code == 404
    assert (await officer.get("departments/SCJG/readiness")).status_code == 403
    assert (await read(office))["department_code"] == "SCJG"
    own = (await clerk.get("statistics/readiness")).json()["departments"]
    assert [one["department_code"] for one in own] == ["SCJG"]
    region = (await office.get("statistics/readiness")).json()["departments"]
    at_a_glance = {one["department_code"]: one for one in region}
    assert len(at_a_glance) > 20
    page = await read(office)
    assert at_a_glance["SCJG"]["blocks"] == page["blocks"]
    assert sum(one["count"] for one in at_a_glance["SCJG"]["findings"]) == len(page["findings"])


def test_each_finding_links_to_an_operation_that_is_there(application: FastAPI):
    known = {operation.id: operation.path for operation in operations_of(application)}
    for kind in KINDS.values():
        path = known[kind.operation]
        expected = "/api/v1" + kind.path
        assert path.rsplit("/{", 1)[0] == expected.rsplit("/{", 1)[0], kind
        assert ("{" in path) == ("{" in expected)


async def test_one_department_and_the_region_take_as_many_statements(
    world: World, connection: AsyncConnection
):
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    for code in ("SCJG", "WJW"):
        unit = await world.caller(Role.DEPT_CLERK, code)
        await make_item(unit)
        await make_officers(unit, 2)
    await read(office)  # the first request of a session notes that it was used
    counted: list[int] = []

    def count(*_: Any) -> None:
        counted[-1] += 1

    event.listen(connection.sync_connection, "before_cursor_execute", count)
    for path in ("departments/SCJG/readiness", "statistics/readiness"):
        counted.append(0)
        assert (await office.get(path)).status_code == 200
    event.remove(connection.sync_connection, "before_cursor_execute", count)
    assert counted[0] == counted[1]
    assert counted[0] < 30
