"""Migrations go up from nothing, down, and up again; models and database say the same."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from app.local_postgres import OWNER_ROLE, SERVICE_ROLE, LocalPostgres
from app.main import create_app
from app.migrate import INSERT_ONLY, alembic_config, migrate
from app.models import Base
from app.storage.schema import StaleSchemaError, expected_revision
from tests.conftest import execute_as_owner
from tests.support.databases import drop, settings_for

NAME = f"migrations_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
pytestmark = pytest.mark.committed


@pytest_asyncio.fixture
async def empty(server: LocalPostgres, tmp_path: Path) -> AsyncIterator[str]:
    """A database with nothing in it."""
    await drop(server, NAME)
    server.ensure_database(NAME)
    yield NAME
    await drop(server, NAME)


@pytest_asyncio.fixture
async def owner(server: LocalPostgres, empty: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(server.admin_dsn(empty), poolclass=NullPool)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


def _skip(_object: object, name: str | None, kind: str, _reflected: bool, _to: object) -> bool:
    return not (kind == "table" and name == "alembic_version")


def differences(connection: Connection) -> list:
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "include_object": _skip}
    )
    return compare_metadata(context, Base.metadata)


def downgrade(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.downgrade(config, "base")


async def relations(connection: AsyncConnection) -> set[tuple[str, str]]:
    """Tables, indexes, functions and triggers in the schema, but for extensions' own."""
    found = await connection.execute(
        text(
            "SELECT relkind::text, relname::text FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace"
            " UNION SELECT 'f', proname::text FROM pg_proc p"
            " WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend d"
            " WHERE d.objid = p.oid AND d.deptype = 'e')"
            " UNION SELECT 't', tgrelid::regclass || '.' || tgname FROM pg_trigger"
            " WHERE NOT tgisinternal"
        )
    )
    await connection.commit()
    return {(kind, name) for kind, name in found if "alembic_version" not in name}


async def test_up_from_nothing_gives_what_the_models_say(
    server: LocalPostgres, owner: AsyncConnection, tmp_path: Path
):
    await migrate(settings_for(server, NAME, tmp_path))
    assert await owner.run_sync(differences) == []


async def test_every_check_of_the_models_is_in_the_database_and_no_other(
    server: LocalPostgres, owner: AsyncConnection, tmp_path: Path
):
    await migrate(settings_for(server, NAME, tmp_path))
    rows = await owner.execute(
        text(
            "SELECT conrelid::regclass::text, conname::text FROM pg_constraint"
            " WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        )
    )
    stored = {(table, name) for table, name in rows}
    dialect = owner.dialect
    modelled = {
        (table.name, dialect.identifier_preparer.format_constraint(constraint))
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert len(stored) > 20
    assert stored == modelled


async def test_down_to_nothing_and_up_again_gives_the_same(
    server: LocalPostgres, owner: AsyncConnection, tmp_path: Path
):
    settings = settings_for(server, NAME, tmp_path)
    await migrate(settings)
    first = await relations(owner)
    await owner.run_sync(downgrade)
    await owner.commit()
    assert await relations(owner) == set()
    await migrate(settings)
    assert await relations(owner) == first
    assert len(first) > 50


async def test_migrating_twice_changes_nothing(
    server: LocalPostgres, owner: AsyncConnection, tmp_path: Path
):
    settings = settings_for(server, NAME, tmp_path)
    await migrate(settings)
    first = await relations(owner)
    await migrate(settings)
    assert await relations(owner) == first


def test_there_is_one_head_and_the_text_file_names_it():
    scripts = ScriptDirectory.from_config(alembic_config())
    assert scripts.get_heads() == [expected_revision()]


def test_migrations_are_numbered_and_do_not_import_the_models():
    folder = Path(ScriptDirectory.from_config(alembic_config()).versions)
    files = sorted(folder.glob("*.py"))
    numbers = [file.name.split("_")[0] for file in files]
    assert numbers == [f"{number:04d}" for number in range(1, len(files) + 1)]
    importing = re.compile(r"^\s*(from|import) app\b", re.MULTILINE)
    texts = {file.name: file.read_text(encoding="utf-8") for file in files}
    assert [name for name, content in texts.items() if importing.search(content)] == []


async def start(settings: object) -> None:
    made = create_app(settings)
    async with made.router.lifespan_context(made):
        pass


async def test_the_service_starts_on_the_schema_it_was_written_for(
    server: LocalPostgres, empty: str, tmp_path: Path
):
    settings = settings_for(server, NAME, tmp_path)
    await migrate(settings)
    await start(settings)


@pytest.mark.parametrize("revision", ["0000", "9999"])
async def test_the_service_refuses_to_start_on_another_schema(
    server: LocalPostgres, empty: str, tmp_path: Path, revision: str
):
    settings = settings_for(server, NAME, tmp_path)
    await migrate(settings)
    await execute_as_owner(server, NAME, f"UPDATE alembic_version SET version_num = '{revision}'")
    with pytest.raises(StaleSchemaError, match=revision):
        await start(settings)


async def test_the_service_refuses_to_start_on_an_empty_database(
    server: LocalPostgres, empty: str, tmp_path: Path
):
    with pytest.raises(StaleSchemaError, match="migrate"):
        await start(settings_for(server, NAME, tmp_path))


async def test_the_services_role_has_the_grants_it_needs_and_no_other(
    server: LocalPostgres, owner: AsyncConnection, tmp_path: Path
):
    await migrate(settings_for(server, NAME, tmp_path))
    rows = await owner.execute(
        text(
            "SELECT tablename, p, has_table_privilege(:role, format('%I', tablename), p)"
            " FROM pg_tables, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',"
            " 'REFERENCES', 'TRIGGER']) AS p WHERE schemaname = 'public'"
        ),
        {"role": SERVICE_ROLE},
    )
    granted: dict[str, set[str]] = {}
    for table, privilege, has in rows:
        granted.setdefault(table, set()).update({privilege} if has else set())
    expected = {
        table: {"SELECT", "INSERT"}
        if table in INSERT_ONLY
        else {"SELECT", "INSERT", "UPDATE", "DELETE"}
        for table in Base.metadata.tables
    }
    expected["import_batch"] = {"SELECT", "INSERT", "UPDATE"}  # what was done is not deleted
    expected["audit_chain"] = {"SELECT", "INSERT", "UPDATE"}  # a chain's head is never removed
    assert granted == expected | {"alembic_version": {"SELECT"}}
    for privilege in ("CREATE",):
        has = await owner.scalar(
            text("SELECT has_schema_privilege(:role, 'public', :privilege)"),
            {"role": SERVICE_ROLE, "privilege": privilege},
        )
        assert has is False
    owners = await owner.execute(
        text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    )
    assert set(owners.scalars()) == {OWNER_ROLE}
