"""A joint task from the freeze to the last publication: two departments, one draw, one sheet."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.domain.actor import Role
from app.domain.draw_files import FrozenFile
from app.jobs.draw_rounds import finish_due_draws
from tests.support.clocks import FrozenClock
from tests.support.draw_factories import a_frozen_draw, a_published_plan, an_opened_draw
from tests.support.inspection_cast import STEPS, a_cast
from tests.support.joint_factories import (
    LEAD,
    ONE_OBJECT,
    PARTNER,
    SHARED,
    STAGES,
    DrawnJointTask,
    JointPlan,
    a_drawn_joint_task,
    a_joint_plan,
    joint_task,
    reach,
)
from tests.support.world import World

VERIFIER = Path(__file__).resolve().parents[2] / "verifier" / "verify_draw.py"


@pytest.fixture
async def drawn(world: World, clock: FrozenClock) -> DrawnJointTask:
    return await a_drawn_joint_task(world, clock)


async def bundle_of(world: World, drawn: DrawnJointTask) -> bytes:
    draw_no = drawn.ceremony.draw["draw_no"]
    answer = await world.client.get(f"/api/v1/public/draws/{draw_no}/bundle")
    assert answer.status_code == 200, answer.text
    return answer.content


async def manifest_of(caller: Any, draw: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads((await caller.get(f"draws/{draw['id']}")).json()["manifest"]))


async def test_the_verifier_accepts_the_draw_of_two_departments(
    world: World, clock: FrozenClock, tmp_path: Path
) -> None:
    half = {"method": "ratio", "per_10000": dict.fromkeys(("A", "B", "C", "D", "UNRATED"), 5000)}
    drawn = await a_drawn_joint_task(world, clock, quota_rule=half)
    file = tmp_path / "bundle.json"
    file.write_bytes(await bundle_of(world, drawn))
    draw = (await drawn.plan.clerk.get(f"draws/{drawn.ceremony.draw['id']}")).json()
    hashes = ["--manifest-sha256", draw["manifest_sha256"]]
    hashes += ["--commits-sha256", draw["commits_sha256"]]
    checked = subprocess.run(
        [sys.executable, str(VERIFIER), *hashes, str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert "UNVERIFIED" not in checked.stdout
    bundle = json.loads(file.read_bytes())
    departments = bundle["manifest"]["teams"]["departments"]
    assert [one["code"] for one in departments] == [LEAD, PARTNER], "the initiating one leads"
    assert bundle["unstaffable"] == []
    assert len(drawn.task.sheets) == 8
    for sheet in drawn.task.sheets:
        assert set(sheet.inspections) == {LEAD, PARTNER}
        for code, inspection in sheet.inspections.items():
            assert len(inspection.officer_codes) == 2
            assert all(officer.startswith(code) for officer in inspection.officer_codes)


async def test_an_object_joins_the_pool_once_and_only_where_all_supervise_it(
    world: World, drawn: DrawnJointTask
) -> None:
    bundle = json.loads(await bundle_of(world, drawn))
    pool = [line.split("\t")[0] for line in bundle["pool"].splitlines()]
    assert sorted(pool) == sorted(drawn.plan.lead.object_codes[:SHARED])
    excluded = dict(line.split("\t") for line in bundle["excluded"].splitlines())
    assert excluded == dict.fromkeys(drawn.plan.lead.object_codes[SHARED:], "NOT_SHARED")


async def test_the_plan_may_say_that_the_initiators_library_is_the_pool(world: World) -> None:
    plan = await a_joint_plan(world, "published", pool_scope="initiator", quota_rule=ONE_OBJECT)
    draw = await a_frozen_draw(world, plan.clerk, plan.task_id)
    assert plan.body["tasks"][0]["pool_scope"] == "initiator"
    manifest = await manifest_of(plan.clerk, draw)
    assert (manifest["pool"]["size"], manifest["excluded"]["size"]) == (20, 0)


async def test_the_officers_and_recusals_of_all_departments_are_frozen(world: World) -> None:
    plan = await a_joint_plan(world, "published", quota_rule=ONE_OBJECT)
    for clerk in (plan.clerk, plan.partner_clerk):
        officer = (await clerk.get("officers?limit=1")).json()["items"][0]
        declared = await clerk.post(
            f"officers/{officer['id']}/interests",
            {"object_code": plan.lead.object_codes[0], "ground": "近亲属在该单位任职"},
        )
        assert declared.status_code == 201, declared.text
    draw = await a_frozen_draw(world, plan.clerk, plan.task_id)
    manifest = await manifest_of(plan.clerk, draw)
    assert manifest[FrozenFile.OFFICERS.value]["size"] == 12
    assert manifest[FrozenFile.RECUSALS.value]["size"] == 2


async def test_a_department_without_enough_officers_stops_the_joint_draw(world: World) -> None:
    plan = await a_joint_plan(world, "published", quota_rule=ONE_OBJECT)
    listed = (await plan.partner_clerk.get("officers?limit=10")).json()["items"]
    for officer in listed[1:]:
        seen = await plan.partner_clerk.get(f"officers/{officer['id']}")
        left = await plan.partner_clerk.patch(
            f"officers/{officer['id']}", {"status": "left"}, etag=seen.headers["ETag"]
        )
        assert left.status_code == 200, left.text
    refused = await plan.clerk.post(
        f"plan-tasks/{plan.task_id}/draws",
        {
            "contributors": ["LDXZ", "JWJW"],
            "close_at": "2026-03-05T08:00:00Z",
            "public_source": "掷骰子",
            "quota_note": "试验",
        },
    )
    assert refused.status_code == 409
    assert (refused.json()["facts"]["department"], refused.json()["facts"]["eligible"]) == (
        PARTNER,
        1,
    )


async def test_no_participant_alone_vouches_for_the_draw(world: World) -> None:
    plan = await a_joint_plan(world, "published", quota_rule=ONE_OBJECT)
    refused = await plan.clerk.post(
        f"plan-tasks/{plan.task_id}/draws",
        {
            "contributors": [LEAD, PARTNER],
            "close_at": "2026-03-05T08:00:00Z",
            "public_source": "掷骰子",
            "quota_note": "试验",
        },
    )
    assert refused.json()["code"] == "no-outside-contributor"


async def test_a_participant_reads_the_draw_and_does_not_move_it(world: World) -> None:
    plan = await a_joint_plan(world, "published", quota_rule=ONE_OBJECT)
    order = {
        "contributors": ["LDXZ", "JWJW"],
        "close_at": "2026-03-05T08:00:00Z",
        "public_source": "掷骰子",
        "quota_note": "试验",
    }
    theirs = await plan.partner_clerk.post(f"plan-tasks/{plan.task_id}/draws", order)
    assert theirs.status_code == 403
    frozen = await plan.clerk.post(f"plan-tasks/{plan.task_id}/draws", order)
    path, etag = f"draws/{frozen.json()['id']}", frozen.headers["ETag"]
    assert (await plan.partner_clerk.get(path)).status_code == 200
    assert (await plan.partner_clerk.post(f"{path}/publish", etag=etag)).status_code == 403
    assert (await plan.partner_clerk.post(f"{path}/reveal")).status_code == 403
    stranger = await world.caller(Role.DEPT_CLERK, "WJW")
    assert (await stranger.get(path)).status_code == 404


async def two_joint_tasks(world: World, **second: Any) -> JointPlan:
    """A published joint plan of two tasks that draw one object each."""
    plan = await a_joint_plan(world, "drafted", quota_rule=ONE_OBJECT, visit_cap=2)
    await plan.must(plan.clerk, "tasks", joint_task(plan.lead, quota_rule=ONE_OBJECT, **second))
    shares = [plan.share(task_id=task["id"])["tasks"][0] for task in plan.body["tasks"]]
    answer = f"participants/{plan.partner.department_id}/accept"
    await plan.must(plan.partner_leader, answer, {"tasks": shares})
    for stage in STAGES[2:]:
        await reach(plan, stage)
    return plan


async def test_n7_a_visit_of_any_participant_counts_toward_the_cap(
    world: World, clock: FrozenClock
) -> None:
    plan = await two_joint_tasks(world, visit_cap=1)
    own = {"method": "total", "total": 1, "weight": dict.fromkeys("ABCD", 1)}
    clerk, theirs = await a_published_plan(
        world, plan.partner, department=PARTNER, tags=["消防重点"], quota_rule=own
    )
    await an_opened_draw(world, clerk, theirs["tasks"][0]["id"])
    clock.forward(hours=3)
    await finish_due_draws(world.runtime)
    await world.sign_in_again(plan.clerk)
    sizes = []
    for task in plan.body["tasks"]:
        draw = await a_frozen_draw(world, plan.clerk, task["id"])
        manifest = await manifest_of(plan.clerk, draw)
        sizes.append((manifest["pool"]["size"], manifest["excluded"]["size"]))
    assert sizes == [(SHARED, 8), (SHARED - 1, 9)]


async def test_two_sections_of_one_sheet_are_one_visit(world: World, clock: FrozenClock) -> None:
    plan = await two_joint_tasks(world, visit_cap=2)
    first, second = (task["id"] for task in plan.body["tasks"])
    await an_opened_draw(world, plan.clerk, first)
    clock.forward(hours=3)
    await finish_due_draws(world.runtime)
    await world.sign_in_again(plan.clerk)
    draw = await a_frozen_draw(world, plan.clerk, second)
    manifest = await manifest_of(plan.clerk, draw)
    assert manifest["pool"]["size"] == SHARED, "one of two visits is used"


async def test_each_department_writes_its_own_section_and_no_other(
    world: World, drawn: DrawnJointTask
) -> None:
    ours = await a_cast(world, drawn.task, department=LEAD)
    theirs = await a_cast(world, drawn.task, department=PARTNER)
    stranger = await world.caller(Role.DEPT_LEADER, "WJW")
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    callers = {"result": theirs.clerk, "review": theirs.leader, "publish": theirs.clerk}
    for step in STEPS:
        refused = await ours.take(step, by=callers.get(step, theirs.officer))
        assert (refused.status_code, refused.json()["code"]) == (403, "another-section"), step
        by_office = await ours.take(step, by=office)
        assert (by_office.status_code, by_office.json()["code"]) == (403, "forbidden"), step
    for step in ("review", "publish"):
        assert (await ours.take(step, by=stranger)).status_code == 404
    assert (await stranger.get(ours.path)).status_code == 404
    assert (await office.get(ours.path)).status_code == 200
    await ours.up_to("publish")
    read = (await theirs.clerk.get(ours.path)).json()
    assert (read["status"], read["result_code"], read["whole"]) == ("published", "01", False)


async def test_r19_one_unit_late_keeps_the_sheet_open_until_it_has_published(
    world: World, clock: FrozenClock, drawn: DrawnJointTask
) -> None:
    ours = await a_cast(world, drawn.task, department=LEAD)
    theirs = await a_cast(world, drawn.task, department=PARTNER)
    matrix = f"plan-tasks/{drawn.plan.task_id}/matrix"
    await ours.up_to("publish")
    await theirs.up_to("end")
    (row,) = (await ours.clerk.get(matrix)).json()["items"]
    assert (row["complete"], row["waiting_for"], row["late"]) == (False, [PARTNER], [])
    clock.forward(days=45)
    await world.sign_in_again(ours.clerk, theirs.officer, theirs.clerk, theirs.leader)
    seen = (await ours.clerk.get(matrix)).json()
    assert (seen["complete"], seen["task_code"]) == (False, drawn.task.task_code)
    (row,) = seen["items"]
    assert (row["complete"], row["waiting_for"], row["late"]) == (False, [PARTNER], [PARTNER])
    counted = [(one["code"], one["published"], one["late"]) for one in seen["departments"]]
    assert counted == [(LEAD, 1, 0), (PARTNER, 0, 1)]
    rate = f"/api/v1/public/publication-rate?plan_task_code={drawn.task.task_code}"
    half = (await world.client.get(rate)).json()
    assert (half["publication_rate"]["fraction"], half["sheets"]["fraction"]) == ("1/2", "0/1")
    for step in STEPS[STEPS.index("acknowledgement") :]:
        # Reviewed is not published: until the last step everybody waits for the partner.
        (row,) = (await ours.clerk.get(matrix)).json()["items"]
        assert (row["complete"], row["waiting_for"]) == (False, [PARTNER]), step
        answer = await theirs.take(step)
        assert answer.status_code in {200, 201}, answer.text
    seen = (await ours.clerk.get(matrix)).json()
    assert (seen["complete"], seen["items"][0]["complete"]) == (True, True)
    assert (seen["items"][0]["waiting_for"], seen["items"][0]["late"]) == ([], [])
    whole = (await world.client.get(rate)).json()
    assert (whole["publication_rate"]["fraction"], whole["sheets"]["fraction"]) == ("2/2", "1/1")
    assert (await ours.clerk.get(drawn.plan.path)).json()["progress"] == "completed"
    listed = await world.client.get(
        f"/api/v1/public/results?object_code={drawn.task.sheets[0].object_code}"
    )
    shown = [one["content"]["insAuth"] for one in listed.json()["items"]]
    assert len(shown) == len(set(shown)) == 2, "each department's result stands for itself"


async def test_the_matrix_is_for_who_takes_part_and_for_the_region(
    world: World, clock: FrozenClock
) -> None:
    half = {"method": "ratio", "per_10000": dict.fromkeys(("A", "B", "C", "D", "UNRATED"), 5000)}
    drawn = await a_drawn_joint_task(world, clock, quota_rule=half)
    path = f"plan-tasks/{drawn.plan.task_id}/matrix"
    stranger = await world.caller(Role.DEPT_CLERK, "WJW")
    assert (await stranger.get(f"plan-tasks/{drawn.plan.task_id}")).status_code == 200
    assert (await stranger.get(path)).status_code == 404
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    for caller in (drawn.plan.clerk, drawn.plan.partner_clerk, office):
        first = (await caller.get(f"{path}?limit=5&with_total=true")).json()
        assert (first["total"], len(first["items"])) == (8, 5)
        rest = (await caller.get(f"{path}?limit=5&cursor={first['next_cursor']}")).json()
        assert len(rest["items"]) == 3
        assert rest["departments"] == first["departments"]
        assert [one["sections"] for one in rest["departments"]] == [8, 8]
    codes = [one["department_code"] for one in first["items"][0]["sections"]]
    assert sorted(codes) == [LEAD, PARTNER]
