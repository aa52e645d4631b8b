"""Idempotency-Key: a retry is answered with the first answer and has no second effect."""

import datetime as dt
from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role
from app.services.runtime import Runtime
from app.storage.idempotency import forget_old
from tests.support.clocks import FrozenClock
from tests.support.library_factories import (
    credit_code,
    object_body,
    object_file,
    officer_body,
    upload,
)
from tests.support.openapi import operations_of
from tests.support.services import make_service, service_caller
from tests.support.world import PASSWORD, Caller, World

KEY = "9f1c-the-clerk's-own/2026"
PLAN = {"year": 2026, "name": "计划"}
IMPORT = "inspection-objects/import"
REQUIRED = {
    "freeze_draw",
    "publish_draw",
    "make_commitment",
    "open_contribution",
    "reveal_draw",
    "publish_inspection",
    "publish_plan",
    "publish_checklist",
    "import_checklist_items",
    "import_inspection_objects",
    "import_joint_items",
    "import_officers",
    "import_object_events",
    "record_object_events",
    "order_inspection_sheets",
}
TAKE_NONE = {
    # They hand out secrets: a stored answer would keep what is to be seen once.
    "log_in",
    "refresh_tokens",
    "reveal_object_contact",
    "change_password",
    "create_account",
    "reset_password",
    "issue_service_token",
    "create_service_account",
    "rotate_client_secret",
    # It ends the asking session: doing it twice is doing it once.
    "log_out",
    # It prints, and changes nothing.
    "print_inspection_sheets",
}


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


async def _count(connection: AsyncConnection, table: str) -> int:
    return (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()


async def _signed_in_again(caller: Caller) -> Caller:
    login = {"username": caller.username, "password": PASSWORD}
    answer = await caller.client.post("/api/v1/auth/login", json=login)
    return Caller(caller.client, caller.username, caller.account_id, answer.json()["access_token"])


async def _sent(clerk: Caller, data: bytes, **kwargs: object) -> httpx.Response:
    files = {"file": ("a.xlsx", data, "application/octet-stream")}
    return await clerk.request("POST", IMPORT, files=files, **kwargs)


async def test_a_retry_gets_status_body_and_headers_of_the_first_time(
    clerk: Caller, connection: AsyncConnection
):
    body = object_body()
    first = await clerk.post("inspection-objects", body, key=KEY)
    entries = await _count(connection, "audit_entry")
    again = await clerk.post("inspection-objects", body, key=KEY)
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    for name in ("location", "etag", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert await _count(connection, "inspection_object") == 1
    assert await _count(connection, "audit_entry") == entries


async def test_what_was_answered_is_there_for_the_next_request(clerk: Caller):
    made = await clerk.post("inspection-objects", object_body(), key=KEY)
    assert (await clerk.get(made.headers["location"])).json() == made.json()


@pytest.mark.parametrize(
    "change",
    [
        lambda clerk, body: clerk.post("inspection-objects", body | {"name": "另一家"}, key=KEY),
        lambda clerk, body: clerk.post("inspection-objects?x=1", body, key=KEY),
        lambda clerk, body: clerk.post("plans", PLAN, key=KEY),
        lambda clerk, body: clerk.post("inspection-objects", body, key=KEY, etag='"1"'),
    ],
    ids=["body", "query", "path", "version"],
)
async def test_the_same_key_for_another_request_is_refused(
    clerk: Caller, change: Callable[..., Awaitable[httpx.Response]]
):
    body = object_body()
    assert (await clerk.post("inspection-objects", body, key=KEY)).status_code == 201
    other = await change(clerk, body)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_key_belongs_to_the_account_that_sent_it(clerk: Caller, world: World):
    other = await world.caller(Role.DEPT_CLERK, "XFJY")
    ours = await clerk.post("plans", PLAN, key=KEY)
    theirs = await other.post("plans", PLAN, key=KEY)
    assert ours.status_code == theirs.status_code == 201
    assert ours.json()["id"] != theirs.json()["id"]


async def test_a_refusal_is_not_kept_since_nothing_happened(clerk: Caller):
    made = await clerk.post("inspection-objects", object_body())
    event = {"kind": "suspended", "effective_on": "2026-03-01", "reason": "停业"}
    path = f"inspection-objects/{made.json()['id']}/events"
    stale = await clerk.post(path, event, key=KEY, etag='"7"')
    assert stale.status_code == 412
    assert (await clerk.post(path, event, key=KEY, etag='"1"')).status_code == 201


async def test_a_retry_with_the_version_that_the_first_time_made_stale_is_answered(clerk: Caller):
    made = await clerk.post("inspection-objects", object_body())
    event = {"kind": "suspended", "effective_on": "2026-03-01", "reason": "停业"}
    path = f"inspection-objects/{made.json()['id']}/events"
    answers = [await clerk.post(path, event, key=KEY, etag='"1"') for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert len((await clerk.get(path)).json()["items"]) == 2  # established, suspended


async def test_where_a_key_is_needed_nothing_is_done_without(
    clerk: Caller, connection: AsyncConnection
):
    answer = await _sent(clerk, object_file((credit_code(), "东风商店")), key=None)
    assert (answer.status_code, answer.json()["code"]) == (428, "idempotency-key-required")
    assert await _count(connection, "inspection_object") == 0


async def test_a_file_sent_again_is_the_same_request_whatever_the_boundary(clerk: Caller):
    data = object_file((credit_code(), "东风商店"))
    answers = [
        await _sent(
            clerk,
            data,
            key=KEY,
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )
        for boundary in ("one", "two")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert answers[0].content == answers[1].content
    other = await _sent(clerk, data + b" ", key=KEY)
    assert other.json()["code"] == "idempotency-key-reused"


async def test_a_dry_run_leaves_no_answer_since_it_leaves_nothing(
    clerk: Caller, connection: AsyncConnection
):
    data = object_file((credit_code(), "东风商店"))
    answer = await upload(clerk, f"{IMPORT}?dry_run=true", data)
    assert answer.json()["dry_run"] is True
    assert await _count(connection, "idempotency_key") == 0


@pytest.mark.parametrize("key", ["", "a b", "é".encode(), "x" * 129, "a\tb"])
async def test_a_key_of_another_form_is_refused(clerk: Caller, key: str | bytes):
    answer = await clerk.post("plans", PLAN, key=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation-failed")
    assert answer.json()["errors"][0]["pointer"] == "/header/Idempotency-Key"


async def test_every_visible_character_may_stand_in_a_key(clerk: Caller):
    key = "".join(map(chr, range(0x21, 0x7F)))
    assert (await clerk.post("plans", PLAN, key=key)).status_code == 201
    again = await clerk.post("plans", PLAN, key=key)
    assert again.headers["idempotency-replayed"] == "true"


async def test_who_may_no_longer_do_it_is_refused_and_not_answered_again(
    clerk: Caller, world: World
):
    body = officer_body()
    assert (await clerk.post("officers", body, key=KEY)).status_code == 201
    admin = await world.administrator()
    account = (await admin.get(f"accounts/{clerk.account_id}")).json()
    granted = await admin.post(
        f"accounts/{clerk.account_id}/grants",
        {"role": "supervisor", "department_code": "SCJG", "region_code": "150525"},
    )
    assert granted.status_code == 201
    grant = next(one for one in account["grants"] if one["role"] == "dept_clerk")
    path = f"accounts/{clerk.account_id}/grants/{grant['id']}"
    assert (await admin.request("DELETE", path)).status_code == 204
    assert (await clerk.post("officers", body, key=KEY)).status_code == 403


async def test_a_service_is_answered_again_only_by_a_token_that_may_do_it(world: World):
    admin = await world.administrator()
    service = await make_service(admin)
    whole = await service_caller(world, service)
    narrow = await service_caller(world, service, scope="object:read")
    body = object_body()
    first = await whole.post("inspection-objects", body, key=KEY)
    assert first.status_code == 201
    assert (await narrow.post("inspection-objects", body, key=KEY)).status_code == 403
    # The key is the account's: another token of it, as good as the first, gets the answer.
    again = await service_caller(world, service)
    replayed = await again.post("inspection-objects", body, key=KEY)
    assert (replayed.content, replayed.headers["idempotency-replayed"]) == (first.content, "true")
    path, etag = f"service-accounts/{service['id']}", service["etag"]
    assert (await admin.patch(path, {"status": "disabled"}, etag=etag)).status_code == 200
    assert (await again.post("inspection-objects", body, key=KEY)).status_code == 401


async def test_answers_are_kept_for_seven_days(clerk: Caller, clock: FrozenClock):
    first = await clerk.post("plans", PLAN, key=KEY)
    clock.forward(hours=7 * 24 - 1)
    clerk = await _signed_in_again(clerk)
    assert (await clerk.post("plans", PLAN, key=KEY)).content == first.content
    clock.forward(hours=2)
    anew = await clerk.post("plans", PLAN, key=KEY)
    assert anew.status_code == 201
    assert anew.json()["id"] != first.json()["id"]


async def test_old_answers_are_deleted_and_young_ones_stay(
    clerk: Caller, runtime: Runtime, clock: FrozenClock, connection: AsyncConnection
):
    await clerk.post("plans", {"year": 2026, "name": "甲"})
    clock.forward(hours=4 * 24)
    clerk = await _signed_in_again(clerk)
    await clerk.post("plans", {"year": 2026, "name": "乙"})
    clock.forward(hours=4 * 24)
    async with runtime.database.bookkeeping() as session:
        assert await forget_old(session, runtime.clock.now()) == 1
        assert await forget_old(session, runtime.clock.now()) == 0
    oldest = await connection.scalar(text("SELECT min(created_at) FROM idempotency_key"))
    assert runtime.clock.now() - oldest < dt.timedelta(days=7)


async def test_a_response_that_can_not_be_made_leaves_nothing_behind(
    clerk: Caller, connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_args: object) -> None:
        raise RuntimeError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr("app.routers.plans.shape_plan", broken)
        with pytest.raises(RuntimeError, match="no answer"):
            await clerk.post("plans", PLAN, key=KEY)
    assert await _count(connection, "plan") == 0
    assert (await clerk.post("plans", PLAN, key=KEY)).status_code == 201


def test_every_act_says_whether_it_takes_a_key(application: FastAPI):
    posts = [one for one in operations_of(application) if one.method == "POST"]
    level = {one.id: one.raw.get("x-idempotency-key") for one in posts if "/demo/" not in one.path}
    assert {name for name, how in level.items() if how == "required"} == REQUIRED
    assert {name for name, how in level.items() if how is None} == TAKE_NONE
    for one in posts:
        named = [p for p in one.raw.get("parameters", []) if p["name"] == "Idempotency-Key"]
        if level.get(one.id) is None:
            assert named == []
            continue
        assert [p["required"] for p in named] == [one.id in REQUIRED], one.id
        codes = {
            code
            for response in one.raw["responses"].values()
            for code in response.get("content", {})
            .get("application/problem+json", {})
            .get("examples", {})
        }
        assert {"idempotency-key-reused", "idempotency-in-flight"} <= codes, one.id
        assert ("idempotency-key-required" in codes) == (one.id in REQUIRED), one.id
