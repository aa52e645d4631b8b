"""A real server in a thread: uvicorn, worker, its own database, a port of its own."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import httpx
import uvicorn

from app.clock import SteerableClock
from app.main import create_app
from app.settings import Settings


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def live_service(settings: Settings) -> Iterator[str]:
    """The base URL of a served application; ends with the block."""
    port = free_port()
    app = create_app(settings, clock=SteerableClock(), with_worker=True)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, access_log=False, log_config=None)
    )
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{port}"
    for _ in range(200):
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{base}/readyz").status_code == 200:
                break
        threading.Event().wait(0.05)
    try:
        yield base
    finally:
        server.should_exit = True
        thread.join(20)
