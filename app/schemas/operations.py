"""Wire shapes of long work: how far it is, and what came of it."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.operations import OperationKind, OperationStatus
from app.schemas.actions import AllowedActions
from app.schemas.base import Instant, ReadModel

Rows = Annotated[int, Field(ge=0, le=2_147_483_647)]


class OperationProblemRead(ReadModel):
    """Why it failed: the problem that the request itself would have been answered with."""

    code: Annotated[str, Field(max_length=64)]
    status: Annotated[int, Field(ge=400, le=599)]
    messages: Annotated[
        dict[str, Annotated[str, Field(max_length=2000)]],
        Field(description="The problem by language: zh, en.", max_length=2),
    ]
    facts: Annotated[dict[str, Any], Field(max_length=50)]


class OperationRead(ReadModel):
    """Long work, as it stands now; it is over when `ended_at` is there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0196f5a0-0000-7000-8000-000000000001",
                    "kind": "object_import",
                    "status": "running",
                    "done": 12000,
                    "total": 90000,
                    "rate": 8000.0,
                    "remaining_seconds": 10,
                    "cancel_requested": False,
                    "attempts": 1,
                    "file_name": "objects.xlsx",
                    "created_by": "0196f5a0-0000-7000-8000-000000000002",
                    "created_at": "2026-03-02T01:00:00Z",
                    "started_at": "2026-03-02T01:00:01Z",
                    "ended_at": None,
                    "summary": None,
                    "problem": None,
                }
            ]
        }
    )

    id: UUID
    kind: OperationKind
    status: OperationStatus
    done: Annotated[Rows, Field(description="Rows written, of all tables; sheets printed.")]
    total: Annotated[Rows | None, Field(description="Known as soon as the file is read.")]
    rate: Annotated[
        Annotated[float, Field(ge=0, le=2_147_483_647)] | None,
        Field(description="A second, since the work began."),
    ]
    remaining_seconds: Annotated[
        Rows | None, Field(description="What the rest takes at that rate.")
    ]
    cancel_requested: bool
    attempts: Annotated[
        int,
        Field(ge=0, le=32_767, description="More than one: it was interrupted and begun anew."),
    ]
    file_name: Annotated[str, Field(max_length=500)] | None
    created_by: UUID
    created_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    summary: Annotated[
        dict[str, int] | None,
        Field(description="Counts of what was done; all of it at /operations/{id}/result."),
    ]
    problem: OperationProblemRead | None
    allowed_actions: AllowedActions = []
