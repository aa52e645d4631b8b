"""How uvicorn runs the application: one process, no access log of its own, a clean end."""

import socket

import uvicorn
from fastapi import FastAPI


class _Server(uvicorn.Server):
    async def _serve(self, sockets: list[socket.socket] | None = None) -> None:
        await super()._serve(sockets)
        # uvicorn would raise the signal again after a clean end; for us that end is exit code 0.
        self._captured_signals.clear()


def serve_app(app: FastAPI, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM, then let requests end and exit 0."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    _Server(config).run()
