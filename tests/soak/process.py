"""A service or a worker as a process of its own, whose clock runs a fixed while away from ours.

python -m tests.soak.process serve PORT SECONDS | worker SECONDS, with the settings in the
environment.
"""

import asyncio
import datetime as dt
import signal
import sys

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


def main() -> None:
    settings = Settings()
    configure(as_json=True, level="WARNING")
    if sys.argv[1] == "serve":
        app = create_app(settings, clock=clock_of(float(sys.argv[3])))
        serve_app(app, "127.0.0.1", int(sys.argv[2]))
    else:
        asyncio.run(work(settings, float(sys.argv[2])))


if __name__ == "__main__":
    main()
