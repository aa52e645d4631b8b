"""What comes in is what the document says: days, numbers, flags, lists, queries, methods."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from asyncpg.exceptions import LockNotAvailableError, QueryCanceledError
from sqlalchemy.exc import DBAPIError

from app.domain.actor import Role
from app.openapi import operations
from app.schemas.objects import ObjectUpdate
from app.schemas.plans import TaskCreate
from app.storage.engine import is_outage
from tests.api.test_requests import is_problem
from tests.support.library_factories import object_body
from tests.support.world import World

TASK = {
    "name": "抽查任务",
    "item_ids": ["0196f0a0-0000-7000-8000-000000000001"],
    "quota_rule": {"method": "total", "total": 5, "weight": {"A": 1}},
    "period_from": "2026-03-01",
    "period_to": "2026-06-30",
    "methods": ["onsite"],
}


def faults(response: httpx.Response) -> set[tuple[str, str]]:
    return {(fault["pointer"], fault["code"]) for fault in response.json()["errors"]}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"period_from": 0}, "/period_from"),
        ({"period_from": "0"}, "/period_from"),
        ({"period_from": "1767225600"}, "/period_from"),
        ({"period_from": "2026-03-01T00:00:00"}, "/period_from"),
        ({"members": "2"}, "/members"),
        ({"members": True}, "/members"),
        ({"visit_cap": "2"}, "/visit_cap"),
        ({"lead": "yes"}, "/lead"),
        ({"lead": 1}, "/lead"),
        ({"quota_rule": {**TASK["quota_rule"], "total": "5"}}, "/quota_rule/total/total"),
        ({"quota_rule": {**TASK["quota_rule"], "weight": {"A": "1"}}}, "/quota_rule/total/weight/A"),
    ],
)  # fmt: skip
async def test_json_means_what_it_says(world: World, change: dict[str, Any], pointer: str):
    clerk = await world.caller(Role.DEPT_CLERK)
    plan = await clerk.post("plans", {"year": 2026, "name": "计划"})
    path = f"plans/{plan.json()['id']}/tasks"
    refused = await clerk.post(path, TASK | change, etag=plan.headers["etag"])
    assert is_problem(refused, 422, "validation-failed")
    assert [where for where, _ in faults(refused)] == [pointer]


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [("", "string_too_short", "内容过短或为空"), ("长" * 201, "string_too_long", "内容过长")],
)
async def test_of_a_text_is_said_that_it_is_too_short_or_too_long_not_that_items_are_few_or_many(
    world: World, name: str, code: str, said: str
):
    clerk = await world.caller(Role.DEPT_CLERK)
    refused = await clerk.post("plans", {"year": 2026, "name": name})
    assert is_problem(refused, 422, "validation-failed")
    assert faults(refused) == {("/name", code)}
    assert refused.json()["errors"][0]["messages"]["zh"] == said


def test_a_whole_number_may_be_written_with_a_point():
    assert TaskCreate.model_validate(TASK | {"members": 3.0}).members == 3


@pytest.mark.parametrize(
    "quota",
    [
        {"minimum": {"A": 4}, "maximum": {"A": 3}},
        {"minimum": {"A": 3, "B": 3}},
    ],
)
async def test_a_quota_that_no_pool_can_meet_is_refused_with_the_plan(
    world: World, quota: dict[str, Any]
):
    clerk = await world.caller(Role.DEPT_CLERK)
    plan = await clerk.post("plans", {"year": 2026, "name": "计划"})
    body = TASK | {"quota_rule": TASK["quota_rule"] | quota}
    path = f"plans/{plan.json()['id']}/tasks"
    refused = await clerk.post(path, body, etag=plan.headers["etag"])
    assert is_problem(refused, 422, "validation-failed")


@pytest.mark.parametrize("value", ["0", "2026-3-2", "20260302", "2026-03-02T00:00:00"])
async def test_a_day_in_a_query_is_a_day(client: httpx.AsyncClient, value: str):
    refused = await client.get("/api/v1/calendar/deadline", params={"ended_on": value})
    assert is_problem(refused, 422, "validation-failed")
    assert faults(refused) == {("/query/ended_on", "date_parsing")}


@pytest.mark.parametrize("close_at", [0, "0", "2026-03-02", "2026-03-02T08:00:00", "1772438400"])
async def test_an_instant_has_a_time_and_a_zone(world: World, close_at: Any):
    clerk = await world.caller(Role.DEPT_CLERK)
    body = {"contributors": ["GZC"], "close_at": close_at, "public_source": "骰子"}
    refused = await clerk.post(f"plan-tasks/{TASK['item_ids'][0]}/draws", body)
    assert is_problem(refused, 422, "validation-failed")
    assert [where for where, _ in faults(refused)] == ["/close_at"]


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"list": list(range(1001))}, "too_long"),
        ({"list": [["x" * 2000] * 20] * 8}, "too_large"),
        ({"part": 1.5}, "no_float"),
        ({"far": 2**53}, "number_too_large"),
    ],
)
async def test_attributes_are_kept_whole_or_refused(
    world: World, attributes: dict[str, Any], code: str
):
    clerk = await world.caller(Role.DEPT_CLERK)
    refused = await clerk.post("inspection-objects", object_body(attributes=attributes))
    assert is_problem(refused, 422, "validation-failed")
    assert faults(refused) == {("/attributes", code)}
    kept = {"business_scope": "食品销售" * 500, "in_abnormal_list": False, "employees": 12}
    made = await clerk.post("inspection-objects", object_body(attributes=kept))
    assert made.json()["attributes"] == kept


@pytest.mark.parametrize("query", ["q=%FF", "q=%ED%A0%80", "%FF=1", "limit=5&q=a%80"])
async def test_a_query_that_is_not_utf8_is_refused_not_read_otherwise(
    client: httpx.AsyncClient, query: str
):
    refused = await client.get(f"/api/v1/public/results?{query}")
    assert is_problem(refused, 400, "malformed-request")


async def test_a_text_is_as_long_as_it_was_sent(client: httpx.AsyncClient):
    for length, status in ((100, 200), (101, 422)):
        params = {"q": "旗".ljust(length)}
        assert (await client.get("/api/v1/public/results", params=params)).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/api/v1/officers/import", "POST"),
        ("GET", "/api/v1/officers/import", "POST"),
        ("OPTIONS", "/api/v1/plans", "GET, POST"),
        ("PUT", "/api/v1/plans/0196f0a0-0000-7000-8000-000000000001", "GET, PATCH"),
    ],
)
async def test_a_refused_method_names_all_that_are_known(
    client: httpx.AsyncClient, method: str, path: str, allow: str
):
    refused = await client.request(method, path)
    assert is_problem(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == allow


async def test_a_body_too_large_is_refused_in_the_language_asked_for(client: httpx.AsyncClient):
    headers = {"Content-Length": str(10**9), "Accept-Language": "en"}
    refused = await client.post("/api/v1/auth/login", content=b"", headers=headers)
    assert is_problem(refused, 413, "body-too-large")
    assert refused.headers["content-language"] == "en"
    assert refused.json()["title"].startswith("The request is too large")


async def test_the_document_asks_for_the_version_of_every_change(client: httpx.AsyncClient):
    document = (await client.get("/openapi.json")).json()
    found = 0
    for _, _, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if parameter["name"] == "If-Match":
                assert (parameter["required"], parameter["schema"]["type"]) == (True, "string")
                found += 1
    assert found > 20


async def test_no_two_shapes_share_a_name(client: httpx.AsyncClient):
    """pydantic would name both by their modules, and client generators take only one."""
    document = (await client.get("/openapi.json")).json()
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


def test_a_patch_says_what_can_be_emptied():
    schema = ObjectUpdate.model_json_schema()
    assert schema["minProperties"] == 1
    assert schema["properties"]["name"]["type"] == "string"
    assert {"type": "null"} in schema["properties"]["address"]["anyOf"]


def test_a_lock_or_an_answer_that_does_not_come_is_an_outage():
    for cause in (LockNotAvailableError("x"), QueryCanceledError("x")):
        assert is_outage(DBAPIError("SELECT 1", {}, cause))


def test_a_socket_that_is_gone_is_an_outage_and_a_missing_file_is_not(tmp_path: Path):
    assert is_outage(FileNotFoundError(2, "No such file or directory"))
    assert is_outage(TimeoutError())
    assert not is_outage(FileNotFoundError(2, "No such file", str(tmp_path / "page.html")))
