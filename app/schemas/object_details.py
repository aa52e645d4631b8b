"""Wire shapes of licences and contact data of inspection objects."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from app.schemas.actions import AllowedActions
from app.schemas.base import (
    Code,
    Day,
    Instant,
    Name,
    PatchModel,
    ReadModel,
    RequestModel,
    Title,
)
from app.schemas.objects import BoundedDay, Reason

Phone = Annotated[str, StringConstraints(pattern=r"^[0-9+][0-9 ()-]{4,31}$", max_length=32)]


class LicenceCreate(RequestModel):
    """A licence, as it was issued: until when, or for the long term (长期)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "食品经营许可证",
                    "number": "JY11505250000123",
                    "issuer": "奈曼旗市场监督管理局",
                    "approved_on": "2022-03-01",
                    "valid_to": "2027-02-28",
                }
            ]
        }
    )
    code: Annotated[Code | None, Field(description="The kind of licence, in the unit's codes.")] = (
        None
    )
    name: Title
    number: Name
    issuer: Title
    approved_on: BoundedDay
    valid_to: BoundedDay | None = None
    long_term: bool = False


class LicenceUpdate(PatchModel):
    """What changes: a renewal has a new last day."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"valid_to": "2032-02-28"}]})
    nullable: ClassVar[frozenset[str]] = frozenset({"code", "valid_to"})
    code: Code | None = None
    name: Title | None = None
    issuer: Title | None = None
    approved_on: BoundedDay | None = None
    valid_to: BoundedDay | None = None
    long_term: bool | None = None


class LicenceEnd(RequestModel):
    """From which day on it is no longer held, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ended_on": "2026-02-20", "reason": "经营者申请注销"}]}
    )
    ended_on: BoundedDay
    reason: Reason


class LicenceRead(ReadModel):
    """A licence of an object, as a department knows it."""

    id: UUID
    object_id: UUID
    department_id: UUID
    code: str | None
    name: Annotated[str, Field(max_length=200)]
    number: Annotated[str, Field(max_length=100)]
    issuer: Annotated[str, Field(max_length=200)]
    approved_on: Day
    valid_to: Day | None
    long_term: bool
    ended_on: Day | None
    created_at: Instant
    updated_at: Instant
    allowed_actions: AllowedActions = []


class ContactWrite(RequestModel):
    """Whom to contact; null clears a field, nobody at all clears the whole."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "legal_representative": "示例甲",
                    "liaison": "示例乙",
                    "phone": "0475-1234567",
                }
            ]
        }
    )
    legal_representative: Name | None = None
    liaison: Name | None = None
    phone: Phone | None = None


class ContactReveal(RequestModel):
    """What the full data are needed for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "送达随机抽查通知书"}]})
    reason: Reason


class ContactRead(ReadModel):
    """Whom to contact; masked, except in the answer to a reveal."""

    legal_representative: Annotated[str | None, Field(max_length=100)]
    liaison: Annotated[str | None, Field(max_length=100)]
    phone: Annotated[str | None, Field(max_length=32)]
    updated_at: Instant | None
