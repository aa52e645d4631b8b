"""What is taken out of a library while a draw is being frozen is not drawn: the freeze says so."""

import asyncio
import contextvars
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from app.domain.actor import Role
from app.services import draw_freeze
from app.services.runtime import Runtime
from tests.support.draw_factories import a_library, a_published_plan
from tests.support.library_factories import (
    credit_code,
    make_object,
    make_officer,
    object_file,
    upload,
)
from tests.support.transfer_factories import transfer_body
from tests.support.world import Caller, World

pytestmark = pytest.mark.committed


def between_reading_and_storing(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[httpx.Response]]
) -> list[httpx.Response]:
    """Let something happen in the first freeze, after its snapshot and before its draw is stored."""
    happened: list[httpx.Response] = []
    loop, found = asyncio.get_running_loop(), draw_freeze._shortages

    async def once() -> httpx.Response:
        return await act()

    def shortages(*args: Any) -> Any:  # in a thread of its own
        if not happened:
            # In a context of its own: the freeze's is that of its request.
            begun = contextvars.Context().run(asyncio.run_coroutine_threadsafe, once(), loop)
            happened.append(begun.result(20))
        return found(*args)

    monkeypatch.setattr(draw_freeze, "_shortages", shortages)
    return happened


async def freeze(clerk: Caller, task_id: str, close_at: str) -> httpx.Response:
    body = {
        "contributors": ["LDXZ", "JWJW"],
        "close_at": close_at,
        "public_source": "掷骰子",
        "quota_note": "试验",
    }
    return await clerk.post(f"plan-tasks/{task_id}/draws", body)


async def a_task(world: World, runtime: Runtime) -> tuple[Caller, str, str]:
    clerk, plan = await a_published_plan(world, await a_library(runtime))
    close_at = runtime.clock.now() + dt.timedelta(hours=2)
    return clerk, plan["tasks"][0]["id"], close_at.isoformat()


async def test_a_batch_undone_during_the_freeze_is_not_frozen(
    committed_world: World, committed: Runtime, monkeypatch: pytest.MonkeyPatch
):
    clerk, task_id, close_at = await a_task(committed_world, committed)
    rows = object_file((credit_code(900_001), "误导入商店", "企业", "存续"))
    batch = (await upload(clerk, "inspection-objects/import", rows)).json()
    assert batch["created"] == 1, batch

    async def undo() -> httpx.Response:
        path = f"import-batches/{batch['batch_id']}/undo"
        return await clerk.post(path, {"reason": "导入了错误的文件"}, etag='"1"')

    happened = between_reading_and_storing(monkeypatch, undo)
    first = await freeze(clerk, task_id, close_at)
    assert happened[0].status_code == 200, happened[0].text
    assert (first.status_code, first.json()["code"]) == (409, "conflict")
    again = await freeze(clerk, task_id, close_at)
    assert again.status_code == 201, again.text


async def test_an_officer_deleted_during_the_freeze_is_not_frozen(
    committed_world: World, committed: Runtime, monkeypatch: pytest.MonkeyPatch
):
    clerk, task_id, close_at = await a_task(committed_world, committed)
    officer = await make_officer(clerk)
    seen = await clerk.get(f"officers/{officer['id']}")

    async def delete() -> httpx.Response:
        path = f"officers/{officer['id']}"
        return await clerk.request("DELETE", path, etag=seen.headers["etag"])

    happened = between_reading_and_storing(monkeypatch, delete)
    first = await freeze(clerk, task_id, close_at)
    assert happened[0].status_code == 204, happened[0].text
    assert (first.status_code, first.json()["code"]) == (409, "conflict")
    again = await freeze(clerk, task_id, close_at)
    assert again.status_code == 201, again.text


async def test_who_is_frozen_is_not_deleted_afterwards(committed_world: World, committed: Runtime):
    clerk, task_id, close_at = await a_task(committed_world, committed)
    officer = await make_officer(clerk)
    seen = await clerk.get(f"officers/{officer['id']}")
    assert (await freeze(clerk, task_id, close_at)).status_code == 201
    path = f"officers/{officer['id']}"
    gone = await clerk.request("DELETE", path, etag=seen.headers["etag"])
    assert (gone.status_code, gone.json()["code"]) == (409, "officer-in-use")


async def test_what_is_merged_during_the_freeze_is_not_frozen(
    committed_world: World, committed: Runtime, monkeypatch: pytest.MonkeyPatch
):
    clerk, task_id, close_at = await a_task(committed_world, committed)
    twin = {"name": "奈曼旗同名商店", "address": "大沁他拉镇1号"}
    codes = (credit_code(900_002), credit_code(900_003))
    first, _ = [await make_object(clerk, id_value=code, **twin) for code in codes]
    leader = await committed_world.caller(Role.DEPT_LEADER)
    (proposal,) = (await leader.get("object-merge-proposals")).json()["items"]

    async def merge() -> httpx.Response:
        path = f"object-merge-proposals/{proposal['id']}/accept"
        return await leader.post(
            path, {"survivor_id": first["id"], "reason": "同一主体"}, etag='"1"'
        )

    happened = between_reading_and_storing(monkeypatch, merge)
    refused = await freeze(clerk, task_id, close_at)
    assert happened[0].status_code == 200, happened[0].text
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    again = await freeze(clerk, task_id, close_at)
    assert again.status_code == 201, again.text


async def test_an_officer_who_moves_during_the_freeze_is_not_frozen(
    committed_world: World, committed: Runtime, monkeypatch: pytest.MonkeyPatch
):
    clerk, task_id, close_at = await a_task(committed_world, committed)
    officer = await make_officer(clerk)
    giving = await committed_world.caller(Role.DEPT_LEADER)
    receiving = await committed_world.caller(Role.DEPT_LEADER, "XFJY")
    offer = transfer_body([], [officer])
    made = await giving.post("duty-transfers", offer)
    assert made.status_code == 201, made.text

    async def accept() -> httpx.Response:
        path = f"duty-transfers/{made.json()['id']}/accept"
        return await receiving.post(path, {}, etag=made.headers["etag"])

    happened = between_reading_and_storing(monkeypatch, accept)
    refused = await freeze(clerk, task_id, close_at)
    assert happened[0].status_code == 200, happened[0].text
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    again = await freeze(clerk, task_id, close_at)
    assert again.status_code == 201, again.text
