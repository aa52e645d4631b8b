"""Every no has a code, a status, two languages, and leaves through one door."""

import ast
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

import app
from app.domain.errors import CATALOGUE, Kind
from app.main import create_app
from app.problems import STATUS, markdown
from app.services.runtime import Runtime

APP = Path(app.__file__).parent
PROBLEMS = APP.parent / "openapi" / "problems.md"
SECRET = "the password of the database is hunter2"


def test_every_refusal_is_in_the_list_of_problems():
    made = markdown()
    assert len(CATALOGUE) > 30
    assert [code for code in CATALOGUE if f'<a id="{code}"></a>`{code}`' not in made] == []


def test_every_kind_of_refusal_has_a_status():
    assert set(STATUS) == set(Kind)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_code_is_kebab_case_and_its_texts_are_two_languages(code: str):
    refusal = CATALOGUE[code]
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", code)
    assert len(code) <= 64
    assert re.search(r"[\u4e00-\u9fff]", refusal.zh)
    assert not re.search(r"[\u4e00-\u9fff]", refusal.en)
    named = [set(re.findall(r"\{(\w+)\}", text)) for text in (refusal.zh, refusal.en)]
    assert named[0] == named[1], "both languages name the same facts"


async def test_an_unknown_exception_is_a_500_that_says_nothing(runtime: Runtime):
    made = create_app(runtime.settings, clock=runtime.clock, runtime=runtime)

    @made.get("/broken")
    async def broken() -> None:
        raise RuntimeError(SECRET)

    transport = httpx.ASGITransport(app=made, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sunlot.test") as client:
        response = await client.get("/broken", headers={"X-Request-Id": "known-request-id"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == "known-request-id"
    problem = response.json()
    assert problem["code"] == "internal"
    assert problem["request_id"] == "known-request-id"
    assert set(problem) == {
        "type", "title", "status", "detail", "messages", "code", "instance", "request_id",
    }  # fmt: skip
    for leak in ("hunter2", "RuntimeError", "Traceback", "password"):
        assert leak not in response.text


async def test_what_the_framework_refuses_is_a_problem_too(client: httpx.AsyncClient):
    for method, path, status, code in (
        ("GET", "/api/v1/no-such-thing", 404, "not-found"),
        ("DELETE", "/healthz", 405, "method-not-allowed"),
        ("GET", "/", 404, "not-found"),
    ):
        response = await client.request(method, path)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == response.json()["request_id"]


async def test_the_address_of_a_problem_leads_to_its_text(client: httpx.AsyncClient):
    for code in CATALOGUE:
        response = await client.get(f"/problems/{code}")
        assert response.status_code == 200
        assert CATALOGUE[code].zh in response.text
    assert (await client.get("/problems/no-such-code")).status_code == 404


def imported_names(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
    return names


def test_only_the_door_knows_the_frameworks_error():
    users = {
        str(file.relative_to(APP))
        for file in APP.rglob("*.py")
        if "HTTPException" in imported_names(file)
    }
    assert users == {"main.py", "problems.py"}


def test_every_problem_that_an_operation_documents_is_in_the_catalogue(application: FastAPI):
    paths = application.openapi()["paths"]
    named = {
        code
        for item in paths.values()
        for operation in item.values()
        for status, response in operation["responses"].items()
        if status >= "400"
        for code in response["content"]["application/problem+json"]["examples"]
    }
    assert named <= set(CATALOGUE)
    assert len(named) > 10
