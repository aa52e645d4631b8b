"""Who asks too often is told so before, and refused then; nobody else is."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.domain.actor import Role
from app.jobs.worker import Worker
from app.services.rate_limiter import RateLimiter
from app.services.runtime import Runtime
from tests.support.openapi import operations_of
from tests.support.rate_limits import client_of, process_of, told
from tests.support.world import PASSWORD, World

ME = "/api/v1/me"
PUBLIC = "/api/v1/public/draws"
LOGIN = "/api/v1/auth/login"


def is_refused(response: httpx.Response, policy: str, quota: int) -> bool:
    assert response.status_code == 429, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == "too-many-requests"
    facts = problem["facts"]
    assert (facts["policy"], facts["quota"], facts["window_seconds"]) == (policy, quota, 60)
    wait = int(response.headers["Retry-After"])
    assert 1 <= wait <= 60
    assert facts["retry_after_seconds"] == wait
    assert str(wait) in problem["detail"]
    assert told(response)[policy] == {"r": 0, "t": wait}
    return True


async def test_the_fields_count_down_and_say_the_policy(runtime: Runtime):
    async with client_of(process_of(runtime, rate_limit_ip=5)) as client:
        left = []
        for _ in range(5):
            response = await client.get(PUBLIC)
            assert response.status_code == 200
            assert response.headers["RateLimit-Policy"] == '"ip";q=5;w=60'
            left.append(told(response)["ip"]["r"])
            assert 1 <= told(response)["ip"]["t"] <= 60
            assert "retry-after" not in response.headers
        assert left == [4, 3, 2, 1, 0]
        assert is_refused(await client.get(PUBLIC), "ip", 5)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", ME, 401), ("GET", "/api/v1/no-such-place", 404), ("DELETE", PUBLIC, 405),
        ("GET", f"{PUBLIC}?limit=0", 422), ("GET", f"{PUBLIC}?cursor=%FF", 400),
    ],
)  # fmt: skip
async def test_refusals_of_any_kind_are_counted_and_have_the_fields(
    runtime: Runtime, method: str, path: str, status: int
):
    async with client_of(process_of(runtime, rate_limit_ip=2)) as client:
        for left in (1, 0):
            response = await client.request(method, path)
            assert response.status_code == status
            assert told(response)["ip"]["r"] == left
        assert is_refused(await client.request(method, path), "ip", 2)


async def test_who_has_signed_in_is_counted_by_account_wherever_they_are(
    world: World, runtime: Runtime
):
    one, other = await world.caller(Role.DEPT_CLERK), await world.caller(Role.DEPT_CLERK)
    process = process_of(runtime, rate_limit_account=2, rate_limit_ip=1)
    async with (
        client_of(process, "203.0.113.1") as here,
        client_of(process, "203.0.113.2") as there,
    ):
        bearer = {"Authorization": f"Bearer {one.token}"}
        assert told(await here.get(ME, headers=bearer)) == {"account": {"r": 1, "t": 60}}
        assert (await there.get(ME, headers=bearer)).status_code == 200
        assert is_refused(await here.get(ME, headers=bearer), "account", 2)
        assert is_refused(await there.get(ME, headers=bearer), "account", 2)
        bearer = {"Authorization": f"Bearer {other.token}"}
        assert (await here.get(ME, headers=bearer)).status_code == 200
        assert (await here.get(PUBLIC)).status_code == 200
        assert is_refused(await here.get(PUBLIC), "ip", 1)


async def test_a_token_that_is_not_ours_counts_against_the_address(runtime: Runtime):
    async with client_of(process_of(runtime, rate_limit_ip=3, rate_limit_account=100)) as client:
        for token in ("Bearer nonsense", "Bearer ", "Basic YTpi"):
            response = await client.get(ME, headers={"Authorization": token})
            assert response.status_code == 401
            assert set(told(response)) == {"ip"}
        assert is_refused(await client.get(ME, headers={"Authorization": "Bearer x"}), "ip", 3)


async def test_another_address_has_a_quota_of_its_own_and_one_ipv6_host_has_one(runtime: Runtime):
    process = process_of(runtime, rate_limit_ip=1)
    expected = {
        "203.0.113.1": 200, "203.0.113.2": 200, "203.0.113.1 ": 200,
        "2001:db8::1": 200, "2001:db8::2": 429, "2001:db8:0:1::1": 200, "::ffff:203.0.113.2": 429,
    }  # fmt: skip
    for ip, status in expected.items():
        async with client_of(process, ip) as client:
            assert (await client.get(PUBLIC)).status_code == status, ip


async def test_signing_in_has_a_stricter_quota_by_address(runtime: Runtime):
    process = process_of(runtime, rate_limit_sign_in_ip=3, rate_limit_ip=100)
    async with client_of(process) as client:
        for number, path in enumerate(("login", "refresh", "password")):
            response = await client.post(f"/api/v1/auth/{path}", json={"x": number})
            assert response.status_code == 422
            assert told(response, "RateLimit-Policy") == {"sign-in-ip": {"q": 3, "w": 60}}
        assert is_refused(await client.post(LOGIN, json={}), "sign-in-ip", 3)
        assert (await client.get(PUBLIC)).status_code == 200


async def test_attempts_for_one_name_are_counted_from_wherever_they_come(
    world: World, runtime: Runtime
):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    process = process_of(runtime, rate_limit_sign_in_name=2)
    body = {"username": username, "password": "wrong"}
    async with (
        client_of(process, "203.0.113.1") as here,
        client_of(process, "203.0.113.2") as there,
    ):
        first = await here.post(LOGIN, json=body)
        assert first.status_code == 401
        assert set(told(first)) == {"sign-in-ip", "sign-in-name"}
        assert told(first)["sign-in-name"]["r"] == 1
        change = {"username": username, "old_password": "x", "new_password": PASSWORD * 2}
        assert (await there.post("/api/v1/auth/password", json=change)).status_code == 401
        right = {"username": username, "password": PASSWORD}
        assert is_refused(await there.post(LOGIN, json=right), "sign-in-name", 2)
        other = {"username": "another.name", "password": "wrong"}
        assert (await here.post(LOGIN, json=other)).status_code == 401


async def test_a_quota_of_nought_is_no_limit_and_has_no_fields(runtime: Runtime):
    process = process_of(runtime, rate_limit_ip=0, rate_limit_sign_in_ip=0)
    async with client_of(process) as client:
        for _ in range(20):
            response = await client.get(PUBLIC)
            assert response.status_code == 200
            assert "ratelimit" not in response.headers
            assert "ratelimit-policy" not in response.headers
        assert (await client.post(LOGIN, json={})).status_code == 422


async def test_probes_and_pages_are_never_refused(runtime: Runtime):
    async with client_of(process_of(runtime, rate_limit_ip=1)) as client:
        for path in ("/healthz", "/readyz", "/metrics", "/docs", "/verify", "/openapi.json") * 3:
            response = await client.get(path)
            assert response.status_code == 200
            assert "ratelimit" not in response.headers


async def test_most_requests_cost_no_statement(runtime: Runtime, monkeypatch: pytest.MonkeyPatch):
    process = process_of(runtime, rate_limit_ip=1000)  # leases of 20
    asked = 0
    counting = process.database.counting

    def counted():
        nonlocal asked
        asked += 1
        return counting()

    monkeypatch.setattr(process.database, "counting", counted)
    async with client_of(process) as client:
        for _ in range(200):
            assert (await client.get("/api/v1/nowhere")).status_code == 404
        assert asked == 10
        left = told(await client.get("/api/v1/nowhere"))["ip"]["r"]
        assert left == 1000 - 201


async def test_a_refused_flood_costs_one_statement(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
):
    process = process_of(runtime, rate_limit_ip=1)
    asked = 0
    counting = process.database.counting

    def counted():
        nonlocal asked
        asked += 1
        return counting()

    monkeypatch.setattr(process.database, "counting", counted)
    async with client_of(process) as client:
        statuses = [(await client.get("/api/v1/nowhere")).status_code for _ in range(50)]
    assert statuses == [404] + [429] * 49
    assert asked == 2


async def test_many_at_once_wait_for_one_answer(committed: Runtime):
    process = process_of(committed, rate_limit_ip=1000)
    async with client_of(process) as client:
        answers = await asyncio.gather(*(client.get("/api/v1/nowhere") for _ in range(100)))
    assert {answer.status_code for answer in answers} == {404}
    assert {told(answer)["ip"]["r"] for answer in answers} == set(range(900, 1000))


async def test_when_the_window_has_ended_a_new_one_begins(runtime: Runtime):
    now = [0.0]
    process = process_of(runtime, rate_limit_ip=2)
    limiter = RateLimiter(process.database, process.rate_limiter.policies, lambda: now[0])
    async with client_of(replace(process, rate_limiter=limiter)) as client:
        for status in (200, 200, 429):
            assert (await client.get(PUBLIC)).status_code == status
        async with runtime.database.counting() as session:
            await session.execute(
                text("UPDATE rate_bucket SET ends_at = ends_at - interval '61 s'")
            )
        assert (await client.get(PUBLIC)).status_code == 429, "this process has been told when"
        now[0] = 60.0
        response = await client.get(PUBLIC)
        assert response.status_code == 200
        assert told(response)["ip"] == {"r": 1, "t": 60}


async def test_the_worker_deletes_what_has_ended_and_nothing_else(runtime: Runtime):
    process = process_of(runtime)
    async with client_of(process, "203.0.113.1") as one, client_of(process, "203.0.113.2") as two:
        await one.get(PUBLIC)
        async with runtime.database.counting() as session:
            await session.execute(
                text("UPDATE rate_bucket SET ends_at = ends_at - interval '61 s'")
            )
        await two.get(PUBLIC)
    await Worker(process).once()
    async with runtime.database.reading() as session:
        left = (await session.execute(text("SELECT ends_at > now() FROM rate_bucket"))).scalars()
        assert list(left) == [True]


async def test_the_table_is_not_logged_and_holds_no_address_and_no_name(
    world: World, runtime: Runtime
):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    async with client_of(process_of(runtime)) as client:
        await client.post(LOGIN, json={"username": username, "password": "wrong"})
    async with runtime.database.reading() as session:
        logged = await session.scalar(
            text("SELECT relpersistence FROM pg_class WHERE relname = 'rate_bucket'")
        )
        rows = list(await session.execute(text("SELECT * FROM rate_bucket")))
    assert logged in {"u", b"u"}
    assert len(rows) == 2
    assert "203.0.113.7" not in str(rows)
    assert username not in str(rows)


def gone(*_args: object) -> None:
    raise ConnectionRefusedError


async def test_without_its_database_the_service_reads_uncounted_and_admits_nobody(
    committed: Runtime, monkeypatch: pytest.MonkeyPatch
):
    process = process_of(committed, rate_limit_ip=1)
    monkeypatch.setattr(process.database, "_session", gone)
    async with client_of(process) as client:
        for _ in range(5):
            response = await client.get(PUBLIC)
            assert (response.status_code, response.json()["code"]) == (503, "unavailable")
            assert response.headers["RateLimit-Policy"] == '"ip";q=1;w=60'
            assert "ratelimit" not in response.headers
            assert (await client.get("/api/v1/nowhere")).status_code == 404
        response = await client.post(LOGIN, json={"username": "any.name", "password": "x"})
        assert (response.status_code, response.json()["code"]) == (503, "unavailable")
        assert response.headers["Retry-After"] == "2"


async def test_refusals_are_counted_in_the_metrics(runtime: Runtime):
    async with client_of(process_of(runtime, rate_limit_ip=1)) as client:
        before = (await client.get("/metrics")).text
        for _ in range(3):
            await client.get(PUBLIC)
        after = (await client.get("/metrics")).text

    def refused(metrics: str) -> float:
        lines = [line for line in metrics.splitlines() if 'limited_total{policy="ip"}' in line]
        return float(lines[0].split()[-1]) if lines else 0.0

    assert refused(after) - refused(before) == 2


def test_the_document_says_429_and_the_fields_of_every_limited_operation(application: FastAPI):
    document = application.openapi()
    for name in ("RateLimit", "RateLimit-Policy", "Retry-After"):
        assert name in document["components"]["headers"]
    limited = 0
    for operation in operations_of(application):
        responses = operation.raw["responses"]
        if not operation.path.startswith("/api/"):
            assert "429" not in responses
            continue
        limited += 1
        media = responses["429"]["content"]["application/problem+json"]
        assert "too-many-requests" in media["examples"], operation
        assert "Retry-After" in responses["429"]["headers"]
        for response in responses.values():
            assert {"RateLimit", "RateLimit-Policy"} <= set(response["headers"]), operation
    assert limited > 50
