"""Sessions: seen and ended by their owner and by the administrator; what is ended stays ended."""

import datetime as dt
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from app.domain.actor import Role
from app.models.account import Session
from app.models.audit import AuditEntry
from tests.support.clocks import FrozenClock
from tests.support.rate_limits import client_of, process_of
from tests.support.services import make_service, service_caller
from tests.support.world import PASSWORD, Caller, World

NOWHERE = "00000000-0000-7000-8000-000000000001"


async def signed_in(
    world: World, username: str, headers: dict[str, bytes] | None = None
) -> dict[str, Any]:
    answer = await world.client.post(
        "/api/v1/auth/login", json={"username": username, "password": PASSWORD}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def with_token(caller: Caller, tokens: dict[str, Any]) -> Caller:
    return Caller(caller.client, caller.username, caller.account_id, tokens["access_token"])


async def refresh(world: World, tokens: dict[str, Any]) -> httpx.Response:
    body = {"refresh_token": tokens["refresh_token"]}
    return await world.client.post("/api/v1/auth/refresh", json=body)


async def test_one_sees_where_one_is_signed_in_and_by_what(world: World, clock: FrozenClock):
    clerk = await world.caller(Role.DEPT_CLERK)
    clock.forward(minutes=5)
    said = b"Firefox/140 (X11)\xe9\x80\t" + b"x" * 400
    second = with_token(clerk, await signed_in(world, clerk.username, {"User-Agent": said}))
    page = (await second.get("me/sessions", params={"with_total": True})).json()
    assert page["total"] == 2
    newest, oldest = page["items"]
    assert (newest["current"], oldest["current"]) == (True, False)
    assert newest["department_code"] == "SCJG"
    assert newest["user_agent"].startswith("Firefox/140 (X11)\u00e9x"), (
        "what can not be shown is left out"
    )
    assert len(newest["user_agent"]) == 300
    assert newest["ip"] is not None
    assert newest["scopes"] is None
    assert newest["created_at"] == newest["last_used_at"] == "2026-03-02T01:05:00Z"
    assert oldest["created_at"] == "2026-03-02T01:00:00Z"


async def test_last_use_follows_use(world: World, clock: FrozenClock):
    clerk = await world.caller(Role.DEPT_CLERK)
    clock.forward(seconds=59)
    (held,) = (await clerk.get("me/sessions")).json()["items"]
    assert held["last_used_at"] == "2026-03-02T01:00:00Z"
    clock.forward(seconds=1)
    (held,) = (await clerk.get("me/sessions")).json()["items"]
    assert held["last_used_at"] == "2026-03-02T01:01:00Z"


async def test_sessions_page_and_a_wrong_cursor_is_a_problem(world: World):
    clerk = await world.caller(Role.DEPT_CLERK)
    for _ in range(2):
        await signed_in(world, clerk.username)
    first = (await clerk.get("me/sessions", params={"limit": 2})).json()
    more = {"limit": 2, "cursor": first["next_cursor"]}
    rest = (await clerk.get("me/sessions", params=more)).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    assert rest["items"][0]["current"] is True
    assert (await clerk.get("me/sessions", params={"cursor": "x"})).status_code == 422


async def test_an_ended_session_refuses_access_and_refresh_at_once(world: World):
    clerk = await world.caller(Role.DEPT_CLERK)
    tokens = await signed_in(world, clerk.username)
    lost = with_token(clerk, tokens)
    (lost_id,) = [
        one["id"] for one in (await lost.get("me/sessions")).json()["items"] if one["current"]
    ]
    assert (await clerk.request("DELETE", f"me/sessions/{lost_id}")).status_code == 204
    refused = await lost.get("me")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    refused = await refresh(world, tokens)
    assert (refused.status_code, refused.json()["code"]) == (401, "refresh-refused")
    assert (await clerk.get("me")).status_code == 200
    assert len((await clerk.get("me/sessions")).json()["items"]) == 1
    async with world.runtime.database.reading() as session:
        held = await session.get(Session, UUID(lost_id))
        query = select(AuditEntry).where(AuditEntry.subject_id == lost_id)
        actions = [one.action for one in (await session.execute(query)).scalars()]
    assert held.end_reason == "ended_by_owner"
    assert actions == ["session.started", "session.ended"]


async def test_nobody_ends_anothers_session_by_its_id(world: World):
    clerk, leader = await world.caller(Role.DEPT_CLERK), await world.caller(Role.DEPT_LEADER)
    (held,) = (await leader.get("me/sessions")).json()["items"]
    for session_id in (held["id"], NOWHERE):
        answer = await clerk.request("DELETE", f"me/sessions/{session_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    admin = await world.administrator()
    path = f"accounts/{clerk.account_id}/sessions/{held['id']}"
    assert (await admin.request("DELETE", path)).status_code == 404
    assert (await leader.get("me")).status_code == 200


async def test_all_others_end_and_the_asking_one_stays(world: World):
    clerk = await world.caller(Role.DEPT_CLERK)
    others = [await signed_in(world, clerk.username) for _ in range(2)]
    leader = await world.caller(Role.DEPT_LEADER)
    answer = await clerk.post("me/sessions/end-others", key="end-1")
    assert answer.json() == {"ended_count": 2}
    again = await clerk.post("me/sessions/end-others", key="end-1")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (await clerk.post("me/sessions/end-others")).json() == {"ended_count": 0}
    for tokens in others:
        assert (await with_token(clerk, tokens).get("me")).status_code == 401
        assert (await refresh(world, tokens)).status_code == 401
    assert (await clerk.get("me")).status_code == 200
    assert (await leader.get("me")).status_code == 200


async def test_the_administrator_sees_and_ends_the_sessions_of_an_account(world: World):
    admin = await world.administrator()
    clerk = await world.caller(Role.DEPT_CLERK)
    second = with_token(clerk, await signed_in(world, clerk.username))
    path = f"accounts/{clerk.account_id}"
    newest, oldest = (await admin.get(f"{path}/sessions")).json()["items"]
    assert (newest["current"], oldest["current"]) == (False, False)
    assert (await admin.request("DELETE", f"{path}/sessions/{oldest['id']}")).status_code == 204
    assert (await clerk.get("me")).status_code == 401
    assert (await second.get("me")).status_code == 200
    assert (await admin.post(f"{path}/end-sessions")).json() == {"ended_count": 1}
    assert (await second.get("me")).status_code == 401
    assert (await admin.get(f"{path}/sessions")).json()["items"] == []
    for answer in (
        await admin.get(f"accounts/{NOWHERE}/sessions"),
        await admin.post(f"accounts/{NOWHERE}/end-sessions"),
        await admin.request("DELETE", f"{path}/sessions/{NOWHERE}"),
    ):
        assert answer.status_code == 404


async def test_a_session_that_has_run_out_is_not_shown(world: World, clock: FrozenClock):
    clerk = await world.caller(Role.DEPT_CLERK)
    clock.forward(seconds=world.runtime.settings.refresh_token_seconds)
    await world.sign_in_again(clerk)
    assert len((await clerk.get("me/sessions")).json()["items"]) == 1


async def test_a_service_sees_and_ends_its_own_tokens_only(world: World):
    admin = await world.administrator()
    service = await make_service(admin)
    first, second = await service_caller(world, service), await service_caller(world, service)
    assert len((await first.get("me/sessions")).json()["items"]) == 2
    assert (await first.post("auth/logout")).status_code == 204
    assert (await first.get("me")).status_code == 401
    assert (await second.get("me")).status_code == 200


async def test_by_dengbao_a_session_that_idles_is_over(world: World, clock: FrozenClock):
    strict = process_of(world.runtime, password_profile="dengbao")
    username, account_id = await world.account(Role.DEPT_CLERK, "SCJG")
    async with client_of(strict) as client:
        login = {"username": username, "password": PASSWORD}
        tokens = (await client.post("/api/v1/auth/login", json=login)).json()
        caller = Caller(client, username, str(account_id), tokens["access_token"])
        for _ in range(3):  # who works, stays
            clock.forward(minutes=29)
            assert (await caller.get("me")).status_code == 200
        clock.forward(minutes=30)
        assert (await caller.get("me")).status_code == 401
        body = {"refresh_token": tokens["refresh_token"]}
        assert (await client.post("/api/v1/auth/refresh", json=body)).status_code == 401
    assert dt.timedelta(seconds=strict.settings.refresh_token_seconds) > dt.timedelta(hours=3)
