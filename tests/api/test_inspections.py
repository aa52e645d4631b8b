"""An inspection step by step: what each step asks for, who may take it, in which state."""

import datetime as dt
import json
from typing import get_args

import pytest

from app import reference
from app.domain.actor import EVERYTHING, Role, system_actor
from app.domain.lifecycle import InspectionStatus
from app.schemas.inspections import FollowUpKind, NoticeChannel
from app.services.runtime import Runtime
from app.storage.inspections import get_section
from tests.support.clocks import FrozenClock
from tests.support.inspection_cast import NO_PROBLEM, NOTICE, SIGNED, STEPS, Cast, a_cast
from tests.support.inspection_factories import DrawnTask, a_drawn_task
from tests.support.world import PASSWORD, REGION, Caller, World

REFUSED = {
    "kind": "refused",
    "reason": "对检查结论有异议,拒绝在记录上签字",
}


@pytest.fixture
async def task(world: World, runtime: Runtime) -> DrawnTask:
    _, maker = await world.account(Role.DEPT_CLERK, "SCJG")
    return await a_drawn_task(runtime, maker)


@pytest.fixture
async def cast(world: World, task: DrawnTask) -> Cast:
    return await a_cast(world, task)


async def test_the_whole_way_from_the_notice_to_the_publication(cast: Cast) -> None:
    states = []
    for step in STEPS:
        response = await cast.take(step)
        assert response.status_code in {200, 201}, (step, response.text)
        states.append((await cast.read())["status"])
    assert states == [
        "notified",
        "in_progress",
        "in_progress",
        "ended",
        "ended",
        "entered",
        "reviewed",
        "published",
    ]
    read = await cast.read()
    assert read["result"]["result_text"] == "未发现问题"
    assert read["due_on"] == "2026-03-30"
    assert read["acknowledgement"]["kind"] == "signed"
    assert len(read["record"]["findings"]) == 2
    assert not any(action["allowed"] for action in read["allowed_actions"])


@pytest.mark.parametrize("step", STEPS[1:])  # a second notice has a refusal of its own
async def test_a_step_in_the_wrong_state_says_the_state_and_what_is_possible(
    cast: Cast, step: str
) -> None:
    if step == "start":
        await cast.up_to("end")
    response = await cast.take(step)
    assert response.status_code == 409
    problem = response.json()
    assert problem["code"] == "inspection-wrong-state"
    assert problem["facts"]["action"] == step
    assert problem["facts"]["status"] in {"assigned", "ended"}
    assert problem["facts"]["allowed"]


async def test_a_second_notice_is_refused_because_it_is_given_once(cast: Cast) -> None:
    assert (await cast.take("notice")).status_code == 201
    second = await cast.take("notice")
    assert second.status_code == 409
    assert second.json()["code"] == "notice-already-sent"
    assert second.json()["clause"] == "R14"


async def test_an_on_site_check_does_not_start_without_its_notice(cast: Cast) -> None:
    response = await cast.take("start")
    assert (response.status_code, response.json()["code"]) == (409, "notice-required")
    assert (await cast.read())["status"] == "assigned"


async def test_a_check_that_is_not_on_site_starts_without_a_notice(
    world: World, runtime: Runtime
) -> None:
    _, maker = await world.account(Role.DEPT_CLERK, "SCJG")
    cast = await a_cast(world, await a_drawn_task(runtime, maker, methods=("online",)))
    assert (await cast.take("start")).status_code == 200


async def test_a_notice_of_the_past_is_none(cast: Cast) -> None:
    body = NOTICE | {"visit_from": "2026-03-01", "visit_to": "2026-02-27"}
    response = await cast.take("notice", body)
    assert response.status_code == 422
    codes = [(error["pointer"], error["code"]) for error in response.json()["errors"]]
    assert codes == [("/visit_from", "visit-in-the-past"), ("/visit_to", "visit-period")]


@pytest.mark.parametrize(
    ("minutes", "code"), [(1, "time-in-future"), (-60 * 24, "start-before-lock")]
)
async def test_the_start_lies_between_the_lock_and_now(
    cast: Cast, clock: FrozenClock, minutes: int, code: str
) -> None:
    await cast.take("notice")
    at = clock.now() + dt.timedelta(minutes=minutes)
    response = await cast.take("start", {"started_at": at.isoformat()})
    assert response.status_code == 422
    assert code in [error["code"] for error in response.json()["errors"]]


async def test_the_start_does_not_precede_the_notice(cast: Cast, clock: FrozenClock) -> None:
    early = clock.now()
    clock.forward(minutes=10)
    await cast.take("notice")
    response = await cast.take("start", {"started_at": early.isoformat()})
    assert [error["code"] for error in response.json()["errors"]] == ["start-before-notice"]


async def test_a_time_without_a_zone_is_refused(cast: Cast) -> None:
    await cast.take("notice")
    response = await cast.take("start", {"started_at": "2026-03-02T09:00:00"})
    assert response.status_code == 422


async def test_only_the_drawn_team_inspects(world: World, cast: Cast) -> None:
    stranger = await world.caller(Role.OFFICER, "SCJG")
    for step in ("notice", "start", "record", "end", "acknowledgement"):
        response = await cast.take(step, by=stranger)
        assert (response.status_code, response.json()["code"]) == (403, "not-in-team"), step


async def test_another_unit_does_not_know_of_the_inspection(world: World, cast: Cast) -> None:
    officer = await world.caller(Role.OFFICER, "GAJ")
    clerk = await world.caller(Role.DEPT_CLERK, "GAJ")
    leader = await world.caller(Role.DEPT_LEADER, "GAJ")
    assert (await clerk.get(cast.path)).status_code == 404
    assert (await clerk.get(f"{cast.path}/deadline")).status_code == 404
    assert (await clerk.get("inspections")).json()["items"] == []
    callers = {"result": clerk, "review": leader, "publish": clerk}
    for step in STEPS:
        response = await cast.take(step, by=callers.get(step, officer))
        assert response.status_code == 404, step


async def test_a_result_for_an_object_that_was_not_drawn_is_not_found(cast: Cast) -> None:
    path = f"inspections/{cast.task.task_id}/result"
    response = await cast.clerk.post(path, NO_PROBLEM, etag='"1"')
    assert (response.status_code, response.json()["code"]) == (404, "not-found")


async def test_roles_do_not_take_each_others_steps(cast: Cast) -> None:
    wrong = {
        "notice": cast.clerk,
        "start": cast.leader,
        "record": cast.clerk,
        "end": cast.clerk,
        "acknowledgement": cast.clerk,
        "result": cast.leader,
        "review": cast.clerk,
        "publish": cast.officer,
    }
    for step, caller in wrong.items():
        response = await cast.take(step, by=caller)
        assert (response.status_code, response.json()["code"]) == (403, "forbidden"), step


async def test_the_office_reads_all_and_writes_nothing(world: World, cast: Cast) -> None:
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    assert (await office.get(cast.path)).json()["whole"] is True
    for step in STEPS:
        assert (await cast.take(step, by=office)).status_code == 403, step


async def test_every_step_asks_for_the_version_and_refuses_an_old_one(cast: Cast) -> None:
    old = await cast.etag()
    await cast.take("notice")
    absent = await cast.officer.post(f"{cast.path}/start", cast.body_of("start"))
    assert absent.status_code == 428
    stale = await cast.take("start", etag=old)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    assert (await cast.read())["status"] == "notified"


async def test_of_two_records_with_one_version_the_second_is_stale(cast: Cast) -> None:
    await cast.up_to("start")
    seen = await cast.etag()
    assert (await cast.take("record", etag=seen)).status_code == 200
    assert (await cast.take("record", etag=seen)).status_code == 412


async def test_a_record_has_every_item_exactly_once(cast: Cast) -> None:
    await cast.up_to("start")
    whole = cast.record_body()
    first, second = whole["findings"]
    stranger = first | {"item_version_id": str(cast.task.task_id)}
    for findings, codes in (
        ([first], ["item-missing"]),
        ([first, first], ["item-repeated", "item-missing"]),
        ([first, second, stranger], ["item-unknown"]),
    ):
        response = await cast.take("record", whole | {"findings": findings})
        assert response.status_code == 422
        assert [error["code"] for error in response.json()["errors"]] == codes
    assert (await cast.read())["record"] is None


async def test_a_problem_is_described_and_only_a_problem(cast: Cast) -> None:
    await cast.up_to("start")
    for body, code in (
        (cast.record_body("problem"), "problem-missing"),
        (cast.record_body("not_checked", problem="无"), "problem-unexpected"),
    ):
        response = await cast.take("record", body)
        assert response.status_code == 422
        assert {error["code"] for error in response.json()["errors"]} == {code}


async def test_a_method_outside_the_task_is_refused(cast: Cast) -> None:
    await cast.up_to("start")
    response = await cast.take("record", cast.record_body() | {"methods": ["entrusted"]})
    assert [error["pointer"] for error in response.json()["errors"]] == ["/methods/0"]


async def test_a_later_record_replaces_the_former(cast: Cast) -> None:
    await cast.up_to("record")
    body = cast.record_body("problem", problem="未亮照经营", measure="责令改正")
    assert (await cast.take("record", body)).status_code == 200
    findings = (await cast.read())["record"]["findings"]
    assert [finding["outcome"] for finding in findings] == ["problem", "problem"]


@pytest.mark.parametrize("text", ["a\x00b", "x\ud800y", "a\x07b"])
async def test_texts_that_no_table_can_hold_are_refused(cast: Cast, text: str) -> None:
    await cast.up_to("start")
    body = cast.record_body() | {"statement": text}
    response = await cast.officer.request(
        "PUT",
        f"{cast.path}/record",
        content=json.dumps(body),
        headers={"Content-Type": "application/json"},
        etag=await cast.etag(),
    )
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/statement"


async def test_an_inspection_does_not_end_without_a_record(cast: Cast) -> None:
    await cast.up_to("start")
    response = await cast.take("end")
    assert (response.status_code, response.json()["code"]) == (409, "record-empty")


async def test_one_officer_alone_can_not_end_an_inspection(world: World, runtime: Runtime) -> None:
    _, maker = await world.account(Role.DEPT_CLERK, "SCJG")
    cast = await a_cast(world, await a_drawn_task(runtime, maker, team=1))
    await cast.up_to("record")
    response = await cast.take("end")
    assert (response.status_code, response.json()["code"]) == (409, "team-too-small")


async def test_the_end_lies_between_the_start_and_now(cast: Cast, clock: FrozenClock) -> None:
    await cast.up_to("record")
    for minutes, code in ((-1, "end-before-start"), (1, "time-in-future")):
        at = clock.now() + dt.timedelta(minutes=minutes)
        response = await cast.take("end", {"ended_at": at.isoformat()})
        assert [error["code"] for error in response.json()["errors"]] == [code]


async def test_the_deadline_is_explained_day_by_day(cast: Cast) -> None:
    before = (await cast.officer.get(f"{cast.path}/deadline")).json()
    assert (before["state"], before["days"]) == ("not_ended", [])
    await cast.up_to("end")
    told = (await cast.officer.get(f"{cast.path}/deadline")).json()
    assert told["state"] == "computed"
    assert told["due_on"] == "2026-03-30"
    assert told["days"][0]["skipped"] == "first_day"
    assert told["days"][-1] | {"holiday": None} == {
        "date": "2026-03-30",
        "number": 20,
        "skipped": None,
        "holiday": None,
        "made_up": False,
    }
    assert told["overdue"] is False


async def test_a_deadline_runs_out_at_the_end_of_its_day_in_shanghai(
    cast: Cast, clock: FrozenClock
) -> None:
    await cast.up_to("end")
    clock.set(dt.datetime(2026, 3, 30, 15, 59, tzinfo=dt.UTC))
    fresh = await signed_in_again(cast)
    assert (await fresh.get(f"{cast.path}/deadline")).json()["overdue"] is False
    clock.set(dt.datetime(2026, 3, 30, 16, 1, tzinfo=dt.UTC))
    assert (await fresh.get(f"{cast.path}/deadline")).json()["overdue"] is True


async def signed_in_again(cast: Cast) -> Caller:
    """The officer with a new token: those of the morning have expired."""
    login = {"username": cast.officer.username, "password": PASSWORD}
    response = await cast.officer.client.post("/api/v1/auth/login", json=login)
    token = response.json()["access_token"]
    return Caller(cast.officer.client, cast.officer.username, cast.officer.account_id, token)


async def test_an_end_whose_deadline_lies_in_an_unknown_year_is_accepted(
    world: World, cast: Cast, clock: FrozenClock
) -> None:
    clock.set(dt.datetime(2026, 12, 20, 2, 0, tzinfo=dt.UTC))
    cast.officer = await signed_in_again(cast)
    body = NOTICE | {"visit_from": "2026-12-20", "visit_to": "2026-12-21"}
    await cast.take("notice", body)
    for step in ("start", "record", "end"):
        assert (await cast.take(step)).status_code == 200
    told = (await cast.officer.get(f"{cast.path}/deadline")).json()
    assert (told["state"], told["due_on"]) == ("calendar_missing", None)
    assert told["missing_year"] == 2027
    assert (await cast.read())["due_state"] == "calendar_missing"


async def test_a_refusal_needs_a_reason_and_two_officers_of_the_team(cast: Cast) -> None:
    await cast.up_to("end")
    team = cast.inspection.officer_codes
    for more, codes in (
        ({}, ["acknowledgement-note"]),
        ({"noted_by": team[:1]}, ["acknowledgement-note"]),
        ({"noted_by": [team[0], "SCJG-X"]}, ["acknowledgement-note-stranger"]),
        ({"noted_by": team, "reason": "不肯签字"}, ["acknowledgement-reason"]),
    ):
        response = await cast.take("acknowledgement", REFUSED | more)
        assert response.status_code == 422, response.text
        assert [error["code"] for error in response.json()["errors"]] == codes
    good = await cast.take("acknowledgement", REFUSED | {"noted_by": team})
    assert good.status_code == 201
    assert good.json()["acknowledgement"]["witness_advised"] is True


@pytest.mark.parametrize("kind", ["sealed", "absent"])
async def test_seal_and_absence_are_acknowledgements_too(cast: Cast, kind: str) -> None:
    await cast.up_to("end")
    body = (
        {"kind": kind, "signer": "负责人"}
        if kind == "sealed"
        else {
            "kind": kind,
            "reason": "负责人外出无法到场,电话确认",
        }
    )
    response = await cast.take("acknowledgement", body)
    assert response.status_code == 201, response.text


async def test_a_record_is_acknowledged_once_and_then_stays(cast: Cast) -> None:
    await cast.up_to("record")
    assert (await cast.take("acknowledgement")).status_code == 201
    again = await cast.take("acknowledgement")
    assert (again.status_code, again.json()["code"]) == (409, "acknowledgement-exists")
    change = await cast.take("record")
    assert (change.status_code, change.json()["code"]) == (409, "record-acknowledged")


async def test_nothing_is_acknowledged_before_it_is_recorded(cast: Cast) -> None:
    await cast.up_to("start")
    response = await cast.take("acknowledgement")
    assert (response.status_code, response.json()["code"]) == (409, "record-empty")


async def test_a_result_waits_for_the_acknowledgement(cast: Cast) -> None:
    await cast.up_to("end")
    response = await cast.take("result")
    assert (response.status_code, response.json()["code"]) == (409, "acknowledgement-missing")


@pytest.mark.parametrize(
    "body", [{}, {"result_code": None}, {"result_code": ""}, {"result_code": "09"}]
)
async def test_there_is_no_default_result(cast: Cast, body: dict) -> None:
    await cast.up_to("acknowledgement")
    response = await cast.take("result", body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/result_code"
    assert (await cast.read())["result"] is None


async def test_a_result_that_contradicts_the_record_is_refused(cast: Cast) -> None:
    await cast.up_to("start")
    await cast.take("record", cast.record_body("problem", problem="未亮照经营"))
    await cast.take("end")
    await cast.take("acknowledgement")
    response = await cast.take("result", NO_PROBLEM)
    assert (response.status_code, response.json()["code"]) == (422, "result-incomplete")
    assert {error["code"] for error in response.json()["errors"]} == {"result-item-problem"}
    bare = await cast.take("result", {"result_code": "05"})
    assert [error["pointer"] for error in bare.json()["errors"]] == ["/rectification"]
    good = await cast.take("result", {"result_code": "05", "rectification": "当场改正"})
    assert good.status_code == 200
    assert good.json()["result"]["details"]["rectification"] == "当场改正"


RESULTS = [
    ("02", "problem", {"rectification": "责令限期公示"}, "result-order-or-lead-required"),
    ("03", "problem", {"follow_ups": [{"kind": "case_filing"}]}, "result-follow-up-required"),
    ("04", "not_checked", {"visits": 1, "contact_attempts": 2}, "result-visits-required"),
    ("07", "not_checked", {"library_feedback": "取消食品销售标签"}, "result-feedback-required"),
    ("08", "problem", {"follow_ups": [{"kind": "case_filing"}]}, "result-open-follow-up-required"),
]


@pytest.mark.parametrize(("code", "outcome", "details", "refusal"), RESULTS)
async def test_a_result_rests_on_what_it_implies(
    cast: Cast, code: str, outcome: str, details: dict, refusal: str
) -> None:
    problem = {"problem": "与公示信息不符"} if outcome == "problem" else {}
    await cast.up_to("start")
    await cast.take("record", cast.record_body(outcome, **problem))
    await cast.take("end")
    await cast.take("acknowledgement")
    bare = await cast.take("result", {"result_code": code})
    assert bare.status_code == 422
    assert refusal in [error["code"] for error in bare.json()["errors"]]
    assert (await cast.take("result", {"result_code": code} | details)).status_code == 200


async def test_the_sixth_result_needs_evidence_and_the_witness_of_the_record(cast: Cast) -> None:
    await cast.up_to("start")
    await cast.take("record", cast.record_body("not_checked"))
    await cast.take("end")
    team = cast.inspection.officer_codes
    witness = {"witness_name": "社区工作人员", "witness_unit": "社区居民委员会"}
    await cast.take("acknowledgement", REFUSED | {"noted_by": team} | witness)
    bare = await cast.take("result", {"result_code": "06"})
    assert [error["pointer"] for error in bare.json()["errors"]] == ["/evidence"]
    evidence = [{"name": "现场照片", "sha256": "ab" * 32}]
    assert (
        await cast.take("result", {"result_code": "06", "evidence": evidence})
    ).status_code == 200


async def test_nobody_reviews_what_they_entered(world: World, cast: Cast) -> None:
    await cast.up_to("acknowledgement")
    admin = await world.administrator()
    account = await admin.post(
        f"accounts/{cast.clerk.account_id}/grants",
        {"role": "dept_leader", "department_code": "SCJG", "region_code": REGION},
    )
    assert account.status_code == 201, account.text
    await cast.take("result")
    response = await cast.take("review", by=cast.clerk)
    assert (response.status_code, response.json()["code"]) == (403, "maker-is-checker")
    assert (await cast.take("review")).status_code == 200


async def test_a_returned_result_is_entered_again(cast: Cast) -> None:
    await cast.up_to("result")
    silent = await cast.take("review", {"decision": "return"})
    assert silent.status_code == 422
    back = await cast.take("review", {"decision": "return", "opinion": "请补充说明"})
    assert back.json()["status"] == "ended"
    assert back.json()["result_code"] is None
    assert back.json()["review"]["opinion"] == "请补充说明"
    again = await cast.take("result", NO_PROBLEM | {"note": "已补充"})
    assert again.json()["status"] == "entered"
    assert again.json()["review"] is None


async def test_a_void_inspection_admits_no_step(cast: Cast, runtime: Runtime) -> None:
    async with runtime.database.unit_of_work(system_actor(REGION)) as uow:
        section = await get_section(uow.session, cast.inspection.id, EVERYTHING)
        section.inspection.status = InspectionStatus.VOID
        uow.audit("test.inspection_voided", "inspection", cast.inspection.id)
    for step in STEPS:
        response = await cast.take(step)
        assert response.json()["code"] == "inspection-wrong-state", step
        assert response.json()["facts"]["status"] == "void"


async def test_every_step_leaves_its_entry_in_the_trail(world: World, cast: Cast) -> None:
    await cast.up_to("publish")
    response = await cast.leader.get(
        f"audit-entries?subject_kind=inspection&subject_id={cast.inspection.id}"
    )
    assert response.status_code == 200, response.text
    actions = [entry["action"] for entry in response.json()["items"]]
    assert actions == [
        "inspection.notified",
        "inspection.started",
        "inspection.recorded",
        "inspection.ended",
        "inspection.acknowledged",
        "inspection.result_entered",
        "inspection.reviewed",
        "inspection.published",
    ]
    assert SIGNED["signer"] not in response.text
    assert NOTICE["recipient"] not in response.text


async def test_lists_are_narrowed_and_paged(world: World, runtime: Runtime) -> None:
    _, maker = await world.account(Role.DEPT_CLERK, "SCJG")
    task = await a_drawn_task(runtime, maker, objects=3)
    cast = await a_cast(world, task, sheet=1)
    await cast.up_to("end")
    base = f"inspections?plan_task_id={task.task_id}"
    first = (await cast.clerk.get(f"{base}&limit=2&with_total=true")).json()
    assert (len(first["items"]), first["total"]) == (2, 3)
    rest = (await cast.clerk.get(f"{base}&limit=2&cursor={first['next_cursor']}")).json()
    assert len(rest["items"]) == 1
    assert rest["next_cursor"] is None
    ended = (await cast.clerk.get(f"{base}&status=ended")).json()["items"]
    assert [one["id"] for one in ended] == [str(cast.inspection.id)]
    due = (await cast.clerk.get(f"{base}&due_before=2026-03-31")).json()["items"]
    assert len(due) == 1
    none = (await cast.clerk.get(f"{base}&due_before=2026-03-30")).json()["items"]
    assert none == []
    code = task.sheets[2].object_code
    of_object = (await cast.clerk.get(f"inspections?object_code={code}")).json()["items"]
    assert [one["object_code"] for one in of_object] == [code]


def test_the_codes_of_the_wire_are_those_of_the_code_lists() -> None:
    assert list(get_args(FollowUpKind)) == [one.code for one in reference.codes("follow_up_kind")]
    assert list(get_args(NoticeChannel)) == [one.code for one in reference.codes("notice_channel")]
