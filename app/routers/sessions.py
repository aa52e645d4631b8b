"""Sessions: one's own, and those of any account for the administrator."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.deps import ActorDep, IdPath, PagingDep, secured, service
from app.domain.actor import Permission
from app.domain.refusals import general
from app.idempotency import KeyedRoute, Once
from app.schemas.page import Page, page_of
from app.schemas.sessions import SessionRead, SessionsEnded
from app.services.sessions import SessionService, SessionView

router = APIRouter(prefix="/api/v1", tags=["sessions"], route_class=KeyedRoute)
SessionsDep = Annotated[SessionService, Depends(service(SessionService))]


def _shape(view: SessionView) -> SessionRead:
    held = view.session
    return SessionRead(
        id=held.id,
        department_code=view.department_code,
        created_at=held.created_at,
        last_used_at=held.last_used_at,
        expires_at=held.expires_at,
        ip=held.ip,
        user_agent=held.user_agent,
        scopes=held.scopes,
        current=view.current,
    )


@router.get(
    "/me/sessions",
    operation_id="list_my_sessions",
    summary="本人的登录会话",
    **secured(Permission.SELF, general.BAD_CURSOR),
)
async def list_my_sessions(
    actor: ActorDep, sessions: SessionsDep, paging: PagingDep
) -> Page[SessionRead]:
    """The caller's sessions that work now, the newest first."""
    cut = await sessions.list_own(actor, paging)
    return page_of(cut, [_shape(view) for view in cut.items])


@router.delete(
    "/me/sessions/{session_id}",
    operation_id="end_my_session",
    summary="结束本人的一个会话",
    status_code=204,
    **secured(Permission.SELF, general.NOT_FOUND),
)
async def end_my_session(session_id: IdPath, actor: ActorDep, sessions: SessionsDep) -> None:
    """End one of the caller's own sessions; its tokens stop working at once."""
    await sessions.end_own(actor, session_id)


@router.post(
    "/me/sessions/end-others",
    operation_id="end_my_other_sessions",
    summary="结束本人的其他会话",
    **secured(Permission.SELF, once=Once.ACCEPTED),
)
async def end_my_other_sessions(actor: ActorDep, sessions: SessionsDep) -> SessionsEnded:
    """End every session of the caller but the one that asks."""
    return SessionsEnded(ended_count=await sessions.end_others(actor))


@router.get(
    "/accounts/{account_id}/sessions",
    operation_id="list_account_sessions",
    summary="账号的登录会话",
    **secured(Permission.ACCOUNT_READ, general.NOT_FOUND, general.BAD_CURSOR),
)
async def list_account_sessions(
    account_id: IdPath, actor: ActorDep, sessions: SessionsDep, paging: PagingDep
) -> Page[SessionRead]:
    """An account's sessions that work now, the newest first; of a service, its access tokens."""
    cut = await sessions.list_of(actor, account_id, paging)
    return page_of(cut, [_shape(view) for view in cut.items])


@router.delete(
    "/accounts/{account_id}/sessions/{session_id}",
    operation_id="end_account_session",
    summary="结束账号的一个会话",
    status_code=204,
    **secured(Permission.ACCOUNT_WRITE, general.NOT_FOUND),
)
async def end_account_session(
    account_id: IdPath, session_id: IdPath, actor: ActorDep, sessions: SessionsDep
) -> None:
    """End a session of an account; its tokens stop working at once."""
    await sessions.end_of(actor, account_id, session_id)


@router.post(
    "/accounts/{account_id}/end-sessions",
    operation_id="end_account_sessions",
    summary="结束账号的全部会话",
    **secured(Permission.ACCOUNT_WRITE, general.NOT_FOUND, once=Once.ACCEPTED),
)
async def end_account_sessions(
    account_id: IdPath, actor: ActorDep, sessions: SessionsDep
) -> SessionsEnded:
    """End every session of an account."""
    return SessionsEnded(ended_count=await sessions.end_all(actor, account_id))
