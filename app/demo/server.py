"""The service as a process of its own, for the demo: it serves until its standard input ends.

Settings, the clock's first instant, whether the worker runs and the number of the listening socket
come as one line of JSON on standard input, so no secret stands in an argument or in the
environment. When whoever started it dies, the input ends and it stops, whatever the reason.
"""

import datetime as dt
import json
import socket
import sys
import threading

import uvicorn

from app.clock import SteerableClock
from app.logs import configure
from app.main import create_app
from app.serving import settle_memory
from app.settings import Settings


def main() -> None:
    """Serve API and worker on the socket that was handed over."""
    order = json.loads(sys.stdin.readline())
    configure(as_json=False, level="WARNING")
    clock = SteerableClock()
    clock.set(dt.datetime.fromisoformat(order["now"]))
    app = create_app(Settings(**order["settings"]), clock=clock, with_worker=order["worker"])
    listening = socket.socket(fileno=order["socket"])
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
    )
    settle_memory()
    threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
    server.run(sockets=[listening])


def _end_with_input(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    main()
