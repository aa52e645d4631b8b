"""Many objects at once: COPY into a temporary table, compared and stored by few statements.

A file of 100,000 rows is compared with the library by joins, and goes into the three tables of the
library (subject, entry, first event) by INSERT … SELECT. The temporary table takes the types of its
columns from the tables that they will go to; a new column of `inspection_object` needs no more here
than its name among the values of a row.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.lifecycle import IdScheme, ObjectKind
from app.domain.object_history import FIELDS
from app.storage.uow import driver_of


@dataclass(frozen=True, slots=True)
class Staged:
    """A row of the file: what the subject is, what the entry says, and who answers for it."""

    subject: Mapping[str, Any]
    entry: Mapping[str, Any]
    responsible_code: str | None


@dataclass(frozen=True, slots=True)
class Met:
    """A subject of the region's library that has the code of a staged row."""

    position: int
    object_id: UUID
    kind: ObjectKind
    id_scheme: IdScheme
    entered: bool


@dataclass(frozen=True, slots=True)
class Making:
    """What all rows of an import share."""

    batch_id: UUID
    department_id: UUID
    region_code: str
    account_id: UUID | None
    event_kind: str
    effective_on: dt.date
    now: dt.datetime


class ObjectStaging:
    """The staged rows of one import, by their position (0, 1, …), inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._subject: tuple[str, ...] = ()
        self._entry: tuple[str, ...] = ()

    async def fill(self, rows: Iterable[Staged], ids: Iterable[tuple[UUID, UUID, UUID]]) -> None:
        """Stage rows in their order, each with the ids of its subject, entry and event."""
        every = iter(rows)
        first = next(every, None)
        if first is None:
            return
        self._subject, self._entry = tuple(first.subject), tuple(first.entry)
        columns = [f"o.{name}" for name in self._subject] + [f"e.{name}" for name in self._entry]
        make = f"""
            CREATE TEMPORARY TABLE IF NOT EXISTS staged_object ON COMMIT DROP AS
            SELECT 0 AS position, o.id, e.id AS entry_id, o.id AS event_id,
                o.code AS responsible_code, o.id AS joined_id, false AS dropped,
                o.responsible_object_id, {", ".join(columns)}
            FROM inspection_object o, library_entry e WITH NO DATA
            """  # noqa: S608  names of columns, from our own code
        await self._run(make)
        await self._run("TRUNCATE staged_object")
        driver = await driver_of(self._session)
        await driver.copy_records_to_table(
            "staged_object",
            columns=(
                "position", "id", "entry_id", "event_id", "responsible_code", "dropped",
                *self._subject, *self._entry,
            ),
            records=_records(itertools.chain((first,), every), ids),
        )  # fmt: skip
        await self._run(
            "CREATE UNIQUE INDEX IF NOT EXISTS staged_place ON staged_object (position)"
        )
        await self._run("CREATE INDEX IF NOT EXISTS staged_code ON staged_object (code)")
        await self._run("ANALYZE staged_object")

    async def met(self, department_id: UUID, region_code: str) -> list[Met]:
        """Rows whose code the region's library has, whoever entered it (codes are public)."""
        found = await self._run(
            "SELECT s.position, o.id, o.kind, o.id_scheme, e.id IS NOT NULL AS entered"
            " FROM staged_object s"
            " JOIN inspection_object o ON o.region_code = :region AND o.code = s.code"
            " LEFT JOIN library_entry e ON e.object_id = o.id AND e.department_id = :department",
            region=region_code,
            department=department_id,
        )
        return [
            Met(row.position, row.id, ObjectKind(row.kind), IdScheme(row.id_scheme), row.entered)
            for row in found
        ]

    async def responsible(self, region_code: str) -> dict[str, ObjectKind]:
        """The region's subjects that staged rows name as who answers for them, by code."""
        found = await self._run(
            "SELECT DISTINCT o.code, o.kind FROM staged_object s"
            " JOIN inspection_object o ON o.region_code = :region AND o.code = s.responsible_code",
            region=region_code,
        )
        return {row.code: ObjectKind(row.kind) for row in found}

    async def settle(
        self, joined: Mapping[int, UUID], dropped: Sequence[int], region_code: str
    ) -> None:
        """Say which rows join a subject that is there, and which are not stored."""
        if joined:
            await self._run(
                "UPDATE staged_object s SET joined_id = j.id"
                " FROM unnest(CAST(:places AS int[]), CAST(:ids AS uuid[])) AS j(position, id)"
                " WHERE s.position = j.position",
                places=list(joined),
                ids=list(joined.values()),
            )
        if dropped:
            await self._run(
                "UPDATE staged_object SET dropped = true"
                " WHERE position = ANY(CAST(:places AS int[]))",
                places=list(dropped),
            )
        await self._run(
            "UPDATE staged_object s SET responsible_object_id = COALESCE("
            " (SELECT r.id FROM staged_object r WHERE r.code = s.responsible_code"
            "  AND r.joined_id IS NULL AND NOT r.dropped),"
            " (SELECT COALESCE(o.merged_into_id, o.id) FROM inspection_object o"
            "  WHERE o.region_code = :region AND o.code = s.responsible_code))"
            " WHERE s.responsible_code IS NOT NULL AND NOT s.dropped",
            region=region_code,
        )

    async def store_subjects(self, making: Making, start: int, end: int) -> int:
        """Store the new subjects of some positions; one that somebody entered meanwhile is not."""
        names = ", ".join(self._subject)
        sql = f"""
            INSERT INTO inspection_object (id, region_code, responsible_object_id,
                import_batch_id, row_version, created_at, updated_at, {names})
            SELECT s.id, CAST(:region_code AS varchar), s.responsible_object_id,
                CAST(:batch_id AS uuid), 1, :now, :now, {names}
            FROM staged_object s WHERE s.joined_id IS NULL AND NOT s.dropped
                AND s.position >= :start AND s.position < :end ORDER BY s.position
            ON CONFLICT DO NOTHING
            """  # noqa: S608  names of columns, from our own code
        given = {"region_code": making.region_code, "batch_id": making.batch_id, "now": making.now}
        return await self._store(sql, given, start, end)

    async def store_entries(self, making: Making, start: int, end: int) -> int:
        """Store the department's entries for new and joined subjects of some positions."""
        names = ", ".join(self._entry)
        sql = f"""
            INSERT INTO library_entry (id, department_id, object_id, import_batch_id, created_at,
                {names})
            SELECT s.entry_id, CAST(:department AS uuid), COALESCE(s.joined_id, s.id),
                CAST(:batch_id AS uuid), :now, {names}
            FROM staged_object s WHERE NOT s.dropped
                AND s.position >= :start AND s.position < :end ORDER BY s.position
            """  # noqa: S608  names of columns, from our own code
        given = {"department": making.department_id, "batch_id": making.batch_id, "now": making.now}
        return await self._store(sql, given, start, end)

    async def store_events(self, making: Making, start: int, end: int) -> int:
        """Store the first event of the new subjects of some positions."""
        facts = ", ".join(f"'{name}', s.{name}" for name in FIELDS)
        sql = f"""
            INSERT INTO object_event (id, object_id, kind, effective_on, recorded_at, recorded_by,
                before, after, import_batch_id)
            SELECT s.event_id, s.id, CAST(:event_kind AS varchar), CAST(:effective_on AS date),
                :now, CAST(:account_id AS uuid), '{{}}'::jsonb, jsonb_build_object({facts}),
                CAST(:batch_id AS uuid)
            FROM staged_object s WHERE s.joined_id IS NULL AND NOT s.dropped
                AND s.position >= :start AND s.position < :end ORDER BY s.position
            """  # noqa: S608  names of columns, from our own code
        given = {
            "event_kind": making.event_kind,
            "effective_on": making.effective_on,
            "account_id": making.account_id,
            "batch_id": making.batch_id,
            "now": making.now,
        }
        return await self._store(sql, given, start, end)

    async def _store(self, sql: str, values: dict[str, Any], start: int, end: int) -> int:
        return (await self._run(sql, **values, start=start, end=end)).rowcount

    async def _run(self, sql: str, **values: Any) -> CursorResult[Any]:
        found = await self._session.execute(text(sql), values)
        assert isinstance(found, CursorResult)
        return found


def _records(
    rows: Iterable[Staged], ids: Iterable[tuple[UUID, UUID, UUID]]
) -> Iterable[tuple[Any, ...]]:
    for place, (row, three) in enumerate(zip(rows, ids, strict=False)):
        yield place, *three, row.responsible_code, False, *row.subject.values(), *row.entry.values()
