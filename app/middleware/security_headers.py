"""What a browser may do with an answer: nothing, but for the few pages that are made for it.

An answer is not framed, not guessed at, not kept where it speaks to one caller, and tells no other
site where it was read. A header that a route has set itself stays as it is.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PUBLIC = "/api/v1/public/"
_CLOSED = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_NOTHING = f"default-src 'none'; {_CLOSED}"
# Swagger UI and ReDoc start themselves by an inline script, set styles and draw data: images; ReDoc
# searches in a worker that it makes of a blob.
_DOCS = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; "
    f"{_CLOSED}"
)
# One file with script and style in it, which may fetch bundles from here.
_VERIFIER = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    f"connect-src 'self'; {_CLOSED}"
)
_PAGES = {
    "/docs": _DOCS,
    "/docs/oauth2-redirect": _DOCS,
    "/redoc": _DOCS,
    "/verify": _VERIFIER,
}
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SecurityHeaders:
    """Adds them to every answer that passes."""

    def __init__(self, app: ASGIApp, hsts_seconds: int) -> None:
        self._app = app
        self._hsts_seconds = hsts_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                headers = MutableHeaders(scope=message)
                for name, value in headers_for(scope).items():
                    headers.setdefault(name, value)
                if self._hsts_seconds and scope["scheme"] == "https":
                    lasting = f"max-age={self._hsts_seconds}; includeSubDomains"
                    headers.setdefault("Strict-Transport-Security", lasting)
            await send(message)

        await self._app(scope, receive, send_guarded)


def headers_for(scope: Scope) -> dict[str, str]:
    """The headers of an answer to this request, by its address."""
    path = scope["path"]
    is_public = path.startswith(PUBLIC)
    made = {
        **_ALWAYS,
        "Content-Security-Policy": _PAGES.get(path, _NOTHING),
        "Cross-Origin-Resource-Policy": "cross-origin" if is_public else "same-origin",
    }
    if path.startswith("/api/") or any(name == b"authorization" for name, _ in scope["headers"]):
        made["Cache-Control"] = "no-store"
    return made
