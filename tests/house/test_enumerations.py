"""Every closed set of values of the interface is explained, in Chinese and English, and no more."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.reference import code_groups
from app.reference.enumerations import BY_FIELD, BY_SCHEMA

PREFIX = "/api/v1/reference/codes/"
NARROWED = {("status", ("active", "disabled"))}
"""Where a field takes some values of a list only."""


def _closed(node: Any, field: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        if "enum" in node:
            yield field, node
        for key, value in node.items():
            if key in {"example", "examples"}:  # one of them shows a form, with its own lists
                continue
            named = key if key not in {"items", "anyOf", "schema", "properties"} else field
            yield from _closed(value, named)
    elif isinstance(node, list):
        for value in node:
            yield from _closed(value, field)


def test_every_enumeration_of_the_document_leads_to_a_list_of_exactly_its_values(
    application: FastAPI,
):
    found = list(_closed(application.openapi()))
    assert len(found) > 30
    wrong = []
    for field, node in found:
        group = node.get("x-reference", "").removeprefix(PREFIX)
        listed = [code.code for code in code_groups()[group].codes] if group else []
        narrowed = (field, tuple(node["enum"])) in NARROWED and set(node["enum"]) < set(listed)
        if sorted(node["enum"]) != sorted(listed) and not narrowed:
            wrong.append((field, node["enum"], group, listed))
    assert wrong == []


def test_every_link_is_of_a_schema_that_exists(application: FastAPI):
    schemas = application.openapi()["components"]["schemas"]
    assert set(BY_SCHEMA) <= set(schemas)
    for place in BY_FIELD:
        name, field = place.split(".")
        assert field in schemas[name]["properties"], place


@pytest.mark.parametrize("group", sorted(code_groups()))
def test_every_value_has_a_chinese_and_an_english_label(group: str):
    for code in code_groups()[group].codes:
        assert re.search(r"[\u4e00-\u9fff]", code.zh) or code.zh == code.code, code
        assert code.en
        assert not re.search(r"[\u4e00-\u9fff]", code.en), code


async def test_the_index_leads_to_every_list_and_each_is_served_with_an_etag(
    client: httpx.AsyncClient,
):
    index = (await client.get("/api/v1/reference")).json()
    assert {one["group"] for one in index} == set(code_groups())
    for one in index:
        answer = await client.get(one["href"])
        assert answer.status_code == 200
        codes = answer.json()["codes"]
        assert len(codes) == one["values"]
        assert [code["code"] for code in codes] == [
            code.code for code in code_groups()[one["group"]].codes
        ]
        again = await client.get(one["href"], headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert (await client.get(f"{PREFIX}no_such_list")).status_code == 404
