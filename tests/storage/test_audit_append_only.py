"""History can not be changed: by grant for the service, by trigger for the owner of the tables.

What an owner does who takes the triggers away is found by the stand-alone verifier.
"""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from app.domain.actor import Role
from app.local_postgres import LocalPostgres
from app.migrate import INSERT_ONLY
from app.services.runtime import Runtime
from tests.conftest import execute_as_owner
from tests.support.audit_export import export_of
from tests.support.world import World

CHANGES = (
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
)


async def refusal_of(connection: AsyncConnection, statement: str) -> str:
    """What the database says to a statement; the transaction goes on."""
    savepoint = await connection.begin_nested()
    try:
        await connection.execute(text(statement))
    except DBAPIError as error:
        await savepoint.rollback()
        return str(error.orig)
    await savepoint.rollback()
    return "accepted"


async def column_of(connection: AsyncConnection, table: str) -> str:
    names = await connection.execute(
        text(
            "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass)"
            " AND attnum > 0 ORDER BY attnum"
        ),
        {"table": table},
    )
    return f'"{names.scalars().first()}"'


async def add_a_row(connection: AsyncConnection, table: str) -> None:
    """An empty row, with every constraint out of the way: only the guards of history are tried."""
    constraints = await connection.execute(
        text(
            "SELECT conname FROM pg_constraint WHERE conrelid = CAST(:table AS regclass)"
            " AND contype <> 'n' ORDER BY contype = 'p'"
        ),
        {"table": table},
    )
    for name in constraints.scalars().all():
        await connection.execute(
            text(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}" CASCADE')
        )
    columns = await connection.execute(
        text(
            "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass)"
            " AND attnum > 0 AND attnotnull"
        ),
        {"table": table},
    )
    for name in columns.scalars().all():
        await connection.execute(text(f'ALTER TABLE {table} ALTER COLUMN "{name}" DROP NOT NULL'))
    guards = {
        "draw_commitment": "guard_contribution",
        "draw_opening": "guard_contribution",
        "draw_file": "guard_frozen",
        "draw_contributor": "guard_frozen",
    }
    if table in guards:
        await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {guards[table]}"))
    await connection.execute(text(f"INSERT INTO {table} DEFAULT VALUES"))


@pytest.mark.committed
async def test_the_owner_of_the_tables_can_not_change_history_either(
    server: LocalPostgres, committed: Runtime
):
    admin_url = committed.settings.database_admin_url.get_secret_value()
    engine = create_async_engine(admin_url, poolclass=NullPool)
    async with engine.connect() as connection:
        for table in INSERT_ONLY:
            await add_a_row(connection, table)
            column = await column_of(connection, table)
            for change in CHANGES:
                statement = change.format(table=table, column=column)
                refusal = await refusal_of(connection, statement)
                assert "is insert-only" in refusal, (statement, refusal)
    await engine.dispose()


async def test_the_services_role_lacks_the_grant_to_change_history(connection: AsyncConnection):
    for table in INSERT_ONLY:
        column = await column_of(connection, table)
        for change in CHANGES:
            statement = change.format(table=table, column=column)
            refusal = await refusal_of(connection, statement)
            assert "permission denied" in refusal, (statement, refusal)


async def test_the_services_role_can_not_take_the_guards_away(connection: AsyncConnection):
    for statement in (
        "ALTER TABLE audit_entry DISABLE TRIGGER insert_only",
        "DROP TRIGGER insert_only ON audit_entry",
        "SET session_replication_role = replica",
        "DROP TABLE audit_entry",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS ''",
        "UPDATE alembic_version SET version_num = 'x'",
    ):
        refusal = await refusal_of(connection, statement)
        assert "permission denied" in refusal or "must be owner" in refusal, (statement, refusal)


async def test_every_insert_only_table_exists_and_has_both_guards(connection: AsyncConnection):
    found = await connection.execute(
        text(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE tgname IN ('insert_only', 'no_truncate') AND tgenabled = 'O'"
        )
    )
    assert {tuple(row) for row in found} == {
        (table, guard) for table in INSERT_ONLY for guard in ("insert_only", "no_truncate")
    }


@pytest.mark.committed
@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_entry SET actor = 'somebody-else' WHERE chain = '150525/SCJG' AND seq = 2",
        "UPDATE audit_entry SET facts = '{}' WHERE chain = '150525/SCJG' AND seq = 2",
        "DELETE FROM audit_entry WHERE chain = '150525/SCJG' AND seq = 2",
        "DELETE FROM audit_entry WHERE chain = '150525/SCJG' AND seq = 6",
        "DELETE FROM audit_entry WHERE chain = '150525/SCJG'",
    ],
)
async def test_what_an_owner_changes_without_the_triggers_is_found(
    server: LocalPostgres,
    committed: Runtime,
    committed_world: World,
    tmp_path: Path,
    tampering: str,
):
    for _ in range(2):
        caller = await committed_world.caller(Role.DEPT_CLERK)
        assert (await caller.post("auth/logout")).status_code == 204
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    assert (await clerk.post("accounts", {})).status_code == 403
    before = await export_of(committed, tmp_path)
    assert len(before.chain("150525/SCJG")) == 6
    anchors = before.anchors.read_text(encoding="utf-8")
    assert before.judge().code == 0

    database = make_url(committed.settings.database_url.get_secret_value()).database
    await execute_as_owner(server, database, "ALTER TABLE audit_entry DISABLE TRIGGER USER")
    await execute_as_owner(server, database, tampering)
    await execute_as_owner(server, database, "ALTER TABLE audit_entry ENABLE TRIGGER USER")

    after = await export_of(committed, tmp_path)
    assert after.entries != before.entries
    after.anchors.write_text(anchors, encoding="utf-8")
    verdict = after.judge()
    assert verdict.code == 1
    assert "150525/SCJG" in verdict.out
