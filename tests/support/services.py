"""Service accounts in tests: made over HTTP by the administrator, tokens asked for over HTTP."""

from typing import Any

import httpx

from tests.support.world import REGION, Caller, World

NEW_SERVICE = {
    "client_id": "scjg.sync",
    "display_name": "省平台对接",
    "department_code": "SCJG",
    "region_code": REGION,
    "scopes": ["object:read", "object:write"],
}


async def make_service(admin: Caller, **changes: Any) -> dict[str, Any]:
    """A service account as it was answered, with its secret."""
    made = await admin.post("service-accounts", NEW_SERVICE | changes)
    assert made.status_code == 201, made.text
    return made.json() | {"etag": made.headers["ETag"]}


async def ask_token(client: httpx.AsyncClient, service: Any, **changes: Any) -> httpx.Response:
    """Ask for a token with the credentials in the form."""
    form = {
        "grant_type": "client_credentials",
        "client_id": service["client_id"],
        "client_secret": service["client_secret"],
    } | changes
    return await client.post(
        "/api/v1/auth/token", data={name: text for name, text in form.items() if text is not None}
    )


async def service_caller(world: World, service: Any, **changes: Any) -> Caller:
    """The service as a client with a token."""
    answer = await ask_token(world.client, service, **changes)
    assert answer.status_code == 200, answer.text
    token = answer.json()["access_token"]
    return Caller(world.client, service["client_id"], service["id"], token)
