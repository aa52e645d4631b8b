"""Every operation on one unit's data, called by another unit: nothing leaks, nothing moves.

Two callers of 卫生健康委员会 try: one with every role of a department, who sees nothing that is not
published; and one who besides may read the whole region, who reads all and changes nothing.
"""

from typing import Any

from fastapi import FastAPI

from app.domain.actor import Permission, Role
from app.jobs.draw_rounds import finish_due_draws
from tests.support.clocks import FrozenClock
from tests.support.draw_factories import a_library, a_published_plan, an_opened_draw
from tests.support.library_factories import make_guideline
from tests.support.openapi import Operation, operations_of
from tests.support.transfer_factories import a_proposed_transfer
from tests.support.world import REGION, Caller, World

ROLES = ("dept_leader", "officer", "witness", "integrator")
VERSIONS = {
    "read_checklist_version",
    "compare_checklist_versions",
    "export_checklist_version",
}
PUBLISHED = {"read_plan", "read_plan_task"} | VERSIONS
"""What is public once published may be read by every unit."""
OFFICE_ONLY = {Permission.PLAN_FILE}
"""What no role of a department permits: refused before it is looked for."""


async def _with_roles(world: World, *roles: str) -> Caller:
    caller = await world.caller(Role.DEPT_CLERK, "WJW")
    admin = await world.administrator()
    for role in roles:
        grant = {"role": role, "department_code": "WJW", "region_code": REGION}
        made = await admin.post(f"accounts/{caller.account_id}/grants", grant)
        assert made.status_code == 201
    return caller


async def _scjg(world: World, clock: FrozenClock) -> tuple[dict[str, str], dict[str, str]]:
    """Ids of everything that SCJG has, by path parameter; and those of a draft plan."""
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    task_id = plan["tasks"][0]["id"]
    ceremony = await an_opened_draw(world, clerk, task_id)
    clock.forward(hours=3)
    await finish_due_draws(world.runtime)
    inspection = (await clerk.get("inspections?limit=1")).json()["items"][0]
    sheet = (await clerk.get("inspection-sheets?limit=1")).json()["items"][0]
    officer = (await clerk.get("officers?limit=1")).json()["items"][0]
    subject = (await clerk.get("inspection-objects?limit=1")).json()["items"][0]
    guideline = await make_guideline(clerk)
    version = (await clerk.get("checklist-versions?limit=1")).json()["items"][0]
    draft = await clerk.post("plans", {"year": 2026, "name": "草稿"})
    task = {
        "name": "草稿任务",
        "item_ids": [str(library.item_ids[0])],
        "quota_rule": {"method": "ratio", "per_10000": {"A": 100}},
        "period_from": "2026-03-01",
        "period_to": "2026-06-30",
        "methods": ["onsite"],
    }
    drafted = await clerk.post(
        f"plans/{draft.json()['id']}/tasks", task, etag=draft.headers["ETag"]
    )
    ids = {
        "item_id": str(library.item_ids[0]),
        "version_id": version["id"],
        "object_id": subject["id"],
        "officer_id": officer["id"],
        "guideline_id": guideline["id"],
        "transfer_id": (await a_proposed_transfer(world))[1]["id"],
        "plan_id": plan["id"],
        "department_id": plan["department_id"],
        "task_id": task_id,
        "draw_id": ceremony.draw["id"],
        "sheet_id": sheet["id"],
        "inspection_id": inspection["id"],
    }
    drafts = {"plan_id": draft.json()["id"], "task_id": drafted.json()["tasks"][0]["id"]}
    return ids, drafts


def _concerns(operation: Operation, ids: dict[str, str]) -> bool:
    names = {p["name"] for p in operation.raw.get("parameters", []) if p["in"] == "path"}
    own = operation.permission not in {Permission.PUBLIC, Permission.SELF}
    return own and bool(names) and names <= set(ids)


def _body(application: FastAPI, operation: Operation) -> Any:
    """The document's own example of the request."""
    content = operation.raw.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    if "example" in content:
        return content["example"]
    name = content["schema"]["$ref"].rsplit("/", 1)[-1]
    return application.openapi()["components"]["schemas"][name]["examples"][0]


async def _call(
    caller: Caller, application: FastAPI, operation: Operation, ids: dict[str, str]
) -> int:
    url = operation.path
    for name, value in ids.items():
        url = url.replace("{" + name + "}", value)
    response = await caller.request(
        operation.method, url, json=_body(application, operation), etag='"1"'
    )
    return response.status_code


async def test_another_unit_reads_and_changes_nothing_of_ours(
    world: World, application: FastAPI, clock: FrozenClock
) -> None:
    ids, drafts = await _scjg(world, clock)
    stranger = await _with_roles(world, *ROLES)
    tried, wrong = 0, []
    for operation in operations_of(application):
        if not _concerns(operation, ids):
            continue
        for known in (ids, ids | drafts):
            status = await _call(stranger, application, operation, known)
            published = known is ids and operation.id in PUBLISHED
            version = operation.id in VERSIONS
            office = operation.permission in OFFICE_ONLY
            expected = {200} if published or version else {403} if office else {404}
            tried += 1
            if status not in expected:
                wrong.append((str(operation), status, known is ids))
    assert not wrong
    assert tried > 80


async def test_who_reads_the_region_changes_nothing_in_it(
    world: World, application: FastAPI, clock: FrozenClock
) -> None:
    ids, drafts = await _scjg(world, clock)
    watcher = await _with_roles(world, *ROLES, "supervisor")
    tried, wrong = 0, []
    for operation in operations_of(application):
        if not _concerns(operation, ids):
            continue
        for known in (ids, ids | drafts):
            status = await _call(watcher, application, operation, known)
            expected = {200} if operation.method == "GET" else {403, 404}
            tried += 1
            if status not in expected:
                wrong.append((str(operation), status, known is ids))
    assert not wrong
    assert tried > 80
