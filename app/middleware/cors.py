"""Which other origins may read answers: those of the settings, and for what is public, all.

A listed origin may send credentials (the refresh cookie); the public gets "*", which never comes
with any. An origin that is not listed is not refused: it gets the answer without these headers, and
its browser keeps the answer from it.
"""

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.security_headers import PUBLIC

METHODS = "GET, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS = (
    "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
    "Prefer, X-Request-Id, X-Requested-With"
)
EXPOSED = (
    "Content-Disposition, ETag, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, "
    "Retry-After, X-Request-Id"
)
PREFLIGHT_SECONDS = 600


class Cors:
    """Answers preflights and marks answers."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        marks = self._marks(scope["path"], asked.get("origin"))
        is_allowed = "Access-Control-Allow-Origin" in marks
        if is_allowed and scope["method"] == "OPTIONS" and "access-control-request-method" in asked:
            await _preflight(send, marks)
            return

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                headers = MutableHeaders(scope=message)
                if is_allowed:
                    headers["Access-Control-Expose-Headers"] = EXPOSED
                for name, value in marks.items():
                    if name == "Vary":
                        headers.add_vary_header(value)
                    else:
                        headers[name] = value
            await send(message)

        await self._app(scope, receive, send_marked)

    def _marks(self, path: str, origin: str | None) -> dict[str, str]:
        # With a list, the same address is answered differently to different origins.
        varies = {"Vary": "Origin"} if self._origins else {}
        if origin in self._origins:
            listed = {"Access-Control-Allow-Origin": str(origin)}
            return listed | varies | {"Access-Control-Allow-Credentials": "true"}
        if path.startswith(PUBLIC):
            return varies | {"Access-Control-Allow-Origin": "*"}
        return varies


async def _preflight(send: Send, marks: dict[str, str]) -> None:
    headers = marks | {
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": REQUEST_HEADERS,
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
    }
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 204, "headers": raw})
    await send({"type": "http.response.body", "body": b""})
