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
    assert annulled["annulment"]["contributors"] == ["JWJW", "LDXZ"]
    assert annulled["annulment"]["committed"] == ["JWJW"]
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
