"""The joint list of a region, kept by the leading-group office, read by every department."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, UploadDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.imports import ImportKind
from app.domain.library_actions import JOINT_ITEM
from app.domain.lifecycle import JointItemStatus, JointPart
from app.domain.refusals import general, tabular
from app.domain.refusals import joint_items as refusals
from app.idempotency import KeyedRoute, Once
from app.public_cache import cached
from app.routers.importing import ImportRequestDep, importing
from app.schemas import base
from app.schemas.actions import allowed_actions
from app.schemas.joint_items import (
    JointItemCreate,
    JointItemRead,
    JointItemRetire,
    JointItemUpdate,
    JointUnitBody,
    PublicJointItemRead,
)
from app.schemas.page import Page, page_of
from app.services.joint_item_import import JointItemImportService
from app.services.joint_items import JointItemService, JointItemView, NamedUnit, NewJointItem
from app.storage.joint_items import JointFilter

router = APIRouter(prefix="/api/v1", tags=["joint-items"], route_class=KeyedRoute)
public = APIRouter(prefix="/api/v1/public", tags=["public"])
ItemsDep = Annotated[JointItemService, Depends(service(JointItemService))]
ImportDep = Annotated[JointItemImportService, Depends(service(JointItemImportService))]
_BY_UNIT = "The code of a unit of the region, or a unit's name as the list gives it."
FieldFilter = Annotated[base.LongTitle | None, Query(description="抽查领域, whole.")]
UnitFilter = Annotated[base.Title | None, Query(description=_BY_UNIT)]
SearchFilter = Annotated[
    base.Query | None, Query(description="Part of a name or of the objects; start of a code.")
]


def filters(
    field: FieldFilter = None,
    initiating: UnitFilter = None,
    cooperating: UnitFilter = None,
    q: SearchFilter = None,
) -> dict[str, Any]:
    """What both lists can be narrowed to."""
    return {"field": field, "initiating": initiating, "cooperating": cooperating, "q": q}


FiltersDep = Annotated[dict[str, Any], Depends(filters)]


def _units(bodies: list[JointUnitBody]) -> list[NamedUnit]:
    return [NamedUnit(body.name, body.department_code) for body in bodies]


def _texts(view: JointItemView) -> dict[str, Any]:
    item = view.item
    texts = {"code": item.code, "region_code": item.region_code, "field": item.field}
    return texts | {
        "name": item.name,
        "objects": item.objects,
        **{part.value: view.of(part) for part in JointPart},
    }


def _shape(view: JointItemView, actor: Actor) -> JointItemRead:
    item = view.item
    return JointItemRead(
        **_texts(view),
        id=item.id,
        status=item.status,
        created_at=item.created_at,
        updated_at=item.updated_at,
        allowed_actions=allowed_actions(JOINT_ITEM, view.standing, actor),
    )


@router.post(
    "/joint-items",
    operation_id="create_joint_item",
    summary="新建部门联合抽查事项",
    status_code=201,
    **secured(
        Permission.JOINT_ITEM_WRITE,
        refusals.JOINT_ITEM_EXISTS,
        refusals.JOINT_ITEM_CODE_TAKEN,
        refusals.JOINT_UNITS_INVALID,
        once=Once.ACCEPTED,
    ),
)
async def create_joint_item(
    body: JointItemCreate, actor: ActorDep, items: ItemsDep, response: Response
) -> JointItemRead:
    """Enter an item in the joint list of the caller's region."""
    new = NewJointItem(
        **body.model_dump(exclude={"initiating", "cooperating"}),
        initiating=_units(body.initiating),
        cooperating=_units(body.cooperating),
    )
    view = await items.create(actor, new)
    response.headers["Location"] = f"/api/v1/joint-items/{view.item.id}"
    set_etag(response, view.item.row_version)
    return _shape(view, actor)


@router.get(
    "/joint-items",
    operation_id="list_joint_items",
    summary="部门联合抽查事项清单",
    **secured(Permission.JOINT_ITEM_READ, general.BAD_CURSOR),
)
async def list_joint_items(
    actor: ActorDep,
    items: ItemsDep,
    paging: PagingDep,
    narrowed: FiltersDep,
    status: JointItemStatus | None = None,
) -> Page[JointItemRead]:
    """Joint items of the region and below it, in order of making; retired ones, too."""
    cut = await items.list(actor, paging, JointFilter(**narrowed, status=status))
    return page_of(cut, [_shape(view, actor) for view in cut.items])


@router.get(
    "/joint-items/{joint_item_id}",
    operation_id="read_joint_item",
    summary="部门联合抽查事项详情",
    **secured(Permission.JOINT_ITEM_READ, general.NOT_FOUND),
)
async def read_joint_item(
    joint_item_id: IdPath, actor: ActorDep, items: ItemsDep, response: Response
) -> JointItemRead:
    """A joint item of the region or below it."""
    view = await items.get(actor, joint_item_id)
    set_etag(response, view.item.row_version)
    return _shape(view, actor)


@router.patch(
    "/joint-items/{joint_item_id}",
    operation_id="change_joint_item",
    summary="修改部门联合抽查事项",
    **secured(
        Permission.JOINT_ITEM_WRITE,
        general.NOT_FOUND,
        refusals.JOINT_ITEM_EXISTS,
        refusals.JOINT_ITEM_ALREADY_RETIRED,
        refusals.JOINT_UNITS_INVALID,
        changes=True,
    ),
)
async def change_joint_item(
    joint_item_id: IdPath,
    body: JointItemUpdate,
    version: IfMatch,
    actor: ActorDep,
    items: ItemsDep,
    response: Response,
) -> JointItemRead:
    """Change an item of the own region's list; a list of units replaces the one before."""
    parts = {part for part in ("initiating", "cooperating") if part in body.model_fields_set}
    changes = body.changes() | {part: _units(getattr(body, part)) for part in parts}
    view = await items.change(actor, joint_item_id, changes, version)
    set_etag(response, view.item.row_version)
    return _shape(view, actor)


@router.post(
    "/joint-items/{joint_item_id}/retire",
    operation_id="retire_joint_item",
    summary="取消部门联合抽查事项",
    **secured(
        Permission.JOINT_ITEM_WRITE,
        general.NOT_FOUND,
        refusals.JOINT_ITEM_ALREADY_RETIRED,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def retire_joint_item(
    joint_item_id: IdPath,
    body: JointItemRetire,
    version: IfMatch,
    actor: ActorDep,
    items: ItemsDep,
    response: Response,
) -> JointItemRead:
    """Take an item out of the joint list for ever."""
    view = await items.retire(actor, joint_item_id, body.reason, version)
    set_etag(response, view.item.row_version)
    return _shape(view, actor)


@router.post(
    "/joint-items/import",
    operation_id="import_joint_items",
    summary="导入部门联合抽查事项清单(xlsx、xls、csv)",
    **importing(
        secured(
            Permission.JOINT_ITEM_WRITE, *tabular.OF_UPLOADS, general.CONFLICT, once=Once.REQUIRED
        )
    ),
)
async def import_joint_items(
    upload: UploadDep,
    actor: ActorDep,
    imports: ImportDep,
    request: ImportRequestDep,
) -> Any:
    """Store every row that can be taken, and say of each other row why not."""
    return await request(actor, ImportKind.JOINT_ITEM, upload, imports.run)


@public.get(
    "/joint-items",
    operation_id="list_public_joint_items",
    summary="部门联合抽查事项清单公示",
    response_model=Page[PublicJointItemRead],
    **secured(Permission.PUBLIC, general.BAD_CURSOR),
)
async def list_public_joint_items(
    request: Request,
    items: ItemsDep,
    paging: PagingDep,
    narrowed: FiltersDep,
    region_code: base.RegionCode | None = None,
) -> Response:
    """Joint items in force, of a region and below it."""
    wanted = JointFilter(**narrowed, status=JointItemStatus.ACTIVE)
    cut = await items.list_public(region_code, paging, wanted)
    shaped = [PublicJointItemRead(**_texts(view)) for view in cut.items]
    return cached(request, page_of(cut, shaped))
