"""Applications with quotas of their own, over a given database: each is a process of its own."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx

from app.main import create_app
from app.services.runtime import Runtime, make_runtime

_ITEM = re.compile(r'"([a-z-]+)"((?:;[a-z]+=[0-9]+)+)')


def process_of(runtime: Runtime, **settings: Any) -> Runtime:
    """Another process on the same database, with other settings and no leases yet."""
    changed = runtime.settings.model_copy(update=settings)
    return replace(make_runtime(changed, runtime.database, runtime.clock), settings=changed)


@asynccontextmanager
async def client_of(
    runtime: Runtime, ip: str = "203.0.113.7", base_url: str = "http://sunlot.test"
) -> AsyncIterator[httpx.AsyncClient]:
    """A client at an address, of an application over that runtime."""
    app = create_app(runtime.settings, clock=runtime.clock, runtime=runtime)
    transport = httpx.ASGITransport(app=app, client=(ip, 4711), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=base_url) as made:
        await made.get("/healthz")  # the first request reads the document, which takes a while
        yield made


def told(response: httpx.Response, header: str = "RateLimit") -> dict[str, dict[str, int]]:
    """The items of RateLimit or RateLimit-Policy: name -> parameters."""
    text = response.headers[header]
    items = {}
    for part in text.split(", "):
        found = _ITEM.fullmatch(part)
        assert found, text
        pairs = (pair.split("=") for pair in found[2][1:].split(";"))
        items[found[1]] = {name: int(value) for name, value in pairs}
    return items
