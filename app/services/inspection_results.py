"""Entering a result and reviewing it by another person (F29, R19)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from app.domain.actor import Actor
from app.domain.errors import RuleError
from app.domain.lifecycle import FindingOutcome, InspectionStatus, ResultCode
from app.domain.refusals.reference import RESULT_INCOMPLETE
from app.domain.results import FollowUpFact, ResultFacts, check_result
from app.models.inspection import Acknowledgement
from app.services.inspections import InspectionView, lock_for
from app.services.runtime import Runtime
from app.storage import inspections


@dataclass(frozen=True, slots=True)
class FollowUpEntry:
    """A follow-up named with the result; its own life comes with the follow-ups."""

    kind: str
    is_open: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class EvidenceEntry:
    """A file by its digest."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class NewResult:
    """One of the eight results, with what it must rest on (DOMAIN s.6.1)."""

    result_code: ResultCode
    note: str | None
    visits: int
    contact_attempts: int
    rectification: str | None
    library_feedback: str | None
    evidence: Sequence[EvidenceEntry]
    follow_ups: Sequence[FollowUpEntry]

    def details(self) -> dict[str, Any]:
        """What is kept beside the code."""
        return {
            "visits": self.visits,
            "contact_attempts": self.contact_attempts,
            "rectification": self.rectification,
            "library_feedback": self.library_feedback,
            "evidence": [{"name": one.name, "sha256": one.sha256} for one in self.evidence],
            "follow_ups": [
                {"kind": one.kind, "is_open": one.is_open, "note": one.note}
                for one in self.follow_ups
            ],
        }


class InspectionResultService:
    """Use cases of the clerk who enters and the leader who reviews."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def enter(
        self, actor: Actor, inspection_id: UUID, version: int, new: NewResult
    ) -> InspectionView:
        """Enter the result; it must fit the record, and the record be acknowledged (R16)."""
        async with self._db.unit_of_work(actor) as uow:
            locked = await lock_for(uow, "enter_inspection_result", inspection_id, version)
            section, inspection = locked.section, locked.section.inspection
            acknowledged = locked.acknowledgement
            assert acknowledged is not None
            record = await inspections.get_record(uow.session, inspection_id)
            outcomes = [finding.outcome for finding, _ in record.findings]
            errors = check_result(new.result_code, _facts(new, outcomes, acknowledged))
            if errors:
                raise RuleError(RESULT_INCOMPLETE, errors)
            inspection.status = InspectionStatus.ENTERED
            inspection.result_code = new.result_code
            inspection.result_note = new.note
            inspection.result_details = new.details()
            inspection.entered_by = actor.account_id
            inspection.entered_at = uow.now
            inspection.reviewed_by = inspection.reviewed_at = inspection.review_opinion = None
            inspection.updated_at = uow.now
            await uow.flush()
            uow.audit(
                "inspection.result_entered",
                "inspection",
                inspection_id,
                after={"result_code": new.result_code.value},
            )
        return InspectionView(section, record)

    async def review(
        self,
        actor: Actor,
        inspection_id: UUID,
        version: int,
        decision: Literal["approve", "return"],
        opinion: str | None,
    ) -> InspectionView:
        """Approve a result, or return it to be entered again; never by who entered it."""
        async with self._db.unit_of_work(actor) as uow:
            locked = await lock_for(uow, "review_inspection", inspection_id, version)
            section, inspection = locked.section, locked.section.inspection
            approved = decision == "approve"
            inspection.status = InspectionStatus.REVIEWED if approved else InspectionStatus.ENDED
            inspection.reviewed_by = actor.account_id
            inspection.reviewed_at = uow.now
            inspection.review_opinion = opinion
            inspection.updated_at = uow.now
            await uow.flush()
            uow.audit(
                "inspection.reviewed" if approved else "inspection.returned",
                "inspection",
                inspection_id,
                before={"status": InspectionStatus.ENTERED.value},
                after={"status": inspection.status.value},
                result_code=inspection.result_code,
            )
            record = await inspections.get_record(uow.session, inspection_id)
        return InspectionView(section, record)


def _facts(
    new: NewResult, outcomes: Sequence[FindingOutcome], acknowledged: Acknowledgement
) -> ResultFacts:
    return ResultFacts(
        outcomes=outcomes,
        follow_ups=[FollowUpFact(one.kind, one.is_open) for one in new.follow_ups],
        evidence=len(new.evidence),
        has_witness=acknowledged.witness_name is not None,
        visits=new.visits,
        contact_attempts=new.contact_attempts,
        has_rectification=new.rectification is not None,
        has_library_feedback=new.library_feedback is not None,
    )
