"""Undoing waits for an import into the same list: what goes is not recognised as there already."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.actor import Role
from app.models.organisation import Department
from app.storage import organisation
from tests.support.library_factories import upload
from tests.support.operations import IMPORT, objects
from tests.support.world import REGION, World

JOINT = "抽查领域,抽查事项,检查对象,发起部门,配合部门\n餐饮,餐饮检查,单位,市场监督管理局,消防大队\n"
Hold = Callable[[Any], Awaitable[Any]]


async def hold_region(session: Any) -> None:
    await organisation.lock_region(session, REGION)


async def hold_department(session: Any) -> None:
    query = select(Department.id).where(Department.region_code == REGION)
    department_id = (await session.execute(query.where(Department.code == "SCJG"))).scalar_one()
    await organisation.lock_department(session, department_id)


@pytest.mark.parametrize(
    ("role", "department", "path", "data", "name", "hold"),
    [
        (Role.LG_OFFICE, "LDXZ", "joint-items/import", JOINT.encode(), "a.csv", hold_region),
        (Role.DEPT_CLERK, "SCJG", IMPORT, objects(1), "a.xlsx", hold_department),
    ],
    ids=["joint", "objects"],
)
async def test_undoing_waits_for_who_imports_into_the_list(
    committed_world: World,
    role: Role,
    department: str,
    path: str,
    data: bytes,
    name: str,
    hold: Hold,
):
    caller = await committed_world.caller(role, department)
    batch = (await upload(caller, path, data, name)).json()["batch_id"]
    undoing = caller.post(f"import-batches/{batch}/undo", {"reason": "试验"}, etag='"1"')
    async with committed_world.runtime.database.bookkeeping() as importing:
        await hold(importing)
        waiting = asyncio.create_task(undoing)
        over, _ = await asyncio.wait({waiting}, timeout=1)
        assert not over
    assert (await waiting).status_code == 200
