"""The secrets of service accounts, reached through their account, which is locked first."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.account import ClientSecret


async def unrevoked_secrets(session: AsyncSession, account_id: UUID) -> Sequence[ClientSecret]:
    """The secrets of an account that nobody has revoked, the oldest first; some may have ended."""
    query = select(ClientSecret).where(
        ClientSecret.account_id == account_id, ClientSecret.revoked_at.is_(None)
    )
    return (await session.execute(query.order_by(ClientSecret.id))).scalars().all()


async def secrets_of(
    session: AsyncSession, account_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[ClientSecret]]:
    """The unrevoked secrets of several accounts, the newest first."""
    query = select(ClientSecret).where(
        ClientSecret.account_id.in_(account_ids), ClientSecret.revoked_at.is_(None)
    )
    found: dict[UUID, list[ClientSecret]] = {}
    for secret in (await session.execute(query.order_by(ClientSecret.id.desc()))).scalars():
        found.setdefault(secret.account_id, []).append(secret)
    return found
