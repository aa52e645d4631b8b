"""From stored rows to what is printed of a sheet, for one reader."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import eq
from typing import Any
from uuid import UUID

from app.domain.lifecycle import InspectionStatus, ItemClass
from app.domain.sheet_content import (
    PrintableSheet,
    PrintedAcknowledgement,
    PrintedBasis,
    PrintedItem,
    PrintedOfficer,
    PrintedPoint,
    PrintedSection,
    PrintedSubject,
    PrintedTask,
    PrintedVisit,
    SheetContent,
    printable,
    shanghai_day,
    shanghai_minute,
)
from app.models.checklist import ItemVersion
from app.models.inspection import Acknowledgement, Finding, InspectionSheet
from app.storage.inspections import Section
from app.storage.sheet_documents import PrintFacts

Shows = Callable[[UUID], bool]
"""Whether the reader sees the record of a department's section."""

_WITH_RESULT = frozenset(
    {InspectionStatus.ENTERED, InspectionStatus.REVIEWED, InspectionStatus.PUBLISHED}
)
_REVIEWED = frozenset({InspectionStatus.REVIEWED, InspectionStatus.PUBLISHED})


def printable_sheet(sheet: InspectionSheet, facts: PrintFacts, shows: Shows) -> PrintableSheet:
    """The sheet as a reader gets it, with the digest of exactly that."""
    sections = facts.sections[sheet.id]
    snapshot = sheet.object_snapshot
    responsible = snapshot.get("responsible")
    return printable(
        SheetContent(
            sheet_id=str(sheet.id),
            sheet_no=sheet.sheet_no,
            issued_on=shanghai_day(sheet.created_at),
            deadline_on=shanghai_day(sheet.deadline_on),
            task=_task(sections[0], facts.draw_nos[sheet.draw_id]),
            subject=_subject(snapshot),
            responsible=None if responsible is None else _subject(responsible),
            sections=[
                _section(section, facts, shown=shows(section.department.id)) for section in sections
            ],
        )
    )


def every_digest(sheet: InspectionSheet, facts: PrintFacts) -> set[str]:
    """The digests of the sheet as it stands now: whole, and as each department gets it."""
    readers: list[Shows] = [lambda _: True]
    readers += [partial(eq, section.department.id) for section in facts.sections[sheet.id]]
    return {printable_sheet(sheet, facts, shows).sha256 for shows in readers}


def _task(section: Section, draw_no: str) -> PrintedTask:
    task, plan = section.task, section.plan
    return PrintedTask(
        plan_no=plan.plan_no,
        plan_name=plan.name,
        code=task.code,
        name=task.name,
        draw_no=draw_no,
        targeted=task.targeted,
        methods=task.methods,
        period_from=shanghai_day(task.period_from),
        period_to=shanghai_day(task.period_to),
    )


def _subject(kept: dict[str, Any]) -> PrintedSubject:
    return PrintedSubject(
        name=kept["name"],
        code=kept["code"],
        kind=kept["kind"],
        id_scheme=kept["id_scheme"],
        id_value=kept["id_value"],
        address=kept["address"],
        area_code=kept["area_code"],
        risk_class=kept["risk_class"],
    )


def _section(section: Section, facts: PrintFacts, *, shown: bool) -> PrintedSection:
    inspection = section.inspection
    items = facts.items.get((section.task.id, section.department.id), ())
    findings = facts.findings.get(inspection.id, {}) if shown else {}
    reviewed = shown and inspection.status in _REVIEWED
    acknowledged = facts.acknowledgements.get(inspection.id) if shown else None
    with_result = inspection.status in _WITH_RESULT and inspection.result_code is not None
    return PrintedSection(
        department=section.department.name,
        void=inspection.status is InspectionStatus.VOID,
        shown=shown,
        team=[
            PrintedOfficer(one.name, one.code, one.certificate_no, one.lead)
            for one in facts.teams.get(inspection.id, ())
        ],
        materials=_materials(items),
        items=[_item(item, findings.get(item.id)) for item in items],
        visit=_visit(section) if shown else PrintedVisit(),
        acknowledgement=None if acknowledged is None else _acknowledgement(acknowledged),
        result=inspection.result_code.value if with_result and inspection.result_code else None,
        result_note=inspection.result_note if with_result and shown else None,
        review_opinion=inspection.review_opinion if reviewed else None,
        reviewed=shanghai_minute(inspection.reviewed_at) if reviewed else None,
    )


def _materials(items: Sequence[ItemVersion]) -> list[str]:
    return list(dict.fromkeys(one for item in items for one in item.materials))


def _item(item: ItemVersion, finding: Finding | None) -> PrintedItem:
    return PrintedItem(
        code=item.code,
        name=item.name,
        sub_item=item.sub_item,
        key=item.item_class is ItemClass.KEY,
        bases=[
            PrintedBasis(str(basis.get("law") or ""), str(basis.get("article") or ""))
            for basis in item.legal_bases
        ],
        key_points=[_point(point) for point in item.key_points],
        outcome=None if finding is None else finding.outcome.value,
        problem=None if finding is None else finding.problem,
        measure=None if finding is None else finding.measure,
    )


def _point(point: Mapping[str, Any]) -> str | PrintedPoint:
    content, method = str(point["content"]), point.get("method")
    return PrintedPoint(content, str(method)) if method else content


def _visit(section: Section) -> PrintedVisit:
    inspection = section.inspection
    return PrintedVisit(
        started=shanghai_minute(inspection.started_at),
        ended=shanghai_minute(inspection.ended_at),
        place=inspection.place,
        present=inspection.present,
        statement=inspection.statement,
        methods=inspection.methods,
    )


def _acknowledgement(found: Acknowledgement) -> PrintedAcknowledgement:
    return PrintedAcknowledgement(
        kind=found.kind.value,
        signer=found.signer,
        reason=found.reason,
        witness_name=found.witness_name,
        witness_unit=found.witness_unit,
        noted_by=found.noted_by,
        at=str(shanghai_minute(found.at)),
    )
