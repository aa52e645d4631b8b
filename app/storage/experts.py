"""Experts (R04): a department reads its own and the region's, who reads the region reads all.

Nothing here is joined with teams: an expert is in none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.lifecycle import ExpertStatus
from app.domain.refusals import experts as refusals
from app.domain.refusals import general
from app.models.people import Expert
from app.storage.constraints import refuse_on
from app.storage.paging import Paging, Slice, slice_of
from app.storage.search import contains

refuse_on("uq_expert_region_code_code", refusals.EXPERT_CODE_TAKEN)


@dataclass(frozen=True, slots=True)
class ExpertFilter:
    """What a list of experts is narrowed to; None: not at all."""

    status: ExpertStatus | None = None
    field: str | None = None
    q: str | None = None


def _visible(scope: Scope) -> ColumnElement[bool]:
    if scope.everything:
        return true()
    in_region = Expert.region_code.startswith(scope.region_prefix, autoescape=True)
    if scope.reads_region:
        return in_region
    return and_(
        in_region,
        or_(Expert.department_id.is_(None), Expert.department_id == scope.department_id),
    )


async def get_expert(session: AsyncSession, expert_id: UUID, scope: Scope) -> Expert:
    """An expert in the caller's scope; raises not-found."""
    query = select(Expert).where(Expert.id == expert_id, _visible(scope))
    return _found((await session.execute(query)).scalar_one_or_none())


async def lock_expert(session: AsyncSession, expert_id: UUID, scope: Scope) -> Expert:
    """An expert in the caller's scope, locked; whose it is to change, the action table says."""
    query = select(Expert).where(Expert.id == expert_id, _visible(scope))
    return _found((await session.execute(query.with_for_update())).scalar_one_or_none())


async def list_experts(
    session: AsyncSession, scope: Scope, paging: Paging, wanted: ExpertFilter
) -> Slice[Expert]:
    """Experts in order of making; `q` is part of a name or an institution."""
    query = select(Expert).where(_visible(scope))
    if wanted.status is not None:
        query = query.where(Expert.status == wanted.status)
    if wanted.field is not None:
        query = query.where(Expert.fields.contains([wanted.field]))
    if wanted.q is not None:
        query = query.where(
            or_(contains(Expert.name, wanted.q), contains(Expert.institution, wanted.q))
        )
    return await slice_of(session, query, Expert.id, paging)


async def codes_of_experts(
    session: AsyncSession, region_code: str, codes: Iterable[str]
) -> set[str]:
    """Which of the codes are experts' in the region, of every department; codes are public."""
    query = select(Expert.code).where(
        Expert.region_code == region_code, Expert.code.in_(sorted(set(codes)))
    )
    return set((await session.execute(query)).scalars())


def _found(expert: Expert | None) -> Expert:
    if expert is None:
        raise RuleError(general.NOT_FOUND)
    return expert
