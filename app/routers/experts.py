"""The expert library (R04): who advises; never of a team and never a signature."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.lifecycle import ExpertStatus
from app.domain.people_actions import EXPERT
from app.domain.refusals import experts as refusals
from app.domain.refusals import general, officers
from app.idempotency import KeyedRoute, Once
from app.schemas import base
from app.schemas.actions import allowed_actions
from app.schemas.experts import (
    ExpertCreate,
    ExpertDeparture,
    ExpertDetail,
    ExpertRead,
    ExpertUpdate,
)
from app.schemas.page import Page, page_of
from app.services.experts import ExpertService, ExpertView, NewExpert
from app.storage.experts import ExpertFilter

router = APIRouter(prefix="/api/v1/experts", tags=["experts"], route_class=KeyedRoute)
ExpertsDep = Annotated[ExpertService, Depends(service(ExpertService))]
_DATA = (
    refusals.CONFIDENTIALITY_PERIOD_INVALID,
    officers.IDENTITY_NUMBER_IN_TEXT,
    officers.CONTACT_REFUSED,
)


def expert_filter(
    status: ExpertStatus | None = None,
    field: Annotated[base.Tag | None, Query(description="Advises in this field.")] = None,
    q: Annotated[
        base.Query | None, Query(description="Part of a name or of an institution.")
    ] = None,
) -> ExpertFilter:
    """What the list is narrowed to."""
    return ExpertFilter(status, field, q)


def _read(view: ExpertView) -> ExpertRead:
    shaped = ExpertRead.model_validate(view.expert)
    shaped.department_code = view.department.code if view.department else None
    return shaped


def _detail(view: ExpertView, actor: Actor) -> ExpertDetail:
    return ExpertDetail(
        **_read(view).model_dump(),
        allowed_actions=allowed_actions(EXPERT, view.standing, actor),
    )


@router.post(
    "",
    operation_id="create_expert",
    summary="录入专家",
    status_code=201,
    **secured(
        Permission.EXPERT_WRITE,
        refusals.EXPERT_CODE_TAKEN,
        officers.PERSON_CODE_TAKEN,
        *_DATA,
        once=Once.ACCEPTED,
    ),
)
async def create_expert(
    body: ExpertCreate, actor: ActorDep, experts: ExpertsDep, response: Response
) -> ExpertDetail:
    """Enter an expert of the department; the leading-group office enters those of the region."""
    view = await experts.create(actor, NewExpert(**body.model_dump()))
    response.headers["Location"] = f"/api/v1/experts/{view.expert.id}"
    set_etag(response, view.expert.row_version)
    return _detail(view, actor)


@router.get(
    "",
    operation_id="list_experts",
    summary="专家库",
    **secured(Permission.EXPERT_READ, general.BAD_CURSOR),
)
async def list_experts(
    actor: ActorDep,
    experts: ExpertsDep,
    paging: PagingDep,
    wanted: Annotated[ExpertFilter, Depends(expert_filter)],
) -> Page[ExpertRead]:
    """Experts of the own department and of the region (office and oversight: all of it)."""
    cut = await experts.list(actor, paging, wanted)
    return page_of(cut, [_read(view) for view in cut.items])


@router.get(
    "/{expert_id}",
    operation_id="read_expert",
    summary="专家详情",
    **secured(Permission.EXPERT_READ, general.NOT_FOUND),
)
async def read_expert(
    expert_id: IdPath, actor: ActorDep, experts: ExpertsDep, response: Response
) -> ExpertDetail:
    """An expert, and what the caller may do."""
    view = await experts.get(actor, expert_id)
    set_etag(response, view.expert.row_version)
    return _detail(view, actor)


@router.patch(
    "/{expert_id}",
    operation_id="change_expert",
    summary="变更专家信息",
    **secured(
        Permission.EXPERT_WRITE, general.NOT_FOUND, refusals.EXPERT_LEFT, *_DATA, changes=True
    ),
)
async def change_expert(
    expert_id: IdPath,
    body: ExpertUpdate,
    version: IfMatch,
    actor: ActorDep,
    experts: ExpertsDep,
    response: Response,
) -> ExpertDetail:
    """Change what is known of an expert."""
    view = await experts.change(actor, expert_id, body.changes(), version)
    set_etag(response, view.expert.row_version)
    return _detail(view, actor)


@router.post(
    "/{expert_id}/departure",
    operation_id="record_expert_departure",
    summary="专家退出",
    **secured(
        Permission.EXPERT_WRITE,
        general.NOT_FOUND,
        refusals.EXPERT_LEFT,
        refusals.EXPERT_LEAVES_AHEAD,
        officers.IDENTITY_NUMBER_IN_TEXT,
        officers.CONTACT_REFUSED,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def record_expert_departure(
    expert_id: IdPath,
    body: ExpertDeparture,
    version: IfMatch,
    actor: ActorDep,
    experts: ExpertsDep,
    response: Response,
) -> ExpertDetail:
    """The expert advises no more, since a day and for a reason; the entry stays."""
    view = await experts.leave(actor, expert_id, version, body.left_on, body.reason)
    set_etag(response, view.expert.row_version)
    return _detail(view, actor)
