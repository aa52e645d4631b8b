"""An export of 1,000,000 objects: seconds, and how far the process grows (150 MB at most).

    python bench/export_objects.py [--rows 1000000] [--format csv|xlsx] [--keep FOLDER]

Run as the service runs it: written row by row into a nameless file, entered in the trace, then
read in pieces as the answer is.
"""

import argparse
import asyncio
import dataclasses
import resource
import time
from pathlib import Path

from library_of_a_million import runtime_over

from app.domain.actor import Role, system_actor
from app.domain.library_lists import ExportEncoding, ExportFormat
from app.services.exports import ExportService, Form, read_pieces
from app.storage.object_search import ObjectFilter
from tests.support.world import REGION


def megabytes() -> float:
    """The most that the process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def main(rows: int, form: Form, keep: Path | None) -> None:
    """Measure and print."""
    async with runtime_over(rows, keep) as runtime:
        office = frozenset({Role.LG_OFFICE})  # reads the region
        actor = dataclasses.replace(system_actor(REGION, "bench"), roles=office)
        service = ExportService(runtime)
        warm = await service.objects(actor, ObjectFilter(q="没有这样的名称"), form)
        warm.written.content.close()
        before, started = megabytes(), time.perf_counter()
        export = await service.objects(actor, ObjectFilter(), form)
        written = time.perf_counter() - started
        size = 0
        async for piece in read_pieces(export):
            size += len(piece)
        print(f"{export.written.rows:,} rows, {size / 2**20:.0f} MB of {form.format}")
        print(
            f"written in {written:.1f} s, sent in {time.perf_counter() - started - written:.1f} s"
        )
        print(f"the process grew by {megabytes() - before:.0f} MB")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--format", type=ExportFormat, default=ExportFormat.CSV)
    arguments.add_argument("--keep", type=Path)
    options = arguments.parse_args()
    wanted = Form(options.format, ExportEncoding.UTF8_BOM)
    asyncio.run(main(options.rows, wanted, options.keep))
