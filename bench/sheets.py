"""How long 1,000 inspection sheets take to print, and how much memory that costs.

    python bench/sheets.py [--sheets 1000] [--items 6]

Measures what a batch does after the database has been read: digests, the check of characters, QR
codes, typesetting, the zip. Every sheet has names, codes and officers of its own; the items are
those of one plan task, as in a draw.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.documents.renderer import SheetRenderer, job_of, refuse_unprintable
from app.services.sheet_documents import SheetDocumentService
from tests.support.pdf import pages_of
from tests.support.printed_sheets import a_printed_sheet

CHECK = "https://example.org/api/v1/public/sheet-checks"


def resident_mb() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


async def packed(renderer: SheetRenderer, sheets: list, per_file: int) -> int:
    service = SheetDocumentService.__new__(SheetDocumentService)  # no database takes part
    service._renderer = renderer  # noqa: SLF001
    service._check_url = CHECK  # noqa: SLF001
    return sum([len(piece) async for piece in service.pack(sheets, per_file)])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sheets", type=int, default=1000)
    asked.add_argument("--items", type=int, default=6)
    options = asked.parse_args()
    renderer = SheetRenderer()
    warm = renderer.render(job_of([a_printed_sheet(0, items=options.items)], CHECK))
    print(f"pages a sheet: {pages_of(warm)}; resident before: {resident_mb()} MB")

    started = time.perf_counter()
    for number in range(20):
        renderer.render(job_of([a_printed_sheet(90_000 + number, items=options.items)], CHECK))
    print(f"one by one: {(time.perf_counter() - started) * 50:.1f} ms a sheet")

    started = time.perf_counter()
    sheets = [
        a_printed_sheet(number, items=options.items) for number in range(1, options.sheets + 1)
    ]
    refuse_unprintable(sheets)
    prepared = time.perf_counter() - started
    for per_file in (50, 200):
        started, worked = time.perf_counter(), time.process_time()
        size = asyncio.run(packed(renderer, sheets, per_file))
        seconds, worked = time.perf_counter() - started, time.process_time() - worked
        print(
            f"{options.sheets} sheets as a zip of PDFs of {per_file}: {seconds:.2f} s,"
            f" {worked:.2f} s of CPU"
            f" (+ {prepared:.2f} s digests and characters), {size / 1e6:.1f} MB,"
            f" resident {resident_mb()} MB"
        )


if __name__ == "__main__":
    main()
