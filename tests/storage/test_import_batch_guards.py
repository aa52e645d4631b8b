"""What an import batch, and an event that it made, may never become: held by the database itself."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.domain.actor import Role
from app.services.runtime import Runtime
from tests.conftest import execute_as_owner
from tests.support.library_factories import make_object
from tests.support.operations import IMPORT, count, objects, rows
from tests.support.world import Caller, World

UNDO = "UPDATE import_batch SET status = 'undone', undone_at = now(), undone_by = account_id"
UNDONE = f"{UNDO}, undo_reason = 'x'"


async def imported(clerk: Caller, number: int = 1) -> str:
    answer = await clerk.post(IMPORT, files={"file": ("a.xlsx", objects(number))})
    return str(answer.json()["batch_id"])


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ("status = 'undone'", "ck_import_batch_undone"),
        ("undone_at = now(), undone_by = account_id, undo_reason = 'x'", "ck_import_batch_undone"),
    ],
)
async def test_a_batch_is_never(world: World, runtime: Runtime, values: str, constraint: str):
    await imported(await world.caller(Role.DEPT_CLERK))
    with pytest.raises(IntegrityError, match=constraint):
        async with runtime.database.bookkeeping() as session:
            await session.execute(text(f"UPDATE import_batch SET {values}"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE import_batch SET created = 7",
        "UPDATE import_batch SET file_sha256 = repeat('0', 64)",
        "UPDATE import_batch SET status = 'refused'",
        "DELETE FROM import_batch",
    ],
)
async def test_what_a_batch_says_was_done_is_not_rewritten(
    world: World, runtime: Runtime, statement: str
):
    await imported(await world.caller(Role.DEPT_CLERK))
    with pytest.raises((DBAPIError, IntegrityError)):
        async with runtime.database.bookkeeping() as session:
            await session.execute(text(statement))


async def test_an_undone_batch_stays_undone(world: World, runtime: Runtime):
    await imported(await world.caller(Role.DEPT_CLERK))
    async with runtime.database.bookkeeping() as session:
        await session.execute(text(UNDONE))
    again = "UPDATE import_batch SET status = 'stored', undone_at = NULL, undone_by = NULL"
    with pytest.raises(DBAPIError, match="not rewritten"):
        async with runtime.database.bookkeeping() as session:
            await session.execute(text(f"{again}, undo_reason = NULL"))


@pytest.mark.committed
class TestEvents:
    """Deleted with the batch that made them, and in no other way, by nobody."""

    async def _made(self, world: World) -> tuple[Caller, str]:
        clerk = await world.caller(Role.DEPT_CLERK)
        await make_object(clerk)
        return clerk, await imported(clerk)

    async def test_the_service_may_not_delete_any(self, committed: Runtime, committed_world: World):
        await self._made(committed_world)
        for mark in ("SELECT 1", UNDONE):
            async with committed.database.bookkeeping() as session:
                await session.execute(text(mark))
            with pytest.raises(DBAPIError, match="permission denied"):
                async with committed.database.bookkeeping() as session:
                    await session.execute(text("DELETE FROM object_event"))

    async def test_the_owner_may_not_either_but_for_those_of_an_undone_batch(
        self, committed: Runtime, committed_world: World
    ):
        _, batch_id = await self._made(committed_world)
        name = (await rows(committed, "SELECT current_database()"))[0][0]
        server = self._server
        mine = f"DELETE FROM object_event WHERE import_batch_id = '{batch_id}'"
        for statement in (mine, "DELETE FROM object_event", "UPDATE object_event SET kind = 'x'"):
            with pytest.raises(DBAPIError, match="insert-only"):
                await execute_as_owner(server, name, statement)
        await execute_as_owner(server, name, UNDONE)
        by_hand = "DELETE FROM object_event WHERE import_batch_id IS NULL"
        change = f"UPDATE object_event SET kind = 'x' WHERE import_batch_id = '{batch_id}'"
        for statement in (by_hand, change, "TRUNCATE object_event CASCADE"):
            with pytest.raises(DBAPIError, match="insert-only"):
                await execute_as_owner(server, name, statement)
        await execute_as_owner(server, name, mine)
        assert await count(committed, "object_event") == 1

    async def test_the_way_that_undoing_takes_spares_a_batch_that_stands(
        self, committed: Runtime, committed_world: World
    ):
        _, batch_id = await self._made(committed_world)
        call = text("SELECT delete_events_of_undone_batch(:batch)")
        async with committed.database.bookkeeping() as session:
            assert await session.scalar(call, {"batch": batch_id}) == 0
        assert await count(committed, "object_event") == 2

    async def test_a_later_event_of_an_undone_batchs_object_is_not_deleted(
        self, committed: Runtime, committed_world: World
    ):
        clerk, batch_id = await self._made(committed_world)
        found = await rows(
            committed, f"SELECT id FROM inspection_object WHERE import_batch_id = '{batch_id}'"
        )
        event = {"kind": "revoked", "effective_on": "2026-02-20"}
        path = f"inspection-objects/{found[0].id}/events"
        assert (await clerk.post(path, event, etag='"1"')).status_code == 201
        async with committed.database.bookkeeping() as session:
            await session.execute(text(f"{UNDONE} WHERE id = '{batch_id}'"))
            await session.execute(
                text("SELECT delete_events_of_undone_batch(:batch)"), {"batch": batch_id}
            )
        left = await rows(
            committed, f"SELECT kind FROM object_event WHERE object_id = '{found[0].id}'"
        )
        assert [row.kind for row in left] == ["revoked"]

    @pytest.fixture(autouse=True)
    def _take_server(self, server) -> None:
        self._server = server
