"""《执法检查表》: what stands on it, who sees it, and joint sheets with a section per department."""

import pytest

from app.domain.actor import Role
from app.services.runtime import Runtime
from tests.support.inspection_cast import STEPS, a_cast
from tests.support.inspection_factories import DrawnTask, a_drawn_task
from tests.support.world import World


@pytest.fixture
async def joint(world: World, runtime: Runtime) -> DrawnTask:
    _, maker = await world.account(Role.DEPT_CLERK, "SCJG")
    return await a_drawn_task(runtime, maker, departments=("SCJG", "GAJ"))


async def test_a_sheet_says_what_is_checked_by_what_law_and_by_whom(
    world: World, joint: DrawnTask
) -> None:
    clerk = await world.caller(Role.DEPT_CLERK, "SCJG")
    sheet = (await clerk.get(f"inspection-sheets/{joint.sheets[0].id}")).json()
    assert sheet["object"]["name"].startswith("奈曼旗测试商店")
    assert sheet["deadline_on"] == "2026-12-31"
    assert sheet["task"]["plan_no"] == joint.plan_no
    assert [section["department_code"] for section in sheet["sections"]] == ["SCJG", "GAJ"]
    for section in sheet["sections"]:
        assert [item["id"] for item in section["items"]] == [
            str(item) for item in joint.items[section["department_code"]]
        ]
        assert section["items"][0]["legal_bases"][0]["law"] == "中华人民共和国食品安全法"
        assert section["items"][0]["key_points"]
        assert [officer["lead"] for officer in section["team"]] == [True, False]
        assert all(officer["certificate_no"] for officer in section["team"])


async def test_a_joint_sheet_is_complete_when_every_section_is_published(
    world: World, joint: DrawnTask
) -> None:
    first = await a_cast(world, joint, department="SCJG")
    second = await a_cast(world, joint, department="GAJ")
    path = f"inspection-sheets/{joint.sheets[0].id}"
    await first.up_to("publish")
    half = (await first.clerk.get(path)).json()
    assert half["complete"] is False
    assert [section["status"] for section in half["sections"]] == ["published", "assigned"]
    await second.up_to("publish")
    assert (await first.clerk.get(path)).json()["complete"] is True
    listed = (await first.clerk.get("inspection-sheets")).json()["items"]
    assert [sheet["complete"] for sheet in listed] == [True]


async def test_another_participant_reads_state_and_result_and_writes_nothing(
    world: World, joint: DrawnTask
) -> None:
    ours = await a_cast(world, joint, department="SCJG")
    theirs = await a_cast(world, joint, department="GAJ")
    await ours.up_to("result")
    read = (await theirs.clerk.get(ours.path)).json()
    assert (read["status"], read["result_code"], read["whole"]) == ("entered", "01", False)
    for hidden in ("record", "notice", "acknowledgement", "result", "review"):
        assert read[hidden] is None
    assert not any(action["allowed"] for action in read["allowed_actions"])
    callers = {"result": theirs.clerk, "review": theirs.leader, "publish": theirs.clerk}
    for step in STEPS:
        response = await ours.take(step, by=callers.get(step, theirs.officer))
        assert (response.status_code, response.json()["code"]) == (403, "another-section"), step


async def test_an_item_of_another_department_is_not_in_ones_record(
    world: World, joint: DrawnTask
) -> None:
    ours = await a_cast(world, joint, department="SCJG")
    await ours.up_to("start")
    body = ours.record_body()
    foreign = {"item_version_id": str(joint.items["GAJ"][0]), "outcome": "no_problem"}
    response = await ours.take("record", body | {"findings": [*body["findings"], foreign]})
    assert [error["code"] for error in response.json()["errors"]] == ["item-unknown"]


async def test_a_department_without_a_section_does_not_know_of_the_sheet(
    world: World, joint: DrawnTask
) -> None:
    stranger = await world.caller(Role.DEPT_CLERK, "FGW")
    path = f"inspection-sheets/{joint.sheets[0].id}"
    response = await stranger.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not-found")
    assert (await stranger.get("inspection-sheets")).json()["items"] == []
    for role, unit in ((Role.LG_OFFICE, "LDXZ"), (Role.OVERSIGHT, "JWJW")):
        reader = await world.caller(role, unit)
        assert (await reader.get(path)).status_code == 200


async def test_sheets_are_narrowed_by_object_and_task(world: World, runtime: Runtime) -> None:
    _, maker = await world.account(Role.DEPT_CLERK, "SCJG")
    task = await a_drawn_task(runtime, maker, objects=3)
    clerk = await world.caller(Role.DEPT_CLERK, "SCJG")
    code = task.sheets[1].object_code
    found = (await clerk.get(f"inspection-sheets?object_code={code}")).json()["items"]
    assert [sheet["id"] for sheet in found] == [str(task.sheets[1].id)]
    page = (await clerk.get(f"inspection-sheets?plan_task_id={task.task_id}&limit=2")).json()
    assert len(page["items"]) == 2
    assert page["next_cursor"]
    bad = await clerk.get("inspection-sheets?cursor=abc")
    assert (bad.status_code, bad.json()["code"]) == (422, "bad-cursor")
    witness = await world.caller(Role.WITNESS, "GZC")
    assert (await witness.get("inspection-sheets")).status_code == 403
