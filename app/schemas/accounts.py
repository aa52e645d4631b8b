"""Wire shapes of sign-in, accounts, roles and /me."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from app.domain.actor import ActorKind, Permission, Role
from app.domain.lifecycle import AccountKind, AccountStatus
from app.domain.passwords import PasswordProfile
from app.schemas.actions import AllowedActions
from app.schemas.base import (
    CleanLine,
    Code,
    Instant,
    Name,
    NotBlankLine,
    Password,
    ReadModel,
    RegionCode,
    RequestModel,
    Username,
    at_most,
)

Token = Annotated[str, Field(min_length=1, max_length=2000)]
TypedName = Annotated[
    str, CleanLine, StringConstraints(min_length=1, max_length=64), NotBlankLine, at_most(64)
]
"""A user name as typed: an unknown one is refused as such, not by its form."""


class LoginRequest(RequestModel):
    """用户名、密码;在多个单位任职的须指明单位."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"username": "scjg.clerk", "password": "correct-horse-battery"}]
        }
    )
    username: TypedName
    password: Password
    department_code: Code | None = None
    use_cookie: Annotated[
        bool,
        Field(
            description="Keep the refresh token in an HttpOnly cookie and out of the body: for"
            " front ends in a browser, which then send X-Requested-With."
        ),
    ] = False


class RefreshRequest(RequestModel):
    """A refresh token, used once; without it, that of the cookie is used."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"refresh_token": "o3Hq…"}]})
    refresh_token: (
        Annotated[
            str,
            CleanLine,
            StringConstraints(min_length=1, max_length=200),
            NotBlankLine,
            at_most(200),
        ]
        | None
    ) = None
    """None where the cookie holds it."""


class PasswordChange(RequestModel):
    """The old password opens the way to a new one; needed before the first login."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "username": "scjg.clerk",
                    "old_password": "one-time-password",
                    "new_password": "correct-horse-battery",
                }
            ]
        }
    )
    username: TypedName
    old_password: Password
    new_password: Password


class PasswordRuleRead(ReadModel):
    """One rule of the policy; `code` stands in `errors` where a password breaks it."""

    code: Annotated[str, Field(max_length=64)]
    zh: Annotated[str, Field(max_length=200)]
    en: Annotated[str, Field(max_length=200)]


class PasswordPolicyRead(ReadModel):
    """The policy of this service: a named profile, perhaps tightened by the site."""

    profile: PasswordProfile
    min_length: int
    min_classes: Annotated[int, Field(ge=1, le=4)]
    remembered: Annotated[int, Field(description="Of the last passwords, this one included.")]
    max_age_days: int | None
    lock_after_failures: int
    lock_seconds: int
    idle_minutes: Annotated[int | None, Field(description="A session unused so long is over.")]
    rules: Annotated[list[PasswordRuleRead], Field(max_length=20)]


class TokensRead(ReadModel):
    """Tokens, shown once."""

    access_token: Token
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  the scheme
    expires_in: Annotated[int, Field(ge=1, description="Seconds.")]
    refresh_token: Annotated[
        str | None, Field(max_length=200, description="None where the cookie holds it.")
    ]
    refresh_expires_in: Annotated[int, Field(ge=0, description="Seconds.")]


class MeRead(ReadModel):
    """Who one is here and now."""

    account_id: UUID
    kind: ActorKind
    username: str
    roles: list[Role]
    permissions: list[Permission]
    department_code: str | None
    department_name: str | None
    region_code: str
    officer_id: UUID | None
    reads: Literal["own department", "region"]
    now: Instant


class AccountCreate(RequestModel):
    """A new account with its first role; a one-time password is made for it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "username": "scjg.clerk",
                    "display_name": "经办一",
                    "role": "dept_clerk",
                    "department_code": "SCJG",
                    "region_code": "150525",
                }
            ]
        }
    )
    username: Username
    display_name: Name
    role: Role
    department_code: Code | None = None
    region_code: RegionCode
    officer_id: UUID | None = None

    @model_validator(mode="after")
    def _officer_has_the_role(self) -> Self:
        if self.officer_id is not None and self.role is not Role.OFFICER:
            msg = "officer_id goes with the role officer"
            raise ValueError(msg)
        return self


class GrantCreate(RequestModel):
    """A further role."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"role": "dept_leader", "department_code": "SCJG", "region_code": "150525"}
            ]
        }
    )
    role: Role
    department_code: Code | None = None
    region_code: RegionCode


class StatusChange(RequestModel):
    """Disable or enable."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "disabled"}]})
    status: Literal[AccountStatus.ACTIVE, AccountStatus.DISABLED]


class GrantRead(ReadModel):
    """A live role."""

    id: UUID
    role: Role
    department_code: str | None
    granted_at: Instant
    allowed_actions: AllowedActions = []


class AccountRead(ReadModel):
    """An account; the one-time password is there only right after it was made."""

    id: UUID
    kind: AccountKind
    username: str
    display_name: str
    status: AccountStatus
    must_change_password: bool
    locked_until: Instant | None
    created_at: Instant
    grants: list[GrantRead] = []
    one_time_password: str | None = None
    allowed_actions: AllowedActions = []
