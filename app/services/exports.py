"""Lists as files: what the caller may read, in the columns of the import's template.

Reading data out is an act: one audit entry says what was asked for, how many rows went out, and the
digest of the file. The file is written first and sent after: the entry is committed before the
first byte leaves, and a refusal (too many rows for a sheet) is an answer and no broken file.
"""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.actor import Actor, region_prefix
from app.domain.calendar import shanghai_date
from app.domain.library_lists import ExportEncoding, ExportFormat
from app.domain.lifecycle import JointPart
from app.domain.masking import mask_name, mask_text
from app.services.runtime import Runtime
from app.storage import checklists, exports, joint_items, officers, organisation
from app.storage.checklists import ItemFilter
from app.storage.engine import Reading
from app.storage.exports import EventFilter
from app.storage.joint_items import JointFilter
from app.storage.object_search import ObjectFilter
from app.storage.officers import OfficerFilter
from app.storage.paging import Paging, Slice
from app.tabular.export_file import Written, begin_export
from app.tabular.export_rows import (
    EventLine,
    ObjectLine,
    event_cells,
    item_cells,
    joint_cells,
    object_cells,
    officer_cells,
)
from app.tabular.templates import TemplateKind, template_headers, template_row, template_title
from app.tabular.writer import Cell

Rows = list[Sequence[Cell]]
Batches = AsyncIterator[Rows]
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Form:
    """What a list is written as."""

    format: ExportFormat
    encoding: ExportEncoding


@dataclass(frozen=True, slots=True)
class Export:
    """A file for the caller."""

    written: Written
    title: str
    day: dt.date
    form: Form


@dataclass(frozen=True, slots=True)
class _List:
    """What is written: the sheet's name, its headers, and how its rows are read."""

    action: str
    title: str
    headers: Sequence[str]
    rows: Callable[[Reading], Batches]
    asked: dict[str, Any]


class ExportService:
    """Exports of the libraries and lists."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def objects(self, actor: Actor, wanted: ObjectFilter, form: Form) -> Export:
        """The object library."""
        kind = TemplateKind.OBJECTS

        async def rows(session: Reading) -> Batches:
            async for batch in exports.object_batches(session, actor.scope, wanted):
                yield [
                    template_row(kind, object_cells(_object_line(row, tags, libraries)))
                    for row, tags, libraries in batch
                ]

        return await self._write(actor, _list("object.exported", kind, rows, wanted), form)

    async def officers(self, actor: Actor, wanted: OfficerFilter, form: Form) -> Export:
        """The officer library."""
        kind = TemplateKind.OFFICERS

        async def rows(session: Reading) -> Batches:
            async for found in _pages(
                lambda paging: officers.list_officers(session, actor.scope, paging, wanted)
            ):
                lines = await organisation.business_lines_by_id(
                    session, {o.business_line_id for o in found if o.business_line_id}
                )
                names = {line_id: line.name for line_id, line in lines.items()}
                yield [
                    template_row(kind, officer_cells(o, names.get(o.business_line_id)))
                    for o in found
                ]

        return await self._write(actor, _list("officer.exported", kind, rows, wanted), form)

    async def items(self, actor: Actor, wanted: ItemFilter, form: Form) -> Export:
        """The checklist as the department works on it."""
        kind = TemplateKind.CHECKLIST

        async def rows(session: Reading) -> Batches:
            async for found in _pages(
                lambda paging: checklists.list_items(session, actor.scope, paging, wanted)
            ):
                units = await organisation.departments_by_id(
                    session, {item.department_id for item in found}
                )
                yield _item_rows(found, lambda item: units[item.department_id].name)  # noqa: B023

        return await self._write(actor, _list("checklist.exported", kind, rows, wanted), form)

    async def version(self, actor: Actor, version_id: UUID, form: Form) -> Export:
        """A published checklist, as it was published."""
        async with self._db.reading() as session:
            version = await checklists.get_version(session, version_id)

        async def rows(session: Reading) -> Batches:
            found = await checklists.items_of_version(session, version_id)
            yield _item_rows(found, lambda _: version.department.name)

        listed = _list("checklist_version.exported", TemplateKind.CHECKLIST, rows, None)
        listed.asked["version_id"] = str(version_id)
        return await self._write(actor, listed, form)

    async def joint_items(self, actor: Actor, wanted: JointFilter, form: Form) -> Export:
        """The joint list of the region and below it."""
        kind = TemplateKind.JOINT_CHECKLIST
        prefix = region_prefix(actor.region_code)

        async def rows(session: Reading) -> Batches:
            async for found in _pages(
                lambda paging: joint_items.list_items(session, prefix, paging, wanted)
            ):
                units = await joint_items.units_of(session, [item.id for item in found])
                yield [
                    template_row(
                        kind,
                        joint_cells(
                            item,
                            [u.name for u in units[item.id] if u.part is JointPart.INITIATING],
                            [u.name for u in units[item.id] if u.part is JointPart.COOPERATING],
                        ),
                    )
                    for item in found
                ]

        return await self._write(actor, _list("joint_item.exported", kind, rows, wanted), form)

    async def events(self, actor: Actor, wanted: EventFilter, form: Form) -> Export:
        """What happened to the objects of the library."""
        kind = TemplateKind.OBJECT_EVENTS

        async def rows(session: Reading) -> Batches:
            async for batch in exports.event_batches(session, actor.scope, wanted):
                yield [template_row(kind, event_cells(EventLine(*row))) for row in batch]

        return await self._write(actor, _list("object_event.exported", kind, rows, wanted), form)

    async def _write(self, actor: Actor, listed: _List, form: Form) -> Export:
        """Write the file in one snapshot, then say in the trace that it goes out."""
        file = begin_export(form.format, form.encoding, listed.title, listed.headers)
        try:
            async with self._db.snapshot() as session:
                await exports.take_turn(session)
                async for rows in listed.rows(session):
                    await asyncio.to_thread(file.write, rows)
            written = await asyncio.to_thread(file.finish)
        except BaseException:
            file.discard()
            raise
        try:
            async with self._db.unit_of_work(actor) as uow:
                subject = ("department", actor.department_id or actor.region_code)
                uow.audit(
                    listed.action,
                    *subject,
                    after={"rows": written.rows, "format": form.format.value} | listed.asked,
                    file_sha256=written.sha256,
                )
                day = shanghai_date(uow.now)
        except BaseException:
            written.content.close()
            raise
        return Export(written, listed.title, day, form)


async def read_pieces(export: Export) -> AsyncIterator[bytes]:
    """The file, piece by piece; it ends with the reading."""
    try:
        while piece := await asyncio.to_thread(export.written.content.read, 256 * 1024):
            yield piece
    finally:
        export.written.content.close()


async def _pages(page: Callable[[Paging], Any]) -> AsyncIterator[Sequence[Any]]:
    cursor: str | None = None
    while True:
        cut: Slice[Any] = await page(Paging(_PAGE, cursor))
        if cut.items:
            yield cut.items
        cursor = cut.next_cursor
        if cursor is None:
            return


def _list(
    action: str, kind: TemplateKind, rows: Callable[[Reading], Batches], wanted: Any
) -> _List:
    return _List(action, template_title(kind), template_headers(kind), rows, _asked(wanted))


def _asked(wanted: Any) -> dict[str, Any]:
    """The filters of an export for the trace: what was typed may be the name of a person."""
    mask = mask_name if isinstance(wanted, OfficerFilter) else mask_text
    if wanted is None:
        return {}
    asked = {name: value for name, value in dataclasses.asdict(wanted).items() if value is not None}
    return {
        name: mask(value) if name == "q" else value if isinstance(value, bool) else str(value)
        for name, value in asked.items()
        if name != "sort"
    }


def _object_line(row: Any, tags: Sequence[str], libraries: Sequence[str]) -> ObjectLine:
    return ObjectLine(
        code=row.code,
        name=row.name,
        kind=row.kind.value,
        address=row.address,
        area_code=row.area_code,
        status=row.status.value,
        risk_class=row.risk_class.value,
        risk_source=row.risk_source,
        risk_on=row.risk_on,
        industry_code=row.industry_code,
        tags=tags,
        special_libraries=libraries,
        responsible_code=row.responsible_code,
    )


def _item_rows(items: Sequence[Any], department_name: Callable[[Any], str]) -> Rows:
    return [
        template_row(TemplateKind.CHECKLIST, cells)
        for item in items
        for cells in item_cells(item, department_name(item))
    ]
