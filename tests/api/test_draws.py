"""The ceremony over HTTP, what it refuses, and a bundle that the stand-alone verifier accepts."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from app.domain.actor import Role
from app.domain.draw import contribution_commit
from app.jobs.draw_rounds import finish_due_draws
from tests.support.clocks import FrozenClock
from tests.support.draw_factories import (
    a_frozen_draw,
    a_library,
    a_published_plan,
    a_value,
    an_opened_draw,
)
from tests.support.world import World

REPO = Path(__file__).resolve().parents[2]


async def test_a_draw_from_freeze_to_lock_is_accepted_by_the_verifier(
    world: World, clock: FrozenClock, tmp_path: Path
) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    ceremony = await an_opened_draw(world, clerk, plan["tasks"][0]["id"])
    draw_no = ceremony.draw["draw_no"]
    before = await world.client.get(f"/api/v1/public/draws/{draw_no}/bundle")
    assert before.status_code == 409
    assert before.json()["code"] == "draw-not-revealed"
    clock.forward(hours=3)
    assert await finish_due_draws(world.runtime) == 1
    assert await finish_due_draws(world.runtime) == 0
    drawn = (await clerk.get(f"draws/{ceremony.draw['id']}")).json()
    assert drawn["status"] == "locked"
    winners = [one for one in drawn["selections"] if not one["reserve"]]
    assert len(winners) == 1 + 1 + 2 + 3
    assert len(drawn["selections"]) - len(winners) == 8
    assert {one["object_code"] for one in winners} <= set(library.object_codes)
    response = await world.client.get(f"/api/v1/public/draws/{draw_no}/bundle")
    assert response.status_code == 200
    file = tmp_path / "bundle.json"
    file.write_bytes(response.content)
    checked = subprocess.run(
        [
            sys.executable,
            str(REPO / "verifier" / "verify_draw.py"),
            "--manifest-sha256",
            drawn["manifest_sha256"],
            "--commits-sha256",
            drawn["commits_sha256"],
            str(file),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-3000:]
    assert "UNVERIFIED" not in checked.stdout
    broken = json.loads(response.content)
    broken["selected"]["D"][0][1] = broken["selected"]["D"][1][1]
    file.write_text(json.dumps(broken))
    again = subprocess.run(
        [sys.executable, str(REPO / "verifier" / "verify_draw.py"), str(file)],
        capture_output=True,
        check=False,
    )
    assert again.returncode == 1


async def test_every_winner_gets_a_sheet_and_a_team_of_two(
    world: World, clock: FrozenClock
) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    ceremony = await an_opened_draw(world, clerk, plan["tasks"][0]["id"])
    clock.forward(hours=3)
    await finish_due_draws(world.runtime)
    page = (await clerk.get("inspections?limit=100")).json()
    assert len(page["items"]) == 7
    assert {one["status"] for one in page["items"]} == {"assigned"}
    bundle = (await clerk.get(f"draws/{ceremony.draw['id']}/bundle")).json()
    assert len(bundle["teams"]) == 7
    assert all(len(set(team[1][0][1])) == 2 for team in bundle["teams"])


async def test_r11_a_task_is_drawn_once(world: World) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    task_id = plan["tasks"][0]["id"]
    draw = await a_frozen_draw(world, clerk, task_id)
    response = await clerk.post(
        f"plan-tasks/{task_id}/draws",
        {
            "contributors": ["LDXZ"],
            "close_at": draw["close_at"],
            "public_source": "掷骰子",
            "quota_note": "试验",
        },
    )
    assert response.status_code == 409
    assert response.json()["code"] == "draw-exists"


async def test_nobody_opens_before_all_have_committed(world: World) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    draw = await a_frozen_draw(world, clerk, plan["tasks"][0]["id"])
    first = await world.caller(Role.WITNESS, "JWJW")
    value = a_value()
    commitment = contribution_commit(draw["manifest_sha256"], "JWJW", value)
    path = f"draws/{draw['id']}"
    assert (await first.post(f"{path}/commitments", {"commitment": commitment})).status_code == 201
    early = await first.post(f"{path}/openings", {"value": value})
    assert early.status_code == 409
    assert early.json()["code"] == "commitments-incomplete"
    assert early.json()["facts"]["missing"] == "LDXZ"
    again = await first.post(f"{path}/commitments", {"commitment": "0" * 64})
    assert again.json()["code"] == "already-committed"


async def test_a_value_that_was_not_committed_to_is_refused(world: World) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    draw = await a_frozen_draw(world, clerk, plan["tasks"][0]["id"])
    for code in ("JWJW", "LDXZ"):
        witness = await world.caller(Role.WITNESS, code)
        commitment = contribution_commit(draw["manifest_sha256"], code, a_value())
        await witness.post(f"draws/{draw['id']}/commitments", {"commitment": commitment})
    response = await witness.post(f"draws/{draw['id']}/openings", {"value": a_value()})
    assert response.status_code == 422
    assert response.json()["code"] == "contribution-mismatch"


async def test_a_second_reveal_is_refused(world: World, clock: FrozenClock) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    ceremony = await an_opened_draw(world, clerk, plan["tasks"][0]["id"])
    path = f"draws/{ceremony.draw['id']}/reveal"
    early = await clerk.post(path)
    assert early.json()["code"] == "draw-not-due"
    clock.forward(hours=3)
    first = await clerk.post(path)
    assert first.status_code == 200, first.text
    assert first.json()["status"] == "drawn"
    second = await clerk.post(path)
    assert second.status_code == 409
    assert second.json()["code"] == "draw-already-revealed"


async def test_who_does_not_open_annuls_the_draw_by_name(world: World, clock: FrozenClock) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    task_id = plan["tasks"][0]["id"]
    draw = await a_frozen_draw(world, clerk, task_id)
    witness = await world.caller(Role.WITNESS, "JWJW")
    await witness.post(f"draws/{draw['id']}/commitments", {"commitment": "0" * 64})
    clock.forward(hours=3)
    assert await finish_due_draws(world.runtime) == 1
    annulled = (await clerk.get(f"draws/{draw['id']}")).json()
    assert annulled["status"] == "annulled"
    assert annulled["annulment"] == {
        "reason": "contributors_did_not_commit",
        "contributors": ["LDXZ"],
        "committed": ["JWJW"],
    }
    late = await witness.post(f"draws/{draw['id']}/openings", {"value": a_value()})
    assert late.status_code == 409
    following = await a_frozen_draw(world, clerk, task_id)
    assert json.loads(following["manifest"])["supersedes"] == draw["draw_no"]
    public = (await world.client.get("/api/v1/public/draws")).json()
    assert draw["draw_no"] in {one["draw_no"] for one in public["items"]}


async def test_an_outside_unit_must_contribute(world: World) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    response = await clerk.post(
        f"plan-tasks/{plan['tasks'][0]['id']}/draws",
        {
            "contributors": ["SCJG"],
            "close_at": "2026-03-02T08:00:00Z",
            "public_source": "掷骰子",
            "quota_note": "试验",
        },
    )
    assert response.status_code == 422
    assert response.json()["code"] == "no-outside-contributor"


async def test_another_unit_does_not_see_the_draw(world: World) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    draw = await a_frozen_draw(world, clerk, plan["tasks"][0]["id"])
    stranger = await world.caller(Role.DEPT_CLERK, "XFJY")
    assert (await stranger.get(f"draws/{draw['id']}")).status_code == 404
    witness = await world.caller(Role.WITNESS, "GZC")
    response = await witness.post(f"draws/{draw['id']}/commitments", {"commitment": "0" * 64})
    assert response.status_code == 404
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    assert (await office.get(f"draws/{draw['id']}")).status_code == 200


async def test_nothing_is_drawn_before_the_plan_is_published(world: World) -> None:
    library = await a_library(world.runtime)
    clerk = await world.caller(Role.DEPT_CLERK)
    response = await clerk.post("plans", {"year": 2026, "name": "草稿"})
    task = {
        "name": "任务",
        "item_ids": [str(library.item_ids[0])],
        "quota_rule": {"method": "total", "total": 3, "weight": {"A": 1}},
        "period_from": "2026-03-01",
        "period_to": "2026-06-30",
        "methods": ["onsite"],
    }
    made = await clerk.post(
        f"plans/{response.json()['id']}/tasks", task, etag=response.headers["ETag"]
    )
    response = await clerk.post(
        f"plan-tasks/{made.json()['tasks'][0]['id']}/draws",
        {
            "contributors": ["LDXZ"],
            "close_at": "2026-03-02T08:00:00Z",
            "public_source": "掷骰子",
        },
    )
    assert response.json()["code"] == "plan-not-published"


async def test_a_hundred_parallel_reveals_give_one_outcome(
    committed_world: World, clock: FrozenClock
) -> None:
    library = await a_library(committed_world.runtime)
    clerk, plan = await a_published_plan(committed_world, library)
    ceremony = await an_opened_draw(committed_world, clerk, plan["tasks"][0]["id"])
    clock.forward(hours=3)
    path = f"draws/{ceremony.draw['id']}/reveal"
    answers = await asyncio.gather(*(clerk.post(path) for _ in range(100)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [409] * 99
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"draw-already-revealed"}


async def test_only_who_did_not_open_is_named(world: World, clock: FrozenClock) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    draw = await a_frozen_draw(world, clerk, plan["tasks"][0]["id"])
    path = f"draws/{draw['id']}"
    for code in ("JWJW", "LDXZ"):
        witness, value = await world.caller(Role.WITNESS, code), a_value()
        commitment = contribution_commit(draw["manifest_sha256"], code, value)
        await witness.post(f"{path}/commitments", {"commitment": commitment})
        if code == "LDXZ":
            assert (await witness.post(f"{path}/openings", {"value": value})).status_code == 201
    clock.forward(hours=3)
    await finish_due_draws(world.runtime)
    annulment = (await clerk.get(path)).json()["annulment"]
    assert annulment["reason"] == "contributors_did_not_open"
    assert annulment["contributors"] == ["JWJW"]


async def test_a_draw_that_was_never_published_blames_no_contributor_and_is_public(
    world: World, clock: FrozenClock
) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    order = {
        "contributors": ["LDXZ"],
        "close_at": "2026-03-02T02:00:00Z",
        "public_source": "掷骰子",
        "quota_note": "试验",
    }
    made = await clerk.post(f"plan-tasks/{plan['tasks'][0]['id']}/draws", order)
    draw_no = made.json()["draw_no"]
    assert (await world.client.get(f"/api/v1/public/draws/{draw_no}")).status_code == 404
    clock.forward(hours=3)
    await finish_due_draws(world.runtime)
    public = (await world.client.get(f"/api/v1/public/draws/{draw_no}")).json()
    assert public["annulment"]["reason"] == "manifest_not_published"
    assert public["annulment"]["contributors"] == []


async def test_who_may_read_another_units_draw_may_not_move_it(
    world: World, clock: FrozenClock
) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    admin = await world.administrator()
    both = await world.caller(Role.DEPT_CLERK, "WJW")
    for role in ("supervisor", "dept_leader"):
        grant = {"role": role, "department_code": "WJW", "region_code": "150525"}
        assert (await admin.post(f"accounts/{both.account_id}/grants", grant)).status_code == 201
    task_id = plan["tasks"][0]["id"]
    order = {
        "contributors": ["LDXZ"],
        "close_at": "2026-03-02T08:00:00Z",
        "public_source": "掷骰子",
        "quota_note": "试验",
    }
    assert (await both.post(f"plan-tasks/{task_id}/draws", order)).status_code == 404
    ceremony = await an_opened_draw(world, clerk, task_id)
    clock.forward(hours=3)
    assert (await both.get(f"draws/{ceremony.draw['id']}")).status_code == 200
    assert (await both.post(f"draws/{ceremony.draw['id']}/reveal")).status_code == 403
    draft = (await clerk.post("plans", {"year": 2026, "name": "草稿"})).json()
    assert (await both.get(f"plans/{draft['id']}")).status_code == 200
    renamed = await both.patch(f"plans/{draft['id']}", {"name": "改"}, etag='"1"')
    assert renamed.status_code == 404


async def test_a_unit_that_can_not_staff_a_team_does_not_draw(world: World) -> None:
    library = await a_library(world.runtime, officers=1)
    clerk, plan = await a_published_plan(world, library)
    order = {
        "contributors": ["LDXZ"],
        "close_at": "2026-03-02T08:00:00Z",
        "public_source": "掷骰子",
        "quota_note": "试验",
    }
    refused = await clerk.post(f"plan-tasks/{plan['tasks'][0]['id']}/draws", order)
    assert refused.status_code == 409
    assert refused.json()["code"] == "too-few-officers"
    assert refused.json()["facts"]["eligible"] == 1


async def test_a_contributor_is_named_once(world: World) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    order = {
        "contributors": ["LDXZ", "LDXZ"],
        "close_at": "2026-03-02T08:00:00Z",
        "public_source": "掷骰子",
        "quota_note": "试验",
    }
    refused = await clerk.post(f"plan-tasks/{plan['tasks'][0]['id']}/draws", order)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/contributors"


async def test_an_object_that_could_not_be_staffed_gets_a_team_on_record(
    world: World, clock: FrozenClock
) -> None:
    library = await a_library(world.runtime, officers=3)
    clerk, plan = await a_published_plan(world, library, officer_cap=1)
    await an_opened_draw(world, clerk, plan["tasks"][0]["id"])
    clock.forward(hours=3)
    await finish_due_draws(world.runtime)
    leader = await world.caller(Role.DEPT_LEADER)
    page = (await clerk.get("inspections?limit=100")).json()["items"]
    details = [(await clerk.get(f"inspections/{one['id']}")).json() for one in page]
    empty = [one for one in details if not one["team"]]
    assert len(details) - len(empty) == 1
    first = empty[0]
    cause = "抽取时可用人员不足,现予指派"
    etag = (await clerk.get(f"inspections/{first['id']}")).headers["ETag"]
    path = f"inspections/{first['id']}/team"
    wrong = {"officer_codes": [library.officer_codes[1], "NOBODY"], "cause": cause}
    refused = await leader.post(path, wrong, etag=etag)
    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json()["errors"]] == [
        "/officer_codes/1",
        "/officer_codes",
    ]
    body = {"officer_codes": library.officer_codes[:2], "cause": cause}
    assert (await clerk.post(path, body, etag=etag)).status_code == 403
    made = await leader.post(path, body, etag=etag)
    assert made.status_code == 201, made.text
    assert [one["assigned_cause"] for one in made.json()["team"]] == [cause, cause]
    again = await leader.post(path, body, etag=made.headers["ETag"])
    assert again.json()["code"] == "team-exists"
    drawn = next(one for one in details if one["team"])
    etag = (await clerk.get(f"inspections/{drawn['id']}")).headers["ETag"]
    replaced = await leader.post(f"inspections/{drawn['id']}/team", body, etag=etag)
    assert replaced.json()["code"] == "team-exists"
