"""Publishing results, and what the public reads of them (R19-R21)."""

from collections.abc import Sequence
from uuid import UUID

from app import reference
from app.domain.actor import Actor
from app.domain.errors import RuleError
from app.domain.lifecycle import InspectionStatus
from app.domain.publicity import (
    CheckedItem,
    PublicFacts,
    collecting_subject,
    published_content,
)
from app.domain.refusals import inspections as refusals
from app.models.inspection import Publication
from app.services.inspections import lock_for
from app.services.runtime import Runtime
from app.storage import inspections, publications
from app.storage.inspections import Section
from app.storage.paging import Paging, Slice
from app.storage.publications import PublishedResult, ResultFilter
from app.storage.uow import UnitOfWork

FIRST_VERSION = 1


class PublicationService:
    """Use cases of publishing and of the anonymous reader."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def publish(
        self, actor: Actor, inspection_id: UUID, version: int, platform_receipt_no: str | None
    ) -> PublishedResult:
        """Show a reviewed result to the public; of two at once one is refused."""
        async with self._db.unit_of_work(actor) as uow:
            locked = await lock_for(uow, "publish_inspection", inspection_id, version)
            section, inspection = locked.section, locked.section.inspection
            if self._runtime.settings.require_platform_receipt and platform_receipt_no is None:
                raise RuleError(refusals.RECEIPT_REQUIRED)
            publication = await _publication(uow, section, platform_receipt_no)
            uow.session.add(publication)
            inspection.status = InspectionStatus.PUBLISHED
            inspection.published_at = uow.now
            inspection.updated_at = uow.now
            await uow.flush()
            uow.audit(
                "inspection.published",
                "inspection",
                inspection_id,
                after={
                    "publication": publication.id,
                    "version": publication.version,
                    "result_code": publication.result_code.value,
                    "due_on": inspection.due_on,
                    "platform_receipt_no": platform_receipt_no,
                },
            )
        return PublishedResult(publication, section.department, inspection)

    async def list(
        self, filters: ResultFilter, paging: Paging
    ) -> tuple[Slice[Publication], Sequence[PublishedResult]]:
        """Published results, newest first, for everybody."""
        async with self._db.reading() as session:
            cut = await publications.list_results(session, filters, paging)
            ids = [publication.id for publication in cut.items]
            around = await publications.results_by_id(session, ids)
        return cut, [around[one] for one in ids]

    async def get(self, publication_id: UUID) -> PublishedResult:
        """One published result, for everybody."""
        async with self._db.reading() as session:
            return await publications.get_result(session, publication_id)


async def _publication(
    uow: UnitOfWork, section: Section, platform_receipt_no: str | None
) -> Publication:
    inspection = section.inspection
    record = await inspections.get_record(uow.session, inspection.id)
    assert inspection.result_code is not None
    assert inspection.ended_on is not None
    assert uow.actor.account_id is not None
    name, credit_code = collecting_subject(section.sheet.object_snapshot)
    facts = PublicFacts(
        plan_no=section.plan.plan_no,
        plan_name=section.plan.name,
        task_code=section.task.code,
        task_name=section.task.name,
        kind_label=_kind_label(targeted=section.task.targeted),
        authority=section.department.name,
        ended_on=inspection.ended_on,
        subject_name=name,
        credit_code=credit_code,
        result=inspection.result_code,
        items=[CheckedItem(item.name, finding.outcome) for finding, item in record.findings],
    )
    return Publication(
        id=uow.new_id(),
        inspection_id=inspection.id,
        department_id=inspection.department_id,
        region_code=inspection.region_code,
        object_code=section.sheet.object_code,
        object_name=section.sheet.object_snapshot["name"],
        plan_no=section.plan.plan_no,
        result_code=inspection.result_code,
        version=FIRST_VERSION,
        content=published_content(facts, result_labels()),
        platform_receipt_no=platform_receipt_no,
        published_at=uow.now,
        published_by=uow.actor.account_id,
    )


def result_labels() -> dict[str, str]:
    """The eight texts by code, exactly as the national system has them."""
    return {code.code: code.zh for code in reference.code_groups()["result"].codes}


def _kind_label(*, targeted: bool) -> str:
    kinds = {code.code: code for code in reference.code_groups()["draw_kind"].codes}
    # The national field takes the short word, which the code list keeps as an alias.
    return kinds["targeted" if targeted else "untargeted"].aliases[0]
