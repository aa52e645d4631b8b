"""Counts every request to the API against its caller, and tells the caller where they stand.

Who has an access token of ours is the account, everybody else their address; where secrets can be
guessed, the address has a stricter quota (and the name one of its own: `app/deps.py`). The header
fields are those of draft-ietf-httpapi-ratelimit-headers-11.

Without an answer of the database the request goes on, and fails by itself where it needs it; where
secrets can be guessed it does not go on.
"""

from prometheus_client import Counter
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import problems
from app.deps import STANDINGS, claims_in
from app.domain.rate_limits import SIGN_IN, RatePolicy, Standing, is_limited, network_of
from app.domain.refusals import general
from app.services.runtime import Runtime

REFUSED = Counter("sunlot_rate_limited_total", "Requests refused by rate limits.", ["policy"])


class RateLimits:
    """Refuses who asks too often."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_limited(scope["path"]):
            await self._app(scope, receive, send)
            return
        runtime: Runtime = scope["app"].state.runtime
        policy, subject = _counted(scope, runtime)
        standing = await runtime.rate_limiter.take(policy, subject)
        standings: list[tuple[RatePolicy, Standing | None]] = [(policy, standing)]
        scope[STANDINGS] = standings

        async def send_told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                _tell(MutableHeaders(scope=message), standings)
            await send(message)

        request = Request(scope)
        if standing is not None and not standing.allowed:
            refused = problems.respond(request, general.TOO_MANY_REQUESTS, standing.facts)
            await refused(scope, receive, send_told)
        elif standing is None and policy.quota and scope["path"] in SIGN_IN:
            refused = problems.respond(request, general.UNAVAILABLE, headers={"Retry-After": "2"})
            await refused(scope, receive, send_told)
        else:
            await self._app(scope, receive, send_told)


def _counted(scope: Scope, runtime: Runtime) -> tuple[RatePolicy, str]:
    policies = runtime.rate_limiter.policies
    address = network_of(scope["client"][0] if scope.get("client") else None)
    if scope["path"] in SIGN_IN:
        return policies.sign_in_ip, address
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    claims = claims_in(scope, runtime, token) if scheme.lower() == "bearer" else None
    if claims is not None:
        return policies.account, str(claims.account_id)
    return policies.ip, address


def _tell(headers: MutableHeaders, standings: list[tuple[RatePolicy, Standing | None]]) -> None:
    limits = [policy for policy, _ in standings if policy.quota]
    known = [standing for _, standing in standings if standing is not None]
    if limits:
        headers["RateLimit-Policy"] = ", ".join(
            f'"{policy.name}";q={policy.quota};w={policy.window_seconds}' for policy in limits
        )
    if known:
        headers["RateLimit"] = ", ".join(
            f'"{one.policy.name}";r={one.remaining};t={one.reset_seconds}' for one in known
        )
    for one in known:
        if not one.allowed:
            headers["Retry-After"] = str(one.reset_seconds)
            REFUSED.labels(one.policy.name).inc()
