"""What stands in openapi/ is what the service serves, and a generator of clients can read it."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from fastapi import FastAPI
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.openapi import FOLDER, write
from app.services.runtime import Runtime
from tests.support.openapi import Operation, operations_of

FILES = ("openapi.json", "problems.md", "glossary.md")


@pytest.mark.parametrize("name", FILES)
def test_what_is_committed_is_what_is_generated(application: FastAPI, tmp_path: Path, name: str):
    write(application, tmp_path)
    made = (tmp_path / name).read_text(encoding="utf-8")
    committed = (FOLDER / name).read_text(encoding="utf-8")
    assert committed == made, "run `make openapi` and read the difference"


def test_nothing_else_is_committed_there():
    assert {file.name for file in FOLDER.iterdir() if file.is_file()} == set(FILES)


async def test_what_is_served_is_what_is_generated(client, application: FastAPI, tmp_path: Path):
    write(application, tmp_path)
    served = (await client.get("/openapi.json")).json()
    assert served == json.loads((tmp_path / "openapi.json").read_text(encoding="utf-8"))


def test_the_document_does_not_depend_on_the_environment(runtime: Runtime, application: FastAPI):
    from app.main import create_app

    production = runtime.settings.model_copy(update={"environment": "production"})
    assert create_app(production, runtime=runtime).openapi() == application.openapi()


def test_the_document_is_valid(application: FastAPI):
    made = application.openapi()
    assert made["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(made).iter_errors()) == []


def test_every_operation_has_an_id_of_its_own_verb_then_noun(application: FastAPI):
    ids = Counter(operation.id for operation in operations_of(application))
    assert [one for one, count in ids.items() if count > 1] == []
    assert [one for one in ids if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", one)] == []


def test_every_operation_says_what_it_does_in_chinese_and_in_english(application: FastAPI):
    silent = [
        str(operation)
        for operation in operations_of(application)
        if not re.search(r"[\u4e00-\u9fff]", operation.raw.get("summary", ""))
        or len(operation.raw.get("description", "")) < 10
    ]
    assert silent == []


def examples_of(operation: Operation, document: dict) -> list:
    body = operation.raw["requestBody"]["content"]
    found = []
    for media in body.values():
        found += [media["example"]] if "example" in media else []
        found += list(media.get("examples", {}).values())
        schema = media["schema"]
        while "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        found += schema.get("examples", [])
    return found


def test_every_json_body_has_an_example(application: FastAPI):
    document = application.openapi()
    without = [
        str(operation)
        for operation in operations_of(application)
        if "application/json" in operation.raw.get("requestBody", {}).get("content", {})
        and not examples_of(operation, document)
    ]
    assert without == []


def limitless(schema: dict, where: str) -> list[str]:
    """Texts and arrays of a request that have no upper bound."""
    found = []
    if schema.get("type") == "string":
        bounded = {"maxLength", "enum", "const", "format", "pattern"} & set(schema)
        found += [] if bounded else [where]
    if schema.get("type") == "array":
        found += [] if "maxItems" in schema else [where]
        found += limitless(schema.get("items", {}), where + "[]")
    for name, member in schema.get("properties", {}).items():
        found += limitless(member, f"{where}.{name}")
    for choice in schema.get("anyOf", []):
        found += limitless(choice, where)
    return found


def test_every_text_and_every_array_that_comes_in_has_a_limit(application: FastAPI):
    document = application.openapi()
    schemas = document["components"]["schemas"]
    names, wanted = set(), []
    for operation in operations_of(application):
        text = json.dumps(operation.raw.get("requestBody", {}))
        wanted += re.findall(r"#/components/schemas/([^\"]+)", text)
    while wanted:
        name = wanted.pop()
        if name not in names:
            names.add(name)
            wanted += re.findall(r"#/components/schemas/([^\"]+)", json.dumps(schemas[name]))
    assert names
    uploads = {name for name in names if name.startswith("Body_")}
    assert [hit for name in sorted(names - uploads) for hit in limitless(schemas[name], name)] == []
    for operation in operations_of(application):
        for parameter in operation.raw.get("parameters", []):
            where = f"{operation} {parameter['name']}"
            assert limitless(parameter["schema"], where) == []
