"""Service accounts: secrets shown once, tokens for scopes, rotation with overlap, last use."""

import asyncio
import base64
import datetime as dt
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

from app.domain.actor import Role
from app.models.account import ClientSecret, Session
from app.models.audit import AuditEntry
from app.models.idempotency import IdempotencyKey
from app.services.sessions import SessionService
from tests.support.clocks import FrozenClock
from tests.support.rate_limits import client_of, process_of
from tests.support.services import NEW_SERVICE, ask_token, make_service, service_caller
from tests.support.world import PASSWORD, REGION, Caller, World

NOWHERE = "00000000-0000-7000-8000-000000000001"


async def entries(world: World) -> list[AuditEntry]:
    async with world.runtime.database.reading() as session:
        found = await session.execute(select(AuditEntry).order_by(AuditEntry.id))
        return list(found.scalars())


async def rotate(admin: Caller, service: dict, **body: Any) -> httpx.Response:
    path = f"service-accounts/{service['id']}"
    etag = (await admin.get(path)).headers["ETag"]
    return await admin.post(f"{path}/rotate-secret", body, etag=etag)


async def test_a_secret_is_shown_when_it_is_made_and_never_again(world: World):
    admin = await world.administrator()
    made = await admin.post("service-accounts", NEW_SERVICE)
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    service = made.json()
    assert made.headers["Location"] == f"/api/v1/service-accounts/{service['id']}"
    assert len(service["client_secret"]) >= 43
    assert (service["client_id"], service["department_code"]) == ("scjg.sync", "SCJG")
    read = await admin.get(f"service-accounts/{service['id']}")
    listed = (await admin.get("service-accounts")).json()["items"]
    assert read.json() == listed[0]
    assert read.json()["client_secret"] is None
    assert service["client_secret"] not in read.text
    async with world.runtime.database.reading() as session:
        kept = (await session.execute(select(ClientSecret))).scalar_one()
    assert kept.secret_sha256 != service["client_secret"]
    said = [f"{one.before}{one.after}{one.facts}" for one in await entries(world)]
    assert not [text for text in said if service["client_secret"] in text]


async def test_no_answer_with_a_secret_is_kept_for_a_retry(world: World):
    admin = await world.administrator()
    service = await make_service(admin)  # sent with an Idempotency-Key
    assert (await rotate(admin, service)).status_code == 200
    async with world.runtime.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0


async def test_a_service_gets_a_short_token_for_its_scopes_and_none_to_refresh(world: World):
    admin = await world.administrator()
    service = await make_service(admin)
    answer = await ask_token(world.client, service)
    assert answer.status_code == 200
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert (body["token_type"], body["scope"]) == ("Bearer", "object:read object:write")
    assert body["expires_in"] == world.runtime.settings.access_token_seconds
    caller = Caller(world.client, "scjg.sync", service["id"], body["access_token"])
    me = (await caller.get("me")).json()
    assert (me["kind"], me["department_code"], me["roles"]) == ("service", "SCJG", ["integrator"])
    assert me["permissions"] == ["object:read", "object:write", "self"]
    assert (await caller.get("inspection-objects")).status_code == 200
    refused = await caller.get("officers")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


async def ask_by_basic(
    client: httpx.AsyncClient, headers: dict[str, str], **form: str
) -> httpx.Response:
    data = {"grant_type": "client_credentials"} | form
    return await client.post("/api/v1/auth/token", data=data, headers=headers)


async def test_credentials_come_by_basic_too_but_only_once(world: World):
    admin = await world.administrator()
    service = await make_service(admin)
    headers = basic(service["client_id"], service["client_secret"])
    assert (await ask_by_basic(world.client, headers)).status_code == 200
    # RFC 6749 s.2.3.1: encoded as a form before Basic.
    encoded = basic("scjg%2Esync", service["client_secret"])
    assert (await ask_by_basic(world.client, encoded)).status_code == 200
    same = await ask_by_basic(world.client, headers, client_id=service["client_id"])
    assert same.status_code == 200
    for extra in ({"client_secret": service["client_secret"]}, {"client_id": "another"}):
        twice = await ask_by_basic(world.client, headers, **extra)
        assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("changes", "status", "code", "error"),
    [
        ({"client_secret": "wrong"}, 401, "client-refused", "invalid_client"),
        ({"client_id": "nobody"}, 401, "client-refused", "invalid_client"),
        ({"client_secret": None}, 400, "token-request-invalid", "invalid_request"),
        ({"client_id": ""}, 400, "token-request-invalid", "invalid_request"),
        ({"grant_type": "password"}, 400, "grant-type-unsupported", "unsupported_grant_type"),
        ({"scope": "plan:read"}, 400, "scope-not-granted", "invalid_scope"),
        ({"grant_type": None}, 422, "validation-failed", None),
        ({"client_secret": "x" * 201}, 422, "validation-failed", None),
        ({"client_id": "nul\x00"}, 422, "validation-failed", None),
    ],
)
async def test_a_refusal_is_a_problem_with_the_word_of_oauth(
    world: World, changes: dict, status: int, code: str, error: str | None
):
    service = await make_service(await world.administrator())
    refused = await ask_token(world.client, service, **changes)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json().get("error") == error
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["Cache-Control"] == "no-store"
    if status == 401:
        assert refused.headers["WWW-Authenticate"].startswith("Basic ")
    assert service["client_secret"] not in refused.text


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!", "Basic " + "x" * 400, "Basic YQ==", "Basic AAA6AA=="]
)
async def test_malformed_basic_is_refused(world: World, header: str):
    refused = await ask_by_basic(world.client, {"Authorization": header})
    assert refused.status_code in {400, 401}
    assert refused.json()["code"] in {"client-refused", "token-request-invalid"}


async def test_what_the_endpoint_does_not_know_it_passes_over(world: World):
    service = await make_service(await world.administrator())
    answer = await ask_token(world.client, service, audience="x", scope="")
    assert answer.json()["scope"] == "object:read object:write"


async def test_a_token_may_ask_for_fewer_scopes(world: World):
    service = await make_service(await world.administrator())
    narrow = await service_caller(world, service, scope="object:read")
    assert (await narrow.get("me")).json()["permissions"] == ["object:read", "self"]
    refused = await narrow.post("inspection-objects", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_a_person_has_no_client_credentials_and_a_service_no_password(world: World):
    admin = await world.administrator()
    service = await make_service(admin)
    login = {"username": service["client_id"], "password": service["client_secret"]}
    for _ in range(7):  # nor can anybody lock it by trying
        refused = await world.client.post("/api/v1/auth/login", json=login)
        assert (refused.status_code, refused.json()["code"]) == (401, "bad-credentials")
    change = {"username": login["username"], "old_password": "x", "new_password": PASSWORD}
    assert (await world.client.post("/api/v1/auth/password", json=change)).status_code == 401
    clerk = await world.caller(Role.DEPT_CLERK)
    pretended = {"client_id": clerk.username, "client_secret": PASSWORD}
    assert (await ask_token(world.client, pretended)).json()["code"] == "client-refused"
    assert (await ask_token(world.client, service)).status_code == 200


async def test_a_service_is_changed_as_a_service_only(world: World):
    admin = await world.administrator()
    service = await make_service(admin)
    path = f"accounts/{service['id']}"
    read = await admin.get(path)
    assert (read.status_code, read.json()["kind"]) == (200, "service")
    grant = read.json()["grants"][0]["id"]
    leader = {"role": "dept_leader", "department_code": "SCJG", "region_code": REGION}
    for answer in (
        await admin.post(f"{path}/reset-password", etag=read.headers["ETag"]),
        await admin.post(f"{path}/grants", leader),
        await admin.request("DELETE", f"{path}/grants/{grant}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "not-a-person")
    clerk = await world.caller(Role.DEPT_CLERK)
    for method, more, body in (
        ("GET", "", None),
        ("PATCH", "", {"display_name": "x"}),
        ("POST", "/rotate-secret", {}),
        ("DELETE", f"/secrets/{NOWHERE}", None),
    ):
        url = f"service-accounts/{clerk.account_id}{more}"
        answer = await admin.request(method, url, json=body, etag='"1"')
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"scopes": ["account:write"]}, 422, "scope-not-grantable"),
        ({"scopes": ["public"]}, 422, "scope-not-grantable"),
        ({"scopes": []}, 422, "validation-failed"),
        ({"scopes": ["object:read", "object:read"]}, 422, "validation-failed"),
        ({"scopes": ["no:such"]}, 422, "validation-failed"),
        ({"client_id": "Upper"}, 422, "validation-failed"),
        ({"client_secret": "chosen"}, 422, "validation-failed"),
        ({"department_code": None}, 422, "validation-failed"),
        ({"department_code": "NOSUCH"}, 404, "not-found"),
        ({"department_code": "LDXZ"}, 422, "role-not-for-department"),
    ],
)
async def test_a_service_account_is_made_within_limits(
    world: World, change: dict, status: int, code: str
):
    admin = await world.administrator()
    refused = await admin.post("service-accounts", NEW_SERVICE | change)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_a_client_id_is_nobody_elses_name(world: World):
    admin = await world.administrator()
    clerk = await world.caller(Role.DEPT_CLERK)
    refused = await admin.post("service-accounts", NEW_SERVICE | {"client_id": clerk.username})
    assert (refused.status_code, refused.json()["code"]) == (409, "username-taken")


async def test_after_a_rotation_both_secrets_work_until_the_overlap_is_over(
    world: World, clock: FrozenClock
):
    admin = await world.administrator()
    service = await make_service(admin)
    rotated = await rotate(admin, service, overlap_hours=24)
    assert rotated.status_code == 200
    assert rotated.headers["Cache-Control"] == "no-store"
    new = rotated.json()
    assert new["client_secret"] != service["client_secret"]
    assert [one["expires_at"] is None for one in new["secrets"]] == [True, False]
    for secret in (service, new):
        assert (await ask_token(world.client, secret)).status_code == 200
    clock.forward(hours=23)
    last = await ask_token(world.client, service)
    assert last.json()["expires_in"] == 3600, "no token outlives its secret"
    token = Caller(world.client, "x", service["id"], last.json()["access_token"])
    assert (await token.get("me")).status_code == 200
    clock.forward(hours=1)
    assert (await ask_token(world.client, service)).json()["code"] == "client-refused"
    assert (await token.get("me")).status_code == 401
    assert (await ask_token(world.client, new)).status_code == 200


async def test_a_token_from_before_a_rotation_ends_with_its_secret_too(
    world: World, clock: FrozenClock
):
    admin = await world.administrator()
    service = await make_service(admin)
    before = await service_caller(world, service)
    new = (await rotate(admin, service, overlap_hours=1)).json()
    after = await service_caller(world, new)
    clock.forward(minutes=59)
    assert (await before.get("me")).status_code == 200
    clock.forward(minutes=1)
    assert (await before.get("me")).status_code == 401, "it was good for a day"
    assert (await after.get("me")).status_code == 200


async def test_there_are_two_working_secrets_at_most(world: World, clock: FrozenClock):
    admin = await world.administrator()
    service = await make_service(admin)
    second = (await rotate(admin, service)).json()
    assert second["secrets"][1]["expires_at"] == "2026-03-09T01:00:00Z", "seven days by default"
    refused = await rotate(admin, service)
    assert (refused.status_code, refused.json()["code"]) == (409, "old-secret-still-valid")
    clock.forward(days=7)
    await world.sign_in_again(admin)
    third = await rotate(admin, service, overlap_hours=1)
    assert third.status_code == 200
    assert len(third.json()["secrets"]) == 2
    fourth = (await rotate(admin, service, overlap_hours=0)).json()
    assert len(fourth["secrets"]) == 1
    for ended in (second, third.json()):
        assert (await ask_token(world.client, ended)).status_code == 401
    assert (await ask_token(world.client, fourth)).status_code == 200


async def test_a_rotation_without_overlap_ends_the_tokens_of_the_old_secret(world: World):
    admin = await world.administrator()
    service = await make_service(admin)
    caller = await service_caller(world, service)
    new = (await rotate(admin, service, overlap_hours=0)).json()
    assert (await caller.get("me")).status_code == 401
    assert (await ask_token(world.client, service)).status_code == 401
    assert (await (await service_caller(world, new)).get("me")).status_code == 200


@pytest.mark.parametrize("hours", [-1, 721, "1", 1.5, None, True])
async def test_an_overlap_has_limits(world: World, hours: object):
    admin = await world.administrator()
    service = await make_service(admin)
    assert (await rotate(admin, service, overlap_hours=hours)).status_code == 422


async def test_a_revoked_secret_and_its_tokens_are_refused_at_once(world: World):
    admin = await world.administrator()
    service = await make_service(admin)
    new = (await rotate(admin, service, overlap_hours=24)).json()
    old_caller, new_caller = (
        await service_caller(world, service),
        await service_caller(world, new),
    )
    path = f"service-accounts/{service['id']}/secrets"
    old_id = service["secrets"][0]["id"]
    assert (await admin.request("DELETE", f"{path}/{old_id}")).status_code == 204
    assert (await old_caller.get("me")).status_code == 401
    assert (await new_caller.get("me")).status_code == 200
    assert (await ask_token(world.client, service)).status_code == 401
    assert (await admin.request("DELETE", f"{path}/{old_id}")).status_code == 404
    other = await make_service(admin, client_id="scjg.other")
    foreign = f"{path}/{other['secrets'][0]['id']}"
    assert (await admin.request("DELETE", foreign)).status_code == 404
    # Where the current one leaked, it goes first and a new one comes after; the old overlap stays.
    assert (await admin.request("DELETE", f"{path}/{new['secrets'][0]['id']}")).status_code == 204
    assert (await rotate(admin, service, overlap_hours=24)).status_code == 200


async def test_what_is_taken_away_is_gone_on_the_next_request(world: World):
    admin = await world.administrator()
    service = await make_service(admin)
    caller = await service_caller(world, service)
    path = f"service-accounts/{service['id']}"
    changed = await admin.patch(path, {"scopes": ["object:read"]}, etag=service["etag"])
    assert changed.status_code == 200
    assert changed.json()["scopes"] == ["object:read"]
    assert (await caller.get("me")).json()["permissions"] == ["object:read", "self"]
    # A scope that comes back counts for new tokens, and for old ones that had it.
    stale = await admin.patch(path, {"status": "disabled"}, etag=service["etag"])
    assert stale.status_code == 412
    etag = changed.headers["ETag"]
    assert (await admin.patch(path, {"status": "disabled"}, etag=etag)).status_code == 200
    assert (await caller.get("me")).status_code == 401
    assert (await ask_token(world.client, service)).json()["code"] == "client-refused"
    etag = (await admin.get(path)).headers["ETag"]
    assert (await admin.patch(path, {"status": "active"}, etag=etag)).status_code == 200
    assert (await caller.get("me")).status_code == 401, "the old token stays ended"
    assert (await ask_token(world.client, service)).status_code == 200
    before, after = next(
        (one.before, one.after)
        for one in await entries(world)
        if one.action == "service_account.changed"
    )
    assert (before["scopes"], after["scopes"]) == (["object:read", "object:write"], ["object:read"])


async def test_last_use_is_seen_and_written_once_a_minute_at_most(world: World, clock: FrozenClock):
    admin = await world.administrator()
    service = await make_service(admin)
    path = f"service-accounts/{service['id']}"
    assert service["last_used_at"] is None
    assert service["secrets"][0]["last_used_at"] is None
    caller = await service_caller(world, service)
    seen = (await admin.get(path)).json()
    assert seen["last_used_at"] == "2026-03-02T01:00:00Z"
    assert seen["secrets"][0]["last_used_at"] == "2026-03-02T01:00:00Z"
    etag = (await admin.get(path)).headers["ETag"]
    for seconds, noted in ((59, "01:00:00Z"), (1, "01:01:00Z"), (30, "01:01:00Z")):
        clock.forward(seconds=seconds)
        await caller.get("me")
        last = (await admin.get(path)).json()["last_used_at"]
        assert last == f"2026-03-02T{noted}"
    assert (await admin.get(path)).headers["ETag"] == etag, "use is no change"


async def test_the_trace_says_that_a_service_acted_and_by_which_secret(world: World):
    admin = await world.administrator()
    service = await make_service(admin)
    caller = await service_caller(world, service)
    await ask_token(world.client, service, client_secret="wrong")
    await caller.post("plans", {})  # refused, and traced as the service's
    found = {one.action: one for one in await entries(world) if one.actor == "scjg.sync"}
    started = found["session.started"]
    assert (started.actor_kind, started.chain) == ("service", f"{REGION}/SCJG")
    assert started.actor_id == UUID(service["id"])
    assert started.facts["secret_id"] == service["secrets"][0]["id"]
    assert found["request.refused"].actor_kind == "service"
    assert found["request.refused"].session_id == UUID(started.subject_id)
    refused = [one for one in await entries(world) if one.action == "session.refused"]
    assert [(one.actor_kind, one.subject_id) for one in refused] == [("system", service["id"])]
    kinds = {one.action: one.actor_kind for one in await entries(world) if one.actor != "scjg.sync"}
    assert kinds["service_account.created"] == "person"


async def test_a_service_writes_within_its_own_department(world: World):
    from tests.support.library_factories import object_body

    service = await make_service(await world.administrator())
    caller = await service_caller(world, service)
    made = await caller.post("inspection-objects", object_body())
    assert made.status_code == 201, made.text
    stranger = await make_service(
        await world.administrator(), client_id="wjw.sync", department_code="WJW"
    )
    other = await service_caller(world, stranger)
    path = f"inspection-objects/{made.json()['id']}"
    assert (await other.get(path)).status_code == 404


async def test_attempts_for_one_client_are_counted_from_wherever(world: World):
    service = await make_service(await world.administrator())
    tight = process_of(world.runtime, rate_limit_sign_in_name=2)
    statuses = []
    for number in range(3):
        async with client_of(tight, ip=f"203.0.113.{number}") as client:
            statuses.append((await ask_token(client, service, client_secret="x")).status_code)
    assert statuses == [401, 401, 429]


@pytest.mark.committed
async def test_of_two_rotations_at_once_one_is_refused(committed_world: World):
    admin = await committed_world.administrator()
    service = await make_service(admin)
    path = f"service-accounts/{service['id']}/rotate-secret"
    answers = await asyncio.gather(
        *(admin.post(path, {"overlap_hours": 24}, etag=service["etag"]) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    async with committed_world.runtime.database.reading() as session:
        query = select(ClientSecret).where(ClientSecret.revoked_at.is_(None))
        kept = (await session.execute(query)).scalars().all()
    assert sorted(one.slot for one in kept) == [1, 2]


async def test_a_token_is_a_session_that_the_administrator_sees_and_ends(world: World):
    admin = await world.administrator()
    service = await make_service(admin)
    caller = await service_caller(world, service, scope="object:read")
    path = f"accounts/{service['id']}/sessions"
    (seen,) = (await admin.get(path)).json()["items"]
    assert (seen["scopes"], seen["current"]) == (["object:read"], False)
    assert (await admin.request("DELETE", f"{path}/{seen['id']}")).status_code == 204
    assert (await caller.get("me")).status_code == 401
    async with world.runtime.database.reading() as session:
        held = await session.get(Session, UUID(seen["id"]))
    assert held.expires_at - held.created_at == dt.timedelta(
        seconds=world.runtime.settings.access_token_seconds
    )


async def test_tokens_are_forgotten_a_week_after_they_ran_out_and_last_use_is_not(
    world: World, clock: FrozenClock
):
    admin = await world.administrator()
    service = await make_service(admin)
    await service_caller(world, service)
    worker = SessionService(world.runtime)
    clock.forward(seconds=world.runtime.settings.access_token_seconds, days=7)
    assert await worker.forget_tokens() == 0
    clock.forward(seconds=1)
    await world.sign_in_again(admin)
    assert await worker.forget_tokens() == 1
    seen = (await admin.get(f"service-accounts/{service['id']}")).json()
    assert seen["last_used_at"] == "2026-03-02T01:00:00Z"
    assert (await admin.get("me")).status_code == 200, "people's sessions stay"
