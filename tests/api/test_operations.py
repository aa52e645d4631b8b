"""Long work over HTTP: accepted with its file, followed, ended once, cancelled, its result."""

import io
import zipfile
from uuid import UUID, uuid4

import pytest

from app.domain.actor import Role
from app.services.operations import OperationService
from app.services.runtime import Runtime
from app.tabular.writer import write_xlsx
from tests.support.clocks import FrozenClock
from tests.support.inspection_factories import a_drawn_task
from tests.support.library_factories import checklist_file, credit_code, object_file, officer_file
from tests.support.operations import ASYNC, IMPORT, accepted, count, deferred, do, objects, rows
from tests.support.pdf import pages_of
from tests.support.services import make_service, service_caller
from tests.support.world import Caller, World

pytestmark = pytest.mark.committed
BATCH = "inspection-sheets/documents/batches"


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


@pytest.fixture
def runtime(committed: Runtime) -> Runtime:
    return committed


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


async def _read(clerk: Caller, operation: dict) -> dict:
    answer = await clerk.get(f"operations/{operation['id']}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_who_prefers_not_to_wait_gets_202_and_where_to_look(clerk: Caller, runtime: Runtime):
    answer = await deferred(clerk, objects(3))
    made = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/api/v1/operations/{made['id']}"
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["preference-applied"] == "respond-async"
    assert (made["kind"], made["status"], made["done"]) == ("object_import", "queued", 0)
    read = await clerk.get(answer.headers["location"])
    assert read.json() == made
    assert read.headers["retry-after"] == "1"
    assert await count(runtime, "inspection_object") == 0


async def test_without_the_preference_and_for_a_dry_run_the_answer_waits(
    clerk: Caller, runtime: Runtime
):
    files = {"file": ("a.xlsx", objects(1))}
    waited = await clerk.request("POST", IMPORT, files=files)
    assert (waited.status_code, waited.json()["created"]) == (200, 1)
    files = {"file": ("b.xlsx", objects(1))}
    dry = await clerk.request("POST", f"{IMPORT}?dry_run=true", files=files, headers=ASYNC)
    assert (dry.status_code, dry.json()["dry_run"]) == (200, True)
    assert await count(runtime, "operation") == 0


async def test_it_is_queued_in_the_transaction_that_accepts_it(clerk: Caller, runtime: Runtime):
    made = await accepted(clerk, objects(2))
    assert await count(runtime, "jobs.procrastinate_jobs WHERE status = 'todo'") == 1
    assert await count(runtime, "operation_file WHERE part = 'input'") == 1
    assert await count(runtime, "audit_entry WHERE action = 'operation.queued'") == 1
    key = "the-same"
    first = await deferred(clerk, b"no spreadsheet", key=key)
    again = await deferred(clerk, b"no spreadsheet", key=key)
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(runtime, "jobs.procrastinate_jobs") == 2
    assert first.json()["id"] != made["id"]


async def test_what_is_refused_leaves_neither_operation_nor_job(world: World, runtime: Runtime):
    leader = await world.caller(Role.DEPT_LEADER)
    answer = await deferred(leader, objects(1))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert await count(runtime, "operation") == 0
    assert await count(runtime, "jobs.procrastinate_jobs") == 0


async def test_done_it_has_the_same_result_as_if_one_had_waited(
    clerk: Caller, runtime: Runtime, clock: FrozenClock
):
    good, bad = credit_code(), "91150525MA000000XX"
    data = object_file((good, "东风商店"), (bad, "西风商店"))
    dry = await clerk.request("POST", f"{IMPORT}?dry_run=true", files={"file": ("a.xlsx", data)})
    made = await accepted(clerk, data)
    await do(runtime, made)
    read = await _read(clerk, made)
    assert (read["status"], read["done"], read["total"]) == ("succeeded", 3, 3)
    assert read["summary"] == {
        "rows": 2, "created": 1, "joined": 0, "duplicates": 0, "rejected": 1,
    }  # fmt: skip
    result = await clerk.get(f"operations/{made['id']}/result")
    stored = {"dry_run": False, "batch_id": result.json()["batch_id"]}
    assert result.json() == dry.json() | stored
    assert await count(runtime, "inspection_object") == 1
    assert await count(runtime, "operation_file") == 0, "what was uploaded is not kept"


async def test_beginning_is_not_audited_but_its_end_is_in_the_name_of_who_asked(
    clerk: Caller, runtime: Runtime
):
    made = await accepted(clerk, objects(1))
    await do(runtime, made)
    trail = await clerk.get(f"audit-entries?subject_id={made['id']}")
    entries = trail.json()["items"]
    assert [one["action"] for one in entries] == ["operation.queued", "operation.succeeded"]
    assert {one["actor"] for one in entries} == {clerk.username}


async def test_done_once_more_it_does_nothing(clerk: Caller, runtime: Runtime):
    made = await accepted(clerk, objects(2))
    await do(runtime, made)
    before = await _read(clerk, made)
    await do(runtime, made)
    assert await _read(clerk, made) == before
    assert await count(runtime, "inspection_object") == 2


async def test_a_result_that_is_not_there_is_a_conflict(clerk: Caller, runtime: Runtime):
    made = await accepted(clerk, b"no spreadsheet")
    early = await clerk.get(f"operations/{made['id']}/result")
    assert (early.status_code, early.json()["code"]) == (409, "operation-not-over")
    await do(runtime, made)
    read = await _read(clerk, made)
    assert read["status"] == "failed"
    assert read["problem"]["status"] in {400, 415, 422}
    assert set(read["problem"]["messages"]) == {"zh", "en"}
    late = await clerk.get(f"operations/{made['id']}/result")
    assert (late.status_code, late.json()["code"]) == (409, "operation-without-result")
    assert await count(runtime, "operation_file") == 0


async def test_who_has_lost_the_role_meanwhile_gets_nothing_done(
    clerk: Caller, world: World, runtime: Runtime
):
    made = await accepted(clerk, objects(1))
    admin = await world.administrator()
    grants = (await admin.get(f"accounts/{clerk.account_id}")).json()["grants"]
    path = f"accounts/{clerk.account_id}/grants/{grants[0]['id']}"
    assert (await admin.request("DELETE", path)).status_code == 204
    await do(runtime, made)
    other = await world.caller(Role.DEPT_CLERK)
    read = await _read(other, made)
    assert (read["status"], read["problem"]["code"]) == ("failed", "forbidden")
    assert await count(runtime, "inspection_object") == 0


async def test_who_has_signed_out_meanwhile_gets_it_done(
    clerk: Caller, world: World, runtime: Runtime
):
    made = await accepted(clerk, objects(1))
    assert (await clerk.request("POST", "auth/logout")).status_code == 204
    await do(runtime, made)
    colleague = await world.caller(Role.DEPT_LEADER)
    assert (await _read(colleague, made))["status"] == "succeeded"
    said = await rows(
        runtime,
        "SELECT DISTINCT actor, actor_kind, session_id FROM audit_entry"
        " WHERE action IN ('operation.queued', 'object.imported', 'operation.succeeded')",
    )
    assert [(actor, kind) for actor, kind, _ in said] == [(clerk.username, "person")]


async def test_a_service_does_with_its_scopes_as_they_are_when_it_is_done(
    clerk: Caller, world: World, runtime: Runtime
):
    admin = await world.administrator()
    scopes = ["object:read", "object:write", "operation:read"]
    service = await make_service(admin, scopes=scopes)
    caller = await service_caller(world, service)
    kept = await accepted(caller, objects(1))
    await do(runtime, kept)
    assert (await _read(clerk, kept))["status"] == "succeeded"
    (said,) = await rows(
        runtime, "SELECT actor_kind FROM audit_entry WHERE action = 'operation.succeeded'"
    )
    assert said == ("service",)
    taken = await accepted(caller, objects(1))
    changed = {"scopes": ["object:read"]}
    path = f"service-accounts/{service['id']}"
    assert (await admin.patch(path, changed, etag=service["etag"])).status_code == 200
    await do(runtime, taken)
    read = await _read(clerk, taken)
    assert (read["status"], read["problem"]["code"]) == ("failed", "forbidden")


async def test_who_may_not_read_operations_waits_for_the_answer(world: World, runtime: Runtime):
    """The wish of RFC 7240 may be passed over; an operation would be one they never hear of."""
    service = await make_service(await world.administrator())
    answer = await deferred(await service_caller(world, service), objects(1))
    assert (answer.status_code, answer.json()["created"]) == (200, 1)
    assert "Preference-Applied" not in answer.headers
    assert await count(runtime, "operation") == 0


async def test_another_department_and_the_office_find_nothing(
    clerk: Caller, world: World, runtime: Runtime
):
    made = await accepted(clerk, objects(1))
    for role, unit in ((Role.DEPT_CLERK, "WJW"), (Role.LG_OFFICE, "LDXZ")):
        other = await world.caller(role, unit)
        for method, path in (("GET", ""), ("GET", "/result"), ("POST", "/cancel")):
            answer = await other.request(method, f"operations/{made['id']}{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        assert (await other.get("operations")).json()["items"] == []
    colleague = await world.caller(Role.DEPT_LEADER)
    assert [one["id"] for one in (await colleague.get("operations")).json()["items"]] == [
        made["id"]
    ]


async def test_the_list_is_newest_first_in_pages_and_by_state(clerk: Caller, runtime: Runtime):
    made = [await accepted(clerk, objects(1)) for _ in range(3)]
    await do(runtime, made[0])
    first = (await clerk.get("operations?limit=2&with_total=true")).json()
    assert [one["id"] for one in first["items"]] == [made[2]["id"], made[1]["id"]]
    assert first["total"] == 3
    second = (await clerk.get(f"operations?cursor={first['next_cursor']}")).json()
    assert [one["id"] for one in second["items"]] == [made[0]["id"]]
    queued = (await clerk.get("operations?status=queued&kind=object_import")).json()["items"]
    assert len(queued) == 2
    assert (await clerk.get("operations?kind=officer_import")).json()["items"] == []


async def test_what_waits_is_cancelled_at_once_with_its_job_and_file(
    clerk: Caller, runtime: Runtime
):
    made = await accepted(clerk, objects(1))
    answer = await clerk.post(f"operations/{made['id']}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert await count(runtime, "jobs.procrastinate_jobs") == 0
    assert await count(runtime, "operation_file") == 0
    await do(runtime, made)
    assert await count(runtime, "inspection_object") == 0
    again = await clerk.post(f"operations/{made['id']}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "operation-over")


async def test_results_are_kept_for_seven_days_and_the_operation_for_ever(
    clerk: Caller, world: World, runtime: Runtime, clock: FrozenClock
):
    made = await accepted(clerk, objects(1))
    await do(runtime, made)
    service = OperationService(runtime)
    clock.forward(days=6)
    assert await service.forget_old() == 0
    clock.forward(days=1)
    assert await service.forget_old() == 1
    assert await service.forget_old() == 0
    await world.sign_in_again(clerk)
    assert (await _read(clerk, made))["status"] == "succeeded"
    gone = await clerk.get(f"operations/{made['id']}/result")
    assert (gone.status_code, gone.json()["code"]) == (404, "operation-result-gone")


async def test_every_import_can_be_an_operation(world: World, runtime: Runtime, clerk: Caller):
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    joint = write_xlsx(
        [("1", "食品", "食品抽查", "食品经营者", "市场监管部门", "公安部门")],
        ("序号", "抽查领域", "抽查事项", "抽查对象", "发起部门", "配合部门"),
    )
    sent = [
        (clerk, "officers/import", officer_file(("G1", "张三", "15-1", "旗政府", "2030-12-31")),
         "officer_import"),
        (clerk, "checklist-items/import",
         checklist_file(("食品", "食品抽查", "《食品安全法》第一百一十条", "现场检查")),
         "checklist_import"),
        (office, "joint-items/import", joint, "joint_item_import"),
    ]  # fmt: skip
    for caller, path, data, kind in sent:
        made = await accepted(caller, data, path)
        await do(runtime, made)
        read = await _read(caller, made)
        assert (read["kind"], read["status"]) == (kind, "succeeded"), read
        assert read["summary"]["created"] == 1, (
            await caller.get(f"operations/{made['id']}/result")
        ).text


@pytest.mark.parametrize("wanted", ["pdf", "zip"])
async def test_sheets_are_printed_as_an_operation(
    world: World, runtime: Runtime, clerk: Caller, wanted: str
):
    task = await a_drawn_task(runtime, UUID(clerk.account_id), objects=5)
    order = {"plan_task_id": str(task.task_id), "format": wanted, "sheets_per_file": 2}
    answer = await clerk.post(BATCH, order)
    assert answer.status_code == 202, answer.text
    await do(runtime, answer.json())
    read = await _read(clerk, answer.json())
    assert (read["status"], read["done"], read["total"]) == ("succeeded", 5, 5), read
    result = await clerk.get(f"operations/{read['id']}/result")
    assert result.status_code == 200
    assert result.headers["content-type"] == f"application/{wanted}"
    assert len(result.content) == read["summary"]["bytes"]
    if wanted == "zip":
        with zipfile.ZipFile(io.BytesIO(result.content)) as archive:
            assert archive.testzip() is None
            assert len(archive.namelist()) == 3
            assert sum(pages_of(archive.read(name)) for name in archive.namelist()) >= 5
    else:
        assert pages_of(result.content) >= 5
    colleague = await world.caller(Role.DEPT_LEADER)
    other = await colleague.get(f"operations/{read['id']}/result")
    assert (other.status_code, other.json()["code"]) == (403, "operation-result-of-another")


async def test_printed_sheets_are_not_handed_to_a_service_that_may_read_no_more(
    world: World, runtime: Runtime, clerk: Caller
):
    task = await a_drawn_task(runtime, UUID(clerk.account_id), objects=1)
    admin = await world.administrator()
    service = await make_service(admin, scopes=["inspection:read", "operation:read"])
    caller = await service_caller(world, service)
    made = (await caller.post(BATCH, {"plan_task_id": str(task.task_id), "format": "pdf"})).json()
    await do(runtime, made)
    path = f"operations/{made['id']}/result"
    assert (await caller.get(path)).status_code == 200
    narrow = await service_caller(world, service, scope="operation:read")
    changed = {"scopes": ["operation:read"]}
    account = f"service-accounts/{service['id']}"
    refused = [await narrow.get(path)]
    assert (await admin.patch(account, changed, etag=service["etag"])).status_code == 200
    refused.append(await caller.get(path))
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert answer.json()["facts"]["permission"] == "inspection:read"


async def test_sheets_that_one_may_not_know_are_not_found_at_once(clerk: Caller, runtime: Runtime):
    for order in ({"plan_task_id": str(uuid4())}, {"sheet_ids": [str(uuid4())]}):
        answer = await clerk.post(BATCH, order)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert await count(runtime, "operation") == 0
