"""The template, its clones, and a Database whose sessions share one rolled-back connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.clock import Clock, SystemClock
from app.local_postgres import LocalPostgres
from app.migrate import migrate
from app.services.reference_data import ReferenceService
from app.services.runtime import make_runtime
from app.settings import Settings
from app.storage.engine import Database

TEMPLATE = "template_sunlot"


class SavepointDatabase(Database):
    """Every session joins the test's outer transaction with a savepoint of its own."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        super().__init__(connection.engine, clock)
        self._connection = connection

    def _session(self, isolation: str | None) -> AsyncSession:
        return AsyncSession(
            self._connection,
            expire_on_commit=False,
            autoflush=False,
            join_transaction_mode="create_savepoint",
        )

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        yield self._connection


def settings_for(server: LocalPostgres, database: str, folder: Path) -> Settings:
    """Settings of a test process."""
    return Settings(
        environment="test",
        database_url=SecretStr(server.service_dsn(database)),
        database_admin_url=SecretStr(server.admin_dsn(database)),
        secret_key=SecretStr("test-" * 10),
        seal_key=SecretStr("5e" * 32),
        data_dir=folder,
        password_hash_cost="test",
        access_token_seconds=86_400,  # tests move the clock by hours
        rate_limit_account=1_000_000,
        rate_limit_ip=1_000_000,
        rate_limit_sign_in_ip=1_000_000,
        rate_limit_sign_in_name=1_000_000,
        log_json=False,
    )


async def make_template(server: LocalPostgres) -> None:
    """Migrate and seed the template once."""
    server.ensure_database(TEMPLATE)
    settings = settings_for(server, TEMPLATE, Path("unused"))
    await migrate(settings)
    database = Database.from_settings(settings, SystemClock())
    await ReferenceService(make_runtime(settings, database, SystemClock())).load_shipped()
    await database.close()


async def clone(server: LocalPostgres, template: str, name: str) -> None:
    """A copy of the template, as fast as the file system."""
    await _as_owner(server, f'DROP DATABASE IF EXISTS "{name}"')
    await _as_owner(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


async def drop(server: LocalPostgres, name: str) -> None:
    """Remove a clone with the sessions a failed test left in it.

    Not WITH (FORCE): that also counts an autovacuum worker, which runs as the superuser and which
    an owner may not end. A plain DROP asks such a worker to stop and waits for it.
    """
    await _as_owner(server, CLIENTS_OF.format(name=name), f'DROP DATABASE IF EXISTS "{name}"')


CLIENTS_OF = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = '{name}' AND backend_type = 'client backend'
"""


async def _as_owner(server: LocalPostgres, *statements: str) -> None:
    engine = create_async_engine(server.admin_dsn("postgres"), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()
