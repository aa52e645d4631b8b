"""Duties move between departments: proposed, then accepted, declined or withdrawn.

On acceptance, in one unit of work: each item is retired where it was and made anew, as a draft with
a code of its own, in the receiving department; each officer changes departments and the history of
postings says so. Objects with the tags that the offer names are entered in the receiving library
and stay in the giving one: which of them it no longer supervises is its own to say. What was
published, planned and drawn stays as it is, with its teams.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.actions import require
from app.domain.actor import Actor, Permission, chain_of
from app.domain.calendar import shanghai_date
from app.domain.checklist import new_codes
from app.domain.errors import FieldError, RuleError
from app.domain.joint_plans import INSPECTING
from app.domain.lifecycle import ItemStatus, OfficerStatus, TransferStatus
from app.domain.refusals import duty_transfers as refusals
from app.domain.refusals import general
from app.domain.transfer_actions import TRANSFER, TransferFacts, require_free_of_plans
from app.models.checklist import ChecklistItem
from app.models.library import Officer
from app.models.organisation import BusinessLine, Department
from app.models.transfer import DutyTransfer, OfficerPosting
from app.services.checklists import find_line
from app.services.runtime import Runtime
from app.storage import checklists, organisation, transfers
from app.storage.checklists import CONTENT
from app.storage.engine import Reading
from app.storage.officers import touch
from app.storage.paging import Paging, Slice
from app.storage.transfers import MovingItem
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """What a transfer is made from."""

    to_department_code: str
    reason: str
    document_no: str
    effective_on: dt.date
    item_ids: Sequence[UUID] = ()
    officer_ids: Sequence[UUID] = ()
    object_tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer with its departments, what it names, and how it stands."""

    transfer: DutyTransfer
    giving: Department
    receiving: Department
    items: Sequence[MovingItem]
    officers: Sequence[Officer]
    standing: TransferFacts


class DutyTransferService:
    """Use cases of transfers."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def propose(self, actor: Actor, new: NewTransfer) -> TransferView:
        """Offer items and officers of the own department to another one of the region."""
        department_id = actor.acts_for(Permission.DUTY_TRANSFER_WRITE)
        assert actor.account_id is not None
        if not new.item_ids and not new.officer_ids:
            raise RuleError(refusals.TRANSFER_EMPTY)
        async with self._db.unit_of_work(actor) as uow:
            await organisation.lock_region(uow.session, actor.region_code)
            receiving = await _checked(uow, department_id, new)
            require_free_of_plans(await transfers.planned_codes(uow.session, new.item_ids))
            year = shanghai_date(uow.now).year
            number = await transfers.next_number(uow.session, actor.region_code, year)
            transfer = DutyTransfer(
                id=uow.new_id(),
                region_code=actor.region_code,
                transfer_no=f"{actor.region_code}-DT-{year}-{number:03d}",
                from_department_id=department_id,
                to_department_id=receiving.id,
                reason=new.reason,
                document_no=new.document_no,
                effective_on=new.effective_on,
                object_tags=list(new.object_tags),
                status=TransferStatus.PROPOSED,
                proposed_by=actor.account_id,
                created_at=uow.now,
                updated_at=uow.now,
            )
            uow.session.add(transfer)
            await uow.flush()
            await transfers.add_members(uow.session, transfer.id, new.item_ids, new.officer_ids)
            view = await _viewed(uow.session, transfer, uow.now)
            uow.audit(
                "duty_transfer.proposed",
                "duty_transfer",
                transfer.id,
                after={
                    "transfer_no": transfer.transfer_no,
                    "to": receiving.code,
                    "document_no": new.document_no,
                    "effective_on": new.effective_on,
                    "items": [one.item.code for one in view.items],
                    "officers": [one.code for one in view.officers],
                    "object_tags": transfer.object_tags,
                },
                reason=new.reason,
                also_in=_other_chain(actor, view),
            )
            return view

    async def accept(
        self, actor: Actor, transfer_id: UUID, version: int, business_line_code: str | None
    ) -> TransferView:
        """Take over what is offered: from here on it is the receiving department's."""
        department_id = actor.acts_for(Permission.DUTY_TRANSFER_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            seen = await transfers.get_transfer(uow.session, transfer_id, actor.scope)
            # Codes are numbered in the one; a freeze may have read the officers of the other.
            both = (seen.from_department_id, seen.to_department_id)
            await organisation.lock_departments(uow.session, both)
            view = await _lock(uow, "accept_duty_transfer", transfer_id, version)
            transfer = view.transfer
            line = await find_line(uow, department_id, business_line_code)
            moved = await _move_items(uow, view, line)
            await _move_officers(uow, view, line)
            transfer.objects_entered = await transfers.enter_objects(uow.session, transfer, uow.now)
            _answer(uow, transfer, TransferStatus.ACCEPTED, None)
            await uow.flush()
            uow.audit(
                "duty_transfer.accepted",
                "duty_transfer",
                transfer.id,
                after={
                    "transfer_no": transfer.transfer_no,
                    "from": view.giving.code,
                    "items": moved,
                    "officers": [officer.code for officer in view.officers],
                    "object_tags": transfer.object_tags,
                    "objects_entered": transfer.objects_entered,
                },
                also_in=_other_chain(actor, view),
            )
            return await _viewed(uow.session, transfer, uow.now)

    async def decline(
        self, actor: Actor, transfer_id: UUID, version: int, reason: str
    ) -> TransferView:
        """Refuse what is offered, and say why: nothing moves."""
        return await self._close(
            actor, transfer_id, version, reason, "decline_duty_transfer", TransferStatus.DECLINED
        )

    async def withdraw(
        self, actor: Actor, transfer_id: UUID, version: int, reason: str
    ) -> TransferView:
        """Take an offer back before it is answered."""
        return await self._close(
            actor, transfer_id, version, reason, "withdraw_duty_transfer", TransferStatus.WITHDRAWN
        )

    async def _close(
        self,
        actor: Actor,
        transfer_id: UUID,
        version: int,
        reason: str,
        operation: str,
        status: TransferStatus,
    ) -> TransferView:
        actor.acts_for(Permission.DUTY_TRANSFER_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            view = await _lock(uow, operation, transfer_id, version)
            _answer(uow, view.transfer, status, reason)
            await uow.flush()
            uow.audit(
                f"duty_transfer.{status.value}",
                "duty_transfer",
                view.transfer.id,
                transfer_no=view.transfer.transfer_no,
                reason=reason,
                also_in=_other_chain(actor, view),
            )
            return await _viewed(uow.session, view.transfer, uow.now)

    async def get(self, actor: Actor, transfer_id: UUID) -> TransferView:
        """A transfer of which either department is in the caller's scope."""
        async with self._db.reading() as session:
            transfer = await transfers.get_transfer(session, transfer_id, actor.scope)
            return await _viewed(session, transfer, self._db.clock.now())

    async def list(
        self, actor: Actor, paging: Paging, status: TransferStatus | None
    ) -> Slice[tuple[DutyTransfer, Department, Department]]:
        """Transfers of which either department is in the caller's scope, newest first."""
        async with self._db.reading() as session:
            cut = await transfers.list_transfers(session, actor.scope, paging, status)
            ids = {one.from_department_id for one in cut.items}
            ids |= {one.to_department_id for one in cut.items}
            units = await organisation.departments_by_id(session, ids)
            rows = [
                (one, units[one.from_department_id], units[one.to_department_id])
                for one in cut.items
            ]
            return Slice(rows, cut.next_cursor, cut.total)


def _other_chain(actor: Actor, view: TransferView) -> str:
    """The audit chain of the department on the other side: each can prove what became of it."""
    own = actor.department_id == view.giving.id
    other = view.receiving if own else view.giving
    return chain_of(other.region_code, other.code)


async def _checked(uow: UnitOfWork, department_id: UUID, new: NewTransfer) -> Department:
    """The receiving department, if all that is named can move."""
    session, scope = uow.session, uow.actor.scope
    receiving = await organisation.find_department(
        session, uow.actor.region_code, new.to_department_code
    )
    errors: list[FieldError] = []
    fits = receiving is not None and receiving.closed_on is None and receiving.id != department_id
    if receiving is None or not fits or receiving.kind not in INSPECTING:
        errors.append(refusals.RECEIVER_UNKNOWN.at("/to_department_code"))
    items = await transfers.own_live_items(session, new.item_ids, scope)
    officers = {
        officer.id
        for officer in await transfers.own_officers(session, new.officer_ids, scope)
        if officer.status is not OfficerStatus.LEFT
    }
    moving = await transfers.moving_already(session, [*items, *officers])
    for field, ids, known, unknown in (
        ("item_ids", new.item_ids, items, refusals.ITEM_NOT_OURS),
        ("officer_ids", new.officer_ids, officers, refusals.OFFICER_NOT_OURS),
    ):
        for place, member in enumerate(ids):
            if member not in known:
                errors.append(unknown.at(f"/{field}/{place}"))
            elif member in moving:
                errors.append(refusals.ALREADY_MOVING.at(f"/{field}/{place}"))
    used = await transfers.tags_in_use(session, new.object_tags, scope)
    errors += [
        refusals.TAG_WITHOUT_OBJECT.at(f"/object_tags/{place}")
        for place, tag in enumerate(new.object_tags)
        if tag not in used
    ]
    if errors or receiving is None:
        raise RuleError(refusals.TRANSFER_INVALID, tuple(errors))
    return receiving


async def _lock(uow: UnitOfWork, operation: str, transfer_id: UUID, version: int) -> TransferView:
    transfer = await transfers.lock_transfer(uow.session, transfer_id, uow.actor.scope)
    if transfer.row_version != version:
        raise RuleError(general.STALE_VERSION)
    view = await _viewed(uow.session, transfer, uow.now, lock=True)
    require(TRANSFER, operation, view.standing, uow.actor)
    return view


async def _viewed(
    session: Reading, transfer: DutyTransfer, now: dt.datetime, *, lock: bool = False
) -> TransferView:
    units = await organisation.departments_by_id(
        session, {transfer.from_department_id, transfer.to_department_id}
    )
    items = await transfers.items_of(session, transfer.id, lock=lock)
    officers = await transfers.officers_of(session, transfer.id, lock=lock)
    lost, planned, doubled = [], [], []
    if transfer.status is TransferStatus.PROPOSED:
        ids = [one.item.id for one in items]
        lost = [one.item.code for one in items if one.item.status is ItemStatus.RETIRED]
        lost += [
            one.code
            for one in officers
            if one.department_id != transfer.from_department_id or one.status is OfficerStatus.LEFT
        ]
        planned = await transfers.planned_codes(session, ids)
        doubled = await transfers.doubled_codes(session, ids, transfer.to_department_id)
    standing = TransferFacts(
        from_department_id=transfer.from_department_id,
        to_department_id=transfer.to_department_id,
        status=transfer.status,
        proposed_by=transfer.proposed_by,
        effective_on=transfer.effective_on,
        today=shanghai_date(now),
        lost=lost,
        planned=planned,
        doubled=doubled,
    )
    return TransferView(
        transfer,
        units[transfer.from_department_id],
        units[transfer.to_department_id],
        items,
        officers,
        standing,
    )


async def _move_items(
    uow: UnitOfWork, view: TransferView, line: BusinessLine | None
) -> dict[str, str]:
    """Retire each item where it was and make it anew; old code to new code."""
    receiver = view.transfer.to_department_id
    fresh = new_codes(await checklists.item_codes(uow.session, receiver))
    moved = {}
    for one in view.items:
        old, code = one.item, next(fresh)
        content = {name: getattr(old, name) for name in CONTENT}
        uow.session.add(
            ChecklistItem(
                **content,
                id=uow.new_id(),
                department_id=receiver,
                business_line_id=line.id if line else None,
                code=code,
                status=ItemStatus.DRAFT,
                moved_from_id=old.id,
                created_at=uow.now,
                updated_at=uow.now,
            )
        )
        old.status = ItemStatus.RETIRED
        old.updated_at = uow.now
        moved[old.code] = code
    await uow.flush()
    return moved


async def _move_officers(uow: UnitOfWork, view: TransferView, line: BusinessLine | None) -> None:
    """End each officer's posting on the day before, and begin the next."""
    transfer = view.transfer
    day = transfer.effective_on
    postings = await transfers.current_postings(uow.session, [one.id for one in view.officers])
    late = [o.code for o in view.officers if o.id in postings and postings[o.id].serves_from >= day]
    if late:
        raise RuleError(refusals.OFFICER_POSTED_LATER, officers=", ".join(sorted(late)))
    for officer in view.officers:
        last = transfers.last_day_before(day)
        posting = postings.get(officer.id)
        if posting is None:
            posting = OfficerPosting(
                id=uow.new_id(),
                officer_id=officer.id,
                department_id=officer.department_id,
                business_line_id=officer.business_line_id,
                serves_from=min(shanghai_date(officer.created_at), last),
            )
            uow.session.add(posting)
        posting.serves_to = last
    await uow.flush()  # one posting at a time, also between two statements
    for officer in view.officers:
        officer.department_id = transfer.to_department_id
        officer.business_line_id = line.id if line else None
        touch(officer, uow.now)
        uow.session.add(
            OfficerPosting(
                id=uow.new_id(),
                officer_id=officer.id,
                department_id=officer.department_id,
                business_line_id=officer.business_line_id,
                serves_from=day,
                transfer_id=transfer.id,
            )
        )


def _answer(
    uow: UnitOfWork, transfer: DutyTransfer, status: TransferStatus, reason: str | None
) -> None:
    transfer.status = status
    transfer.answered_by = uow.actor.account_id
    transfer.answered_at = transfer.updated_at = uow.now
    transfer.answer_reason = reason
