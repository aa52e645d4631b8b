"""Drawn objects that are no longer active, and who would take their place (DRAW s.3)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.object_actions import FLAG
from app.domain.object_cases import FlagStatus
from app.domain.refusals import general
from app.domain.refusals import object_cases as refusals
from app.idempotency import KeyedRoute, Once
from app.schemas.actions import allowed_actions
from app.schemas.object_cases import DrawFlagRead, FlagDismiss, ObjectFlagRead
from app.schemas.page import Page, page_of
from app.services.object_flags import FlagView, ObjectFlagService

router = APIRouter(prefix="/api/v1", tags=["objects"], route_class=KeyedRoute)
FlagsDep = Annotated[ObjectFlagService, Depends(service(ObjectFlagService))]


def draw_flag_read(view: FlagView) -> DrawFlagRead:
    """A flag as its draw shows it."""
    flag = view.row.flag
    return DrawFlagRead(
        id=flag.id,
        status=flag.status,
        raised_at=flag.raised_at,
        object_code=view.row.subject.code,
        stratum=flag.stratum,
        replacement=view.replacement,
    )


def _read(view: FlagView, actor: Actor) -> ObjectFlagRead:
    row = view.row
    return ObjectFlagRead.model_validate(
        draw_flag_read(view).model_dump()
        | {
            "draw_id": row.draw.id,
            "draw_no": row.draw.draw_no,
            "object_id": row.subject.id,
            "object_name": row.subject.name,
            "object_status": row.subject.status,
            "sheet_id": row.sheet.id,
            "sheet_no": row.sheet.sheet_no,
            "event_kind": row.event.kind if row.event else None,
            "event_on": row.event.effective_on if row.event else None,
            "closed_at": row.flag.closed_at,
            "close_reason": row.flag.close_reason,
            "allowed_actions": allowed_actions(FLAG, view.standing, actor),
        }
    )


@router.get(
    "/object-flags",
    operation_id="list_object_flags",
    summary="已抽中对象注销、停业等提示",
    **secured(Permission.DRAW_READ, general.BAD_CURSOR),
)
async def list_object_flags(
    actor: ActorDep,
    flags: FlagsDep,
    paging: PagingDep,
    status: FlagStatus | None = None,
    draw_id: Annotated[UUID | None, Query(description="Of this draw.")] = None,
) -> Page[ObjectFlagRead]:
    """Flags on draws of the own department and those it takes part in, newest first."""
    cut, views = await flags.list(actor, paging, status, draw_id)
    return page_of(cut, [_read(view, actor) for view in views])


@router.get(
    "/object-flags/{flag_id}",
    operation_id="read_object_flag",
    summary="已抽中对象提示详情(含递补建议)",
    **secured(Permission.DRAW_READ, general.NOT_FOUND),
)
async def read_object_flag(
    flag_id: IdPath, actor: ActorDep, flags: FlagsDep, response: Response
) -> ObjectFlagRead:
    """A flag, with the code that would take the object's place."""
    view = await flags.get(actor, flag_id)
    set_etag(response, view.row.flag.row_version)
    return _read(view, actor)


@router.post(
    "/object-flags/{flag_id}/dismiss",
    operation_id="dismiss_object_flag",
    summary="撤除已抽中对象提示",
    **secured(
        Permission.OBJECT_DECIDE,
        general.NOT_FOUND,
        refusals.FLAG_CLOSED,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def dismiss_object_flag(
    flag_id: IdPath,
    body: FlagDismiss,
    version: IfMatch,
    actor: ActorDep,
    flags: FlagsDep,
    response: Response,
) -> ObjectFlagRead:
    """The object stays on the list; a leader of the drawing department says why."""
    view = await flags.dismiss(actor, flag_id, version, body.reason)
    set_etag(response, view.row.flag.row_version)
    return _read(view, actor)
