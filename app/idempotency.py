"""Idempotency-Key: who sends a request again gets the answer of the first time, and one effect.

`KeyedRoute` opens an exchange, in which units of work hold their commit. When the framework has
rendered the response, it is stored and committed with what the request did, and only then sent. So
routers and services stay as they are. Refusals are not stored: nothing happened. Operations that
hand out secrets take no key, since a stored answer would keep the secret.
"""

import hashlib
import json
from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Header, Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import UploadFile

from app.domain.errors import RuleError
from app.domain.refusals import idempotency as refusals
from app.services.runtime import Runtime
from app.storage.idempotency import (
    Answer,
    AnsweredBefore,
    Claim,
    Exchange,
    current_exchange,
    exchange,
    refuse_answered,
)

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
PATTERN = "^[!-~]{1,128}$"
_NOT_KEPT = frozenset({"content-length", "set-cookie", "date"})
_CHUNK = 1 << 20
_REDIRECT = 300
_OWN = frozenset({refusals.IN_FLIGHT, refusals.KEY_REUSED, refusals.KEY_REQUIRED})
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
KeyHeader = Annotated[
    str | None,
    Header(
        alias=HEADER,
        description="1 to 128 visible ASCII characters of your own choice, new for each act and"
        " the same on a retry; kept for 7 days.",
        pattern=PATTERN,
        max_length=128,
    ),
]


class Once(StrEnum):
    """Whether an operation may, or must, be sent with a key."""

    ACCEPTED = "accepted"
    REQUIRED = "required"


async def accept_key(request: Request, key: KeyHeader = None) -> None:
    """Claim the key if there is one; raises AnsweredBefore or idempotency-key-reused."""
    if key is not None:
        await _claim(request, key)


async def require_key(request: Request, key: KeyHeader = None) -> None:
    """Claim the key; raises idempotency-key-required."""
    if key is None:
        raise RuleError(refusals.KEY_REQUIRED)
    await _claim(request, key)


class KeyedRoute(APIRoute):
    """A route whose operations may be asked for with a key; without one it is like any other."""

    def get_route_handler(self) -> Handler:
        """The framework's handler, inside an exchange."""
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            if HEADER not in request.headers:
                return await handle(request)
            with exchange() as opened:
                try:
                    return await _answered(request, opened, handle)
                except AnsweredBefore as before:
                    return _again(before.answer)

        return once


async def _answered(request: Request, opened: Exchange, handle: Handler) -> Response:
    try:
        response = await handle(request)
    except RuleError as refused:
        # What a block did that was left before the refusal stands, as it would without a key.
        await opened.conclude(None)
        await _look_once_more(request, opened, refused)
        raise
    except BaseException:
        await opened.abandon()
        raise
    try:
        # What stored nothing has no answer to keep, and may be a stream (a marked copy).
        kept = opened.held is not None and response.status_code < _REDIRECT
        answer = _answer(response) if kept else None
    except BaseException:
        await opened.abandon()
        raise
    await opened.conclude(answer)
    return response


async def _look_once_more(request: Request, opened: Exchange, refused: RuleError) -> None:
    """A twin that was faster makes a rule refuse what it has done; its answer is ours, too."""
    if opened.claim is not None and refused.refusal not in _OWN:
        await _refuse_answered(request, opened.claim)


async def _claim(request: Request, key: str) -> None:
    opened = current_exchange()
    if opened is None:
        raise RuntimeError("an operation that takes a key belongs to a KeyedRoute")
    claim = Claim(request.state.actor.account_id, key, await _digest(request))
    await _refuse_answered(request, claim)
    opened.claim = claim


async def _refuse_answered(request: Request, claim: Claim) -> None:
    runtime: Runtime = request.app.state.runtime
    async with runtime.database.reading() as session:
        await refuse_answered(session, claim, runtime.clock.now())


async def _digest(request: Request) -> str:
    """SHA-256 over all that makes it the same request: who, what, which version, which body."""
    actor = request.state.actor
    asked = {
        "method": request.method,
        "path": request.url.path,
        "query": request.url.query,
        "account": str(actor.account_id),
        "department": actor.department_code,
        "if_match": request.headers.get("if-match"),
        "prefer": request.headers.get("prefer"),
        "body": await _body(request),
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


async def _body(request: Request) -> list[list[str]]:
    """The body's bytes as digest; of a form its fields, since a retry has another boundary."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return [["", "", hashlib.sha256(await request.body()).hexdigest()]]
    fields = []
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            fields.append([name, value.filename or "", await _file_digest(value)])
        else:
            text = value.encode("utf-8", "surrogatepass")
            fields.append([name, "", hashlib.sha256(text).hexdigest()])
    return fields


async def _file_digest(file: UploadFile) -> str:
    digest = hashlib.sha256()
    await file.seek(0)
    while chunk := await file.read(_CHUNK):
        digest.update(chunk)
    await file.seek(0)
    return digest.hexdigest()


def _answer(response: Response) -> Answer:
    headers = {
        name: value for name, value in response.headers.items() if name.lower() not in _NOT_KEPT
    }
    return Answer(response.status_code, headers, bytes(response.body))


def _again(answer: Answer) -> Response:
    return Response(
        content=answer.body or None,
        status_code=answer.status,
        headers=answer.headers | {REPLAYED: "true"},
    )
