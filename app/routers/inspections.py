"""Inspections, step by step: officers record, clerks enter, leaders review, one publishes.

Every step asks for If-Match. The state is asked before the version, so that who comes too late
learns where things stand.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.errors import Refusal
from app.domain.inspection_steps import FindingDraft
from app.domain.lifecycle import InspectionStatus
from app.domain.refusals import general, reference
from app.domain.refusals import inspections as refusals
from app.idempotency import KeyedRoute, Once
from app.routers.inspection_shapes import deadline_read, inspection_read, inspection_summary
from app.routers.public_results import result_read
from app.schemas.base import Code, Day
from app.schemas.inspections import (
    AcknowledgementCreate,
    EndCreate,
    InspectionDeadlineRead,
    InspectionRead,
    InspectionSummaryRead,
    NoticeCreate,
    PublishCreate,
    RecordPut,
    ResultCreate,
    ReviewCreate,
    StartCreate,
    TeamAssign,
)
from app.schemas.page import Page, page_of
from app.schemas.publications import PublicResultRead
from app.services.inspection_records import (
    InspectionRecordService,
    NewAcknowledgement,
    NewNotice,
    NewRecord,
)
from app.services.inspection_results import (
    EvidenceEntry,
    FollowUpEntry,
    InspectionResultService,
    NewResult,
)
from app.services.inspection_teams import InspectionTeamService
from app.services.inspections import InspectionService, InspectionView
from app.services.publications import PublicationService
from app.storage.inspections import InspectionFilter

router = APIRouter(prefix="/api/v1", tags=["inspections"], route_class=KeyedRoute)
InspectionsDep = Annotated[InspectionService, Depends(service(InspectionService))]
TeamsDep = Annotated[InspectionTeamService, Depends(service(InspectionTeamService))]
RecordsDep = Annotated[InspectionRecordService, Depends(service(InspectionRecordService))]
ResultsDep = Annotated[InspectionResultService, Depends(service(InspectionResultService))]
PublicationsDep = Annotated[PublicationService, Depends(service(PublicationService))]


def _step(permission: Permission, *more: Refusal, once: Once = Once.ACCEPTED) -> dict[str, Any]:
    """What every step of an inspection can be refused with."""
    return secured(
        permission,
        general.NOT_FOUND,
        refusals.ANOTHER_SECTION,
        refusals.INSPECTION_WRONG_STATE,
        *more,
        changes=True,
        once=once,
    )


def _answer(view: InspectionView, actor: Actor, response: Response) -> InspectionRead:
    set_etag(response, view.section.inspection.row_version)
    return inspection_read(view, actor)


@router.get(
    "/inspections",
    operation_id="list_inspections",
    summary="检查列表",
    **secured(Permission.INSPECTION_READ, general.BAD_CURSOR),
)
async def list_inspections(
    actor: ActorDep,
    inspections: InspectionsDep,
    paging: PagingDep,
    status: InspectionStatus | None = None,
    due_before: Day | None = None,
    object_code: Code | None = None,
    plan_task_id: UUID | None = None,
) -> Page[InspectionSummaryRead]:
    """Inspections in order of making: one's own, and the other sections of shared sheets."""
    filters = InspectionFilter(status, due_before, object_code, plan_task_id)
    cut, found = await inspections.list(actor, filters, paging)
    return page_of(cut, [inspection_summary(section) for section in found])


@router.get(
    "/inspections/{inspection_id}",
    operation_id="read_inspection",
    summary="检查详情",
    **secured(Permission.INSPECTION_READ, general.NOT_FOUND),
)
async def read_inspection(
    inspection_id: IdPath, actor: ActorDep, inspections: InspectionsDep, response: Response
) -> InspectionRead:
    """An inspection with all that was recorded; for other participants its state and result."""
    return _answer(await inspections.get(actor, inspection_id), actor, response)


@router.get(
    "/inspections/{inspection_id}/deadline",
    operation_id="explain_inspection_deadline",
    summary="公示期限逐日说明",
    **secured(Permission.INSPECTION_READ, general.NOT_FOUND),
)
async def explain_inspection_deadline(
    inspection_id: IdPath, actor: ActorDep, inspections: InspectionsDep
) -> InspectionDeadlineRead:
    """The 20 working days from the end of the inspection, day by day (R19)."""
    return deadline_read(await inspections.deadline(actor, inspection_id))


@router.post(
    "/inspections/{inspection_id}/team",
    operation_id="assign_inspection_team",
    summary="指派检查组(仅限抽取未能配齐人员的对象)",
    status_code=201,
    **_step(
        Permission.INSPECTION_ASSIGN,
        refusals.TEAM_EXISTS,
        refusals.TEAM_UNFIT,
    ),
)
async def assign_inspection_team(
    inspection_id: IdPath,
    body: TeamAssign,
    version: IfMatch,
    actor: ActorDep,
    teams: TeamsDep,
    response: Response,
) -> InspectionRead:
    """Assign officers on record where the draw could staff nobody; a drawn team stays."""
    view = await teams.assign(actor, inspection_id, version, body.officer_codes, body.cause)
    response.headers["Location"] = f"/api/v1/inspections/{inspection_id}"
    return _answer(view, actor, response)


@router.post(
    "/inspections/{inspection_id}/notice",
    operation_id="send_inspection_notice",
    summary="一次性告知",
    status_code=201,
    **_step(
        Permission.INSPECTION_WRITE,
        refusals.NOT_IN_TEAM,
        refusals.NOTICE_ALREADY_SENT,
        refusals.NOTICE_INVALID,
    ),
)
async def send_inspection_notice(
    inspection_id: IdPath,
    body: NoticeCreate,
    version: IfMatch,
    actor: ActorDep,
    records: RecordsDep,
    response: Response,
) -> InspectionRead:
    """Record the one-time notice; an on-site check can not start without it (R14)."""
    new = NewNotice(**body.model_dump())
    response.headers["Location"] = f"/api/v1/inspections/{inspection_id}"
    return _answer(await records.send_notice(actor, inspection_id, version, new), actor, response)


@router.post(
    "/inspections/{inspection_id}/start",
    operation_id="start_inspection",
    summary="开始检查",
    **_step(
        Permission.INSPECTION_WRITE,
        refusals.NOT_IN_TEAM,
        refusals.NOTICE_REQUIRED,
        refusals.INSPECTION_TIME_INVALID,
    ),
)
async def start_inspection(
    inspection_id: IdPath,
    body: StartCreate,
    version: IfMatch,
    actor: ActorDep,
    records: RecordsDep,
    response: Response,
) -> InspectionRead:
    """Begin, by an officer of the drawn team."""
    return _answer(
        await records.start(actor, inspection_id, version, body.started_at), actor, response
    )


@router.put(
    "/inspections/{inspection_id}/record",
    operation_id="write_inspection_record",
    summary="填写检查记录",
    **_step(
        Permission.INSPECTION_WRITE,
        refusals.NOT_IN_TEAM,
        refusals.RECORD_INVALID,
        refusals.RECORD_ACKNOWLEDGED,
    ),
)
async def write_inspection_record(
    inspection_id: IdPath,
    body: RecordPut,
    version: IfMatch,
    actor: ActorDep,
    records: RecordsDep,
    response: Response,
) -> InspectionRead:
    """Write the record, or write it anew, while the inspection goes on."""
    findings = [FindingDraft(**finding.model_dump()) for finding in body.findings]
    new = NewRecord(body.methods, body.place, body.present, body.statement, findings)
    return _answer(await records.record(actor, inspection_id, version, new), actor, response)


@router.post(
    "/inspections/{inspection_id}/end",
    operation_id="end_inspection",
    summary="结束检查",
    **_step(
        Permission.INSPECTION_WRITE,
        refusals.NOT_IN_TEAM,
        refusals.RECORD_EMPTY,
        refusals.TEAM_TOO_SMALL,
        refusals.INSPECTION_TIME_INVALID,
    ),
)
async def end_inspection(
    inspection_id: IdPath,
    body: EndCreate,
    version: IfMatch,
    actor: ActorDep,
    records: RecordsDep,
    response: Response,
) -> InspectionRead:
    """End; from this day the 20 working days to publish are counted (R19)."""
    return _answer(await records.end(actor, inspection_id, version, body.ended_at), actor, response)


@router.post(
    "/inspections/{inspection_id}/acknowledgement",
    operation_id="acknowledge_inspection",
    summary="签字、盖章或者注明原因",
    status_code=201,
    **_step(
        Permission.INSPECTION_WRITE,
        refusals.NOT_IN_TEAM,
        refusals.RECORD_EMPTY,
        refusals.ACKNOWLEDGEMENT_EXISTS,
        reference.ACKNOWLEDGEMENT_INCOMPLETE,
    ),
)
async def acknowledge_inspection(
    inspection_id: IdPath,
    body: AcknowledgementCreate,
    version: IfMatch,
    actor: ActorDep,
    records: RecordsDep,
    response: Response,
) -> InspectionRead:
    """Signed, sealed, refused or absent (R16); afterwards the record does not change."""
    new = NewAcknowledgement(**body.model_dump())
    response.headers["Location"] = f"/api/v1/inspections/{inspection_id}"
    return _answer(await records.acknowledge(actor, inspection_id, version, new), actor, response)


@router.post(
    "/inspections/{inspection_id}/result",
    operation_id="enter_inspection_result",
    summary="录入检查结果",
    **_step(
        Permission.INSPECTION_ENTER,
        refusals.NOT_IN_TEAM,
        refusals.ACKNOWLEDGEMENT_MISSING,
        reference.RESULT_INCOMPLETE,
    ),
)
async def enter_inspection_result(
    inspection_id: IdPath,
    body: ResultCreate,
    version: IfMatch,
    actor: ActorDep,
    results: ResultsDep,
    response: Response,
) -> InspectionRead:
    """Enter one of the eight results; it must fit the record. There is no default."""
    evidence = [EvidenceEntry(**one.model_dump()) for one in body.evidence]
    follow_ups = [FollowUpEntry(**one.model_dump()) for one in body.follow_ups]
    plain = body.model_dump(exclude={"evidence", "follow_ups"})
    new = NewResult(**plain, evidence=evidence, follow_ups=follow_ups)
    return _answer(await results.enter(actor, inspection_id, version, new), actor, response)


@router.post(
    "/inspections/{inspection_id}/review",
    operation_id="review_inspection",
    summary="审核检查结果",
    **_step(Permission.INSPECTION_REVIEW, general.MAKER_IS_CHECKER),
)
async def review_inspection(
    inspection_id: IdPath,
    body: ReviewCreate,
    version: IfMatch,
    actor: ActorDep,
    results: ResultsDep,
    response: Response,
) -> InspectionRead:
    """Approve, or return with an opinion; never by who entered the result."""
    view = await results.review(actor, inspection_id, version, body.decision, body.opinion)
    return _answer(view, actor, response)


@router.post(
    "/inspections/{inspection_id}/publish",
    operation_id="publish_inspection",
    summary="公示检查结果",
    status_code=201,
    **_step(
        Permission.INSPECTION_PUBLISH,
        refusals.PUBLICATION_EXISTS,
        refusals.RECEIPT_REQUIRED,
        once=Once.REQUIRED,
    ),
)
async def publish_inspection(
    inspection_id: IdPath,
    body: PublishCreate,
    version: IfMatch,
    actor: ActorDep,
    publications: PublicationsDep,
    response: Response,
) -> PublicResultRead:
    """Show the reviewed result to the public; the ETag is the inspection's."""
    found = await publications.publish(actor, inspection_id, version, body.platform_receipt_no)
    response.headers["Location"] = f"/api/v1/public/results/{found.publication.id}"
    set_etag(response, found.inspection.row_version)
    return result_read(found)
