"""Wire shapes of 《执法检查表》."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.domain.lifecycle import InspectionStatus, ItemClass, ResultCode
from app.schemas.actions import AllowedActions
from app.schemas.base import Day, Instant, ReadModel
from app.schemas.checklists import KeyPoint
from app.schemas.inspections import TeamMemberRead


class SectionStateRead(ReadModel):
    """A department's section: how far it is."""

    inspection_id: UUID
    department_code: str
    department_name: str
    status: InspectionStatus
    result_code: ResultCode | None
    due_on: Day | None
    published_at: Instant | None


class SheetTaskRead(ReadModel):
    """The plan task that the sheet comes from."""

    id: UUID
    code: str
    name: str
    plan_no: str
    plan_name: str
    targeted: bool
    methods: Annotated[list[str], Field(max_length=4)]
    period_from: Day
    period_to: Day


class SheetSummaryRead(ReadModel):
    """A sheet in a list; `complete` is derived from what is published (R20)."""

    id: UUID
    sheet_no: str
    region_code: str
    draw_id: UUID
    plan_task_id: UUID
    object_code: str
    object_name: str
    deadline_on: Day
    created_at: Instant
    complete: bool
    sections: Annotated[list[SectionStateRead], Field(max_length=50)]


class SheetItemRead(ReadModel):
    """An item to check: by what law, by which points, with which materials."""

    id: UUID
    code: str
    category: str
    name: str
    sub_item: str | None
    item_class: ItemClass
    legal_bases: Annotated[list[dict[str, Any]], Field(max_length=100)]
    key_points: Annotated[list[KeyPoint], Field(max_length=200)]
    methods: Annotated[list[str], Field(max_length=4)]
    materials: Annotated[list[str], Field(max_length=100)]


class SheetSectionRead(SectionStateRead):
    """A department's section: whom it sends and what it checks."""

    team: Annotated[list[TeamMemberRead], Field(max_length=50)]
    items: Annotated[list[SheetItemRead], Field(max_length=500)]
    allowed_actions: AllowedActions


class SheetRead(ReadModel):
    """《执法检查表》:一个对象一张表,一个部门一部分."""

    id: UUID
    sheet_no: str
    region_code: str
    draw_id: UUID
    object_code: str
    object: dict[str, Any] = Field(description="The subject as it was when the draw was locked.")
    task: SheetTaskRead
    deadline_on: Day
    created_at: Instant
    complete: bool
    sections: Annotated[list[SheetSectionRead], Field(max_length=50)]
