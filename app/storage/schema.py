"""Which migration the database is at; the service refuses to start on another."""

from pathlib import Path

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.storage.engine import Database

log = structlog.get_logger("app.schema")
HEAD_FILE = Path(__file__).resolve().parents[2] / "migrations" / "versions" / "HEAD"


class StaleSchemaError(RuntimeError):
    """The database is not at the revision that this code was written for."""


def expected_revision() -> str:
    """The one head, as the text file beside the migrations says."""
    return HEAD_FILE.read_text(encoding="utf-8").strip()


async def current_revision(database: Database) -> str | None:
    """The revision the database is at, or None when it was never migrated."""
    async with database.connection() as connection:
        exists = await connection.scalar(text("SELECT to_regclass('alembic_version')::text"))
        if exists is None:
            return None
        found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)


async def refuse_stale_schema(database: Database) -> None:
    """Raise unless the database is at the expected revision."""
    found, wanted = await current_revision(database), expected_revision()
    if found != wanted:
        msg = f"the database is at migration {found}, this code needs {wanted}: run `migrate`"
        raise StaleSchemaError(msg)


async def is_ready(database: Database) -> bool:
    """Whether the database answers and is at the expected revision."""
    try:
        return await current_revision(database) == expected_revision()
    except (OSError, SQLAlchemyError, TimeoutError) as error:
        log.warning("not_ready", error=type(error).__name__)
        return False


async def may_rewrite_history(database: Database) -> bool:
    """Whether the connected role may change audit entries, so that only triggers protect them."""
    async with database.connection() as connection:
        return bool(
            await connection.scalar(text("SELECT has_table_privilege('audit_entry', 'UPDATE')"))
        )
