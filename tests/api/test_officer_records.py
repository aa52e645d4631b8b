"""What happens to officers: certificates, absences that change, leaving, mistakes, recusals."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Actor, Role, system_actor
from app.domain.eligibility import officer_exclusion
from app.domain.errors import RuleError
from app.services.officers import NewOfficer, OfficerService
from app.services.runtime import Runtime
from app.storage import draw_pool, organisation
from tests.support.draw_factories import a_frozen_draw, a_library, a_published_plan
from tests.support.inspection_factories import a_drawn_task
from tests.support.library_factories import (
    make_object,
    make_officer,
    officer_body,
)
from tests.support.world import Caller, World

Body = dict[str, Any]


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def leader(world: World) -> Caller:
    return await world.caller(Role.DEPT_LEADER)


def certificate(**changes: Any) -> Body:
    body: Body = {
        "kind": "qualification",
        "number": "TS-0001",
        "issuer": "国家市场监督管理总局",
        "qualification": "特种设备",
        "valid_from": "2024-05-01",
        "valid_to": "2028-04-30",
    }
    return body | changes


async def etag(caller: Caller, officer: Body) -> str:
    return (await caller.get(f"officers/{officer['id']}")).headers["etag"]


# Certificates


async def test_a_further_certificate_counts_and_proves_a_tag(clerk: Caller):
    officer = await make_officer(clerk, certificate_valid_to="2026-03-01")
    path = f"officers/{officer['id']}"
    assert officer["certificate_state"] == "expired"
    made = await clerk.post(f"{path}/certificates", certificate())
    assert made.status_code == 201, made.text
    licence = certificate(
        kind="enforcement", number="BF-1", qualification=None, valid_from="2026-01-01"
    )
    assert (await clerk.post(f"{path}/certificates", licence)).status_code == 201
    read = await clerk.get(path)
    assert read.json()["certificate_state"] == "valid"
    assert read.json()["tags"] == ["食品", "特种设备"]
    assert [one["number"] for one in read.json()["certificates"]] == ["BF-1", "TS-0001"]
    assert read.headers["etag"] == '"3"'


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"qualification": None}, "certificate-proof-invalid"),
        ({"kind": "enforcement"}, "certificate-proof-invalid"),
        (
            {"kind": "enforcement", "qualification": None, "valid_to": None},
            "certificate-without-end",
        ),
        ({"valid_to": "2024-04-30"}, "certificate-period-invalid"),
        ({"number": "11010519491231002X"}, "identity-number-refused"),
        ({"issuer": "张三 11010519491231002X"}, "identity-number-in-text"),
        ({"sex": "女"}, "validation-failed"),
    ],
)
async def test_a_certificate_says_what_it_proves_and_until_when(
    clerk: Caller, changes: Body, code: str
):
    officer = await make_officer(clerk)
    answer = await clerk.post(f"officers/{officer['id']}/certificates", certificate(**changes))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "11010519491231002X" not in answer.text


async def test_a_qualification_may_hold_for_long(clerk: Caller):
    officer = await make_officer(clerk)
    made = await clerk.post(f"officers/{officer['id']}/certificates", certificate(valid_to=None))
    assert made.json()["valid_to"] is None


async def test_a_certificate_is_one_persons_in_whichever_place(clerk: Caller):
    first, second = await make_officer(clerk), await make_officer(clerk)
    path = f"officers/{second['id']}"
    same = certificate(
        kind="enforcement",
        qualification=None,
        number=first["certificate_no"],
        issuer=first["certificate_issuer"],
    )
    taken = await clerk.post(f"{path}/certificates", same)
    assert (taken.status_code, taken.json()["code"]) == (409, "certificate-taken")
    assert (await clerk.post(f"{path}/certificates", certificate())).status_code == 201
    again = await clerk.post(f"officers/{first['id']}/certificates", certificate())
    assert (again.status_code, again.json()["code"]) == (409, "certificate-taken")
    principal = officer_body(certificate_no="TS-0001", certificate_issuer=certificate()["issuer"])
    third = await clerk.post("officers", principal)
    assert (third.status_code, third.json()["code"]) == (409, "certificate-taken")
    changed = await clerk.patch(
        f"officers/{first['id']}",
        {"certificate_no": "TS-0001", "certificate_issuer": certificate()["issuer"]},
        etag='"1"',
    )
    assert (changed.status_code, changed.json()["code"]) == (409, "certificate-taken")


async def test_a_withdrawn_certificate_counts_no_more_and_its_number_is_free(clerk: Caller):
    officer = await make_officer(clerk, tags=[])
    path = f"officers/{officer['id']}"
    made = (await clerk.post(f"{path}/certificates", certificate())).json()
    body = {"reason": "已被撤销"}
    gone = await clerk.post(
        f"{path}/certificates/{made['id']}/withdraw", body, etag=await etag(clerk, officer)
    )
    assert gone.status_code == 200, gone.text
    assert gone.json()["tags"] == []
    assert gone.json()["certificates"][0]["withdrawn_reason"] == "已被撤销"
    twice = await clerk.post(
        f"{path}/certificates/{made['id']}/withdraw", body, etag=gone.headers["etag"]
    )
    assert (twice.status_code, twice.json()["code"]) == (409, "certificate-withdrawn")
    assert (await clerk.post(f"{path}/certificates", certificate())).status_code == 201


async def test_a_part_of_another_officer_is_not_found(clerk: Caller):
    first, second = await make_officer(clerk), await make_officer(clerk)
    made = (await clerk.post(f"officers/{first['id']}/certificates", certificate())).json()
    answer = await clerk.post(
        f"officers/{second['id']}/certificates/{made['id']}/withdraw", {"reason": "x"}, etag='"1"'
    )
    assert answer.status_code == 404


async def test_an_issuers_odd_number_is_warned_of(clerk: Caller):
    odd = await make_officer(clerk, certificate_issuer="内蒙古自治区司法厅", certificate_no="X-1")
    assert odd["certificate_form"]["code"] == "certificate-form"
    usual = await make_officer(
        clerk, certificate_issuer="内蒙古自治区司法厅", certificate_no="15052500001"
    )
    assert usual["certificate_form"] is None


async def test_a_site_may_refuse_odd_numbers(runtime: Runtime):
    settings = runtime.settings.model_copy(update={"certificate_form_required": True})
    strict = OfficerService(dataclasses.replace(runtime, settings=settings))
    clerk = await _clerk_of(runtime)
    odd = NewOfficer(
        "ZF-ODD",
        "执法员",
        certificate_no="X-1",
        certificate_issuer="内蒙古自治区司法厅",
        certificate_valid_to=dt.date(2030, 1, 1),
    )
    with pytest.raises(RuleError) as refused:
        await strict.create(clerk, odd)
    assert refused.value.refusal.code == "certificate-form"
    made = await strict.create(clerk, dataclasses.replace(odd, certificate_no="15052500001"))
    assert made.odd_form is None


async def _clerk_of(runtime: Runtime) -> Actor:
    async with runtime.database.reading() as session:
        department = await organisation.find_department(session, "150525", "SCJG")
    return dataclasses.replace(
        system_actor("150525"), department_id=department.id, department_code="SCJG"
    )


async def test_the_database_holds_what_the_rules_hold(clerk: Caller, connection: AsyncConnection):
    officer = await make_officer(clerk)
    row = (
        "INSERT INTO officer_certificate (id, officer_id, kind, number, issuer, qualification,"
        " valid_from, valid_to, entered_at) VALUES (gen_random_uuid(), :officer, {})"
    )
    for values, name in (
        ("'enforcement', '1', 'a', 'x', '2026-01-01', '2026-02-01', now()", "_proves"),
        ("'qualification', '1', 'a', NULL, '2026-01-01', '2026-02-01', now()", "_proves"),
        ("'enforcement', '1', 'a', NULL, '2026-01-01', NULL, now()", "_long_term"),
        ("'qualification', '1', 'a', 'x', '2026-01-02', '2026-01-01', now()", "_period"),
    ):
        nested = await connection.begin_nested()
        with pytest.raises(DBAPIError, match=name):
            await connection.execute(text(row.format(values)), {"officer": officer["id"]})
        await nested.rollback()


# Absences


async def test_absences_of_one_officer_do_not_overlap(clerk: Caller):
    officer = await make_officer(clerk)
    path = f"officers/{officer['id']}/absences"
    body = {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "reason": "培训"}
    assert (await clerk.post(path, body)).status_code == 201
    again = await clerk.post(path, body | {"starts_on": "2026-03-13", "ends_on": "2026-03-20"})
    assert (again.status_code, again.json()["code"]) == (409, "absence-overlaps")
    after = await clerk.post(path, body | {"starts_on": "2026-03-14", "ends_on": "2026-03-20"})
    assert after.status_code == 201


async def test_an_absence_ends_early_or_is_cancelled_and_stays_on_record(clerk: Caller):
    officer = await make_officer(clerk)
    path = f"officers/{officer['id']}"
    body = {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "reason": "培训"}
    made = (await clerk.post(f"{path}/absences", body)).json()
    part = f"{path}/absences/{made['id']}"
    for ends_on in ("2026-03-08", "2026-03-13", "2026-03-20"):
        wrong = await clerk.post(f"{part}/end", {"ends_on": ends_on, "reason": "返岗"}, etag='"2"')
        assert (wrong.status_code, wrong.json()["code"]) == (422, "absence-end-invalid")
    ended = await clerk.post(
        f"{part}/end", {"ends_on": "2026-03-11", "reason": "提前返岗"}, etag='"2"'
    )
    assert ended.status_code == 200, ended.text
    absence = ended.json()["absences"][0]
    assert (absence["ends_on"], absence["original_ends_on"]) == ("2026-03-11", "2026-03-13")
    free = await clerk.post(f"{path}/absences", body | {"starts_on": "2026-03-12"})
    assert free.status_code == 201
    cancelled = await clerk.post(
        f"{part}/cancel", {"reason": "登记有误"}, etag=await etag(clerk, officer)
    )
    assert cancelled.json()["absences"][1]["cancelled"] is True
    assert cancelled.json()["absences"][1]["change_reason"] == "登记有误"
    twice = await clerk.post(f"{part}/cancel", {"reason": "再次"}, etag=cancelled.headers["etag"])
    assert (twice.status_code, twice.json()["code"]) == (409, "absence-cancelled")
    again = await clerk.post(f"{path}/absences", body | {"ends_on": "2026-03-11"})
    assert again.status_code == 201, "the days of a cancelled absence are free"
    trail = await clerk.get("audit-entries?subject_kind=officer")
    assert "登记有误" not in trail.text, "a reason may be an illness"


# Status


async def test_who_leaves_says_since_when_and_why_and_leaves_a_list(clerk: Caller, world: World):
    task = await a_drawn_task(world.runtime, clerk.account_id)
    officer_id = task.sheets[0].inspections["SCJG"].officers[0]
    path = f"officers/{officer_id}"
    body = {"status": "left", "effective_on": "2026-03-02", "reason": "调离"}
    ahead = await clerk.post(f"{path}/status", body | {"effective_on": "2026-03-03"}, etag='"1"')
    assert (ahead.status_code, ahead.json()["code"]) == (422, "officer-status-day-invalid")
    left = await clerk.post(f"{path}/status", body, etag='"1"')
    assert left.status_code == 200, left.text
    told = left.json()
    assert (told["status"], told["status_changed_on"], told["status_reason"]) == (
        "left",
        "2026-03-02",
        "调离",
    )
    assert [one["inspection_id"] for one in told["open_inspections"]] == [
        str(task.sheets[0].inspections["SCJG"].id)
    ]
    assert told["open_inspections"][0]["sheet_no"]
    assert [change["status"] for change in told["status_changes"]] == ["left"]
    same = await clerk.post(f"{path}/status", body, etag=left.headers["etag"])
    assert (same.status_code, same.json()["code"]) == (409, "officer-status-same")
    back = await clerk.post(
        f"{path}/status", body | {"status": "active"}, etag=left.headers["etag"]
    )
    assert (back.json()["status"], back.json()["open_inspections"]) == ("active", [])


async def test_a_status_changed_with_other_fields_is_in_the_history_too(clerk: Caller):
    officer = await make_officer(clerk)
    changed = await clerk.patch(f"officers/{officer['id']}", {"status": "off_duty"}, etag='"1"')
    assert changed.json()["status_changed_on"] == "2026-03-02"
    assert changed.json()["status_changes"][0]["reason"] is None


async def test_a_status_change_is_insert_only(clerk: Caller, connection: AsyncConnection):
    officer = await make_officer(clerk)
    await clerk.patch(f"officers/{officer['id']}", {"status": "left"}, etag='"1"')
    nested = await connection.begin_nested()
    with pytest.raises(DBAPIError, match=r"permission denied|insert-only"):
        await connection.execute(text("UPDATE officer_status_change SET reason = 'x'"))
    await nested.rollback()


async def test_load_is_what_a_freeze_takes(clerk: Caller, world: World):
    task = await a_drawn_task(world.runtime, clerk.account_id, objects=2)
    officer_id = task.sheets[0].inspections["SCJG"].officers[0]
    read = (await clerk.get(f"officers/{officer_id}")).json()
    assert read["load"] == 1
    listed = (await clerk.get("officers")).json()["items"]
    assert {one["id"]: one["load"] for one in listed}[str(officer_id)] == 1


# Deleting


async def test_who_was_entered_by_mistake_can_be_deleted(clerk: Caller):
    officer = await make_officer(clerk)
    path = f"officers/{officer['id']}"
    await clerk.post(f"{path}/certificates", certificate())
    body = {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "reason": "培训"}
    await clerk.post(f"{path}/absences", body)
    assert (await clerk.request("DELETE", path)).status_code == 428
    assert (await clerk.request("DELETE", path, etag='"1"')).status_code == 412
    assert (await clerk.request("DELETE", path, etag='"3"')).status_code == 204
    assert (await clerk.get(path)).status_code == 404
    trail = (await clerk.get("audit-entries?action=officer.deleted")).json()["items"]
    assert trail[0]["before"]["code"] == officer["code"]


async def test_who_is_in_use_can_not_be_deleted_and_the_refusal_says_where(
    clerk: Caller, world: World
):
    task = await a_drawn_task(world.runtime, clerk.account_id)
    drawn = task.sheets[0].inspections["SCJG"].officers[0]
    recused = await make_officer(clerk)
    firm = await make_object(clerk)
    await clerk.post(
        f"officers/{recused['id']}/interests", {"object_code": firm["code"], "ground": "亲属"}
    )
    left = await make_officer(clerk)
    await clerk.patch(f"officers/{left['id']}", {"status": "left"}, etag='"1"')
    member = await make_officer(clerk)
    await world.caller(Role.OFFICER, officer_id=member["id"])
    for officer_id, place in (
        (drawn, "检查 inspection"),
        (recused["id"], "回避关系 interest"),
        (left["id"], "状态变更 status change"),
        (member["id"], "登录账号 account"),
    ):
        path = f"officers/{officer_id}"
        seen = await clerk.get(path)
        answer = await clerk.request("DELETE", path, etag=seen.headers["etag"])
        assert (answer.status_code, answer.json()["code"]) == (409, "officer-in-use")
        assert place in answer.text
        action = next(
            one for one in seen.json()["allowed_actions"] if one["action"] == "delete_officer"
        )
        assert (action["allowed"], action["refusal"]["code"]) == (False, "officer-in-use")


async def test_who_stands_in_a_draws_files_can_not_be_deleted(world: World, clerk: Caller):
    library = await a_library(world.runtime)
    drawer, plan = await a_published_plan(world, library)
    await a_frozen_draw(world, drawer, plan["tasks"][0]["id"])
    found = (await clerk.get("officers?limit=1")).json()["items"][0]
    answer = await clerk.request("DELETE", f"officers/{found['id']}", etag='"1"')
    assert (answer.status_code, answer.json()["code"]) == (409, "officer-in-use")
    assert "draw" in answer.text


# Recusals


async def declared(clerk: Caller) -> tuple[Body, Body, str]:
    officer, firm = await make_officer(clerk), await make_object(clerk)
    made = await clerk.post(
        f"officers/{officer['id']}/interests", {"object_code": firm["code"], "ground": "亲属"}
    )
    assert made.status_code == 201, made.text
    return officer, made.json(), made.headers["etag"]


async def test_a_second_person_confirms_a_recusal(clerk: Caller, leader: Caller):
    officer, interest, tag = await declared(clerk)
    assert (interest["source"], interest["confirmed_at"]) == ("clerk", None)
    path = f"officers/{officer['id']}/interests/{interest['id']}"
    assert (await clerk.post(f"{path}/confirm", etag=tag)).status_code == 403
    confirmed = await leader.post(f"{path}/confirm", etag=tag)
    assert confirmed.status_code == 200, confirmed.text
    assert confirmed.json()["interests"][0]["confirmed_by"] == leader.account_id
    twice = await leader.post(f"{path}/confirm", etag=confirmed.headers["etag"])
    assert (twice.status_code, twice.json()["code"]) == (409, "interest-confirmed")


async def test_who_declared_a_recusal_neither_confirms_nor_withdraws_it(
    clerk: Caller, world: World
):
    admin = await world.administrator()
    grant = {"role": "dept_leader", "department_code": "SCJG", "region_code": "150525"}
    await admin.post(f"accounts/{clerk.account_id}/grants", grant)
    officer, interest, tag = await declared(clerk)
    path = f"officers/{officer['id']}/interests/{interest['id']}"
    for answer in (
        await clerk.post(f"{path}/confirm", etag=tag),
        await clerk.post(f"{path}/withdraw", {"reason": "x"}, etag=tag),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "maker-is-checker")


async def test_a_withdrawn_recusal_stays_on_record_and_may_be_declared_anew(
    clerk: Caller, leader: Caller
):
    officer, interest, tag = await declared(clerk)
    path = f"officers/{officer['id']}/interests"
    gone = await leader.post(
        f"{path}/{interest['id']}/withdraw", {"reason": "亲属已离职"}, etag=tag
    )
    assert gone.json()["interests"][0]["withdrawn_reason"] == "亲属已离职"
    late = await leader.post(f"{path}/{interest['id']}/confirm", etag=gone.headers["etag"])
    assert (late.status_code, late.json()["code"]) == (409, "interest-withdrawn")
    again = await clerk.post(path, {"object_code": interest["object_code"], "ground": "亲属又任职"})
    assert again.status_code == 201
    assert len((await clerk.get(f"officers/{officer['id']}")).json()["interests"]) == 2


async def test_an_officer_sees_and_declares_the_own_recusals(clerk: Caller, world: World):
    officer, firm = await make_officer(clerk), await make_object(clerk)
    member = await world.caller(Role.OFFICER, officer_id=officer["id"])
    body = {"object_code": firm["code"], "ground": "配偶任该企业股东"}
    made = await member.post("me/officer/interests", body)
    assert made.status_code == 201, made.text
    assert (made.json()["source"], made.json()["declared_by"]) == ("officer", member.account_id)
    own = await member.get("me/officer")
    assert own.json()["id"] == officer["id"]
    assert [one["object_code"] for one in own.json()["interests"]] == [firm["code"]]
    assert (await member.get(f"officers/{officer['id']}")).status_code == 403
    nobody = await world.caller(Role.OFFICER)
    for answer in (await nobody.get("me/officer"), await nobody.post("me/officer/interests", body)):
        assert (answer.status_code, answer.json()["code"]) == (404, "no-own-officer")
    assert (await clerk.get("me/officer")).status_code == 403


async def test_the_database_keeps_makers_from_checking(clerk: Caller, connection: AsyncConnection):
    _, interest, _ = await declared(clerk)
    for columns in (
        "confirmed_at = now(), confirmed_by = declared_by",
        "withdrawn_at = now(), withdrawn_by = declared_by, withdrawn_reason = 'x'",
        "confirmed_at = now()",
        "withdrawn_at = now()",
    ):
        nested = await connection.begin_nested()
        with pytest.raises(DBAPIError, match="ck_interest_"):
            await connection.execute(
                text(f"UPDATE interest SET {columns} WHERE id = :id"), {"id": interest["id"]}
            )
        await nested.rollback()


async def test_a_recusal_keeps_apart_from_declaring_to_withdrawing(
    world: World, clerk: Caller, leader: Caller, runtime: Runtime
):
    library = await a_library(runtime)
    officer = (await clerk.get("officers?limit=1")).json()["items"][0]
    path = f"officers/{officer['id']}/interests"
    made = await clerk.post(path, {"object_code": library.object_codes[0], "ground": "亲属"})
    pair = (officer["code"], library.object_codes[0])

    async def pairs() -> list[tuple[str, str]]:
        async with runtime.database.reading() as session:
            return await draw_pool.recusal_pairs(session, [library.department_id])

    assert await pairs() == [pair]
    gone = await leader.post(
        f"{path}/{made.json()['id']}/withdraw", {"reason": "误报"}, etag=made.headers["etag"]
    )
    assert gone.status_code == 200
    assert await pairs() == []


# Drawing


async def test_a_draw_asks_for_certificates_on_the_day_of_inspection(
    world: World, clerk: Caller, runtime: Runtime
):
    library = await a_library(runtime)
    officer = (await clerk.get("officers?limit=1")).json()["items"][0]
    path = f"officers/{officer['id']}"
    changed = await clerk.patch(path, {"certificate_valid_to": "2026-04-30"}, etag='"1"')
    assert changed.status_code == 200

    async def reason() -> str | None:
        async with runtime.database.reading() as session:
            rows = await draw_pool.officer_rows(
                session, [library.department_id], dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
            )
        row = next(one for one in rows if str(one.officer.id) == officer["id"])
        return officer_exclusion(row.facts, (), dt.date(2026, 3, 2), dt.date(2026, 6, 30))

    assert await reason() == "CERTIFICATE_EXPIRES"
    further = certificate(
        kind="enforcement", qualification=None, number="NEW-1", valid_from="2026-05-01"
    )
    assert (await clerk.post(f"{path}/certificates", further)).status_code == 201
    assert await reason() is None
    away = {"starts_on": "2026-03-01", "ends_on": "2026-07-31", "reason": "进修"}
    absence = await clerk.post(f"{path}/absences", away)
    assert await reason() == "ABSENT"
    cancelled = await clerk.post(
        f"{path}/absences/{absence.json()['id']}/cancel",
        {"reason": "取消"},
        etag=absence.headers["etag"],
    )
    assert cancelled.status_code == 200
    assert await reason() is None


async def test_identity_numbers_are_refused_in_every_text_of_an_officer(clerk: Caller):
    number = "11010519491231002X"
    for changes in (
        {"name": number},
        {"post": f"岗位{number} "},
        {"certificate_issuer": f"某局 {number}"},
        {"tags": [f"标签 {number}"]},
        {"specialties": [number]},
        {"item_scopes": [number]},
    ):
        body = officer_body(**changes)
        answer = await clerk.post("officers", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "identity-number-in-text")
    officer = await make_officer(clerk)
    path = f"officers/{officer['id']}"
    changed = await clerk.patch(path, {"specialties": [number]}, etag='"1"')
    assert changed.json()["code"] == "identity-number-in-text"
    absence = {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "reason": number}
    assert (await clerk.post(f"{path}/absences", absence)).json()["code"] == (
        "identity-number-in-text"
    )
