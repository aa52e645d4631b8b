"""FastAPI dependencies: who calls, may they, which version did they see, which part of a list.

Every route is made with `secured(...)`, which asks for a permission and names it, with the problems
the route can give, in the OpenAPI document.
"""

import re
from collections.abc import Callable, MutableMapping
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, File, Header, Path, Query, Request, Response, UploadFile
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.domain.actor import Actor, Permission, system_actor
from app.domain.errors import Refusal, RuleError
from app.domain.rate_limits import refuse_over
from app.domain.refusals import accounts, general, idempotency, tabular
from app.idempotency import Once, accept_key, require_key
from app.problems import MEDIA_TYPE, STATUS
from app.security import AccessClaims
from app.services.runtime import Runtime
from app.services.sign_in import Origin, SignInService
from app.services.spreadsheets import Upload
from app.storage.paging import Paging
from app.tabular.extent import MAX_TEXT_FILE

_bearer = HTTPBearer(auto_error=False, description="An access token from POST /api/v1/auth/login")
S = TypeVar("S")
STANDINGS = "sunlot.standings"
"""Where a request's scope keeps what rate limits said, for the answer's header fields."""
USER_AGENT_LENGTH = 300
_CLAIMS = "sunlot.claims"


def runtime_of(request: Request) -> Runtime:
    """The process's runtime."""
    runtime: Runtime = request.app.state.runtime
    return runtime


def service(make: Callable[[Runtime], S]) -> Callable[[Request], S]:
    """A dependency that makes a service of the process's runtime."""

    def build(request: Request) -> S:
        return make(runtime_of(request))

    return build


def origin_of(request: Request) -> Origin:
    """Where the request came from."""
    return Origin(
        ip=request.client.host if request.client else None,
        request_id=request.scope.get("request_id"),
        user_agent=_user_agent(request),
    )


def _user_agent(request: Request) -> str | None:
    """What the caller says it is, as far as it can be shown."""
    said = "".join(char for char in request.headers.get("user-agent", "") if char.isprintable())
    return said[:USER_AGENT_LENGTH] or None


def claims_in(scope: MutableMapping[str, Any], runtime: Runtime, token: str) -> AccessClaims | None:
    """What an access token of ours says, read once for a request; None for any other text."""
    kept: tuple[str, AccessClaims | None] | None = scope.get(_CLAIMS)
    if kept is None or kept[0] != token:
        kept = scope[_CLAIMS] = (token, runtime.tokens.read(token, runtime.clock.now()))
    return kept[1]


class Attempts:
    """Counts attempts to sign in against the name that they are for, whoever makes them."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def count(self, name: str) -> None:
        """Count one more; raises too-many-requests, or unavailable where nothing can be counted."""
        limiter = runtime_of(self._request).rate_limiter
        policy = limiter.policies.sign_in_name
        standing = await limiter.take(policy, name.casefold())
        self._request.scope.setdefault(STANDINGS, []).append((policy, standing))
        if standing is None and policy.quota:
            raise RuleError(general.UNAVAILABLE)
        refuse_over(standing)


async def current_actor(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Actor:
    """The caller, as the database knows them now; raises unauthenticated."""
    runtime = runtime_of(request)
    if credentials is None:
        raise RuleError(accounts.UNAUTHENTICATED)
    claims = claims_in(request.scope, runtime, credentials.credentials)
    if claims is None:
        raise RuleError(accounts.UNAUTHENTICATED)
    actor = await SignInService(runtime).identify(
        claims.account_id, claims.session_id, origin_of(request)
    )
    if actor is None:
        raise RuleError(accounts.UNAUTHENTICATED)
    request.state.actor = actor
    return actor


async def maybe_actor(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Actor | None:
    """The caller, if there is an access token that works: for what another proof may open, too."""
    try:
        return await current_actor(request, credentials)
    except RuleError as refused:
        if refused.refusal is not accounts.UNAUTHENTICATED:
            raise
        return None


def anonymous(request: Request) -> Actor:
    """The public: nobody in particular."""
    return system_actor(
        runtime_of(request).settings.region_code, "public", request.scope.get("request_id")
    )


def require(permission: Permission) -> Callable[..., Any]:
    """A dependency that lets pass who has the permission; PUBLIC lets everybody pass."""
    if permission is Permission.PUBLIC:

        async def nobody() -> None:
            """Anonymous by design."""

        return nobody

    async def check(actor: Annotated[Actor, Depends(current_actor)]) -> None:
        if not actor.may(permission):
            raise RuleError(general.FORBIDDEN, permission=permission.value)

    return check


def problems(*refusals: Refusal) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of the refusals, grouped by status."""
    grouped: dict[int, list[Refusal]] = {}
    for refusal in refusals:
        grouped.setdefault(STATUS[refusal.kind], []).append(refusal)
    return {
        status: {
            "description": "; ".join(f"{entry.code}: {entry.en}" for entry in entries),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {
                        entry.code: {
                            "value": {
                                "type": f"/problems/{entry.code}",
                                "title": entry.zh,
                                "status": status,
                                "detail": entry.zh,
                                "messages": {"zh": entry.zh, "en": entry.en},
                                "code": entry.code,
                                "instance": "/api/v1/…",
                                "request_id": "0196f…",
                            }
                        }
                        for entry in entries
                    },
                }
            },
        }
        for status, entries in sorted(grouped.items())
    }


_KEYED = {Once.ACCEPTED: accept_key, Once.REQUIRED: require_key}


def secured(
    permission: Permission,
    *refusals: Refusal,
    changes: bool = False,
    once: Once | None = None,
) -> dict[str, Any]:
    """What every route decorator takes: permission, and the problems the operation can give.

    `changes` marks operations that need If-Match; `once` those that take an Idempotency-Key (their
    router's route class is KeyedRoute).
    """
    common: tuple[Refusal, ...] = (general.MALFORMED_REQUEST, general.VALIDATION_FAILED)
    if permission is not Permission.PUBLIC:
        common += (accounts.UNAUTHENTICATED,)
        if permission is not Permission.SELF:
            common += (general.FORBIDDEN,)
    if changes:
        common += (general.PRECONDITION_REQUIRED, general.STALE_VERSION, general.CONFLICT)
    dependencies, extra = [Depends(require(permission))], {"x-permission": permission.value}
    if once is not None:
        common += (idempotency.KEY_REUSED, idempotency.IN_FLIGHT)
        if once is Once.REQUIRED:
            common += (idempotency.KEY_REQUIRED,)
        dependencies.append(Depends(_KEYED[once]))
        extra["x-idempotency-key"] = once.value
    every = tuple(dict.fromkeys(common + refusals))
    return {
        "dependencies": dependencies,
        "openapi_extra": extra,
        "responses": problems(*every),
    }


ETAG = re.compile(r'^"([0-9]{1,9})"$')


def etag(version: int) -> str:
    """The strong ETag of a row version."""
    return f'"{version}"'


def set_etag(response: Response, version: int) -> None:
    """Tell the caller which version this is."""
    response.headers["ETag"] = etag(version)


def if_match(
    value: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description='The ETag you saw, as `"3"`. Absent: 428; older: 412.',
            max_length=32,
        ),
    ] = None,
) -> int:
    """The version the caller saw; raises precondition-required or stale-version."""
    if value is None:
        raise RuleError(general.PRECONDITION_REQUIRED)
    found = ETAG.match(value.strip())
    if found is None:
        raise RuleError(general.STALE_VERSION)
    return int(found.group(1))


def paging(
    limit: Annotated[int, Query(ge=1, le=1000, description="Items per page.")] = 50,
    cursor: Annotated[
        str | None,
        Query(
            max_length=64,
            # 128 bits in base64: 22 characters, of which the last one carries two bits. What does
            # not fit is refused as a cursor, not as a text.
            json_schema_extra={"pattern": "^[A-Za-z0-9_-]{21}[AQgw]$", "maxLength": 22},
        ),
    ] = None,
    *,
    with_total: Annotated[bool, Query(description="Count all items, too.")] = False,
) -> Paging:
    """Which part of a list is asked for."""
    return Paging(limit=limit, cursor=cursor, with_total=with_total)


async def upload(
    file: Annotated[
        UploadFile, File(description="An xlsx or xls file, 10 MB at most; csv, 32 MB.")
    ],
) -> Upload:
    """The uploaded spreadsheet; raises file-too-large before it is read whole."""
    data = await file.read(MAX_TEXT_FILE + 1)
    if len(data) > MAX_TEXT_FILE:
        raise RuleError(tabular.FILE_TOO_LARGE, limit_bytes=MAX_TEXT_FILE)
    return Upload(data, file.filename or "")


ActorDep = Annotated[Actor, Depends(current_actor)]
MaybeActorDep = Annotated[Actor | None, Depends(maybe_actor)]
PublicDep = Annotated[Actor, Depends(anonymous)]
OriginDep = Annotated[Origin, Depends(origin_of)]
PagingDep = Annotated[Paging, Depends(paging)]
UploadDep = Annotated[Upload, Depends(upload)]
AttemptsDep = Annotated[Attempts, Depends(Attempts)]
IfMatch = Annotated[int, Depends(if_match)]
RuntimeDep = Annotated[Runtime, Depends(runtime_of)]
IdPath = Annotated[UUID, Path(description="The resource's id.")]
