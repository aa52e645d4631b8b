"""Guidelines in force fill in a task's blanks; a new version begins as a copy of the last."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role
from tests.support.library_factories import make_guideline, make_item, publish_checklist
from tests.support.world import Caller, World

QUOTA = {"method": "ratio", "per_10000": {"A": 100, "D": 3000}}
TASK = {"name": "任务", "period_from": "2026-03-01", "period_to": "2026-06-30"}


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def leader(world: World) -> Caller:
    return await world.caller(Role.DEPT_LEADER)


async def in_force(clerk: Caller, leader: Caller, **changes: Any) -> dict[str, Any]:
    made = await make_guideline(clerk, **changes)
    answer = await leader.post(f"guidelines/{made['id']}/activate", etag='"1"')
    assert answer.status_code == 200, answer.text
    return answer.json() | {"etag": answer.headers["etag"]}


async def task(clerk: Caller, item: dict[str, Any], **changes: Any) -> dict[str, Any]:
    plan = await clerk.post("plans", {"year": 2026, "name": "年度计划"})
    answer = await clerk.post(
        f"plans/{plan.json()['id']}/tasks",
        TASK | {"item_ids": [item["id"]]} | changes,
        etag=plan.headers["etag"],
    )
    return answer.json()["tasks"][0] if answer.status_code == 201 else answer.json()


async def test_a_tasks_blanks_follow_the_guidelines_and_it_says_which(
    clerk: Caller, leader: Caller
):
    item = await make_item(clerk, risk_level="high")
    await publish_checklist(leader)
    guide = await in_force(
        clerk,
        leader,
        quota_rule=QUOTA,
        default_methods=["onsite"],
        leader_required=False,
        visit_cap=2,
        cooling_days=90,
        team_size=3,
    )
    rules = await in_force(
        clerk,
        leader,
        kind="detailed_rules",
        item_codes=[item["code"]],
        risk_levels=["high"],
        team_size=4,
        notice_days=5,
        inspection_days=20,
    )
    made = await task(clerk, item)
    assert made["quota_rule"] == QUOTA
    assert (made["methods"], made["visit_cap"], made["cooling_days"]) == (["onsite"], 2, 90)
    assert (made["notice_days"], made["inspection_days"], made["officer_cap"]) == (5, 20, 50)
    assert (made["departments"][0]["members"], made["departments"][0]["lead"]) == (4, False)
    said = {field: source["code"] for field, source in made["defaults_from"].items()}
    assert said == {
        **dict.fromkeys(
            ("quota_rule", "methods", "lead", "visit_cap", "cooling_days"), guide["code"]
        ),
        **dict.fromkeys(("members", "notice_days", "inspection_days"), rules["code"]),
    }
    assert made["defaults_from"]["members"]["guideline_id"] == rules["id"]
    own = await task(clerk, item, members=2, visit_cap=None, methods=["document"])
    assert (own["departments"][0]["members"], own["visit_cap"]) == (2, None)
    assert not {"members", "visit_cap", "methods"} & set(own["defaults_from"])


async def test_without_guidelines_ratio_and_methods_must_be_said(clerk: Caller, leader: Caller):
    item = await make_item(clerk)
    await publish_checklist(leader)
    refused = await task(clerk, item)
    assert refused["code"] == "task-defaults-missing"
    assert [error["pointer"] for error in refused["errors"]] == ["/quota_rule", "/methods"]
    made = await task(clerk, item, quota_rule=QUOTA, methods=["onsite"])
    assert made["defaults_from"] == {}
    assert (made["departments"][0]["members"], made["departments"][0]["lead"]) == (2, True)
    assert (made["officer_cap"], made["visit_cap"], made["cooling_days"]) == (50, None, 0)


async def test_drafts_and_other_units_guidelines_fill_in_nothing(
    clerk: Caller, leader: Caller, world: World
):
    item = await make_item(clerk)
    await publish_checklist(leader)
    await make_guideline(clerk, team_size=5)
    other = await world.caller(Role.DEPT_CLERK, "XFJY")
    await in_force(other, await world.caller(Role.DEPT_LEADER, "XFJY"), team_size=6)
    made = await task(clerk, item, quota_rule=QUOTA, methods=["onsite"])
    assert made["departments"][0]["members"] == 2


async def test_guidelines_that_disagree_are_named_and_not_chosen_from(
    clerk: Caller, leader: Caller
):
    item = await make_item(clerk)
    await publish_checklist(leader)
    first, second = [await in_force(clerk, leader, team_size=size) for size in (3, 4)]
    refused = await task(clerk, item, quota_rule=QUOTA, methods=["onsite"])
    assert refused["code"] == "task-defaults-undecided"
    assert [error["pointer"] for error in refused["errors"]] == ["/members"]
    assert f"{first['code']}, {second['code']}" in str(refused["errors"][0])
    made = await task(clerk, item, quota_rule=QUOTA, methods=["onsite"], members=3)
    assert made["departments"][0]["members"] == 3


async def test_a_revision_is_a_copy_that_supersedes_when_it_is_activated(
    clerk: Caller, leader: Caller
):
    first = await in_force(clerk, leader, quota_rule=QUOTA, team_size=2)
    path = f"guidelines/{first['id']}"
    made = await clerk.post(f"{path}/revise", etag=first["etag"])
    assert made.status_code == 201, made.text
    draft = made.json()
    kept = ("code", "kind", "title", "procedure", "quota_rule", "team_size", "item_codes")
    assert {name: draft[name] for name in kept} == {name: first[name] for name in kept}
    assert (draft["version"], draft["status"]) == (2, "draft")
    twice = await clerk.post(f"{path}/revise", etag=first["etag"])
    assert (twice.status_code, twice.json()["code"]) == (409, "guideline-draft-exists")
    changes = {"team_size": 3, "procedure": "先亮证,后检查。", "quota_rule": None}
    changed = await clerk.patch(f"guidelines/{draft['id']}", changes, etag=made.headers["etag"])
    assert changed.status_code == 200, changed.text
    difference = (await clerk.get(f"guidelines/{draft['id']}/difference")).json()
    assert (difference["from_version"], difference["to_version"]) == (1, 2)
    fields = {one["field"]: one for one in difference["changes"]}
    assert set(fields) == {"procedure", "team_size", "quota_rule"}
    assert (fields["team_size"]["title"], fields["team_size"]["after"]) == ("检查组人数", "3")
    assert fields["quota_rule"]["before"] == "A类 1%、D类 30%"
    assert fields["quota_rule"]["after"] is None
    active = await leader.post(f"guidelines/{draft['id']}/activate", etag=changed.headers["etag"])
    assert active.json()["status"] == "active"
    old = (await clerk.get(path)).json()
    assert old["status"] == "superseded"
    read = await clerk.get(path)
    again = await clerk.post(f"{path}/revise", etag=read.headers["etag"])
    assert (again.status_code, again.json()["code"]) == (409, "guideline-not-active")


async def test_only_versions_of_one_guideline_are_compared(
    clerk: Caller, leader: Caller, world: World
):
    one, other = await make_guideline(clerk), await make_guideline(clerk)
    path = f"guidelines/{one['id']}/difference"
    refused = await clerk.get(f"{path}?from={other['id']}")
    assert (refused.status_code, refused.json()["code"]) == (422, "guidelines-of-two-codes")
    itself = (await clerk.get(f"{path}?from={one['id']}")).json()
    assert itself["changes"] == []
    assert (await clerk.get(path)).json()["from_id"] is None
    stranger = await world.caller(Role.DEPT_CLERK, "XFJY")
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"guidelines/{one['id']}/revise", etag='"1"')).status_code == 404
    assert (await leader.post(f"guidelines/{one['id']}/revise", etag='"1"')).status_code == 403


@pytest.mark.parametrize("change", ["officer_cap = 0", "visit_cap = 0", "cooling_days = -1"])
async def test_the_table_refuses_defaults_that_mean_nothing(
    clerk: Caller, connection: AsyncConnection, change: str
):
    made = await make_guideline(clerk)
    with pytest.raises(IntegrityError):
        async with connection.begin_nested():
            await connection.execute(
                text(f"UPDATE guideline SET {change} WHERE id = :id"), {"id": made["id"]}
            )
