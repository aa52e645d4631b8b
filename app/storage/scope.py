"""The caller's scope as SQL: what is not visible does not exist for them (404, never 403)."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.actor import Scope
from app.models.organisation import Department


def own_or_region(
    department_id: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], scope: Scope
) -> ColumnElement[bool]:
    """Rows of the caller's department; for office and oversight, of every unit of the region."""
    if scope.everything:
        return true()
    if scope.reads_region:
        return department_id.in_(departments_of_region(scope))
    if scope.department_id is None:
        return false()
    return department_id == scope.department_id


def own_only(
    department_id: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], scope: Scope
) -> ColumnElement[bool]:
    """Rows of the caller's department and no other: for changes, whatever they may read."""
    if scope.department_id is None:
        return false()
    return department_id == scope.department_id


def departments_of_region(scope: Scope) -> Any:
    """The ids of the departments in the caller's region and below it."""
    return select(Department.id).where(
        Department.region_code.startswith(scope.region_prefix, autoescape=True)
    )
