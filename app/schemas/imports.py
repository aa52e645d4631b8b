"""Wire shapes of an import: what became of every row of the file."""

from bisect import bisect_left
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from app.domain.imports import ImportMode
from app.schemas.base import ReadModel, Sha256

MOST_LISTED = 5000
Count = Annotated[int, Field(ge=0)]


class RowVerdictRead(ReadModel):
    """One thing said of one row; `row` is the number that the sheet shows."""

    row: Annotated[int, Field(ge=1)]
    field: str | None
    code: str
    zh: str
    en: str
    column: Annotated[int, Field(ge=1, le=16_384, description="1 is column A.")] | None = None
    title: Annotated[
        Annotated[str, Field(max_length=100)] | None,
        Field(description="What the sheet calls the column."),
    ] = None
    value: Annotated[
        Annotated[str, Field(max_length=200)] | None,
        Field(description="What stands in the cell, cut at 200; numbers of persons are masked."),
    ] = None


RowVerdicts = Annotated[list[RowVerdictRead], Field(max_length=MOST_LISTED)]


class ImportRead(ReadModel):
    """An import; in a dry run nothing is stored and `created` says what would be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "batch_id": "0196f5a0-0000-7000-8000-000000000003",
                    "mode": "partial",
                    "refused": False,
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "dry_run": False,
                    "rows": 3,
                    "created": 1,
                    "joined": 0,
                    "duplicate_rows": 1,
                    "rejected_rows": 1,
                    "truncated": False,
                    "next_row": None,
                    "duplicates": [
                        {
                            "row": 3,
                            "field": None,
                            "code": "already-there",
                            "zh": "库中已有,未重复导入",
                            "en": "It is there already and was not stored again",
                        }
                    ],
                    "rejected": [
                        {
                            "row": 4,
                            "field": "legal_bases",
                            "code": "legal-basis-missing",
                            "zh": "没有检查依据,无依据不得检查",
                            "en": "No legal basis: what has none may not be inspected",
                            "column": 9,
                            "title": "检查依据",
                            "value": "",
                        }
                    ],
                    "warnings": [],
                }
            ]
        }
    )
    batch_id: Annotated[
        UUID | None,
        Field(description="All verdicts: /import-batches/{id}/verdicts. Null in a dry run."),
    ]
    mode: ImportMode
    refused: Annotated[
        bool, Field(description="All or nothing was asked for and a row is rejected: nothing is.")
    ]
    sha256: Sha256
    dry_run: bool
    rows: Annotated[Count, Field(description="Rows of data in the file.")]
    created: Annotated[Count, Field(description="Items, objects or officers stored.")]
    joined: Annotated[
        Count, Field(description="Subjects that another department had entered before.")
    ]
    duplicate_rows: Annotated[Count, Field(description="Rows that are there already.")]
    rejected_rows: Count
    truncated: Annotated[bool, Field(description="The lists below end before `next_row`.")]
    next_row: Annotated[
        Annotated[int, Field(ge=1)] | None,
        Field(
            description="Where a list would be longer than its limit, the row that none of them"
            " reaches: for the rest do the dry run again with `from_row`, or ask for the marked"
            " copy, which has all; what was imported tells all in the verdicts of its batch."
        ),
    ] = None
    duplicates: RowVerdicts
    rejected: RowVerdicts
    warnings: RowVerdicts


def shape_import(outcome: Any, from_row: int = 1) -> ImportRead:
    """The wire shape of what a service did with a file; verdicts are listed from a row on."""
    counts: dict[str, int] = outcome.counts
    lists, next_row = _page((outcome.duplicates, outcome.rejected, outcome.warnings), from_row)
    cut = [[RowVerdictRead.model_validate(verdict) for verdict in some] for some in lists]
    return ImportRead(
        batch_id=outcome.batch_id,
        mode=outcome.mode,
        refused=outcome.refused,
        sha256=outcome.sha256,
        dry_run=outcome.dry_run,
        rows=outcome.rows,
        created=outcome.created,
        joined=outcome.joined,
        duplicate_rows=counts["duplicates"],
        rejected_rows=counts["rejected"],
        truncated=next_row is not None,
        next_row=next_row,
        duplicates=cut[0],
        rejected=cut[1],
        warnings=cut[2],
    )


def _page(lists: Sequence[Sequence[Any]], from_row: int) -> tuple[list[Sequence[Any]], int | None]:
    """The verdicts of whole rows that fit, and the first row of which not all can be told.

    Lists are in the order of rows; no row has as many verdicts as a list may hold.
    """
    begun = [some[bisect_left(some, from_row, key=_row_of) :] for some in lists]
    beyond = [_row_of(some[MOST_LISTED]) for some in begun if len(some) > MOST_LISTED]
    if not beyond:
        return begun, None
    end = min(beyond)
    return [some[: bisect_left(some, end, key=_row_of)] for some in begun], end


def _row_of(verdict: Any) -> int:
    row: int = verdict["row"] if isinstance(verdict, dict) else verdict.row
    return row


def kept_import(result: dict[str, Any]) -> Any:
    """What an operation kept of an import, as `shape_import` reads it.

    One that was done by an older release has neither batch nor mode.
    """
    older = {"batch_id": None, "mode": ImportMode.PARTIAL, "refused": False}
    return SimpleNamespace(**older | result, dry_run=False)
