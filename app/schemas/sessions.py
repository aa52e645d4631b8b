"""Wire shapes of sessions."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import Instant, ReadModel


class SessionRead(ReadModel):
    """A session that works now; of a service account, one access token."""

    id: UUID
    department_code: Annotated[str, Field(max_length=64)] | None
    created_at: Instant
    last_used_at: Annotated[Instant, Field(description="Noted once a minute at most.")]
    expires_at: Instant
    ip: Annotated[str, Field(max_length=64)] | None
    user_agent: Annotated[str, Field(max_length=300)] | None
    scopes: Annotated[list[str], Field(max_length=100)] | None
    current: Annotated[bool, Field(description="Whether this request came by it.")]


class SessionsEnded(ReadModel):
    """How many sessions were ended."""

    ended_count: Annotated[int, Field(ge=0)]
