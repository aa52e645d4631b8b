"""Joint plans: invited, answered, approved, filed by the office (R10), read by who takes part."""

from typing import Any

import pytest
from sqlalchemy import text

from app.domain.actor import Role, system_actor
from app.domain.errors import RuleError
from tests.support.draw_factories import a_library
from tests.support.joint_factories import LEAD, PARTNER, JointPlan, a_joint_plan, joint_task, reach
from tests.support.world import PASSWORD, REGION, Caller, World

FILING = {"filing_no": "奈双随机备〔2026〕2号", "opinion": "予以备案"}
SHOWN = {"platform_receipt_no": "NMG-9", "site_url": "https://example.gov.cn/joint"}


def accept_path(plan: JointPlan) -> str:
    return f"participants/{plan.partner.department_id}/accept"


def decline_path(plan: JointPlan) -> str:
    return f"participants/{plan.partner.department_id}/decline"


async def freeze(world: World, plan: JointPlan) -> Any:
    return await plan.clerk.post(
        f"plan-tasks/{plan.task_id}/draws",
        {
            "contributors": ["LDXZ", "JWJW"],
            "close_at": "2026-03-05T08:00:00Z",
            "public_source": "掷骰子",
        },
    )


async def test_r10_a_joint_plan_goes_from_invitation_to_filing_and_publication(
    world: World,
) -> None:
    plan = await a_joint_plan(world, "published")
    assert (plan.body["kind"], plan.body["status"]) == ("joint", "published")
    assert plan.body["filing_no"] == "奈双随机备〔2026〕1号"
    (answer,) = plan.body["participants"]
    assert (answer["code"], answer["status"]) == (PARTNER, "accepted")
    (task,) = plan.body["tasks"]
    assert [one["code"] for one in task["departments"]] == [LEAD, PARTNER]
    owners = [one["department_id"] for one in task["items"]]
    assert owners == [str(plan.lead.department_id)] * 2 + [str(plan.partner.department_id)] * 2
    public = await world.client.get(f"/api/v1/public/plans/{plan.body['plan_no']}")
    assert public.json()["filing_no"] == "奈双随机备〔2026〕1号"
    assert [one["code"] for one in public.json()["tasks"][0]["departments"]] == [LEAD, PARTNER]


async def test_who_was_invited_reads_the_draft_and_strangers_do_not(world: World) -> None:
    plan = await a_joint_plan(world, "drafted")
    stranger = await world.caller(Role.DEPT_CLERK, "WJW")
    for path in (plan.path, f"plan-tasks/{plan.task_id}"):
        assert (await plan.partner_clerk.get(path)).status_code == 200
        assert (await plan.office.get(path)).status_code == 200
        assert (await stranger.get(path)).status_code == 404
    ids = [one["id"] for one in (await plan.partner_clerk.get("plans")).json()["items"]]
    assert plan.body["id"] in ids
    assert (await stranger.get("plans")).json()["items"] == []
    for stage in ("answered", "submitted", "approved", "filed"):
        await reach(plan, stage)
        assert (await stranger.get(plan.path)).status_code == 404
    await plan.must(plan.clerk, "publish", SHOWN)
    assert (await stranger.get(plan.path)).status_code == 200


async def test_a_participant_answers_for_itself_and_changes_nothing_else(world: World) -> None:
    plan = await a_joint_plan(world, "drafted")
    third = await world.caller(Role.DEPT_LEADER, "WJW")
    for caller, status, code in (
        (plan.leader, 403, "another-participant"),
        (third, 404, "not-found"),
        (plan.partner_clerk, 403, "forbidden"),
        (plan.office, 403, "forbidden"),
    ):
        refused = await plan.take(caller, accept_path(plan), plan.share())
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    await plan.must(plan.clerk, "participants", {"department_code": "WJW"})
    refused = await plan.take(third, accept_path(plan), plan.share())
    assert (refused.status_code, refused.json()["code"]) == (403, "another-participant")
    for path, body in (
        ("tasks", joint_task(plan.partner, department_codes=[])),
        ("participants", {"department_code": "GAJ"}),
        ("submit", None),
    ):
        assert (await plan.take(plan.partner_clerk, path, body)).status_code == 403
    renamed = await plan.partner_clerk.patch(plan.path, {"name": "改名"}, etag=plan.etag)
    assert renamed.status_code == 403
    gone = await plan.partner_clerk.request("DELETE", plan.answer_path, etag=plan.etag)
    assert gone.status_code == 403


async def test_an_answer_needs_the_version_that_was_seen(world: World) -> None:
    plan = await a_joint_plan(world, "drafted")
    path = f"{plan.path}/{accept_path(plan)}"
    assert (await plan.partner_leader.post(path, plan.share())).status_code == 428
    stale = await plan.partner_leader.post(path, plan.share(), etag='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")


async def test_a_participant_brings_its_own_published_items_only(world: World) -> None:
    plan = await a_joint_plan(world, "drafted")
    foreign = plan.share(item_ids=[str(plan.lead.item_ids[0])])
    refused = await plan.take(plan.partner_leader, accept_path(plan), foreign)
    assert (refused.status_code, refused.json()["code"]) == (422, "item-unknown")
    assert refused.json()["errors"][0]["pointer"] == "/tasks/0/item_ids/0"
    alone = await plan.take(plan.partner_leader, accept_path(plan), plan.share(members=1))
    assert alone.status_code == 422
    await plan.must(
        plan.partner_leader,
        accept_path(plan),
        plan.share(item_ids=[str(plan.partner.item_ids[0])], members=3, lead=False),
    )
    team = plan.body["tasks"][0]["departments"][1]
    assert (team["members"], team["lead"]) == (3, False)
    await plan.must(plan.partner_leader, accept_path(plan), plan.share())
    owners = [one["department_id"] for one in plan.body["tasks"][0]["items"]]
    assert owners.count(str(plan.partner.department_id)) == 2, "a later answer replaces"


async def test_a_participant_answers_for_every_task_that_names_it_and_no_other(
    world: World,
) -> None:
    plan = await a_joint_plan(world, "drafted")
    await plan.must(plan.clerk, "tasks", joint_task(plan.lead, name="另一任务"))
    await plan.must(plan.clerk, "tasks", joint_task(plan.lead, department_codes=[]))
    half = await plan.take(plan.partner_leader, accept_path(plan), plan.share())
    assert (half.status_code, half.json()["code"]) == (422, "participation-incomplete")
    assert [one["pointer"] for one in half.json()["errors"]] == ["/tasks"]
    shares = [plan.share(task_id=task["id"])["tasks"][0] for task in plan.body["tasks"]]
    uninvited = await plan.take(plan.partner_leader, accept_path(plan), {"tasks": shares})
    assert [one["pointer"] for one in uninvited.json()["errors"]] == ["/tasks/2/task_id"]
    twice = await plan.take(
        plan.partner_leader, accept_path(plan), {"tasks": [shares[0], shares[1], shares[1]]}
    )
    assert [one["pointer"] for one in twice.json()["errors"]] == ["/tasks/2/task_id"]
    await plan.must(plan.partner_leader, accept_path(plan), {"tasks": shares[:2]})
    assert plan.body["participants"][0]["status"] == "accepted"


async def test_r10_every_participant_has_answered_before_the_plan_is_submitted(
    world: World,
) -> None:
    plan = await a_joint_plan(world, "drafted")
    early = await plan.take(plan.clerk, "submit")
    assert (early.status_code, early.json()["code"]) == (409, "participants-unanswered")
    assert early.json()["facts"] == {"departments": PARTNER}
    await plan.must(plan.partner_leader, accept_path(plan), plan.share())
    await plan.must(plan.clerk, "tasks", joint_task(plan.lead, name="后加任务"))
    assert plan.body["participants"][0]["status"] == "invited", "a new task asks anew"
    assert (await plan.take(plan.clerk, "submit")).json()["code"] == "participants-unanswered"


async def test_r10_one_department_alone_is_no_joint_plan(world: World) -> None:
    plan = await a_joint_plan(world, "answered")
    answer = await plan.take(
        plan.partner_leader, decline_path(plan), {"reason": "本年度已有专项检查"}
    )
    assert answer.status_code == 200
    (said,) = plan.body["participants"]
    assert (said["status"], said["reason"]) == ("declined", "本年度已有专项检查")
    assert [one["code"] for one in plan.body["tasks"][0]["departments"]] == [LEAD]
    owners = {one["department_id"] for one in plan.body["tasks"][0]["items"]}
    assert owners == {str(plan.lead.department_id)}
    refused = await plan.take(plan.clerk, "submit")
    assert (refused.status_code, refused.json()["code"]) == (409, "joint-task-alone")
    again = await plan.take(plan.partner_leader, accept_path(plan), plan.share())
    assert again.json()["code"] == "participant-declined"
    named = await plan.take(plan.clerk, "tasks", joint_task(plan.lead))
    assert (named.status_code, named.json()["code"]) == (422, "not-a-participant")
    assert named.json()["errors"][0]["pointer"] == "/department_codes/0"
    await plan.must(plan.clerk, "participants", {"department_code": PARTNER})
    assert plan.body["participants"][0]["status"] == "invited"
    assert plan.body["participants"][0]["reason"] is None


async def test_who_accepted_and_is_in_no_task_stands_in_the_way(world: World) -> None:
    plan = await a_joint_plan(world, "answered")
    await a_library(world.runtime, department="WJW", objects=1, first=2001)
    await plan.must(plan.clerk, "participants", {"department_code": "WJW"})
    third = await world.caller(Role.DEPT_LEADER, "WJW")
    wjw = next(one for one in plan.body["participants"] if one["code"] == "WJW")
    refused = await plan.take(third, f"participants/{wjw['department_id']}/accept", plan.share())
    assert (refused.status_code, refused.json()["code"]) == (409, "participant-without-task")
    gone = await plan.clerk.request(
        "DELETE", f"{plan.path}/participants/{wjw['department_id']}", etag=plan.etag
    )
    assert gone.status_code == 200
    assert [one["code"] for one in gone.json()["participants"]] == [PARTNER]
    assert (await third.get(plan.path)).status_code == 404
    plan.etag = gone.headers["ETag"]
    await plan.must(plan.clerk, "submit")


@pytest.mark.parametrize(
    ("department", "status", "code"),
    [
        (LEAD, 422, "initiator-is-no-participant"),
        (PARTNER, 409, "participant-exists"),
        ("LDXZ", 422, "department-does-not-inspect"),
        ("JWJW", 422, "department-does-not-inspect"),
        ("NOBODY", 422, "participant-unknown"),
    ],
)
async def test_n7_only_another_inspecting_department_is_invited_once(
    world: World, department: str, status: int, code: str
) -> None:
    plan = await a_joint_plan(world, "drafted")
    refused = await plan.take(plan.clerk, "participants", {"department_code": department})
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_a_department_plan_has_no_participants_and_is_not_filed(world: World) -> None:
    library = await a_library(world.runtime)
    clerk = await world.caller(Role.DEPT_CLERK)
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    made = await clerk.post("plans", {"year": 2026, "name": "部门计划"})
    path, etag = f"plans/{made.json()['id']}", made.headers["ETag"]
    assert made.json()["kind"] == "department"
    for caller, act, body in (
        (clerk, "participants", {"department_code": PARTNER}),
        (clerk, "tasks", joint_task(library)),
        (office, "file", FILING),
    ):
        refused = await caller.post(f"{path}/{act}", body, etag=etag)
        assert (refused.status_code, refused.json()["code"]) == (409, "plan-not-joint")


async def test_r10_nothing_is_published_or_drawn_before_it_is_filed(world: World) -> None:
    plan = await a_joint_plan(world, "approved")
    for refused in (await plan.take(plan.clerk, "publish", SHOWN), await freeze(world, plan)):
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (409, "plan-not-filed")
        assert problem["clause"] == "R10"
    await plan.must(plan.office, "file", FILING)
    unpublished = await freeze(world, plan)
    assert unpublished.json()["code"] == "plan-not-published"


async def test_only_the_office_of_the_region_files(world: World) -> None:
    plan = await a_joint_plan(world, "submitted")
    early = await plan.take(plan.office, "file", FILING)
    assert (early.status_code, early.json()["code"]) == (409, "plan-wrong-state")
    await plan.must(plan.leader, "approve", {"opinion": "同意"})
    supervisor = await world.caller(Role.SUPERVISOR, "ZFB")
    for caller in (plan.clerk, plan.leader, plan.partner_leader, supervisor):
        refused = await plan.take(caller, "file", FILING)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    await plan.must(plan.office, "file", FILING)
    assert plan.body["filing_opinion"] == "予以备案"
    twice = await plan.take(plan.office, "file", FILING | {"filing_no": "另一号"})
    assert twice.json()["code"] == "plan-wrong-state"


async def test_a_filing_number_is_given_once(world: World) -> None:
    first = await a_joint_plan(world, "filed")
    made = await first.clerk.post("plans", {"kind": "joint", "year": 2026, "name": "又一计划"})
    second = JointPlan(
        first.lead,
        first.partner,
        first.clerk,
        first.leader,
        first.partner_clerk,
        first.partner_leader,
        first.office,
        made.json(),
        made.headers["ETag"],
    )
    await second.must(second.clerk, "participants", {"department_code": PARTNER})
    await second.must(second.clerk, "tasks", joint_task(second.lead))
    await second.must(second.partner_leader, accept_path(second), second.share())
    await second.must(second.clerk, "submit")
    await second.must(second.leader, "approve", {"opinion": "同意"})
    taken = await second.take(
        second.office, "file", FILING | {"filing_no": first.body["filing_no"]}
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "filing-no-taken")


async def test_who_approved_the_plan_does_not_file_it_in_another_office(world: World) -> None:
    plan = await a_joint_plan(world, "submitted")
    admin = await world.administrator()
    both = await world.caller(Role.LG_OFFICE, "LDXZ")
    grant = {"role": "dept_leader", "department_code": LEAD, "region_code": REGION}
    assert (await admin.post(f"accounts/{both.account_id}/grants", grant)).status_code == 201

    async def acting_at(department: str) -> Caller:
        credentials = {"username": both.username, "password": PASSWORD}
        signed = await world.client.post(
            "/api/v1/auth/login", json=credentials | {"department_code": department}
        )
        token = signed.json()["access_token"]
        return Caller(world.client, both.username, both.account_id, token)

    await plan.must(await acting_at(LEAD), "approve", {"opinion": "同意"})
    refused = await plan.take(await acting_at("LDXZ"), "file", FILING)
    assert (refused.status_code, refused.json()["code"]) == (403, "maker-is-checker")


async def test_the_office_returns_what_it_does_not_file_and_it_is_approved_anew(
    world: World,
) -> None:
    plan = await a_joint_plan(world, "submitted")
    reason = {"reason": "请补充食品安全风险等级的依据"}
    for caller, status in ((plan.office, 409), (plan.partner_leader, 403)):
        assert (await plan.take(caller, "return", reason)).status_code == status
    await plan.must(plan.leader, "approve", {"opinion": "同意"})
    own = await plan.take(plan.leader, "return", reason)
    assert (own.status_code, own.json()["code"]) == (409, "plan-wrong-state")
    await plan.must(plan.office, "return", reason)
    assert (plan.body["status"], plan.body["returned_reason"]) == ("draft", reason["reason"])
    assert plan.body["approved_at"] is None
    assert plan.body["participants"][0]["status"] == "accepted"
    await plan.must(plan.clerk, "submit")
    refused = await plan.take(plan.office, "file", FILING)
    assert refused.json()["code"] == "plan-wrong-state"
    await plan.must(plan.leader, "approve", {"opinion": "同意"})
    await plan.must(plan.office, "file", FILING)
    late = await plan.take(plan.office, "return", reason)
    assert (late.status_code, late.json()["code"]) == (409, "plan-wrong-state")


async def test_nobody_answers_after_submission(world: World) -> None:
    plan = await a_joint_plan(world, "submitted")
    for path, body in (
        (accept_path(plan), plan.share()),
        (decline_path(plan), {"reason": "不参与"}),
    ):
        refused = await plan.take(plan.partner_leader, path, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "plan-wrong-state")
    gone = await plan.clerk.request("DELETE", plan.answer_path, etag=plan.etag)
    assert gone.json()["code"] == "plan-wrong-state"


async def _execute(world: World, statement: str, plan: JointPlan) -> None:
    async with world.runtime.database.unit_of_work(system_actor(REGION)) as uow:
        await uow.session.execute(text(statement), {"id": plan.body["id"]})
        uow.audit("test.changed", "plan", plan.body["id"])


@pytest.mark.parametrize(
    ("stage", "change", "constraint"),
    [
        ("approved", "status = 'filed'", "ck_plan_filed"),
        ("filed", "filing_no = NULL", "ck_plan_filing"),
        ("filed", "kind = 'department'", "ck_plan_joint_filing"),
        ("filed", "filed_by = approved_by", "ck_plan_filer"),
        ("filed", "filed_by = created_by", "ck_plan_filer"),
    ],
)
async def test_r10_the_table_itself_knows_the_filing(
    world: World, stage: str, change: str, constraint: str
) -> None:
    plan = await a_joint_plan(world, stage)
    with pytest.raises(RuleError) as refused:
        await _execute(world, f"UPDATE plan SET {change} WHERE id = :id", plan)
    assert refused.value.facts["constraint"] == constraint


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("status = 'invited'", "ck_plan_participant_answered"),
        ("answered_by = NULL", "ck_plan_participant_answerer"),
        ("status = 'declined'", "ck_plan_participant_reason"),
    ],
)
async def test_the_table_itself_knows_what_an_answer_is(
    world: World, change: str, constraint: str
) -> None:
    plan = await a_joint_plan(world, "answered")
    with pytest.raises(RuleError) as refused:
        await _execute(world, f"UPDATE plan_participant SET {change} WHERE plan_id = :id", plan)
    assert refused.value.facts["constraint"] == constraint
