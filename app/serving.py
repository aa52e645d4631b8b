"""How uvicorn runs the application: one process, no access log of its own, a clean end.

Requests whose head never ends are refused here, since the application never sees them; so are
requests that are no HTTP. Proxies are believed by app/middleware, not by uvicorn.
"""

import gc
import socket
from http import HTTPStatus

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app import problems
from app.domain.errors import Refusal
from app.domain.refusals import general

MAX_HEAD_BYTES = 64 * 1024
"""Of a head that is not yet whole; the limits of one that is are those of RequestLimits."""


YOUNG_OBJECTS = 10_000
"""So many new objects until the collector looks for cycles; Python's 700 is less than a request."""


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol, which keeps a head of any size in memory until it is whole."""

    _heads = 0
    _open_head: int | None = None
    """The number of the head that comes in, if one does."""
    _head_bytes = 0

    def on_message_begin(self) -> None:
        """A new request."""
        super().on_message_begin()
        self._heads += 1
        self._open_head = self._heads
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """The application takes over."""
        self._open_head = None
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Feed the parser; count what went into a head that was open before and still is."""
        if self.transport.is_closing():
            return
        before = self._open_head
        super().data_received(data)
        if before is None or before != self._open_head or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(general.HEADERS_TOO_LARGE, {"limit_bytes": MAX_HEAD_BYTES})

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's own words
        """What could not be parsed."""
        self._refuse(general.MALFORMED_REQUEST, {})

    def _refuse(self, refusal: Refusal, facts: dict[str, object]) -> None:
        status = HTTPStatus(problems.STATUS[refusal.kind])
        body = problems.unheard(refusal, facts)
        self.transport.write(
            f"HTTP/1.1 {status} {status.phrase}\r\n"
            f"content-type: {problems.MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\n"
            "cache-control: no-store\r\n"
            "x-content-type-options: nosniff\r\n"
            "connection: close\r\n\r\n".encode()
            + body
        )
        self.transport.close()


class _Server(uvicorn.Server):
    async def _serve(self, sockets: list[socket.socket] | None = None) -> None:
        await super()._serve(sockets)
        # uvicorn would raise the signal again after a clean end; for us that end is exit code 0.
        self._captured_signals.clear()


def config_of(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """How uvicorn is to serve the application."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedHttp,
        proxy_headers=False,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


def settle_memory() -> None:
    """Keep the collector off what was loaded and lives as long as the process.

    Code, routes and schemas are a few hundred thousand objects; a request that makes tens of
    thousands (a freeze, an import) would have all of them looked through again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)


def serve_app(app: FastAPI, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM, then let requests end and exit 0."""
    settle_memory()
    _Server(config_of(app, host, port)).run()
