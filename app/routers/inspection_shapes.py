"""From what services found to the wire shapes of sheets and inspections."""

from app.domain.actor import Actor
from app.domain.calendar import end_of_day
from app.domain.deadlines import PUBLICATION_WORKING_DAYS
from app.domain.inspection_actions import INSPECTION
from app.domain.lifecycle import InspectionStatus, ResultCode
from app.domain.results import AcknowledgementFacts, witness_is_advised
from app.models.inspection import Inspection
from app.schemas.actions import allowed_actions
from app.schemas.inspection_sheets import (
    SectionStateRead,
    SheetItemRead,
    SheetRead,
    SheetSectionRead,
    SheetSummaryRead,
    SheetTaskRead,
)
from app.schemas.inspections import (
    AcknowledgementRead,
    FindingRead,
    InspectionDayRead,
    InspectionDeadlineRead,
    InspectionRead,
    InspectionSummaryRead,
    NoticeRead,
    RecordRead,
    ResultRead,
    ReviewRead,
    TeamMemberRead,
)
from app.schemas.object_cases import ObjectFlagBrief
from app.services.inspections import (
    DeadlineView,
    InspectionView,
    SheetSummary,
    SheetView,
)
from app.services.publications import result_labels
from app.storage.inspections import Record, Section

WITH_RESULT = frozenset(
    {InspectionStatus.ENTERED, InspectionStatus.REVIEWED, InspectionStatus.PUBLISHED}
)


def _result_code(inspection: Inspection) -> ResultCode | None:
    # A returned result is no result: the state says that it is open again.
    return inspection.result_code if inspection.status in WITH_RESULT else None


def inspection_summary(section: Section) -> InspectionSummaryRead:
    """An inspection in a list."""
    return InspectionSummaryRead.model_validate(_summary(section))


def _summary(section: Section) -> dict[str, object]:
    inspection, sheet = section.inspection, section.sheet
    return {
        "id": inspection.id,
        "sheet_id": sheet.id,
        "sheet_no": sheet.sheet_no,
        "plan_no": section.plan.plan_no,
        "plan_task_id": section.task.id,
        "plan_task_code": section.task.code,
        "object_code": sheet.object_code,
        "object_name": sheet.object_snapshot["name"],
        "department_code": section.department.code,
        "department_name": section.department.name,
        "region_code": inspection.region_code,
        "status": inspection.status,
        "result_code": _result_code(inspection),
        "ended_on": inspection.ended_on,
        "due_on": inspection.due_on,
        "due_state": inspection.due_state,
        "published_at": inspection.published_at,
    }


def inspection_read(view: InspectionView, actor: Actor) -> InspectionRead:
    """An inspection as the caller may see it."""
    inspection, record = view.section.inspection, view.record
    shaped: dict[str, object] = _summary(view.section) | {
        "whole": view.whole,
        "started_at": inspection.started_at,
        "ended_at": inspection.ended_at,
        "team": [TeamMemberRead.model_validate(officer) for officer in record.officers],
        "publication_id": record.publication.id if record.publication else None,
        "object_flags": [ObjectFlagBrief.model_validate(flag) for flag in record.flags],
        "allowed_actions": allowed_actions(INSPECTION, view.standing, actor),
    }
    if view.whole:
        shaped |= {
            "notice": NoticeRead.model_validate(record.notice) if record.notice else None,
            "record": _record(inspection, record),
            "acknowledgement": _acknowledgement(record),
            "result": _result(inspection),
            "review": _review(inspection),
        }
    return InspectionRead.model_validate(shaped)


def _record(inspection: Inspection, record: Record) -> RecordRead | None:
    if not record.findings:
        return None
    return RecordRead(
        methods=inspection.methods,
        place=inspection.place,
        present=inspection.present,
        statement=inspection.statement,
        findings=[
            FindingRead(
                item_version_id=item.id,
                item_code=item.code,
                item_name=item.name,
                outcome=finding.outcome,
                problem=finding.problem,
                measure=finding.measure,
            )
            for finding, item in record.findings
        ],
    )


def _acknowledgement(record: Record) -> AcknowledgementRead | None:
    found = record.acknowledgement
    if found is None:
        return None
    shaped = AcknowledgementRead.model_validate(found)
    shaped.witness_advised = witness_is_advised(
        AcknowledgementFacts(kind=found.kind, witness_name=found.witness_name)
    )
    return shaped


def _result(inspection: Inspection) -> ResultRead | None:
    if inspection.result_code is None:
        return None
    return ResultRead(
        result_code=inspection.result_code,
        result_text=result_labels()[inspection.result_code.value],
        note=inspection.result_note,
        details=inspection.result_details,
        entered_by=inspection.entered_by,
        entered_at=inspection.entered_at,
    )


def _review(inspection: Inspection) -> ReviewRead | None:
    if inspection.reviewed_by is None or inspection.reviewed_at is None:
        return None
    return ReviewRead(
        reviewed_by=inspection.reviewed_by,
        reviewed_at=inspection.reviewed_at,
        opinion=inspection.review_opinion,
    )


def deadline_read(view: DeadlineView) -> InspectionDeadlineRead:
    """The 20 working days, told."""
    inspection = view.inspection
    return InspectionDeadlineRead.model_validate(
        {
            "inspection_id": inspection.id,
            "ended_on": inspection.ended_on,
            "working_days": PUBLICATION_WORKING_DAYS,
            "due_on": inspection.due_on,
            "state": view.state,
            "missing_year": view.missing_year,
            "end_of_day": end_of_day(inspection.due_on) if inspection.due_on else None,
            "published_at": inspection.published_at,
            "overdue": view.overdue,
            "days": [InspectionDayRead.model_validate(day) for day in view.days],
        }
    )


def section_state(section: Section) -> dict[str, object]:
    """How far a department's section of a sheet is."""
    return {
        "inspection_id": section.inspection.id,
        "department_code": section.department.code,
        "department_name": section.department.name,
        "status": section.inspection.status,
        "result_code": _result_code(section.inspection),
        "due_on": section.inspection.due_on,
        "published_at": section.inspection.published_at,
    }


def sheet_summary(summary: SheetSummary) -> SheetSummaryRead:
    """A sheet in a list."""
    sheet = summary.sheet
    return SheetSummaryRead(
        id=sheet.id,
        sheet_no=sheet.sheet_no,
        region_code=sheet.region_code,
        draw_id=sheet.draw_id,
        plan_task_id=sheet.plan_task_id,
        object_code=sheet.object_code,
        object_name=sheet.object_snapshot["name"],
        deadline_on=sheet.deadline_on,
        created_at=sheet.created_at,
        complete=summary.complete,
        sections=[
            SectionStateRead.model_validate(section_state(section)) for section in summary.sections
        ],
    )


def sheet_read(view: SheetView, actor: Actor) -> SheetRead:
    """The whole sheet; every sheet has a section, and all are of one task."""
    sheet, first = view.summary.sheet, view.summary.sections[0]
    return SheetRead(
        id=sheet.id,
        sheet_no=sheet.sheet_no,
        region_code=sheet.region_code,
        draw_id=sheet.draw_id,
        object_code=sheet.object_code,
        object=sheet.object_snapshot,
        task=_task(first),
        deadline_on=sheet.deadline_on,
        created_at=sheet.created_at,
        complete=view.summary.complete,
        sections=[_sheet_section(view, section, actor) for section in view.summary.sections],
    )


def _task(section: Section) -> SheetTaskRead:
    task, plan = section.task, section.plan
    return SheetTaskRead(
        id=task.id,
        code=task.code,
        name=task.name,
        plan_no=plan.plan_no,
        plan_name=plan.name,
        targeted=task.targeted,
        methods=task.methods,
        period_from=task.period_from,
        period_to=task.period_to,
    )


def _sheet_section(view: SheetView, section: Section, actor: Actor) -> SheetSectionRead:
    team = view.teams.get(section.inspection.id, ())
    items = view.items.get(section.department.id, ())
    return SheetSectionRead.model_validate(
        section_state(section)
        | {
            "team": [TeamMemberRead.model_validate(officer) for officer in team],
            "items": [SheetItemRead.model_validate(item) for item in items],
            "allowed_actions": allowed_actions(
                INSPECTION, view.standings[section.inspection.id], actor
            ),
        }
    )
