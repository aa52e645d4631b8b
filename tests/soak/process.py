"""A service or a worker as a process of its own, whose clock runs a fixed while away from ours."""

import asyncio
import datetime as dt
import os
import signal
from pathlib import Path

from app.clock import SteerableClock, SystemClock
from app.jobs.worker import Worker
from app.logs import configure
from app.main import create_app
from app.services.runtime import make_runtime
from app.serving import serve_app
from app.settings import Settings
from app.storage.engine import Database


def clock_of(seconds: float) -> SteerableClock:
    """The system's clock, so many seconds on."""
    clock = SteerableClock()
    clock.set(SystemClock().now() + dt.timedelta(seconds=seconds))
    return clock


async def work(settings: Settings, seconds: float) -> None:
    """A worker until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    clock = clock_of(seconds)
    runtime = make_runtime(settings, Database.from_settings(settings, clock), clock)
    await Worker(runtime).run(stop)
    await runtime.database.close()


def run(arguments: list[str], environment: dict[str, str], log: str) -> None:
    """A process forked from one that has imported everything, which saves its start seconds."""
    os.environ.update(environment)
    with Path(log).open("ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    settings = Settings()
    configure(as_json=True, level="WARNING")
    if arguments[0] == "serve":
        app = create_app(settings, clock=clock_of(float(arguments[2])))
        serve_app(app, "127.0.0.1", int(arguments[1]))
    else:
        asyncio.run(work(settings, float(arguments[1])))
