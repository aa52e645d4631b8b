"""The officer library (R03): officers and the days on which they are absent."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, UploadDep, secured, service, set_etag
from app.domain.actor import Permission
from app.domain.imports import ImportKind
from app.domain.lifecycle import OfficerStatus
from app.domain.refusals import general, plans, tabular
from app.domain.refusals import officers as refusals
from app.idempotency import KeyedRoute, Once
from app.routers.importing import ImportRequestDep, importing
from app.routers.officer_shapes import absence_read, officer_detail, officer_read
from app.schemas import base
from app.schemas.officers import (
    AbsenceCreate,
    AbsenceRead,
    OfficerCreate,
    OfficerDetail,
    OfficerRead,
    OfficerUpdate,
)
from app.schemas.page import Page, page_of
from app.services.officer_import import OfficerImportService
from app.services.officers import NewOfficer, OfficerService
from app.storage.officers import OfficerFilter

router = APIRouter(prefix="/api/v1", tags=["officers"], route_class=KeyedRoute)
OfficersDep = Annotated[OfficerService, Depends(service(OfficerService))]
ImportDep = Annotated[OfficerImportService, Depends(service(OfficerImportService))]

_DATA = (
    refusals.CERTIFICATE_TAKEN,
    refusals.CERTIFICATE_INCOMPLETE,
    refusals.CERTIFICATE_FORM,
    refusals.IDENTITY_NUMBER_IN_TEXT,
    refusals.IDENTITY_NUMBER_REFUSED,
    refusals.SERVICE_AREA_OUTSIDE,
    plans.UNKNOWN_BUSINESS_LINE,
)


def officer_filter(
    status: OfficerStatus | None = None,
    tag: base.Tag | None = None,
    leader_eligible: bool | None = None,
    certificate_ends_by: Annotated[
        base.Day | None, Query(description="Certificates that end by then, or are missing.")
    ] = None,
    q: Annotated[base.Query | None, Query(description="Part of a name; start of a code.")] = None,
) -> OfficerFilter:
    """What the list is narrowed to."""
    return OfficerFilter(status, tag, leader_eligible, certificate_ends_by, q)


@router.post(
    "/officers",
    operation_id="create_officer",
    summary="录入执法检查人员",
    status_code=201,
    **secured(
        Permission.OFFICER_WRITE,
        refusals.OFFICER_CODE_TAKEN,
        refusals.PERSON_CODE_TAKEN,
        *_DATA,
        once=Once.ACCEPTED,
    ),
)
async def create_officer(
    body: OfficerCreate, actor: ActorDep, officers: OfficersDep, response: Response
) -> OfficerDetail:
    """Enter an officer of the caller's department."""
    view = await officers.create(actor, NewOfficer(**body.model_dump()))
    response.headers["Location"] = f"/api/v1/officers/{view.officer.id}"
    set_etag(response, view.officer.row_version)
    return officer_detail(view, actor)


@router.get(
    "/officers",
    operation_id="list_officers",
    summary="执法检查人员名录库",
    **secured(Permission.OFFICER_READ, general.BAD_CURSOR),
)
async def list_officers(
    actor: ActorDep,
    officers: OfficersDep,
    paging: PagingDep,
    wanted: Annotated[OfficerFilter, Depends(officer_filter)],
) -> Page[OfficerRead]:
    """Officers of the own department (office and oversight: of the region)."""
    cut = await officers.list(actor, paging, wanted)
    return page_of(cut, [officer_read(view) for view in cut.items])


@router.get(
    "/officers/{officer_id}",
    operation_id="read_officer",
    summary="执法检查人员详情",
    **secured(Permission.OFFICER_READ, general.NOT_FOUND),
)
async def read_officer(
    officer_id: IdPath, actor: ActorDep, officers: OfficersDep, response: Response
) -> OfficerDetail:
    """An officer with absences and interests."""
    view = await officers.get(actor, officer_id)
    set_etag(response, view.officer.row_version)
    return officer_detail(view, actor)


@router.patch(
    "/officers/{officer_id}",
    operation_id="change_officer",
    summary="变更执法检查人员",
    **secured(Permission.OFFICER_WRITE, general.NOT_FOUND, *_DATA, changes=True),
)
async def change_officer(
    officer_id: IdPath,
    body: OfficerUpdate,
    version: IfMatch,
    actor: ActorDep,
    officers: OfficersDep,
    response: Response,
) -> OfficerDetail:
    """Change what is known of an officer."""
    view = await officers.change(actor, officer_id, body.changes(), version)
    set_etag(response, view.officer.row_version)
    return officer_detail(view, actor)


@router.post(
    "/officers/{officer_id}/absences",
    operation_id="record_absence",
    summary="登记不在岗",
    status_code=201,
    **secured(
        Permission.OFFICER_WRITE,
        general.NOT_FOUND,
        refusals.ABSENCE_PERIOD_INVALID,
        refusals.ABSENCE_OVERLAPS,
        refusals.IDENTITY_NUMBER_IN_TEXT,
        once=Once.ACCEPTED,
    ),
)
async def record_absence(
    officer_id: IdPath,
    body: AbsenceCreate,
    actor: ActorDep,
    officers: OfficersDep,
    response: Response,
) -> AbsenceRead:
    """Record days on which the officer can not inspect; ETag is the officer's."""
    absence, officer = await officers.add_absence(actor, officer_id, **body.model_dump())
    response.headers["Location"] = f"/api/v1/officers/{officer_id}"
    set_etag(response, officer.row_version)
    return absence_read(officer, absence, actor)


@router.post(
    "/officers/import",
    operation_id="import_officers",
    summary="导入执法检查人员(xlsx、xls、csv)",
    **importing(
        secured(Permission.OFFICER_WRITE, *tabular.OF_UPLOADS, general.CONFLICT, once=Once.REQUIRED)
    ),
)
async def import_officers(
    upload: UploadDep,
    actor: ActorDep,
    imports: ImportDep,
    request: ImportRequestDep,
) -> Any:
    """Store every row that can be taken, and say of each other row why not."""
    return await request(actor, ImportKind.OFFICER, upload, imports.run)
