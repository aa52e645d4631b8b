"""What a backup and the check of a restored database ask PostgreSQL: all tables, all regions.

For the operator's commands only, on the owner's connection: nothing here knows a caller's scope.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from app.domain.lifecycle import DrawStatus
from app.models.draw import Draw, DrawFile
from app.settings import asyncpg_url

_OURS = """
    n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
"""
_NO_EXTENSION = """
    NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = {oid} AND d.classid = '{kind}'::regclass
                AND d.deptype = 'e')
"""
_TABLES = f"""
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND {_OURS} AND {_NO_EXTENSION.format(oid="c.oid", kind="pg_class")}
    ORDER BY 1
"""  # noqa: S608  constants only
_CONTENTS = f"""
    SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {_OURS}
              AND {_NO_EXTENSION.format(oid="c.oid", kind="pg_class")})
         + (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE {_OURS} AND {_NO_EXTENSION.format(oid="p.oid", kind="pg_proc")})
         + (SELECT count(*) FROM pg_namespace n WHERE {_OURS} AND n.nspname <> 'public')
"""  # noqa: S608  constants only
_DIGEST = """
    SELECT count(*), coalesce(sum(hashtextextended(sunlot_row::text, 0)::numeric), 0)::text
    FROM {table} AS sunlot_row
"""
_STEADY = (
    # Long reads are what this is for; and a row's text must be the same on every server.
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL intervalstyle = 'postgres'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 1",
)


@dataclass(frozen=True, slots=True)
class TableDigest:
    """How many rows a table has, and the sum of their hashes whatever their order."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Server:
    """The server behind a connection."""

    version: str
    major: int


@dataclass(frozen=True, slots=True)
class RevealedDraw:
    """A draw whose outcome is known, with the two hashes that were published before."""

    id: UUID
    draw_no: str
    region_code: str
    manifest_sha256: str
    commits_sha256: str | None


async def begin_long_reading(session: AsyncSession) -> None:
    """Settings of this transaction for a backup or a check, which may take hours."""
    for statement in _STEADY:
        await session.execute(text(statement))


async def server(session: AsyncSession) -> Server:
    """The version of the server."""
    row = (
        await session.execute(
            text(
                "SELECT current_setting('server_version'),"
                " current_setting('server_version_num')::int / 10000"
            )
        )
    ).one()
    return Server(str(row[0]).split(" ")[0], int(row[1]))


async def export_snapshot(session: AsyncSession) -> str:
    """A name under which pg_dump sees exactly what this transaction sees, while it lasts."""
    return str(await session.scalar(text("SELECT pg_export_snapshot()")))


async def digests(session: AsyncSession) -> dict[str, TableDigest]:
    """Every table of the database, in every schema of ours."""
    names: Sequence[str] = (await session.execute(text(_TABLES))).scalars().all()
    found = {}
    for name in names:
        rows, checksum = (
            await session.execute(
                text(_DIGEST.format(table=name))  # quoted by the catalogue
            )
        ).one()
        found[name] = TableDigest(int(rows), str(checksum))
    return found


async def count_contents(session: AsyncSession) -> int:
    """How many relations, functions and schemas the database has: 0 for one that is empty."""
    return int(await session.scalar(text(_CONTENTS)) or 0)


async def role_exists(session: AsyncSession, role: str) -> bool:
    """Whether the server knows the role."""
    query = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")
    return bool(await session.scalar(query, {"role": role}))


async def unguarded(session: AsyncSession, tables: Sequence[str]) -> list[str]:
    """Of the tables that keep history, those without both of their enabled triggers."""
    query = text(
        "SELECT t.name FROM unnest(CAST(:tables AS text[])) AS t (name) WHERE 2 > ("
        " SELECT count(*) FROM pg_trigger g WHERE g.tgrelid = to_regclass(t.name)"
        " AND g.tgname IN ('insert_only', 'no_truncate') AND g.tgenabled IN ('O', 'A'))"
    )
    return list((await session.execute(query, {"tables": list(tables)})).scalars())


async def may_rewrite(session: AsyncSession, role: str, tables: Sequence[str]) -> list[str]:
    """Of the tables that keep history, those that the role can change or can not read."""
    query = text(
        "SELECT t.name FROM unnest(CAST(:tables AS text[])) AS t (name)"
        " WHERE has_table_privilege(:role, t.name, 'UPDATE')"
        " OR has_table_privilege(:role, t.name, 'DELETE')"
        " OR has_table_privilege(:role, t.name, 'TRUNCATE')"
        " OR NOT has_table_privilege(:role, t.name, 'SELECT')"
        " OR NOT has_table_privilege(:role, t.name, 'INSERT')"
    )
    return list((await session.execute(query, {"role": role, "tables": list(tables)})).scalars())


async def revealed_draws(session: AsyncSession) -> list[RevealedDraw]:
    """Every draw that has an outcome, oldest first."""
    query = (
        select(Draw.id, Draw.draw_no, Draw.region_code, Draw.manifest_sha256, Draw.commits_sha256)
        .where(Draw.seed.is_not(None))
        .order_by(Draw.id)
    )
    return [RevealedDraw(*row) for row in await session.execute(query)]


async def draw_ids(session: AsyncSession) -> list[UUID]:
    """Every draw, whatever has become of it, oldest first."""
    return list((await session.execute(select(Draw.id).order_by(Draw.id))).scalars())


async def frozen_files(
    session: AsyncSession, draw_id: UUID
) -> tuple[str, str, str, dict[str, tuple[str, bytes]]]:
    """A draw's number, manifest and its digest, and digest and content of each stored file."""
    manifest = select(Draw.draw_no, Draw.manifest, Draw.manifest_sha256).where(Draw.id == draw_id)
    draw_no, text_of, sha256 = (await session.execute(manifest)).one()
    files = select(DrawFile.name, DrawFile.sha256, DrawFile.content).where(
        DrawFile.draw_id == draw_id
    )
    found = {name: (digest, content) for name, digest, content in await session.execute(files)}
    return draw_no, text_of, sha256, found


async def sealed_secrets(session: AsyncSession) -> list[tuple[str, str, bytes]]:
    """(number, commitment, sealed secret) of every draw that is still to be revealed."""
    query = (
        select(Draw.draw_no, Draw.server_commit, Draw.sealed_secret)
        .where(Draw.seed.is_(None), Draw.status != DrawStatus.ANNULLED)
        .order_by(Draw.id)
    )
    return [(number, commit, sealed) for number, commit, sealed in await session.execute(query)]


async def run_as_owner(url: str, statements: Sequence[str]) -> None:
    """Statements of one transaction on a connection of their own."""
    await _run(url, statements, autocommit=False)


async def run_outside_transaction(url: str, statement: str) -> None:
    """A statement that admits no transaction: CREATE DATABASE, DROP DATABASE."""
    await _run(url, (statement,), autocommit=True)


async def _run(url: str, statements: Sequence[str], *, autocommit: bool) -> None:
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
    engine = create_async_engine(asyncpg_url(url), poolclass=NullPool, **options)
    try:
        async with engine.begin() as connection:
            await _execute(connection, statements)
    finally:
        await engine.dispose()


async def _execute(connection: AsyncConnection, statements: Sequence[str]) -> None:
    for statement in statements:
        await connection.execute(text(statement))
