"""Requests as they should not be: each gets a clear problem, and nothing breaks or is written."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.domain.actor import PERMISSIONS, Permission, Role
from app.main import create_app
from app.models.audit import AuditEntry
from app.services.runtime import Runtime
from tests.support.openapi import Operation, operations_of
from tests.support.world import REGION, Caller, World

JSON = {"Content-Type": "application/json"}
NEW = {
    "username": "scjg.new",
    "display_name": "经办新",
    "role": "dept_clerk",
    "department_code": "SCJG",
    "region_code": REGION,
}
PLACE = {Role.SYSADMIN: None, Role.LG_OFFICE: "LDXZ", Role.OVERSIGHT: "JWJW"}


async def entries(world: World) -> int:
    async with world.runtime.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(AuditEntry))


def is_problem(response: httpx.Response, status: int, code: str) -> bool:
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem = response.json()
    assert problem["request_id"] == response.headers["x-request-id"]
    assert problem["type"].endswith(f"/problems/{problem['code']}")
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    return True


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"", b"not json", b'{"username": }', b"\xff\xfe", b'{"a": "\xff"}', b"\x00",
        b"[" * 100_000, b'{"a":' * 50_000, b'{"username": ' + b"9" * 10_000 + b"}",
    ],
    ids=lambda body: repr(body[:16]),
)  # fmt: skip
async def test_what_is_no_json_is_a_bad_request(world: World, body: bytes):
    admin = await world.administrator()
    before = await entries(world)
    response = await admin.request("POST", "accounts", content=body, headers=JSON)
    if body:
        assert is_problem(response, 400, "malformed-request")
    else:
        assert is_problem(response, 422, "validation-failed")
    assert await entries(world) == before


@pytest.mark.parametrize("value", [[], [NEW], "x", 1, None, True, {}, {"a": {"b": [1] * 50}}])
async def test_json_of_another_shape_is_invalid(world: World, value: Any):
    admin = await world.administrator()
    response = await admin.request("POST", "accounts", content=json.dumps(value), headers=JSON)
    assert is_problem(response, 422, "validation-failed")
    assert response.json()["errors"]


@pytest.mark.parametrize(
    "value",
    [
        "a\x00b",
        "\ud800",
        "a\udfffb",
        "\x1b[2J",
        "\x7f",
        10**300,
        -(10**300),
        1e308,
        {"a": [[]]},
        [],
    ],
    ids=ascii,
)
async def test_a_text_that_no_table_can_hold_is_invalid_and_not_echoed(world: World, value: Any):
    admin = await world.administrator()
    before = await entries(world)
    response = await admin.post("accounts", {**NEW, "display_name": value})
    assert is_problem(response, 422, "validation-failed")
    assert [error["pointer"] for error in response.json()["errors"]] == ["/display_name"]
    assert json.dumps(value)[:12] not in response.text.replace("[]", "")
    assert await entries(world) == before


async def test_an_unknown_field_is_named_by_its_pointer(world: World):
    admin = await world.administrator()
    body = {**NEW, "is/admin~": True, "nul\x00": 1, "x" * 5000: 1}
    response = await admin.post("accounts", body)
    assert is_problem(response, 422, "validation-failed")
    errors = response.json()["errors"]
    assert {error["code"] for error in errors} == {"extra_forbidden"}
    assert "/is~1admin~0" in {error["pointer"] for error in errors}
    assert max(len(error["pointer"]) for error in errors) <= 200


async def test_a_field_whose_name_is_no_text_is_invalid(world: World):
    admin = await world.administrator()
    assert is_problem(await admin.post("accounts", {**NEW, "\ud800": 1}), 422, "validation-failed")


async def test_text_is_trimmed_and_composed(world: World):
    admin = await world.administrator()
    made = await admin.post("accounts", {**NEW, "display_name": "  e\u0301 \n"})
    assert made.status_code == 201
    assert made.json()["display_name"] == "\u00e9"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", None]
)
async def test_a_body_of_another_media_type_is_refused(world: World, content_type: str | None):
    admin = await world.administrator()
    headers = {} if content_type is None else {"Content-Type": content_type}
    body = json.dumps(NEW)
    response = await admin.request("POST", "accounts", content=body, headers=headers)
    assert is_problem(response, 415, "unsupported-media-type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/JSON"])
async def test_json_with_a_charset_is_json(world: World, content_type: str):
    admin = await world.administrator()
    headers = {"Content-Type": content_type}
    made = await admin.request("POST", "accounts", content=json.dumps(NEW), headers=headers)
    assert made.status_code == 201


@pytest.fixture
async def narrow(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that takes 2,000 bytes at most."""
    settings = runtime.settings.model_copy(update={"max_body_bytes": 2000})
    made = create_app(settings, clock=runtime.clock, runtime=runtime)
    transport = httpx.ASGITransport(app=made)
    async with httpx.AsyncClient(transport=transport, base_url="http://sunlot.test") as client:
        yield client


async def test_a_body_that_says_it_is_too_large_is_refused_unread(narrow: httpx.AsyncClient):
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b" " * 1000

    headers = {**JSON, "Content-Length": str(100_000), "X-Request-Id": "known-request-id"}
    response = await narrow.post("/api/v1/auth/login", content=chunks(), headers=headers)
    assert is_problem(response, 413, "body-too-large")
    assert response.json()["facts"] == {"limit_bytes": 2000}
    assert response.headers["x-request-id"] == "known-request-id"
    assert read == 0


@pytest.mark.parametrize("declared", [None, "100", "0", "-1", "x", "9" * 100])
async def test_a_body_that_grows_too_large_is_refused_while_it_streams_in(
    narrow: httpx.AsyncClient, declared: str | None
):
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b" " * 1000

    headers = JSON | ({} if declared is None else {"Content-Length": declared})
    response = await narrow.post("/api/v1/auth/login", content=chunks(), headers=headers)
    assert is_problem(response, 413, "body-too-large")
    assert read <= 4


async def test_a_body_as_large_as_allowed_is_read(narrow: httpx.AsyncClient):
    body = json.dumps({"username": "nobody.knows", "password": "x"}).encode()
    for size, status in ((2000, 401), (2001, 413)):
        content = body + b" " * (size - len(body))
        response = await narrow.post("/api/v1/auth/login", content=content, headers=JSON)
        assert response.status_code == status


async def test_fifty_megabytes_are_refused(client: httpx.AsyncClient):
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 1024 * 1024

    response = await client.post("/api/v1/auth/login", content=chunks(), headers=JSON)
    assert is_problem(response, 413, "body-too-large")


@pytest.mark.parametrize("given", ["abcdefgh", "A.b_c-1234", "x" * 64])
async def test_a_request_id_is_kept(client: httpx.AsyncClient, given: str):
    response = await client.get("/healthz", headers={"X-Request-Id": given})
    assert response.headers.get_list("x-request-id") == [given]


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "with space here", "new\tline12", "é" * 9, ""]
)
async def test_a_request_id_that_is_not_well_formed_is_replaced(
    client: httpx.AsyncClient, given: str
):
    response = await client.get("/healthz", headers={"X-Request-Id": given.encode()})
    assert re.fullmatch(r"[0-9a-f-]{36}", response.headers["x-request-id"])


async def test_two_requests_never_share_an_id(client: httpx.AsyncClient):
    ids = {(await client.get("/healthz")).headers["x-request-id"] for _ in range(20)}
    assert len(ids) == 20


async def test_every_answer_says_that_its_type_is_not_to_be_guessed(client: httpx.AsyncClient):
    for path in ("/healthz", "/api/v1/me", "/no-such-place", "/verify"):
        assert (await client.get(path)).headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "zh"), ("zh-CN", "zh"), ("en", "en"), ("en-GB,en;q=0.9", "en"),
        ("zh;q=0.5, en;q=0.9", "en"), ("en;q=0.5, zh;q=0.9", "zh"), ("fr", "zh"), ("*", "zh"),
        ("en;q=broken", "zh"), ("en;q=0", "zh"), ("", "zh"), (";;;,,,", "zh"), ("fr, en;q=0.1", "en"),
    ],
)  # fmt: skip
async def test_a_problem_speaks_the_language_that_was_asked_for(
    client: httpx.AsyncClient, accepted: str | None, language: str
):
    headers = {} if accepted is None else {"Accept-Language": accepted}
    response = await client.get("/api/v1/me", headers=headers)
    problem = response.json()
    assert response.headers["content-language"] == language
    assert problem["detail"] == problem["messages"][language]
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert bool(chinese.search(problem["detail"] + problem["title"])) == (language == "zh")


async def test_an_error_of_a_field_speaks_that_language_too(world: World):
    admin = await world.administrator()
    bad = json.dumps({**NEW, "username": "X"})
    for language in ("zh", "en"):
        headers = JSON | {"Accept-Language": language}
        response = await admin.request("POST", "accounts", content=bad, headers=headers)
        error = response.json()["errors"][0]
        assert error["detail"] == error["messages"][language]


async def test_the_process_says_that_it_lives_and_that_it_can_serve(client: httpx.AsyncClient):
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.get("/readyz")).json() == {"status": "ready"}


async def test_without_its_database_the_process_lives_and_is_not_ready(
    committed: Runtime, committed_client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    def gone() -> None:
        raise OSError

    monkeypatch.setattr(committed.database, "connection", gone)
    assert (await committed_client.get("/healthz")).status_code == 200
    assert is_problem(await committed_client.get("/readyz"), 503, "unavailable")


async def test_on_another_schema_the_process_is_not_ready(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.storage.schema.expected_revision", lambda: "9999")
    assert is_problem(await client.get("/readyz"), 503, "unavailable")


async def test_the_metrics_count_requests_by_route_and_not_by_address(client: httpx.AsyncClient):
    await client.get("/api/v1/me")
    await client.get("/no-such-place/1")
    response = await client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    counted = re.findall(r"^sunlot_requests_total\{(.+)\}", response.text, re.MULTILINE)
    assert any('route="/api/v1/me",status="401"' in labels for labels in counted)
    assert any('route="unmatched",status="404"' in labels for labels in counted)
    assert "no-such-place" not in response.text


async def test_the_document_and_its_pages_need_no_other_host(client: httpx.AsyncClient):
    for path in ("/docs", "/redoc", "/verify"):
        page = await client.get(path)
        assert page.status_code == 200
        fetched = re.findall(r'(?:src|href)="(https?://[^"]+)"', page.text)
        assert [url for url in fetched if "fastapi.tiangolo" not in url] == [], path


async def a_caller_for(world: World, permission: str) -> Caller | None:
    if permission in {Permission.PUBLIC, Permission.SELF}:
        return await world.caller(Role.DEPT_CLERK)
    role = next(role for role in Role if permission in PERMISSIONS[role])
    return await world.caller(role, PLACE.get(role, "SCJG"))


async def callers_for(world: World, operations: list[Operation]) -> dict[str, Caller]:
    permissions = {operation.permission for operation in operations}
    return {permission: await a_caller_for(world, permission) for permission in permissions}


BODIES = [
    None,
    [],
    "x",
    0,
    {"unknown": 1},
    {"name": "\x00"},
    [[[[[]]]]],
    {"a": {"b": {"c": 10**30}}},
]


async def test_no_operation_breaks_on_a_body_that_is_not_its_own(
    application: FastAPI, world: World
):
    taking = [op for op in operations_of(application) if "requestBody" in op.raw]
    callers = await callers_for(world, taking)
    wrong = []
    for operation in taking:
        for body in BODIES:
            response = await callers[operation.permission].request(
                operation.method,
                operation.url(),
                content=json.dumps(body),
                headers=JSON,
                etag='"1"',
            )
            code = response.json().get("code")
            if not 400 <= response.status_code < 500 or code is None:
                wrong.append(f"{operation} {body!r} -> {response.status_code} {code}")
    assert wrong == []
    assert taking


async def test_no_operation_breaks_on_parameters_that_no_table_can_hold(
    application: FastAPI, world: World
):
    reading = [op for op in operations_of(application) if op.method == "GET"]
    callers = await callers_for(world, reading)
    wrong = []
    for operation in reading:
        queried = [p["name"] for p in operation.raw.get("parameters", []) if p["in"] == "query"]
        for value in ("%00", "%ED%A0%80", "%FF", "9" * 400, "-1", "x" * 3000, "%F0%9F%98%80", "'"):
            urls = [operation.url() + "?" + "&".join(f"{name}={value}" for name in queried)]
            urls += [f"{operation.url()}?{name}={value}" for name in queried]
            if "{" in operation.path:
                urls.append(re.sub(r"\{[a-z_]+\}", value, operation.path))
            for url in urls:
                response = await callers[operation.permission].get(url)
                if response.status_code >= 500:
                    wrong.append(f"GET {url[:200]} -> {response.status_code}")
    assert wrong == []
    assert reading


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_a_method_that_an_address_does_not_know_is_a_problem(
    client: httpx.AsyncClient, method: str
):
    response = await client.request(method, "/healthz")
    if method == "GET":
        assert response.status_code == 200
    else:
        assert is_problem(response, 405, "method-not-allowed")
        assert response.headers["allow"] == "GET"
