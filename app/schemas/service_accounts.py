"""Wire shapes of service accounts, their secrets and their tokens."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.domain.actor import Permission
from app.domain.lifecycle import AccountStatus
from app.domain.service_accounts import DEFAULT_OVERLAP_HOURS, GRANTABLE, MAX_OVERLAP_HOURS
from app.schemas.actions import AllowedActions
from app.schemas.base import (
    Code,
    Instant,
    Name,
    Once,
    PatchModel,
    ReadModel,
    RegionCode,
    RequestModel,
    Username,
)

Scopes = Annotated[
    list[Permission],
    Field(
        min_length=1,
        max_length=50,
        description="Permissions that a service may have: "
        + ", ".join(sorted(permission.value for permission in GRANTABLE)),
    ),
    Once,
]


class ServiceAccountCreate(RequestModel):
    """A service that calls the API by itself, at one department."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "client_id": "scjg.sync",
                    "display_name": "省平台对接",
                    "department_code": "SCJG",
                    "region_code": "150525",
                    "scopes": ["object:read", "object:write"],
                }
            ]
        }
    )
    client_id: Username
    display_name: Name
    department_code: Code
    region_code: RegionCode
    scopes: Scopes


class ServiceAccountChange(PatchModel):
    """What of a service account is changed; a scope that is taken away is gone at once."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"scopes": ["object:read"]}, {"status": "disabled"}]}
    )
    nullable: ClassVar[frozenset[str]] = frozenset()
    display_name: Name | None = None
    scopes: Scopes | None = None
    status: Literal[AccountStatus.ACTIVE, AccountStatus.DISABLED] | None = None


class SecretRotation(RequestModel):
    """How long the old secret still works beside the new one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_hours": 168}]})
    overlap_hours: Annotated[
        int,
        Field(
            ge=0,
            le=MAX_OVERLAP_HOURS,
            description="0 ends the old secrets, and what was issued for them, at once.",
        ),
    ] = DEFAULT_OVERLAP_HOURS


class ClientSecretRead(ReadModel):
    """A secret, without its text."""

    id: UUID
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None


class ServiceAccountRead(ReadModel):
    """A service account; `client_secret` is there only right after it was made."""

    id: UUID
    client_id: str
    display_name: str
    status: AccountStatus
    department_code: str | None
    region_code: str | None
    scopes: Annotated[list[Permission], Field(max_length=50)]
    secrets: Annotated[list[ClientSecretRead], Field(max_length=2)]
    last_used_at: Annotated[Instant | None, Field(description="Noted once a minute at most.")]
    created_at: Instant
    client_secret: Annotated[str, Field(max_length=200)] | None = None
    allowed_actions: AllowedActions = []


_LINE = r"^[^\x00-\x1f\x7f-\x9f]*$"
FormText = Annotated[str, StringConstraints(pattern=_LINE, max_length=200)]


class TokenRequest(BaseModel):
    """RFC 6749 s.4.4.2, as a form; what it does not know it passes over (s.3.2)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "grant_type": "client_credentials",
                    "client_id": "scjg.sync",
                    "client_secret": "sunlot_cs_…",
                    "scope": "object:read",
                }
            ]
        }
    )
    grant_type: Annotated[
        FormText, StringConstraints(min_length=1), Field(description="client_credentials")
    ]
    client_id: Annotated[FormText, Field(description="Here or by Basic.")] | None = None
    client_secret: Annotated[FormText, Field(description="Here or by Basic.")] | None = None
    scope: (
        Annotated[
            str,
            StringConstraints(pattern=_LINE, max_length=2000),
            Field(description="A part of the account's scopes, set apart by blanks; none: all."),
        ]
        | None
    ) = None


class ServiceTokenRead(ReadModel):
    """An access token (RFC 6749 s.5.1); there is none to refresh it with."""

    access_token: Annotated[str, Field(max_length=2000)]
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  the scheme
    expires_in: Annotated[int, Field(ge=1, description="Seconds.")]
    scope: Annotated[str, Field(max_length=5000)]
