"""People who act in tests: accounts are made by the service, callers sign in over HTTP."""

import itertools
import json
from dataclasses import dataclass
from typing import Any

import httpx
from uuid_utils.compat import uuid7

from app.domain.actor import Role, system_actor
from app.services.accounts import AccountService, NewAccount
from app.services.runtime import Runtime

REGION = "150525"
PASSWORD = "correct horse battery staple"
FRESH_KEY = "a new one each time"
_numbers = itertools.count(1)


@dataclass
class Caller:
    """A signed-in client."""

    client: httpx.AsyncClient
    username: str
    account_id: str
    token: str

    async def request(
        self,
        method: str,
        path: str,
        *,
        etag: str | None = None,
        key: str | None = FRESH_KEY,
        **kwargs: Any,
    ) -> httpx.Response:
        """One request; a POST has an Idempotency-Key of its own unless told otherwise (None)."""
        headers = kwargs.pop("headers", {}) | {"Authorization": f"Bearer {self.token}"}
        if key is FRESH_KEY:
            key = f"test-{uuid7()}" if method == "POST" else None
        if key is not None:
            headers.setdefault("Idempotency-Key", key)
        if etag is not None:
            headers["If-Match"] = etag
        body = kwargs.pop("json", None)
        if body is not None:  # in ASCII, so that a lone surrogate can be sent as its escape
            kwargs["content"] = json.dumps(body)
            headers["Content-Type"] = "application/json"
        url = path if path.startswith("/") else f"/api/v1/{path}"
        return await self.client.request(method, url, headers=headers, **kwargs)

    async def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return await self.request("GET", path, **kwargs)

    async def post(self, path: str, json: Any = None, **kwargs: Any) -> httpx.Response:
        return await self.request("POST", path, json=json, **kwargs)

    async def patch(self, path: str, json: Any, **kwargs: Any) -> httpx.Response:
        return await self.request("PATCH", path, json=json, **kwargs)


class World:
    """Makes accounts of any role at any department of 奈曼旗 and signs them in."""

    def __init__(self, runtime: Runtime, client: httpx.AsyncClient) -> None:
        self.runtime = runtime
        self.client = client

    async def account(
        self, role: Role, department: str | None, officer_id: Any = None
    ) -> tuple[str, Any]:
        username = f"{role.value.replace('_', '')}.{next(_numbers)}"
        view = await AccountService(self.runtime).create(
            system_actor(REGION),
            NewAccount(
                username=username,
                display_name=username,
                role=role,
                department_code=department,
                region_code=REGION,
                password=PASSWORD,
                officer_id=officer_id,
            ),
        )
        return username, view.account.id

    async def caller(
        self, role: Role, department: str | None = "SCJG", officer_id: Any = None
    ) -> Caller:
        username, account_id = await self.account(role, department, officer_id)
        response = await self.client.post(
            "/api/v1/auth/login", json={"username": username, "password": PASSWORD}
        )
        assert response.status_code == 200, response.text
        return Caller(self.client, username, str(account_id), response.json()["access_token"])

    async def sign_in_again(self, *callers: Caller) -> None:
        """New tokens, where the clock has run away from the old ones."""
        for caller in callers:
            response = await self.client.post(
                "/api/v1/auth/login", json={"username": caller.username, "password": PASSWORD}
            )
            assert response.status_code == 200, response.text
            caller.token = response.json()["access_token"]

    async def administrator(self) -> Caller:
        return await self.caller(Role.SYSADMIN, None)
