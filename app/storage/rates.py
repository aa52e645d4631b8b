"""Publication rates and completion, derived from inspections in one statement (R19, R20).

The public figures take no scope (they are public); the figures with ids take one. Nothing here
is stored: a figure that is kept could differ from what it counts.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, cast, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import EVERYTHING, Scope, region_prefix
from app.domain.lifecycle import ENDED_STATES, InspectionStatus
from app.domain.publication import Rate, Tally
from app.models.inspection import Inspection, InspectionSheet
from app.models.organisation import Department
from app.models.plan import Plan, PlanTask
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_or_region

AnySelect = Select[*tuple[Any, ...]]
S = TypeVar("S", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class RateFilter:
    """What is counted; a region is meant with all places below it, a year is the plan's."""

    region_code: str | None = None
    department_code: str | None = None
    year: int | None = None
    plan_no: str | None = None
    plan_task_code: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over inspections, and how many sheets and plan tasks are complete."""

    tally: Tally
    sheets: Rate
    tasks: Rate


class Part(StrEnum):
    """Which inspections stand behind a figure."""

    ENDED = "ended"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    REQUIRED = "required"
    VOID = "void"
    DUE = "due"
    ON_TIME = "on_time"


_is_void = Inspection.status == InspectionStatus.VOID
_is_published = Inspection.status == InspectionStatus.PUBLISHED
_is_ended = Inspection.status.in_(ENDED_STATES)
_published_on = cast(func.timezone("Asia/Shanghai", Inspection.published_at), Date)
_on_time = and_(_is_published, or_(Inspection.due_on.is_(None), _published_on <= Inspection.due_on))


def _due(today: dt.date) -> ColumnElement[bool]:
    return and_(~_is_void, or_(_is_published, Inspection.due_on < today))


def _condition(part: Part, today: dt.date) -> ColumnElement[bool]:
    return {
        Part.ENDED: _is_ended,
        Part.PUBLISHED: _is_published,
        Part.UNPUBLISHED: and_(_is_ended, ~_is_published),
        Part.REQUIRED: ~_is_void,
        Part.VOID: _is_void,
        Part.DUE: _due(today),
        Part.ON_TIME: _on_time,
    }[part]


async def count_figures(
    session: AsyncSession, filters: RateFilter, today: dt.date, scope: Scope = EVERYTHING
) -> Figures:
    """All figures in one statement. Without a scope they are the public's.

    A joint sheet is complete when every unit's section is, whichever unit is asked about.
    """
    columns = select(
        Inspection.status.label("status"),
        Inspection.sheet_id.label("sheet_id"),
        InspectionSheet.plan_task_id.label("plan_task_id"),
        _due(today).label("is_due"),
        _on_time.label("is_on_time"),
    ).select_from(Inspection)
    picked = _narrowed(columns, filters, scope).cte("picked")
    counts = select(
        func.count().filter(picked.c.status != InspectionStatus.VOID).label("required"),
        func.count().filter(picked.c.status.in_(ENDED_STATES)).label("ended"),
        func.count().filter(picked.c.status == InspectionStatus.PUBLISHED).label("published"),
        func.count().filter(picked.c.status == InspectionStatus.VOID).label("void"),
        func.count().filter(picked.c.is_due).label("due"),
        func.count().filter(picked.c.is_on_time).label("on_time"),
    ).cte("counts")
    states = _sheet_states(select(picked.c.plan_task_id)).cte("states")
    # Void sheets are in no rate.
    sheets = (
        select(
            func.count().filter(states.c.counted > 0).label("sheets"),
            func.count().filter(_complete(states)).label("sheets_complete"),
        )
        .where(states.c.sheet_id.in_(select(picked.c.sheet_id)))
        .cte("sheets")
    )
    per_task = _task_states(states).cte("per_task")
    tasks = select(
        func.count().filter(per_task.c.counted > 0).label("tasks"),
        func.count().filter(per_task.c.complete).label("tasks_complete"),
    ).cte("tasks")
    all_three = counts.join(sheets, true()).join(tasks, true())  # one row each
    row = (await session.execute(select(counts, sheets, tasks).select_from(all_three))).one()
    tally = Tally(row.required, row.ended, row.published, row.void, row.due, row.on_time)
    return Figures(
        tally, Rate(row.sheets_complete, row.sheets), Rate(row.tasks_complete, row.tasks)
    )


async def list_counted(
    session: AsyncSession,
    filters: RateFilter,
    part: Part,
    today: dt.date,
    scope: Scope,
    paging: Paging,
) -> Slice[Inspection]:
    """The inspections behind one figure, in order of making."""
    query = _narrowed(select(Inspection), filters, scope).where(_condition(part, today))
    return await slice_of(session, query, Inspection.id, paging)


async def task_completion(session: AsyncSession, task_ids: Sequence[UUID]) -> dict[UUID, bool]:
    """Whether plan tasks are complete (R20); one without a sheet is not.

    No scope: whoever asks has read the tasks in theirs, and that they are complete is public.
    """
    states = _sheet_states(task_ids).cte("states")
    per_task = _task_states(states)
    found = dict.fromkeys(task_ids, False)
    for row in await session.execute(per_task):
        found[row.plan_task_id] = bool(row.complete)
    return found


def _narrowed(query: S, filters: RateFilter, scope: Scope) -> S:
    query = (
        query.join(InspectionSheet, InspectionSheet.id == Inspection.sheet_id)
        .join(PlanTask, PlanTask.id == InspectionSheet.plan_task_id)
        .join(Plan, Plan.id == PlanTask.plan_id)
        .where(own_or_region(Inspection.department_id, scope))
    )
    if filters.region_code is not None:
        prefix = region_prefix(filters.region_code)
        query = query.where(Inspection.region_code.startswith(prefix, autoescape=True))
    if filters.department_code is not None:
        of_code = select(Department.id).where(Department.code == filters.department_code)
        query = query.where(Inspection.department_id.in_(of_code))
    if filters.year is not None:
        query = query.where(Plan.year == filters.year)
    if filters.plan_no is not None:
        query = query.where(Plan.plan_no == filters.plan_no)
    if filters.plan_task_code is not None:
        query = query.where(PlanTask.code == filters.plan_task_code)
    return query


def _sheet_states(task_ids: Any) -> AnySelect:
    """Per sheet of the tasks: how many sections count, and how many are published."""
    return (
        select(
            InspectionSheet.plan_task_id.label("plan_task_id"),
            InspectionSheet.id.label("sheet_id"),
            func.count().filter(~_is_void).label("counted"),
            func.count().filter(_is_published).label("published"),
        )
        .join(Inspection, Inspection.sheet_id == InspectionSheet.id)
        .where(InspectionSheet.plan_task_id.in_(task_ids))
        .group_by(InspectionSheet.plan_task_id, InspectionSheet.id)
    )


def _complete(states: Any) -> ColumnElement[bool]:
    return and_(states.c.counted > 0, states.c.published == states.c.counted)


def _task_states(states: Any) -> AnySelect:
    counted = func.count().filter(states.c.counted > 0)
    complete = func.count().filter(_complete(states))
    return select(
        states.c.plan_task_id.label("plan_task_id"),
        counted.label("counted"),
        and_(counted > 0, complete == counted).label("complete"),
    ).group_by(states.c.plan_task_id)
