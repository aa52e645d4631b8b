"""Wire shapes of a plan task's matrix."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import Day, ReadModel
from app.schemas.inspection_sheets import SectionStateRead
from app.schemas.page import Page

Codes = Annotated[list[str], Field(max_length=50)]


class MatrixDepartmentRead(ReadModel):
    """A department's column, counted over all sheets of the task; void sections apart."""

    code: str
    name: str
    sections: int
    published: int
    late: Annotated[int, Field(description="Not inspected by the deadline, or not published.")]


class MatrixRowRead(ReadModel):
    """An object's sheet: a cell per department."""

    sheet_id: UUID
    sheet_no: str
    object_code: str
    object_name: str
    deadline_on: Day
    complete: bool
    waiting_for: Codes
    late: Codes
    sections: Annotated[list[SectionStateRead], Field(max_length=50)]


class MatrixRead(Page[MatrixRowRead]):
    """Object × department; the sheet is complete when every department has published (R20)."""

    task_id: UUID
    task_code: str
    complete: bool
    departments: Annotated[list[MatrixDepartmentRead], Field(max_length=50)]
