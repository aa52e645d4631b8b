"""The officer library (R03, R05)."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.refusals import general
from app.models.library import Officer
from app.storage.scope import own_or_region


async def get_officer(session: AsyncSession, officer_id: UUID, scope: Scope) -> Officer:
    """An officer in the caller's scope; raises not-found."""
    found = (
        await session.execute(
            select(Officer).where(
                Officer.id == officer_id, own_or_region(Officer.department_id, scope)
            )
        )
    ).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found
