"""Other origins read what is public; the rest only those that the settings name."""

import httpx
import pytest
from pydantic import ValidationError

from app.services.runtime import Runtime
from app.settings import Settings
from tests.support.rate_limits import client_of, process_of

WEB = "https://web.example"
OTHER = "https://other.example"
PUBLIC = "/api/v1/public/draws"
ME = "/api/v1/me"


def allowed(response: httpx.Response) -> tuple[str | None, str | None]:
    headers = response.headers
    return (
        headers.get("access-control-allow-origin"),
        headers.get("access-control-allow-credentials"),
    )


@pytest.mark.parametrize(
    ("path", "origin", "expected"),
    [
        (ME, WEB, (WEB, "true")),
        (ME, OTHER, (None, None)),
        (ME, None, (None, None)),
        (ME, "null", (None, None)),
        (ME, f"{WEB}.evil.example", (None, None)),
        (ME, "https://WEB.example", (None, None)),
        (ME, "http://web.example", (None, None)),
        (ME, f"{WEB}:8443", (None, None)),
        (PUBLIC, WEB, (WEB, "true")),
        (PUBLIC, OTHER, ("*", None)),
        (PUBLIC, None, ("*", None)),
        (PUBLIC, "null", ("*", None)),
    ],
)
async def test_who_may_read_what(
    runtime: Runtime, path: str, origin: str | None, expected: tuple[str | None, str | None]
):
    headers = {} if origin is None else {"Origin": origin}
    async with client_of(process_of(runtime, cors_origins=(WEB,))) as client:
        response = await client.get(path, headers=headers)
    assert allowed(response) == expected
    assert response.status_code == (200 if path == PUBLIC else 401)
    assert "Origin" in response.headers["vary"]


async def test_without_a_list_only_the_public_is_open_and_the_same_for_all(
    client: httpx.AsyncClient,
):
    for origin in (WEB, OTHER):
        assert allowed(await client.get(ME, headers={"Origin": origin})) == (None, None)
        response = await client.get(PUBLIC, headers={"Origin": origin})
        assert allowed(response) == ("*", None)
        assert "vary" not in response.headers


async def test_what_a_front_end_may_read_beside_the_body(runtime: Runtime):
    async with client_of(process_of(runtime, cors_origins=(WEB,))) as client:
        response = await client.get(ME, headers={"Origin": WEB})
    exposed = set(response.headers["access-control-expose-headers"].split(", "))
    assert {
        "ETag", "Location", "RateLimit", "Retry-After", "X-Request-Id", "Idempotency-Replayed",
    } <= exposed  # fmt: skip


def preflight(origin: str, method: str = "PATCH") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, if-match, content-type",
    }


async def test_a_preflight_is_answered_for_a_listed_origin(runtime: Runtime):
    async with client_of(process_of(runtime, cors_origins=(WEB,), rate_limit_ip=1)) as client:
        for _ in range(3):
            response = await client.request("OPTIONS", "/api/v1/plans", headers=preflight(WEB))
            assert response.status_code == 204
            assert response.content == b""
    assert allowed(response) == (WEB, "true")
    headers = response.headers
    assert set(headers["access-control-allow-methods"].split(", ")) == {
        "GET", "POST", "PUT", "PATCH", "DELETE",
    }  # fmt: skip
    sent = {name.lower() for name in headers["access-control-allow-headers"].split(", ")}
    assert {"authorization", "content-type", "if-match", "idempotency-key"} <= sent
    assert {"x-requested-with", "prefer", "accept-language"} <= sent
    assert headers["access-control-max-age"] == "600"
    assert headers["x-frame-options"] == "DENY"
    assert "x-request-id" in headers


async def test_a_preflight_of_another_origin_is_no_method_of_ours(runtime: Runtime):
    async with client_of(process_of(runtime, cors_origins=(WEB,))) as client:
        response = await client.request("OPTIONS", "/api/v1/plans", headers=preflight(OTHER))
        public = await client.request("OPTIONS", PUBLIC, headers=preflight(OTHER, "GET"))
    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"
    assert allowed(response) == (None, None)
    assert "access-control-allow-methods" not in response.headers
    assert (public.status_code, allowed(public)) == (204, ("*", None))


async def test_refusals_of_every_layer_can_be_read_by_the_front_end(runtime: Runtime):
    process = process_of(runtime, cors_origins=(WEB,), rate_limit_ip=4)
    asked = {
        401: ("GET", ME, {}),
        404: ("GET", "/api/v1/no-such-thing", {}),
        405: ("DELETE", ME, {}),
        413: ("POST", "/api/v1/plans", {"content": b"x", "headers": {"Content-Length": "9" * 9}}),
        429: ("GET", ME, {}),
    }
    async with client_of(process) as client:
        for status, (method, path, options) in asked.items():
            headers = options.pop("headers", {}) | {"Origin": WEB}
            response = await client.request(method, path, headers=headers, **options)
            assert response.status_code == status
            assert allowed(response) == (WEB, "true")


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "", "web.example", "https://web.example/", "https://web.example/app",
     "https://*.example", "https://Web.example", "ftp://web.example", "https://user@web.example"],
)  # fmt: skip
def test_a_listed_origin_is_exact(origin: str):
    with pytest.raises(ValidationError, match="an origin is like"):
        Settings(environment="test", cors_origins=(origin,))


@pytest.mark.parametrize(
    "origin", ["https://web.example", "http://localhost:5173", "https://[2001:db8::1]:8443"]
)
def test_an_origin_as_browsers_say_it_may_be_listed(origin: str):
    assert Settings(environment="test", cors_origins=(origin,)).cors_origins == (origin,)
