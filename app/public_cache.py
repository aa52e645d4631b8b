"""Public answers: cacheable for a minute, with a strong ETag over the bytes, 304 when unchanged."""

import hashlib

from fastapi import Request, Response
from pydantic import BaseModel

MAX_AGE_SECONDS = 60


def cached(request: Request, body: BaseModel) -> Response:
    """The body with ETag and Cache-Control, or 304 when the caller has it already."""
    content = body.model_dump_json().encode()
    return cached_bytes(request, content, "application/json")


def cached_bytes(request: Request, content: bytes, media_type: str) -> Response:
    """Like `cached`, for bytes that exist already."""
    tag = '"' + hashlib.sha256(content).hexdigest()[:32] + '"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={MAX_AGE_SECONDS}"}
    asked = request.headers.get("if-none-match", "")
    if tag in {part.strip() for part in asked.split(",")} or asked.strip() == "*":
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
