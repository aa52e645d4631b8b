"""The refresh token of a front end: in a cookie that no script reads and no other site sends."""

from fastapi import Request, Response

from app.deps import runtime_of
from app.domain.refresh_cookie import NAME, PATH, Provenance, refuse_cross_site
from app.schemas.accounts import TokensRead
from app.services.sign_in import IssuedTokens


def guard(request: Request) -> None:
    """Raise cross-site-refused unless the request comes from a page of ours, or from no page."""
    headers = request.headers
    asked = Provenance(
        origin=headers.get("origin"),
        fetch_site=headers.get("sec-fetch-site"),
        requested_with=headers.get("x-requested-with"),
    )
    own = f"{request.url.scheme}://{headers.get('host', '')}".lower()
    refuse_cross_site(asked, {own, *runtime_of(request).settings.cors_origins})


def cookie_in(request: Request) -> str | None:
    """The refresh token that the cookie holds; raises cross-site-refused where one may not ask."""
    token = request.cookies.get(NAME)
    if not token:
        return None
    guard(request)
    return token


def hand_out(
    request: Request, response: Response, issued: IssuedTokens, *, in_cookie: bool
) -> TokensRead:
    """The tokens in the body, or the refresh token in the cookie."""
    response.headers["Cache-Control"] = "no-store"
    tokens = TokensRead.model_validate(issued)
    if in_cookie:
        _set(request, response, issued.refresh_token, issued.refresh_expires_in)
        tokens.refresh_token = None
    return tokens


def clear(request: Request, response: Response) -> None:
    """Take the cookie back, if there is one."""
    if NAME in request.cookies:
        _set(request, response, "", 0)


def _set(request: Request, response: Response, value: str, max_age: int) -> None:
    settings = runtime_of(request).settings
    is_plain = settings.environment != "production" and request.url.scheme == "http"
    response.set_cookie(
        NAME,
        value,
        max_age=max_age,
        path=PATH,
        secure=not is_plain,
        httponly=True,
        samesite="strict",
    )
