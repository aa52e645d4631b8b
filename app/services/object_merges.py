"""The same subject under two identifiers: proposed for merging, decided by another (DOMAIN F43).

A merge loses nothing: the merged object keeps its row, events, inspections, results and drawn
places, and points at the survivor; entries, licences and contacts go to the survivor. It refuses
what differs in kind, what is merged already, and what is in the pool of an open draw.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import anyio.to_thread

from app.domain.actions import require
from app.domain.actor import Actor
from app.domain.calendar import shanghai_date
from app.domain.errors import RuleError
from app.domain.object_actions import MERGE, ProposalFacts
from app.domain.object_cases import MergeStatus
from app.domain.object_library import EventKind
from app.domain.refusals import general
from app.domain.refusals import object_cases as refusals
from app.models.library import InspectionObject
from app.models.object_history import MergeProposal
from app.services.object_history import append, history_of, settle
from app.services.runtime import Runtime
from app.storage import object_history, object_merges, objects, organisation
from app.storage.object_merges import ProposalRow
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal with both objects and who supervises them."""

    row: ProposalRow
    supervised_by: frozenset[UUID]

    @property
    def standing(self) -> ProposalFacts:
        """What the rules ask."""
        proposal = self.row.proposal
        return ProposalFacts(self.supervised_by, proposal.status, proposal.proposed_by)


async def propose_merges(uow: UnitOfWork, object_ids: Iterable[UUID]) -> int:
    """Propose what has the name and address of another object of the region.

    For whoever has entered or changed objects, one or many; the caller audits.
    """
    ids = list(object_ids)
    if not ids:
        return 0
    await uow.flush()
    return await object_merges.propose(uow.session, ids, uow.now, uow.actor.account_id)


class ObjectMergeService:
    """Use cases of merging."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def list(
        self, actor: Actor, paging: Paging, status: MergeStatus | None
    ) -> tuple[Slice[MergeProposal], list[ProposalView]]:
        """Proposals about objects of the own library, newest first."""
        async with self._db.reading() as session:
            cut, rows = await object_merges.list_proposals(session, actor.scope, paging, status)
            return cut, await _views(session, rows)

    async def get(self, actor: Actor, proposal_id: UUID) -> ProposalView:
        """A proposal about an object of the own library."""
        async with self._db.reading() as session:
            row = await object_merges.get_proposal(session, proposal_id, actor.scope)
            return (await _views(session, [row]))[0]

    async def dismiss(
        self, actor: Actor, proposal_id: UUID, version: int, reason: str
    ) -> ProposalView:
        """They are two: the pair is not proposed again."""
        async with self._db.unit_of_work(actor) as uow:
            view = await _locked(uow, "dismiss_merge_proposal", proposal_id, version)
            _close(uow, view.row.proposal, MergeStatus.DISMISSED, reason)
            await uow.flush()
            uow.audit(
                "merge_proposal.dismissed",
                "merge_proposal",
                proposal_id,
                objects=[view.row.first.code, view.row.second.code],
                reason=reason,
            )
        return view

    async def accept(
        self, actor: Actor, proposal_id: UUID, version: int, survivor_id: UUID, reason: str
    ) -> ProposalView:
        """They are one: the survivor stands for both from now on."""
        async with self._db.unit_of_work(actor) as uow:
            seen = await object_merges.get_proposal(uow.session, proposal_id, actor.scope)
            # A freeze that has read their libraries holds them until its draw can be seen.
            supervising = (await _views(uow.session, [seen]))[0].supervised_by
            await organisation.lock_departments(uow.session, supervising)
            view = await _locked(uow, "accept_merge_proposal", proposal_id, version)
            pair = {one.id: one for one in (view.row.first, view.row.second)}
            if survivor_id not in pair:
                raise RuleError(refusals.SURVIVOR_UNKNOWN)
            survivor = pair.pop(survivor_id)
            (merged,) = pair.values()
            await _require_mergeable(uow, survivor, merged, view.supervised_by)
            await _merge(uow, survivor, merged, reason)
            proposal = view.row.proposal
            proposal.survivor_id = survivor.id
            _close(uow, proposal, MergeStatus.ACCEPTED, reason)
            await uow.flush()
            await propose_merges(uow, [survivor.id])
            uow.audit(
                "object.merged",
                "inspection_object",
                merged.id,
                before={"merged_into": None},
                after={"merged_into": survivor.id},
                merged=merged.code,
                survivor=survivor.code,
                proposal_id=proposal_id,
                reason=reason,
            )
        return view


async def _views(session: object, rows: Sequence[ProposalRow]) -> list[ProposalView]:
    ids = {one.id for row in rows for one in (row.first, row.second)}
    found = await object_merges.supervisors(session, ids)  # type: ignore[arg-type]
    return [
        ProposalView(row, frozenset(found[row.first.id] | found[row.second.id])) for row in rows
    ]


async def _locked(uow: UnitOfWork, operation: str, proposal_id: UUID, version: int) -> ProposalView:
    row = await object_merges.lock_proposal(uow.session, proposal_id, uow.actor.scope)
    view = (await _views(uow.session, [row]))[0]
    require(MERGE, operation, view.standing, uow.actor)
    if row.proposal.row_version != version:
        raise RuleError(general.STALE_VERSION)
    return view


def _close(uow: UnitOfWork, proposal: MergeProposal, status: MergeStatus, reason: str) -> None:
    proposal.status = status
    proposal.decided_at = uow.now
    proposal.decided_by = uow.actor.account_id
    proposal.decision_reason = reason


async def _require_mergeable(
    uow: UnitOfWork,
    survivor: InspectionObject,
    merged: InspectionObject,
    departments: frozenset[UUID],
) -> None:
    if survivor.kind is not merged.kind:
        raise RuleError(refusals.MERGE_KINDS_DIFFER)
    gone = next((one for one in (merged, survivor) if one.merged_into_id is not None), None)
    if gone is not None:
        raise RuleError(refusals.OBJECT_MERGED, object_id=str(gone.merged_into_id))
    pools = await object_merges.open_pools(uow.session, survivor.region_code, departments)
    codes = (survivor.code, merged.code)
    for draw_no, content in pools:
        if await anyio.to_thread.run_sync(_names, content, codes):
            raise RuleError(refusals.MERGE_IN_OPEN_DRAW, draw_no=draw_no)


def _names(content: bytes, codes: Sequence[str]) -> bool:
    lines = b"\n" + zlib.decompress(content)
    return any(b"\n" + code.encode() + b"\t" in lines for code in codes)


async def _merge(
    uow: UnitOfWork, survivor: InspectionObject, merged: InspectionObject, reason: str
) -> None:
    """Move what a department keeps, re-point what is answered for, and leave the rest in place."""
    today = shanghai_date(uow.now)
    await object_merges.move_entries(uow.session, merged.id, survivor.id)
    await object_merges.move_details(uow.session, merged.id, survivor.id)
    for product in await object_merges.answered_for(uow.session, merged.id):
        history = await history_of(uow, product)
        after: Mapping[str, object] = {"responsible_object_id": survivor.id}
        append(uow, product, history, EventKind.CHANGED, today, after, reason)
        settle(uow, product, history)
    events = await object_history.events_of(uow.session, [survivor.id, merged.id])
    for subject, facts in (
        (merged, {"merged_into": survivor.code}),
        (survivor, {"merged_from": merged.code}),
    ):
        append(uow, subject, events[subject.id], EventKind.MERGED, today, facts, reason)
        objects.touch(subject, uow.now)
    days = [one.last_inspected_on for one in (survivor, merged) if one.last_inspected_on]
    survivor.last_inspected_on = max(days, default=None)
    await uow.flush()
    merged.merged_into_id = survivor.id
    await uow.flush()
