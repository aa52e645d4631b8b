"""How the object library is searched at 300,000 objects: by indexes, and by few rows (issue 4.7).

The filters are those of the document, so that a new one without a case here fails. Each search runs
as the service runs it; its statements are caught and explained, with the rows that they visit.
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.domain.actor import Scope
from app.domain.library_lists import ObjectSort
from app.domain.lifecycle import ObjectKind, ObjectStatus, RiskClass
from app.local_postgres import LocalPostgres
from app.storage.object_search import ObjectFilter, encode_place, list_objects, matching_ids
from app.storage.paging import Paging
from tests.support.databases import TEMPLATE, clone, drop
from tests.support.large_library import make_large_library
from tests.support.world import REGION

COUNT = 300_000
MONDAY = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
NAME = "large_library"
LARGE = {"inspection_object", "library_entry", "library_search", "object_event"}
MOST_ROWS = 60_000
"""Rows that all statements of a search may visit together: a fifth of the library."""
MOST_COUNTED = 120_000
"""The same with a total, which is counted up to 10,000."""
SHARES = {"SCJG": 0.6, "JYTY": 0.1, "YBJ": 0.0005}
CASES: dict[str, list[Any]] = {
    "kind": [ObjectKind.INDIVIDUAL_BUSINESS, ObjectKind.PRODUCT],
    "status": [ObjectStatus.ACTIVE, ObjectStatus.SUSPENDED, ObjectStatus.MOVED],
    "risk_class": [RiskClass.A, RiskClass.D],
    "area_code": ["15", "150525105", "150525107221", "1505251072"],
    "tag": ["食品销售", "没有这个标签"],
    "special_library": ["食品生产企业库"],
    "industry": ["C", "52", "F5225", "T"],
    "last_inspected_before": [dt.date(2025, 1, 2), dt.date(2027, 1, 1)],
    "q": ["公", "公司", "有限公司", "荣森", "龘", "91", "91150525MA", "91150525MA0A3C1B0X"],
}
NO_FILTERS = {"limit", "cursor", "with_total", "sort"}
TOGETHER: list[dict[str, Any]] = [
    {"q": "公司", "kind": ObjectKind.FARMER_COOP},
    {"q": "店", "status": ObjectStatus.MOVED, "risk_class": RiskClass.D},
    {"q": "司", "area_code": "150525107221", "tag": "农资"},
    {"q": "限公", "industry": "A", "special_library": "食品生产企业库"},
    {"q": "91150525", "tag": "重点监管", "kind": ObjectKind.OTHER_ORG},
    {"q": "限", "last_inspected_before": dt.date(2025, 1, 2)},
]


@dataclass(frozen=True)
class Library:
    """The large library, and who asks for it."""

    engine: AsyncEngine
    departments: dict[str, Any]

    def scope(self, who: str) -> Scope:
        if who == "region":
            return Scope(None, REGION, reads_region=True)
        return Scope(self.departments[who], REGION)


@pytest_asyncio.fixture(scope="session")
async def library(server: LocalPostgres) -> AsyncIterator[Library]:
    await clone(server, TEMPLATE, NAME)
    owner = create_async_engine(server.admin_dsn(NAME), poolclass=NullPool)
    async with owner.begin() as made:
        await make_large_library(made, COUNT, REGION, MONDAY, SHARES)
    async with owner.connect() as made:
        await made.execution_options(isolation_level="AUTOCOMMIT")
        await made.execute(text("VACUUM library_search"))
    await owner.dispose()
    engine = create_async_engine(server.service_dsn(NAME), isolation_level="AUTOCOMMIT")
    async with engine.connect() as reading:
        query = text("SELECT code, id FROM department WHERE region_code = :region")
        rows = (await reading.execute(query, {"region": REGION})).all()
    yield Library(engine, {row.code: row.id for row in rows})
    await engine.dispose()
    await drop(server, NAME)


@contextmanager
def caught(engine: AsyncEngine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are executed meanwhile."""
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def visits(library: Library, scope: Scope, paging: Paging, wanted: ObjectFilter) -> int:
    """Rows visited by a search; fails if it reads a large table from end to end."""
    async with AsyncSession(library.engine) as session:
        with caught(library.engine) as statements:
            await list_objects(session, scope, paging, wanted)
        connection = await session.connection()
        rows = 0
        for statement, parameters in statements:
            explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
            plan = (await connection.exec_driver_sql(explained, parameters)).scalar_one()
            for node in _nodes(plan[0]["Plan"]):
                of_large = node.get("Relation Name") in LARGE
                assert not (of_large and node["Node Type"] == "Seq Scan"), statement
                if of_large:
                    removed = node.get("Rows Removed by Filter", 0)
                    rows += (node["Actual Rows"] + removed) * node["Actual Loops"]
    return int(rows)


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def test_every_documented_filter_has_a_case(application: FastAPI):
    operation = application.openapi()["paths"]["/api/v1/inspection-objects"]["get"]
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert names - NO_FILTERS == set(CASES)


@pytest.mark.parametrize("who", ["region", "SCJG", "JYTY"])
@pytest.mark.parametrize("name", sorted(CASES))
async def test_a_filter_never_reads_the_library_from_end_to_end(
    library: Library, name: str, who: str
):
    """SCJG has most objects, JYTY a tenth that came in late."""
    seen = {}
    for value in CASES[name]:
        for sort in ObjectSort:
            wanted = ObjectFilter(**{name: value}, sort=sort)
            seen[value, sort] = await visits(library, library.scope(who), Paging(), wanted)
    assert {case: rows for case, rows in seen.items() if rows > MOST_ROWS} == {}


@pytest.mark.parametrize("who", ["region", "SCJG", "JYTY", "YBJ"])
async def test_no_more_do_filters_together_nor_none_nor_totals(library: Library, who: str):
    seen = {}
    for filters in [{}, *TOGETHER]:
        for sort in (ObjectSort.CREATED, ObjectSort.PINYIN_DESC):
            for with_total in (False, True):
                wanted, paging = ObjectFilter(**filters, sort=sort), Paging(with_total=with_total)
                case = (str(filters), sort, with_total)
                seen[case] = await visits(library, library.scope(who), paging, wanted)
    most = {False: MOST_ROWS, True: MOST_COUNTED}
    assert {case: rows for case, rows in seen.items() if rows > most[case[2]]} == {}


@pytest.mark.parametrize("sort", list(ObjectSort))
@pytest.mark.parametrize("who", ["region", "SCJG"])
async def test_a_page_far_behind_is_as_near_as_the_first(
    library: Library, who: str, sort: ObjectSort
):
    scope, wanted = library.scope(who), ObjectFilter(q="公司", sort=sort)
    async with AsyncSession(library.engine) as session:
        ids = await anext(matching_ids(session, scope, wanted, 20_000))
    assert len(ids) == 20_000
    cursor = encode_place(sort, ids[-1])  # where 20 pages of 1,000 would end
    assert await visits(library, scope, Paging(50, cursor), wanted) < 2000
