"""Brings the database to this release: migrations, then the grants of the service role.

An advisory lock lets one process migrate at a time; the others wait and then find nothing to do.
"""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.settings import Settings, asyncpg_url

ROOT = Path(__file__).resolve().parent.parent
LOCK_KEY = 715_052_500
INSERT_ONLY = (
    "audit_entry",
    "draw_file",
    "draw_contributor",
    "draw_commitment",
    "draw_opening",
    "selection",
    "team_member",
    "inspection_sheet",
    "notice",
    "publication",
    "item_version",
    "checklist_version",
    "object_event",
    "inspection_officer",
    "acknowledgement",
    "duty_transfer_item",
    "duty_transfer_officer",
    "officer_status_change",
    "headcount_declaration",
)
"""Tables that nobody may change or empty: by trigger for all, by grant for the service role."""


def alembic_config() -> Config:
    """The configuration of alembic.ini, wherever the process was started."""
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


def _upgrade(connection: Connection, revision: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def migrate(settings: Settings, revision: str = "head") -> None:
    """Upgrade the schema with the owner's role and grant the service role what it needs."""
    service_url = settings.database_url.get_secret_value()
    admin_url = settings.database_admin_url.get_secret_value() or service_url
    engine = create_async_engine(asyncpg_url(admin_url), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK_KEY})
            await connection.commit()
            await connection.run_sync(_upgrade, revision)
            await connection.commit()
            service_role = make_url(asyncpg_url(service_url)).username
            owner = make_url(asyncpg_url(admin_url)).username
            if service_role and service_role != owner:
                for statement in grants(service_role):
                    await connection.execute(text(statement))
                await connection.commit()
            await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK_KEY})
            await connection.commit()
    finally:
        await engine.dispose()


def grants(role: str) -> list[str]:
    """The statements that let the service role work, and not rewrite history."""
    name = '"' + role.replace('"', '""') + '"'
    return [
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}",
        *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}" for table in INSERT_ONLY),
        f"REVOKE DELETE, TRUNCATE ON audit_chain FROM {name}",
        f"REVOKE DELETE, TRUNCATE ON import_batch FROM {name}",
        f"GRANT EXECUTE ON FUNCTION delete_events_of_undone_batch(uuid) TO {name}",
        f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM {name}",
        f"GRANT USAGE ON SCHEMA jobs TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO {name}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO {name}",
    ]


def migrate_now(settings: Settings) -> None:
    """`migrate` for the command line."""
    asyncio.run(migrate(settings))
