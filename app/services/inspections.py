"""Reading inspection sheets and inspections, explaining deadlines, and locking for a step."""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from uuid import UUID

from app.domain.actions import require
from app.domain.actor import Actor
from app.domain.deadlines import CountedDay, DueState, due_date, explain, is_overdue
from app.domain.errors import RuleError
from app.domain.inspection_actions import INSPECTION, InspectionFacts
from app.domain.publication import sheet_is_complete
from app.domain.refusals import general
from app.models.checklist import ItemVersion
from app.models.inspection import (
    Acknowledgement,
    Finding,
    Inspection,
    InspectionOfficer,
    InspectionSheet,
    Notice,
)
from app.services.runtime import Runtime
from app.storage import calendar, inspections
from app.storage.inspections import InspectionFilter, Record, Section
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class InspectionView:
    """An inspection and what was recorded of it.

    `whole` is False for another participant of a joint sheet: state and result, nothing more.
    """

    section: Section
    record: Record
    whole: bool = True

    @property
    def standing(self) -> InspectionFacts:
        """What the rules ask."""
        record = self.record
        return facts_of(
            self.section, record.officers, record.notice, record.acknowledgement, record.findings
        )


def facts_of(
    section: Section,
    team: Sequence[InspectionOfficer],
    notice: Notice | None,
    acknowledgement: Acknowledgement | None,
    findings: Sized,
) -> InspectionFacts:
    """How an inspection stands, for `app/domain/inspection_actions.py`."""
    inspection = section.inspection
    return InspectionFacts(
        department_id=inspection.department_id,
        status=inspection.status,
        methods=section.task.methods,
        team=frozenset(member.officer_id for member in team),
        notice_sent_at=None if notice is None else notice.sent_at,
        findings=len(findings),
        acknowledged=acknowledgement is not None,
        entered_by=inspection.entered_by,
    )


@dataclass(frozen=True, slots=True)
class Locked:
    """The caller's own section, locked for a step that the rules let it take."""

    section: Section
    team: Sequence[InspectionOfficer]
    notice: Notice | None
    acknowledgement: Acknowledgement | None
    findings: Mapping[UUID, Finding]


async def lock_for(uow: UnitOfWork, operation: str, inspection_id: UUID, version: int) -> Locked:
    """Lock a section for a step: the rules first (who came too late learns where things stand)."""
    session = uow.session
    section = await inspections.lock_section(session, inspection_id, uow.actor.scope)
    team = await inspections.team_of(session, inspection_id)
    notice = await inspections.find_notice(session, inspection_id)
    acknowledgement = await inspections.find_acknowledgement(session, inspection_id)
    findings = await inspections.findings_of(session, inspection_id)
    facts = facts_of(section, team, notice, acknowledgement, findings)
    require(INSPECTION, operation, facts, uow.actor)
    if section.inspection.row_version != version:
        raise RuleError(general.STALE_VERSION)
    return Locked(section, team, notice, acknowledgement, findings)


@dataclass(frozen=True, slots=True)
class SheetSummary:
    """A sheet with the state of its sections; `complete` is derived (R20)."""

    sheet: InspectionSheet
    sections: Sequence[Section]

    @property
    def complete(self) -> bool:
        """Whether every section that counts is published."""
        return sheet_is_complete(section.inspection.status for section in self.sections)


@dataclass(frozen=True, slots=True)
class SheetView:
    """The whole sheet: what each department checks there, and with whom."""

    summary: SheetSummary
    items: Mapping[UUID, Sequence[ItemVersion]]
    teams: Mapping[UUID, Sequence[InspectionOfficer]]
    standings: Mapping[UUID, InspectionFacts]
    """What the rules ask of each section, by inspection."""


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """When an inspection must be published, and how that day was counted."""

    inspection: Inspection
    state: str
    missing_year: int | None
    overdue: bool
    days: tuple[CountedDay, ...]


NOT_ENDED = "not_ended"


class InspectionService:
    """Use cases that read."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database
        self._clock = runtime.clock

    async def list(
        self, actor: Actor, filters: InspectionFilter, paging: Paging
    ) -> tuple[Slice[Inspection], list[Section]]:
        """Inspections the caller may know of, with what they belong to."""
        async with self._db.reading() as session:
            cut = await inspections.list_inspections(session, actor.scope, filters, paging)
            ids = [one.id for one in cut.items]
            sections = await inspections.sections_by_id(session, ids)
        return cut, [sections[one] for one in ids]

    async def get(self, actor: Actor, inspection_id: UUID) -> InspectionView:
        """An inspection; another participant of the sheet sees its state and result."""
        async with self._db.reading() as session:
            section = await inspections.get_section(session, inspection_id, actor.scope)
            record = await inspections.get_record(session, inspection_id)
        own = section.department.id == actor.department_id
        return InspectionView(section, record, whole=own or actor.scope.reads_region)

    async def deadline(self, actor: Actor, inspection_id: UUID) -> DeadlineView:
        """The 20 working days of an inspection, day by day (R19)."""
        async with self._db.reading() as session:
            section = await inspections.get_section(session, inspection_id, actor.scope)
            loaded = await calendar.load_calendar(session)
        inspection = section.inspection
        if inspection.ended_on is None:
            return DeadlineView(inspection, NOT_ENDED, None, overdue=False, days=())
        if inspection.due_on is None:
            due = due_date(loaded, inspection.ended_on)
            return DeadlineView(
                inspection, str(inspection.due_state), due.missing_year, overdue=False, days=()
            )
        published_at = inspection.published_at
        return DeadlineView(
            inspection,
            DueState.COMPUTED,
            None,
            overdue=is_overdue(inspection.due_on, published_at or self._clock.now()),
            days=explain(loaded, inspection.ended_on),
        )

    async def list_sheets(
        self, actor: Actor, paging: Paging, object_code: str | None, plan_task_id: UUID | None
    ) -> tuple[Slice[InspectionSheet], Sequence[SheetSummary]]:
        """Sheets in which the caller's department has a section (or of the region)."""
        async with self._db.reading() as session:
            cut = await inspections.list_sheets(
                session, actor.scope, paging, object_code=object_code, plan_task_id=plan_task_id
            )
            sections = await inspections.sections_of(session, [sheet.id for sheet in cut.items])
        return cut, [SheetSummary(sheet, sections[sheet.id]) for sheet in cut.items]

    async def get_sheet(self, actor: Actor, sheet_id: UUID) -> SheetView:
        """《执法检查表》: one merged sheet, a section per department (F21)."""
        async with self._db.reading() as session:
            sheet = await inspections.get_sheet(session, sheet_id, actor.scope)
            sections = (await inspections.sections_of(session, [sheet_id]))[sheet_id]
            teams = await inspections.teams_of_sheet(session, sheet_id)
            items: dict[UUID, list[ItemVersion]] = {}
            for item in await inspections.items_of(session, sheet.plan_task_id):
                items.setdefault(item.department_id, []).append(item)
            around = await inspections.around(session, [one.inspection.id for one in sections])
        standings = {
            one.inspection.id: facts_of(
                one, teams.get(one.inspection.id, ()), *around[one.inspection.id]
            )
            for one in sections
        }
        return SheetView(SheetSummary(sheet, sections), items, teams, standings)
