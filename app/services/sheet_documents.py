"""《执法检查表》 as PDF, one and many, and whether a printed one still holds. Writes nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.documents.archive import Archive
from app.documents.renderer import Job, job_of, refuse_unprintable
from app.domain.actor import Actor
from app.domain.errors import RuleError
from app.domain.refusals import documents as refusals
from app.domain.sheet_content import PrintableSheet
from app.models.inspection import InspectionSheet
from app.services.runtime import Runtime
from app.services.sheet_contents import Shows, every_digest, printable_sheet
from app.storage import sheet_documents
from app.storage.sheet_documents import PrintFacts

SHEETS_AT_MOST = 1000
SHEETS_PER_PDF = 200
"""More in one file would take typst hundreds of megabytes."""


@dataclass(frozen=True, slots=True)
class SheetDocument:
    """A finished PDF."""

    name: str
    content: bytes
    sha256: str | None = None
    """Of the sheet's content, where the file is one sheet."""


class SheetDocumentService:
    """Use cases of printing."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database
        self._renderer = runtime.sheet_renderer
        base = runtime.settings.public_base_url.rstrip("/")
        self._check_url = f"{base}/api/v1/public/sheet-checks"

    async def print_one(self, actor: Actor, sheet_id: UUID) -> SheetDocument:
        """One sheet as the caller may see it; another department's record is not on it (F21)."""
        (sheet,) = await self.gather(actor, [sheet_id], None, SHEETS_PER_PDF)
        content = await self._set([sheet])
        return SheetDocument(f"{sheet.sheet_no}.pdf", content, sheet.sha256)

    async def gather(
        self,
        actor: Actor,
        sheet_ids: Sequence[UUID],
        plan_task_id: UUID | None,
        limit: int = SHEETS_AT_MOST,
    ) -> list[PrintableSheet]:
        """The sheets to print, in order; refuses too many, and what the font cannot print."""
        async with self._db.reading() as session:
            if plan_task_id is None:
                _refuse_more_than(limit, len(sheet_ids))
                sheets = await sheet_documents.sheets_in_order(session, actor.scope, sheet_ids)
            else:
                count = await sheet_documents.count_of_task(session, actor.scope, plan_task_id)
                _refuse_more_than(limit, count)
                sheets = await sheet_documents.sheets_of_task(
                    session, actor.scope, plan_task_id, limit
                )
            facts = await sheet_documents.print_facts(session, sheets)
        return await asyncio.to_thread(_prepare, sheets, facts, _reader(actor))

    async def print_together(self, sheets: Sequence[PrintableSheet]) -> SheetDocument:
        """All sheets in one PDF, each with its own page numbers."""
        return SheetDocument(_name(sheets), await self._set(sheets))

    async def pack(self, sheets: Sequence[PrintableSheet], per_file: int) -> AsyncIterator[bytes]:
        """A zip of PDFs of `per_file` sheets each, sent while the next one is being set."""
        archive = Archive()
        parts = [sheets[place : place + per_file] for place in range(0, len(sheets), per_file)]
        prepared = asyncio.create_task(self._job(parts[0]))
        try:
            for place, part in enumerate(parts):
                job = await prepared
                if place + 1 < len(parts):
                    # QR codes are drawn by Python while typst, outside of its lock, sets pages.
                    prepared = asyncio.create_task(self._job(parts[place + 1]))
                content = await asyncio.to_thread(self._renderer.render, job)
                yield archive.add(_name(part), content, job.printed_on)
            yield archive.close()
        finally:
            prepared.cancel()

    async def is_current(self, sheet_no: str, sha256: str) -> bool:
        """Whether a sheet printed now would carry this digest, for any of its readers."""
        async with self._db.reading() as session:
            sheet = await sheet_documents.sheet_by_number(session, sheet_no)
            facts = await sheet_documents.print_facts(session, [sheet])
        return sha256 in every_digest(sheet, facts)

    async def _job(self, sheets: Sequence[PrintableSheet]) -> Job:
        return await asyncio.to_thread(job_of, sheets, self._check_url)

    async def _set(self, sheets: Sequence[PrintableSheet]) -> bytes:
        return await asyncio.to_thread(self._renderer.render, await self._job(sheets))


def _reader(actor: Actor) -> Shows:
    every = actor.scope.reads_region or actor.scope.everything
    return lambda department: every or department == actor.department_id


def _prepare(
    sheets: Sequence[InspectionSheet], facts: PrintFacts, shows: Shows
) -> list[PrintableSheet]:
    ready = [printable_sheet(sheet, facts, shows) for sheet in sheets]
    refuse_unprintable(ready)
    return ready


def _refuse_more_than(limit: int, count: int) -> None:
    if count > limit:
        raise RuleError(
            refusals.TOO_MANY_SHEETS, count=count, limit=SHEETS_AT_MOST, pdf_limit=SHEETS_PER_PDF
        )


def _name(sheets: Sequence[PrintableSheet]) -> str:
    first, last = sheets[0].sheet_no, sheets[-1].sheet_no
    return f"{first}.pdf" if len(sheets) == 1 else f"{first}_{last}.pdf"
