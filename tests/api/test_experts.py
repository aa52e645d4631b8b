"""Experts advise (R04): kept by a department or the region's office, and never of a team."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role
from app.models import Base
from app.services.runtime import Runtime
from app.storage import draw_pool
from tests.support.draw_factories import a_library
from tests.support.inspection_factories import a_drawn_task
from tests.support.library_factories import make_officer, officer_body, officer_file, upload
from tests.support.world import Caller, World

Body = dict[str, Any]
NUMBER = "11010519491231002X"


def expert_body(**changes: Any) -> Body:
    body: Body = {
        "code": "ZJ-0001",
        "name": "专家甲",
        "institution": "通辽市产品质量检验检测所",
        "fields": ["食品检验"],
        "confidentiality_signed_on": "2026-01-15",
        "confidentiality_valid_to": "2027-12-31",
        "confidentiality_document": "保密协议〔2026〕3号",
    }
    return body | changes


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


async def enter(caller: Caller, **changes: Any) -> Body:
    made = await caller.post("experts", expert_body(**changes))
    assert made.status_code == 201, made.text
    return made.json()


async def test_an_expert_is_entered_changed_and_leaves(clerk: Caller):
    made = await clerk.post("experts", expert_body())
    assert made.status_code == 201, made.text
    read = await clerk.get(made.headers["location"])
    assert read.json() == made.json()
    path = f"experts/{made.json()['id']}"
    changed = await clerk.patch(path, {"fields": ["计量"]}, etag='"1"')
    assert changed.json()["fields"] == ["计量"]
    ahead = await clerk.post(
        f"{path}/departure", {"left_on": "2026-03-03", "reason": "届满"}, etag='"2"'
    )
    assert (ahead.status_code, ahead.json()["code"]) == (422, "expert-leaves-ahead")
    left = await clerk.post(
        f"{path}/departure", {"left_on": "2026-03-02", "reason": "届满"}, etag='"2"'
    )
    assert (left.json()["status"], left.json()["left_reason"]) == ("left", "届满")
    again = await clerk.patch(path, {"name": "乙"}, etag=left.headers["etag"])
    assert (again.status_code, again.json()["code"]) == (409, "expert-left")
    assert (await clerk.patch(path, {"name": "乙"}, etag='"1"')).json()["code"] == "expert-left"
    trail = await clerk.get("audit-entries?subject_kind=expert")
    assert "专家甲" not in trail.text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": NUMBER}, "identity-number-in-text"),
        ({"institution": f"某所 {NUMBER}"}, "identity-number-in-text"),
        ({"fields": ["食品", NUMBER]}, "identity-number-in-text"),
        ({"confidentiality_document": f"协议 {NUMBER}"}, "identity-number-in-text"),
        ({"institution": "某所 电话 13800000000"}, "contact-refused"),
        ({"confidentiality_valid_to": "2026-01-14"}, "confidentiality-period-invalid"),
        ({"fields": []}, "validation-failed"),
        ({"confidentiality_document": None}, "validation-failed"),
        ({"phone": "0475-1234567"}, "validation-failed"),
        ({"sex": "女"}, "validation-failed"),
        ({"age": 40}, "validation-failed"),
    ],
)
async def test_what_is_not_kept_of_an_expert_is_refused(clerk: Caller, changes: Body, code: str):
    answer = await clerk.post("experts", expert_body(**changes))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert NUMBER not in answer.text


def test_no_table_of_people_keeps_what_must_not_be_kept():
    words = {
        word
        for name in ("officer", "officer_certificate", "expert")
        for column in Base.metadata.tables[name].columns
        for word in column.name.split("_")
    }
    assert {"name", "certificate", "confidentiality"} <= words
    banned = {"identity", "sex", "gender", "age", "birth", "born", "school", "education", "degree"}
    assert not words & (banned | {"phone", "mobile", "contact", "address"})


async def test_whose_experts_one_sees_and_changes(clerk: Caller, world: World):
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    other = await world.caller(Role.DEPT_CLERK, "WJW")
    supervisor = await world.caller(Role.SUPERVISOR, "ZFB")
    own = await enter(clerk)
    shared = await enter(office, code="ZJ-9001", name="区域专家", institution="内蒙古某研究院")
    assert (own["department_code"], shared["department_code"]) == ("SCJG", None)

    async def seen(caller: Caller, query: str = "") -> list[str]:
        listed = await caller.get(f"experts?{query}")
        return [one["code"] for one in listed.json()["items"]]

    assert await seen(clerk) == ["ZJ-0001", "ZJ-9001"]
    assert await seen(other) == ["ZJ-9001"]
    assert await seen(supervisor) == ["ZJ-0001", "ZJ-9001"]
    assert await seen(clerk, "q=研究院") == ["ZJ-9001"]
    assert await seen(clerk, "q=甲") == ["ZJ-0001"]
    assert await seen(clerk, "field=食品检验&status=left") == []
    assert await seen(clerk, "field=食品检验&q=区域") == ["ZJ-9001"]
    assert (await other.get(f"experts/{own['id']}")).status_code == 404
    for caller, expert in ((other, own), (other, shared), (clerk, shared), (office, own)):
        answer = await caller.patch(f"experts/{expert['id']}", {"name": "改"}, etag='"1"')
        assert answer.status_code == 404
    watched = await supervisor.patch(f"experts/{own['id']}", {"name": "改"}, etag='"1"')
    assert watched.status_code == 403
    assert (await office.patch(f"experts/{shared['id']}", {"name": "改"}, etag='"1"')).is_success
    assert (await supervisor.post("experts", expert_body(code="ZJ-2"))).status_code == 403
    officer = await world.caller(Role.OFFICER)
    assert (await officer.get("experts")).status_code == 403


async def test_a_code_is_an_officers_or_an_experts(clerk: Caller, world: World):
    officer = await make_officer(clerk)
    taken = await clerk.post("experts", expert_body(code=officer["code"]))
    assert (taken.status_code, taken.json()["code"]) == (409, "person-code-taken")
    await enter(clerk)
    again = await clerk.post("experts", expert_body())
    assert (again.status_code, again.json()["code"]) == (409, "expert-code-taken")
    other = await clerk.post("officers", officer_body(code="ZJ-0001"))
    assert (other.status_code, other.json()["code"]) == (409, "person-code-taken")


async def test_a_file_of_officers_names_the_row_that_has_an_experts_code(clerk: Caller):
    await enter(clerk)
    rows = officer_file(("ZJ-0001", "甲某"), ("ZF-0001", "乙某"))
    done = (await upload(clerk, "officers/import", rows)).json()
    assert (done["created"], done["rejected_rows"]) == (1, 1)
    (verdict,) = done["rejected"]
    assert (verdict["row"], verdict["code"], verdict["field"]) == (2, "code-taken", "code")


async def test_an_expert_is_assigned_to_no_team(world: World, clerk: Caller):
    library = await a_library(world.runtime)
    task = await a_drawn_task(world.runtime, clerk.account_id, team=0)
    await enter(clerk)
    leader = await world.caller(Role.DEPT_LEADER)
    path = f"inspections/{task.sheets[0].inspections['SCJG'].id}"
    tag = (await leader.get(path)).headers["etag"]
    body = {
        "officer_codes": [library.officer_codes[0], "ZJ-0001"],
        "cause": "抽取时可用人员不足,现予指派",
    }
    answer = await leader.post(f"{path}/team", body, etag=tag)
    assert (answer.status_code, answer.json()["code"]) == (422, "team-unfit")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("/officer_codes/1", "expert-in-team")
    ]


async def test_a_draw_reads_no_expert(world: World, clerk: Caller, runtime: Runtime):
    library = await a_library(runtime)
    await enter(clerk)
    async with runtime.database.reading() as session:
        rows = await draw_pool.officer_rows(session, [library.department_id], runtime.clock.now())
        by_code = await draw_pool.officers_by_code(session, "150525", ["ZJ-0001"])
    assert {row.officer.code for row in rows} == set(library.officer_codes)
    assert by_code == {}


async def test_no_table_of_teams_takes_an_experts_id(
    world: World, clerk: Caller, connection: AsyncConnection
):
    task = await a_drawn_task(world.runtime, clerk.account_id)
    expert = await enter(clerk)
    nested = await connection.begin_nested()
    with pytest.raises(DBAPIError, match="fk_inspection_officer_officer_id"):
        await connection.execute(
            text(
                "INSERT INTO inspection_officer (inspection_id, officer_id, slot, lead, code, name,"
                " certificate_no) VALUES (:inspection, :expert, 9, false, 'ZJ-0001', 'x', '')"
            ),
            {
                "inspection": task.sheets[0].inspections["SCJG"].id,
                "expert": expert["id"],
            },
        )
    await nested.rollback()
    teams = {
        key.column.table.name
        for name in ("team_member", "inspection_officer")
        for key in Base.metadata.tables[name].foreign_keys
    }
    assert "officer" in teams
    assert "expert" not in teams


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("fields = '{}'", "ck_expert_fields"),
        ("status = 'left'", "ck_expert_left"),
        ("confidentiality_valid_to = '2020-01-01'", "ck_expert_confidentiality"),
        ("code = 'ab'", "ck_expert_code"),
    ],
)
async def test_the_database_holds_what_the_rules_of_experts_hold(
    clerk: Caller, connection: AsyncConnection, change: str, name: str
):
    expert = await enter(clerk)
    nested = await connection.begin_nested()
    with pytest.raises(DBAPIError, match=name):
        await connection.execute(
            text(f"UPDATE expert SET {change} WHERE id = :id"), {"id": expert["id"]}
        )
    await nested.rollback()
