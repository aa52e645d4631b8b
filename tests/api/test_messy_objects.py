"""A messy file of 3,000 rows, in every form: every bad row is reported by number and code, no other.

`make soak` does the same with 100,000 rows.
"""

from typing import Any

import pytest

from app.domain.actor import Role
from app.services.runtime import Runtime
from tests.support.library_factories import upload
from tests.support.messy_objects import (
    CSV,
    DAMAGES,
    REJECTED,
    XLSX,
    Messy,
    as_csv,
    as_xlsx,
    messy_objects,
)
from tests.support.messy_reports import differences
from tests.support.operations import IMPORT, count
from tests.support.world import World

ROWS = 3000


def test_there_are_twenty_kinds_of_damage_in_each_form():
    for form in (CSV, XLSX):
        kinds = [one for one in DAMAGES if form in one.formats]
        assert sum(one.outcome == REJECTED for one in kinds) >= 20
        assert sum(one.outcome != REJECTED for one in kinds) >= 9


@pytest.mark.parametrize(("form", "encoding"), [(CSV, "utf-8-sig"), (CSV, "gb18030"), (XLSX, "")])
async def test_every_bad_row_and_only_bad_rows_are_reported(
    world: World, runtime: Runtime, form: str, encoding: str
):
    file: Messy = messy_objects(ROWS, seed=20260302, form=form)
    data = as_csv(file, encoding) if form == CSV else as_xlsx(file)
    clerk = await world.caller(Role.DEPT_CLERK)
    answer = await upload(clerk, IMPORT, data, f"messy.{form}")
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    assert await differences(clerk, done["batch_id"], file) == []
    assert (done["rows"], done["created"]) == (file.data_rows, file.stored)
    assert await count(runtime, "inspection_object") == file.stored
