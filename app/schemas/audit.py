"""Wire shapes of the trace."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.domain.actor import ActorKind
from app.schemas.base import Instant, ReadModel


class AuditEntryRead(ReadModel):
    """One entry of a chain, with everything its hash covers."""

    id: UUID
    chain: str
    seq: int
    at: Instant
    actor_id: UUID | None
    actor: str
    actor_kind: ActorKind
    roles: Annotated[list[str], Field(max_length=20)]
    department: str | None
    session_id: UUID | None
    ip: str | None
    action: str
    subject_kind: str
    subject_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    facts: dict[str, Any]
    outcome: str
    request_id: str | None
    alg: str
    prev_hash: str
    hash: str


class AuditPage(ReadModel):
    """Entries in the order of chain and number."""

    items: Annotated[list[AuditEntryRead], Field(max_length=1000)]
    next_chain: str | None
    next_after_seq: int | None
