"""Events from spreadsheets over HTTP: the rules of singles and batches hold for files, too."""

import itertools
from typing import Any

import pytest

from app.domain.actor import Role
from app.services import event_import
from app.services.runtime import Runtime
from tests.support.library_factories import credit_code, make_object, object_file, upload
from tests.support.operations import IMPORT, count, rows
from tests.support.world import Caller, World

PATH = "inspection-objects/events/import"
HEAD = "代码,事件,日期,原因,来源,来源编号,对象类型,名称,行政区划,住所"


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def other(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK, "WJW")


async def sent(caller: Caller, *lines: str, query: str = "") -> dict[str, Any]:
    data = "\n".join((HEAD, *lines)).encode()
    answer = await upload(caller, PATH + query, data, "a.csv")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def said(done: dict[str, Any]) -> dict[str, list[tuple[int, str]]]:
    parts = ("rejected", "duplicates", "warnings")
    return {part: [(v["row"], v["code"]) for v in done[part]] for part in parts if done[part]}


async def library(caller: Caller) -> list[tuple[str, str, str]]:
    found = (await caller.get("inspection-objects")).json()["items"]
    return sorted((one["code"], one["name"], one["status"]) for one in found)


async def test_the_same_file_twice_records_nothing_the_second_time(clerk: Caller, runtime: Runtime):
    code, known = credit_code(), (await make_object(clerk))["code"]
    lines = (
        f"{known},停业,2026-02-01,装修",
        f"{known},变更,2026-02-02,,省平台,X-1,,新名商店",
        f"{code},设立,2026-01-05,,省平台,X-2,企业,登记食品店,150525",
        f"{credit_code()},吊销,2026-02-01",
    )
    first = await sent(clerk, *lines)
    assert (first["created"], said(first)) == (3, {"warnings": [(5, "event-waits")]})
    before = await library(clerk)
    again = await sent(clerk, *lines)
    assert (again["created"], again["duplicate_rows"]) == (0, 3)
    assert said(again)["warnings"] == [(5, "event-waits")]
    assert await library(clerk) == before
    assert await count(runtime, "object_event WHERE source IS NOT NULL") == 3
    assert await count(runtime, "waiting_event") == 1


ORDERS = list(itertools.permutations(range(3)))


@pytest.mark.parametrize("order", ORDERS)
async def test_any_order_of_files_gives_the_same_objects(clerk: Caller, order: tuple[int, ...]):
    code = credit_code()
    files = (
        (f"{code},设立,2026-01-05,,,,企业,登记食品店,150525,示例街 1 号",),
        (f"{code},停业,2026-02-01", f"{code},变更,2026-02-10,,,,,再改名店"),
        (f"{code},恢复经营,2026-02-20", f"{code},变更,2026-01-20,,,,,先改名店"),
    )
    for number in order:
        done = await sent(clerk, *files[number])
        assert done["rejected"] == []
    assert await library(clerk) == [(code, "再改名店", "active")]


async def test_events_before_their_object_wait_and_come_with_the_import_of_objects(
    clerk: Caller, runtime: Runtime
):
    code = credit_code()
    done = await sent(clerk, f"{code},停业,2026-02-01,装修")
    assert (done["created"], said(done)) == (0, {"warnings": [(2, "event-waits")]})
    imported = await upload(clerk, IMPORT, object_file((code, "晚到商店", "企业", "存续")))
    assert imported.json()["created"] == 1
    assert await library(clerk) == [(code, "晚到商店", "suspended")]
    made = await rows(
        runtime, "SELECT import_batch_id::text FROM object_event WHERE kind = 'suspended'"
    )
    assert [tuple(one) for one in made] == [(done["batch_id"],)], "the file that told of it"
    trail = (await clerk.get("audit-entries?action=object.imported")).json()["items"]
    assert trail[0]["after"]["events_that_waited"] == 1


@pytest.mark.parametrize("chunk", [1, 2, 1000])
async def test_rows_of_one_file_need_no_order_wherever_it_is_cut(
    clerk: Caller, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, chunk: int
):
    monkeypatch.setattr(event_import, "CHUNK", chunk)
    firm, head = credit_code(), HEAD + ",责任主体代码"
    lines = (
        "CP-7,变更,2026-02-10,,,,,改名肥料",
        f"{firm},停业,2026-02-01",
        f"CP-7,设立,2026-01-06,,,,产品,示例肥料,150525,,{firm}",
        f"{firm},设立,2026-01-05,,,,企业,登记肥料厂,150525",
        f"{firm},停业,2026-02-01",
    )
    answer = await upload(clerk, PATH, "\n".join((head, *lines)).encode(), "a.csv")
    assert (answer.json()["created"], said(answer.json())) == (
        4,
        {"duplicates": [(6, "already-there")]},
    )
    assert await library(clerk) == sorted(
        [(firm, "登记肥料厂", "suspended"), ("CP-7", "改名肥料", "active")]
    )
    assert (
        await count(runtime, f"object_event WHERE import_batch_id = '{answer.json()['batch_id']}'")
        == 4
    )


@pytest.mark.parametrize("mode", ["partial", "atomic"])
async def test_a_dry_run_says_what_the_real_run_says_and_leaves_nothing(
    clerk: Caller, runtime: Runtime, mode: str
):
    known, code = (await make_object(clerk))["code"], credit_code()
    lines = (
        f"{known},停业,2026-02-01",
        f"{code},设立,2026-01-05,,,,企业,登记食品店,150525",
        f"{code},注销,2027-01-05",
        f"{credit_code()},吊销,2026-02-01",
    )
    tables = ("object_event", "waiting_event", "inspection_object", "import_batch", "audit_entry")
    before = [await count(runtime, table) for table in tables]
    tried = await sent(clerk, *lines, query=f"?dry_run=true&mode={mode}")
    assert [await count(runtime, table) for table in tables] == before
    real = await sent(clerk, *lines, query=f"?mode={mode}")
    assert said(tried) == said(real)
    assert said(real) == {
        "rejected": [(4, "event-in-future")],
        "warnings": [(5, "event-waits")],
    }
    assert tried["created"] == 2
    stored = mode == "partial"
    assert real["created"] == (2 if stored else 0)
    assert await count(runtime, "waiting_event") == int(stored)
    assert await count(runtime, "inspection_object") == (2 if stored else 1)


async def test_a_number_used_for_something_else_is_refused_and_a_class_without_source(
    clerk: Caller,
):
    code = (await make_object(clerk))["code"]
    head = "代码,事件,日期,来源,来源编号,名称,信用风险等级"
    lines = (
        f"{code},停业,2026-02-01,省平台,X-1",
        f"{code},停业,2026-02-02,省平台,X-1",
        f"{code},变更,2026-02-01,省平台,X-2,新名,C",
    )
    done = await upload(clerk, PATH, "\n".join((head, *lines)).encode(), "a.csv")
    assert said(done.json()) == {"rejected": [(3, "event-id-reused"), (4, "risk-unsourced")]}
    assert done.json()["rejected"][0]["field"] == "external_id"
    assert done.json()["rejected"][1]["field"] == "risk_class"


async def test_a_move_inside_the_region_is_pointed_out(clerk: Caller):
    code = (await make_object(clerk))["code"]
    done = await sent(clerk, f"{code},迁出,2026-02-01,,,,,,150525101,示例街 9 号")
    assert said(done) == {"warnings": [(2, "moved-inside")]}
    assert [one[2] for one in await library(clerk)] == ["active"]
    done = await sent(clerk, f"{code},迁出,2026-02-02,,,,,,150402")
    assert said(done) == {}
    assert [one[2] for one in await library(clerk)] == ["moved"]


async def test_events_that_wait_are_listed_page_by_page_and_by_source(
    world: World, clerk: Caller, other: Caller
):
    codes = [credit_code() for _ in range(3)]
    done = await sent(
        clerk,
        f"{codes[0]},停业,2026-02-01",
        f"{codes[1]},停业,2026-02-01,,省平台,X-1",
        f"{codes[2]},停业,2026-02-01,,省平台,X-2",
    )
    assert len(done["warnings"]) == 3
    path = "object-events/waiting"
    first = (await clerk.get(f"{path}?source=省平台&limit=1&with_total=true")).json()
    second = (await clerk.get(f"{path}?source=省平台&limit=1&cursor={first['next_cursor']}")).json()
    assert first["total"] == 2
    found = [one["object_code"] for page in (first, second) for one in page["items"]]
    assert sorted(found) == sorted(codes[1:])
    assert second["next_cursor"] is None
    one = first["items"][0]
    assert (one["kind"], one["status"], one["import_batch_id"]) == (
        "suspended", "waiting", done["batch_id"],
    )  # fmt: skip
    await make_object(clerk, id_value=codes[0])
    applied = (await clerk.get(f"{path}?status=applied")).json()["items"]
    assert [one["object_code"] for one in applied] == [codes[0]]
    assert (await other.get(path)).json()["items"] == [], "another unit's are not shown"
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    assert (await office.get(path)).json()["items"] == []
