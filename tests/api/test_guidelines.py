"""Guidelines: six parts or no activation (R06), another person activates, versions supersede."""

import pytest

from app.domain.actor import Role
from tests.support.library_factories import PARTS, guideline_body, make_guideline, make_item
from tests.support.world import Caller, World


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def leader(world: World) -> Caller:
    return await world.caller(Role.DEPT_LEADER)


async def test_a_draft_is_where_location_says_with_its_etag(clerk: Caller):
    made = await clerk.post("guidelines", guideline_body())
    assert made.status_code == 201, made.text
    read = await clerk.get(made.headers["location"])
    assert read.json() == made.json()
    assert read.headers["etag"] == made.headers["etag"] == '"1"'
    assert (made.json()["version"], made.json()["status"]) == (1, "draft")


@pytest.mark.parametrize("part", PARTS)
async def test_without_one_of_the_six_parts_nothing_is_activated(
    clerk: Caller, leader: Caller, part: str
):
    made = await make_guideline(clerk, **{part: "  "})
    answer = await leader.post(f"guidelines/{made['id']}/activate", etag='"1"')
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["clause"]) == (
        409,
        "guideline-incomplete",
        "R06",
    )
    assert [error["pointer"] for error in problem["errors"]] == [f"/{part}"]
    assert (await clerk.get(f"guidelines/{made['id']}")).json()["status"] == "draft"


async def test_an_empty_draft_names_all_six_parts(clerk: Caller, leader: Caller):
    made = await make_guideline(clerk, **dict.fromkeys(PARTS, ""))
    answer = await leader.post(f"guidelines/{made['id']}/activate", etag='"1"')
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{p}" for p in PARTS]


async def test_whoever_made_it_does_not_activate_it(clerk: Caller, world: World):
    administrator = await world.administrator()
    granted = await administrator.post(
        f"accounts/{clerk.account_id}/grants",
        {"role": "dept_leader", "department_code": "SCJG", "region_code": "150525"},
    )
    assert granted.status_code == 201, granted.text
    made = await make_guideline(clerk)
    answer = await clerk.post(f"guidelines/{made['id']}/activate", etag='"1"')
    assert (answer.status_code, answer.json()["code"]) == (403, "maker-is-checker")


async def test_a_clerk_does_not_activate(clerk: Caller, world: World):
    made = await make_guideline(clerk)
    colleague = await world.caller(Role.DEPT_CLERK)
    answer = await colleague.post(f"guidelines/{made['id']}/activate", etag='"1"')
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_new_version_supersedes_the_active_one(clerk: Caller, leader: Caller):
    first = await make_guideline(clerk, code="ZY-1")
    path = f"guidelines/{first['id']}"
    assert (await leader.post(f"{path}/activate")).status_code == 428
    active = await leader.post(f"{path}/activate", etag='"1"')
    assert (active.status_code, active.json()["status"]) == (200, "active")
    assert active.json()["activated_at"] is not None
    second = await make_guideline(clerk, code="ZY-1", archiving="新办法")
    assert second["version"] == 2
    assert (await clerk.get(path)).json()["status"] == "active"
    await leader.post(f"guidelines/{second['id']}/activate", etag='"1"')
    listed = (await clerk.get("guidelines?code=ZY-1")).json()["items"]
    assert [(g["version"], g["status"]) for g in listed] == [(1, "superseded"), (2, "active")]
    assert listed[0]["archiving"] == first["archiving"]


async def test_a_code_has_one_draft_at_a_time_and_one_kind(clerk: Caller, leader: Caller):
    made = await make_guideline(clerk, code="ZY-2")
    again = await clerk.post("guidelines", guideline_body(code="ZY-2"))
    assert (again.status_code, again.json()["code"]) == (409, "guideline-draft-exists")
    await leader.post(f"guidelines/{made['id']}/activate", etag='"1"')
    other = await clerk.post("guidelines", guideline_body(code="ZY-2", kind="detailed_rules"))
    assert (other.status_code, other.json()["code"]) == (409, "guideline-kind-fixed")


async def test_only_a_draft_is_changed(clerk: Caller, leader: Caller):
    made = await make_guideline(clerk)
    path = f"guidelines/{made['id']}"
    assert (await clerk.patch(path, {"team_size": 3})).status_code == 428
    changed = await clerk.patch(path, {"team_size": 3}, etag='"1"')
    assert changed.json()["team_size"] == 3
    stale = await clerk.patch(path, {"team_size": 4}, etag='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    active = await leader.post(f"{path}/activate", etag=changed.headers["etag"])
    late = await clerk.patch(path, {"team_size": 4}, etag=active.headers["etag"])
    assert (late.status_code, late.json()["code"]) == (409, "guideline-not-draft")
    twice = await leader.post(f"{path}/activate", etag=active.headers["etag"])
    assert (twice.status_code, twice.json()["code"]) == (409, "guideline-not-draft")


async def test_item_codes_are_those_of_the_departments_checklist(clerk: Caller):
    item = await make_item(clerk)
    made = await make_guideline(clerk, item_codes=[item["code"]])
    assert made["item_codes"] == [item["code"]]
    unknown = await clerk.post("guidelines", guideline_body(item_codes=[item["code"], "C9999"]))
    assert (unknown.status_code, unknown.json()["code"]) == (422, "guideline-item-unknown")
    assert unknown.json()["errors"][0]["pointer"] == "/item_codes/1"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"team_size": 1}, "/team_size"),
        ({"archiving": "a\x00"}, "/archiving"),
        ({"code": "zy"}, "/code"),
    ],
)
async def test_what_no_guideline_can_hold_is_refused(clerk: Caller, changes: dict, pointer: str):
    answer = await clerk.post("guidelines", guideline_body(**changes))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_another_departments_guideline_does_not_exist_for_the_caller(
    clerk: Caller, world: World
):
    made = await make_guideline(clerk)
    path = f"guidelines/{made['id']}"
    other = await world.caller(Role.DEPT_CLERK, "XFJY")
    assert (await other.get(path)).status_code == 404
    assert (await other.patch(path, {"team_size": 3}, etag='"1"')).status_code == 404
    other_leader = await world.caller(Role.DEPT_LEADER, "XFJY")
    assert (await other_leader.post(f"{path}/activate", etag='"1"')).status_code == 404
    assert (await other.get("guidelines")).json()["items"] == []
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    assert (await office.get(path)).status_code == 200
