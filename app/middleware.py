"""Pure ASGI middleware: request ids, the access log and metrics; limits, methods, encodings.

Nothing here reads a body into memory.
"""

import contextlib
import re
import time
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from prometheus_client import Counter, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import problems
from app.domain.refusals import general
from app.models.base import new_id

log = structlog.get_logger("app.access")
REQUESTS = Counter("sunlot_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("sunlot_request_seconds", "Time to answer.", ["method", "route"])
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}\Z")


class RequestTrace:
    """Gives every request an id (or keeps a well-formed one), logs it and counts it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _REQUEST_ID.match(given) else str(new_id())
        scope["request_id"] = request_id
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.setdefault("headers", [])
                headers += [
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "unmatched")
            REQUESTS.labels(scope["method"], route, status).inc()
            SECONDS.labels(scope["method"], route).observe(seconds)
            client: Any = scope.get("client") or (None,)
            log.info(
                "request",
                request_id=request_id,
                method=scope["method"],
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
                ip=client[0],
            )


class _BodyTooLargeError(Exception):
    """More came in than is allowed."""


class RequestLimits:
    """Refuses a body over the limit: by its declared length at once, else while it streams in."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._limit = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._limit:
            await self._refuse(scope, receive, send)
            return
        seen = 0
        started = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise _BodyTooLargeError
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            # What the application says to a body that was cut off is not the reason.
            if seen > self._limit:
                return
            started = True
            await send(message)

        with contextlib.suppress(_BodyTooLargeError):
            await self._app(scope, counted, watched)
        if seen > self._limit and not started:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        facts = {"limit_bytes": self._limit}
        headers = {"Connection": "close"}
        refused = problems.respond(Request(scope), general.BODY_TOO_LARGE, facts, headers=headers)
        await refused(scope, receive, send)


class KnownMethods:
    """Refuses what no router sees: a query that is not UTF-8, a method a fixed address lacks.

    A router would read the query's broken bytes as U+FFFD and answer another question; and it
    would hand PATCH /officers/import to the route of the officer whose id is "import".
    """

    def __init__(self, app: ASGIApp, methods_of: Callable[[str], Collection[str]]) -> None:
        self._app = app
        self._methods_of = methods_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = self._methods_of(scope["path"])
        if known and scope["method"] not in known:
            refused = problems.method_not_allowed(Request(scope), known)
            await refused(scope, receive, send)
            return
        try:
            unquote_to_bytes(scope["query_string"]).decode()
        except UnicodeDecodeError:
            refused = problems.respond(Request(scope), general.MALFORMED_REQUEST)
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)
