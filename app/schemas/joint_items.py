"""Wire shapes of joint items."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.joint_items import MAX_UNITS
from app.domain.lifecycle import JointItemStatus
from app.schemas.actions import AllowedActions
from app.schemas.base import (
    Code,
    Instant,
    LongTitle,
    Note,
    PatchModel,
    ReadModel,
    RequestModel,
    Title,
)
from app.schemas.checklists import ItemName

_ITEM: dict[str, Any] = {
    "field": "学校办学情况抽查",
    "name": "学校食堂食品安全情况的检查",
    "objects": "各类学校",
    "initiating": [{"name": "奈曼旗市场监督管理局", "department_code": "SCJG"}],
    "cooperating": [{"name": "奈曼旗教育体育局"}],
}


class JointUnitBody(RequestModel):
    """A unit by the name that the list gives it."""

    name: Title
    department_code: Annotated[
        Code | None,
        Field(
            description="The unit of the region that is meant. Without it the unit is linked by its"
            " name, where the region has exactly one of this name; else it stays text."
        ),
    ] = None


Initiating = Annotated[list[JointUnitBody], Field(min_length=1, max_length=MAX_UNITS)]
Cooperating = Annotated[list[JointUnitBody], Field(max_length=MAX_UNITS)]


class JointItemCreate(RequestModel):
    """A joint item. Two units or more, each named once."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM]})
    code: Annotated[
        Code | None, Field(description="Stable for ever; without one the next J0001 is given.")
    ] = None
    field: Annotated[LongTitle, Field(description="抽查领域")]
    name: Annotated[ItemName, Field(description="抽查事项")]
    objects: Annotated[ItemName, Field(description="检查对象")]
    initiating: Annotated[Initiating, Field(description="发起部门")]
    cooperating: Annotated[Cooperating, Field(description="配合部门")] = []


class JointItemUpdate(PatchModel):
    """What changes; the code never does. A list of units replaces the one before."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"cooperating": [{"name": "奈曼旗教育体育局"}]}]}
    )
    nullable: ClassVar[frozenset[str]] = frozenset()
    field: LongTitle | None = None
    name: ItemName | None = None
    objects: ItemName | None = None
    initiating: Initiating | None = None
    cooperating: Cooperating | None = None


class JointItemRetire(RequestModel):
    """Why the item leaves the joint list."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "依据已废止"}]})
    reason: Note


class JointUnitRead(ReadModel):
    """A unit of a joint item; without a code it is no unit of the region."""

    name: str
    department_code: str | None


UnitsRead = Annotated[list[JointUnitRead], Field(max_length=MAX_UNITS)]


class PublicJointItemRead(ReadModel):
    """A joint item as everybody sees it."""

    code: str
    region_code: str
    field: str
    name: str
    objects: str
    initiating: UnitsRead
    cooperating: UnitsRead


class JointItemRead(PublicJointItemRead):
    """A joint item as departments see it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_ITEM,
                    "cooperating": [{"name": "奈曼旗教育体育局", "department_code": "JYTY"}],
                    "code": "J0001",
                    "region_code": "150525",
                    "id": "01960000-0000-7000-8000-000000000001",
                    "status": "active",
                    "created_at": "2026-03-02T01:00:00Z",
                    "updated_at": "2026-03-02T01:00:00Z",
                }
            ]
        }
    )
    id: UUID
    status: JointItemStatus
    created_at: Instant
    updated_at: Instant
    allowed_actions: AllowedActions = []
