"""Accounts and their roles: the administrator's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.library_actions import ACCOUNT, GRANT
from app.domain.refusals import accounts as refusals
from app.domain.refusals import general
from app.domain.refusals.service_accounts import NOT_A_PERSON
from app.idempotency import KeyedRoute, Once
from app.schemas.accounts import (
    AccountCreate,
    AccountRead,
    GrantCreate,
    GrantRead,
    StatusChange,
)
from app.schemas.actions import allowed_actions
from app.schemas.page import Page, page_of
from app.services.accounts import AccountService, AccountView, NewAccount, account_facts

router = APIRouter(prefix="/api/v1", tags=["accounts"], route_class=KeyedRoute)
AccountsDep = Annotated[AccountService, Depends(service(AccountService))]


def _shape(view: AccountView, actor: Actor) -> AccountRead:
    shaped = AccountRead.model_validate(view.account)
    shaped.grants = [
        GrantRead(
            id=grant.id,
            role=grant.role,
            department_code=department.code if department else None,
            granted_at=grant.granted_at,
            allowed_actions=allowed_actions(GRANT, view.standing(grant), actor),
        )
        for grant, department in view.grants
    ]
    shaped.one_time_password = view.one_time_password
    shaped.allowed_actions = allowed_actions(ACCOUNT, account_facts(view.account), actor)
    return shaped


@router.post(
    "/accounts",
    operation_id="create_account",
    summary="新建账号(返回一次性密码)",
    status_code=201,
    **secured(
        Permission.ACCOUNT_WRITE,
        refusals.USERNAME_TAKEN,
        refusals.ROLE_NOT_FOR_DEPARTMENT,
        refusals.OFFICER_HAS_ACCOUNT,
        general.NOT_FOUND,
    ),
)
async def create_account(
    body: AccountCreate, actor: ActorDep, accounts: AccountsDep, response: Response
) -> AccountRead:
    """Make an account with its first role; its one-time password is shown here and never again."""
    view = await accounts.create(actor, NewAccount(**body.model_dump()))
    response.headers["Location"] = f"/api/v1/accounts/{view.account.id}"
    response.headers["Cache-Control"] = "no-store"
    set_etag(response, view.account.row_version)
    return _shape(view, actor)


@router.get(
    "/accounts",
    operation_id="list_accounts",
    summary="账号列表",
    **secured(Permission.ACCOUNT_READ, general.BAD_CURSOR),
)
async def list_accounts(
    actor: ActorDep, accounts: AccountsDep, paging: PagingDep
) -> Page[AccountRead]:
    """Accounts in order of making, without their roles."""
    cut = await accounts.list(actor, paging)
    return page_of(cut, [_shape(AccountView(account, ()), actor) for account in cut.items])


@router.get(
    "/accounts/{account_id}",
    operation_id="read_account",
    summary="账号详情",
    **secured(Permission.ACCOUNT_READ, general.NOT_FOUND),
)
async def read_account(
    account_id: IdPath, actor: ActorDep, accounts: AccountsDep, response: Response
) -> AccountRead:
    """An account with its roles."""
    view = await accounts.get(account_id)
    set_etag(response, view.account.row_version)
    return _shape(view, actor)


@router.patch(
    "/accounts/{account_id}",
    operation_id="change_account_status",
    summary="停用或启用账号",
    **secured(
        Permission.ACCOUNT_WRITE, general.NOT_FOUND, refusals.LAST_ADMINISTRATOR, changes=True
    ),
)
async def change_account_status(
    account_id: IdPath,
    body: StatusChange,
    version: IfMatch,
    actor: ActorDep,
    accounts: AccountsDep,
    response: Response,
) -> AccountRead:
    """Disable or enable an account; a disabled one is out on its next request."""
    view = await accounts.set_status(actor, account_id, body.status, version)
    set_etag(response, view.account.row_version)
    return _shape(view, actor)


@router.post(
    "/accounts/{account_id}/reset-password",
    operation_id="reset_password",
    summary="重置密码(返回一次性密码)",
    **secured(Permission.ACCOUNT_WRITE, general.NOT_FOUND, NOT_A_PERSON, changes=True),
)
async def reset_password(
    account_id: IdPath,
    version: IfMatch,
    actor: ActorDep,
    accounts: AccountsDep,
    response: Response,
) -> AccountRead:
    """Give a new one-time password; ends the account's sessions."""
    view = await accounts.reset_password(actor, account_id, version)
    response.headers["Cache-Control"] = "no-store"
    set_etag(response, view.account.row_version)
    return _shape(view, actor)


@router.post(
    "/accounts/{account_id}/grants",
    operation_id="grant_role",
    summary="授予角色",
    status_code=201,
    **secured(
        Permission.ACCOUNT_WRITE,
        general.NOT_FOUND,
        refusals.GRANT_EXISTS,
        NOT_A_PERSON,
        refusals.ROLE_NOT_FOR_DEPARTMENT,
        once=Once.ACCEPTED,
    ),
)
async def grant_role(
    account_id: IdPath,
    body: GrantCreate,
    actor: ActorDep,
    accounts: AccountsDep,
    response: Response,
) -> AccountRead:
    """Give a further role; it holds from the account's next request on."""
    view = await accounts.grant_role(
        actor, account_id, body.role, body.department_code, body.region_code
    )
    response.headers["Location"] = f"/api/v1/accounts/{account_id}"
    return _shape(view, actor)


@router.delete(
    "/accounts/{account_id}/grants/{grant_id}",
    operation_id="revoke_role",
    summary="撤销角色",
    status_code=204,
    **secured(
        Permission.ACCOUNT_WRITE, general.NOT_FOUND, NOT_A_PERSON, refusals.LAST_ADMINISTRATOR
    ),
)
async def revoke_role(
    account_id: IdPath, grant_id: IdPath, actor: ActorDep, accounts: AccountsDep
) -> None:
    """Take a role away; it is gone on the account's next request."""
    await accounts.revoke_role(actor, account_id, grant_id)
