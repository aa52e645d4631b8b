"""Certificates that end before the deadlines they are needed for, seen ahead (F07)."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role
from app.domain.certificate_warnings import Duty, DutyKind, covered_until, warnings_of
from app.domain.certificates import Certificate
from app.domain.lifecycle import CertificateKind
from tests.support.draw_factories import a_frozen_draw, a_library, a_published_plan
from tests.support.inspection_factories import a_drawn_task
from tests.support.library_factories import make_officer
from tests.support.world import Caller, World

TODAY = dt.date(2026, 3, 2)
SHEET = Duty(DutyKind.SHEET, "S-1", dt.date(2026, 6, 30), frozenset({"特种设备"}))
TASK = Duty(DutyKind.PLAN_TASK, "T-1", dt.date(2026, 5, 31))


def day(month: int, number: int) -> dt.date:
    return dt.date(2026, month, number)


def licence(starts: dt.date, ends: dt.date) -> Certificate:
    return Certificate(CertificateKind.ENFORCEMENT, starts, ends)


def proof(ends: dt.date | None) -> Certificate:
    return Certificate(CertificateKind.QUALIFICATION, day(1, 1), ends, "特种设备")


def test_cover_goes_on_to_the_first_day_without():
    assert covered_until([], TODAY) is None
    assert covered_until([licence(day(1, 1), day(3, 1))], TODAY) is None
    assert covered_until([licence(day(3, 3), day(4, 1))], TODAY) is None
    two = [licence(day(5, 1), day(6, 1)), licence(day(1, 1), day(4, 30))]
    assert covered_until(two, TODAY) == day(6, 1)
    assert covered_until([*two, licence(day(6, 3), day(9, 1))], TODAY) == day(6, 1)
    assert covered_until([proof(None)], TODAY) == dt.date.max


def test_each_duty_is_told_with_the_days_that_are_missing():
    (found,) = warnings_of(day(5, 1), (), (), [SHEET, TASK], TODAY, 0)
    assert found.ends_on == day(5, 1)
    assert [(one.duty.number, one.days_short) for one in found.short] == [("T-1", 30), ("S-1", 60)]
    assert warnings_of(day(6, 30), (), (), [SHEET, TASK], TODAY, 0) == []
    (after_task,) = warnings_of(day(6, 29), (), (), [SHEET, TASK], TODAY, 0)
    assert [(one.duty.number, one.days_short) for one in after_task.short] == [("S-1", 1)]


def test_what_ends_soon_is_told_without_any_duty():
    assert warnings_of(TODAY + dt.timedelta(days=61), (), (), [], TODAY, 60) == []
    (soon,) = warnings_of(TODAY + dt.timedelta(days=60), (), (), [], TODAY, 60)
    assert (soon.days_left, soon.short) == (60, [])
    (expired,) = warnings_of(day(3, 1), (), (), [], TODAY, 0)
    assert (expired.ends_on, expired.days_left) == (None, 0)


def test_who_has_no_certificate_is_told_of_for_sheets_only():
    assert warnings_of(None, (), (), [TASK], TODAY, 60) == []
    (found,) = warnings_of(None, (), (), [TASK, SHEET], TODAY, 60)
    assert [one.duty.number for one in found.short] == ["S-1"]


def test_a_proof_is_needed_where_the_items_ask_for_its_tag():
    found = warnings_of(dt.date.max, (proof(day(6, 1)),), ["特种设备"], [SHEET, TASK], TODAY, 0)
    assert [(one.qualification, [d.duty.number for d in one.short]) for one in found] == [
        ("特种设备", ["S-1"])
    ]
    assert warnings_of(dt.date.max, (proof(None),), ["特种设备"], [SHEET], TODAY, 60) == []


def test_an_overdue_sheet_needs_a_certificate_today():
    late = Duty(DutyKind.SHEET, "S-0", day(2, 1))
    (found,) = warnings_of(day(3, 1), (), (), [late], TODAY, 0)
    assert [(one.duty.number, one.days_short) for one in found.short] == [("S-0", 1)]
    assert warnings_of(day(3, 2), (), (), [late], TODAY, 0)[0].short == []


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


async def told(caller: Caller, query: str = "within_days=0") -> dict[str, list[dict[str, Any]]]:
    answer = await caller.get(f"officers/certificate-warnings?{query}")
    assert answer.status_code == 200, answer.text
    return {one["code"]: one["warnings"] for one in answer.json()["officers"]}


async def test_sheets_and_tasks_are_told_until_they_are_done_or_drawn(
    world: World, clerk: Caller, connection: AsyncConnection
):
    library = await a_library(world.runtime)
    drawer, plan = await a_published_plan(world, library)
    first = (await clerk.get("officers?limit=1")).json()["items"][0]
    changed = await clerk.patch(
        f"officers/{first['id']}", {"certificate_valid_to": "2026-05-31"}, etag='"1"'
    )
    assert changed.status_code == 200
    (warning,) = (await told(clerk))[first["code"]]
    assert [(one["kind"], one["days_short"]) for one in warning["duties"]] == [("plan_task", 30)]
    assert warning["duties"][0]["number"] == plan["tasks"][0]["code"]
    other = await world.caller(Role.DEPT_CLERK, "WJW")
    assert await told(other, "within_days=3650") == {}
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    assert set(await told(office)) == {first["code"]}
    assert await told(office, "within_days=0&department_code=WJW") == {}
    await a_frozen_draw(world, drawer, plan["tasks"][0]["id"])
    assert await told(clerk) == {}, "the task's officers are frozen"

    task = await a_drawn_task(world.runtime, clerk.account_id)
    inspection = task.sheets[0].inspections["SCJG"]
    code = inspection.officer_codes[0]
    await connection.execute(
        text("UPDATE officer SET certificate_valid_to = '2026-03-02' WHERE id = :id"),
        {"id": inspection.officers[0]},
    )
    (warning,) = (await told(clerk))[code]
    assert [one["kind"] for one in warning["duties"]] == ["sheet"]
    await connection.execute(
        text("UPDATE inspection SET status = 'void' WHERE id = :id"), {"id": inspection.id}
    )
    (still,) = (await told(clerk))[code]
    assert still["duties"] == [], "it ends today all the same"


async def test_what_ends_soon_is_told_in_order_of_codes(clerk: Caller):
    late = await make_officer(clerk, code="ZF-B", certificate_valid_to="2026-04-01")
    early = await make_officer(clerk, code="ZF-A", certificate_valid_to="2026-03-20")
    await make_officer(clerk)
    assert list(await told(clerk, "within_days=60")) == [early["code"], late["code"]]
    assert list(await told(clerk, "within_days=20")) == [early["code"]]
    assert await told(clerk, "within_days=10") == {}
