"""Sign-in, refresh, sign-out, password change, and who one is."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.openapi.models import Example

from app.deps import (
    ActorDep,
    AttemptsDep,
    MaybeActorDep,
    OriginDep,
    RuntimeDep,
    secured,
    service,
)
from app.domain.actor import Permission
from app.domain.errors import RuleError
from app.domain.refusals import accounts as refusals
from app.routers import refresh_cookie
from app.schemas.accounts import (
    LoginRequest,
    MeRead,
    PasswordChange,
    PasswordPolicyRead,
    RefreshRequest,
    TokensRead,
)
from app.services.accounts import AccountService
from app.services.sign_in import SignInService

router = APIRouter(prefix="/api/v1", tags=["auth"])
SignInDep = Annotated[SignInService, Depends(service(SignInService))]
_COOKIE_WILL_DO = {"x-permission": Permission.PUBLIC.value, "security": [{}]}
_REFRESH_EXAMPLES: dict[str, Example] = {
    "in-the-body": {"value": {"refresh_token": "o3Hq…"}},
    "in-the-cookie": {"value": {}},
}
AccountsDep = Annotated[AccountService, Depends(service(AccountService))]


@router.post(
    "/auth/login",
    operation_id="log_in",
    summary="登录:以密码换取短期访问令牌与轮换刷新令牌",
    **secured(
        Permission.PUBLIC,
        refusals.BAD_CREDENTIALS,
        refusals.ACCOUNT_LOCKED,
        refusals.ACCOUNT_DISABLED,
        refusals.PASSWORD_CHANGE_REQUIRED,
        refusals.PASSWORD_EXPIRED,
        refusals.CROSS_SITE_REFUSED,
        refusals.NO_ROLE_THERE,
        refusals.CHOOSE_DEPARTMENT,
    ),
)
async def log_in(
    body: LoginRequest,
    request: Request,
    attempts: AttemptsDep,
    origin: OriginDep,
    sign_in: SignInDep,
    response: Response,
) -> TokensRead:
    """Change a password for a short access token and a rotating refresh token.

    With `use_cookie` the refresh token is set as the cookie `sunlot_refresh` and not in the body.
    """
    if body.use_cookie:
        refresh_cookie.guard(request)
    await attempts.count(body.username)
    issued = await sign_in.log_in(body.username, body.password, body.department_code, origin)
    return refresh_cookie.hand_out(request, response, issued, in_cookie=body.use_cookie)


@router.post(
    "/auth/refresh",
    operation_id="refresh_tokens",
    summary="刷新令牌(旧令牌只能用一次)",
    **secured(Permission.PUBLIC, refusals.REFRESH_REFUSED, refusals.CROSS_SITE_REFUSED),
)
async def refresh_tokens(
    request: Request,
    origin: OriginDep,
    sign_in: SignInDep,
    response: Response,
    body: Annotated[RefreshRequest | None, Body(openapi_examples=_REFRESH_EXAMPLES)] = None,
) -> TokensRead:
    """Change a refresh token, once, for new tokens; a second use ends the session.

    The token stands in the body, or in the cookie; what comes back comes back the same way.
    """
    given = body.refresh_token if body else None
    token = given or refresh_cookie.cookie_in(request)
    if token is None:
        raise RuleError(refusals.REFRESH_REFUSED)
    issued = await sign_in.refresh(token, origin)
    return refresh_cookie.hand_out(request, response, issued, in_cookie=given is None)


@router.post(
    "/auth/logout",
    operation_id="log_out",
    summary="退出登录",
    status_code=204,
    **secured(Permission.PUBLIC, refusals.UNAUTHENTICATED, refusals.CROSS_SITE_REFUSED)
    | {"openapi_extra": _COOKIE_WILL_DO},
)
async def log_out(
    request: Request,
    actor: MaybeActorDep,
    origin: OriginDep,
    sign_in: SignInDep,
    response: Response,
) -> None:
    """End the session: its tokens stop working at once.

    The access token says which, or the refresh cookie where that token has run out.
    """
    if actor is not None:
        await sign_in.log_out(actor)
    else:
        token = refresh_cookie.cookie_in(request)
        if token is None:
            raise RuleError(refusals.UNAUTHENTICATED)
        await sign_in.log_out_by_token(token, origin)
    refresh_cookie.clear(request, response)


@router.post(
    "/auth/password",
    operation_id="change_password",
    summary="修改密码(首次登录前必须修改一次性密码)",
    status_code=204,
    **secured(
        Permission.PUBLIC,
        refusals.BAD_CREDENTIALS,
        refusals.PASSWORD_TOO_WEAK,
        refusals.ACCOUNT_LOCKED,
        refusals.ACCOUNT_DISABLED,
    ),
)
async def change_password(
    body: PasswordChange, attempts: AttemptsDep, origin: OriginDep, sign_in: SignInDep
) -> None:
    """Set a new password with the old one; ends all sessions of the account."""
    await attempts.count(body.username)
    await sign_in.change_password(body.username, body.old_password, body.new_password, origin)


@router.get(
    "/reference/password-policy",
    operation_id="read_password_policy",
    summary="口令策略",
    **secured(Permission.PUBLIC),
)
async def read_password_policy(runtime: RuntimeDep) -> PasswordPolicyRead:
    """What a password must be here, when it must be changed, and when sign-in is locked."""
    return PasswordPolicyRead.model_validate(runtime.password_policy)


@router.get(
    "/me",
    operation_id="read_me",
    summary="当前账号、角色、权限与数据范围",
    **secured(Permission.SELF),
)
async def read_me(actor: ActorDep, accounts: AccountsDep, runtime: RuntimeDep) -> MeRead:
    """Who one is, what one may do and how far one sees."""
    department = await accounts.departments_of(actor)
    assert actor.account_id is not None
    return MeRead(
        account_id=actor.account_id,
        kind=actor.kind,
        username=actor.username,
        roles=sorted(actor.roles),
        permissions=sorted(actor.permissions),
        department_code=actor.department_code,
        department_name=department.name if department else None,
        region_code=actor.region_code,
        officer_id=actor.officer_id,
        reads="region" if actor.scope.reads_region else "own department",
        now=runtime.clock.now(),
    )
