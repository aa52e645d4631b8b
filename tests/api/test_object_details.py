"""Licences with their validity, and contact data that are masked and revealed on record (F05)."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role
from app.domain.object_details import Validity
from app.models.library import InspectionObject
from app.storage.object_details import licensed_on
from tests.support.library_factories import make_object
from tests.support.world import Caller, World

LICENCE = {
    "name": "食品经营许可证",
    "number": "JY11505250000123",
    "issuer": "奈曼旗市场监督管理局",
    "approved_on": "2022-03-01",
    "valid_to": "2027-02-28",
}
CONTACT = {"legal_representative": "示例甲乙", "liaison": "示例丙", "phone": "13800001234"}
WHY = {"reason": "送达随机抽查通知书,电话 13912345678"}


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def other(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK, "XFJY")


async def licensed(clerk: Caller, made: dict[str, Any], **changes: Any) -> Any:
    path = f"inspection-objects/{made['id']}"
    tag = (await clerk.get(path)).headers["etag"]
    return await clerk.post(f"{path}/licences", LICENCE | changes, etag=tag)


async def test_a_licence_is_entered_renewed_and_ended_with_history(clerk: Caller):
    made = await make_object(clerk)
    path = f"inspection-objects/{made['id']}"
    entered = await licensed(clerk, made)
    assert entered.status_code == 201, entered.text
    own = entered.headers["location"]
    assert (await clerk.get(own)).json() == entered.json()
    renewed = await clerk.patch(own, {"valid_to": "2032-02-28"}, etag='"1"')
    assert renewed.json()["valid_to"] == "2032-02-28"
    stale = await clerk.patch(own, {"valid_to": "2033-02-28"}, etag='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    end = {"ended_on": "2026-02-20", "reason": "经营者申请注销"}
    ended = await clerk.post(f"{own}/end", end, etag=renewed.headers["etag"])
    assert (ended.status_code, ended.json()["ended_on"]) == (200, "2026-02-20")
    again = await clerk.post(f"{own}/end", end, etag=ended.headers["etag"])
    assert (again.status_code, again.json()["code"]) == (409, "licence-ended")
    events = (await clerk.get(f"{path}/events")).json()["items"]
    told = [one for one in events if one["kind"] == "licence"]
    assert [one["before"].get("licence", {}).get("valid_to") for one in told] == [
        None,
        "2027-02-28",
        "2032-02-28",
    ]
    assert told[-1]["after"]["licence"]["ended_on"] == "2026-02-20"
    assert (await clerk.get(path)).json()["status"] == "active"


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_to": None},
        {"long_term": True},
        {"valid_to": "2022-02-28"},
        {"approved_on": "2026-03-03"},
    ],
)
async def test_a_licence_says_until_when_or_long_term(clerk: Caller, changes: dict[str, Any]):
    answer = await licensed(clerk, await make_object(clerk), **changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "licence-validity")


async def test_a_number_is_entered_once_by_a_department(clerk: Caller, other: Caller):
    made = await make_object(clerk)
    assert (await licensed(clerk, made)).status_code == 201
    again = await licensed(clerk, made, name="别名")
    assert (again.status_code, again.json()["code"]) == (409, "licence-exists")
    await make_object(other, id_value=made["code"])
    assert (await licensed(other, made)).status_code == 201


async def test_licences_are_the_departments_own(clerk: Caller, other: Caller, world: World):
    made = await make_object(clerk)
    own = (await licensed(clerk, made)).headers["location"]
    path = f"inspection-objects/{made['id']}/licences"
    assert (await other.get(path)).status_code == 404
    assert (await other.get(own)).status_code == 404
    await make_object(other, id_value=made["code"])
    assert (await other.get(path)).json()["items"] == []
    assert (await other.patch(own, {"name": "x"}, etag='"1"')).status_code == 404
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    assert len((await office.get(path)).json()["items"]) == 1
    assert (await office.patch(own, {"name": "x"}, etag='"1"')).status_code == 403


async def test_licences_that_expire_are_found_and_long_term_ones_are_not(clerk: Caller):
    made = await make_object(clerk)
    await licensed(clerk, made)
    await licensed(clerk, made, number="2", valid_to=None, long_term=True)
    await licensed(clerk, made, number="3", valid_to="2030-01-01")
    found = (await clerk.get("object-licences?expires_before=2028-01-01")).json()["items"]
    assert [one["number"] for one in found] == [LICENCE["number"]]
    assert len((await clerk.get("object-licences")).json()["items"]) == 3


async def test_the_pools_filter_says_what_the_rule_says(clerk: Caller, connection: AsyncConnection):
    made = await make_object(clerk)
    own = (await licensed(clerk, made, code="SP")).headers["location"]
    end = {"ended_on": "2026-02-20", "reason": "注销"}
    await clerk.post(f"{own}/end", end, etag='"1"')
    department = await connection.scalar(text("SELECT department_id FROM object_licence"))
    validity = Validity(
        dt.date(2022, 3, 1), dt.date(2027, 2, 28), long_term=False, ended_on=dt.date(2026, 2, 20)
    )
    for day in ("2022-02-28", "2022-03-01", "2026-02-19", "2026-02-20", "2027-02-28"):
        on = dt.date.fromisoformat(day)
        query = select(InspectionObject.id).where(licensed_on(department, on, "SP"))
        found = await connection.scalar(query) is not None
        assert found is validity.holds_on(on)
    nothing = select(InspectionObject.id).where(licensed_on(department, dt.date(2023, 1, 1), "X"))
    assert await connection.scalar(nothing) is None


async def test_contacts_are_masked_and_revealed_for_a_reason_on_record(
    clerk: Caller, connection: AsyncConnection
):
    made = await make_object(clerk)
    path = f"inspection-objects/{made['id']}/contact"
    assert (await clerk.get(path)).json()["phone"] is None
    written = await clerk.request("PUT", path, json=CONTACT, etag='"1"')
    masked = {"legal_representative": "示*", "liaison": "示*", "phone": "138****1234"}
    assert written.status_code == 200, written.text
    seen = (await clerk.get(path)).json()
    assert {name: seen[name] for name in masked} == masked
    assert written.json() == seen
    assert (await clerk.post(f"{path}/reveal", {})).status_code == 422
    full = (await clerk.post(f"{path}/reveal", WHY)).json()
    assert {name: full[name] for name in CONTACT} == CONTACT
    entries = (await connection.execute(text("SELECT * FROM audit_entry"))).all()
    assert "object_contact.revealed" in str(entries)
    kept = (await connection.execute(text("SELECT * FROM idempotency_key"))).all()
    for secret in (*CONTACT.values(), "13912345678"):
        assert secret not in str(entries)
        assert secret not in str(kept)
    events = await connection.execute(text("SELECT * FROM object_event"))
    assert "1380000" not in str(events.all())


async def test_contacts_are_seen_by_the_own_department_alone(
    clerk: Caller, other: Caller, world: World
):
    made = await make_object(clerk)
    path = f"inspection-objects/{made['id']}/contact"
    await clerk.request("PUT", path, json=CONTACT, etag='"1"')
    assert (await other.get(path)).status_code == 404
    assert (await other.post(f"{path}/reveal", WHY)).status_code == 404
    await make_object(other, id_value=made["code"])
    assert (await other.get(path)).json()["phone"] is None
    assert (await other.post(f"{path}/reveal", WHY)).json()["phone"] is None
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    assert (await office.get(path)).json()["phone"] is None
    assert (await office.post(f"{path}/reveal", WHY)).status_code == 403
    officer = await world.caller(Role.OFFICER)
    assert (await officer.post(f"{path}/reveal", WHY)).json()["phone"] == CONTACT["phone"]
    assert (await officer.request("PUT", path, json=CONTACT, etag='"2"')).status_code == 403


async def test_nobody_to_contact_clears_the_whole(clerk: Caller, connection: AsyncConnection):
    made = await make_object(clerk)
    path = f"inspection-objects/{made['id']}/contact"
    done = await clerk.request("PUT", path, json=CONTACT, etag='"1"')
    assert (await clerk.request("PUT", path, json=CONTACT, etag='"1"')).status_code == 412
    cleared = await clerk.request("PUT", path, json={}, etag=done.headers["etag"])
    assert cleared.status_code == 200, cleared.text
    assert await connection.scalar(text("SELECT count(*) FROM object_contact")) == 0


@pytest.mark.parametrize(
    "change",
    [
        "object_licence SET long_term = true",
        "object_licence SET valid_to = NULL",
        "object_licence SET valid_to = '2020-01-01'",
        "object_licence SET ended_on = '2020-01-01'",
        "object_contact SET legal_representative = NULL, liaison = NULL, phone = NULL",
    ],
)
async def test_the_database_holds_what_the_rules_say(
    clerk: Caller, connection: AsyncConnection, change: str
):
    made = await make_object(clerk)
    await clerk.request("PUT", f"inspection-objects/{made['id']}/contact", json=CONTACT, etag='"1"')
    await licensed(clerk, made)
    with pytest.raises(IntegrityError):
        async with connection.begin_nested():
            await connection.execute(text(f"UPDATE {change}"))
