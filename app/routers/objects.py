"""The object library: subjects, products, projects, activities, and what happens to them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from app.deps import ActorDep, IdPath, IfMatch, UploadDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.imports import ImportKind
from app.domain.library_actions import OBJECT
from app.domain.library_lists import ObjectSort
from app.domain.lifecycle import ObjectKind, ObjectStatus, RiskClass
from app.domain.refusals import general, reference, tabular
from app.domain.refusals import object_cases as cases
from app.domain.refusals import objects as refusals
from app.idempotency import KeyedRoute, Once
from app.routers.importing import ImportRequestDep, importing
from app.schemas import base
from app.schemas.actions import allowed_actions
from app.schemas.objects import (
    LibraryEntryRead,
    MergedObjectRead,
    ObjectBrief,
    ObjectCreate,
    ObjectRead,
    ObjectUpdate,
    WarningRead,
)
from app.schemas.page import Page, page_of
from app.services.event_import import EventImportService
from app.services.object_import import ObjectImportService
from app.services.objects import NewObject, ObjectService, ObjectView
from app.storage.objects import ObjectFilter
from app.storage.paging import Paging

router = APIRouter(prefix="/api/v1", tags=["objects"], route_class=KeyedRoute)
ObjectsDep = Annotated[ObjectService, Depends(service(ObjectService))]
ImportDep = Annotated[ObjectImportService, Depends(service(ObjectImportService))]
EventImportDep = Annotated[EventImportService, Depends(service(EventImportService))]

DATA = (
    refusals.RESPONSIBLE_REQUIRED,
    refusals.RESPONSIBLE_NOT_ALLOWED,
    refusals.RESPONSIBLE_UNKNOWN,
    refusals.AREA_OUTSIDE_REGION,
    refusals.INDUSTRY_UNKNOWN,
    refusals.EVENT_IN_FUTURE,
    refusals.ATTRIBUTES_INVALID,
    refusals.RISK_UNSOURCED,
)


def object_filter(
    kind: ObjectKind | None = None,
    status: ObjectStatus | None = None,
    risk_class: RiskClass | None = None,
    area_code: Annotated[base.AreaCode | None, Query(description="A prefix.")] = None,
    tag: base.Tag | None = None,
    q: Annotated[base.Query | None, Query(description="Part of a name; start of a code.")] = None,
    special_library: base.Tag | None = None,
    industry: Annotated[
        str | None,
        Query(
            pattern=r"^([A-T]|[A-T]?[0-9]{2,4})$",
            max_length=5,
            description="Of GB/T 4754: a section's letter, or the first digits of a code.",
        ),
    ] = None,
    last_inspected_before: Annotated[
        base.Day | None, Query(description="Not inspected since this day, or never.")
    ] = None,
    sort: ObjectSort = ObjectSort.CREATED,
) -> ObjectFilter:
    """What the list is narrowed to, and its order."""
    return ObjectFilter(
        kind, status, risk_class, area_code, tag, q, special_library, industry,
        last_inspected_before, sort,
    )  # fmt: skip


def object_paging(
    limit: Annotated[int, Query(ge=1, le=1000, description="Items per page.")] = 50,
    cursor: Annotated[
        str | None,
        Query(
            max_length=64,
            description="Of the same `sort`: another's is refused.",
            json_schema_extra={
                "pattern": "^[A-Za-z0-9_-]{21}([AQgw]|[A-Za-z0-9_-][AEIMQUYcgkosw048])$",
                "maxLength": 23,
            },
        ),
    ] = None,
    *,
    with_total: Annotated[
        bool, Query(description="Count all items, too: up to 10000, which means that or more.")
    ] = False,
) -> Paging:
    """Which part of the list is asked for."""
    return Paging(limit=limit, cursor=cursor, with_total=with_total)


def shape_object(view: ObjectView, actor: Actor) -> ObjectRead:
    """The wire shape of an object."""
    shaped = ObjectRead.model_validate(view.subject)
    shaped.responsible_object_code = view.responsible_code
    shaped.entries = [
        LibraryEntryRead(
            department_code=row.department_code,
            tags=row.entry.tags,
            transfer_id=row.entry.transfer_id,
            special_libraries=row.entry.special_libraries,
        )
        for row in view.entries
    ]
    shaped.warnings = [WarningRead.model_validate(doubt) for doubt in view.warnings]
    shaped.answers_for = [ObjectBrief.model_validate(one) for one in view.answers_for]
    shaped.merged_objects = [MergedObjectRead(id=one, code=code) for one, code in view.merged_codes]
    shaped.merged_into_code = view.merged_into_code
    shaped.joined = view.joined
    shaped.allowed_actions = allowed_actions(OBJECT, view.standing, actor)
    return shaped


@router.post(
    "/inspection-objects",
    operation_id="create_inspection_object",
    summary="录入检查对象(其他部门已录入的,加入本部门名录库)",
    status_code=201,
    **secured(
        Permission.OBJECT_WRITE,
        refusals.OBJECT_EXISTS,
        refusals.OBJECT_CODE_TAKEN,
        cases.OBJECT_MERGED,
        refusals.SCHEME_NOT_FOR_KIND,
        reference.BAD_CREDIT_CODE,
        reference.BAD_REGISTRATION_NUMBER,
        reference.BAD_PROJECT_CODE,
        *DATA,
        once=Once.ACCEPTED,
    ),
)
async def create_inspection_object(
    body: ObjectCreate, actor: ActorDep, objects: ObjectsDep, response: Response
) -> ObjectRead:
    """Enter an object; one that another department entered is joined, `joined` says so."""
    view = await objects.create(actor, NewObject(**body.model_dump()))
    response.headers["Location"] = f"/api/v1/inspection-objects/{view.subject.id}"
    set_etag(response, view.subject.row_version)
    return shape_object(view, actor)


@router.get(
    "/inspection-objects",
    operation_id="list_inspection_objects",
    summary="检查对象名录库",
    **secured(Permission.OBJECT_READ, general.BAD_CURSOR),
)
async def list_inspection_objects(
    actor: ActorDep,
    objects: ObjectsDep,
    paging: Annotated[Paging, Depends(object_paging)],
    wanted: Annotated[ObjectFilter, Depends(object_filter)],
) -> Page[ObjectRead]:
    """Objects of the own library (office and oversight: of the region), in the order asked for."""
    cut = await objects.list(actor, paging, wanted)
    return page_of(cut, [shape_object(view, actor) for view in cut.items])


@router.get(
    "/inspection-objects/{object_id}",
    operation_id="read_inspection_object",
    summary="检查对象详情",
    **secured(Permission.OBJECT_READ, general.NOT_FOUND),
)
async def read_inspection_object(
    object_id: IdPath, actor: ActorDep, objects: ObjectsDep, response: Response
) -> ObjectRead:
    """An object with its entries."""
    view = await objects.get(actor, object_id)
    set_etag(response, view.subject.row_version)
    return shape_object(view, actor)


@router.patch(
    "/inspection-objects/{object_id}",
    operation_id="change_inspection_object",
    summary="变更检查对象",
    **secured(Permission.OBJECT_WRITE, general.NOT_FOUND, cases.OBJECT_MERGED, *DATA, changes=True),
)
async def change_inspection_object(
    object_id: IdPath,
    body: ObjectUpdate,
    version: IfMatch,
    actor: ActorDep,
    objects: ObjectsDep,
    response: Response,
) -> ObjectRead:
    """Change the object's data (kept as an event) or the department's own tags."""
    view = await objects.change(actor, object_id, body.changes(), version)
    set_etag(response, view.subject.row_version)
    return shape_object(view, actor)


@router.post(
    "/inspection-objects/import",
    operation_id="import_inspection_objects",
    summary="导入检查对象(xlsx、xls、csv)",
    **importing(
        secured(Permission.OBJECT_WRITE, *tabular.OF_UPLOADS, general.CONFLICT, once=Once.REQUIRED)
    ),
)
async def import_inspection_objects(
    upload: UploadDep,
    actor: ActorDep,
    imports: ImportDep,
    request: ImportRequestDep,
) -> Any:
    """Store every row that can be taken, and say of each other row why not."""
    return await request(actor, ImportKind.OBJECT, upload, imports.run)


@router.post(
    "/inspection-objects/events/import",
    operation_id="import_object_events",
    summary="导入检查对象变动事件(xlsx、xls、csv)",
    **importing(
        secured(Permission.OBJECT_WRITE, *tabular.OF_UPLOADS, general.CONFLICT, once=Once.REQUIRED)
    ),
)
async def import_object_events(
    upload: UploadDep, actor: ActorDep, imports: EventImportDep, request: ImportRequestDep
) -> Any:
    """Record every event that can be taken, and say of each other row why not."""
    return await request(actor, ImportKind.OBJECT_EVENT, upload, imports.run)
