"""Pure ASGI middleware, outermost first: what every request passes, and every answer.

    trusted_proxies    who calls, where a proxy of ours passes it on
    request_trace      request ids, the access log, metrics
    security_headers   what a browser may do with the answer
    cors               which other origins may read it
    rate_limits        how many requests a caller may make
    request_limits     how large a request may be
    known_methods      queries and methods that no router sees
    unknown_errors     a 500 of our own making, before the others have been left

Nothing here reads a body into memory.
"""

from collections.abc import Callable, Collection

from fastapi import FastAPI

from app.middleware.cors import Cors
from app.middleware.known_methods import KnownMethods
from app.middleware.rate_limits import RateLimits
from app.middleware.request_limits import RequestLimits
from app.middleware.request_trace import RequestTrace
from app.middleware.security_headers import SecurityHeaders
from app.middleware.trusted_proxies import TrustedProxies
from app.middleware.unknown_errors import UnknownErrors
from app.settings import Settings


def install(
    app: FastAPI,
    settings: Settings,
    *,
    methods_of: Callable[[str], Collection[str]],
    takes_upload: Callable[[str], bool],
) -> None:
    """Put all of them around the application; the last one added is the outermost."""
    app.add_middleware(UnknownErrors)
    app.add_middleware(KnownMethods, methods_of=methods_of)
    app.add_middleware(
        RequestLimits,
        max_body_bytes=settings.max_body_bytes,
        max_json_bytes=settings.max_json_bytes,
        takes_upload=takes_upload,
    )
    app.add_middleware(RateLimits)
    app.add_middleware(Cors, origins=settings.cors_origins)
    app.add_middleware(SecurityHeaders, hsts_seconds=settings.hsts_seconds)
    app.add_middleware(RequestTrace)
    app.add_middleware(TrustedProxies, proxies=settings.trusted_proxies)
