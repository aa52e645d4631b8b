"""The lists that are at hand, through the API: every item stored, or named with its row (N1)."""

from pathlib import Path

import pytest

from app.demo.checklist_rows import FILE, UNITS
from app.domain.actor import Role
from tests.support.library_factories import publish_checklist, upload
from tests.support.world import World

PROVINCE = Path(__file__).parents[3] / "shared" / "data" / "hainan-2020-checklist.xlsx"


@pytest.mark.parametrize(("unit", "items"), [(code, len(items)) for code, _, items in UNITS])
async def test_each_department_takes_its_own_items_of_the_shipped_list(
    world: World, unit: str, items: int
):
    clerk = await world.caller(Role.DEPT_CLERK, unit)
    done = (await upload(clerk, "checklist-items/import", FILE.read_bytes(), FILE.name)).json()
    assert done["created"] == items
    assert {v["code"] for v in done["rejected"]} == {"issued-by-other-department"}
    listed = (await clerk.get("checklist-items?limit=1000&with_total=true")).json()
    assert listed["total"] == items
    assert all(item["legal_bases"] and item["methods"] for item in listed["items"])


@pytest.mark.skipif(not PROVINCE.is_file(), reason="the shared folder is not at hand")
async def test_a_real_list_is_taken_whole_but_for_four_named_rows_and_can_be_published(
    world: World,
):
    clerk = await world.caller(Role.DEPT_CLERK)
    data = PROVINCE.read_bytes()
    done = (await upload(clerk, "checklist-items/import", data, PROVINCE.name)).json()
    assert (done["created"], done["rejected_rows"]) == (289, 4)
    assert [(v["row"], v["code"]) for v in done["rejected"]] == [
        (row, "method-unknown") for row in (158, 159, 160, 166)
    ]
    leader = await world.caller(Role.DEPT_LEADER)
    assert (await publish_checklist(leader))["item_count"] == 289
    again = (await upload(clerk, "checklist-items/import", data, PROVINCE.name)).json()
    assert (again["created"], again["duplicate_rows"], again["rejected_rows"]) == (0, 289, 4)
