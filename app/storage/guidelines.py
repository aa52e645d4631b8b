"""Guidelines, version by version: read in the caller's scope, changed in the own department."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.lifecycle import GuidelineKind, GuidelineStatus
from app.domain.refusals import general
from app.models.guideline import Guideline
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_only, own_or_region


@dataclass(frozen=True, slots=True)
class GuidelineFilter:
    """What a list of guidelines is narrowed to; None: not at all."""

    status: GuidelineStatus | None = None
    kind: GuidelineKind | None = None
    code: str | None = None


async def get_guideline(session: AsyncSession, guideline_id: UUID, scope: Scope) -> Guideline:
    """A guideline in the caller's scope; raises not-found."""
    query = select(Guideline).where(
        Guideline.id == guideline_id, own_or_region(Guideline.department_id, scope)
    )
    return _found((await session.execute(query)).scalar_one_or_none())


async def lock_guideline(session: AsyncSession, guideline_id: UUID, scope: Scope) -> Guideline:
    """A guideline of the caller's own department, locked; raises not-found."""
    query = select(Guideline).where(
        Guideline.id == guideline_id, own_only(Guideline.department_id, scope)
    )
    return _found((await session.execute(query.with_for_update())).scalar_one_or_none())


async def list_guidelines(
    session: AsyncSession, scope: Scope, paging: Paging, wanted: GuidelineFilter
) -> Slice[Guideline]:
    """Guidelines in order of making, every version."""
    query = select(Guideline).where(own_or_region(Guideline.department_id, scope))
    if wanted.status is not None:
        query = query.where(Guideline.status == wanted.status)
    if wanted.kind is not None:
        query = query.where(Guideline.kind == wanted.kind)
    if wanted.code is not None:
        query = query.where(Guideline.code == wanted.code)
    return await slice_of(session, query, Guideline.id, paging)


async def lock_versions(session: AsyncSession, department_id: UUID, code: str) -> list[Guideline]:
    """All versions of the caller's guideline of that code, locked, the latest first."""
    query = (
        select(Guideline)
        .where(Guideline.department_id == department_id, Guideline.code == code)
        .order_by(Guideline.version.desc())
    )
    return list((await session.execute(query.with_for_update())).scalars())


async def draft_versions(
    session: AsyncSession, found: Sequence[Guideline]
) -> dict[tuple[UUID, str], int]:
    """The draft of each code (of guidelines that the caller has read), by department and code."""
    if not found:
        return {}
    query = select(Guideline.department_id, Guideline.code, Guideline.version).where(
        Guideline.department_id.in_({one.department_id for one in found}),
        Guideline.code.in_({one.code for one in found}),
        Guideline.status == GuidelineStatus.DRAFT,
    )
    return {(unit, code): version for unit, code, version in await session.execute(query)}


async def version_before(session: AsyncSession, guideline: Guideline) -> Guideline | None:
    """The version before one that the caller has read; None for the first."""
    query = (
        select(Guideline)
        .where(
            Guideline.department_id == guideline.department_id,
            Guideline.code == guideline.code,
            Guideline.version < guideline.version,
        )
        .order_by(Guideline.version.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def in_force(session: AsyncSession, department_id: UUID) -> Sequence[Guideline]:
    """The active guidelines of a department whose plan the caller writes, by code."""
    query = (
        select(Guideline)
        .where(
            Guideline.department_id == department_id,
            Guideline.status == GuidelineStatus.ACTIVE,
        )
        .order_by(Guideline.code)
    )
    return (await session.execute(query)).scalars().all()


def _found(guideline: Guideline | None) -> Guideline:
    if guideline is None:
        raise RuleError(general.NOT_FOUND)
    return guideline
