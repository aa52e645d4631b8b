"""Objects entered twice: proposals to merge them, and the decision (DOMAIN F43)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.object_actions import MERGE
from app.domain.object_cases import MergeStatus
from app.domain.refusals import general
from app.domain.refusals import object_cases as refusals
from app.idempotency import KeyedRoute, Once
from app.schemas.actions import allowed_actions
from app.schemas.object_cases import (
    MergeAccept,
    MergeDismiss,
    MergeProposalRead,
    MergeSideRead,
)
from app.schemas.page import Page, page_of
from app.services.object_merges import ObjectMergeService, ProposalView

router = APIRouter(prefix="/api/v1", tags=["objects"], route_class=KeyedRoute)
MergesDep = Annotated[ObjectMergeService, Depends(service(ObjectMergeService))]


def _read(view: ProposalView, actor: Actor) -> MergeProposalRead:
    proposal = view.row.proposal
    return MergeProposalRead(
        id=proposal.id,
        status=proposal.status,
        first=MergeSideRead.model_validate(view.row.first),
        second=MergeSideRead.model_validate(view.row.second),
        proposed_at=proposal.proposed_at,
        survivor_id=proposal.survivor_id,
        decided_at=proposal.decided_at,
        decision_reason=proposal.decision_reason,
        allowed_actions=allowed_actions(MERGE, view.standing, actor),
    )


@router.get(
    "/object-merge-proposals",
    operation_id="list_merge_proposals",
    summary="疑似重复检查对象(合并建议)",
    **secured(Permission.OBJECT_READ, general.BAD_CURSOR),
)
async def list_merge_proposals(
    actor: ActorDep,
    merges: MergesDep,
    paging: PagingDep,
    status: MergeStatus | None = None,
) -> Page[MergeProposalRead]:
    """Proposals about objects of the own library, newest first."""
    cut, views = await merges.list(actor, paging, status)
    return page_of(cut, [_read(view, actor) for view in views])


@router.get(
    "/object-merge-proposals/{proposal_id}",
    operation_id="read_merge_proposal",
    summary="合并建议详情",
    **secured(Permission.OBJECT_READ, general.NOT_FOUND),
)
async def read_merge_proposal(
    proposal_id: IdPath, actor: ActorDep, merges: MergesDep, response: Response
) -> MergeProposalRead:
    """A proposal with both objects."""
    view = await merges.get(actor, proposal_id)
    set_etag(response, view.row.proposal.row_version)
    return _read(view, actor)


@router.post(
    "/object-merge-proposals/{proposal_id}/accept",
    operation_id="accept_merge_proposal",
    summary="合并检查对象",
    **secured(
        Permission.OBJECT_DECIDE,
        general.NOT_FOUND,
        general.MAKER_IS_CHECKER,
        refusals.PROPOSAL_DECIDED,
        refusals.SURVIVOR_UNKNOWN,
        refusals.OBJECT_MERGED,
        refusals.MERGE_KINDS_DIFFER,
        refusals.MERGE_IN_OPEN_DRAW,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def accept_merge_proposal(
    proposal_id: IdPath,
    body: MergeAccept,
    version: IfMatch,
    actor: ActorDep,
    merges: MergesDep,
    response: Response,
) -> MergeProposalRead:
    """The survivor stands for both; histories, inspections and results stay where they are."""
    view = await merges.accept(actor, proposal_id, version, body.survivor_id, body.reason)
    set_etag(response, view.row.proposal.row_version)
    return _read(view, actor)


@router.post(
    "/object-merge-proposals/{proposal_id}/dismiss",
    operation_id="dismiss_merge_proposal",
    summary="不予合并",
    **secured(
        Permission.OBJECT_DECIDE,
        general.NOT_FOUND,
        general.MAKER_IS_CHECKER,
        refusals.PROPOSAL_DECIDED,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def dismiss_merge_proposal(
    proposal_id: IdPath,
    body: MergeDismiss,
    version: IfMatch,
    actor: ActorDep,
    merges: MergesDep,
    response: Response,
) -> MergeProposalRead:
    """They are two: the pair is not proposed again."""
    view = await merges.dismiss(actor, proposal_id, version, body.reason)
    set_etag(response, view.row.proposal.row_version)
    return _read(view, actor)
