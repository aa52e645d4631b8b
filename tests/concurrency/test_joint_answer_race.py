"""Two answers of one participant at once: one stands, the other learns that it saw an older plan."""

import asyncio

import pytest

from tests.support.joint_factories import a_joint_plan
from tests.support.world import World


@pytest.mark.committed
async def test_of_two_answers_at_once_one_stands(committed_world: World) -> None:
    plan = await a_joint_plan(committed_world, "drafted")
    answers = await asyncio.gather(
        plan.partner_leader.post(f"{plan.answer_path}/accept", plan.share(), etag=plan.etag),
        plan.partner_leader.post(
            f"{plan.answer_path}/decline", {"reason": "本年度不参与"}, etag=plan.etag
        ),
    )
    assert sorted(one.status_code for one in answers) == [200, 412]
    (stands,) = [one.json() for one in answers if one.status_code == 200]
    seen = (await plan.clerk.get(plan.path)).json()
    for participant in (*seen["participants"], *stands["participants"]):
        participant.pop("allowed_actions")  # of the caller, who is another here
    assert seen["participants"] == stands["participants"]
    taking_part = len(seen["tasks"][0]["departments"])
    assert taking_part == (2 if seen["participants"][0]["status"] == "accepted" else 1)
