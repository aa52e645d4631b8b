"""Events of objects one by one and in batches, and objects as they were on a day (R05, F06)."""

import itertools
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role
from tests.support.library_factories import credit_code, make_object
from tests.support.world import Caller, World

SOURCE = "AMR-TEST"
_ids = itertools.count(1)


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def other(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK, "XFJY")


def told(code: str, kind: str, on: str, **more: Any) -> dict[str, Any]:
    return {
        "external_id": f"E-{next(_ids)}",
        "object_code": code,
        "kind": kind,
        "effective_on": on,
    } | more


def established(code: str, on: str = "2026-01-05", **facts: Any) -> dict[str, Any]:
    given = {"name": "奈曼旗登记食品店", "area_code": "150525", "address": "示例街 1 号"} | facts
    return told(code, "established", on, object_kind="enterprise", facts=given)


async def send(caller: Caller, *events: dict[str, Any], source: str = SOURCE) -> dict[str, Any]:
    answer = await caller.post("object-events/batches", {"source": source, "events": list(events)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def outcomes(batch: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["outcome"], row["code"]) for row in batch["rows"]]


async def find(caller: Caller, code: str) -> dict[str, Any]:
    (found,) = (await caller.get(f"inspection-objects?q={code}")).json()["items"]
    return found


async def test_an_object_is_shown_as_it_was_on_any_day(clerk: Caller):
    made = await make_object(clerk, effective_on="2019-05-06", name="甲")
    path = f"inspection-objects/{made['id']}"
    tag = '"1"'
    for on, name in (("2026-02-20", "丙"), ("2024-03-01", "乙")):
        body = {"name": name, "effective_on": on}
        changed = await clerk.patch(path, body, etag=tag)
        tag = changed.headers["etag"]
    assert changed.json()["name"] == "丙"
    body = {"kind": "suspended", "effective_on": "2025-01-10"}
    assert (await clerk.post(f"{path}/events", body, etag=tag)).status_code == 201
    days = ("2019-05-06", "2024-03-01", "2025-01-10", "2026-03-02")
    seen = [(await clerk.get(f"{path}/state?as_of={on}")).json() for on in days]
    assert [(one["name"], one["status"]) for one in seen] == [
        ("甲", "active"),
        ("乙", "active"),
        ("乙", "suspended"),
        ("丙", "suspended"),
    ]
    assert (await clerk.get(f"{path}/state")).json()["name"] == "丙"
    early = await clerk.get(f"{path}/state?as_of=2019-05-05")
    assert (early.status_code, early.json()["code"]) == (404, "object-before-establishment")
    assert early.json()["facts"]["established_on"] == "2019-05-06"


async def test_another_unit_has_no_state_to_read(clerk: Caller, other: Caller):
    made = await make_object(clerk)
    assert (await other.get(f"inspection-objects/{made['id']}/state")).status_code == 404


async def test_events_are_listed_in_order_of_effect_page_by_page(clerk: Caller):
    made = await make_object(clerk, effective_on="2019-05-06")
    path = f"inspection-objects/{made['id']}"
    tag = '"1"'
    for on in ("2026-02-20", "2024-03-01", "2025-03-01", "2025-03-01"):
        changed = await clerk.patch(path, {"name": f"名{on}", "effective_on": on}, etag=tag)
        tag = changed.headers["etag"]
    seen, cursor = [], ""
    while True:
        page = (await clerk.get(f"{path}/events?limit=2&with_total=true{cursor}")).json()
        assert page["total"] == 5
        seen += [one["effective_on"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ["2019-05-06", "2024-03-01", "2025-03-01", "2025-03-01", "2026-02-20"]
    bad = await clerk.get(f"{path}/events?cursor=AAAAAAAAAAAAAAAAAAAAAA")
    assert (bad.status_code, bad.json()["code"]) == (422, "bad-cursor")


async def test_a_change_told_as_an_event_changes_the_object(clerk: Caller):
    made = await make_object(clerk)
    path = f"inspection-objects/{made['id']}/events"
    body = {"kind": "changed", "effective_on": "2026-02-20", "facts": {"name": "新名称"}}
    done = await clerk.post(path, body, etag='"1"')
    assert (done.status_code, done.json()["object"]["name"]) == (201, "新名称")
    empty = {"kind": "changed", "effective_on": "2026-02-20"}
    refused = await clerk.post(path, empty, etag=done.headers["etag"])
    assert (refused.status_code, refused.json()["code"]) == (422, "event-tells-nothing")
    odd = {"kind": "cancelled", "effective_on": "2026-02-20", "facts": {"name": "x"}}
    refused = await clerk.post(path, odd, etag=done.headers["etag"])
    assert (refused.status_code, refused.json()["code"]) == (422, "event-fields-not-allowed")


async def test_a_move_inside_the_region_keeps_the_object_and_one_outside_ends_it(clerk: Caller):
    made = await make_object(clerk)
    path = f"inspection-objects/{made['id']}/events"
    inside = {
        "kind": "moved",
        "effective_on": "2026-02-20",
        "facts": {"area_code": "150525101", "address": "八仙筒镇"},
    }
    done = await clerk.post(path, inside, etag='"1"')
    assert done.status_code == 201, done.text
    now = done.json()["object"]
    assert (now["status"], now["area_code"], now["address"]) == ("active", "150525101", "八仙筒镇")
    outside = {"kind": "moved", "effective_on": "2026-02-21", "facts": {"area_code": "110101"}}
    gone = (await clerk.post(path, outside, etag=done.headers["etag"])).json()
    assert (gone["object"]["status"], gone["object"]["area_code"]) == ("moved", "150525101")
    assert gone["event"]["after"]["moved_to_area_code"] == "110101"


async def test_an_event_of_a_source_is_recorded_once(clerk: Caller):
    made = await make_object(clerk)
    path = f"inspection-objects/{made['id']}/events"
    body = {
        "kind": "suspended",
        "effective_on": "2026-02-20",
        "source": SOURCE,
        "external_id": "X-1",
    }
    first = await clerk.post(path, body, etag='"1"')
    assert first.status_code == 201, first.text
    again = await clerk.post(path, body, etag='"1"')
    assert again.json()["event"] == first.json()["event"]
    assert len((await clerk.get(path)).json()["items"]) == 2
    other = body | {"effective_on": "2026-02-21"}
    refused = await clerk.post(path, other, etag=first.headers["etag"])
    assert (refused.status_code, refused.json()["code"]) == (409, "event-id-reused")
    half = {"kind": "resumed", "effective_on": "2026-02-21", "source": SOURCE}
    refused = await clerk.post(path, half, etag=first.headers["etag"])
    assert (refused.status_code, refused.json()["code"]) == (422, "event-origin-incomplete")


async def test_an_establishment_makes_subject_and_entry(clerk: Caller):
    code = credit_code()
    batch = await send(clerk, established(code))
    assert outcomes(batch) == [("accepted", "event-accepted")]
    found = await find(clerk, code)
    assert (found["id"], found["name"]) == (batch["rows"][0]["object_id"], "奈曼旗登记食品店")
    assert found["entries"][0]["department_code"] == "SCJG"


async def test_an_establishment_of_what_another_unit_has_joins_it(clerk: Caller, other: Caller):
    made = await make_object(clerk)
    batch = await send(other, established(made["code"], "2019-01-01"))
    assert outcomes(batch) == [("accepted", "event-accepted")]
    seen = (await other.get(f"inspection-objects/{made['id']}")).json()
    assert (seen["name"], seen["status"]) == (made["name"], "active")


async def test_an_event_of_an_unknown_code_waits_and_comes_with_the_object(clerk: Caller):
    code = credit_code()
    late = told(code, "suspended", "2026-02-01")
    first = await send(clerk, late)
    assert (outcomes(first), first["waiting"]) == ([("waiting", "event-waiting")], 1)
    assert (await send(clerk, late))["waiting"] == 1
    made = await make_object(clerk, id_value=code, effective_on="2026-01-05")
    assert made["status"] == "suspended"
    assert outcomes(await send(clerk, late)) == [("duplicate", "event-duplicate")]


async def test_a_batch_releases_what_waited_for_its_objects(clerk: Caller):
    firm, product = credit_code(), "CP-E-0001"
    of_product = told(product, "changed", "2026-02-01", facts={"name": "新品名"})
    enters = told(
        product,
        "established",
        "2026-01-06",
        object_kind="product",
        facts={"name": "旧品名", "area_code": "150525", "responsible_object_code": firm},
    )
    assert (await send(clerk, of_product, enters))["waiting"] == 2
    batch = await send(clerk, established(firm))
    assert (outcomes(batch), batch["applied_later"]) == ([("accepted", "event-accepted")], 2)
    found = await find(clerk, product)
    assert (found["name"], found["responsible_object_code"]) == ("新品名", firm)


async def test_whether_another_unit_has_the_code_is_not_told(clerk: Caller, other: Caller):
    made = await make_object(clerk)
    event = told(made["code"], "cancelled", "2026-02-01")
    assert outcomes(await send(other, event)) == [("waiting", "event-waiting")]
    assert (await clerk.get(f"inspection-objects/{made['id']}")).json()["status"] == "active"


async def test_the_same_again_is_a_duplicate_and_another_content_is_refused(clerk: Caller):
    made = await make_object(clerk)
    event = told(made["code"], "suspended", "2026-02-01")
    assert outcomes(await send(clerk, event, event)) == [
        ("accepted", "event-accepted"),
        ("duplicate", "event-duplicate"),
    ]
    other = event | {"effective_on": "2026-02-02"}
    batch = await send(clerk, event, other)
    assert outcomes(batch) == [
        ("duplicate", "event-duplicate"),
        ("rejected", "event-id-reused"),
    ]
    waiting = told(credit_code(), "suspended", "2026-02-01")
    await send(clerk, waiting)
    assert outcomes(await send(clerk, waiting | {"kind": "revoked"})) == [
        ("rejected", "event-id-reused")
    ]
    assert outcomes(await send(clerk, other, source="ANOTHER")) == [("accepted", "event-accepted")]


async def test_every_row_that_can_not_be_taken_is_told_why(clerk: Caller):
    made = await make_object(clerk)
    code = made["code"]
    bad = [
        (told(code, "suspended", "2026-03-03"), "event-in-future", "/effective_on"),
        (told(code, "changed", "2026-02-01"), "event-tells-nothing", "/facts"),
        (
            told(code, "changed", "2026-02-01", facts={"area_code": "110101"}),
            "area-outside-region",
            "/facts/area_code",
        ),
        (
            told(code, "changed", "2026-02-01", facts={"industry_code": "9999"}),
            "industry-unknown",
            "/facts/industry_code",
        ),
        (
            told(credit_code(), "established", "2026-02-01"),
            "event-identity-missing",
            "/object_kind",
        ),
        (established(code[:-1] + "I"), "credit-code-alphabet", "/object_code"),
        (
            established(code) | {"object_kind": "farmer_coop"},
            "event-kind-differs",
            "/object_kind",
        ),
    ]
    good = told(code, "suspended", "2026-02-01")
    batch = await send(clerk, *(event for event, _, _ in bad), good)
    assert [(row["code"], row["field"]) for row in batch["rows"][:-1]] == [
        (said, field) for _, said, field in bad
    ]
    assert (batch["rejected"], batch["accepted"]) == (len(bad), 1)
    assert all(row["zh"] and row["en"] for row in batch["rows"])


async def test_a_batch_needs_a_key_and_the_right_to_write(clerk: Caller, world: World):
    body = {"source": SOURCE, "events": [established(credit_code())]}
    bare = await clerk.post("object-events/batches", body, key=None)
    assert (bare.status_code, bare.json()["code"]) == (428, "idempotency-key-required")
    officer = await world.caller(Role.OFFICER)
    assert (await officer.post("object-events/batches", body)).status_code == 403


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::7])
async def test_any_order_of_batches_gives_the_same_object(clerk: Caller, order: tuple[int, ...]):
    """One batch an event: what comes before its establishment waits."""
    code = credit_code()
    events = [
        established(code, "2026-01-05"),
        told(code, "changed", "2026-01-10", facts={"name": "乙"}, source_sequence=2),
        told(code, "changed", "2026-01-10", facts={"name": "丙"}, source_sequence=3),
        told(code, "cancelled", "2026-01-20"),
        told(code, "resumed", "2026-01-15"),
    ]
    for place in order:
        await send(clerk, events[place])
    found = await find(clerk, code)
    assert (found["name"], found["status"]) == ("丙", "cancelled")
    path = f"inspection-objects/{found['id']}"
    was = (await clerk.get(f"{path}/state?as_of=2026-01-17")).json()
    assert (was["name"], was["status"]) == ("丙", "active")
    listed = (await clerk.get(f"{path}/events")).json()["items"]
    assert [one["external_id"] for one in listed] == [
        events[place]["external_id"] for place in (0, 1, 2, 4, 3)
    ]


async def test_a_batch_costs_no_more_statements_for_more_rows(
    clerk: Caller, connection: AsyncConnection
):
    """A round trip for each row, and a chunk of a registry's file would take minutes."""
    counts = []
    told_of: list[str] = []
    event.listen(
        connection.sync_connection,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: told_of.append(statement),
    )
    for number in (2, 40):
        told_of.clear()
        codes = [credit_code() for _ in range(number)]
        rows = [established(code, address=f"示例街 {code} 号") for code in codes]
        rows += [told(code, "suspended", "2026-02-01") for code in codes]
        done = await send(clerk, *rows)
        assert done["accepted"] == 2 * number
        counts.append(len(told_of))
    assert counts[1] <= counts[0] < 50
