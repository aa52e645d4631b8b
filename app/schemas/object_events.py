"""Wire shapes of what happens to inspection objects, one by one and in batches."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from app.domain.lifecycle import IdScheme, ObjectKind, ObjectStatus, RiskClass
from app.domain.object_cases import EventOutcome, WaitingStatus
from app.domain.object_library import EventKind
from app.schemas.base import (
    Attributes,
    Code,
    Day,
    Instant,
    LongTitle,
    PatchModel,
    ReadModel,
    RequestModel,
    Title,
)
from app.schemas.objects import BoundedDay, IndustryCode, ObjectRead, PlaceCode, Reason

ExternalId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,100}$", max_length=100)]
Sequence = Annotated[int, Field(ge=0, le=2**53 - 1)]


class EventFacts(PatchModel):
    """What an event tells: of a change what changed, of a move where to. Null empties a field."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "奈曼旗示例食品商贸有限公司"}]}
    )
    nullable: ClassVar[frozenset[str]] = frozenset(
        {"address", "industry_code", "risk_source", "risk_on"}
    )
    name: Title | None = None
    address: LongTitle | None = None
    area_code: PlaceCode | None = None
    industry_code: IndustryCode | None = None
    risk_class: RiskClass | None = None
    risk_source: Title | None = None
    risk_on: BoundedDay | None = None
    responsible_object_code: Code | None = None
    attributes: Attributes | None = None


class ObjectEventCreate(RequestModel):
    """What happened, and the day it took effect. Status events set the status.

    An event of another system names it and the id that the event has there: sent again, it is
    answered as the first time.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "revoked", "effective_on": "2026-02-20", "reason": "吊销营业执照"},
                {
                    "kind": "moved",
                    "effective_on": "2026-02-20",
                    "facts": {"area_code": "150525101", "address": "奈曼旗八仙筒镇示例街 2 号"},
                    "source": "AMR-NEIMENGGU",
                    "external_id": "20260220-000123",
                    "source_sequence": 123,
                },
            ]
        }
    )
    kind: EventKind
    effective_on: BoundedDay
    reason: Reason | None = None
    facts: EventFacts | None = None
    source: Code | None = None
    external_id: ExternalId | None = None
    source_sequence: Sequence | None = None


class ObjectEventRow(RequestModel):
    """One event of a batch."""

    external_id: ExternalId
    object_code: Code
    kind: EventKind
    effective_on: BoundedDay
    source_sequence: Sequence | None = None
    object_kind: Annotated[
        ObjectKind | None, Field(description="Of an establishment; of other events left out.")
    ] = None
    id_scheme: Annotated[
        IdScheme | None, Field(description="Of an establishment; follows from kind and code.")
    ] = None
    facts: EventFacts | None = None
    reason: Reason | None = None


class ObjectEventBatch(RequestModel):
    """Events of one source, in any order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "AMR-NEIMENGGU",
                    "events": [
                        {
                            "external_id": "20260220-000124",
                            "object_code": "91150525MA0TEYT07L",
                            "kind": "established",
                            "effective_on": "2026-02-20",
                            "object_kind": "enterprise",
                            "facts": {
                                "name": "奈曼旗示例食品有限公司",
                                "area_code": "150525",
                                "address": "奈曼旗大沁他拉镇示例街 1 号",
                            },
                        },
                        {
                            "external_id": "20260225-000007",
                            "object_code": "91150525MA0TEYT07L",
                            "kind": "suspended",
                            "effective_on": "2026-02-25",
                        },
                    ],
                }
            ]
        }
    )
    source: Code
    events: Annotated[list[ObjectEventRow], Field(min_length=1, max_length=1000)]


class EventVerdictRead(ReadModel):
    """What became of one event of a batch."""

    row: Annotated[int, Field(ge=1, le=1000, description="Where it stands in the batch, from 1.")]
    external_id: Annotated[str, Field(max_length=100)]
    outcome: EventOutcome
    code: str
    field: Annotated[str, Field(description="The part of the row that is meant; empty: all.")]
    zh: str
    en: str
    object_id: UUID | None
    event_id: UUID | None


class EventBatchRead(ReadModel):
    """What became of a batch: every row, and how many of each sort."""

    source: Annotated[str, Field(max_length=64)]
    accepted: int
    duplicate: int
    waiting: int
    rejected: int
    applied_later: Annotated[
        int, Field(description="Events that had waited for objects of this batch.")
    ]
    rows: list[EventVerdictRead]


class ObjectEventRead(ReadModel):
    """An event of an object's history."""

    id: UUID
    object_id: Annotated[
        UUID, Field(description="In a survivor's history also an object merged into it.")
    ]
    kind: EventKind
    effective_on: Day
    recorded_at: Instant
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str | None
    source: Annotated[str | None, Field(max_length=64)]
    external_id: Annotated[str | None, Field(max_length=100)]
    source_sequence: int | None


class WaitingEventRead(ReadModel):
    """An event that waits for an object, or did."""

    id: UUID
    source: Annotated[str, Field(max_length=64)]
    external_id: Annotated[str, Field(max_length=100)]
    object_code: Annotated[str, Field(max_length=64)]
    waits_for: Annotated[
        str, Field(max_length=64, description="Its own code, or that of who answers for it.")
    ]
    kind: EventKind
    effective_on: Day
    status: WaitingStatus
    code: Annotated[
        str | None, Field(max_length=64, description="Why it was refused when its object came.")
    ]
    zh: Annotated[str | None, Field(max_length=500)]
    en: Annotated[str | None, Field(max_length=500)]
    recorded_at: Instant
    import_batch_id: Annotated[UUID | None, Field(description="The file that told of it.")]


class RecordedEventRead(ReadModel):
    """The event, and the object as it is now."""

    event: ObjectEventRead
    object: ObjectRead


class ObjectStateRead(ReadModel):
    """An object as it was at the end of a day."""

    id: UUID
    code: str
    kind: ObjectKind
    id_scheme: IdScheme
    id_value: str
    as_of: Day
    established_on: Annotated[Day, Field(description="The first day that anything is known of.")]
    name: str
    address: str | None
    area_code: str
    industry_code: str | None
    status: ObjectStatus
    risk_class: RiskClass
    risk_source: str | None
    risk_on: Day | None
    responsible_object_code: str | None
    attributes: dict[str, Any]
