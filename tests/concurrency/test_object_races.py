"""Two at once on the same objects: one establishment, one merge, no event that waits for ever."""

import asyncio

import pytest

from app.domain.actor import Role
from tests.support.library_factories import credit_code, make_object, object_body
from tests.support.world import World

pytestmark = pytest.mark.committed
TWIN = {"name": "奈曼旗示例双份超市", "address": "示例街 77 号"}


def _told(code: str, kind: str, **more) -> dict:
    event = {"external_id": f"{code}-{kind}", "object_code": code, "kind": kind}
    return event | {"effective_on": "2026-02-20"} | more


def _batch(*events: dict) -> dict:
    return {"source": "AMR", "events": list(events)}


async def test_two_units_that_establish_one_subject_at_once_share_it(committed_world: World):
    clerks = [await committed_world.caller(Role.DEPT_CLERK, one) for one in ("SCJG", "XFJY")]
    code = credit_code()
    facts = {"name": "示例", "area_code": "150525"}
    events = [
        _told(code, "established", object_kind="enterprise", facts=facts) | {"external_id": one}
        for one in ("a", "b")
    ]
    answers = await asyncio.gather(
        *(
            clerk.post("object-events/batches", _batch(event))
            for clerk, event in zip(clerks, events, strict=True)
        )
    )
    assert [one.json()["accepted"] for one in answers] == [1, 1]
    assert len({one.json()["rows"][0]["object_id"] for one in answers}) == 1


async def test_who_enters_a_subject_that_another_units_batch_establishes_joins_it(
    committed_world: World,
):
    """Neither is told that its own library had the object: whoever comes second joins."""
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    other = await committed_world.caller(Role.DEPT_CLERK, "XFJY")
    facts = {"name": "示例", "area_code": "150525"}
    for _ in range(5):
        code = credit_code()
        event = _told(code, "established", object_kind="enterprise", facts=facts)
        made, sent = await asyncio.gather(
            clerk.post("inspection-objects", object_body(id_value=code)),
            other.post("object-events/batches", _batch(event)),
        )
        assert made.status_code == 201, made.text
        assert sent.json()["accepted"] == 1, sent.text
        assert sent.json()["rows"][0]["object_id"] == made.json()["id"]


async def test_an_event_that_races_its_object_is_recorded(committed_world: World):
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    for _ in range(5):
        code = credit_code()
        made, sent = await asyncio.gather(
            clerk.post("inspection-objects", object_body(id_value=code)),
            clerk.post("object-events/batches", _batch(_told(code, "suspended"))),
        )
        assert (made.status_code, sent.status_code) == (201, 200)
        seen = (await clerk.get(f"inspection-objects/{made.json()['id']}")).json()
        assert seen["status"] == "suspended"


async def test_of_two_leaders_who_merge_a_pair_at_once_one_is_refused(committed_world: World):
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    other = await committed_world.caller(Role.DEPT_CLERK, "XFJY")
    first, second = await make_object(clerk, **TWIN), await make_object(other, **TWIN)
    leaders = [await committed_world.caller(Role.DEPT_LEADER, one) for one in ("SCJG", "XFJY")]
    (proposal,) = (await leaders[0].get("object-merge-proposals")).json()["items"]
    path = f"object-merge-proposals/{proposal['id']}/accept"
    answers = await asyncio.gather(
        *(
            leader.post(path, {"survivor_id": one["id"], "reason": "同一主体"}, etag='"1"')
            for leader, one in zip(leaders, (first, second), strict=True)
        )
    )
    assert sorted(one.status_code for one in answers) == [200, 409]
    (refused,) = [one.json()["code"] for one in answers if one.status_code == 409]
    assert refused == "merge-proposal-decided"
    seen = [(await caller.get("inspection-objects")).json()["items"] for caller in (clerk, other)]
    assert len(seen[0]) == len(seen[1]) == 1
    assert seen[0][0]["id"] == seen[1][0]["id"]
