"""How large a request may be: its address, its header fields, its body.

A body is refused by its declared length at once, else while it streams in. Only where a file is
taken, and as a form with files, may it be as large as an upload. A body that was compressed is not
unpacked: it is refused, since its true size is unknown.
"""

import contextlib
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import problems
from app.domain.errors import Refusal
from app.domain.refusals import general

MAX_TARGET_BYTES = 8 * 1024
MAX_HEADER_BYTES = 32 * 1024


class _BodyTooLargeError(Exception):
    """More came in than is allowed."""


class RequestLimits:
    """Refuses what is over a limit."""

    def __init__(
        self,
        app: ASGIApp,
        max_body_bytes: int,
        max_json_bytes: int,
        takes_upload: Callable[[str], bool],
    ) -> None:
        self._app = app
        self._upload_limit = max_body_bytes
        self._limit = min(max_json_bytes, max_body_bytes)
        self._takes_upload = takes_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = self._limit_of(scope["path"], headers)
        declared = headers.get("content-length", "0")
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_TARGET_BYTES:
            await _refuse(scope, receive, send, general.TARGET_TOO_LONG, MAX_TARGET_BYTES)
        elif sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
            await _refuse(scope, receive, send, general.HEADERS_TOO_LARGE, MAX_HEADER_BYTES)
        elif headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
            await _refuse(scope, receive, send, general.UNSUPPORTED_MEDIA_TYPE)
        elif declared.isdecimal() and int(declared[:20]) > limit:
            await _refuse(scope, receive, send, general.BODY_TOO_LARGE, limit)
        else:
            await self._counted(scope, receive, send, limit)

    def _limit_of(self, path: str, headers: Headers) -> int:
        is_form = headers.get("content-type", "").lower().startswith("multipart/form-data")
        return self._upload_limit if is_form and self._takes_upload(path) else self._limit

    async def _counted(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        seen = 0
        started = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _BodyTooLargeError
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            # What the application says to a body that was cut off is not the reason.
            if seen > limit:
                return
            started = True
            await send(message)

        with contextlib.suppress(_BodyTooLargeError):
            await self._app(scope, counted, watched)
        if seen > limit and not started:
            await _refuse(scope, receive, send, general.BODY_TOO_LARGE, limit)


async def _refuse(
    scope: Scope, receive: Receive, send: Send, refusal: Refusal, limit: int | None = None
) -> None:
    facts = {} if limit is None else {"limit_bytes": limit}
    headers = {"Connection": "close"}
    if limit is None:
        headers["Accept-Encoding"] = "identity"  # RFC 9110 s.15.5.16
    refused = problems.respond(Request(scope), refusal, facts, headers=headers)
    await refused(scope, receive, send)
