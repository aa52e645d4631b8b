"""Requests that no router would see as they are meant."""

from collections.abc import Callable, Collection
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app import problems
from app.domain.refusals import general


class KnownMethods:
    """Refuses what no router sees: a query that is not UTF-8, a method a fixed address lacks.

    A router would read the query's broken bytes as U+FFFD and answer another question; and it
    would hand PATCH /officers/import to the route of the officer whose id is "import".
    """

    def __init__(self, app: ASGIApp, methods_of: Callable[[str], Collection[str]]) -> None:
        self._app = app
        self._methods_of = methods_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = self._methods_of(scope["path"])
        if known and scope["method"] not in known:
            refused = problems.method_not_allowed(Request(scope), known)
            await refused(scope, receive, send)
            return
        try:
            unquote_to_bytes(scope["query_string"]).decode()
        except UnicodeDecodeError:
            refused = problems.respond(Request(scope), general.MALFORMED_REQUEST)
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)
