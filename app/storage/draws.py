"""Draws, their frozen files, contributions and outcomes.

Visible to the drawing department, the participants, the contributors, office and oversight; from
the publication of the manifest on, to everybody through the public reads.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.lifecycle import DrawStatus
from app.domain.refusals import draws as refusals
from app.domain.refusals import general
from app.models.draw import (
    Draw,
    DrawCommitment,
    DrawContributor,
    DrawFile,
    DrawOpening,
    Selection,
    TeamMember,
)
from app.models.plan import PlanTask, PlanTaskDepartment
from app.storage.constraints import refuse_on
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_or_region

refuse_on("uq_draw_live_task", refusals.DRAW_EXISTS)
refuse_on("uq_draw_draw_no", refusals.DRAW_EXISTS)
refuse_on("pk_draw_commitment", refusals.ALREADY_COMMITTED)
refuse_on("pk_draw_opening", refusals.ALREADY_OPENED)
refuse_on("uq_selection_draw_id_object_code", refusals.ALREADY_REVEALED)

_PUBLIC = or_(Draw.published_at.is_not(None), Draw.status == DrawStatus.ANNULLED)
"""From the publication of the manifest on; an annulled draw is public whatever it came to."""
_WHOLE = tuple(
    undefer(column) for column in (Draw.manifest, Draw.sealed_secret, Draw.shortages, Draw.outcome)
)
"""The large columns, which lists do without."""
_BATCH = 5000
WAITING = (
    DrawStatus.FROZEN,
    DrawStatus.PUBLISHED,
    DrawStatus.COMMITTED,
    DrawStatus.OPENED,
)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a contributor has given so far."""

    code: str
    department_id: UUID
    commitment: str | None
    committed_at: dt.datetime | None
    value: str | None
    opened_at: dt.datetime | None


def _visible(scope: Scope) -> ColumnElement[bool]:
    own = own_or_region(Draw.department_id, scope)
    if scope.department_id is None:
        return own
    contributes = (
        select(DrawContributor.draw_id)
        .where(DrawContributor.department_id == scope.department_id)
        .scalar_subquery()
    )
    takes_part = (
        select(PlanTaskDepartment.plan_task_id)
        .where(PlanTaskDepartment.department_id == scope.department_id)
        .scalar_subquery()
    )
    return or_(own, Draw.id.in_(contributes), Draw.plan_task_id.in_(takes_part))


async def get_draw(session: AsyncSession, draw_id: UUID, scope: Scope) -> Draw:
    """A draw that the caller may see; raises not-found."""
    query = select(Draw).where(Draw.id == draw_id, _visible(scope)).options(*_WHOLE)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def lock_draw(session: AsyncSession, draw_id: UUID, scope: Scope) -> Draw:
    """A draw that the caller may see, locked; raises not-found."""
    query = select(Draw).where(Draw.id == draw_id, _visible(scope)).options(*_WHOLE)
    found = (await session.execute(query.with_for_update())).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def list_draws(
    session: AsyncSession, scope: Scope, paging: Paging, status: DrawStatus | None
) -> Slice[Draw]:
    """Draws that the caller may see, newest first."""
    query = select(Draw).where(_visible(scope))
    if status is not None:
        query = query.where(Draw.status == status)
    return await slice_of(session, query, Draw.id, paging, newest_first=True)


async def list_public(session: AsyncSession, region_prefix: str, paging: Paging) -> Slice[Draw]:
    """Draws whose manifest is public (no scope: everybody sees them), newest first."""
    query = select(Draw).where(_PUBLIC)
    if region_prefix:
        query = query.where(Draw.region_code.startswith(region_prefix, autoescape=True))
    return await slice_of(session, query, Draw.id, paging, newest_first=True)


async def find_public(session: AsyncSession, draw_no: str) -> Draw:
    """A draw whose manifest is public, by number; raises not-found."""
    query = select(Draw).where(Draw.draw_no == draw_no, _PUBLIC).options(*_WHOLE)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def draws_of_task(session: AsyncSession, task_id: UUID) -> Sequence[Draw]:
    """All draws of a task (that the caller has locked), oldest first."""
    query = select(Draw).where(Draw.plan_task_id == task_id).order_by(Draw.frozen_at, Draw.id)
    return (await session.execute(query)).scalars().all()


async def due_draws(session: AsyncSession, now: dt.datetime) -> Sequence[tuple[UUID, DrawStatus]]:
    """Draws that wait for nobody any more: past close_at, or drawn and not yet locked (worker)."""
    query = (
        select(Draw.id, Draw.status)
        .where(
            or_(
                (Draw.close_at <= now) & Draw.status.in_(WAITING),
                Draw.status == DrawStatus.DRAWN,
            )
        )
        .order_by(Draw.close_at)
        .limit(100)
    )
    return [(draw_id, status) for draw_id, status in await session.execute(query)]


async def contributions(session: AsyncSession, draw_id: UUID) -> list[Contribution]:
    """Who contributes, and what each has given, in order of code."""
    rows = await session.execute(
        select(DrawContributor, DrawCommitment, DrawOpening)
        .outerjoin(
            DrawCommitment,
            (DrawCommitment.draw_id == DrawContributor.draw_id)
            & (DrawCommitment.code == DrawContributor.code),
        )
        .outerjoin(
            DrawOpening,
            (DrawOpening.draw_id == DrawContributor.draw_id)
            & (DrawOpening.code == DrawContributor.code),
        )
        .where(DrawContributor.draw_id == draw_id)
        .order_by(DrawContributor.code)
    )
    return [
        Contribution(
            code=contributor.code,
            department_id=contributor.department_id,
            commitment=commitment.commitment if commitment else None,
            committed_at=commitment.made_at if commitment else None,
            value=opening.value if opening else None,
            opened_at=opening.made_at if opening else None,
        )
        for contributor, commitment, opening in rows
    ]


async def files(session: AsyncSession, draw_id: UUID) -> dict[str, DrawFile]:
    """The frozen files with their content (of a draw the caller was allowed to read)."""
    rows = await session.execute(
        select(DrawFile).where(DrawFile.draw_id == draw_id).options(undefer(DrawFile.content))
    )
    return {found.name: found for found in rows.scalars()}


async def add_outcome(
    session: AsyncSession,
    selected: Sequence[Mapping[str, Any]],
    seats: Sequence[Mapping[str, Any]],
) -> None:
    """Store the rows of winners and reserve, and of the teams; there may be ten thousands."""
    for model, rows in ((Selection, selected), (TeamMember, seats)):
        for start in range(0, len(rows), _BATCH):
            await session.execute(insert(model), rows[start : start + _BATCH])


async def selections(session: AsyncSession, draw_id: UUID) -> Sequence[Selection]:
    """Winners and reserve by stratum and rank (of a draw the caller was allowed to read)."""
    query = (
        select(Selection)
        .where(Selection.draw_id == draw_id)
        .order_by(Selection.stratum, Selection.rank)
    )
    return (await session.execute(query)).scalars().all()


async def team_members(session: AsyncSession, draw_id: UUID) -> Sequence[TeamMember]:
    """The teams, slot by slot (of a draw the caller was allowed to read)."""
    query = (
        select(TeamMember)
        .where(TeamMember.draw_id == draw_id)
        .order_by(TeamMember.object_code, TeamMember.department_code, TeamMember.slot)
    )
    return (await session.execute(query)).scalars().all()


async def task_of(session: AsyncSession, draw: Draw) -> PlanTask:
    """The plan task of a draw."""
    return (
        await session.execute(select(PlanTask).where(PlanTask.id == draw.plan_task_id))
    ).scalar_one()
