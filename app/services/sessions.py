"""Sessions as their owner, and the administrator, sees and ends them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.actor import Actor
from app.models.account import Session
from app.services.runtime import Runtime
from app.storage import accounts, sessions
from app.storage.paging import Paging, Slice

TOKENS_KEPT = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session, where it acts, and whether it is the one that asks."""

    session: Session
    department_code: str | None
    current: bool


class SessionService:
    """Use cases of sessions."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def list_own(self, actor: Actor, paging: Paging) -> Slice[SessionView]:
        """The caller's sessions that work now, the newest first."""
        assert actor.account_id is not None
        return await self._list(actor, actor.account_id, paging)

    async def list_of(self, actor: Actor, account_id: UUID, paging: Paging) -> Slice[SessionView]:
        """An account's sessions, for the administrator; raises not-found."""
        async with self._db.reading() as session:
            await accounts.get_account(session, account_id)
        return await self._list(actor, account_id, paging)

    async def _list(self, actor: Actor, account_id: UUID, paging: Paging) -> Slice[SessionView]:
        now = self._runtime.clock.now()
        idle_since = self._runtime.password_policy.idle_since(now)
        async with self._db.reading() as session:
            cut = await sessions.list_sessions(session, account_id, now, idle_since, paging)
            codes = await sessions.codes_of(session, cut.items)
        return Slice(_views(actor, cut.items, codes), cut.next_cursor, cut.total)

    async def end_own(self, actor: Actor, session_id: UUID) -> None:
        """End one of the caller's sessions; raises not-found for anybody else's."""
        assert actor.account_id is not None
        await self._end(actor, actor.account_id, session_id, "ended_by_owner")

    async def end_of(self, actor: Actor, account_id: UUID, session_id: UUID) -> None:
        """End a session of an account, for the administrator."""
        await self._end(actor, account_id, session_id, "ended_by_administrator")

    async def _end(self, actor: Actor, account_id: UUID, session_id: UUID, reason: str) -> None:
        async with self._db.unit_of_work(actor) as uow:
            held = await sessions.lock_session(uow.session, session_id, account_id)
            if held.ended_at is None:
                held.ended_at = uow.now
                held.end_reason = reason
            uow.audit("session.ended", "session", session_id, reason=reason)

    async def end_others(self, actor: Actor) -> int:
        """End every session of the caller but this one; returns how many there were."""
        assert actor.account_id is not None
        async with self._db.unit_of_work(actor) as uow:
            count = await sessions.end_sessions(
                uow.session, actor.account_id, uow.now, "ended_by_owner", but=actor.session_id
            )
            uow.audit("session.others_ended", "account", actor.account_id, count=count)
        return count

    async def end_all(self, actor: Actor, account_id: UUID) -> int:
        """End every session of an account, for the administrator; raises not-found."""
        async with self._db.unit_of_work(actor) as uow:
            await accounts.lock_account(uow.session, account_id)
            count = await sessions.end_sessions(
                uow.session, account_id, uow.now, "ended_by_administrator"
            )
            uow.audit("session.all_ended", "account", account_id, count=count)
        return count

    async def forget_tokens(self) -> int:
        """Delete what is left of services' tokens a week after they ran out: each is a row."""
        before = self._runtime.clock.now() - TOKENS_KEPT
        async with self._db.bookkeeping() as session:
            return await sessions.forget_tokens(session, before)


def _views(actor: Actor, found: Sequence[Session], codes: sessions.Codes) -> list[SessionView]:
    return [
        SessionView(
            one,
            codes.get(one.department_id) if one.department_id else None,
            one.id == actor.session_id,
        )
        for one in found
    ]
