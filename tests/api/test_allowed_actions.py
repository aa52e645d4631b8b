"""What `allowed_actions` say is what happens: each is called, for several callers and states."""

from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role
from app.domain.draw import contribution_commit
from app.domain.draw_actions import DRAW
from app.domain.inspection_actions import INSPECTION
from app.domain.library_actions import (
    ACCOUNT,
    GRANT,
    GUIDELINE,
    IMPORT_BATCH,
    ITEM,
    JOINT_ITEM,
    OBJECT,
    OFFICER,
    OPERATION,
    SERVICE_ACCOUNT,
)
from app.domain.people_actions import ABSENCE, CERTIFICATE, EXPERT, INTEREST
from app.domain.plan_actions import PARTICIPANT, PLAN, TASK
from app.domain.transfer_actions import TRANSFER
from tests.support.actions import Prober
from tests.support.clocks import FrozenClock
from tests.support.draw_factories import a_library, a_published_plan, a_value
from tests.support.inspection_cast import NOTICE, STEPS, Cast, a_cast
from tests.support.inspection_factories import a_drawn_task
from tests.support.joint_factories import STAGES, JointPlan, a_joint_plan, joint_task
from tests.support.library_factories import (
    make_guideline,
    make_item,
    make_object,
    make_officer,
    publish_checklist,
)
from tests.support.operations import IMPORT, accepted, objects
from tests.support.services import make_service
from tests.support.transfer_factories import a_proposed_transfer
from tests.support.world import REGION, Caller, World

Body = dict[str, Any]


@pytest.fixture
def prober(application: FastAPI, connection: AsyncConnection) -> Prober:
    return Prober(application, connection)


def _freeze_body(clock: FrozenClock) -> Body:
    return {
        "contributors": ["LDXZ", "JWJW"],
        "close_at": clock.now().replace(hour=9).isoformat(),
        "public_source": "掷骰子",
        "quota_note": "试验",
    }


def _plan_bodies(plan: JointPlan, clock: FrozenClock) -> Body:
    return {
        "add_plan_task": joint_task(plan.lead, department_codes=[]),
        "invite_plan_participant": {"department_code": "GAJ"},
        "accept_plan_participation": plan.share(),
        "freeze_draw": _freeze_body(clock),
    }


@pytest.mark.parametrize("last", STAGES)
async def test_a_joint_plan_in_every_stage_for_everyone_around_it(
    world: World, clock: FrozenClock, prober: Prober, last: str
) -> None:
    """The initiating department, the participant, the office, who reads the region, a stranger."""
    plan = await a_joint_plan(world, last)
    callers = [
        plan.clerk,
        plan.leader,
        plan.partner_clerk,
        plan.partner_leader,
        plan.office,
        await world.caller(Role.SUPERVISOR, "LDXZ"),
    ]
    if last == "published":  # before that it does not exist for other units
        callers.append(await world.caller(Role.DEPT_CLERK, "WJW"))
        callers.append(await world.caller(Role.DEPT_LEADER, "WJW"))
    for caller in callers:
        await prober.probe(
            caller, "read_plan", {"plan_id": plan.body["id"]}, _plan_bodies(plan, clock)
        )
    assert prober.wrong == []
    assert set(prober.seen) == {*PLAN, *TASK, *PARTICIPANT}
    allowed = {name for name, both in prober.seen.items() if True in both}
    draft = {"update_plan", "add_plan_task", "invite_plan_participant", "remove_plan_task"}
    draft |= set(PARTICIPANT)
    expected = {
        "drafted": draft | {"cancel_plan"},
        "answered": draft | {"cancel_plan", "submit_plan"},
        "submitted": {"approve_plan", "return_plan", "cancel_plan"},
        "approved": {"file_plan", "return_plan", "cancel_plan"},
        "filed": {"publish_plan", "cancel_plan"},
        "published": {"freeze_draw", "cancel_plan"},
    }
    assert allowed == expected[last]


async def test_a_plan_says_what_is_missing_and_who_made_it(
    world: World, clock: FrozenClock, prober: Prober
) -> None:
    """No task; a retired item; a leader who is a clerk, too; drawn already."""
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    both = await _clerk_and_leader(world)
    made = await both.post("plans", {"year": 2026, "name": "草稿"})
    ids = {"plan_id": made.json()["id"]}
    bodies = {"add_plan_task": _task_of(library), "freeze_draw": _freeze_body(clock)}
    await prober.probe(both, "read_plan", ids, bodies)
    assert _told(await _actions(both, ids), "submit_plan") == "plan-without-tasks"
    added = await both.post(
        f"plans/{ids['plan_id']}/tasks", _task_of(library), etag=made.headers["ETag"]
    )
    assert (
        await both.post(f"plans/{ids['plan_id']}/submit", etag=added.headers["ETag"])
    ).is_success
    assert _told(await _actions(both, ids), "approve_plan") == "maker-is-checker"
    await prober.probe(both, "read_plan", ids, bodies)
    item = await clerk.get(f"checklist-items/{library.item_ids[1]}")
    retired = await clerk.post(
        f"checklist-items/{library.item_ids[1]}/retire",
        {"reason": "依据已废止"},
        etag=item.headers["ETag"],
    )
    assert retired.is_success, retired.text
    published = {"plan_id": plan["id"]}
    told = (await clerk.get(f"plans/{plan['id']}")).json()["tasks"][0]["allowed_actions"]
    assert _told(told, "freeze_draw") == "item-retired"
    await prober.probe(clerk, "read_plan", published, bodies)
    await prober.probe(
        clerk, "read_plan_task", {"task_id": plan["tasks"][0]["id"], **published}, bodies
    )
    assert prober.wrong == []


async def _clerk_and_leader(world: World) -> Caller:
    caller = await world.caller(Role.DEPT_CLERK, "SCJG")
    admin = await world.administrator()
    grant = {"role": "dept_leader", "department_code": "SCJG", "region_code": REGION}
    made = await admin.post(f"accounts/{caller.account_id}/grants", grant)
    assert made.status_code == 201, made.text
    return caller


def _task_of(library: Any) -> Body:
    return {
        "name": "食品经营抽查",
        "item_ids": [str(library.item_ids[0])],
        "quota_rule": {"method": "ratio", "per_10000": {"A": 100}},
        "period_from": "2026-03-01",
        "period_to": "2026-06-30",
        "methods": ["onsite"],
    }


async def _actions(caller: Caller, ids: Mapping[str, str]) -> list[Body]:
    actions: list[Body] = (await caller.get(f"plans/{ids['plan_id']}")).json()["allowed_actions"]
    return actions


def _told(actions: list[Body], operation: str) -> str | None:
    (action,) = [one for one in actions if one["action"] == operation]
    return None if action["allowed"] else str(action["refusal"]["code"])


async def test_a_draw_in_every_state_for_everyone_around_it(
    world: World, clock: FrozenClock, prober: Prober
) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    task = plan["tasks"][0]["id"]
    made = await clerk.post(f"plan-tasks/{task}/draws", _freeze_body(clock))
    assert made.status_code == 201, made.text
    draw = made.json()
    path, ids = f"draws/{draw['id']}", {"draw_id": draw["id"]}
    witnesses = {code: await world.caller(Role.WITNESS, code) for code in ("JWJW", "LDXZ")}
    values = {code: a_value() for code in witnesses}
    callers = [clerk, *witnesses.values(), await world.caller(Role.DEPT_LEADER, "SCJG")]

    async def probe() -> None:
        for caller in callers:
            code = {one.username: code for code, one in witnesses.items()}.get(caller.username)
            bodies = {"open_contribution": {"value": values.get(code or "", a_value())}}
            await prober.probe(caller, "read_draw", ids, bodies)

    await probe()
    assert (await clerk.post(f"{path}/publish", etag=made.headers["ETag"])).is_success
    for code, witness in witnesses.items():
        await probe()
        commitment = contribution_commit(draw["manifest_sha256"], code, values[code])
        assert (await witness.post(f"{path}/commitments", {"commitment": commitment})).is_success
    for code, witness in witnesses.items():
        await probe()
        assert (await witness.post(f"{path}/openings", {"value": values[code]})).is_success
    await probe()
    clock.set(clock.now().replace(hour=9))
    await probe()
    assert (await clerk.post(f"{path}/reveal")).is_success
    await probe()
    prober.conclude(DRAW)


async def test_a_draw_that_closed_before_all_had_committed(
    world: World, clock: FrozenClock, prober: Prober
) -> None:
    library = await a_library(world.runtime)
    clerk, plan = await a_published_plan(world, library)
    made = await clerk.post(f"plan-tasks/{plan['tasks'][0]['id']}/draws", _freeze_body(clock))
    path = f"draws/{made.json()['id']}"
    assert (await clerk.post(f"{path}/publish", etag=made.headers["ETag"])).is_success
    clock.set(clock.now().replace(hour=10))
    witness = await world.caller(Role.WITNESS, "JWJW")
    told = (await witness.get(path)).json()["allowed_actions"]
    assert _told(told, "make_commitment") == "draw-closed"
    for caller in (clerk, witness):
        await prober.probe(caller, "read_draw", {"draw_id": made.json()["id"]})
    assert prober.wrong == []


def _inspection_bodies(cast: Cast) -> Body:
    names = {
        "send_inspection_notice": "notice",
        "start_inspection": "start",
        "write_inspection_record": "record",
        "end_inspection": "end",
        "acknowledge_inspection": "acknowledgement",
        "enter_inspection_result": "result",
        "review_inspection": "review",
        "publish_inspection": "publish",
    }
    return {operation: cast.body_of(step) for operation, step in names.items()}


async def test_an_inspection_after_every_step_for_everyone_around_it(
    world: World, prober: Prober
) -> None:
    """Team, another officer, clerk, leader, the other participant of a joint sheet, the region."""
    maker = (await world.caller(Role.DEPT_CLERK)).account_id
    task = await a_drawn_task(world.runtime, maker, departments=("SCJG", "GAJ"))
    cast = await a_cast(world, task)
    other = await a_cast(world, task, department="GAJ")
    watcher = await world.caller(Role.SUPERVISOR, "LDXZ")
    callers = [cast.officer, cast.clerk, cast.leader, other.officer, other.leader, watcher]
    callers.append(await world.caller(Role.OFFICER, "SCJG"))
    for step in STEPS:
        for caller in callers:
            await prober.probe(
                caller,
                "read_inspection",
                {"inspection_id": str(cast.inspection.id)},
                _inspection_bodies(cast),
            )
        assert (await cast.take(step)).is_success
    for caller in (cast.officer, cast.clerk, cast.leader, other.clerk):
        await prober.probe(
            caller,
            "read_inspection_sheet",
            {"sheet_id": str(task.sheets[0].id)},
            _inspection_bodies(cast),
        )
    assert prober.wrong == []
    assert {name for name, both in prober.seen.items() if both != {True, False}} == {
        "assign_inspection_team"
    }


async def test_a_drawn_object_without_a_team_gets_one_from_the_leader(
    world: World, prober: Prober
) -> None:
    library = await a_library(world.runtime)
    maker = (await world.caller(Role.DEPT_CLERK)).account_id
    task = await a_drawn_task(world.runtime, maker, team=0)
    inspection = str(task.sheets[0].inspections["SCJG"].id)
    leader = await world.caller(Role.DEPT_LEADER)
    body = {"officer_codes": library.officer_codes[:2], "cause": "抽取时可用人员不足,现予指派"}
    for caller in (leader, await world.caller(Role.DEPT_CLERK)):
        await prober.probe(
            caller,
            "read_inspection",
            {"inspection_id": inspection},
            {"assign_inspection_team": body, "send_inspection_notice": NOTICE},
        )
    assert prober.wrong == []
    assert prober.seen["assign_inspection_team"] == {True, False}
    assert set(prober.seen) == set(INSPECTION)


async def test_lists_and_libraries_for_the_unit_and_for_who_reads_the_region(
    world: World, prober: Prober
) -> None:
    clerk = await world.caller(Role.DEPT_CLERK)
    leader = await world.caller(Role.DEPT_LEADER)
    watcher = await world.caller(Role.SUPERVISOR, "LDXZ")
    other = await world.caller(Role.DEPT_CLERK, "WJW")
    item, old = await make_item(clerk), await make_item(clerk)
    await publish_checklist(leader)
    tag = (await clerk.get(f"checklist-items/{old['id']}")).headers["ETag"]
    retired = await clerk.post(
        f"checklist-items/{old['id']}/retire", {"reason": "依据已废止"}, etag=tag
    )
    assert retired.is_success, retired.text
    subject = await make_object(clerk)
    officer = await make_officer(clerk)
    used = await _officer_with_parts(clerk, (await make_object(clerk))["code"])
    expert = (
        await clerk.post(
            "experts",
            {
                "code": "ZJ-0001",
                "name": "专家甲",
                "institution": "检验所",
                "fields": ["食品检验"],
                "confidentiality_signed_on": "2026-01-15",
                "confidentiality_document": "保密协议",
            },
        )
    ).json()
    bodies = {
        "change_checklist_item": {"objects": "餐饮服务经营者"},
        "change_inspection_object": {"address": "奈曼旗大沁他拉镇"},
        "record_object_event": {"kind": "suspended", "effective_on": "2026-03-01"},
        "change_officer": {"post": "监督岗"},
        "end_absence": {"ends_on": "2026-04-08", "reason": "提前返岗"},
        "declare_interest": {"object_code": subject["code"], "ground": "近亲属任职"},
    }
    for caller in (clerk, leader, watcher):
        for one in (item, old):
            await prober.probe(caller, "read_checklist_item", {"item_id": one["id"]}, bodies)
        await prober.probe(caller, "read_inspection_object", {"object_id": subject["id"]}, bodies)
        for one in (officer, used):
            await prober.probe(caller, "read_officer", {"officer_id": one["id"]}, bodies)
        await prober.probe(caller, "read_expert", {"expert_id": expert["id"]})
    assert (await other.get(f"officers/{officer['id']}")).status_code == 404
    prober.conclude(ITEM, OBJECT, OFFICER, CERTIFICATE, ABSENCE, INTEREST, EXPERT)


async def _officer_with_parts(clerk: Caller, object_code: str) -> Body:
    """In use, with a certificate, an absence and a recusal."""
    officer = await make_officer(clerk)
    path = f"officers/{officer['id']}"
    for part, body in (
        (
            "certificates",
            {
                "kind": "enforcement",
                "number": "BF-0001",
                "issuer": "内蒙古自治区司法厅",
                "valid_from": "2026-01-01",
                "valid_to": "2030-12-31",
            },
        ),
        ("absences", {"starts_on": "2026-04-06", "ends_on": "2026-04-10", "reason": "培训"}),
        ("interests", {"object_code": object_code, "ground": "近亲属任职"}),
    ):
        made = await clerk.post(f"{path}/{part}", body)
        assert made.status_code == 201, made.text
    return officer


async def test_a_duty_is_given_by_one_side_and_taken_by_the_other(
    world: World, prober: Prober
) -> None:
    leader, open_one = await a_proposed_transfer(world)
    _, later = await a_proposed_transfer(world, effective_on="2026-03-03")
    _, gone = await a_proposed_transfer(world)
    clerk = await world.caller(Role.DEPT_CLERK)
    receiver = await world.caller(Role.DEPT_LEADER, "XFJY")
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    withdrawn = await leader.post(
        f"duty-transfers/{gone['id']}/withdraw", {"reason": "有误"}, etag='"1"'
    )
    assert withdrawn.is_success
    bodies = {
        "accept_duty_transfer": {},
        "decline_duty_transfer": {"reason": "编制未落实"},
        "withdraw_duty_transfer": {"reason": "有误"},
    }
    for caller in (leader, clerk, receiver, office):
        for one in (open_one, later, gone):
            ids = {"transfer_id": one["id"]}
            await prober.probe(caller, "read_duty_transfer", ids, bodies)
    prober.conclude(TRANSFER)


async def test_a_guideline_is_activated_complete_and_by_another_person(
    world: World, prober: Prober
) -> None:
    clerk = await world.caller(Role.DEPT_CLERK)
    leader = await world.caller(Role.DEPT_LEADER)
    both = await _clerk_and_leader(world)
    whole = await make_guideline(clerk)
    empty = await make_guideline(clerk, archiving="")
    own = await make_guideline(both)
    active = await make_guideline(clerk)
    tag = (await leader.get(f"guidelines/{active['id']}")).headers["ETag"]
    assert (await leader.post(f"guidelines/{active['id']}/activate", etag=tag)).is_success
    bodies = {"change_guideline": {"title": "工作指引"}}
    for caller in (clerk, leader, both, await world.caller(Role.OVERSIGHT, "JWJW")):
        for one in (whole, empty, own, active):
            await prober.probe(caller, "read_guideline", {"guideline_id": one["id"]}, bodies)
    told = (await leader.get(f"guidelines/{empty['id']}")).json()["allowed_actions"]
    assert _told(told, "activate_guideline") == "guideline-incomplete"
    told = (await both.get(f"guidelines/{own['id']}")).json()["allowed_actions"]
    assert _told(told, "activate_guideline") == "maker-is-checker"
    prober.conclude(GUIDELINE)


async def test_the_joint_list_is_changed_by_the_office_until_an_item_is_retired(
    world: World, prober: Prober
) -> None:
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    body = {
        "field": "学校办学情况抽查",
        "name": "学校食堂食品安全情况的检查",
        "objects": "各类学校",
        "initiating": [{"name": "市场监督管理局"}],
        "cooperating": [{"name": "教育部门"}],
    }
    item = (await office.post("joint-items", body)).json()
    gone = await office.post("joint-items", body | {"name": "学校校舍安全情况的检查"})
    retired = await office.post(
        f"joint-items/{gone.json()['id']}/retire", {"reason": "不再开展"}, etag=gone.headers["ETag"]
    )
    assert retired.is_success, retired.text
    for caller in (office, await world.caller(Role.DEPT_CLERK)):
        for one in (item, gone.json()):
            await prober.probe(
                caller,
                "read_joint_item",
                {"joint_item_id": one["id"]},
                {"change_joint_item": {"objects": "各类学校及幼儿园"}},
            )
    prober.conclude(JOINT_ITEM)


async def test_accounts_and_the_last_administrator(world: World, prober: Prober) -> None:
    admin = await world.administrator()
    clerk = await world.caller(Role.DEPT_CLERK)
    for account in (admin, clerk):
        await prober.probe(
            admin,
            "read_account",
            {"account_id": account.account_id},
            {"change_account_status": {"status": "active"}},
        )
    assert prober.wrong == []
    assert set(prober.seen) == {*ACCOUNT, *GRANT}
    assert prober.seen["revoke_role"] == {True, False}


async def test_services_have_secrets_and_scopes_and_no_password(
    world: World, prober: Prober
) -> None:
    admin = await world.administrator()
    service = await make_service(admin)
    ids = {"account_id": service["id"]}
    await prober.probe(admin, "read_service_account", ids)
    assert set(prober.seen) == set(SERVICE_ACCOUNT)
    await prober.probe(admin, "read_account", ids, {"change_account_status": {"status": "active"}})
    assert prober.wrong == []
    told = (await admin.get(f"accounts/{service['id']}")).json()["allowed_actions"]
    assert _told(told, "reset_password") == _told(told, "grant_role") == "not-a-person"


async def test_long_work_can_be_cancelled_until_it_is_over(world: World, prober: Prober) -> None:
    clerk = await world.caller(Role.DEPT_CLERK)
    ids = {"operation_id": (await accepted(clerk, objects(1)))["id"]}
    await prober.probe(clerk, "read_operation", ids)
    await prober.probe(await world.caller(Role.INTEGRATOR), "read_operation", ids)
    assert (await clerk.post(f"operations/{ids['operation_id']}/cancel")).is_success
    await prober.probe(clerk, "read_operation", ids)
    prober.conclude(OPERATION)


async def test_an_import_can_be_undone_once_by_who_may_import(world: World, prober: Prober) -> None:
    clerk = await world.caller(Role.DEPT_CLERK)
    answer = await clerk.post(IMPORT, files={"file": ("a.xlsx", objects(1))})
    ids = {"batch_id": answer.json()["batch_id"]}
    for role in (Role.DEPT_CLERK, Role.INTEGRATOR, Role.DEPT_LEADER):
        await prober.probe(await world.caller(role), "read_import_batch", ids)
    path = f"import-batches/{ids['batch_id']}/undo"
    assert (await clerk.post(path, {"reason": "传错了"}, etag='"1"')).is_success
    await prober.probe(clerk, "read_import_batch", ids)
    prober.conclude(IMPORT_BATCH)


async def test_what_may_be_done_is_told_in_as_many_statements_however_much_there_is(
    world: World, connection: AsyncConnection
) -> None:
    """A plan of one task or five, a list of one item or five: no statement for each."""
    library = await a_library(world.runtime)
    clerk = await world.caller(Role.DEPT_CLERK)
    made = await clerk.post("plans", {"year": 2026, "name": "草稿"})
    path, tag = f"plans/{made.json()['id']}", made.headers["ETag"]
    counts = []
    for many in (1, 4):
        for _ in range(many):
            added = await clerk.post(f"{path}/tasks", _task_of(library), etag=tag)
            tag = added.headers["ETag"]
            await make_item(clerk)
        counts.append(
            (
                await _statements(connection, clerk, path),
                await _statements(
                    connection, clerk, f"plan-tasks/{added.json()['tasks'][0]['id']}"
                ),
                await _statements(connection, clerk, "checklist-items"),
            )
        )
    assert counts[0] == counts[1]
    assert counts[0][0] < 25


async def _statements(connection: AsyncConnection, caller: Caller, path: str) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    event.listen(connection.sync_connection, "before_cursor_execute", note)
    assert (await caller.get(path)).status_code == 200
    event.remove(connection.sync_connection, "before_cursor_execute", note)
    return len(seen)
