"""What an operation may never look like is refused by the database itself."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.domain.actor import Role
from app.services.runtime import Runtime
from tests.support.operations import accepted, objects
from tests.support.world import World


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ("status = 'paused'", "ck_operation_status"),
        ("kind = 'nothing'", "ck_operation_kind"),
        ("ended_at = now()", "ck_operation_ended"),
        ("status = 'running'", "ck_operation_started"),
        ("result = '{}'", "ck_operation_result"),
        ("summary = '{}'", "ck_operation_result"),
        ("problem = '{}'", "ck_operation_problem"),
        ("status = 'cancelled', ended_at = now()", "ck_operation_cancel"),
        ("done = 2, total = 1", "ck_operation_progress"),
        ("done = -1", "ck_operation_progress"),
        ("forgotten_at = now()", "ck_operation_forgotten"),
    ],
)
async def test_an_operation_is_never(world: World, runtime: Runtime, values: str, constraint: str):
    made = await accepted(await world.caller(Role.DEPT_CLERK), objects(1))
    with pytest.raises(IntegrityError, match=constraint):
        async with runtime.database.bookkeeping() as session:
            await session.execute(text(f"UPDATE operation SET {values} WHERE id = '{made['id']}'"))
