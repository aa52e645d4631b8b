"""Plans: items with a legal basis, another person's approval, publication, scope, versions."""

from typing import Any

from sqlalchemy import update

from app.domain.actor import Role, system_actor
from app.models.checklist import ChecklistItem
from tests.support.draw_factories import Library, a_library, a_published_plan
from tests.support.world import REGION, Caller, World


def a_task(library: Library, **changes: Any) -> dict[str, Any]:
    return {
        "name": "任务",
        "item_ids": [str(library.item_ids[0])],
        "quota_rule": {"method": "ratio", "per_10000": {"A": 100}},
        "period_from": "2026-03-01",
        "period_to": "2026-06-30",
        "methods": ["onsite"],
    } | changes


async def a_draft(clerk: Caller) -> tuple[str, str]:
    response = await clerk.post("plans", {"year": 2026, "name": "年度计划"})
    assert response.status_code == 201
    return response.json()["id"], response.headers["ETag"]


async def test_plan_numbers_follow_the_rule(world: World) -> None:
    clerk = await world.caller(Role.DEPT_CLERK)
    numbers = [
        (await clerk.post("plans", {"year": 2026, "name": "甲"})).json()["plan_no"]
        for _ in range(2)
    ]
    assert numbers == ["150525-SCJG-2026-01", "150525-SCJG-2026-02"]


async def test_r10_the_maker_does_not_approve(world: World) -> None:
    library = await a_library(world.runtime)
    clerk = await world.caller(Role.DEPT_CLERK)
    admin = await world.administrator()
    grant = {"role": "dept_leader", "department_code": "SCJG", "region_code": REGION}
    assert (await admin.post(f"accounts/{clerk.account_id}/grants", grant)).status_code == 201
    plan_id, etag = await a_draft(clerk)
    response = await clerk.post(f"plans/{plan_id}/tasks", a_task(library), etag=etag)
    response = await clerk.post(f"plans/{plan_id}/submit", etag=response.headers["ETag"])
    refused = await clerk.post(
        f"plans/{plan_id}/approve", {"opinion": "同意"}, etag=response.headers["ETag"]
    )
    assert refused.status_code == 403
    assert refused.json()["code"] == "maker-is-checker"


async def test_n1_an_item_without_legal_basis_is_not_planned(world: World) -> None:
    library = await a_library(world.runtime)
    async with world.runtime.database.unit_of_work(system_actor(REGION)) as uow:
        await uow.session.execute(
            update(ChecklistItem)
            .where(ChecklistItem.id == library.item_ids[0])
            .values(legal_bases=[])
        )
        uow.audit("factory.changed", "factory", None)
    clerk = await world.caller(Role.DEPT_CLERK)
    plan_id, etag = await a_draft(clerk)
    refused = await clerk.post(f"plans/{plan_id}/tasks", a_task(library), etag=etag)
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["code"] == "item-without-legal-basis"
    assert problem["clause"] == "N1"
    assert problem["facts"] == {"item_code": "C0001"}


async def test_unknown_items_are_named_by_pointer(world: World) -> None:
    library = await a_library(world.runtime)
    clerk = await world.caller(Role.DEPT_CLERK)
    plan_id, etag = await a_draft(clerk)
    unknown = "0196f0a0-0000-7000-8000-000000000001"
    task = a_task(library, item_ids=[str(library.item_ids[0]), unknown])
    refused = await clerk.post(f"plans/{plan_id}/tasks", task, etag=etag)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/item_ids/1"


async def test_a_task_lies_in_the_year_and_uses_published_methods(world: World) -> None:
    library = await a_library(world.runtime)
    clerk = await world.caller(Role.DEPT_CLERK)
    plan_id, etag = await a_draft(clerk)
    late = await clerk.post(
        f"plans/{plan_id}/tasks", a_task(library, period_to="2027-01-01"), etag=etag
    )
    assert late.json()["code"] == "period-outside-year"
    other = await clerk.post(
        f"plans/{plan_id}/tasks", a_task(library, methods=["entrusted"]), etag=etag
    )
    assert other.json()["code"] == "method-not-of-item"


async def test_a_change_needs_the_version_that_was_seen(world: World) -> None:
    clerk = await world.caller(Role.DEPT_CLERK)
    plan_id, etag = await a_draft(clerk)
    absent = await clerk.patch(f"plans/{plan_id}", {"name": "乙"})
    assert absent.status_code == 428
    changed = await clerk.patch(f"plans/{plan_id}", {"name": "乙"}, etag=etag)
    assert changed.status_code == 200
    stale = await clerk.patch(f"plans/{plan_id}", {"name": "丙"}, etag=etag)
    assert stale.status_code == 412
    assert (await clerk.get(f"plans/{plan_id}")).json()["name"] == "乙"


async def test_another_unit_sees_a_plan_only_when_it_is_published(world: World) -> None:
    clerk = await world.caller(Role.DEPT_CLERK)
    stranger = await world.caller(Role.DEPT_CLERK, "XFJY")
    plan_id, _ = await a_draft(clerk)
    assert (await stranger.get(f"plans/{plan_id}")).status_code == 404
    library = await a_library(world.runtime)
    _, plan = await a_published_plan(world, library)
    assert (await stranger.get(f"plans/{plan['id']}")).status_code == 200
    cancelled = await stranger.post(f"plans/{plan['id']}/submit", etag='"1"')
    assert cancelled.status_code == 404


async def test_a_published_plan_is_public_and_cacheable(world: World) -> None:
    library = await a_library(world.runtime)
    _, plan = await a_published_plan(world, library)
    url = f"/api/v1/public/plans/{plan['plan_no']}"
    response = await world.client.get(url)
    assert response.status_code == 200
    assert response.json()["tasks"][0]["items"][0]["code"] == "C0001"
    again = await world.client.get(url, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


async def test_nothing_is_edited_after_submission(world: World) -> None:
    library = await a_library(world.runtime)
    clerk = await world.caller(Role.DEPT_CLERK)
    plan_id, etag = await a_draft(clerk)
    empty = await clerk.post(f"plans/{plan_id}/submit", etag=etag)
    assert empty.json()["code"] == "plan-without-tasks"
    response = await clerk.post(f"plans/{plan_id}/tasks", a_task(library), etag=etag)
    response = await clerk.post(f"plans/{plan_id}/submit", etag=response.headers["ETag"])
    refused = await clerk.post(
        f"plans/{plan_id}/tasks", a_task(library), etag=response.headers["ETag"]
    )
    assert refused.json()["code"] == "plan-wrong-state"


async def test_n1_an_item_retired_after_planning_stops_the_plan(world: World) -> None:
    library = await a_library(world.runtime)
    clerk = await world.caller(Role.DEPT_CLERK)
    plan_id, etag = await a_draft(clerk)
    made = await clerk.post(f"plans/{plan_id}/tasks", a_task(library), etag=etag)
    async with world.runtime.database.unit_of_work(system_actor(REGION)) as uow:
        await uow.session.execute(
            update(ChecklistItem)
            .where(ChecklistItem.id == library.item_ids[0])
            .values(status="retired")
        )
        uow.audit("factory.changed", "factory", None)
    refused = await clerk.post(f"plans/{plan_id}/submit", etag=made.headers["ETag"])
    assert refused.status_code == 409
    assert refused.json()["code"] == "item-retired"


async def test_a_published_plan_that_is_cancelled_stays_public(world: World) -> None:
    library = await a_library(world.runtime)
    _, plan = await a_published_plan(world, library)
    leader = await world.caller(Role.DEPT_LEADER)
    etag = (await leader.get(f"plans/{plan['id']}")).headers["ETag"]
    reason = {"reason": "上级统一调整"}
    assert (await leader.post(f"plans/{plan['id']}/cancel", reason, etag=etag)).status_code == 200
    public = (await world.client.get(f"/api/v1/public/plans/{plan['plan_no']}")).json()
    assert (public["status"], public["returned_reason"]) == ("cancelled", "上级统一调整")


async def test_an_item_is_planned_once(world: World) -> None:
    library = await a_library(world.runtime)
    clerk = await world.caller(Role.DEPT_CLERK)
    plan_id, etag = await a_draft(clerk)
    task = a_task(library, item_ids=[str(library.item_ids[0])] * 2)
    refused = await clerk.post(f"plans/{plan_id}/tasks", task, etag=etag)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "not_unique"
    assert refused.json()["errors"][0]["pointer"] == "/item_ids"
