"""Sign-in, refresh, sign-out, lock, and tokens that are not ours."""

import asyncio
import base64
import datetime as dt
import json
import math
from typing import Any
from uuid import UUID

import httpx
import pytest
from jose import jwt
from sqlalchemy import select

from app.domain.actor import Role
from app.models.account import RefreshToken, Session
from app.models.audit import AuditEntry
from app.services.runtime import Runtime
from tests.support.clocks import FrozenClock
from tests.support.world import PASSWORD, REGION, Caller, World


async def post(world: World, path: str, body: dict) -> httpx.Response:
    """In ASCII, so that a lone surrogate can be sent as its escape."""
    headers = {"Content-Type": "application/json"}
    return await world.client.post(
        f"/api/v1/auth/{path}", content=json.dumps(body), headers=headers
    )


async def log_in(world: World, username: str, **more: Any) -> httpx.Response:
    return await post(world, "login", {"username": username, "password": PASSWORD} | more)


async def refresh(world: World, token: str) -> httpx.Response:
    return await post(world, "refresh", {"refresh_token": token})


async def me(world: World, token: str) -> httpx.Response:
    return await world.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})


async def actions(world: World) -> list[tuple[str, str]]:
    async with world.runtime.database.reading() as session:
        entries = await session.execute(select(AuditEntry).order_by(AuditEntry.id))
        return [(entry.action, entry.outcome) for entry in entries.scalars()]


async def test_me_tells_permissions_and_scope(world: World) -> None:
    clerk = await world.caller(Role.DEPT_CLERK)
    me = (await clerk.get("me")).json()
    assert me["department_code"] == "SCJG"
    assert "plan:write" in me["permissions"]
    assert "plan:approve" not in me["permissions"]
    assert me["reads"] == "own department"


async def test_the_office_reads_the_region(world: World) -> None:
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    assert (await office.get("me")).json()["reads"] == "region"


async def test_a_wrong_password_is_refused_in_two_languages(world: World) -> None:
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    response = await log_in(world, username, password="wrong")
    assert response.status_code == 401
    problem = response.json()
    assert problem["code"] == "bad-credentials"
    assert problem["messages"]["zh"] != problem["messages"]["en"]
    assert "wrong" not in response.text.replace("is wrong", "")


async def test_a_wrong_password_and_an_unknown_name_are_refused_alike(world: World):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    wrong = (await log_in(world, username, password="wrong")).json()
    unknown = (await log_in(world, "nobody.knows")).json()
    assert {**wrong, "request_id": ""} == {**unknown, "request_id": ""}


@pytest.mark.parametrize("field", ["username", "password"])
@pytest.mark.parametrize("value", ["a\x00b", "\ud800", "", "x" * 5000, None, 1, ["x"]])
async def test_a_name_or_password_that_no_table_can_hold_is_refused(
    world: World, field: str, value: object
):
    response = await post(world, "login", {"username": "x", "password": "x", field: value})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == f"/{field}"


async def test_an_account_is_locked_after_five_failures_and_opens_again(
    world: World, clock: FrozenClock
):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    for _ in range(4):
        await log_in(world, username, password="wrong")
    assert (await log_in(world, username)).status_code == 200, "four failures do not lock"
    for _ in range(5):
        assert (await log_in(world, username, password="wrong")).status_code == 401
    locked = await log_in(world, username)
    assert (locked.status_code, locked.json()["code"]) == (403, "account-locked")
    assert locked.json()["facts"]["locked_until"]
    wrong = await log_in(world, username, password="wrong")
    assert wrong.json()["code"] == "account-locked", "a lock that tells right from wrong is none"
    clock.forward(seconds=world.runtime.settings.lock_seconds)
    assert (await log_in(world, username)).status_code == 200
    traced = await actions(world)
    assert ("account.locked", "failure") in traced
    assert traced.count(("session.refused", "failure")) == 9


async def test_a_lock_does_not_end_the_sessions_that_there_are(world: World):
    clerk = await world.caller(Role.DEPT_CLERK)
    for _ in range(5):
        await log_in(world, clerk.username, password="wrong")
    assert (await log_in(world, clerk.username)).json()["code"] == "account-locked"
    assert (await clerk.get("me")).status_code == 200


async def test_changing_the_password_is_locked_with_the_account(world: World):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    change = {"username": username, "new_password": "another good password"}
    for _ in range(5):
        body = {**change, "old_password": "wrong"}
        refused = await world.client.post("/api/v1/auth/password", json=body)
        assert refused.json()["code"] == "bad-credentials"
    body = {**change, "old_password": PASSWORD}
    locked = await world.client.post("/api/v1/auth/password", json=body)
    assert (locked.status_code, locked.json()["code"]) == (403, "account-locked")


async def test_a_changed_password_ends_every_session(world: World):
    clerk = await world.caller(Role.DEPT_CLERK)
    tokens = (await log_in(world, clerk.username)).json()
    body = {
        "username": clerk.username,
        "old_password": PASSWORD,
        "new_password": "another good password",
    }
    assert (await world.client.post("/api/v1/auth/password", json=body)).status_code == 204
    assert (await clerk.get("me")).status_code == 401
    assert (await refresh(world, tokens["refresh_token"])).status_code == 401


async def test_a_refresh_token_is_changed_for_another_once(world: World):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    first = (await log_in(world, username)).json()
    second = await refresh(world, first["refresh_token"])
    assert second.status_code == 200
    assert second.headers["Cache-Control"] == "no-store"
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert (await me(world, second.json()["access_token"])).status_code == 200


async def test_a_second_use_of_a_refresh_token_ends_the_whole_family(world: World):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    first = (await log_in(world, username)).json()
    other = (await log_in(world, username)).json()
    second = (await refresh(world, first["refresh_token"])).json()
    third = (await refresh(world, second["refresh_token"])).json()
    reused = await refresh(world, first["refresh_token"])
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh-refused")
    assert (await refresh(world, third["refresh_token"])).status_code == 401
    for tokens in (first, second, third):
        assert (await me(world, tokens["access_token"])).status_code == 401
    assert (await me(world, other["access_token"])).status_code == 200, "another sign-in lives on"
    assert ("session.refresh_reused", "failure") in await actions(world)


@pytest.mark.committed
async def test_of_many_uses_of_one_refresh_token_at_once_one_succeeds(committed_world: World):
    username, _ = await committed_world.account(Role.DEPT_CLERK, "SCJG")
    token = (await log_in(committed_world, username)).json()["refresh_token"]
    answers = await asyncio.gather(*(refresh(committed_world, token) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await me(committed_world, winner["access_token"])).status_code == 401


@pytest.mark.parametrize("token", ["x", "x" * 43, "\x00", "\ud800", "x" * 201, ""])
async def test_a_refresh_token_that_is_not_ours_is_refused(world: World, token: str):
    assert (await refresh(world, token)).status_code in {401, 422}


async def test_a_refresh_token_expires_with_its_session(world: World, clock: FrozenClock):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    tokens = (await log_in(world, username)).json()
    clock.forward(seconds=tokens["refresh_expires_in"] - 1)
    renewed = await refresh(world, tokens["refresh_token"])
    assert renewed.status_code == 200
    clock.forward(seconds=1)
    assert (await refresh(world, renewed.json()["refresh_token"])).status_code == 401


async def test_refresh_tokens_are_kept_as_hashes_only(world: World):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    tokens = (await log_in(world, username)).json()
    async with world.runtime.database.reading() as session:
        kept = (await session.execute(select(RefreshToken.token_sha256))).scalars().all()
    assert all(len(value) == 64 for value in kept)
    assert tokens["refresh_token"] not in kept


async def test_signing_out_ends_access_and_refresh_at_once(world: World):
    username, account_id = await world.account(Role.DEPT_CLERK, "SCJG")
    tokens = (await log_in(world, username)).json()
    caller = Caller(world.client, username, str(account_id), tokens["access_token"])
    assert (await caller.post("auth/logout")).status_code == 204
    assert (await caller.get("me")).status_code == 401
    assert (await refresh(world, tokens["refresh_token"])).status_code == 401
    assert (await caller.post("auth/logout")).status_code == 401


async def test_a_disabled_account_can_not_refresh(world: World):
    admin = await world.administrator()
    username, account_id = await world.account(Role.DEPT_CLERK, "SCJG")
    tokens = (await log_in(world, username)).json()
    path = f"accounts/{account_id}"
    etag = (await admin.get(path)).headers["ETag"]
    await admin.patch(path, {"status": "disabled"}, etag=etag)
    assert (await refresh(world, tokens["refresh_token"])).status_code == 401
    assert (await me(world, tokens["access_token"])).status_code == 401


async def test_who_works_at_two_departments_says_which(world: World):
    admin = await world.administrator()
    username, account_id = await world.account(Role.DEPT_CLERK, "SCJG")
    grant = {"role": "dept_leader", "department_code": "YJGL", "region_code": REGION}
    assert (await admin.post(f"accounts/{account_id}/grants", grant)).status_code == 201
    unsaid = await log_in(world, username)
    assert (unsaid.status_code, unsaid.json()["code"]) == (422, "choose-department")
    elsewhere = await log_in(world, username, department_code="WJW")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "no-role-there")
    for code, role in (("SCJG", "dept_clerk"), ("YJGL", "dept_leader")):
        tokens = (await log_in(world, username, department_code=code)).json()
        seen = (await me(world, tokens["access_token"])).json()
        assert (seen["department_code"], seen["roles"]) == (code, [role])


async def test_an_access_token_expires(world: World, clock: FrozenClock):
    clerk = await world.caller(Role.DEPT_CLERK)
    clock.forward(seconds=world.runtime.settings.access_token_seconds - 1)
    assert (await clerk.get("me")).status_code == 200
    clock.forward(seconds=1)
    assert (await clerk.get("me")).status_code == 401


def claims_of(token: str) -> dict:
    return jwt.get_unverified_claims(token)


def unsigned(claims: dict, algorithm: str) -> str:
    parts = [{"alg": algorithm, "typ": "JWT"}, claims]
    encoded = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    ]
    return ".".join([*encoded, ""])


FORGERIES = {
    "alg none": lambda claims, key: unsigned(claims, "none"),
    "alg NONE": lambda claims, key: unsigned(claims, "NONE"),
    "another key": lambda claims, key: jwt.encode(claims, key + "x", "HS256"),
    "another algorithm": lambda claims, key: jwt.encode(claims, key, "HS512"),
    "wrong audience": lambda claims, key: jwt.encode({**claims, "aud": "else"}, key, "HS256"),
    "wrong issuer": lambda claims, key: jwt.encode({**claims, "iss": "else"}, key, "HS256"),
    "no audience": lambda claims, key: jwt.encode(without(claims, "aud"), key, "HS256"),
    "no issuer": lambda claims, key: jwt.encode(without(claims, "iss"), key, "HS256"),
    "no expiry": lambda claims, key: jwt.encode(without(claims, "exp"), key, "HS256"),
    "no id": lambda claims, key: jwt.encode(without(claims, "jti"), key, "HS256"),
    "no account": lambda claims, key: jwt.encode(without(claims, "sub"), key, "HS256"),
    "no session": lambda claims, key: jwt.encode(without(claims, "sid"), key, "HS256"),
    "expired": lambda claims, key: jwt.encode({**claims, "exp": claims["iat"]}, key, "HS256"),
    "expiry no number": lambda claims, key: jwt.encode({**claims, "exp": "soon"}, key, "HS256"),
    "expiry never": lambda claims, key: jwt.encode({**claims, "exp": math.inf}, key, "HS256"),
    "account no id": lambda claims, key: jwt.encode({**claims, "sub": "x"}, key, "HS256"),
    "account a number": lambda claims, key: jwt.encode({**claims, "sub": 1}, key, "HS256"),
    "session a list": lambda claims, key: jwt.encode({**claims, "sid": []}, key, "HS256"),
    "another's session": lambda claims, key: jwt.encode(
        {**claims, "sid": "00000000-0000-7000-8000-000000000001"}, key, "HS256"
    ),
    "key in the header": lambda claims, key: jwt.encode(
        claims, "mine", "HS256", headers={"jwk": {"kty": "oct", "k": "bWluZQ"}}
    ),
    "critical header": lambda claims, key: jwt.encode(
        claims, "mine", "HS256", headers={"jku": "https://evil.example/keys"}
    ),
}


def without(claims: dict, name: str) -> dict:
    return {key: value for key, value in claims.items() if key != name}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_token_that_is_not_as_we_made_it_is_refused(
    world: World, runtime: Runtime, forgery: str
):
    clerk = await world.caller(Role.DEPT_CLERK)
    claims = claims_of(clerk.token)
    key = runtime.settings.secret_key.get_secret_value()
    assert (await me(world, jwt.encode(claims, key, "HS256"))).status_code == 200
    refused = await me(world, FORGERIES[forgery](claims, key))
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


async def test_a_session_of_another_account_does_not_fit(world: World, runtime: Runtime):
    clerk, leader = await world.caller(Role.DEPT_CLERK), await world.caller(Role.DEPT_LEADER)
    mixed = {**claims_of(clerk.token), "sid": claims_of(leader.token)["sid"]}
    key = runtime.settings.secret_key.get_secret_value()
    assert (await me(world, jwt.encode(mixed, key, "HS256"))).status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "bearer x.y.z", "Token x", "Bearer " + "x" * 5000, "x"]
)
async def test_a_malformed_header_is_refused(world: World, header: str):
    response = await world.client.get("/api/v1/me", headers={"Authorization": header})
    assert response.status_code == 401


async def test_the_trace_names_who_signed_in_and_from_where(world: World):
    clerk = await world.caller(Role.DEPT_CLERK)
    async with world.runtime.database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.actor == clerk.username)
        entry = (await session.execute(query)).scalar_one()
        held = (
            await session.execute(
                select(Session).where(Session.account_id == UUID(clerk.account_id))
            )
        ).scalar_one()
    assert (entry.action, entry.chain) == ("session.started", f"{REGION}/SCJG")
    assert entry.session_id == held.id
    assert entry.ip is not None
    assert entry.request_id is not None
    assert held.expires_at - held.created_at == dt.timedelta(
        seconds=world.runtime.settings.refresh_token_seconds
    )


async def test_a_locked_account_says_the_same_to_right_and_wrong_passwords(world: World) -> None:
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    for _ in range(world.runtime.settings.lock_after_failures):
        body = {"username": username, "password": "wrong"}
        assert (await world.client.post("/api/v1/auth/login", json=body)).status_code == 401
    answers = set()
    for password in ("wrong again", PASSWORD):
        body = {"username": username, "password": password}
        answer = await world.client.post("/api/v1/auth/login", json=body)
        answers.add((answer.status_code, answer.json()["code"]))
        change = {"username": username, "old_password": password, "new_password": "x" * 20}
        answer = await world.client.post("/api/v1/auth/password", json=change)
        answers.add((answer.status_code, answer.json()["code"]))
    assert answers == {(403, "account-locked")}
