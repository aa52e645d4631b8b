"""An item that can not be planned says why, where it is read and where it is planned."""

from typing import Any

import pytest

from app.domain.actor import Role
from tests.support.clocks import FrozenClock
from tests.support.library_factories import make_item, publish_checklist
from tests.support.world import Caller, World


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def leader(world: World) -> Caller:
    return await world.caller(Role.DEPT_LEADER)


async def plannable(clerk: Caller, item: dict[str, Any]) -> tuple[bool, list[str]]:
    said = (await clerk.get(f"checklist-items/{item['id']}")).json()["plannable"]
    return said["allowed"], [refusal["code"] for refusal in said["refusals"]]


async def plan(clerk: Caller, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    made = await clerk.post("plans", {"year": 2026, "name": "年度计划"})
    task = {
        "name": "任务",
        "item_ids": [item["id"] for item in items],
        "quota_rule": {"method": "ratio", "per_10000": {"A": 100}},
        "period_from": "2026-03-01",
        "period_to": "2026-06-30",
        "methods": ["onsite"],
    }
    answer = await clerk.post(
        f"plans/{made.json()['id']}/tasks", task | changes, etag=made.headers["etag"]
    )
    return answer.json() | {"http": answer.status_code}


async def test_an_item_tells_ahead_what_a_plan_would_refuse(
    clerk: Caller, leader: Caller, clock: FrozenClock
):
    good = await make_item(clerk)
    ends = await make_item(clerk, valid_to="2026-05-31")
    over = await make_item(clerk, valid_to="2026-03-01")
    gone = await make_item(clerk)
    await publish_checklist(leader)
    new = await make_item(clerk, legal_bases=[])
    await clerk.post(f"checklist-items/{gone['id']}/retire", {"reason": "废止"}, etag='"2"')
    assert await plannable(clerk, good) == (True, [])
    assert await plannable(clerk, ends) == (True, [])
    assert await plannable(clerk, over) == (False, ["item-outside-validity"])
    assert await plannable(clerk, gone) == (False, ["item-retired"])
    assert await plannable(clerk, new) == (
        False,
        ["item-without-legal-basis", "item-not-published"],
    )
    refused = await plan(clerk, good, ends, over, gone, new)
    assert (refused["http"], refused["code"]) == (409, "item-outside-validity")
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [
        ("/item_ids/1", "item-outside-validity"),
        ("/item_ids/2", "item-outside-validity"),
        ("/item_ids/3", "item-retired"),
        ("/item_ids/4", "item-without-legal-basis"),
        ("/item_ids/4", "item-not-published"),
    ]
    assert (await plan(clerk, good, ends, period_to="2026-05-31"))["http"] == 201


async def test_a_changed_item_is_planned_as_published_and_says_so(clerk: Caller, leader: Caller):
    item = await make_item(clerk, methods=["onsite"])
    version = await publish_checklist(leader)
    path = f"checklist-items/{item['id']}"
    assert (await clerk.patch(path, {"methods": ["document"]}, etag='"2"')).status_code == 200
    said = (await clerk.get(path)).json()["plannable"]
    assert said == {
        "allowed": True,
        "version_number": version["number"],
        "changed_since_publication": True,
        "refusals": [],
    }
    planned = await plan(clerk, item)
    assert planned["http"] == 201
    assert planned["tasks"][0]["items"][0]["item_version_id"] == version["items"][0]["id"]


async def test_a_quota_outside_the_published_ratio_is_refused(clerk: Caller, leader: Caller):
    item = await make_item(clerk, ratio_min_per_10000=300, ratio_max_per_10000=500)
    await publish_checklist(leader)
    refused = await plan(clerk, item)
    assert (refused["http"], refused["code"]) == (409, "quota-below-item-ratio")
    quota = {"method": "ratio", "per_10000": {"A": 600, "D": 3000}}
    assert (await plan(clerk, item, quota_rule=quota))["code"] == "quota-above-item-ratio"
    quota["per_10000"]["A"] = 400
    assert (await plan(clerk, item, quota_rule=quota))["http"] == 201


async def test_a_participant_of_a_joint_plan_is_told_the_same(world: World, leader: Caller):
    partner = await world.caller(Role.DEPT_CLERK, "XFJY")
    partner_leader = await world.caller(Role.DEPT_LEADER, "XFJY")
    clerk = await world.caller(Role.DEPT_CLERK)
    own = await make_item(clerk)
    await publish_checklist(leader)
    short = await make_item(partner, valid_to="2026-04-30")
    await publish_checklist(partner_leader)
    draft = await make_item(partner)
    made = await clerk.post("plans", {"kind": "joint", "year": 2026, "name": "联合"})
    path = f"plans/{made.json()['id']}"
    invited = await clerk.post(
        f"{path}/participants", {"department_code": "XFJY"}, etag=made.headers["etag"]
    )
    task = await clerk.post(
        f"{path}/tasks",
        {
            "name": "任务",
            "item_ids": [own["id"]],
            "quota_rule": {"method": "ratio", "per_10000": {"A": 100}},
            "period_from": "2026-03-01",
            "period_to": "2026-06-30",
            "methods": ["onsite"],
            "department_codes": ["XFJY"],
        },
        etag=invited.headers["etag"],
    )
    assert task.status_code == 201, task.text
    share = {
        "task_id": task.json()["tasks"][0]["id"],
        "item_ids": [short["id"], draft["id"]],
    }
    department_id = task.json()["participants"][0]["department_id"]
    answer = await partner_leader.post(
        f"{path}/participants/{department_id}/accept",
        {"tasks": [share]},
        etag=task.headers["etag"],
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "item-outside-validity")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/tasks/0/item_ids/0", "item-outside-validity"),
        ("/tasks/0/item_ids/1", "item-not-published"),
    ]


async def test_a_plan_is_not_handed_in_with_an_item_that_the_list_in_force_was_published_without(
    clerk: Caller, leader: Caller
):
    """N1: it was planned by the version before, and has lost its legal basis since."""
    item = await make_item(clerk)
    await make_item(clerk)
    await publish_checklist(leader)
    made = await plan(clerk, item)
    assert made["http"] == 201
    path = f"checklist-items/{item['id']}"
    etag = (await clerk.get(path)).headers["etag"]
    assert (await clerk.patch(path, {"legal_bases": []}, etag=etag)).status_code == 200
    (drafted,) = (await clerk.get("plans")).json()["items"]
    seen = await clerk.get(f"plans/{drafted['id']}")
    can = {a["action"]: a["allowed"] for a in seen.json()["allowed_actions"]}
    assert can["submit_plan"]  # what is public holds until the next version
    await publish_checklist(leader, leave_out_incomplete=True)
    refused = await clerk.post(f"plans/{drafted['id']}/submit", etag=seen.headers["etag"])
    assert (refused.status_code, refused.json()["code"]) == (409, "item-not-published")
    assert refused.json()["facts"] == {"item_code": item["code"]}
