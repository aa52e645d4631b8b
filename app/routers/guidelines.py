"""Guidelines: the six parts that a department inspects by (R06)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.library_actions import GUIDELINE
from app.domain.lifecycle import GuidelineKind, GuidelineStatus
from app.domain.refusals import general
from app.domain.refusals import guidelines as refusals
from app.idempotency import KeyedRoute, Once
from app.schemas.actions import allowed_actions
from app.schemas.base import Code
from app.schemas.differences import GUIDELINE_TITLES, shape_change
from app.schemas.guidelines import (
    GuidelineCreate,
    GuidelineDifferenceRead,
    GuidelineRead,
    GuidelineUpdate,
)
from app.schemas.page import Page, page_of
from app.services.guidelines import GuidelineService, GuidelineView, NewGuideline
from app.storage.guidelines import GuidelineFilter

router = APIRouter(prefix="/api/v1", tags=["guidelines"], route_class=KeyedRoute)
GuidelinesDep = Annotated[GuidelineService, Depends(service(GuidelineService))]


def _shape(view: GuidelineView, actor: Actor) -> GuidelineRead:
    shaped = GuidelineRead.model_validate(view.guideline)
    shaped.department_code = view.department.code
    shaped.allowed_actions = allowed_actions(GUIDELINE, view.standing, actor)
    return shaped


@router.post(
    "/guidelines",
    operation_id="create_guideline",
    summary="起草工作指引或者细则",
    status_code=201,
    **secured(
        Permission.GUIDELINE_WRITE,
        refusals.GUIDELINE_DRAFT_EXISTS,
        refusals.GUIDELINE_KIND_FIXED,
        refusals.GUIDELINE_ITEM_UNKNOWN,
        once=Once.ACCEPTED,
    ),
)
async def create_guideline(
    body: GuidelineCreate, actor: ActorDep, guidelines: GuidelinesDep, response: Response
) -> GuidelineRead:
    """Draft the first or the next version of a guideline."""
    view = await guidelines.create(actor, NewGuideline(**body.model_dump()))
    response.headers["Location"] = f"/api/v1/guidelines/{view.guideline.id}"
    set_etag(response, view.guideline.row_version)
    return _shape(view, actor)


@router.get(
    "/guidelines",
    operation_id="list_guidelines",
    summary="工作指引和细则列表",
    **secured(Permission.GUIDELINE_READ, general.BAD_CURSOR),
)
async def list_guidelines(
    actor: ActorDep,
    guidelines: GuidelinesDep,
    paging: PagingDep,
    status: GuidelineStatus | None = None,
    kind: GuidelineKind | None = None,
    code: Code | None = None,
) -> Page[GuidelineRead]:
    """Guidelines of the own department (office and oversight: of the region), every version."""
    cut = await guidelines.list(actor, paging, GuidelineFilter(status, kind, code))
    return page_of(cut, [_shape(view, actor) for view in cut.items])


@router.get(
    "/guidelines/{guideline_id}",
    operation_id="read_guideline",
    summary="工作指引或者细则详情",
    **secured(Permission.GUIDELINE_READ, general.NOT_FOUND),
)
async def read_guideline(
    guideline_id: IdPath, actor: ActorDep, guidelines: GuidelinesDep, response: Response
) -> GuidelineRead:
    """A guideline in one version."""
    view = await guidelines.get(actor, guideline_id)
    set_etag(response, view.guideline.row_version)
    return _shape(view, actor)


@router.patch(
    "/guidelines/{guideline_id}",
    operation_id="change_guideline",
    summary="修改草稿",
    **secured(
        Permission.GUIDELINE_WRITE,
        general.NOT_FOUND,
        refusals.GUIDELINE_NOT_DRAFT,
        refusals.GUIDELINE_ITEM_UNKNOWN,
        changes=True,
    ),
)
async def change_guideline(
    guideline_id: IdPath,
    body: GuidelineUpdate,
    version: IfMatch,
    actor: ActorDep,
    guidelines: GuidelinesDep,
    response: Response,
) -> GuidelineRead:
    """Change a draft; what is in force is never edited."""
    view = await guidelines.change(actor, guideline_id, body.changes(), version)
    set_etag(response, view.guideline.row_version)
    return _shape(view, actor)


@router.post(
    "/guidelines/{guideline_id}/revise",
    operation_id="revise_guideline",
    summary="修订:以施行的版本为底稿起草新版本",
    status_code=201,
    **secured(
        Permission.GUIDELINE_WRITE,
        general.NOT_FOUND,
        refusals.GUIDELINE_NOT_ACTIVE,
        refusals.GUIDELINE_DRAFT_EXISTS,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def revise_guideline(
    guideline_id: IdPath,
    version: IfMatch,
    actor: ActorDep,
    guidelines: GuidelinesDep,
    response: Response,
) -> GuidelineRead:
    """Copy the version in force into a draft; it stays in force until the draft is activated."""
    view = await guidelines.revise(actor, guideline_id, version)
    response.headers["Location"] = f"/api/v1/guidelines/{view.guideline.id}"
    set_etag(response, view.guideline.row_version)
    return _shape(view, actor)


@router.get(
    "/guidelines/{guideline_id}/difference",
    operation_id="compare_guidelines",
    summary="工作指引或者细则两个版本的差异",
    **secured(Permission.GUIDELINE_READ, general.NOT_FOUND, refusals.GUIDELINES_OF_TWO_CODES),
)
async def compare_guidelines(
    guideline_id: IdPath,
    actor: ActorDep,
    guidelines: GuidelinesDep,
    from_id: Annotated[
        UUID | None,
        Query(alias="from", description="Compared with this version; without it the one before."),
    ] = None,
) -> GuidelineDifferenceRead:
    """What makes this version of another one of the same guideline."""
    found = await guidelines.compare(actor, guideline_id, from_id)
    return GuidelineDifferenceRead(
        code=found.after.code,
        from_id=found.before.id if found.before else None,
        from_version=found.before.version if found.before else None,
        to_id=found.after.id,
        to_version=found.after.version,
        changes=[shape_change(change, GUIDELINE_TITLES) for change in found.changes],
    )


@router.post(
    "/guidelines/{guideline_id}/activate",
    operation_id="activate_guideline",
    summary="启用工作指引或者细则",
    **secured(
        Permission.GUIDELINE_ACTIVATE,
        general.NOT_FOUND,
        general.MAKER_IS_CHECKER,
        refusals.GUIDELINE_NOT_DRAFT,
        refusals.GUIDELINE_INCOMPLETE,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def activate_guideline(
    guideline_id: IdPath,
    version: IfMatch,
    actor: ActorDep,
    guidelines: GuidelinesDep,
    response: Response,
) -> GuidelineRead:
    """Put a complete draft in force; the version before it is superseded."""
    view = await guidelines.activate(actor, guideline_id, version)
    set_etag(response, view.guideline.row_version)
    return _shape(view, actor)
