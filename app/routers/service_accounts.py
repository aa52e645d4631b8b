"""Service accounts and their secrets (the administrator's), and the tokens they are changed for.

Nothing here takes an Idempotency-Key: a stored answer would keep the secret.
"""

import base64
import binascii
import datetime as dt
from typing import Annotated
from urllib.parse import unquote_plus

from fastapi import APIRouter, Depends, Form, Response, Security
from fastapi.security import HTTPAuthorizationCredentials
from fastapi.security.http import HTTPBase

from app.deps import (
    ActorDep,
    AttemptsDep,
    IdPath,
    IfMatch,
    OriginDep,
    PagingDep,
    secured,
    service,
    set_etag,
)
from app.domain.actor import Actor, Permission
from app.domain.errors import RuleError
from app.domain.library_actions import SERVICE_ACCOUNT
from app.domain.refusals import accounts, general
from app.domain.refusals import service_accounts as refusals
from app.schemas.actions import allowed_actions
from app.schemas.page import Page, page_of
from app.schemas.service_accounts import (
    ClientSecretRead,
    SecretRotation,
    ServiceAccountChange,
    ServiceAccountCreate,
    ServiceAccountRead,
    ServiceTokenRead,
    TokenRequest,
)
from app.services.accounts import account_facts
from app.services.service_accounts import (
    NewServiceAccount,
    ServiceAccountService,
    ServiceAccountView,
)
from app.services.service_tokens import ServiceTokenService

router = APIRouter(prefix="/api/v1", tags=["service-accounts"])
ServiceAccountsDep = Annotated[ServiceAccountService, Depends(service(ServiceAccountService))]
ServiceTokensDep = Annotated[ServiceTokenService, Depends(service(ServiceTokenService))]
_basic = HTTPBase(
    scheme="basic",
    scheme_name="ClientBasic",
    description="Client id and secret of a service account, for POST /api/v1/auth/token only.",
    auto_error=False,
)
_BODY_WILL_DO = {"x-permission": Permission.PUBLIC.value, "security": [{}]}


def _credentials(
    body: TokenRequest, header: HTTPAuthorizationCredentials | None
) -> tuple[str, str]:
    """Client id and secret, from Basic or from the form but not from both (RFC 6749 s.2.3)."""
    if header is None or header.scheme.lower() != "basic":
        if not body.client_id or not body.client_secret:
            raise RuleError(refusals.TOKEN_REQUEST_INVALID)
        return body.client_id, body.client_secret
    try:
        text = base64.b64decode(header.credentials, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise RuleError(refusals.CLIENT_REFUSED) from error
    client_id, colon, secret = text.partition(":")
    client_id, secret = unquote_plus(client_id), unquote_plus(secret)
    if body.client_secret or (body.client_id and body.client_id != client_id):
        raise RuleError(refusals.TOKEN_REQUEST_INVALID)
    if not colon or not client_id.isprintable():
        raise RuleError(refusals.CLIENT_REFUSED)
    return client_id, secret


@router.post(
    "/auth/token",
    operation_id="issue_service_token",
    summary="服务账号以客户端凭据换取短期访问令牌",
    **secured(
        Permission.PUBLIC,
        refusals.CLIENT_REFUSED,
        refusals.TOKEN_REQUEST_INVALID,
        refusals.GRANT_TYPE_UNSUPPORTED,
        refusals.SCOPE_NOT_GRANTED,
    )
    | {"openapi_extra": _BODY_WILL_DO},
)
async def issue_service_token(
    body: Annotated[TokenRequest, Form()],
    header: Annotated[HTTPAuthorizationCredentials | None, Security(_basic)],
    attempts: AttemptsDep,
    origin: OriginDep,
    tokens: ServiceTokensDep,
    response: Response,
) -> ServiceTokenRead:
    """Change client credentials for a short access token (RFC 6749 s.4.4), none to refresh.

    Refusals are problems as everywhere, with the `error` of RFC 6749 s.5.2 beside the code.
    """
    client_id, secret = _credentials(body, header)
    await attempts.count(client_id)
    if body.grant_type != "client_credentials":
        raise RuleError(refusals.GRANT_TYPE_UNSUPPORTED)
    issued = await tokens.issue(client_id, secret, body.scope, origin)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return ServiceTokenRead.model_validate(issued)


def _shape(view: ServiceAccountView, actor: Actor) -> ServiceAccountRead:
    account = view.account
    return ServiceAccountRead(
        id=account.id,
        client_id=account.username,
        display_name=account.display_name,
        status=account.status,
        department_code=view.department.code if view.department else None,
        region_code=view.department.region_code if view.department else None,
        scopes=[Permission(scope) for scope in account.scopes or ()],
        secrets=[ClientSecretRead.model_validate(secret) for secret in view.secrets],
        last_used_at=view.last_used_at,
        created_at=account.created_at,
        client_secret=view.client_secret,
        allowed_actions=allowed_actions(SERVICE_ACCOUNT, account_facts(account), actor),
    )


@router.post(
    "/service-accounts",
    operation_id="create_service_account",
    summary="新建服务账号(密钥只显示一次)",
    status_code=201,
    **secured(
        Permission.ACCOUNT_WRITE,
        accounts.USERNAME_TAKEN,
        accounts.ROLE_NOT_FOR_DEPARTMENT,
        refusals.SCOPE_NOT_GRANTABLE,
        general.NOT_FOUND,
    ),
)
async def create_service_account(
    body: ServiceAccountCreate, actor: ActorDep, services: ServiceAccountsDep, response: Response
) -> ServiceAccountRead:
    """Make a service account; its secret is shown here and never again."""
    view = await services.create(actor, NewServiceAccount(**body.model_dump()))
    response.headers["Location"] = f"/api/v1/service-accounts/{view.account.id}"
    response.headers["Cache-Control"] = "no-store"
    set_etag(response, view.account.row_version)
    return _shape(view, actor)


@router.get(
    "/service-accounts",
    operation_id="list_service_accounts",
    summary="服务账号列表",
    **secured(Permission.ACCOUNT_READ, general.BAD_CURSOR),
)
async def list_service_accounts(
    actor: ActorDep, services: ServiceAccountsDep, paging: PagingDep
) -> Page[ServiceAccountRead]:
    """Service accounts in order of making, with their last use."""
    cut = await services.list(actor, paging)
    return page_of(cut, [_shape(view, actor) for view in cut.items])


@router.get(
    "/service-accounts/{account_id}",
    operation_id="read_service_account",
    summary="服务账号详情",
    **secured(Permission.ACCOUNT_READ, general.NOT_FOUND),
)
async def read_service_account(
    account_id: IdPath, actor: ActorDep, services: ServiceAccountsDep, response: Response
) -> ServiceAccountRead:
    """A service account with its secrets (not their text) and its last use."""
    view = await services.get(account_id)
    set_etag(response, view.account.row_version)
    return _shape(view, actor)


@router.patch(
    "/service-accounts/{account_id}",
    operation_id="change_service_account",
    summary="修改服务账号(名称、权限范围、停用)",
    **secured(
        Permission.ACCOUNT_WRITE, general.NOT_FOUND, refusals.SCOPE_NOT_GRANTABLE, changes=True
    ),
)
async def change_service_account(
    account_id: IdPath,
    body: ServiceAccountChange,
    version: IfMatch,
    actor: ActorDep,
    services: ServiceAccountsDep,
    response: Response,
) -> ServiceAccountRead:
    """Change name, scopes or status; what is taken away is gone on the next request."""
    view = await services.change(actor, account_id, body.changes(), version)
    set_etag(response, view.account.row_version)
    return _shape(view, actor)


@router.post(
    "/service-accounts/{account_id}/rotate-secret",
    operation_id="rotate_client_secret",
    summary="更换密钥(新密钥只显示一次,旧密钥可重叠使用)",
    **secured(
        Permission.ACCOUNT_WRITE, general.NOT_FOUND, refusals.OLD_SECRET_STILL_VALID, changes=True
    ),
)
async def rotate_client_secret(
    account_id: IdPath,
    body: SecretRotation,
    version: IfMatch,
    actor: ActorDep,
    services: ServiceAccountsDep,
    response: Response,
) -> ServiceAccountRead:
    """Make a new secret, shown here and never again; the old one works for the overlap."""
    overlap = dt.timedelta(hours=body.overlap_hours)
    view = await services.rotate_secret(actor, account_id, overlap, version)
    response.headers["Cache-Control"] = "no-store"
    set_etag(response, view.account.row_version)
    return _shape(view, actor)


@router.delete(
    "/service-accounts/{account_id}/secrets/{secret_id}",
    operation_id="revoke_client_secret",
    summary="作废密钥",
    status_code=204,
    **secured(Permission.ACCOUNT_WRITE, general.NOT_FOUND),
)
async def revoke_client_secret(
    account_id: IdPath, secret_id: IdPath, actor: ActorDep, services: ServiceAccountsDep
) -> None:
    """End a secret, and every token that was issued for it, at once."""
    await services.revoke_secret(actor, account_id, secret_id)
