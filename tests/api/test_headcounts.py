"""Declared headcounts against the officer library (R03): latest in force, exact, drilled."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role
from app.domain.certificates import covers, enforcement, principal
from app.domain.officer_coverage import DeclaredBy, of_department, of_line
from app.models.library import Officer
from app.services.runtime import Runtime
from app.storage import officer_facts
from app.storage.headcounts import certified_on
from tests.support.library_factories import make_officer, make_officers
from tests.support.world import Caller, World

NONE = {"certificate_no": None, "certificate_issuer": None, "certificate_valid_to": None}


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


def declaration(**changes: Any) -> dict[str, Any]:
    return {"headcount": 3, "declared_on": "2026-03-01", "source": "花名册"} | changes


async def own(caller: Caller, query: str = "department_code=SCJG") -> dict[str, Any]:
    answer = await caller.get(f"statistics/officer-coverage?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["departments"][0]


def test_a_department_is_its_declaration_or_the_sum_of_its_lines():
    lines, rest = [of_line(4, 2, 1), of_line(None, 1, 1)], of_line(None, 1, 0)
    summed = of_department(None, lines, rest)
    assert (summed.declared, summed.declared_by) == (4, DeclaredBy.BUSINESS_LINES)
    assert (summed.in_library, summed.certified, summed.missing) == (4, 2, 0)
    said = of_department(9, lines, rest)
    assert (said.declared, said.missing, said.rate.text) == (9, 5, "4/9")
    nobody = of_department(None, [], rest)
    assert (nobody.declared_by, nobody.missing, nobody.rate) == (DeclaredBy.NOBODY, None, None)


async def test_the_latest_declaration_is_in_force_and_all_stay(clerk: Caller):
    for changes in (
        {"headcount": 5, "declared_on": "2026-02-01"},
        {"headcount": 4, "declared_on": "2026-03-01"},
        {"headcount": 9, "declared_on": "2026-01-01"},
    ):
        made = await clerk.post("headcount-declarations", declaration(**changes))
        assert made.status_code == 201, made.text
    listed = (await clerk.get("headcount-declarations")).json()["items"]
    assert [(one["headcount"], one["in_force"]) for one in listed] == [
        (9, False),
        (4, True),
        (5, False),
    ]
    assert (await own(clerk))["declared"] == 4


async def test_coverage_counts_who_is_there_and_who_holds_a_certificate(
    clerk: Caller, world: World
):
    await make_officers(clerk, 2)
    without = await make_officer(clerk, **NONE)
    expired = await make_officer(clerk, certificate_valid_to="2026-03-01")
    gone = await make_officer(clerk)
    await clerk.patch(f"officers/{gone['id']}", {"status": "left"}, etag='"1"')
    before = await own(clerk)
    assert (before["declared"], before["missing"], before["coverage"]) == (None, None, None)
    await clerk.post("headcount-declarations", declaration(headcount=7))
    found = await own(clerk)
    assert (found["in_library"], found["certified"], found["missing"]) == (4, 2, 3)
    assert found["coverage"]["fraction"] == "4/7"
    assert found["coverage"]["percent"] == "57.14%"
    drilled = await clerk.get("statistics/officer-coverage/officers?certified=false")
    assert [one["id"] for one in drilled.json()["items"]] == [without["id"], expired["id"]]
    other = await world.caller(Role.DEPT_CLERK, "WJW")
    assert (await other.get("statistics/officer-coverage?department_code=SCJG")).json()[
        "departments"
    ] == []
    assert (await other.get("headcount-declarations")).json()["items"] == []
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    region = (await office.get("statistics/officer-coverage")).json()["departments"]
    codes = {one["department_code"] for one in region}
    assert {"SCJG", "WJW"} <= codes
    assert not {"LDXZ", "JWJW"} & codes, "who inspects nothing declares nobody"
    assert (await office.post("headcount-declarations", declaration())).status_code == 403


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"declared_on": "2026-03-03"}, "headcount-ahead"),
        ({"business_line_code": "NOSUCH"}, "unknown-business-line"),
        ({"headcount": -1}, "validation-failed"),
        ({"source": "11010519491231002X"}, "identity-number-in-text"),
    ],
)
async def test_a_declaration_is_of_a_day_that_has_come(
    clerk: Caller, changes: dict[str, Any], code: str
):
    answer = await clerk.post("headcount-declarations", declaration(**changes))
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_declarations_are_insert_only(clerk: Caller, connection: AsyncConnection):
    await clerk.post("headcount-declarations", declaration())
    nested = await connection.begin_nested()
    with pytest.raises(DBAPIError, match=r"permission denied|insert-only"):
        await connection.execute(text("UPDATE headcount_declaration SET headcount = 0"))
    await nested.rollback()


async def test_the_statement_and_the_rule_agree_on_who_is_certified(
    clerk: Caller, runtime: Runtime
):
    today = dt.date(2026, 3, 2)
    made = [
        await make_officer(clerk, certificate_valid_to=day)
        for day in ("2026-03-01", "2026-03-02", "2026-03-03")
    ]
    made.append(await make_officer(clerk, **NONE))
    licence = {"kind": "enforcement", "number": "F-1", "issuer": "某局"}
    period = {"valid_from": "2026-03-02", "valid_to": "2026-03-02"}
    made.append(await make_officer(clerk, **NONE))
    await clerk.post(f"officers/{made[-1]['id']}/certificates", licence | period)
    async with runtime.database.reading() as session:
        found = (await session.execute(select(Officer).where(certified_on(today)))).scalars()
        by_statement = {str(one.id) for one in found}
        everybody = (await session.execute(select(Officer))).scalars().all()
        further = await officer_facts.certificates_of(
            session, officer_facts.by_id(one.id for one in everybody)
        )
    by_rule = {
        str(one.id)
        for one in everybody
        if covers(
            [*principal(one.certificate_valid_to), *enforcement(further.get(one.id, ()))], today
        )
    }
    assert by_statement == by_rule == {made[1]["id"], made[2]["id"], made[4]["id"]}
