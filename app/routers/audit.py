"""The trace of every step: the own department's chain, or the region's for who watches."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.deps import ActorDep, secured, service
from app.domain.actor import Permission
from app.schemas.audit import AuditEntryRead, AuditPage
from app.schemas.base import Query as QueryText
from app.services.audit_trail import AuditTrailService

router = APIRouter(prefix="/api/v1", tags=["audit"])
AuditDep = Annotated[AuditTrailService, Depends(service(AuditTrailService))]


@router.get(
    "/audit-entries",
    operation_id="list_audit_entries",
    summary="全过程留痕查询",
    **secured(Permission.AUDIT_READ),
)
async def list_audit_entries(
    actor: ActorDep,
    trail: AuditDep,
    subject_kind: QueryText | None = None,
    subject_id: QueryText | None = None,
    action: QueryText | None = None,
    chain: Annotated[
        QueryText | None, Query(description="With `after_seq`: go on behind this entry.")
    ] = None,
    after_seq: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> AuditPage:
    """Entries in order; each carries its hash and the hash before it."""
    found = await trail.find(
        actor,
        subject_kind=subject_kind,
        subject_id=subject_id,
        action=action,
        after=(chain, after_seq) if chain is not None else None,
        limit=limit,
    )
    last = found[-1] if len(found) == limit else None
    return AuditPage(
        items=[AuditEntryRead.model_validate(entry) for entry in found],
        next_chain=last.chain if last else None,
        next_after_seq=last.seq if last else None,
    )
