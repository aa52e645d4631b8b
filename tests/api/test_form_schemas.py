"""The forms as JSON Schema: valid, whole, in Chinese, and of one mind with the service."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from app.domain.actor import Role
from app.domain.lifecycle import ObjectKind
from app.reference import code_groups
from app.schemas.forms import KIND_PREFIX, every_form
from app.schemas.titles import FIELDS, IN_FORM
from tests.support.library_factories import (
    NEEDED,
    credit_code,
    item_body,
    object_body,
    officer_body,
)
from tests.support.openapi import operations_of
from tests.support.world import World

Schema = dict[str, Any]


@pytest.fixture
def forms(application: FastAPI) -> dict[str, Schema]:
    return {name: schema for name, (_, schema) in every_form(application.openapi()).items()}


def _nodes(schema: Any) -> Iterator[Schema]:
    if isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key not in {"examples", "example", "default"}:
                yield from _nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _nodes(value)


def test_every_body_has_a_form_by_the_name_of_its_operation(
    application: FastAPI, forms: dict[str, Schema]
) -> None:
    taking = {
        operation.id
        for operation in operations_of(application)
        if "application/json" in operation.raw.get("requestBody", {}).get("content", {})
    }
    kinds = {KIND_PREFIX + kind.value for kind in ObjectKind}
    assert len(taking) > 30
    assert len(kinds) == 7
    assert set(forms) == taking | kinds


def test_each_is_valid_and_whole(forms: dict[str, Schema]) -> None:
    for schema in forms.values():
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        Draft202012Validator.check_schema(schema)
        for node in _nodes(schema):
            if isinstance(node.get("$ref"), str):
                assert node["$ref"].removeprefix("#/$defs/") in schema["$defs"]


def test_each_takes_the_examples_of_its_body(forms: dict[str, Schema]) -> None:
    tried = 0
    for name, schema in forms.items():
        validator = Draft202012Validator(schema)
        for example in schema["examples"]:
            assert list(validator.iter_errors(example)) == [], name
            tried += 1
    assert tried > 40


def test_every_field_has_a_chinese_title_and_every_form_too(forms: dict[str, Schema]) -> None:
    without = []
    for name, schema in forms.items():
        if not re.search(r"[\u4e00-\u9fff]", schema["title"]):
            without.append(name)
        for node in _nodes(schema):
            for field, value in node.get("properties", {}).items():
                if not re.search(r"[\u4e00-\u9fff]", value.get("title", "")):
                    without.append(f"{name}.{field}")
    assert without == []


def test_no_title_is_of_a_field_that_no_form_has(forms: dict[str, Schema]) -> None:
    fields = {
        field
        for schema in forms.values()
        for node in _nodes(schema)
        for field in node.get("properties", {})
    }
    assert set(FIELDS) <= fields
    assert {place.split(".")[1] for place in IN_FORM} <= fields


def test_every_enumeration_in_a_form_leads_to_its_list(forms: dict[str, Schema]) -> None:
    linked = 0
    for name, schema in forms.items():
        for node in _nodes(schema):
            if "enum" in node:
                group = node["x-reference"].rsplit("/", 1)[1]
                known = {code.code for code in code_groups()[group].codes}
                assert set(node["enum"]) <= known, name
                linked += 1
    assert linked > 20


async def test_the_index_leads_to_each_and_an_unchanged_one_is_not_sent_again(
    client: httpx.AsyncClient, forms: dict[str, Schema]
) -> None:
    index = (await client.get("/api/v1/reference/schemas")).json()
    assert {one["name"] for one in index} == set(forms)
    for one in index[:5] + index[-7:]:
        answer = await client.get(one["href"])
        assert answer.json() == forms[one["name"]]
        again = await client.get(one["href"], headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert (await client.get("/api/v1/reference/schemas/no_such_form")).status_code == 404


@pytest.mark.parametrize("kind", list(ObjectKind))
def test_a_kind_says_how_it_is_known_and_who_answers_for_it(
    forms: dict[str, Schema], kind: ObjectKind
) -> None:
    """R02: subjects answer for themselves; R07: for all others somebody does."""
    validator = Draft202012Validator(forms[KIND_PREFIX + kind.value])
    answers = kind in {ObjectKind.PRODUCT, ObjectKind.PROJECT, ObjectKind.ACTIVITY}
    scheme = "library_code" if answers else "credit_code"
    body = {
        "kind": kind.value,
        "id_scheme": scheme,
        "id_value": "CP-2026-0001" if answers else credit_code(),
        "name": "示例",
        "area_code": "150525",
    }
    if kind.value in NEEDED:
        body["attributes"] = NEEDED[kind.value]
    owned = body | {"responsible_object_code": "91150525MA0TEYT07L"}
    if answers:
        assert not validator.is_valid(owned | {"attributes": {}})
        assert not validator.is_valid({k: v for k, v in owned.items() if k != "attributes"})
    assert validator.is_valid(owned if answers else body)
    assert not validator.is_valid(body if answers else owned)
    other = "credit_code" if answers else "library_code"
    assert not validator.is_valid((owned if answers else body) | {"id_scheme": other})
    wrong = "enterprise" if kind is not ObjectKind.ENTERPRISE else "product"
    assert not validator.is_valid((owned if answers else body) | {"kind": wrong})


WRONG = [
    ("create_checklist_item", "checklist-items", item_body, {"item_class": "special"}),
    ("create_checklist_item", "checklist-items", item_body, {"name": " "}),
    ("create_officer", "officers", officer_body, {"certificate_valid_to": 2030}),
    ("create_officer", "officers", officer_body, {"salary": 1}),
    ("object_kind_enterprise", "inspection-objects", object_body, {"id_scheme": "library_code"}),
    ("object_kind_enterprise", "inspection-objects", object_body, {"risk_class": "E"}),
    (
        "object_kind_enterprise",
        "inspection-objects",
        object_body,
        {"responsible_object_code": "91150525MA0TEYT07L"},
    ),
]


@pytest.mark.parametrize(("form", "path", "body", "wrong"), WRONG)
async def test_what_a_form_refuses_the_service_refuses(
    world: World, forms: dict[str, Schema], form: str, path: str, body: Any, wrong: Schema
) -> None:
    clerk = await world.caller(Role.DEPT_CLERK)
    validator = Draft202012Validator(forms[form])
    assert validator.is_valid(body())
    assert not validator.is_valid(body() | wrong)
    assert (await clerk.post(path, body())).status_code == 201
    assert (await clerk.post(path, body() | wrong)).status_code in {409, 422}
