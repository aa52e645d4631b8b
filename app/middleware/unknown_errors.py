"""A 500 that passes the other middleware, so that it has its headers like every other answer.

The framework's own answer to an unknown exception is made outside of all middleware. The exception
goes on its way: the framework hands it to the handler that logs it.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import problems
from app.domain.refusals import general


class UnknownErrors:
    """Answers an exception that nobody has translated."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if scope["type"] == "http" and not started:
                failed = problems.respond(Request(scope), general.INTERNAL)
                await failed(scope, receive, send)
            raise
