"""What happens to officers: certificates, absences that change, status, wrong entries, recusals."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from app.deps import ActorDep, IdPath, IfMatch, secured, service, set_etag
from app.domain.actor import Permission
from app.domain.refusals import general
from app.domain.refusals import officers as refusals
from app.idempotency import KeyedRoute, Once
from app.routers.officer_shapes import certificate_read, interest_read, officer_detail
from app.schemas.officers import (
    AbsenceEnd,
    CertificateCreate,
    CertificateRead,
    InterestCreate,
    InterestRead,
    OfficerDetail,
    OfficerStatusAnswer,
    OfficerStatusCreate,
    OpenInspectionRead,
    ReasonBody,
)
from app.services.interests import InterestService
from app.services.officer_records import NewCertificate, OfficerRecordService

router = APIRouter(prefix="/api/v1", tags=["officers"], route_class=KeyedRoute)
RecordsDep = Annotated[OfficerRecordService, Depends(service(OfficerRecordService))]
InterestsDep = Annotated[InterestService, Depends(service(InterestService))]
PartPath = Annotated[UUID, Path(description="The id inside the officer.")]


@router.post(
    "/officers/{officer_id}/certificates",
    operation_id="add_officer_certificate",
    summary="登记其他证书(执法证、资质证书)",
    status_code=201,
    **secured(
        Permission.OFFICER_WRITE,
        general.NOT_FOUND,
        refusals.CERTIFICATE_TAKEN,
        refusals.CERTIFICATE_FORM,
        refusals.CERTIFICATE_PROOF_INVALID,
        refusals.CERTIFICATE_WITHOUT_END,
        refusals.CERTIFICATE_PERIOD_INVALID,
        refusals.IDENTITY_NUMBER_REFUSED,
        refusals.IDENTITY_NUMBER_IN_TEXT,
        once=Once.ACCEPTED,
    ),
)
async def add_officer_certificate(
    officer_id: IdPath,
    body: CertificateCreate,
    actor: ActorDep,
    records: RecordsDep,
    response: Response,
) -> CertificateRead:
    """Enter a certificate besides the principal one; ETag is the officer's."""
    certificate, officer = await records.add_certificate(
        actor, officer_id, NewCertificate(**body.model_dump())
    )
    response.headers["Location"] = f"/api/v1/officers/{officer_id}"
    set_etag(response, officer.row_version)
    return certificate_read(officer, certificate, actor)


@router.post(
    "/officers/{officer_id}/certificates/{certificate_id}/withdraw",
    operation_id="withdraw_officer_certificate",
    summary="撤下证书",
    **secured(
        Permission.OFFICER_WRITE,
        general.NOT_FOUND,
        refusals.CERTIFICATE_WITHDRAWN,
        refusals.IDENTITY_NUMBER_IN_TEXT,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def withdraw_officer_certificate(
    officer_id: IdPath,
    certificate_id: PartPath,
    body: ReasonBody,
    version: IfMatch,
    actor: ActorDep,
    records: RecordsDep,
    response: Response,
) -> OfficerDetail:
    """Take a certificate back, with the reason; the last proof of a tag takes the tag with it."""
    view = await records.withdraw_certificate(
        actor, officer_id, certificate_id, version, body.reason
    )
    set_etag(response, view.officer.row_version)
    return officer_detail(view, actor)


@router.post(
    "/officers/{officer_id}/absences/{absence_id}/end",
    operation_id="end_absence",
    summary="提前结束不在岗",
    **secured(
        Permission.OFFICER_WRITE,
        general.NOT_FOUND,
        refusals.ABSENCE_CANCELLED,
        refusals.ABSENCE_END_INVALID,
        refusals.IDENTITY_NUMBER_IN_TEXT,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def end_absence(
    officer_id: IdPath,
    absence_id: PartPath,
    body: AbsenceEnd,
    version: IfMatch,
    actor: ActorDep,
    records: RecordsDep,
    response: Response,
) -> OfficerDetail:
    """The officer is back before the recorded end, which stays on record."""
    view = await records.end_absence(
        actor, officer_id, absence_id, version, body.ends_on, body.reason
    )
    set_etag(response, view.officer.row_version)
    return officer_detail(view, actor)


@router.post(
    "/officers/{officer_id}/absences/{absence_id}/cancel",
    operation_id="cancel_absence",
    summary="取消不在岗登记",
    **secured(
        Permission.OFFICER_WRITE,
        general.NOT_FOUND,
        refusals.ABSENCE_CANCELLED,
        refusals.IDENTITY_NUMBER_IN_TEXT,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def cancel_absence(
    officer_id: IdPath,
    absence_id: PartPath,
    body: ReasonBody,
    version: IfMatch,
    actor: ActorDep,
    records: RecordsDep,
    response: Response,
) -> OfficerDetail:
    """The absence does not take place; its days are free again."""
    view = await records.cancel_absence(actor, officer_id, absence_id, version, body.reason)
    set_etag(response, view.officer.row_version)
    return officer_detail(view, actor)


@router.post(
    "/officers/{officer_id}/status",
    operation_id="change_officer_status",
    summary="离岗、暂离、返岗",
    **secured(
        Permission.OFFICER_WRITE,
        general.NOT_FOUND,
        refusals.OFFICER_STATUS_SAME,
        refusals.STATUS_DAY_INVALID,
        refusals.IDENTITY_NUMBER_IN_TEXT,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def change_officer_status(
    officer_id: IdPath,
    body: OfficerStatusCreate,
    version: IfMatch,
    actor: ActorDep,
    records: RecordsDep,
    response: Response,
) -> OfficerStatusAnswer:
    """Leave, go off duty or come back; the answer lists the inspections that are left open."""
    changed = await records.change_status(actor, officer_id, version, **body.model_dump())
    set_etag(response, changed.view.officer.row_version)
    return OfficerStatusAnswer(
        **officer_detail(changed.view, actor).model_dump(),
        open_inspections=[
            OpenInspectionRead(inspection_id=inspection_id, sheet_no=sheet_no)
            for inspection_id, sheet_no in changed.left_open
        ],
    )


@router.delete(
    "/officers/{officer_id}",
    operation_id="delete_officer",
    summary="删除误录人员",
    status_code=204,
    **secured(Permission.OFFICER_WRITE, general.NOT_FOUND, refusals.OFFICER_IN_USE, changes=True),
)
async def delete_officer(
    officer_id: IdPath, version: IfMatch, actor: ActorDep, records: RecordsDep
) -> None:
    """Take out who was entered by mistake; who was ever in use stays, and 409 says where."""
    await records.delete(actor, officer_id, version)


@router.post(
    "/officers/{officer_id}/interests",
    operation_id="declare_interest",
    summary="登记回避关系",
    status_code=201,
    **secured(
        Permission.OFFICER_WRITE,
        general.NOT_FOUND,
        refusals.INTEREST_EXISTS,
        refusals.INTEREST_OBJECT_UNKNOWN,
        refusals.IDENTITY_NUMBER_IN_TEXT,
        once=Once.ACCEPTED,
    ),
)
async def declare_interest(
    officer_id: IdPath,
    body: InterestCreate,
    actor: ActorDep,
    interests: InterestsDep,
    response: Response,
) -> InterestRead:
    """Record that the officer may not inspect an object; ETag is the officer's."""
    row, officer = await interests.declare(actor, officer_id, body.object_code, body.ground)
    response.headers["Location"] = f"/api/v1/officers/{officer_id}"
    set_etag(response, officer.row_version)
    return interest_read(officer, row, actor)


@router.post(
    "/officers/{officer_id}/interests/{interest_id}/confirm",
    operation_id="confirm_interest",
    summary="确认回避关系",
    **secured(
        Permission.OFFICER_CONFIRM,
        general.NOT_FOUND,
        general.MAKER_IS_CHECKER,
        refusals.INTEREST_CONFIRMED,
        refusals.INTEREST_WITHDRAWN,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def confirm_interest(
    officer_id: IdPath,
    interest_id: PartPath,
    version: IfMatch,
    actor: ActorDep,
    interests: InterestsDep,
    response: Response,
) -> OfficerDetail:
    """A leader who did not declare it confirms it; it has kept the pair apart since it was."""
    view = await interests.confirm(actor, officer_id, interest_id, version)
    set_etag(response, view.officer.row_version)
    return officer_detail(view, actor)


@router.post(
    "/officers/{officer_id}/interests/{interest_id}/withdraw",
    operation_id="withdraw_interest",
    summary="撤销回避关系",
    **secured(
        Permission.OFFICER_CONFIRM,
        general.NOT_FOUND,
        general.MAKER_IS_CHECKER,
        refusals.INTEREST_WITHDRAWN,
        refusals.IDENTITY_NUMBER_IN_TEXT,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def withdraw_interest(
    officer_id: IdPath,
    interest_id: PartPath,
    body: ReasonBody,
    version: IfMatch,
    actor: ActorDep,
    interests: InterestsDep,
    response: Response,
) -> OfficerDetail:
    """A leader who did not declare it ends it, with the reason; the pair may meet again."""
    view = await interests.withdraw(actor, officer_id, interest_id, version, body.reason)
    set_etag(response, view.officer.row_version)
    return officer_detail(view, actor)


@router.get(
    "/me/officer",
    operation_id="read_my_officer",
    summary="本人的执法检查人员信息",
    **secured(Permission.OFFICER_SELF, general.NOT_FOUND, refusals.NO_OWN_OFFICER),
)
async def read_my_officer(
    actor: ActorDep, interests: InterestsDep, response: Response
) -> OfficerDetail:
    """The officer of the caller's account, with certificates, absences and recusals."""
    view = await interests.own(actor)
    set_etag(response, view.officer.row_version)
    return officer_detail(view, actor)


@router.post(
    "/me/officer/interests",
    operation_id="declare_my_interest",
    summary="本人申报回避关系",
    status_code=201,
    **secured(
        Permission.OFFICER_SELF,
        general.NOT_FOUND,
        refusals.NO_OWN_OFFICER,
        refusals.INTEREST_EXISTS,
        refusals.INTEREST_OBJECT_UNKNOWN,
        refusals.IDENTITY_NUMBER_IN_TEXT,
        once=Once.ACCEPTED,
    ),
)
async def declare_my_interest(
    body: InterestCreate, actor: ActorDep, interests: InterestsDep, response: Response
) -> InterestRead:
    """Declare that one may not inspect an object; a leader confirms it."""
    row, officer = await interests.declare_own(actor, body.object_code, body.ground)
    response.headers["Location"] = "/api/v1/me/officer"
    set_etag(response, officer.row_version)
    return interest_read(officer, row, actor)
