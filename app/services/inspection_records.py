"""From the notice to the acknowledgement: what the officers of the drawn team do (R12-R16).

Every step locks the inspection and asks the rules first (a step that came too late learns where
things stand), then the version, then what the body says.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain import inspection_steps as rules
from app.domain.actor import Actor
from app.domain.calendar import shanghai_date
from app.domain.deadlines import due_date
from app.domain.errors import RuleError
from app.domain.inspection_steps import FindingDraft
from app.domain.lifecycle import AcknowledgementKind, InspectionStatus
from app.domain.refusals.reference import ACKNOWLEDGEMENT_INCOMPLETE
from app.domain.results import AcknowledgementFacts, check_acknowledgement
from app.models.inspection import (
    Acknowledgement,
    Finding,
    Inspection,
    InspectionOfficer,
    Notice,
)
from app.services.inspections import InspectionView, lock_for
from app.services.runtime import Runtime
from app.storage import calendar, inspections, objects
from app.storage.inspections import Section
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewNotice:
    """The one-time advance notice: when, to whom, what to have ready."""

    channel: str
    recipient: str
    visit_from: dt.date
    visit_to: dt.date
    materials: Sequence[str]


@dataclass(frozen=True, slots=True)
class NewRecord:
    """What the team recorded."""

    methods: Sequence[str]
    place: str
    present: str | None
    statement: str | None
    findings: Sequence[FindingDraft]


@dataclass(frozen=True, slots=True)
class NewAcknowledgement:
    """How the object acknowledged the record."""

    kind: AcknowledgementKind
    signer: str | None
    reason: str | None
    noted_by: Sequence[str]
    witness_name: str | None
    witness_unit: str | None


class InspectionRecordService:
    """Use cases of the inspecting officers."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def send_notice(
        self, actor: Actor, inspection_id: UUID, version: int, new: NewNotice
    ) -> InspectionView:
        """Record the one-time notice (R14); a second one is refused."""
        async with self._db.unit_of_work(actor) as uow:
            locked = await lock_for(uow, "send_inspection_notice", inspection_id, version)
            section, inspection = locked.section, locked.section.inspection
            rules.check_notice(new.visit_from, new.visit_to, uow.now)
            assert actor.account_id is not None
            uow.session.add(
                Notice(
                    id=uow.new_id(),
                    inspection_id=inspection_id,
                    channel=new.channel,
                    recipient=new.recipient,
                    visit_from=new.visit_from,
                    visit_to=new.visit_to,
                    materials=list(new.materials),
                    sent_at=uow.now,
                    sent_by=actor.account_id,
                )
            )
            _move(inspection, InspectionStatus.NOTIFIED, uow.now)
            await uow.flush()
            uow.audit(
                "inspection.notified",
                "inspection",
                inspection_id,
                after={
                    "channel": new.channel,
                    "visit_from": new.visit_from,
                    "visit_to": new.visit_to,
                    "materials": len(new.materials),
                },
            )
            return await _viewed(uow, section)

    async def start(
        self, actor: Actor, inspection_id: UUID, version: int, started_at: dt.datetime
    ) -> InspectionView:
        """Begin the inspection (R12)."""
        async with self._db.unit_of_work(actor) as uow:
            locked = await lock_for(uow, "start_inspection", inspection_id, version)
            section, inspection, notice = locked.section, locked.section.inspection, locked.notice
            rules.check_start(
                started_at,
                uow.now,
                section.locked_at,
                section.task.methods,
                None if notice is None else notice.sent_at,
            )
            inspection.started_at = started_at
            _move(inspection, InspectionStatus.IN_PROGRESS, uow.now)
            await uow.flush()
            uow.audit(
                "inspection.started", "inspection", inspection_id, after={"started_at": started_at}
            )
            return await _viewed(uow, section)

    async def record(
        self, actor: Actor, inspection_id: UUID, version: int, new: NewRecord
    ) -> InspectionView:
        """Write the record, every item of the department once; a later record replaces it."""
        async with self._db.unit_of_work(actor) as uow:
            locked = await lock_for(uow, "write_inspection_record", inspection_id, version)
            section, inspection = locked.section, locked.section.inspection
            items = await inspections.items_of(
                uow.session, section.task.id, inspection.department_id
            )
            codes = {item.id: item.code for item in items}
            rules.check_record(new.methods, section.task.methods, new.findings, codes)
            inspection.methods = list(dict.fromkeys(new.methods))
            inspection.place = new.place
            inspection.present = new.present
            inspection.statement = new.statement
            inspections.touch(inspection, uow.now)
            _write_findings(uow, inspection_id, locked.findings, new.findings)
            await uow.flush()
            uow.audit(
                "inspection.recorded",
                "inspection",
                inspection_id,
                after={
                    "methods": inspection.methods,
                    "findings": {
                        codes[found.item_version_id]: found.outcome.value for found in new.findings
                    },
                },
            )
            return await _viewed(uow, section)

    async def end(
        self, actor: Actor, inspection_id: UUID, version: int, ended_at: dt.datetime
    ) -> InspectionView:
        """End the inspection: from this day the 20 working days are counted (R19)."""
        async with self._db.unit_of_work(actor) as uow:
            locked = await lock_for(uow, "end_inspection", inspection_id, version)
            section, inspection = locked.section, locked.section.inspection
            rules.check_end(
                inspection.started_at, ended_at, uow.now, len(locked.findings), len(locked.team)
            )
            await calendar.hold_calendar(uow.session)
            due = due_date(await calendar.load_calendar(uow.session), shanghai_date(ended_at))
            inspection.ended_at = ended_at
            inspection.ended_on = shanghai_date(ended_at)
            inspection.due_on = due.due_on
            inspection.due_state = due.state.value
            await objects.note_inspection(
                uow.session, section.sheet.object_id, inspection.ended_on, uow.now
            )
            _move(inspection, InspectionStatus.ENDED, uow.now)
            await uow.flush()
            uow.audit(
                "inspection.ended",
                "inspection",
                inspection_id,
                after={"ended_at": ended_at, "due_on": due.due_on, "due_state": due.state.value},
            )
            return await _viewed(uow, section)

    async def acknowledge(
        self, actor: Actor, inspection_id: UUID, version: int, new: NewAcknowledgement
    ) -> InspectionView:
        """Record signature, seal, or why there is none (R16); once, and the record is closed."""
        async with self._db.unit_of_work(actor) as uow:
            locked = await lock_for(uow, "acknowledge_inspection", inspection_id, version)
            section, inspection = locked.section, locked.section.inspection
            _check_acknowledgement(new, locked.team)
            uow.session.add(
                Acknowledgement(
                    inspection_id=inspection_id,
                    kind=new.kind,
                    signer=new.signer,
                    reason=new.reason,
                    witness_name=new.witness_name,
                    witness_unit=new.witness_unit,
                    noted_by=list(new.noted_by),
                    at=uow.now,
                )
            )
            inspections.touch(inspection, uow.now)
            await uow.flush()
            uow.audit(
                "inspection.acknowledged",
                "inspection",
                inspection_id,
                after={
                    "kind": new.kind.value,
                    "witness": new.witness_name is not None,
                    "noted_by": list(new.noted_by),
                },
            )
            return await _viewed(uow, section)


def _move(inspection: Inspection, status: InspectionStatus, now: dt.datetime) -> None:
    inspection.status = status
    inspection.updated_at = now


def _check_acknowledgement(new: NewAcknowledgement, team: Sequence[InspectionOfficer]) -> None:
    errors = check_acknowledgement(
        AcknowledgementFacts(
            kind=new.kind.value,
            signer=new.signer,
            reason=new.reason,
            noted_by=new.noted_by,
            team=[member.code for member in team],
            witness_name=new.witness_name,
            witness_unit=new.witness_unit,
        )
    )
    if errors:
        raise RuleError(ACKNOWLEDGEMENT_INCOMPLETE, errors)


def _write_findings(
    uow: UnitOfWork,
    inspection_id: UUID,
    present: Mapping[UUID, Finding],
    drafts: Sequence[FindingDraft],
) -> None:
    # The items of a task are fixed, so a later record meets the same findings.
    for draft in drafts:
        finding = present.get(draft.item_version_id)
        if finding is None:
            finding = Finding(
                id=uow.new_id(),
                inspection_id=inspection_id,
                item_version_id=draft.item_version_id,
            )
            uow.session.add(finding)
        finding.outcome = draft.outcome
        finding.problem = draft.problem
        finding.measure = draft.measure


async def _viewed(uow: UnitOfWork, section: Section) -> InspectionView:
    record = await inspections.get_record(uow.session, section.inspection.id)
    return InspectionView(section, record)
