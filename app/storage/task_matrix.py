"""How far each department of a plan task has got, counted over all its sheets (F34)."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.lifecycle import ENDED_STATES, InspectionStatus
from app.models.inspection import Inspection, InspectionSheet
from app.models.organisation import Department
from app.models.plan import PlanTaskDepartment


@dataclass(frozen=True, slots=True)
class DepartmentProgress:
    """A department's column of the matrix; void sections are in no count."""

    code: str
    name: str
    sections: int
    published: int
    late: int


async def progress_of_departments(
    session: AsyncSession, task_id: UUID, today: dt.date
) -> list[DepartmentProgress]:
    """The departments of a task (that the caller was allowed to read), lead first.

    `late` says in SQL what `domain.publication.is_late` says of one section.
    """
    counts = Inspection.status != InspectionStatus.VOID
    published = Inspection.status == InspectionStatus.PUBLISHED
    ended = Inspection.status.in_(ENDED_STATES)
    late = or_(
        and_(ended, Inspection.due_on < today), and_(~ended, InspectionSheet.deadline_on < today)
    )
    sections = (
        select(
            Inspection.department_id.label("department_id"),
            func.count().filter(counts).label("sections"),
            func.count().filter(published).label("published"),
            func.count().filter(counts, ~published, late).label("late"),
        )
        .join(InspectionSheet, InspectionSheet.id == Inspection.sheet_id)
        .where(InspectionSheet.plan_task_id == task_id)
        .group_by(Inspection.department_id)
        .subquery()
    )
    rows = await session.execute(
        select(
            Department.code,
            Department.name,
            func.coalesce(sections.c.sections, 0),
            func.coalesce(sections.c.published, 0),
            func.coalesce(sections.c.late, 0),
        )
        .join(PlanTaskDepartment, PlanTaskDepartment.department_id == Department.id)
        .outerjoin(sections, sections.c.department_id == Department.id)
        .where(PlanTaskDepartment.plan_task_id == task_id)
        .order_by(PlanTaskDepartment.position)
    )
    return [DepartmentProgress(*row) for row in rows]
