"""The passwords that an account has had; only as many as a profile remembers at most."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.passwords import MOST_REMEMBERED
from app.models.account import PasswordHistory
from app.models.base import new_id


async def last_hashes(session: AsyncSession, account_id: UUID, count: int) -> Sequence[str]:
    """The hashes of the last passwords that were set, the newest first."""
    query = select(PasswordHistory.password_hash).where(PasswordHistory.account_id == account_id)
    rows = await session.execute(query.order_by(PasswordHistory.id.desc()).limit(count))
    return rows.scalars().all()


async def remember_hash(
    session: AsyncSession, account_id: UUID, password_hash: str, now: dt.datetime
) -> None:
    """Keep the hash of a password that was set, and forget what no profile asks for."""
    session.add(
        PasswordHistory(id=new_id(), account_id=account_id, password_hash=password_hash, set_at=now)
    )
    await session.flush()
    kept = (
        select(PasswordHistory.id)
        .where(PasswordHistory.account_id == account_id)
        .order_by(PasswordHistory.id.desc())
        .limit(MOST_REMEMBERED)
    )
    await session.execute(
        delete(PasswordHistory).where(
            PasswordHistory.account_id == account_id, PasswordHistory.id.not_in(kept)
        )
    )
