"""Sign-in, refresh, sign-out, password change, and who one is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.deps import ActorDep, AttemptsDep, OriginDep, RuntimeDep, secured, service
from app.domain.actor import Permission
from app.domain.refusals import accounts as refusals
from app.schemas.accounts import (
    LoginRequest,
    MeRead,
    PasswordChange,
    RefreshRequest,
    TokensRead,
)
from app.services.accounts import AccountService
from app.services.sign_in import SignInService

router = APIRouter(prefix="/api/v1", tags=["auth"])
SignInDep = Annotated[SignInService, Depends(service(SignInService))]
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
        refusals.NO_ROLE_THERE,
        refusals.CHOOSE_DEPARTMENT,
    ),
)
async def log_in(
    body: LoginRequest,
    attempts: AttemptsDep,
    origin: OriginDep,
    sign_in: SignInDep,
    response: Response,
) -> TokensRead:
    """Change a password for a short access token and a rotating refresh token."""
    await attempts.count(body.username)
    response.headers["Cache-Control"] = "no-store"
    issued = await sign_in.log_in(body.username, body.password, body.department_code, origin)
    return TokensRead.model_validate(issued)


@router.post(
    "/auth/refresh",
    operation_id="refresh_tokens",
    summary="刷新令牌(旧令牌只能用一次)",
    **secured(Permission.PUBLIC, refusals.REFRESH_REFUSED),
)
async def refresh_tokens(
    body: RefreshRequest, origin: OriginDep, sign_in: SignInDep, response: Response
) -> TokensRead:
    """Change a refresh token, once, for new tokens; a second use ends the session."""
    response.headers["Cache-Control"] = "no-store"
    return TokensRead.model_validate(await sign_in.refresh(body.refresh_token, origin))


@router.post(
    "/auth/logout",
    operation_id="log_out",
    summary="退出登录",
    status_code=204,
    **secured(Permission.SELF),
)
async def log_out(actor: ActorDep, sign_in: SignInDep) -> None:
    """End the session: its tokens stop working at once."""
    await sign_in.log_out(actor)


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
