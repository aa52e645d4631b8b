"""Items and officers move between departments with their history (职能职责整合)."""

import dataclasses
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role
from tests.support.clocks import FrozenClock
from tests.support.draw_factories import a_library, a_published_plan
from tests.support.library_factories import (
    item_body,
    make_item,
    make_object,
    make_officer,
    object_body,
    publish_checklist,
)
from tests.support.transfer_factories import a_proposed_transfer, transfer_body
from tests.support.world import PASSWORD, REGION, Caller, World


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def giver(world: World) -> Caller:
    return await world.caller(Role.DEPT_LEADER)


@pytest.fixture
async def receiver(world: World) -> Caller:
    return await world.caller(Role.DEPT_LEADER, "XFJY")


async def test_what_is_accepted_moves_with_its_history(
    clerk: Caller, giver: Caller, receiver: Caller, world: World
):
    item = await make_item(clerk, supervision_code="01234567890123", ratio_max_per_10000=500)
    stays = await make_item(clerk)
    officer = await make_officer(clerk)
    version = await publish_checklist(giver)
    made = await giver.post("duty-transfers", transfer_body([item], [officer]))
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    assert made.json()["transfer_no"] == "150525-DT-2026-001"
    assert made.json()["status"] == "proposed"
    assert officer["name"] not in made.text
    done = await receiver.post(f"{path}/accept", {}, etag='"1"')
    assert done.status_code == 200, done.text
    moved = done.json()["moving_items"][0]
    assert (moved["status"], moved["new_code"]) == ("retired", "C0001")
    new = (await receiver.get(f"checklist-items/{moved['new_item_id']}")).json()
    assert (new["status"], new["moved_from_id"]) == ("draft", item["id"])
    assert (new["department_code"], new["code"]) == ("XFJY", "C0001")
    same = set(item) - {
        *("id", "status", "department_code", "moved_from_id", "allowed_actions", "plannable"),
        *("created_at", "updated_at", "code"),
    }
    assert {name: new[name] for name in same} == {name: item[name] for name in same}
    # What was published stays, and the next version says where the item went.
    kept = (await clerk.get(f"checklist-versions/{version['id']}")).json()
    assert item["id"] in [one["item_id"] for one in kept["items"]]
    gone = (await clerk.get("checklist-draft/difference")).json()["removed"]
    assert [(one["item_id"], one["moved_to_department_code"]) for one in gone] == [
        (item["id"], "XFJY")
    ]
    old = (await clerk.get(f"checklist-items/{item['id']}")).json()
    assert [no["code"] for no in old["plannable"]["refusals"]] == ["item-moved"]
    assert (await clerk.get(f"checklist-items/{stays['id']}")).json()["status"] == "published"
    # The officer serves there now, and did here.
    assert (await clerk.get(f"officers/{officer['id']}")).status_code == 404
    there = (await receiver.get(f"officers/{officer['id']}")).json()
    assert (there["code"], there["department_code"]) == (officer["code"], "XFJY")
    postings = (await receiver.get(f"officers/{officer['id']}/postings")).json()["postings"]
    assert [(p["department_code"], p["serves_from"], p["serves_to"]) for p in postings] == [
        ("XFJY", "2026-03-01", None),
        ("SCJG", "2026-02-28", "2026-02-28"),
    ]
    assert [p["transfer_no"] for p in postings] == ["150525-DT-2026-001", None]


async def test_both_departments_find_each_step_in_their_own_trace(world: World, receiver: Caller):
    leader, transfer = await a_proposed_transfer(world)
    path = f"duty-transfers/{transfer['id']}"
    assert (await receiver.post(f"{path}/accept", {}, etag='"1"')).status_code == 200
    query = f"audit-entries?subject_kind=duty_transfer&subject_id={transfer['id']}"
    for caller, chain in ((leader, "150525/SCJG"), (receiver, "150525/XFJY")):
        entries = (await caller.get(query)).json()["items"]
        assert [(one["chain"], one["action"], one["department"]) for one in entries] == [
            (chain, "duty_transfer.proposed", "SCJG"),
            (chain, "duty_transfer.accepted", "XFJY"),
        ]


async def test_objects_with_the_tags_of_the_offer_are_entered_and_stay_where_they_were(
    clerk: Caller, giver: Caller, receiver: Caller, world: World
):
    other = await world.caller(Role.DEPT_CLERK, "XFJY")
    item = await make_item(clerk)
    new = await make_object(clerk, tags=["烟花爆竹", "重点"], special_libraries=["爆竹库"])
    both = await make_object(clerk, tags=["烟花爆竹"])
    joined = object_body(id_value=both["code"], tags=["消防重点"])
    assert (await other.post("inspection-objects", joined)).status_code == 201
    stays = await make_object(clerk, tags=["食品销售"])
    unknown = await giver.post(
        "duty-transfers", transfer_body([item], object_tags=["烟花爆竹", "没有的标签"])
    )
    assert [(e["pointer"], e["code"]) for e in unknown.json()["errors"]] == [
        ("/object_tags/1", "tag-without-object")
    ]
    made = await giver.post("duty-transfers", transfer_body([item], object_tags=["烟花爆竹"]))
    assert (made.status_code, made.json()["objects_entered"]) == (201, None), made.text
    assert (await other.get(f"inspection-objects/{new['id']}")).status_code == 404
    done = await receiver.post(f"{made.headers['location']}/accept", {}, etag='"1"')
    assert (done.status_code, done.json()["objects_entered"]) == (200, 1), done.text
    there = (await other.get(f"inspection-objects/{new['id']}")).json()["entries"]
    assert there == [
        {
            "department_code": "XFJY",
            "tags": ["烟花爆竹", "重点"],
            "special_libraries": ["爆竹库"],
            "transfer_id": made.json()["id"],
        }
    ]
    kept = (await other.get(f"inspection-objects/{both['id']}")).json()["entries"]
    assert [(e["tags"], e["transfer_id"]) for e in kept] == [(["消防重点", "烟花爆竹"], None)]
    assert (await other.get(f"inspection-objects/{stays['id']}")).status_code == 404
    for own in (new, both, stays):
        entries = (await clerk.get(f"inspection-objects/{own['id']}")).json()["entries"]
        assert [(e["tags"], e["transfer_id"]) for e in entries] == [
            (own["entries"][0]["tags"], None)
        ]
    found = (await other.get("inspection-objects?tag=烟花爆竹")).json()["items"]
    assert {one["id"] for one in found} == {new["id"], both["id"]}


async def test_a_plan_says_that_its_item_has_moved_and_where_to(world: World, receiver: Caller):
    library = await a_library(world.runtime)
    clerk = await world.caller(Role.DEPT_CLERK)
    leader = await world.caller(Role.DEPT_LEADER)
    plan = await clerk.post("plans", {"year": 2026, "name": "年度计划"})
    plan_id, etag = plan.json()["id"], plan.headers["ETag"]
    task = {
        "name": "任务",
        "item_ids": [str(library.item_ids[0])],
        "quota_rule": {"method": "ratio", "per_10000": {"A": 100}},
        "period_from": "2026-03-01",
        "period_to": "2026-06-30",
        "methods": ["onsite"],
    }
    made = await clerk.post(f"plans/{plan_id}/tasks", task, etag=etag)
    assert made.status_code == 201, made.text
    item = {"id": str(library.item_ids[0])}
    offered = await leader.post("duty-transfers", transfer_body([item]))
    done = await receiver.post(f"{offered.headers['location']}/accept", {}, etag='"1"')
    assert done.status_code == 200, done.text
    refused = await clerk.post(f"plans/{plan_id}/submit", etag=made.headers["ETag"])
    assert (refused.status_code, refused.json()["code"]) == (409, "item-moved")
    assert refused.json()["facts"]["item_code"] == "C0001"
    assert "消防" in refused.json()["facts"]["department"]


async def test_who_was_never_moved_has_one_posting(clerk: Caller, world: World):
    officer = await make_officer(clerk)
    path = f"officers/{officer['id']}/postings"
    assert (await clerk.get(path)).json()["postings"] == [
        {
            "department_code": "SCJG",
            "department_name": "奈曼旗市场监督管理局",
            "business_line_code": None,
            "serves_from": "2026-03-02",
            "serves_to": None,
            "transfer_no": None,
        }
    ]
    stranger = await world.caller(Role.DEPT_CLERK, "WJW")
    assert (await stranger.get(path)).status_code == 404


async def test_an_officer_who_moves_on_has_three_postings_and_none_overlap(
    clerk: Caller, giver: Caller, receiver: Caller, world: World, clock: FrozenClock
):
    officer = await make_officer(clerk)
    first = await giver.post("duty-transfers", transfer_body([], [officer]))
    await receiver.post(f"{first.headers['location']}/accept", {}, etag='"1"')
    third = await world.caller(Role.DEPT_LEADER, "WJW")
    too_early = await receiver.post(
        "duty-transfers", transfer_body([], [officer], to_department_code="WJW")
    )
    refused = await third.post(f"{too_early.headers['location']}/accept", {}, etag='"1"')
    assert (refused.status_code, refused.json()["code"]) == (409, "officer-posted-later")
    await receiver.post(
        f"{too_early.headers['location']}/withdraw", {"reason": "日期有误"}, etag='"1"'
    )
    again = await receiver.post(
        "duty-transfers",
        transfer_body([], [officer], to_department_code="WJW", effective_on="2026-03-02"),
    )
    done = await third.post(f"{again.headers['location']}/accept", {}, etag='"1"')
    assert done.status_code == 200, done.text
    postings = (await third.get(f"officers/{officer['id']}/postings")).json()["postings"]
    assert [(p["department_code"], p["serves_from"], p["serves_to"]) for p in postings] == [
        ("WJW", "2026-03-02", None),
        ("XFJY", "2026-03-01", "2026-03-01"),
        ("SCJG", "2026-02-28", "2026-02-28"),
    ]


async def test_only_the_two_departments_and_the_office_read_it(
    world: World, receiver: Caller, clerk: Caller
):
    leader, transfer = await a_proposed_transfer(world)
    path = f"duty-transfers/{transfer['id']}"
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    for reader in (leader, clerk, receiver, office):
        assert (await reader.get(path)).status_code == 200
        listed = (await reader.get("duty-transfers?status=proposed")).json()["items"]
        assert [one["id"] for one in listed] == [transfer["id"]]
    stranger = await world.caller(Role.DEPT_LEADER, "WJW")
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.get("duty-transfers")).json()["items"] == []
    for verb in ("accept", "decline", "withdraw"):
        body = {} if verb == "accept" else {"reason": "x"}
        assert (await stranger.post(f"{path}/{verb}", body, etag='"1"')).status_code == 404
        assert (await office.post(f"{path}/{verb}", body, etag='"1"')).status_code == 403
        assert (await clerk.post(f"{path}/{verb}", body, etag='"1"')).status_code == 403


async def test_each_side_does_its_own_part(world: World, receiver: Caller):
    leader, transfer = await a_proposed_transfer(world)
    path = f"duty-transfers/{transfer['id']}"
    for caller, verb in ((leader, "accept"), (leader, "decline"), (receiver, "withdraw")):
        body = {} if verb == "accept" else {"reason": "x"}
        refused = await caller.post(f"{path}/{verb}", body, etag='"1"')
        assert (refused.status_code, refused.json()["code"]) == (403, "transfer-of-the-other-unit")
    assert (await receiver.post(f"{path}/accept", {})).status_code == 428
    declined = await receiver.post(f"{path}/decline", {"reason": "编制未落实"}, etag='"1"')
    assert (declined.json()["status"], declined.json()["answer_reason"]) == (
        "declined",
        "编制未落实",
    )
    stale = await receiver.post(f"{path}/accept", {}, etag='"1"')
    assert stale.status_code == 412
    again = await receiver.post(f"{path}/accept", {}, etag=declined.headers["etag"])
    assert (again.status_code, again.json()["code"]) == (409, "transfer-answered")
    officer_id = transfer["moving_officers"][0]["officer_id"]
    assert (await receiver.get(f"officers/{officer_id}")).status_code == 404


async def test_who_proposed_does_not_accept_for_the_other_side(world: World, receiver: Caller):
    """A leader of both departments is one person (maker is not checker)."""
    leader, transfer = await a_proposed_transfer(world)
    admin = await world.administrator()
    grant = {"role": "dept_leader", "department_code": "XFJY", "region_code": REGION}
    made = await admin.post(f"accounts/{leader.account_id}/grants", grant)
    assert made.status_code == 201, made.text
    signed_in = await leader.client.post(
        "/api/v1/auth/login",
        json={"username": leader.username, "password": PASSWORD, "department_code": "XFJY"},
    )
    there = dataclasses.replace(leader, token=signed_in.json()["access_token"])
    refused = await there.post(f"duty-transfers/{transfer['id']}/accept", {}, etag='"1"')
    assert (refused.status_code, refused.json()["code"]) == (403, "maker-is-checker")


async def test_a_transfer_is_accepted_from_its_day_on(
    world: World, receiver: Caller, clock: FrozenClock
):
    _, transfer = await a_proposed_transfer(world, effective_on="2026-03-03")
    path = f"duty-transfers/{transfer['id']}/accept"
    early = await receiver.post(path, {}, etag='"1"')
    assert (early.status_code, early.json()["code"]) == (409, "transfer-not-yet-effective")
    clock.forward(days=1)
    again = await world.caller(Role.DEPT_LEADER, "XFJY")
    assert (await again.post(path, {}, etag='"1"')).status_code == 200


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"to_department_code": "SCJG"}, "/to_department_code", "receiver-unknown"),
        ({"to_department_code": "NOSUCH"}, "/to_department_code", "receiver-unknown"),
        ({"to_department_code": "LDXZ"}, "/to_department_code", "receiver-unknown"),
    ],
)
async def test_the_receiver_is_another_inspecting_unit(
    clerk: Caller, giver: Caller, change: dict[str, Any], pointer: str, code: str
):
    item = await make_item(clerk)
    refused = await giver.post("duty-transfers", transfer_body([item], **change))
    assert (refused.status_code, refused.json()["code"]) == (422, "transfer-invalid")
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, code)]


async def test_what_is_not_the_givers_or_moves_already_is_named(
    clerk: Caller, giver: Caller, world: World
):
    nothing = await giver.post("duty-transfers", transfer_body([]))
    assert (nothing.status_code, nothing.json()["code"]) == (422, "transfer-empty")
    foreign = await make_item(await world.caller(Role.DEPT_CLERK, "WJW"))
    stranger = await make_officer(await world.caller(Role.DEPT_CLERK, "WJW"))
    retired, moving = await make_item(clerk), await make_item(clerk)
    await clerk.post(f"checklist-items/{retired['id']}/retire", {"reason": "废止"}, etag='"1"')
    assert (await giver.post("duty-transfers", transfer_body([moving]))).status_code == 201
    refused = await giver.post(
        "duty-transfers", transfer_body([foreign, retired, moving], [stranger])
    )
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/item_ids/0", "item-not-ours"),
        ("/item_ids/1", "item-not-ours"),
        ("/item_ids/2", "already-moving"),
        ("/officer_ids/0", "officer-not-ours"),
    ]


async def test_an_item_that_awaits_its_draw_does_not_leave(world: World, receiver: Caller):
    library = await a_library(world.runtime)
    leader = await world.caller(Role.DEPT_LEADER)
    item = {"id": str(library.item_ids[0])}
    early = await leader.post("duty-transfers", transfer_body([item]))
    assert early.status_code == 201
    _, plan = await a_published_plan(world, library)
    told = (await receiver.get(early.headers["location"])).json()["allowed_actions"]
    assert [a["refusal"]["code"] for a in told if a["action"] == "accept_duty_transfer"] == [
        "transfer-items-planned"
    ]
    refused = await receiver.post(f"{early.headers['location']}/accept", {}, etag='"1"')
    assert (refused.status_code, refused.json()["code"]) == (409, "transfer-items-planned")
    assert refused.json()["facts"] == {"items": "C0001"}
    await leader.post(f"{early.headers['location']}/withdraw", {"reason": "等抽取"}, etag='"1"')
    again = await leader.post("duty-transfers", transfer_body([item]))
    assert (again.status_code, again.json()["code"]) == (409, "transfer-items-planned")
    read = await leader.get(f"plans/{plan['id']}")
    await leader.post(
        f"plans/{plan['id']}/cancel", {"reason": "职能划转"}, etag=read.headers["etag"]
    )
    freed = await leader.post("duty-transfers", transfer_body([item]))
    assert freed.status_code == 201, freed.text


async def test_what_changed_since_the_proposal_is_named(world: World, receiver: Caller):
    _, transfer = await a_proposed_transfer(world)
    clerk = await world.caller(Role.DEPT_CLERK)
    item = transfer["moving_items"][0]
    retired = await clerk.post(
        f"checklist-items/{item['item_id']}/retire", {"reason": "废止"}, etag='"1"'
    )
    assert retired.status_code == 200
    path = f"duty-transfers/{transfer['id']}/accept"
    refused = await receiver.post(path, {}, etag='"1"')
    assert (refused.status_code, refused.json()["code"]) == (409, "transfer-outdated")
    assert refused.json()["facts"] == {"codes": item["code"]}


async def test_an_item_that_the_receiver_has_already_is_named(
    clerk: Caller, giver: Caller, receiver: Caller, world: World
):
    body = item_body()
    item = await make_item(clerk, **body)
    await make_item(await world.caller(Role.DEPT_CLERK, "XFJY"), **body)
    made = await giver.post("duty-transfers", transfer_body([item]))
    refused = await receiver.post(f"{made.headers['location']}/accept", {}, etag='"1"')
    assert (refused.status_code, refused.json()["code"]) == (409, "transfer-items-doubled")


async def test_the_receiver_may_say_which_line_takes_over(world: World, receiver: Caller):
    _, transfer = await a_proposed_transfer(world)
    lines = (await receiver.get("departments/150525/XFJY")).json()["business_lines"]
    path = f"duty-transfers/{transfer['id']}/accept"
    unknown = await receiver.post(path, {"business_line_code": "NOSUCH"}, etag='"1"')
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown-business-line")
    code = lines[0]["code"] if lines else None
    done = await receiver.post(path, {"business_line_code": code}, etag='"1"')
    assert done.status_code == 200, done.text
    item = await receiver.get(f"checklist-items/{done.json()['moving_items'][0]['new_item_id']}")
    assert item.json()["business_line_code"] == code


@pytest.mark.parametrize(
    "change",
    [
        "status = 'accepted', answered_by = proposed_by, answered_at = now()",
        "status = 'declined', answered_at = now(), answered_by = proposed_by",
        "status = 'accepted'",
        "objects_entered = 1",
        "to_department_id = from_department_id",
    ],
)
async def test_the_table_refuses_what_the_rule_refuses(
    world: World, connection: AsyncConnection, change: str
):
    _, transfer = await a_proposed_transfer(world)
    with pytest.raises(IntegrityError):
        async with connection.begin_nested():
            await connection.execute(
                text(f"UPDATE duty_transfer SET {change} WHERE id = :id"), {"id": transfer["id"]}
            )


async def test_what_a_transfer_names_is_never_changed(world: World, connection: AsyncConnection):
    await a_proposed_transfer(world)
    for table in ("duty_transfer_item", "duty_transfer_officer"):
        with pytest.raises(DBAPIError):
            async with connection.begin_nested():
                await connection.execute(text(f"DELETE FROM {table}"))


async def test_an_officer_is_in_one_department_at_a_time(
    world: World, receiver: Caller, connection: AsyncConnection
):
    _, transfer = await a_proposed_transfer(world)
    await receiver.post(f"duty-transfers/{transfer['id']}/accept", {}, etag='"1"')
    twice = text(
        "INSERT INTO officer_posting (id, officer_id, department_id, serves_from)"
        " SELECT gen_random_uuid(), officer_id, department_id, serves_from + 1"
        " FROM officer_posting WHERE serves_to IS NULL"
    )
    with pytest.raises(IntegrityError, match="uq_officer_posting_current"):
        async with connection.begin_nested():
            await connection.execute(twice)
