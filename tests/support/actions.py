"""Do what `allowed_actions` say, and see whether the deed agrees with the answer.

Every action of a resource is really called, with a valid body, inside a savepoint that is rolled
back: the state stays as it is, for the next action and the next caller.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.support.openapi import Operation, operations_of
from tests.support.world import Caller

Params = Mapping[str, str]
Bodies = Mapping[str, Any]
"""A valid body by operationId, or a function of the path's parameters that makes one."""

PARTS = {
    "participants": ("department_id", "department_id"),
    "tasks": ("task_id", "id"),
    "grants": ("grant_id", "id"),
    "certificates": ("certificate_id", "id"),
    "absences": ("absence_id", "id"),
    "interests": ("interest_id", "id"),
    "sections": ("inspection_id", "inspection_id"),
}
"""Lists inside a resource whose members have actions of their own: parameter, and its field."""


class Prober:
    """Compares answer and deed; remembers which operations were seen allowed and refused."""

    def __init__(self, application: FastAPI, connection: AsyncConnection) -> None:
        self._connection = connection
        self._operations = {one.id: one for one in operations_of(application)}
        self._schemas = application.openapi()["components"]["schemas"]
        self.seen: dict[str, set[bool]] = defaultdict(set)
        self.wrong: list[str] = []

    async def probe(
        self, caller: Caller, read: str, params: Params, bodies: Bodies | None = None
    ) -> None:
        """Read a resource as the caller and try everything that its actions tell of."""
        answer = await caller.get(_fill(self._operations[read].path, params))
        assert answer.status_code == 200, answer.text
        told = list(actions_in(answer.json(), params))
        assert told, f"{read} tells of no action"
        for named, actions in told:
            assert actions, (read, named)
            for action in actions:
                await self._try(caller, named, action, bodies or {})

    async def _try(
        self, caller: Caller, params: Params, action: dict[str, Any], bodies: Bodies
    ) -> None:
        operation = self._operations[action["action"]]
        nested = await self._connection.begin_nested()
        answer = await self._call(caller, operation, params, bodies)
        await nested.rollback()
        self.seen[operation.id].add(action["allowed"])
        refusal = action["refusal"]
        assert action["allowed"] is (refusal is None)
        code = None if answer.is_success else answer.json()["code"]
        expected = None if refusal is None else refusal["code"]
        if code != expected:
            said = f"{caller.username}: {operation.id} told {expected}, did {answer.text[:300]}"
            self.wrong.append(said)
        elif refusal is not None:
            problem = answer.json()
            assert problem["messages"] == refusal["title"], operation.id
            assert problem.get("clause") == refusal["clause"], operation.id
            if code not in _documented(operation):
                self.wrong.append(f"{operation.id} does not document {code}")

    async def _call(
        self, caller: Caller, operation: Operation, params: Params, bodies: Bodies
    ) -> httpx.Response:
        asked = {p["name"] for p in operation.raw.get("parameters", [])}
        etag = None
        if "If-Match" in asked:
            resource = operation.path[: operation.path.index("}") + 1]
            etag = (await caller.get(_fill(resource, params))).headers.get("ETag", '"1"')
        body = bodies.get(operation.id, self._example(operation))
        return await caller.request(
            operation.method,
            _fill(operation.path, params),
            json=body(params) if isinstance(body, Callable) else body,
            etag=etag,
        )

    def _example(self, operation: Operation) -> Any:
        content = operation.raw.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return None
        return self._schemas[content["schema"]["$ref"].rsplit("/", 1)[-1]]["examples"][0]

    def conclude(self, *tables: Mapping[str, Any]) -> None:
        """Nothing disagreed, and each operation was seen both allowed and refused."""
        assert self.wrong == [], self.wrong
        operations = {name for table in tables for name in table}
        assert set(self.seen) == operations
        assert {name: both for name, both in self.seen.items() if both != {True, False}} == {}


def actions_in(body: dict[str, Any], params: Params) -> Iterator[tuple[Params, Any]]:
    """Every list of actions in a resource, with the parameters that address what it is about."""
    if "allowed_actions" in body:
        yield params, body["allowed_actions"]
    for part, (parameter, field) in PARTS.items():
        for member in body.get(part, ()):
            if "allowed_actions" in member:
                yield {**params, parameter: member[field]}, member["allowed_actions"]


def _documented(operation: Operation) -> set[str]:
    return {
        code
        for status, response in operation.raw["responses"].items()
        if status >= "400"
        for code in response["content"]["application/problem+json"]["examples"]
    }


def _fill(path: str, params: Params) -> str:
    for name, value in params.items():
        path = path.replace("{" + name + "}", str(value))
    assert "{" not in path, path
    return path
