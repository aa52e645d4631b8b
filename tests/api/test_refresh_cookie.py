"""The refresh token of a front end: in a cookie, used once, and only for a page of ours."""

from collections.abc import AsyncIterator
from http.cookies import Morsel, SimpleCookie

import httpx
import pytest
import pytest_asyncio

from app.domain.actor import Role
from app.services.runtime import Runtime
from tests.support.rate_limits import client_of, process_of
from tests.support.world import PASSWORD, Caller, World

WEB = "https://web.sunlot.test"
HOME = "https://api.sunlot.test"
PAGE = {"X-Requested-With": "XMLHttpRequest", "Origin": WEB}
LOGIN, REFRESH, LOGOUT = "/api/v1/auth/login", "/api/v1/auth/refresh", "/api/v1/auth/logout"


@pytest_asyncio.fixture
async def browser(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a cookie jar, over https, of a service that knows the front end's origin."""
    made = process_of(runtime, cors_origins=(WEB,))
    async with client_of(made, base_url=HOME) as client:
        yield client


def cookie_of(response: httpx.Response) -> Morsel[str]:
    (header,) = response.headers.get_list("set-cookie")
    return SimpleCookie(header)["sunlot_refresh"]


async def log_in(
    client: httpx.AsyncClient, username: str, headers: dict[str, str] = PAGE
) -> httpx.Response:
    body = {"username": username, "password": PASSWORD, "use_cookie": True}
    return await client.post(LOGIN, json=body, headers=headers)


async def start(world: World, browser: httpx.AsyncClient) -> tuple[str, httpx.Response]:
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    answer = await log_in(browser, username)
    assert answer.status_code == 200, answer.text
    return username, answer


async def me(client: httpx.AsyncClient, answer: httpx.Response) -> int:
    token = answer.json()["access_token"]
    response = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    return response.status_code


async def test_on_request_the_refresh_token_is_in_the_cookie_and_not_in_the_body(
    world: World, browser: httpx.AsyncClient
):
    _, answer = await start(world, browser)
    assert answer.json()["refresh_token"] is None
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    cookie = cookie_of(answer)
    assert len(cookie.value) >= 43
    assert cookie["path"] == "/api/v1/auth"
    assert cookie["samesite"].lower() == "strict"
    assert cookie["httponly"] is True
    assert cookie["secure"] is True
    assert cookie["domain"] == ""
    assert int(cookie["max-age"]) == answer.json()["refresh_expires_in"]


async def test_without_asking_there_is_no_cookie(world: World, browser: httpx.AsyncClient):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    body = {"username": username, "password": PASSWORD}
    answer = await browser.post(LOGIN, json=body)
    assert answer.json()["refresh_token"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("environment", "base_url", "secure"),
    [
        ("test", "http://localhost:8000", False),
        ("demo", "http://localhost:8000", False),
        ("demo", HOME, True),
        ("production", HOME, True),
        ("production", "http://localhost:8000", True),
    ],
)
async def test_only_a_demo_on_plain_http_does_without_secure(
    world: World, environment: str, base_url: str, secure: bool
):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    made = process_of(world.runtime, environment=environment)
    async with client_of(made, base_url=base_url) as client:
        answer = await log_in(client, username, {"X-Requested-With": "x", "Origin": base_url})
    assert answer.status_code == 200
    assert bool(cookie_of(answer)["secure"]) is secure


async def test_the_cookie_is_changed_for_another_at_each_refresh(
    world: World, browser: httpx.AsyncClient
):
    _, answer = await start(world, browser)
    first = browser.cookies["sunlot_refresh"]
    renewed = await browser.post(REFRESH, headers=PAGE)
    assert renewed.status_code == 200, renewed.text
    assert renewed.json()["refresh_token"] is None
    assert browser.cookies["sunlot_refresh"] != first
    assert await me(browser, renewed) == 200
    assert (await browser.post(REFRESH, headers=PAGE, json={})).status_code == 200
    # Somebody has a copy of the first one: the whole session ends.
    stolen = {"Cookie": f"sunlot_refresh={first}"}
    browser.cookies.clear()
    reused = await browser.post(REFRESH, headers=PAGE | stolen)
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh-refused")
    assert await me(browser, renewed) == 401
    assert await me(browser, answer) == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": WEB},
        {"X-Requested-With": "x", "Origin": "https://evil.example"},
        {"X-Requested-With": "x", "Origin": "null"},
        {"X-Requested-With": "x", "Origin": "http://api.sunlot.test"},
        {"X-Requested-With": "x", "Sec-Fetch-Site": "cross-site"},
        {"X-Requested-With": "x", "Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_can_neither_refresh_nor_sign_in_nor_out_by_cookie(
    world: World, browser: httpx.AsyncClient, headers: dict[str, str]
):
    username, answer = await start(world, browser)
    kept = browser.cookies["sunlot_refresh"]
    for refused in (
        await browser.post(REFRESH, headers=headers),
        await browser.post(LOGOUT, headers=headers),
        await log_in(browser, username, headers),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "cross-site-refused")
        assert "set-cookie" not in refused.headers
    assert browser.cookies["sunlot_refresh"] == kept
    assert await me(browser, answer) == 200
    assert (await browser.post(REFRESH, headers=PAGE)).status_code == 200, "nothing was used up"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Requested-With": "x", "Origin": HOME},
        {"X-Requested-With": "x", "Sec-Fetch-Site": "same-origin"},
        {"X-Requested-With": "x"},
    ],
)
async def test_our_own_origin_and_what_is_no_browser_may(
    world: World, browser: httpx.AsyncClient, headers: dict[str, str]
):
    await start(world, browser)
    assert (await browser.post(REFRESH, headers=headers)).status_code == 200


async def test_a_token_in_the_body_is_answered_in_the_body_whatever_cookie_there_is(
    world: World, browser: httpx.AsyncClient
):
    username, _ = await start(world, browser)
    kept = browser.cookies["sunlot_refresh"]
    body = {"username": username, "password": PASSWORD}
    token = (await browser.post(LOGIN, json=body)).json()["refresh_token"]
    renewed = await browser.post(REFRESH, json={"refresh_token": token})
    assert renewed.json()["refresh_token"]
    assert "set-cookie" not in renewed.headers
    assert browser.cookies["sunlot_refresh"] == kept


@pytest.mark.parametrize("body", [None, {}, {"refresh_token": None}])
async def test_without_token_and_cookie_there_is_no_refresh(
    client: httpx.AsyncClient, body: dict | None
):
    refused = await client.post(REFRESH, json=body, headers=PAGE)
    assert (refused.status_code, refused.json()["code"]) == (401, "refresh-refused")
    refused = await client.post(LOGOUT, headers=PAGE)
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")


async def test_signing_out_by_access_token_clears_the_cookie(
    world: World, browser: httpx.AsyncClient
):
    _, answer = await start(world, browser)
    token = browser.cookies["sunlot_refresh"]
    caller = Caller(browser, "x", "x", answer.json()["access_token"])
    out = await caller.post("auth/logout")
    assert out.status_code == 204
    cleared = cookie_of(out)
    assert (cleared.value, cleared["max-age"], cleared["path"]) == ("", "0", "/api/v1/auth")
    assert "sunlot_refresh" not in browser.cookies
    again = PAGE | {"Cookie": f"sunlot_refresh={token}"}
    assert (await browser.post(REFRESH, headers=again)).status_code == 401
    assert await me(browser, answer) == 401


async def test_signing_out_by_cookie_ends_the_session_where_the_access_token_has_run_out(
    world: World, browser: httpx.AsyncClient
):
    _, answer = await start(world, browser)
    stale = PAGE | {"Authorization": "Bearer of-yesterday"}
    out = await browser.post(LOGOUT, headers=stale)
    assert out.status_code == 204
    assert "sunlot_refresh" not in browser.cookies
    assert await me(browser, answer) == 401
    assert (await browser.post(LOGOUT, headers=stale)).status_code == 401


async def test_a_cookie_that_is_not_ours_opens_nothing(browser: httpx.AsyncClient):
    forged = PAGE | {"Cookie": "sunlot_refresh=" + "x" * 43}
    assert (await browser.post(REFRESH, headers=forged)).status_code == 401
    assert (await browser.post(LOGOUT, headers=forged)).status_code == 401
