"""Random searches of a library of 1,000,000 objects: the milliseconds of the median and the worst.

    python bench/search_objects.py [--rows 1000000] [--searches 2000] [--keep FOLDER]

Fragments of one to six characters taken from names, starts of codes, up to three filters together,
all four orders (a quarter of the searches by pinyin), region and departments of every size, a
third behind a random object, one in ten with a total. Measured is what a request does in storage,
on a warm connection; HTTP adds about three milliseconds.
"""

import argparse
import asyncio
import datetime as dt
import random
import time
from pathlib import Path
from typing import Any

from library_of_a_million import runtime_over
from sqlalchemy import text

from app.domain.actor import Scope
from app.domain.library_lists import ObjectSort
from app.domain.lifecycle import ObjectKind, ObjectStatus, RiskClass
from app.storage.object_search import ObjectFilter, encode_place, list_objects
from app.storage.paging import Paging
from tests.support.large_library import SHARES, TAGS
from tests.support.world import REGION

SORTS = (*[ObjectSort.CREATED] * 3, *[ObjectSort.CREATED_DESC] * 3, *list(ObjectSort)[2:])
FILTERS: dict[str, list[Any]] = {
    "kind": list(ObjectKind),
    "status": list(ObjectStatus),
    "risk_class": list(RiskClass),
    "area_code": ["15", REGION, REGION + "105", REGION + "107221"],
    "tag": list(TAGS),
    "special_library": ["食品生产企业库"],
    "industry": ["A", "C", "13", "F52", "62"],
    "last_inspected_before": [dt.date(2025, 1, 3), dt.date(2026, 1, 1)],
}
SAMPLE = "SELECT {} FROM library_search TABLESAMPLE system ({}) LIMIT 2000"


def asked(chance: random.Random, names: list[str], codes: list[str]) -> dict[str, Any]:
    """The filters and the order of one search."""
    wanted: dict[str, Any] = {"sort": chance.choice(SORTS)}
    if chance.random() < 0.15:
        wanted["q"] = chance.choice(codes)[: chance.choice([2, 8, 11, 13, 18])]
    elif chance.random() < 0.75:
        name, length = chance.choice(names), chance.choice([1, 1, 2, 2, 3, 4, 6])
        start = chance.randrange(max(1, len(name) - length))
        wanted["q"] = name[start : start + length]
    for name in chance.sample(sorted(FILTERS), chance.choice([0, 0, 1, 1, 2, 3])):
        wanted[name] = chance.choice(FILTERS[name])
    return wanted


async def main(rows: int, searches: int, keep: Path | None) -> None:
    """Measure and print."""
    chance = random.Random(2026)
    seen: list[tuple[float, str, dict[str, Any], bool, bool]] = []
    async with runtime_over(rows, keep) as runtime, runtime.database.reading() as session:
        found = await session.execute(text("SELECT code, id FROM department"))
        departments = {row.code: row.id for row in found}
        percent = min(100, 200_000 / rows)  # 0.2 of a million rows
        names = list((await session.execute(text(SAMPLE.format("name", percent)))).scalars())
        codes = list((await session.execute(text(SAMPLE.format("code", percent)))).scalars())
        ids = list((await session.execute(text(SAMPLE.format("object_id", percent)))).scalars())
        for number in range(searches + 100):
            who = chance.choice(["region", "region", *SHARES])
            scope = Scope(None, REGION, reads_region=True)
            if who != "region":
                scope = Scope(departments[who], REGION)
            wanted = asked(chance, names, codes)
            deep, counted = chance.random() < 0.33, chance.random() < 0.1
            cursor = encode_place(wanted["sort"], chance.choice(ids)) if deep else None
            started = time.perf_counter()
            await list_objects(session, scope, Paging(50, cursor, counted), ObjectFilter(**wanted))
            if number >= 100:  # the first ones warm up
                seen.append((time.perf_counter() - started, who, wanted, deep, counted))
    seen.sort(key=lambda one: one[0])
    for part in (50, 90, 95, 99):
        print(f"p{part}: {seen[len(seen) * part // 100][0] * 1000:.1f} ms")
    plain = [one for one in seen if not one[4]]
    print(f"p99 without totals: {plain[len(plain) * 99 // 100][0] * 1000:.1f} ms")
    by_time = [one for one in plain if not one[2]["sort"].by_name]
    print(f"p99 in order of time: {by_time[len(by_time) * 99 // 100][0] * 1000:.1f} ms")
    for seconds, *what in seen[-5:]:
        print(f"slowest: {seconds * 1000:.0f} ms", *what)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--searches", type=int, default=2000)
    arguments.add_argument("--keep", type=Path)
    options = arguments.parse_args()
    asyncio.run(main(options.rows, options.searches, options.keep))
