"""python -m tests.soak: the rounds of faults, a line each; exit 1 at the first that is not right.

SOAK_IDEMPOTENCY (1) lives of a plan with 12 storms each; SOAK_OPERATIONS (2) rounds of long work,
SOAK_CANCELS (3);
SOAK_MESSY (1) messy files of SOAK_MESSY_ROWS (99900) rows in each form; SOAK_PARALLEL, SOAK_SERIAL (50), SOAK_ROWS (20000), SOAK_SHEETS (100), SOAK_KILLS
(4 a round), SOAK_SEED.
"""

import asyncio
import os
import shutil
import tempfile
import time
from pathlib import Path

from app.logs import configure
from tests.soak import idempotency_rounds, messy_rounds, operation_rounds
from tests.soak.fleet import live_fleet, say


def _number(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


async def soak(folder: Path) -> None:
    began = time.monotonic()
    async with live_fleet(folder) as (fleet, world):
        say(
            f"soak: {len(fleet.services)} services, {len(fleet.workers)} workers,"
            f" started in {time.monotonic() - began:.1f} s"
        )
        storms = await idempotency_rounds.rounds(fleet, world, _number("SOAK_IDEMPOTENCY", 1))
        done = await operation_rounds.rounds(fleet, world, _number("SOAK_OPERATIONS", 2))
        await operation_rounds.cancelled_rounds(fleet, world, _number("SOAK_CANCELS", 3))
        if _number("SOAK_MESSY", 1):
            await messy_rounds.rounds(fleet, world)
        await operation_rounds.one_end_each(fleet)
        kills = fleet.kills
    say(
        f"soak: OK, {storms} storms, {done} operations, {kills} kills,"
        f" {time.monotonic() - began:.0f} s"
    )


def main() -> None:
    configure(as_json=True, level="ERROR")
    folder = Path(tempfile.mkdtemp(prefix="sunlot-soak-"))
    try:
        asyncio.run(soak(folder))
    except BaseException:
        say(f"soak: FAILED; logs are in {folder}")
        raise
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
