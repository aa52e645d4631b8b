"""The matrix of a plan task: object × department, and whom everybody waits for (F34, R20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.actor import Actor
from app.domain.calendar import shanghai_date
from app.domain.lifecycle import InspectionStatus
from app.domain.publication import is_late
from app.models.inspection import InspectionSheet
from app.models.plan import PlanTask
from app.services.inspections import SheetSummary
from app.services.runtime import Runtime
from app.storage import inspections, plans, rates, task_matrix
from app.storage.inspections import Section
from app.storage.paging import Paging, Slice
from app.storage.task_matrix import DepartmentProgress

_DONE = frozenset({InspectionStatus.PUBLISHED, InspectionStatus.VOID})


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """An object's sheet, and the departments (by code) that keep it open."""

    summary: SheetSummary
    waiting_for: Sequence[str]
    late: Sequence[str]


@dataclass(frozen=True, slots=True)
class MatrixView:
    """A page of rows, with every department's count over the whole task."""

    task: PlanTask
    complete: bool
    departments: Sequence[DepartmentProgress]
    cut: Slice[InspectionSheet]
    rows: Sequence[MatrixRow]


class TaskMatrixService:
    """The one use case: reading it, by who takes part and by the region's readers."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database
        self._clock = runtime.clock

    async def get(self, actor: Actor, task_id: UUID, paging: Paging) -> MatrixView:
        """A page of sheets in order of making; complete is derived, never set."""
        today = shanghai_date(self._clock.now())
        async with self._db.snapshot() as session:
            task = await plans.get_shared_task(session, task_id, actor.scope)
            cut = await inspections.list_sheets(
                session, actor.scope, paging, object_code=None, plan_task_id=task_id
            )
            sections = await inspections.sections_of(session, [sheet.id for sheet in cut.items])
            departments = await task_matrix.progress_of_departments(session, task_id, today)
            complete = (await rates.task_completion(session, [task_id]))[task_id]

        def late(one: Section) -> bool:
            inspection = one.inspection
            return is_late(inspection.status, inspection.due_on, one.sheet.deadline_on, today)

        rows = [
            MatrixRow(
                SheetSummary(sheet, sections[sheet.id]),
                [
                    one.department.code
                    for one in sections[sheet.id]
                    if one.inspection.status not in _DONE
                ],
                [one.department.code for one in sections[sheet.id] if late(one)],
            )
            for sheet in cut.items
        ]
        return MatrixView(task, complete, departments, cut, rows)
