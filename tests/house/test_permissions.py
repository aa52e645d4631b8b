"""Every operation asks for a permission, says so, and really refuses who lacks it."""

import re

import httpx
import pytest
from fastapi import FastAPI

from app.domain.actor import PERMISSIONS, Permission, Role
from app.openapi import document, operations
from app.routers import ALL
from tests.support.openapi import Operation, operations_of
from tests.support.world import World

PLACE = {Role.SYSADMIN: None, Role.LG_OFFICE: "LDXZ", Role.OVERSIGHT: "JWJW"}
ANONYMOUS_WRITES = {
    "log_in",
    "refresh_tokens",
    "change_password",
    "issue_service_token",
    "log_out",  # by an access token or, where that has run out, by the refresh cookie
}


def declared() -> list[tuple[str, str]]:
    """(method, path) of every route of every router, as the routers themselves say."""
    return [
        (method.lower(), route.path)
        for router in ALL
        for route in router.routes
        for method in sorted(route.methods)
    ]


def protected(application: FastAPI) -> list[Operation]:
    return [
        operation
        for operation in operations_of(application)
        if operation.permission != Permission.PUBLIC
    ]


def test_the_document_has_every_route_that_the_routers_declare(application: FastAPI):
    documented = [(method, path) for method, path, _ in operations(document(application))]
    assert len(documented) > 20
    assert sorted(documented) == sorted(declared())
    assert len(documented) == len(declared())


def test_every_operation_names_a_permission_of_the_enumeration(application: FastAPI):
    known = {permission.value for permission in Permission}
    unknown = [str(op) for op in operations_of(application) if op.permission not in known]
    assert unknown == []


def test_an_operation_that_changes_something_is_not_public(application: FastAPI):
    public = {
        operation.id
        for operation in operations_of(application)
        if operation.permission == Permission.PUBLIC and operation.method != "GET"
    }
    assert public == ANONYMOUS_WRITES


def test_what_is_under_public_asks_for_nobody(application: FastAPI):
    wrong = [
        str(op)
        for op in operations_of(application)
        if op.path.startswith("/api/v1/public/") and op.permission != Permission.PUBLIC
    ]
    assert wrong == []


def test_every_permission_that_an_operation_asks_for_is_given_to_some_role(application: FastAPI):
    given = set().union(*PERMISSIONS.values()) | {Permission.SELF, Permission.PUBLIC}
    assert {op.permission for op in operations_of(application)} <= {p.value for p in given}


@pytest.mark.parametrize("permission", list(Permission))
def test_a_permission_is_resource_colon_action(permission: Permission):
    special = {Permission.PUBLIC, Permission.SELF}
    assert permission in special or re.fullmatch(r"[a-z_]+:[a-z_]+", permission.value)


@pytest.mark.parametrize("token", [None, "Bearer nonsense", "Basic YTpi", "Bearer "])
async def test_without_a_valid_token_every_operation_answers_401(
    application: FastAPI, client: httpx.AsyncClient, token: str | None
):
    headers = {} if token is None else {"Authorization": token}
    wrong = []
    asked = protected(application)
    for operation in asked:
        response = await client.request(operation.method, operation.url(), headers=headers)
        said = response.json().get("code")
        if (response.status_code, said) != (401, "unauthenticated"):
            wrong.append(f"{operation} -> {response.status_code} {said}")
        assert response.headers["WWW-Authenticate"] == "Bearer"
    assert wrong == []
    assert len(asked) > 10


@pytest.mark.parametrize("role", list(Role))
async def test_what_a_role_may_not_do_is_refused_to_it(
    application: FastAPI, world: World, role: Role
):
    caller = await world.caller(role, PLACE.get(role, "SCJG"))
    granted = {p.value for p in PERMISSIONS[role]} | {Permission.SELF.value}
    refused = [op for op in protected(application) if op.permission not in granted]
    wrong = []
    for operation in refused:
        response = await caller.request(operation.method, operation.url(), etag='"1"')
        said = response.json().get("code")
        if (response.status_code, said) != (403, "forbidden"):
            wrong.append(f"{operation} -> {response.status_code} {said}")
    assert wrong == []
    assert refused


def test_every_operation_documents_the_refusals_of_its_permission(application: FastAPI):
    wrong = []
    for operation in operations_of(application):
        expected = {"422"}
        if operation.permission != Permission.PUBLIC:
            expected |= {"401"}
            if operation.permission != Permission.SELF:
                expected |= {"403"}
        responses = operation.raw["responses"]
        if not expected <= set(responses):
            wrong.append(f"{operation}: {sorted(expected - set(responses))}")
        for status, response in responses.items():
            if status >= "400" and list(response["content"]) != ["application/problem+json"]:
                wrong.append(f"{operation}: {status} is no problem")
    assert wrong == []


def test_every_change_of_something_that_exists_asks_for_the_version_that_was_seen(
    application: FastAPI,
):
    without = [
        str(operation)
        for operation in operations_of(application)
        if operation.method in {"PATCH", "PUT"}
        and "If-Match" not in {p["name"] for p in operation.raw.get("parameters", [])}
    ]
    assert without == []
