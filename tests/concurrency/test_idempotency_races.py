"""The same request many times at once: one effect, one answer, and never an error of the server."""

import asyncio
import datetime as dt
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.domain.actor import Role
from app.services.runtime import Runtime
from app.storage import plans as plan_storage
from tests.support.draw_factories import a_library, a_published_plan
from tests.support.library_factories import object_body
from tests.support.world import Caller, World

pytestmark = pytest.mark.committed
KEY = "the-same-one"
PLAN = {"year": 2026, "name": "计划"}


async def _count(runtime: Runtime, table: str) -> int:
    async with runtime.database.reading() as session:
        return (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()


async def _until_answered(caller: Caller, path: str, body: dict[str, Any]) -> httpx.Response:
    """Send, and send again for as long as the first is still being worked on."""
    for _ in range(200):
        answer = await caller.post(path, body, key=KEY)
        if answer.status_code != 409 or answer.json()["code"] != "idempotency-in-flight":
            return answer
        await asyncio.sleep(0.02)
    raise AssertionError("in flight for ever")


async def test_twenty_retries_at_once_make_one_object_and_get_one_answer(
    committed: Runtime, committed_world: World
):
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    body = object_body()
    answers = await asyncio.gather(
        *(_until_answered(clerk, "inspection-objects", body) for _ in range(20))
    )
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (201, answers[0].content)
    }
    first = [answer for answer in answers if "idempotency-replayed" not in answer.headers]
    assert len(first) == 1
    assert await _count(committed, "inspection_object") == 1
    assert await _count(committed, "idempotency_key") == 1
    assert await _count(committed, "audit_entry WHERE action = 'object.created'") == 1


async def test_a_draw_is_frozen_once_however_often_it_is_asked_for(
    committed: Runtime, committed_world: World
):
    library = await a_library(committed)
    clerk, plan = await a_published_plan(committed_world, library)
    path = f"plan-tasks/{plan['tasks'][0]['id']}/draws"
    order = {
        "contributors": ["LDXZ", "JWJW"],
        "close_at": (committed.clock.now() + dt.timedelta(hours=2)).isoformat(),
        "public_source": "掷骰子",
        "quota_note": "试验",
    }
    answers = await asyncio.gather(*(_until_answered(clerk, path, order) for _ in range(6)))
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (201, answers[0].content)
    }, answers[0].text
    assert await _count(committed, "draw") == 1


async def test_what_is_still_being_worked_on_is_refused_with_409(
    committed: Runtime, committed_world: World, monkeypatch: pytest.MonkeyPatch
):
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    entered, go_on = asyncio.Event(), asyncio.Event()
    original = plan_storage.next_plan_number

    async def slow(*args: Any, **kwargs: Any) -> int:
        entered.set()
        await go_on.wait()
        return await original(*args, **kwargs)

    monkeypatch.setattr(plan_storage, "next_plan_number", slow)
    first = asyncio.create_task(clerk.post("plans", PLAN, key=KEY))
    await entered.wait()
    second = await clerk.post("plans", PLAN, key=KEY)
    assert (second.status_code, second.json()["code"]) == (409, "idempotency-in-flight")
    go_on.set()
    assert (await first).status_code == 201
    assert (await clerk.post("plans", PLAN, key=KEY)).content == (await first).content
    assert await _count(committed, "plan") == 1


async def test_two_requests_with_one_key_at_once_are_never_both_done(
    committed: Runtime, committed_world: World
):
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    answers = await asyncio.gather(
        *(_until_answered(clerk, "plans", {"year": 2026, "name": name}) for name in "甲乙丙丁")
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]
    assert await _count(committed, "plan") == 1
