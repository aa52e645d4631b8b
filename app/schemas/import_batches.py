"""Wire shapes of import batches: what a file made, and every verdict on its rows."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.imports import ImportKind, ImportMode, ImportStatus, RowOutcome
from app.schemas.actions import AllowedActions
from app.schemas.base import Instant, Note, ReadModel, RequestModel, Sha256
from app.schemas.imports import RowVerdictRead

Rows = Annotated[int, Field(ge=0, le=2_147_483_647)]


class ImportVerdictRead(RowVerdictRead):
    """One thing said of one row; a row has one for each of its faults."""

    outcome: RowOutcome


class ImportBatchRead(ReadModel):
    """What one file made; a row that no verdict names was stored as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0196f5a0-0000-7000-8000-000000000003",
                    "kind": "object",
                    "status": "stored",
                    "mode": "partial",
                    "department_id": "0196f5a0-0000-7000-8000-000000000004",
                    "account_id": "0196f5a0-0000-7000-8000-000000000002",
                    "operation_id": None,
                    "file_name": "objects.xlsx",
                    "file_sha256": "9f86d081884c7d659a2feaa0c55ad015"
                    "a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "rows": 3,
                    "created": 1,
                    "joined": 0,
                    "duplicates": 1,
                    "rejected": 1,
                    "warned": 0,
                    "verdicts": 2,
                    "made_at": "2026-03-02T01:00:00Z",
                    "undone_at": None,
                    "undone_by": None,
                    "undo_reason": None,
                    "file_gone_at": None,
                    "verdicts_gone_at": None,
                }
            ]
        }
    )

    id: UUID
    kind: ImportKind
    status: ImportStatus
    mode: ImportMode
    department_id: UUID
    account_id: UUID
    operation_id: UUID | None
    file_name: Annotated[str, Field(max_length=500)]
    file_sha256: Sha256
    rows: Annotated[Rows, Field(description="Rows of data in the file.")]
    created: Rows
    joined: Annotated[
        Rows, Field(description="Subjects that another department had entered before.")
    ]
    duplicates: Annotated[Rows, Field(description="Rows that were there already.")]
    rejected: Rows
    warned: Rows
    verdicts: Annotated[Rows, Field(description="All that was said; more than one of some rows.")]
    made_at: Instant
    undone_at: Instant | None
    undone_by: UUID | None
    undo_reason: Annotated[str, Field(max_length=500)] | None
    file_gone_at: Annotated[
        Instant | None, Field(description="When the file was deleted: after 7 days.")
    ]
    verdicts_gone_at: Annotated[
        Instant | None, Field(description="When the verdicts were deleted: after 90 days.")
    ]
    allowed_actions: AllowedActions = []


class ImportUndo(RequestModel):
    """Why the whole batch is taken back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "上传了去年的名录,整批撤销后重新导入"}]}
    )

    reason: Annotated[Note, Field(max_length=500)]
