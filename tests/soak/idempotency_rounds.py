"""50 retries at once and 50 one after another, while services are killed: one effect, one answer."""

import asyncio
import datetime as dt
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
from uuid_utils.compat import uuid7

from app.domain.actor import Role
from app.domain.draw import contribution_commit
from tests.soak.fleet import Fleet, Roaming, say
from tests.support.draw_factories import a_library, a_value
from tests.support.library_factories import object_body
from tests.support.operations import count, objects
from tests.support.world import Caller, World

PARALLEL = int(os.environ.get("SOAK_PARALLEL", "50"))
SERIAL = int(os.environ.get("SOAK_SERIAL", "50"))
WHILES = (0.03, 0.1, 0.6)
"""Seconds within which a kill comes: soon, so that it hits the first of the requests."""
Send = Callable[[str], Awaitable[httpx.Response]]


@dataclass
class Storm:
    """A request that is sent a hundred times with one key, and what one effect of it is."""

    name: str
    send: Send
    effects: dict[str, int]
    """Tables (with conditions), and how many rows more there must be."""


async def play(fleet: Fleet, client: Roaming, storm: Storm) -> httpx.Response:
    """The one answer; raises unless there is one, and one effect."""
    key, began, kills, retries = (
        f"soak-{uuid7()}",
        time.monotonic(),
        fleet.kills,
        client.retries.copy(),
    )
    before = {what: await count(fleet.runtime, what) for what in storm.effects}
    early = 0

    async def look() -> None:
        """After a kill there is nothing of it, or all."""
        nonlocal early
        found = {what: await count(fleet.runtime, what) - before[what] for what in storm.effects}
        early += not any(found.values())
        # Counted by several statements: what is committed between them is all there at the end.
        assert all(found[what] in {0, storm.effects[what]} for what in found), found

    answers = await _while_killed(
        fleet, asyncio.gather(*(storm.send(key) for _ in range(PARALLEL))), 2, look
    )
    answers += await _while_killed(fleet, _one_by_one(storm, key), 1, look)
    seen = {(answer.status_code, answer.content) for answer in answers}
    more = {what: await count(fleet.runtime, what) - before[what] for what in storm.effects}
    fresh = sum("idempotency-replayed" not in answer.headers for answer in answers)
    say(
        f"idempotency {storm.name:<22} {len(answers)} answers, {fresh} first,"
        f" sent again {dict(client.retries - retries)}, {fleet.kills - kills} kills ({early} before the effect),"
        f" status {sorted({status for status, _ in seen})}, different answers {len(seen)},"
        f" effects {sum(more.values())}/{sum(storm.effects.values())},"
        f" {time.monotonic() - began:.1f} s"
    )
    assert len(seen) == 1, [answer.text[:300] for answer in answers[:3]]
    assert answers[0].status_code < 300, answers[0].text
    assert more == storm.effects
    assert fresh <= 1, "it was done twice"
    return answers[0]


async def _one_by_one(storm: Storm, key: str) -> list[httpx.Response]:
    return [await storm.send(key) for _ in range(SERIAL)]


async def _while_killed(
    fleet: Fleet, sending: Awaitable[Any], kills: int, look: Callable[[], Awaitable[None]]
) -> list[Any]:
    killer = asyncio.create_task(fleet.harass(fleet.services, kills, *WHILES, after=look))
    answers = list(await sending)
    await killer
    return answers


async def rounds(fleet: Fleet, world: World, number: int) -> int:
    """So many lives of a plan, from its draft to the opening of its draw; returns the storms."""
    storms = 0
    for _ in range(number):
        storms += await _life(fleet, world)
    return storms


def _audited(action: str) -> str:
    return f"audit_entry WHERE action = '{action}'"


def _post(caller: Caller, path: str, body: Any = None, etag: str | None = None) -> Send:
    return lambda key: caller.post(path, body, key=key, etag=etag)


def _file(caller: Caller, data: bytes, headers: dict[str, str]) -> Send:
    def send(key: str) -> Awaitable[httpx.Response]:
        files = {"file": ("a.xlsx", data)}
        return caller.request(
            "POST", "inspection-objects/import", files=files, key=key, headers=dict(headers)
        )

    return send


async def _life(fleet: Fleet, world: World) -> int:
    client = world.client
    assert isinstance(client, Roaming)
    clerk = await world.caller(Role.DEPT_CLERK)
    leader = await world.caller(Role.DEPT_LEADER)
    witnesses = {code: await world.caller(Role.WITNESS, code) for code in ("LDXZ", "JWJW")}
    played = 0

    async def storm(name: str, send: Send, effects: dict[str, int]) -> httpx.Response:
        nonlocal played
        played += 1
        return await play(fleet, client, Storm(name, send, effects))

    await storm(
        "create object",
        _post(clerk, "inspection-objects", object_body()),
        {"inspection_object": 1, "object_event": 1, _audited("object.created"): 1},
    )
    await storm(
        "import 300 objects",
        _file(clerk, objects(300), {}),
        {"inspection_object": 300, "library_entry": 300, _audited("object.imported"): 1},
    )
    await storm(
        "import as operation",
        _file(clerk, objects(1), {"Prefer": "respond-async"}),
        {"operation": 1, _audited("operation.queued"): 1},
    )
    made = await storm(
        "create plan",
        _post(clerk, "plans", {"year": 2026, "name": "计划"}),
        {"plan": 1, _audited("plan.created"): 1},
    )
    plan = f"plans/{made.json()['id']}"
    item_ids = await _items(fleet)
    task = {
        "name": "食品经营抽查",
        "item_ids": item_ids,
        "quota_rule": {"method": "ratio", "per_10000": dict.fromkeys("ABCD", 1000)
                       | {"UNRATED": 100}},
        "period_from": "2026-03-01",
        "period_to": "2026-06-30",
        "methods": ["onsite"],
        "officer_cap": 20,
    }  # fmt: skip
    made = await storm(
        "add task", _post(clerk, f"{plan}/tasks", task, made.headers["ETag"]), {"plan_task": 1}
    )
    task_id = made.json()["tasks"][0]["id"]
    for name, caller, body in (
        ("submit", clerk, None),
        ("approve", leader, {"opinion": "同意"}),
        ("publish", clerk, {"platform_receipt_no": "NMG-1",
                            "site_url": "https://example.gov.cn/plan"}),
    ):  # fmt: skip
        past = {"submit": "submitted", "approve": "approved", "publish": "published"}[name]
        made = await storm(
            f"{name} plan",
            _post(caller, f"{plan}/{name}", body, made.headers["ETag"]),
            {_audited(f"plan.{past}"): 1},
        )
    close_at = fleet.runtime.clock.now() + dt.timedelta(hours=6)
    order = {
        "contributors": list(witnesses),
        "close_at": close_at.isoformat(),
        "public_source": "掷骰子",
        "quota_note": "试验",
    }
    made = await storm(
        "freeze draw",
        _post(clerk, f"plan-tasks/{task_id}/draws", order),
        {"draw": 1, "draw_contributor": 2},
    )
    draw = f"draws/{made.json()['id']}"
    manifest = made.json()["manifest_sha256"]
    await storm(
        "publish draw",
        _post(clerk, f"{draw}/publish", None, made.headers["ETag"]),
        {_audited("draw.published"): 1},
    )
    values = {code: a_value() for code in witnesses}
    for what, table in (("commitments", "draw_commitment"), ("openings", "draw_opening")):
        for code, witness in witnesses.items():
            value = values[code]
            body = {"value": value}
            if what == "commitments":
                body = {"commitment": contribution_commit(manifest, code, value)}
            send = _post(witness, f"{draw}/{what}", body)
            if code == "LDXZ":
                await storm(f"{what} of {code}", send, {table: 1})
            else:
                assert (await send(f"soak-{uuid7()}")).status_code == 201
    return played


_libraries: dict[int, list[str]] = {}


async def _items(fleet: Fleet) -> list[str]:
    """The published items of the department; its library is made once."""
    if id(fleet) not in _libraries:
        library = await a_library(fleet.runtime, first=5_000_000)
        _libraries[id(fleet)] = [str(one) for one in library.item_ids]
    return _libraries[id(fleet)]
