"""The checklist of a department: its items, their import, and its published versions (R01)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, UploadDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.imports import ImportKind
from app.domain.library_actions import ITEM
from app.domain.lifecycle import ItemClass, ItemStatus
from app.domain.refusals import checklists as refusals
from app.domain.refusals import general, plans, tabular
from app.idempotency import KeyedRoute, Once
from app.routers.importing import ImportRequestDep, importing
from app.schemas import base
from app.schemas.actions import allowed_actions, shape_refusal
from app.schemas.checklists import (
    ItemCreate,
    ItemRead,
    ItemRetire,
    ItemUpdate,
    ItemVersionRead,
    LackingRead,
    LeftOutRead,
    PlannableRead,
    VersionCreate,
    VersionDetail,
    VersionPublished,
    VersionRead,
)
from app.schemas.page import Page, page_of
from app.services.checklist_import import ChecklistImportService
from app.services.checklist_versions import ChecklistVersionService, VersionView
from app.services.checklists import ChecklistService, ItemView, NewItem
from app.storage.checklists import ItemFilter, VersionRow

router = APIRouter(prefix="/api/v1", tags=["checklists"], route_class=KeyedRoute)
ItemsDep = Annotated[ChecklistService, Depends(service(ChecklistService))]
ImportDep = Annotated[ChecklistImportService, Depends(service(ChecklistImportService))]
VersionsDep = Annotated[ChecklistVersionService, Depends(service(ChecklistVersionService))]


def _shape(view: ItemView, actor: Actor) -> ItemRead:
    shaped = ItemRead.model_validate(view.item)
    shaped.department_code = view.department.code
    shaped.business_line_code = view.business_line.code if view.business_line else None
    shaped.plannable = PlannableRead(
        allowed=not view.obstacles,
        version_number=view.version_number,
        changed_since_publication=view.published is not None
        and view.item.status is ItemStatus.DRAFT,
        refusals=[shape_refusal(one.refusal, one.facts) for one in view.obstacles],
    )
    shaped.allowed_actions = allowed_actions(ITEM, view.standing, actor)
    return shaped


def shape_version(row: VersionRow) -> VersionRead:
    """The wire shape of a published version."""
    version = row.version
    return VersionRead(
        id=version.id,
        department_code=row.department.code,
        department_name=row.department.name,
        region_code=row.department.region_code,
        number=version.number,
        status="current" if row.current else "superseded",
        platform_receipt_no=version.platform_receipt_no,
        platform_published_on=version.platform_published_on,
        site_url=version.site_url,
        site_published_on=version.site_published_on,
        item_count=version.item_count,
        published_at=version.published_at,
    )


def shape_detail(view: VersionView) -> VersionDetail:
    """The wire shape of a published version with its items."""
    return VersionDetail(
        **shape_version(view.row).model_dump(),
        items=[ItemVersionRead.model_validate(item) for item in view.items],
    )


@router.post(
    "/checklist-items",
    operation_id="create_checklist_item",
    summary="新建抽查事项(草稿)",
    status_code=201,
    **secured(
        Permission.CHECKLIST_WRITE,
        refusals.ITEM_EXISTS,
        refusals.ITEM_CODE_TAKEN,
        refusals.ITEM_CONTENT_INVALID,
        plans.UNKNOWN_BUSINESS_LINE,
        once=Once.ACCEPTED,
    ),
)
async def create_checklist_item(
    body: ItemCreate, actor: ActorDep, items: ItemsDep, response: Response
) -> ItemRead:
    """Make a draft item of the caller's department."""
    view = await items.create(actor, NewItem(**body.model_dump()))
    response.headers["Location"] = f"/api/v1/checklist-items/{view.item.id}"
    set_etag(response, view.item.row_version)
    return _shape(view, actor)


@router.get(
    "/checklist-items",
    operation_id="list_checklist_items",
    summary="抽查事项列表",
    **secured(Permission.CHECKLIST_READ, general.BAD_CURSOR),
)
async def list_checklist_items(
    actor: ActorDep,
    items: ItemsDep,
    paging: PagingDep,
    status: ItemStatus | None = None,
    item_class: ItemClass | None = None,
    q: Annotated[base.Query | None, Query(description="Part of a name; start of a code.")] = None,
) -> Page[ItemRead]:
    """Items of the own department (office and oversight: of the region), in order of making."""
    cut = await items.list(actor, paging, ItemFilter(status, item_class, q))
    return page_of(cut, [_shape(view, actor) for view in cut.items])


@router.get(
    "/checklist-items/{item_id}",
    operation_id="read_checklist_item",
    summary="抽查事项详情",
    **secured(Permission.CHECKLIST_READ, general.NOT_FOUND),
)
async def read_checklist_item(
    item_id: IdPath, actor: ActorDep, items: ItemsDep, response: Response
) -> ItemRead:
    """An item as the department works on it."""
    view = await items.get(actor, item_id)
    set_etag(response, view.item.row_version)
    return _shape(view, actor)


@router.patch(
    "/checklist-items/{item_id}",
    operation_id="change_checklist_item",
    summary="修改抽查事项",
    **secured(
        Permission.CHECKLIST_WRITE,
        general.NOT_FOUND,
        refusals.ITEM_EXISTS,
        refusals.ITEM_ALREADY_RETIRED,
        refusals.ITEM_CONTENT_INVALID,
        plans.UNKNOWN_BUSINESS_LINE,
        changes=True,
    ),
)
async def change_checklist_item(
    item_id: IdPath,
    body: ItemUpdate,
    version: IfMatch,
    actor: ActorDep,
    items: ItemsDep,
    response: Response,
) -> ItemRead:
    """Change an item; it is a draft again, and published versions stay as they are."""
    view = await items.change(actor, item_id, body.changes(), version)
    set_etag(response, view.item.row_version)
    return _shape(view, actor)


@router.post(
    "/checklist-items/{item_id}/retire",
    operation_id="retire_checklist_item",
    summary="取消抽查事项",
    **secured(
        Permission.CHECKLIST_WRITE,
        general.NOT_FOUND,
        refusals.ITEM_ALREADY_RETIRED,
        refusals.SUPERVISION_CODE_OUTDATED,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def retire_checklist_item(
    item_id: IdPath,
    body: ItemRetire,
    version: IfMatch,
    actor: ActorDep,
    items: ItemsDep,
    response: Response,
) -> ItemRead:
    """Take an item out of the checklist for ever; published versions keep it."""
    view = await items.retire(actor, item_id, body.reason, version)
    set_etag(response, view.item.row_version)
    return _shape(view, actor)


@router.post(
    "/checklist-items/import",
    operation_id="import_checklist_items",
    summary="导入抽查事项清单(xlsx、xls、csv)",
    **importing(
        secured(
            Permission.CHECKLIST_WRITE, *tabular.OF_UPLOADS, general.CONFLICT, once=Once.REQUIRED
        )
    ),
)
async def import_checklist_items(
    upload: UploadDep,
    actor: ActorDep,
    imports: ImportDep,
    request: ImportRequestDep,
) -> Any:
    """Store every row that can be taken, and say of each other row why not."""
    return await request(actor, ImportKind.CHECKLIST, upload, imports.run)


@router.post(
    "/checklist-versions",
    operation_id="publish_checklist",
    summary="公布随机抽查事项清单",
    status_code=201,
    **secured(
        Permission.CHECKLIST_PUBLISH,
        refusals.PUBLICATION_FACTS_INVALID,
        refusals.CHECKLIST_EMPTY,
        refusals.CHECKLIST_NOT_READY,
        refusals.CHECKLIST_TOO_LONG,
        refusals.SUPERVISION_CODE_OUTDATED,
        once=Once.REQUIRED,
    ),
)
async def publish_checklist(
    body: VersionCreate, actor: ActorDep, versions: VersionsDep, response: Response
) -> VersionPublished:
    """Publish the live items as the next version, with the platform's receipt and the site.

    Items that lack a legal basis or a method stop it, unless `leave_out_incomplete` is said: then
    they are named in `left_out` and stay drafts.
    """
    view = await versions.publish(actor, **body.model_dump())
    response.headers["Location"] = f"/api/v1/checklist-versions/{view.row.version.id}"
    return VersionPublished(
        **dict(shape_detail(view)),
        left_out=[
            LeftOutRead(
                item_id=item.id,
                code=item.code,
                name=item.name,
                lacking=[LackingRead.model_validate(fault) for fault in lacks.faults],
            )
            for item, lacks in view.left_out
        ],
    )


@router.get(
    "/checklist-versions",
    operation_id="list_checklist_versions",
    summary="已公布的清单版本",
    **secured(Permission.CHECKLIST_READ, general.BAD_CURSOR),
)
async def list_checklist_versions(
    versions: VersionsDep,
    paging: PagingDep,
    region_code: base.RegionCode | None = None,
    department_code: base.Code | None = None,
    *,
    current_only: bool = False,
) -> Page[VersionRead]:
    """Published lists of every department, newest first."""
    cut = await versions.list(
        paging,
        region_code=region_code,
        department_code=department_code,
        current_only=current_only,
    )
    return page_of(cut, [shape_version(row) for row in cut.items])


@router.get(
    "/checklist-versions/{version_id}",
    operation_id="read_checklist_version",
    summary="清单版本及其事项",
    **secured(Permission.CHECKLIST_READ, general.NOT_FOUND),
)
async def read_checklist_version(version_id: IdPath, versions: VersionsDep) -> VersionDetail:
    """A published list with its items as they were published."""
    return shape_detail(await versions.get(version_id))
