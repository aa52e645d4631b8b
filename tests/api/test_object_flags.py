"""A drawn object that is cancelled: flagged, with the substitute the draw names (F06, DRAW s.3)."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role
from app.jobs.draw_rounds import finish_due_draws
from tests.support.clocks import FrozenClock
from tests.support.draw_factories import a_library, a_published_plan, an_opened_draw
from tests.support.inspection_cast import a_cast
from tests.support.inspection_factories import a_drawn_task
from tests.support.world import Caller, World

REASON = {"reason": "停业登记有误,已到现场核实"}


@pytest.fixture
async def drawn(world: World, clock: FrozenClock) -> tuple[Caller, dict[str, Any]]:
    """A clerk and a locked draw of 40 objects with winners and reserve."""
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    ceremony = await an_opened_draw(world, clerk, plan["tasks"][0]["id"])
    clock.forward(hours=3)
    await finish_due_draws(world.runtime)
    draw = (await clerk.get(f"draws/{ceremony.draw['id']}")).json()
    assert draw["status"] == "locked"
    return clerk, draw


def ranks(draw: dict[str, Any], stratum: str, *, reserve: bool) -> list[str]:
    chosen = [one for one in draw["selections"] if one["stratum"] == stratum]
    return [one["object_code"] for one in chosen if one["reserve"] is reserve]


async def record(clerk: Caller, code: str, kind: str, on: str = "2026-03-01") -> Any:
    (found,) = (await clerk.get(f"inspection-objects?q={code}")).json()["items"]
    path = f"inspection-objects/{found['id']}"
    tag = (await clerk.get(path)).headers["etag"]
    done = await clerk.post(f"{path}/events", {"kind": kind, "effective_on": on}, etag=tag)
    assert done.status_code == 201, done.text
    return done


async def flags(caller: Caller, query: str = "status=open") -> list[dict[str, Any]]:
    return (await caller.get(f"object-flags?{query}")).json()["items"]


def _stratum(draw: dict[str, Any], winners: int = 1) -> str:
    for one in draw["selections"]:
        found = one["stratum"]
        if (
            len(ranks(draw, found, reserve=False)) >= winners
            and len(ranks(draw, found, reserve=True)) >= winners
        ):
            return found
    raise AssertionError("no stratum with reserve")


async def test_a_cancelled_winner_is_flagged_with_the_next_rank_of_its_stratum(
    drawn: tuple[Caller, dict[str, Any]],
):
    clerk, draw = drawn
    stratum = _stratum(draw)
    winner = ranks(draw, stratum, reserve=False)[0]
    await record(clerk, winner, "cancelled")
    (flag,) = await flags(clerk)
    assert (flag["object_code"], flag["draw_id"]) == (winner, draw["id"])
    assert flag["replacement"] == ranks(draw, stratum, reserve=True)[0]
    assert (flag["event_kind"], flag["object_status"]) == ("cancelled", "cancelled")
    shown = (await clerk.get(f"draws/{draw['id']}")).json()["object_flags"]
    assert [(one["object_code"], one["replacement"]) for one in shown] == [
        (winner, flag["replacement"])
    ]
    (inspection,) = (await clerk.get(f"inspections?object_code={winner}")).json()["items"]
    seen = (await clerk.get(f"inspections/{inspection['id']}")).json()
    assert [(one["id"], one["status"]) for one in seen["object_flags"]] == [(flag["id"], "open")]


async def test_two_flags_of_a_stratum_are_given_two_substitutes(
    drawn: tuple[Caller, dict[str, Any]],
):
    clerk, draw = drawn
    for stratum in {one["stratum"] for one in draw["selections"]}:
        winners = ranks(draw, stratum, reserve=False)
        reserve = ranks(draw, stratum, reserve=True)
        for winner in winners:
            await record(clerk, winner, "revoked")
        mine = [one for one in await flags(clerk) if one["stratum"] == stratum]
        told = {one["object_code"]: one["replacement"] for one in mine}
        wanted = [*reserve, *[None] * len(winners)][: len(winners)]
        assert [told[winner] for winner in winners] == wanted


async def test_the_reserve_and_what_was_not_drawn_are_not_flagged(
    drawn: tuple[Caller, dict[str, Any]],
):
    clerk, draw = drawn
    await record(clerk, ranks(draw, _stratum(draw), reserve=True)[0], "cancelled")
    assert await flags(clerk) == []


async def test_a_resumption_closes_the_flag(drawn: tuple[Caller, dict[str, Any]]):
    clerk, draw = drawn
    winner = ranks(draw, _stratum(draw), reserve=False)[0]
    await record(clerk, winner, "suspended")
    await record(clerk, winner, "resumed", "2026-03-02")
    assert await flags(clerk) == []
    (flag,) = await flags(clerk, "status=resolved")
    assert (flag["replacement"], flag["close_reason"]) == (None, "检查对象已恢复")
    await record(clerk, winner, "cancelled", "2026-03-02")
    assert len(await flags(clerk)) == 1


async def test_a_leader_of_the_drawing_unit_dismisses_with_a_reason(
    drawn: tuple[Caller, dict[str, Any]], world: World
):
    clerk, draw = drawn
    await record(clerk, ranks(draw, _stratum(draw), reserve=False)[0], "suspended")
    (flag,) = await flags(clerk)
    path = f"object-flags/{flag['id']}"
    read = await clerk.get(path)
    tag = read.headers["etag"]
    assert (await clerk.post(f"{path}/dismiss", REASON, etag=tag)).status_code == 403
    leader = await world.caller(Role.DEPT_LEADER)
    stranger = await world.caller(Role.DEPT_LEADER, "WJW")
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"{path}/dismiss", REASON, etag=tag)).status_code == 404
    assert (await leader.post(f"{path}/dismiss", {}, etag=tag)).status_code == 422
    assert (await leader.post(f"{path}/dismiss", REASON)).status_code == 428
    done = await leader.post(f"{path}/dismiss", REASON, etag=tag)
    assert (done.status_code, done.json()["status"]) == (200, "dismissed")
    again = await leader.post(f"{path}/dismiss", REASON, etag=done.headers["etag"])
    assert (again.status_code, again.json()["code"]) == (409, "object-flag-closed")
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    assert len(await flags(office, "status=dismissed")) == 1


async def test_a_batch_flags_what_was_drawn(drawn: tuple[Caller, dict[str, Any]]):
    clerk, draw = drawn
    winner = ranks(draw, _stratum(draw), reserve=False)[0]
    event = {
        "external_id": "1",
        "object_code": winner,
        "kind": "cancelled",
        "effective_on": "2026-03-01",
    }
    sent = await clerk.post("object-events/batches", {"source": "AMR", "events": [event]})
    assert sent.json()["accepted"] == 1
    assert [one["object_code"] for one in await flags(clerk)] == [winner]


async def test_what_ceased_between_freeze_and_lock_is_flagged_by_the_lock(
    world: World, clock: FrozenClock
):
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    await an_opened_draw(world, clerk, plan["tasks"][0]["id"])
    for code in library.object_codes:
        await record(clerk, code, "cancelled")
    assert await flags(clerk) == []
    clock.forward(hours=3)
    await finish_due_draws(world.runtime)
    sheets = (await clerk.get("inspection-sheets?limit=100")).json()["items"]
    flagged = await flags(clerk, "limit=100")
    assert {one["sheet_id"] for one in flagged} == {one["id"] for one in sheets} != set()


async def test_what_is_not_inspected_any_more_is_not_flagged(
    drawn: tuple[Caller, dict[str, Any]], connection: AsyncConnection
):
    clerk, draw = drawn
    await connection.execute(text("UPDATE inspection SET status = 'void'"))
    await record(clerk, ranks(draw, _stratum(draw), reserve=False)[0], "cancelled")
    assert await flags(clerk) == []


async def test_the_end_of_an_inspection_dates_its_object(world: World, connection: AsyncConnection):
    maker = await world.account(Role.DEPT_CLERK, "SCJG")
    task = await a_drawn_task(world.runtime, maker[1])
    cast = await a_cast(world, task)
    await cast.up_to("record")
    await connection.execute(
        text(
            "INSERT INTO library_entry"
            " (id, department_id, object_id, tags, special_libraries, created_at)"
            " SELECT gen_random_uuid(), d.id, o.id, '{}', '{}', now() FROM department d,"
            " inspection_object o WHERE d.code = 'SCJG' AND d.region_code = '150525'"
            " AND o.code = :code"
        ),
        {"code": task.sheets[0].object_code},
    )
    (made,) = (await cast.clerk.get("inspection-objects")).json()["items"]
    assert made["last_inspected_on"] is None
    path = f"inspection-objects/{made['id']}"
    tag = (await cast.clerk.get(path)).headers["etag"]
    assert (await cast.take("end")).status_code == 200
    seen = await cast.clerk.get(path)
    assert seen.json()["last_inspected_on"] == "2026-03-02"
    assert seen.headers["etag"] != tag


async def test_a_flag_is_open_or_closed_and_dismissed_by_somebody(
    drawn: tuple[Caller, dict[str, Any]], connection: AsyncConnection
):
    clerk, draw = drawn
    await record(clerk, ranks(draw, _stratum(draw), reserve=False)[0], "cancelled")
    for change in (
        "status = 'dismissed'",
        "closed_at = now()",
        "status = 'dismissed', closed_at = now()",
    ):
        with pytest.raises(IntegrityError):
            async with connection.begin_nested():
                await connection.execute(text(f"UPDATE object_flag SET {change}"))
