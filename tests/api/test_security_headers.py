"""Every answer tells the browser how little it may do; the pages may do what they need."""

import re

import httpx
import pytest
from fastapi import FastAPI

from app.domain.actor import Role
from app.main import create_app
from app.services.runtime import Runtime
from tests.support.rate_limits import client_of, process_of
from tests.support.world import World

ADDRESSES = (
    "/healthz", "/api/v1/me", "/api/v1/public/draws", "/api/v1/public/draws/none", "/no-such-place",
    "/verify", "/docs", "/redoc", "/openapi.json", "/metrics", "/problems/not-found",
    "/static-offline-docs/swagger-ui.css", "/api/v1/public/draws?cursor=%FF",
)  # fmt: skip
PAGES = ("/verify", "/docs", "/redoc", "/docs/oauth2-redirect")
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def policy_of(response: httpx.Response) -> dict[str, list[str]]:
    parts = (part.split() for part in response.headers["content-security-policy"].split("; "))
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("path", ADDRESSES)
async def test_every_answer_has_each_header_once(client: httpx.AsyncClient, path: str):
    response = await client.get(path)
    once = {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    for name, value in once.items():
        assert response.headers.get_list(name) == [value], name
    assert len(response.headers.get_list("content-security-policy")) == 1
    assert policy_of(response)["frame-ancestors"] == ["'none'"]
    assert "strict-transport-security" not in response.headers
    assert "server" not in response.headers


@pytest.mark.parametrize("path", [path for path in ADDRESSES if path not in PAGES])
async def test_what_is_no_page_may_load_nothing(client: httpx.AsyncClient, path: str):
    assert (await client.get(path)).headers["content-security-policy"] == NOTHING


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_loads_from_here_only(client: httpx.AsyncClient, path: str):
    policy = policy_of(await client.get(path))
    assert policy["default-src"] == ["'none'"]
    assert policy["connect-src"] == ["'self'"]
    allowed = {"'self'", "'unsafe-inline'", "'none'", "data:", "blob:"}
    assert {source for sources in policy.values() for source in sources} <= allowed
    assert "'unsafe-eval'" not in str(policy)


async def test_the_header_of_the_verifier_allows_what_its_own_policy_does(client):
    page = await client.get("/verify")
    own = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page.text)[1]
    parts = (part.split() for part in own.split("; "))
    header = policy_of(page)
    assert {name: sources for name, *sources in parts}.items() <= header.items()


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/api/v1/public/draws", "cross-origin"), ("/api/v1/public/no-such", "cross-origin"),
        ("/api/v1/me", "same-origin"), ("/docs", "same-origin"), ("/api/v1/publicity", "same-origin"),
    ],
)  # fmt: skip
async def test_only_the_public_may_be_embedded_elsewhere(client, path: str, policy: str):
    assert (await client.get(path)).headers["cross-origin-resource-policy"] == policy


async def test_an_answer_to_one_caller_is_kept_by_nobody(world: World):
    caller = await world.caller(Role.DEPT_CLERK)
    for path in ("me", "plans", "officers", "no-such-thing"):
        assert (await caller.get(path)).headers.get_list("cache-control") == ["no-store"], path


async def test_a_public_answer_is_kept_as_its_route_says(client: httpx.AsyncClient):
    response = await client.get("/api/v1/public/draws")
    assert response.headers.get_list("cache-control") == ["public, max-age=60"]
    again = await client.get(
        "/api/v1/public/draws", headers={"If-None-Match": response.headers["etag"]}
    )
    assert again.status_code == 304
    assert again.headers["cache-control"] == "public, max-age=60"
    assert again.headers["x-frame-options"] == "DENY"


async def test_an_unknown_error_has_them_too_and_is_answered_once(runtime: Runtime):
    made = create_app(runtime.settings, clock=runtime.clock, runtime=runtime)

    @made.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError

    transport = httpx.ASGITransport(app=made, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sunlot.test") as client:
        response = await client.get("/api/v1/broken")
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert response.headers.get_list("x-frame-options") == ["DENY"]
    assert response.headers.get_list("cache-control") == ["no-store"]
    assert response.headers.get_list("x-request-id") == [response.json()["request_id"]]
    assert "ratelimit" in response.headers


async def test_a_fault_in_a_middleware_has_them_too(
    application: FastAPI, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("app.middleware.rate_limits._counted", broken)
    transport = httpx.ASGITransport(app=application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sunlot.test") as client:
        response = await client.get("/api/v1/me")
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert response.headers["content-security-policy"] == NOTHING


@pytest.mark.parametrize(
    ("base_url", "forwarded", "sent"),
    [
        ("https://sunlot.test", None, True),
        ("http://sunlot.test", None, False),
        ("http://sunlot.test", "https", True),
        ("https://sunlot.test", "http", False),
    ],
)
async def test_https_is_insisted_upon_where_it_is_used_and_the_settings_say_so(
    runtime: Runtime, base_url: str, forwarded: str | None, *, sent: bool
):
    process = process_of(runtime, hsts_seconds=31_536_000, trusted_proxies=_trusted())
    headers = {} if forwarded is None else {"X-Forwarded-Proto": forwarded}
    async with client_of(process, "203.0.113.7", base_url) as client:
        for path in ("/healthz", "/api/v1/me"):
            response = await client.get(path, headers=headers)
            expected = ["max-age=31536000; includeSubDomains"] if sent else []
            assert response.headers.get_list("strict-transport-security") == expected


def _trusted() -> tuple:
    from ipaddress import ip_network

    return (ip_network("203.0.113.7/32"),)
