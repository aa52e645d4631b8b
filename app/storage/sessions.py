"""Sessions: lists, the lock before a change, and when one was last used.

Whose sessions are asked for stands in every query: an account's own, or those of the account that
the administrator names.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.errors import RuleError
from app.domain.refusals import general
from app.models.account import Account, ClientSecret, Session
from app.models.organisation import Department
from app.storage.paging import Paging, Slice, slice_of

_BATCH = 10_000
Codes = Mapping[UUID, str]
"""Codes of departments by their ids."""


async def lock_session(
    session: AsyncSession, session_id: UUID, account_id: UUID | None = None
) -> Session:
    """A session, locked; of that account, if one is named; raises not-found."""
    query = select(Session).where(Session.id == session_id)
    if account_id is not None:
        query = query.where(Session.account_id == account_id)
    found = (await session.execute(query.with_for_update())).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def end_sessions(
    session: AsyncSession,
    account_id: UUID,
    now: dt.datetime,
    reason: str,
    *,
    but: UUID | None = None,
    client_secret_id: UUID | None = None,
) -> int:
    """End the sessions of an account: all, but one, or of one secret; returns how many."""
    query = select(Session).where(
        Session.account_id == account_id, Session.ended_at.is_(None), Session.expires_at > now
    )
    if but is not None:
        query = query.where(Session.id != but)
    if client_secret_id is not None:
        query = query.where(Session.client_secret_id == client_secret_id)
    rows = await session.execute(query.order_by(Session.id).with_for_update())
    found = rows.scalars().all()
    for held in found:
        held.ended_at = now
        held.end_reason = reason
    return len(found)


async def end_with_secret(session: AsyncSession, secret: ClientSecret) -> None:
    """Let no token that was given for a secret outlive it."""
    await session.execute(
        update(Session)
        .where(Session.client_secret_id == secret.id, Session.expires_at > secret.expires_at)
        .values(expires_at=secret.expires_at)
    )


def _is_live(now: dt.datetime, idle_since: dt.datetime | None) -> list[ColumnElement[bool]]:
    live = [Session.ended_at.is_(None), Session.expires_at > now]
    return live if idle_since is None else [*live, Session.last_used_at > idle_since]


async def list_sessions(
    session: AsyncSession,
    account_id: UUID,
    now: dt.datetime,
    idle_since: dt.datetime | None,
    paging: Paging,
) -> Slice[Session]:
    """The sessions of an account that work now, the newest first."""
    query = select(Session).where(Session.account_id == account_id, *_is_live(now, idle_since))
    return await slice_of(session, query, Session.id, paging, newest_first=True)


async def codes_of(session: AsyncSession, held: Sequence[Session]) -> Codes:
    """The codes of the departments that sessions act at."""
    ids = {one.department_id for one in held if one.department_id is not None}
    rows = await session.execute(
        select(Department.id, Department.code).where(Department.id.in_(ids))
    )
    return {one: code for one, code in rows}  # noqa: C416  typed


async def note_use(session: AsyncSession, session_id: UUID, now: dt.datetime) -> None:
    """Note that a session was used now; whoever holds the row is not waited for."""
    free = select(Session.id).where(Session.id == session_id).with_for_update(skip_locked=True)
    await session.execute(update(Session).where(Session.id.in_(free)).values(last_used_at=now))


async def last_uses(
    session: AsyncSession, account_ids: Sequence[UUID]
) -> Mapping[UUID, dt.datetime]:
    """When accounts were last used; none for one that never was."""
    latest = (
        select(Session.last_used_at)
        .where(Session.account_id == Account.id)
        .order_by(Session.last_used_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    # A service's tokens are forgotten after a while, its secrets are not.
    asked = (
        select(func.max(ClientSecret.last_used_at))
        .where(ClientSecret.account_id == Account.id)
        .scalar_subquery()
    )
    query = select(Account.id, func.greatest(latest, asked)).where(Account.id.in_(account_ids))
    rows = await session.execute(query)
    return {account_id: used_at for account_id, used_at in rows if used_at is not None}


async def forget_tokens(session: AsyncSession, before: dt.datetime) -> int:
    """Delete sessions of services that ran out before then, a batch at a time."""
    old = (
        select(Session.id)
        .where(Session.client_secret_id.is_not(None), Session.expires_at < before)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    gone = await session.execute(delete(Session).where(Session.id.in_(old)).returning(Session.id))
    return len(gone.all())
