"""People at their keyboards: each signs in with an own password and speaks HTTP, nothing else.

A person changes the one-time password before anything, renews tokens when they have run out (the
clock of the demo is steered by months) and never retries what was refused: a refusal is an answer.
"""

import asyncio
import datetime as dt
import secrets
import time
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

_T = TypeVar("_T")
_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MARGIN = dt.timedelta(seconds=20)
_UNAUTHENTICATED = 401
AT_ONCE = 6


class Refused(Exception):
    """The service answered a request of the year with a problem."""

    def __init__(self, who: str, method: str, path: str, status: int, text: str) -> None:
        super().__init__(f"{who}: {method} {path} -> {status} {text[:2000]}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    etag: str | None
    content: bytes

    @property
    def code(self) -> str:
        """The problem's code, or nothing."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


class Line:
    """The connection to one service, and what time it is there."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url,
            timeout=60,
            limits=httpx.Limits(max_connections=AT_ONCE * 2),
            trust_env=False,
        )
        self._set_to = _LONG_AGO
        self._set_when = time.monotonic()
        self.tried: set[str] = set()
        """Roles of which somebody has tried to sign in with a one-time password."""
        self.requests = 0
        self.logins = 0

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    def now(self) -> dt.datetime:
        """The service's time, as it was last set or told."""
        return self._set_to + dt.timedelta(seconds=time.monotonic() - self._set_when)

    def told(self, now: dt.datetime) -> None:
        """The service has said what time it is."""
        self._set_to, self._set_when = now, time.monotonic()

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        """One request, whatever the answer."""
        self.requests += 1
        response = await self._http.request(method, f"/api/v1/{path}", **options)
        kind = response.headers.get("content-type", "")
        body = response.json() if "json" in kind and response.content else None
        return Answer(response.status_code, body, response.headers.get("etag"), response.content)

    async def read(self, path: str) -> Answer:
        """What anybody may read."""
        answer = await self.ask("GET", path)
        if answer.status >= httpx.codes.BAD_REQUEST:
            raise Refused("public", "GET", path, answer.status, answer.content.decode())
        return answer


@dataclass
class Person:
    """One account and who sits before it."""

    line: Line
    username: str
    password: str = field(repr=False)
    role: str
    department: str | None
    account_id: str = ""
    one_time: bool = True
    """Whether the password is still the one that the administrator was shown."""
    _access: str = field(default="", init=False, repr=False)
    _refresh: str = field(default="", init=False, repr=False)
    _expires: dt.datetime = field(default=_LONG_AGO, init=False)
    _refresh_expires: dt.datetime = field(default=_LONG_AGO, init=False)
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    async def get(self, path: str) -> Answer:
        """Read."""
        return await self._must("GET", path)

    async def post(self, path: str, body: Any = None, *, etag: str | None = None) -> Answer:
        """Act."""
        return await self._must("POST", path, body, etag)

    async def put(self, path: str, body: Any, *, etag: str | None) -> Answer:
        """Write a whole."""
        return await self._must("PUT", path, body, etag)

    async def patch(self, path: str, body: Any, *, etag: str | None) -> Answer:
        """Change a part."""
        return await self._must("PATCH", path, body, etag)

    async def upload(self, path: str, name: str, data: bytes) -> Answer:
        """Hand in a spreadsheet."""
        await self._signed_in()
        files = {"file": (name, data, "application/octet-stream")}
        headers = self._headers(None) | _new_key()
        answer = await self.line.ask("POST", path, files=files, headers=headers)
        return self._granted("POST", path, answer)

    async def attempt(
        self, method: str, path: str, body: Any = None, etag: str | None = None
    ) -> Answer:
        """Ask for what may well be refused."""
        await self._signed_in()
        headers = self._headers(etag) | (_new_key() if method == "POST" else {})
        return await self.line.ask(method, path, json=body, headers=headers)

    async def _must(
        self, method: str, path: str, body: Any = None, etag: str | None = None
    ) -> Answer:
        answer = await self.attempt(method, path, body, etag)
        if answer.status == _UNAUTHENTICATED:
            self._expires = self._refresh_expires = self.line.now()
            answer = await self.attempt(method, path, body, etag)
        return self._granted(method, path, answer)

    def _granted(self, method: str, path: str, answer: Answer) -> Answer:
        if answer.status >= httpx.codes.BAD_REQUEST:
            raise Refused(self.username, method, path, answer.status, answer.content.decode())
        return answer

    def _headers(self, etag: str | None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._access}", "Accept-Language": "zh-CN"}
        return headers if etag is None else headers | {"If-Match": etag}

    async def _signed_in(self) -> None:
        """Have an access token that is still good; a refresh token is never used twice."""
        async with self._renewing:
            now = self.line.now() + _MARGIN
            if now < self._expires:
                return
            if self.one_time:
                await self._choose_password()
            elif now < self._refresh_expires:
                answer = await self.line.ask(
                    "POST", "auth/refresh", json={"refresh_token": self._refresh}
                )
                if answer.status == httpx.codes.OK:
                    self._keep(answer)
                    return
            self._keep(await self._log_in())

    async def _choose_password(self) -> None:
        """The one-time password opens nothing but the way to an own one; once a role tries it."""
        if self.role not in self.line.tried:
            self.line.tried.add(self.role)
            first = await self.line.ask("POST", "auth/login", json=self._credentials())
            if first.code != "password-change-required":
                raise Refused(
                    self.username, "POST", "auth/login", first.status, "one-time password lets in"
                )
        chosen = secrets.token_urlsafe(18)
        body = {
            "username": self.username,
            "old_password": self.password,
            "new_password": chosen,
        }
        self._granted(
            "POST", "auth/password", await self.line.ask("POST", "auth/password", json=body)
        )
        self.password, self.one_time = chosen, False

    async def _log_in(self) -> Answer:
        self.line.logins += 1
        answer = await self.line.ask("POST", "auth/login", json=self._credentials())
        return self._granted("POST", "auth/login", answer)

    def _credentials(self) -> dict[str, str]:
        return {"username": self.username, "password": self.password}

    def _keep(self, answer: Answer) -> None:
        now = self.line.now()
        self._access = answer.body["access_token"]
        self._refresh = answer.body["refresh_token"]
        self._expires = now + dt.timedelta(seconds=answer.body["expires_in"])
        self._refresh_expires = now + dt.timedelta(seconds=answer.body["refresh_expires_in"])


def _new_key() -> dict[str, str]:
    """An Idempotency-Key for an act that is done once: nobody here retries."""
    return {"Idempotency-Key": secrets.token_urlsafe(16)}


async def in_turns(work: Iterable[Awaitable[_T]], at_once: int = AT_ONCE) -> list[_T]:
    """Do all of it, a few at a time; the first failure ends the rest."""
    jobs = enumerate(work)  # each coroutine is made when its turn comes
    done: dict[int, _T] = {}

    async def take() -> None:
        for place, job in jobs:
            done[place] = await job

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(take())
    return [done[place] for place in sorted(done)]
