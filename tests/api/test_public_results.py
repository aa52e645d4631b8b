"""What everybody may read: published results, field by field, and the publication rate."""

import datetime as dt
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import EVERYTHING, Role, system_actor
from app.domain.lifecycle import InspectionStatus
from app.domain.publication import InspectionState, tally, task_is_complete
from app.models.account import Account
from app.services.runtime import Runtime
from app.storage import rates
from app.storage.inspections import get_section
from app.storage.rates import RateFilter, task_completion
from app.storage.uow import UnitOfWork
from tests.support.clocks import FrozenClock
from tests.support.inspection_cast import Cast, a_cast
from tests.support.inspection_factories import DrawnTask, a_drawn_task
from tests.support.world import REGION, World

NATIONAL = {
    "raninsPlanId",
    "raninsPlaneName",
    "raninsTaskId",
    "raninsTaskName",
    "raninsTypeName",
    "insAuth",
    "insDate",
    "insRes",
    "entName",
    "uniscid",
    "details",
}


async def drawn(world: World, runtime: Runtime, **how) -> DrawnTask:
    _, maker = await world.account(Role.DEPT_CLERK, "SCJG")
    return await a_drawn_task(runtime, maker, **how)


@pytest.fixture
async def cast(world: World, runtime: Runtime) -> Cast:
    return await a_cast(world, await drawn(world, runtime))


async def test_a_publication_has_the_national_fields_and_no_others(cast: Cast) -> None:
    await cast.up_to("review")
    made = await cast.take("publish", {"platform_receipt_no": "NM-2026-1"})
    assert made.status_code == 201
    response = await cast.clerk.client.get(made.headers["Location"])
    assert response.status_code == 200
    result = response.json()
    content = result["content"]
    assert set(content) == NATIONAL
    assert content["raninsPlanId"] == cast.task.plan_no
    assert content["raninsTypeName"] == "不定向"
    assert content["insDate"] == "2026-03-02"
    assert [detail["seqno"] for detail in content["details"]] == [1, 2]
    assert {detail["raninsCheckResName"] for detail in content["details"]} == {"未发现问题"}
    assert result["platform_receipt_no"] == "NM-2026-1"
    assert result["version"] == 1


async def test_nothing_of_officers_findings_or_measures_is_public(cast: Cast) -> None:
    await cast.up_to("start")
    secret = {"problem": "进货台账缺页", "measure": "罚款五百元"}
    await cast.take("record", cast.record_body("problem", **secret))
    for step, body in (
        ("end", None),
        ("acknowledgement", None),
        ("result", {"result_code": "05", "rectification": "已更正台账"}),
        ("review", None),
        ("publish", None),
    ):
        assert (await cast.take(step, body)).is_success, step
    text = (await cast.clerk.client.get("/api/v1/public/results")).text
    assert "发现问题已责令改正" in text
    officers = (await cast.read())["team"]
    hidden = [*secret.values(), "已更正台账", "负责人"]
    hidden += [officer["name"] for officer in officers]
    hidden += [officer["certificate_no"] for officer in officers]
    assert [word for word in hidden if word in text] == []


async def test_before_it_is_published_the_public_sees_nothing(cast: Cast) -> None:
    await cast.up_to("review")
    client = cast.clerk.client
    assert (await client.get("/api/v1/public/results")).json()["items"] == []
    unknown = await client.get(f"/api/v1/public/results/{cast.inspection.id}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")


async def test_a_second_publication_is_refused(cast: Cast) -> None:
    await cast.up_to("publish")
    again = await cast.take("publish")
    assert again.status_code == 409
    assert again.json()["facts"]["status"] == "published"


async def test_the_list_is_cacheable_and_says_when_nothing_changed(cast: Cast) -> None:
    client = cast.clerk.client
    empty = await client.get("/api/v1/public/results")
    assert empty.headers["Cache-Control"] == "public, max-age=60"
    same = await client.get(
        "/api/v1/public/results", headers={"If-None-Match": empty.headers["ETag"]}
    )
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["ETag"] == empty.headers["ETag"]
    await cast.up_to("publish")
    changed = await client.get(
        "/api/v1/public/results", headers={"If-None-Match": empty.headers["ETag"]}
    )
    assert changed.status_code == 200


async def test_results_are_narrowed_and_paged_newest_first(world: World, runtime: Runtime) -> None:
    task = await drawn(world, runtime, objects=3)
    casts = [await a_cast(world, task, sheet=number) for number in range(3)]
    for one in casts:
        await one.up_to("publish")
    client = world.client
    codes = [sheet.object_code for sheet in task.sheets]

    async def found(query: str) -> list[str]:
        page = (await client.get(f"/api/v1/public/results?{query}")).json()
        return [item["object_code"] for item in page["items"]]

    assert await found("") == codes[::-1]
    first = (await client.get("/api/v1/public/results?limit=2")).json()
    assert await found(f"limit=2&cursor={first['next_cursor']}") == codes[:1]
    assert await found(f"object_code={codes[1]}") == [codes[1]]
    assert await found("department_code=SCJG") == codes[::-1]
    assert await found("department_code=GAJ") == []
    assert await found(f"plan_no={task.plan_no}") == codes[::-1]
    assert await found("plan_no=OTHER") == []
    assert await found("region_code=150500") == codes[::-1]
    assert await found("region_code=150526") == []
    name = (await casts[0].read())["object_name"]
    assert await found(f"q={name}") == [codes[0]]
    assert await found("q=%25") == []
    bad = await client.get("/api/v1/public/results?q=a%00b")
    assert bad.status_code == 422


async def test_the_rate_is_exact_below_and_at_100_per_cent(world: World, runtime: Runtime) -> None:
    task = await drawn(world, runtime, objects=3)
    casts = [await a_cast(world, task, sheet=number) for number in range(3)]
    path = f"/api/v1/public/publication-rate?plan_no={task.plan_no}"
    none = (await world.client.get(path)).json()
    assert none["publication_rate"]["fraction"] == "0/0"
    assert none["publication_rate"]["percent"] is None
    await casts[0].up_to("publish")
    await casts[1].up_to("publish")
    await casts[2].up_to("review")
    below = (await world.client.get(path)).json()
    assert below["publication_rate"]["fraction"] == "2/3"
    assert below["publication_rate"]["percent"] == "66.66%"
    assert below["sheets"]["fraction"] == "2/3"
    assert below["plan_tasks"]["fraction"] == "0/1"
    await casts[2].take("publish")
    full = (await world.client.get(path)).json()
    assert full["publication_rate"]["percent"] == "100.00%"
    assert full["publication_rate"]["full"] is True
    assert full["plan_tasks"]["fraction"] == "1/1"


async def set_state(
    runtime: Runtime, task: DrawnTask, states: list[tuple[InspectionStatus, int | None, int | None]]
) -> None:
    """Inspections put into states as rows: status, due and published as days from 2 March."""
    day = dt.date(2026, 3, 2)
    all_of = [one for sheet in task.sheets for one in sheet.inspections.values()]
    async with runtime.database.unit_of_work(system_actor(REGION)) as uow:
        checker = await _someone(uow)
        for one, (status, due, published) in zip(all_of, states, strict=True):
            found = (await get_section(uow.session, one.id, EVERYTHING)).inspection
            ended = status in {
                InspectionStatus.ENDED,
                InspectionStatus.ENTERED,
                InspectionStatus.REVIEWED,
                InspectionStatus.PUBLISHED,
            }
            found.status = status
            if ended:
                found.started_at = found.ended_at = uow.now
                found.ended_on = day
                found.due_on = None if due is None else day + dt.timedelta(days=due)
                found.due_state = "calendar_missing" if due is None else "computed"
                found.result_code = "01"
                found.reviewed_by = checker
            if published is not None:
                found.published_at = dt.datetime(2026, 3, 2, 15, 59, tzinfo=dt.UTC) + dt.timedelta(
                    days=published
                )
        uow.audit("test.states_set", "plan_task", task.task_id)


async def _someone(uow: UnitOfWork) -> UUID | None:
    return await uow.session.scalar(select(Account.id).limit(1))


_S = InspectionStatus
MIXED = [
    (_S.ASSIGNED, None, None),
    (_S.VOID, None, None),
    (_S.ENDED, -3, None),  # overdue
    (_S.ENDED, 5, None),
    (_S.ENDED, None, None),  # its year is not loaded
    (_S.REVIEWED, -1, None),  # overdue
    (_S.PUBLISHED, 10, 10),  # on the last day
    (_S.PUBLISHED, 10, 11),  # late
    (_S.PUBLISHED, None, 3),
    (_S.VOID, None, None),
]


async def test_the_statement_counts_what_the_rule_counts(
    world: World, runtime: Runtime, clock: FrozenClock
) -> None:
    task = await drawn(world, runtime, departments=("SCJG", "GAJ"), objects=5, items=1)
    await set_state(runtime, task, MIXED)
    today = dt.date(2026, 3, 2)
    day = dt.timedelta(days=1)
    expected = tally(
        [
            InspectionState(
                status,
                None if due is None else today + due * day,
                None if published is None else today + published * day,
            )
            for status, due, published in MIXED
        ],
        today,
    )
    filters = RateFilter(plan_no=task.plan_no)
    async with runtime.database.reading() as session:
        figures = await rates.count_figures(session, filters, today)
        completion = await task_completion(session, [task.task_id, task.sheets[0].id])
    assert figures.tally == expected
    assert (expected.void, expected.due, expected.on_time) == (2, 5, 2)
    assert figures.sheets.text == "2/5"
    assert figures.tasks.text == "0/1"
    assert completion == {task.task_id: False, task.sheets[0].id: False}


@pytest.mark.parametrize(
    "states",
    [
        [_S.PUBLISHED, _S.PUBLISHED, _S.PUBLISHED, _S.PUBLISHED],
        [_S.PUBLISHED, _S.VOID, _S.VOID, _S.VOID],
        [_S.VOID, _S.VOID, _S.VOID, _S.VOID],
        [_S.PUBLISHED, _S.REVIEWED, _S.VOID, _S.VOID],
        [_S.PUBLISHED, _S.PUBLISHED, _S.ASSIGNED, _S.VOID],
    ],
)
async def test_completion_of_a_task_is_derived_as_the_rule_says(
    world: World, runtime: Runtime, states: list[InspectionStatus]
) -> None:
    task = await drawn(world, runtime, departments=("SCJG", "GAJ"), objects=2, items=1)
    days = [(one, 5, 1 if one is _S.PUBLISHED else None) for one in states]
    await set_state(runtime, task, days)
    async with runtime.database.reading() as session:
        completion = await task_completion(session, [task.task_id])
    assert completion == {task.task_id: task_is_complete([states[:2], states[2:]])}


async def test_figures_of_a_department_come_with_their_inspections(
    world: World, runtime: Runtime
) -> None:
    task = await drawn(world, runtime, departments=("SCJG", "GAJ"), objects=5, items=1)
    await set_state(runtime, task, MIXED)
    leader = await world.caller(Role.DEPT_LEADER, "SCJG")
    rate = (await leader.get("statistics/publication-rate?year=2026")).json()
    path = "statistics/publication-rate/inspections?year=2026"
    assert rate["publication_rate"]["fraction"] == "2/4"
    for part, count in (("ended", 4), ("published", 2), ("unpublished", 2), ("void", 0)):
        page = (await leader.get(f"{path}&part={part}&limit=1&with_total=true")).json()
        assert page["total"] == count, part
        assert {one["department_code"] for one in page["items"]} <= {"SCJG"}
    due = (await leader.get(f"{path}&part=due&with_total=true")).json()["total"]
    on_time = (await leader.get(f"{path}&part=on_time&with_total=true")).json()["total"]
    assert rate["on_time_rate"]["fraction"] == f"{on_time}/{due}"
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    both = (await office.get("statistics/publication-rate?year=2026")).json()
    assert both["publication_rate"]["fraction"] == "3/7"
    assert both["void"] == 2
    one = await office.get("statistics/publication-rate?department_code=GAJ")
    assert one.json()["publication_rate"]["fraction"] == "1/3"
    other_year = (await office.get("statistics/publication-rate?year=2022")).json()
    assert other_year["publication_rate"]["fraction"] == "0/0"
    officer = await world.caller(Role.OFFICER, "SCJG")
    assert (await officer.get("statistics/publication-rate")).status_code == 403
    assert (await world.client.get("/api/v1/statistics/publication-rate")).status_code == 401


async def test_r07_results_of_a_firm_are_those_of_its_products_and_of_what_it_absorbed(
    world: World, runtime: Runtime, connection: AsyncConnection
) -> None:
    task = await drawn(world, runtime, objects=4)
    for sheet in range(3):
        await (await a_cast(world, task, sheet=sheet)).up_to("publish")
    firm, product, absorbed, other = [sheet.object_code for sheet in task.sheets]
    codes = {"firm": firm, "product": product, "absorbed": absorbed}
    pointed = "(SELECT id FROM inspection_object WHERE code = :firm)"
    for change, code in (
        (f"responsible_object_id = {pointed}", "product"),
        (f"merged_into_id = {pointed}", "absorbed"),
    ):
        await connection.execute(
            text(f"UPDATE inspection_object SET {change} WHERE code = :{code}"),
            {"firm": firm, code: codes[code]},
        )

    async def found(code: str) -> set[str]:
        page = (await world.client.get(f"/api/v1/public/results?object_code={code}")).json()
        return {item["object_code"] for item in page["items"]}

    assert await found(firm) == {firm, product, absorbed}
    assert await found(product) == {product}
    assert await found(other) == set()
