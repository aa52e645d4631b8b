"""The same subject under two identifiers: proposed, merged by another, both histories kept (F43)."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role
from tests.support.draw_factories import a_library, a_published_plan, an_opened_draw
from tests.support.library_factories import (
    NEEDED,
    credit_code,
    make_object,
    make_officer,
    object_file,
    upload,
)
from tests.support.world import Caller, World

HOME = {"name": "奈曼旗（示例）超市", "address": "大沁他拉镇 示例街1号"}
SAME = {"name": "奈曼旗(示例)超市", "address": "大沁他拉镇示例街１号"}
OLD = {"kind": "enterprise", "id_scheme": "registration_number", "id_value": "150525600001234"}
WHY = {"reason": "同一主体换发统一社会信用代码"}


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def leader(world: World) -> Caller:
    return await world.caller(Role.DEPT_LEADER)


@pytest.fixture
async def other(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK, "XFJY")


async def proposals(caller: Caller, status: str = "open") -> list[dict[str, Any]]:
    answer = await caller.get(f"object-merge-proposals?status={status}")
    return answer.json()["items"]


async def accept(leader: Caller, survivor: str, number: int = 0) -> Any:
    proposal = (await proposals(leader))[number]
    path = f"object-merge-proposals/{proposal['id']}"
    tag = (await leader.get(path)).headers["etag"]
    return await leader.post(f"{path}/accept", WHY | {"survivor_id": survivor}, etag=tag)


async def a_pair(clerk: Caller) -> tuple[dict[str, Any], dict[str, Any]]:
    """The old row (by registration number) and the new one (by credit code)."""
    old = await make_object(clerk, **OLD, **HOME, tags=["旧"])
    return old, await make_object(clerk, **SAME, tags=["新"])


async def test_the_same_name_and_address_under_another_identifier_is_proposed(clerk: Caller):
    old, new = await a_pair(clerk)
    (proposal,) = await proposals(clerk)
    assert {proposal["first"]["id"], proposal["second"]["id"]} == {old["id"], new["id"]}
    assert proposal["status"] == "open"


@pytest.mark.parametrize(
    "second",
    [
        SAME | {"address": "别处 9 号"},
        SAME | {"name": "另一名称"},
        SAME | {"address": None},
        SAME | {"kind": "individual_business", "id_value": credit_code(prefix="92")},
    ],
)
async def test_what_differs_is_not_proposed(clerk: Caller, second: dict[str, Any]):
    await make_object(clerk, **HOME)
    await make_object(clerk, **second)
    assert await proposals(clerk) == []


async def test_a_new_name_can_make_two_alike(clerk: Caller):
    await make_object(clerk, **HOME)
    second = await make_object(clerk, **SAME | {"name": "另一名称"})
    path = f"inspection-objects/{second['id']}"
    assert (await clerk.patch(path, {"name": SAME["name"]}, etag='"1"')).status_code == 200
    assert len(await proposals(clerk)) == 1


async def test_a_batch_of_events_proposes_too(clerk: Caller):
    await make_object(clerk, **HOME)
    event = {
        "external_id": "1",
        "object_code": credit_code(),
        "kind": "established",
        "effective_on": "2026-01-05",
        "object_kind": "enterprise",
        "facts": SAME | {"area_code": "150525"},
    }
    await clerk.post("object-events/batches", {"source": "AMR", "events": [event]})
    assert len(await proposals(clerk)) == 1


async def test_a_merge_keeps_both_histories_and_points_at_the_survivor(
    clerk: Caller, leader: Caller
):
    old, new = await a_pair(clerk)
    done = await accept(leader, new["id"])
    assert done.status_code == 200, done.text
    assert (done.json()["status"], done.json()["survivor_id"]) == ("accepted", new["id"])
    listed = (await clerk.get("inspection-objects")).json()["items"]
    assert [one["id"] for one in listed] == [new["id"]]
    assert listed[0]["entries"][0]["tags"] == ["新", "旧"]
    for query in (
        f"q={old['code']}",
        "tag=旧&sort=pinyin",
        f"q={old['name'][0]}&sort=created_desc",
    ):
        found = (await clerk.get(f"inspection-objects?{query}&with_total=true")).json()
        assert old["id"] not in [one["id"] for one in found["items"]], query
    sent = await clerk.get("inspection-objects/exports?format=csv")
    assert new["code"] in sent.text
    assert old["code"] not in sent.text
    gone = (await clerk.get(f"inspection-objects/{old['id']}")).json()
    assert (gone["merged_into_id"], gone["merged_into_code"]) == (new["id"], new["code"])
    kept = (await clerk.get(f"inspection-objects/{new['id']}")).json()
    assert kept["merged_objects"] == [{"id": old["id"], "code": old["code"]}]
    events = (await clerk.get(f"inspection-objects/{new['id']}/events")).json()["items"]
    told = sorted((one["kind"], one["object_id"] == old["id"]) for one in events)
    assert told == [
        ("established", False),
        ("established", True),
        ("merged", False),
        ("merged", True),
    ]
    assert await proposals(leader) == []


async def test_what_was_merged_is_not_changed_entered_or_merged_again(
    clerk: Caller, leader: Caller, other: Caller
):
    old, new = await a_pair(clerk)
    await accept(leader, new["id"])
    path = f"inspection-objects/{old['id']}"
    tag = (await clerk.get(path)).headers["etag"]
    for answer in (
        await clerk.patch(path, {"name": "x"}, etag=tag),
        await clerk.post(
            f"{path}/events", {"kind": "cancelled", "effective_on": "2026-03-01"}, etag=tag
        ),
        await other.post("inspection-objects", OLD | {"name": "x", "area_code": "150525"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "object-merged")
        assert answer.json()["facts"]["object_code"] == new["code"]
    assert (await other.patch(path, {"name": "x"}, etag=tag)).status_code == 404
    again = await proposals(leader, "accepted")
    body = WHY | {"survivor_id": old["id"]}
    path = f"object-merge-proposals/{again[0]['id']}"
    tag = (await leader.get(path)).headers["etag"]
    refused = await leader.post(f"{path}/accept", body, etag=tag)
    assert (refused.status_code, refused.json()["code"]) == (409, "merge-proposal-decided")


async def test_events_of_a_register_for_the_old_code_go_to_its_history(
    clerk: Caller, leader: Caller
):
    old, new = await a_pair(clerk)
    await accept(leader, new["id"])
    event = {
        "external_id": "1",
        "object_code": old["code"],
        "kind": "cancelled",
        "effective_on": "2026-03-01",
    }
    sent = await clerk.post("object-events/batches", {"source": "AMR", "events": [event]})
    assert (sent.json()["accepted"], sent.json()["rows"][0]["object_id"]) == (1, old["id"])
    assert (await clerk.get(f"inspection-objects/{new['id']}")).json()["status"] == "active"


async def test_entries_of_every_unit_and_recusals_go_to_the_survivor(
    clerk: Caller, leader: Caller, other: Caller
):
    old, new = await a_pair(clerk)
    joined = await other.post("inspection-objects", OLD | {"name": "x", "area_code": "150525"})
    assert joined.json()["id"] == old["id"]
    officer = await make_officer(clerk)
    declared = await clerk.post(
        f"officers/{officer['id']}/interests",
        {"object_code": old["code"], "ground": "近亲属任职"},
        etag='"1"',
    )
    assert declared.status_code == 201, declared.text
    assert (await accept(leader, new["id"])).status_code == 200
    (seen,) = (await other.get("inspection-objects")).json()["items"]
    assert seen["id"] == new["id"]
    interests = (await clerk.get(f"officers/{officer['id']}")).json()["interests"]
    assert {one["object_code"] for one in interests} == {old["code"], new["code"]}


async def test_what_the_merged_one_answered_for_is_the_survivors_by_an_event(
    clerk: Caller, leader: Caller
):
    old, new = await a_pair(clerk)
    product = await make_object(
        clerk,
        kind="product",
        id_scheme="library_code",
        id_value="CP-M-1",
        responsible_object_code=old["code"],
    )
    assert (await accept(leader, new["id"])).status_code == 200
    seen = (await clerk.get(f"inspection-objects/{product['id']}")).json()
    assert seen["responsible_object_code"] == new["code"]
    kept = (await clerk.get(f"inspection-objects/{new['id']}")).json()
    assert [one["code"] for one in kept["answers_for"]] == ["CP-M-1"]


async def test_whoever_names_the_old_code_means_what_stands_for_it_now(
    clerk: Caller, leader: Caller, other: Caller
):
    """Results are collected, and officers kept away, where the draws find the subject (R07)."""
    old, new = await a_pair(clerk)
    assert (await accept(leader, new["id"])).status_code == 200
    asked = {"kind": "product", "id_scheme": "library_code", "responsible_object_code": old["code"]}
    await make_object(clerk, **asked, id_value="CP-M-2")
    event = {"external_id": "E-1", "object_code": "CP-M-3", "kind": "established"} | {
        "effective_on": "2026-02-01",
        "object_kind": "product",
        "facts": {
            "name": "示例产品",
            "area_code": "150525",
            "responsible_object_code": old["code"],
            "attributes": NEEDED["product"],
        },
    }
    sent = await clerk.post("object-events/batches", {"source": "AMR", "events": [event]})
    assert sent.json()["accepted"] == 1, sent.text
    row = ("CP-M-4", "示例产品四", "产品", "", old["code"])
    done = (await upload(clerk, "inspection-objects/import", object_file(row))).json()
    assert done["created"] == 1, done
    kept = (await clerk.get(f"inspection-objects/{new['id']}")).json()
    assert [one["code"] for one in kept["answers_for"]] == ["CP-M-2", "CP-M-3", "CP-M-4"]
    officer = await make_officer(clerk)
    declared = {"object_code": old["code"], "ground": "亲属"}
    path = f"officers/{officer['id']}/interests"
    assert (await clerk.post(path, declared)).status_code == 201
    interests = (await clerk.get(f"officers/{officer['id']}")).json()["interests"]
    assert [one["object_code"] for one in interests] == [new["code"]]


async def test_a_unit_told_of_a_merged_subject_supervises_what_stands_for_it(
    clerk: Caller, leader: Caller, other: Caller
):
    old, new = await a_pair(clerk)
    assert (await accept(leader, new["id"])).status_code == 200
    event = {
        "external_id": "E-2",
        "object_code": old["code"],
        "kind": "established",
        "effective_on": "2026-02-01",
        "object_kind": "enterprise",
        "facts": {"name": "奈曼旗示例超市", "area_code": "150525"},
    }
    second = event | {"external_id": "E-3", "object_code": new["code"]}
    sent = await other.post("object-events/batches", {"source": "AMR", "events": [event, second]})
    assert (sent.status_code, sent.json()["accepted"]) == (200, 2), sent.text
    listed = (await other.get("inspection-objects")).json()["items"]
    assert [one["id"] for one in listed] == [new["id"]]


async def test_who_entered_the_second_or_is_no_leader_does_not_decide(
    clerk: Caller, leader: Caller, world: World
):
    _, new = await a_pair(clerk)
    (proposal,) = await proposals(clerk)
    path = f"object-merge-proposals/{proposal['id']}"
    tag = (await leader.get(path)).headers["etag"]
    body = WHY | {"survivor_id": new["id"]}
    assert (await clerk.post(f"{path}/accept", body, etag=tag)).status_code == 403
    stranger = await world.caller(Role.DEPT_LEADER, "WJW")
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"{path}/accept", body, etag=tag)).status_code == 404
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    assert (await office.get(path)).status_code == 200
    admin = await world.administrator()
    grant = {"role": "dept_leader", "department_code": "SCJG", "region_code": "150525"}
    await admin.post(f"accounts/{clerk.account_id}/grants", grant)
    refused = await clerk.post(f"{path}/accept", body, etag=tag)
    assert (refused.status_code, refused.json()["code"]) == (403, "maker-is-checker")
    assert (await leader.post(f"{path}/accept", body)).status_code == 428
    wrong = WHY | {"survivor_id": proposal["id"]}
    refused = await leader.post(f"{path}/accept", wrong, etag=tag)
    assert (refused.status_code, refused.json()["code"]) == (422, "merge-survivor-unknown")


async def test_what_was_dismissed_is_not_proposed_again(clerk: Caller, leader: Caller):
    _, new = await a_pair(clerk)
    (proposal,) = await proposals(leader)
    path = f"object-merge-proposals/{proposal['id']}"
    tag = (await leader.get(path)).headers["etag"]
    done = await leader.post(f"{path}/dismiss", {"reason": "两家不同摊位"}, etag=tag)
    assert (done.status_code, done.json()["status"]) == (200, "dismissed")
    change = await clerk.patch(
        f"inspection-objects/{new['id']}", {"name": SAME["name"] + " "}, etag='"1"'
    )
    assert change.status_code == 200
    assert await proposals(leader) == []


async def test_nothing_is_merged_while_an_open_draw_has_it_in_its_pool(
    world: World, leader: Caller
):
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    await an_opened_draw(world, clerk, plan["tasks"][0]["id"])
    (drawn,) = (await clerk.get(f"inspection-objects?q={library.object_codes[0]}")).json()["items"]
    twin = {"name": drawn["name"], "address": drawn["address"] or "示例街 7 号"}
    if drawn["address"] is None:
        await clerk.patch(
            f"inspection-objects/{drawn['id']}", {"address": "示例街 7 号"}, etag='"1"'
        )
    await make_object(clerk, **twin)
    refused = await accept(leader, drawn["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "merge-in-open-draw")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inspection_object SET merged_into_id = id WHERE id = :a",
        "UPDATE inspection_object SET merged_into_id = :b WHERE id = :a",  # still entered
        "UPDATE inspection_object SET merged_into_id = NULL WHERE id = :merged",
        "UPDATE inspection_object SET merged_into_id = :a WHERE id = :survivor",
        "UPDATE inspection_object SET merged_into_id = :merged WHERE id = :free",
        "UPDATE inspection_object SET merged_into_id = :product WHERE id = :free",
        "UPDATE library_entry SET object_id = :merged WHERE object_id = :a",
    ],
)
async def test_the_database_refuses_chains_and_entries_of_what_is_merged(
    clerk: Caller, leader: Caller, connection: AsyncConnection, statement: str
):
    merged, survivor = await a_pair(clerk)
    await accept(leader, survivor["id"])
    a, b, free = [await make_object(clerk) for _ in range(3)]
    product = await make_object(
        clerk,
        kind="product",
        id_scheme="library_code",
        id_value="CP-M-2",
        responsible_object_code=a["code"],
    )
    ids = {"a": a, "b": b, "merged": merged, "survivor": survivor, "free": free, "product": product}
    await connection.execute(
        text("DELETE FROM library_entry WHERE object_id = CAST(:free AS uuid)"),
        {"free": free["id"]},
    )
    wanted = {name: UUID(one["id"]) for name, one in ids.items() if f":{name}" in statement}
    with pytest.raises(IntegrityError):
        async with connection.begin_nested():
            await connection.execute(text(statement), wanted)
