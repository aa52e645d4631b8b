"""Duties that move between departments with their items and officers (职能职责整合)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.lifecycle import TransferStatus
from app.domain.masking import mask_name
from app.domain.refusals import checklists, general, plans
from app.domain.refusals import duty_transfers as refusals
from app.domain.transfer_actions import TRANSFER
from app.idempotency import KeyedRoute, Once
from app.models.organisation import Department
from app.models.transfer import DutyTransfer
from app.schemas.actions import allowed_actions
from app.schemas.duty_transfers import (
    DutyTransferAccept,
    DutyTransferCreate,
    DutyTransferRead,
    DutyTransferReason,
    DutyTransferSummaryRead,
    MovingItemRead,
    MovingOfficerRead,
    OfficerPostingRead,
    OfficerPostingsRead,
)
from app.schemas.page import Page, page_of
from app.services.duty_transfers import DutyTransferService, NewTransfer, TransferView
from app.services.officer_postings import OfficerPostingService

router = APIRouter(prefix="/api/v1", tags=["duty-transfers"], route_class=KeyedRoute)
TransfersDep = Annotated[DutyTransferService, Depends(service(DutyTransferService))]
PostingsDep = Annotated[OfficerPostingService, Depends(service(OfficerPostingService))]


def _facts(transfer: DutyTransfer, giving: Department, receiving: Department) -> dict[str, Any]:
    names = ("id", "transfer_no", "reason", "document_no", "effective_on", "status")
    answer = ("answered_at", "answer_reason", "created_at", "updated_at")
    return {name: getattr(transfer, name) for name in names + answer} | {
        "from_department_code": giving.code,
        "from_department_name": giving.name,
        "to_department_code": receiving.code,
        "to_department_name": receiving.name,
    }


def _shape(view: TransferView, actor: Actor, response: Response) -> DutyTransferRead:
    set_etag(response, view.transfer.row_version)
    return DutyTransferRead(
        **_facts(view.transfer, view.giving, view.receiving),
        moving_items=[
            MovingItemRead(
                item_id=one.item.id,
                code=one.item.code,
                name=one.item.name,
                status=one.item.status,
                new_item_id=one.taken_over.id if one.taken_over else None,
                new_code=one.taken_over.code if one.taken_over else None,
            )
            for one in view.items
        ],
        moving_officers=[
            MovingOfficerRead(officer_id=one.id, code=one.code, masked_name=mask_name(one.name))
            for one in view.officers
        ],
        object_tags=view.transfer.object_tags,
        objects_entered=view.transfer.objects_entered,
        allowed_actions=allowed_actions(TRANSFER, view.standing, actor),
    )


@router.post(
    "/duty-transfers",
    operation_id="propose_duty_transfer",
    summary="提出职能划转(事项和人员)",
    status_code=201,
    **secured(
        Permission.DUTY_TRANSFER_WRITE,
        refusals.TRANSFER_EMPTY,
        refusals.TRANSFER_INVALID,
        refusals.TRANSFER_ITEMS_PLANNED,
        once=Once.ACCEPTED,
    ),
)
async def propose_duty_transfer(
    body: DutyTransferCreate, actor: ActorDep, transfers: TransfersDep, response: Response
) -> DutyTransferRead:
    """Offer own items and officers to another department; nothing moves until it accepts."""
    view = await transfers.propose(actor, NewTransfer(**body.model_dump()))
    response.headers["Location"] = f"/api/v1/duty-transfers/{view.transfer.id}"
    return _shape(view, actor, response)


@router.get(
    "/duty-transfers",
    operation_id="list_duty_transfers",
    summary="职能划转列表",
    **secured(Permission.DUTY_TRANSFER_READ, general.BAD_CURSOR),
)
async def list_duty_transfers(
    actor: ActorDep,
    transfers: TransfersDep,
    paging: PagingDep,
    status: TransferStatus | None = None,
) -> Page[DutyTransferSummaryRead]:
    """Transfers from and to the own department (office and oversight: of the region)."""
    cut = await transfers.list(actor, paging, status)
    return page_of(cut, [DutyTransferSummaryRead(**_facts(*row)) for row in cut.items])


@router.get(
    "/duty-transfers/{transfer_id}",
    operation_id="read_duty_transfer",
    summary="职能划转详情",
    **secured(Permission.DUTY_TRANSFER_READ, general.NOT_FOUND),
)
async def read_duty_transfer(
    transfer_id: IdPath, actor: ActorDep, transfers: TransfersDep, response: Response
) -> DutyTransferRead:
    """A transfer with what it names; items say by which ones they are continued."""
    return _shape(await transfers.get(actor, transfer_id), actor, response)


@router.post(
    "/duty-transfers/{transfer_id}/accept",
    operation_id="accept_duty_transfer",
    summary="接收划转的事项和人员",
    **secured(
        Permission.DUTY_TRANSFER_WRITE,
        general.NOT_FOUND,
        general.MAKER_IS_CHECKER,
        refusals.TRANSFER_OF_THE_OTHER_UNIT,
        refusals.TRANSFER_ANSWERED,
        refusals.TRANSFER_NOT_YET_EFFECTIVE,
        refusals.TRANSFER_OUTDATED,
        refusals.TRANSFER_ITEMS_PLANNED,
        refusals.TRANSFER_ITEMS_DOUBLED,
        refusals.OFFICER_POSTED_LATER,
        checklists.ITEM_EXISTS,
        checklists.SUPERVISION_CODE_OUTDATED,
        plans.UNKNOWN_BUSINESS_LINE,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def accept_duty_transfer(
    transfer_id: IdPath,
    body: DutyTransferAccept,
    version: IfMatch,
    actor: ActorDep,
    transfers: TransfersDep,
    response: Response,
) -> DutyTransferRead:
    """Take over: items become drafts of the own checklist, officers join the own library."""
    view = await transfers.accept(actor, transfer_id, version, body.business_line_code)
    return _shape(view, actor, response)


@router.post(
    "/duty-transfers/{transfer_id}/decline",
    operation_id="decline_duty_transfer",
    summary="拒绝接收划转",
    **secured(
        Permission.DUTY_TRANSFER_WRITE,
        general.NOT_FOUND,
        refusals.TRANSFER_OF_THE_OTHER_UNIT,
        refusals.TRANSFER_ANSWERED,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def decline_duty_transfer(
    transfer_id: IdPath,
    body: DutyTransferReason,
    version: IfMatch,
    actor: ActorDep,
    transfers: TransfersDep,
    response: Response,
) -> DutyTransferRead:
    """Refuse a transfer with a reason: nothing moves."""
    return _shape(
        await transfers.decline(actor, transfer_id, version, body.reason), actor, response
    )


@router.post(
    "/duty-transfers/{transfer_id}/withdraw",
    operation_id="withdraw_duty_transfer",
    summary="撤回划转",
    **secured(
        Permission.DUTY_TRANSFER_WRITE,
        general.NOT_FOUND,
        refusals.TRANSFER_OF_THE_OTHER_UNIT,
        refusals.TRANSFER_ANSWERED,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def withdraw_duty_transfer(
    transfer_id: IdPath,
    body: DutyTransferReason,
    version: IfMatch,
    actor: ActorDep,
    transfers: TransfersDep,
    response: Response,
) -> DutyTransferRead:
    """Take a proposal back before it is answered."""
    return _shape(
        await transfers.withdraw(actor, transfer_id, version, body.reason), actor, response
    )


@router.get(
    "/officers/{officer_id}/postings",
    operation_id="list_officer_postings",
    summary="执法检查人员任职部门记录",
    **secured(Permission.OFFICER_READ, general.NOT_FOUND),
)
async def list_officer_postings(
    officer_id: IdPath, actor: ActorDep, postings: PostingsDep
) -> OfficerPostingsRead:
    """Where an officer has served, the latest first."""
    return OfficerPostingsRead(
        postings=[
            OfficerPostingRead(
                department_code=one.department.code,
                department_name=one.department.name,
                business_line_code=one.business_line.code if one.business_line else None,
                serves_from=one.serves_from,
                serves_to=one.serves_to,
                transfer_no=one.transfer_no,
            )
            for one in await postings.list(actor, officer_id)
        ]
    )
