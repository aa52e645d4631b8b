"""Wire shapes of printed sheets."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from app.schemas.base import Code, ReadModel, RequestModel, Sha256


class SheetDocumentsRequest(RequestModel):
    """Which sheets to print: by their ids, in this order, or all of a plan task."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"plan_task_id": "0196f3c2-7a10-7000-8000-000000000001", "format": "zip"},
                {"sheet_ids": ["0196f3c2-7a10-7000-8000-000000000002"]},
            ]
        }
    )

    sheet_ids: Annotated[list[UUID], Field(min_length=1, max_length=1000)] | None = None
    plan_task_id: UUID | None = None
    format: Literal["pdf", "zip"] = Field(
        default="pdf", description="pdf: one file, 200 sheets at most; zip: up to 1000 sheets."
    )
    sheets_per_file: Annotated[int, Field(ge=1, le=200)] = Field(
        default=50, description="How many sheets each PDF within a zip holds; 1 is the slowest."
    )

    @model_validator(mode="after")
    def _one_choice_without_repetition(self) -> Self:
        if (self.sheet_ids is None) == (self.plan_task_id is None):
            msg = "either sheet_ids or plan_task_id"
            raise ValueError(msg)
        if self.sheet_ids is not None and len(set(self.sheet_ids)) < len(self.sheet_ids):
            msg = "a sheet appears twice"
            raise ValueError(msg)
        return self


class SheetCheckRead(ReadModel):
    """Whether a printed sheet still says what is on record; nothing else is told of it."""

    sheet_no: Code
    sha256: Sha256
    current: bool = Field(
        description="False: changed since it was printed, or not printed from here."
    )
