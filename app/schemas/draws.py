"""Wire shapes of draws."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from app.domain.lifecycle import DrawStatus
from app.schemas.actions import AllowedActions
from app.schemas.base import Code, Instant, Note, Once, ReadModel, RequestModel, Sha256, Title
from app.schemas.object_cases import DrawFlagRead

Hash = Annotated[str, Field(max_length=64)]


class DrawCreate(RequestModel):
    """Who contributes, until when, and how; the rest is frozen from plan and libraries."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "contributors": ["JWJW", "LDXZ"],
                    "close_at": "2026-03-02T08:00:00Z",
                    "public_source": "两名见证人各掷二十面骰十次",
                    "quota_note": "D 类对象全部检查",
                }
            ]
        }
    )
    contributors: Annotated[
        list[Code], Field(min_length=1, max_length=20, description="见证单位代码"), Once
    ]
    close_at: Instant
    public_source: Title
    quota_note: Annotated[Note, Field(max_length=500)] | Literal[""] = ""
    withheld: Annotated[
        list[Literal["officers", "officers_excluded", "recusals"]], Field(max_length=3)
    ] = []


class CommitmentCreate(RequestModel):
    """The contribution's hash, made off line on the verifier page."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"commitment": "ab" * 32}]})
    commitment: Sha256


class OpeningCreate(RequestModel):
    """The contribution's value: free text part, ".", 32 random hex."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"value": "4-1-6.2adf559a11cbc2884a5012dc582c18c9"}]}
    )
    value: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9A-Za-z._-]{0,64}\.[0-9a-f]{32}$", max_length=97),
    ]


class ContributionRead(ReadModel):
    """What a contributor has given."""

    code: str
    commitment: Hash | None
    committed_at: Instant | None
    value: str | None
    opened_at: Instant | None


class SelectionRead(ReadModel):
    """A winner, or a place in the reserve."""

    object_code: str
    stratum: str
    rank: int
    reserve: bool
    ticket: Hash
    staffed: bool


class DrawRead(ReadModel):
    """A draw and its times."""

    id: UUID
    plan_task_id: UUID
    department_id: UUID
    region_code: str
    draw_no: str
    status: DrawStatus
    manifest_sha256: Hash
    commits_sha256: Hash | None
    close_at: Instant
    frozen_at: Instant
    published_at: Instant | None
    committed_at: Instant | None
    opened_at: Instant | None
    drawn_at: Instant | None
    locked_at: Instant | None
    annulled_at: Instant | None
    annulment: dict[str, Any] | None
    seed: Hash | None


class ShortageRead(ReadModel):
    """An object with fewer eligible officers than twice its team."""

    object: str
    department: str
    eligible: int
    members: int


class DrawDetail(DrawRead):
    """A draw with manifest, contributions, winners and reserve."""

    manifest: Annotated[str, Field(description="RFC 8785 text, byte for byte.")]
    contributions: Annotated[list[ContributionRead], Field(max_length=20)] = []
    selections: Annotated[list[SelectionRead], Field(max_length=100_000)] = []
    shortage_count: int
    shortages: Annotated[
        list[ShortageRead], Field(max_length=1000, description="The first 1000.")
    ] = []
    object_flags: list[DrawFlagRead] = []
    allowed_actions: AllowedActions = []


class PublicDrawRead(ReadModel):
    """What everybody sees of a draw in a list."""

    draw_no: str
    region_code: str
    status: DrawStatus
    manifest_sha256: Hash
    commits_sha256: Hash | None
    close_at: Instant
    published_at: Instant | None
    committed_at: Instant | None
    opened_at: Instant | None
    drawn_at: Instant | None
    locked_at: Instant | None
    annulled_at: Instant | None
    annulment: dict[str, Any] | None


class PublicDrawDetail(PublicDrawRead):
    """A draw's public page: manifest, contributions, winners and reserve."""

    manifest: str
    seed: Hash | None
    contributions: Annotated[list[ContributionRead], Field(max_length=20)] = []
    selections: Annotated[list[SelectionRead], Field(max_length=100_000)] = []
    shortage_count: int
    shortages: Annotated[
        list[ShortageRead], Field(max_length=1000, description="The first 1000.")
    ] = []
