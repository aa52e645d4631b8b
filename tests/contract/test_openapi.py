"""What stands in openapi/ is what the service serves, and a generator of clients can read it."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import ARRAY

from app.domain.actor import Role
from app.models import Base
from app.openapi import FOLDER, write
from app.schemas.document import UPLOADS, recorded
from app.schemas.outgoing import TEXTS
from app.services.runtime import Runtime
from tests.support.openapi import Operation, operations_of
from tests.support.world import World

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


def test_every_parameter_says_what_it_is(application: FastAPI):
    silent = [
        f"{operation} {parameter['name']}"
        for operation in operations_of(application)
        for parameter in operation.raw.get("parameters", [])
        if len(parameter.get("description", "")) < 5
    ]
    assert silent == []


def test_every_json_answer_of_a_success_has_an_example(application: FastAPI):
    without = [
        f"{operation.id} {status}"
        for operation in operations_of(application)
        for status, response in operation.raw["responses"].items()
        if status < "400"
        and "example" not in response.get("content", {}).get("application/json", {"example": 1})
    ]
    assert without == [], "record them: tests/support/recorded_examples.py says how"


def test_every_refusal_has_an_example_of_each_code(application: FastAPI):
    without = [
        f"{operation.id} {status}"
        for operation in operations_of(application)
        for status, response in operation.raw["responses"].items()
        if status >= "400" and not response["content"]["application/problem+json"].get("examples")
    ]
    assert without == []


def test_examples_of_answers_are_what_the_document_promises(application: FastAPI):
    document = application.openapi()
    wrong = []
    for operation in operations_of(application):
        for status, response in operation.raw["responses"].items():
            for media in response.get("content", {}).values():
                if "example" in media:
                    schema = media["schema"] | {"components": document["components"]}
                    errors = Draft202012Validator(schema).iter_errors(media["example"])
                    wrong += [f"{operation.id} {status}: {error.message[:200]}" for error in errors]
    assert wrong == [], "record them again: tests/support/recorded_examples.py says how"


def test_no_recorded_example_is_of_an_operation_that_is_gone(application: FastAPI):
    known = {operation.id for operation in operations_of(application)}
    assert set(recorded()) <= known


@pytest.mark.parametrize("operation_id", sorted(UPLOADS))
async def test_the_example_of_an_upload_can_be_imported(
    world: World, application: FastAPI, operation_id: str
):
    (operation,) = (one for one in operations_of(application) if one.id == operation_id)
    shown = operation.raw["requestBody"]["content"]["multipart/form-data"]["example"]["file"]
    role = (Role.LG_OFFICE, "LDXZ") if "joint" in operation_id else (Role.DEPT_CLERK, "SCJG")
    caller = await world.caller(*role)
    files = {"file": ("example.csv", shown.encode())}
    if operation_id == "import_object_events":  # of an object that the other example enters
        first = {"file": ("example.csv", UPLOADS["import_inspection_objects"].encode())}
        await caller.post("inspection-objects/import", files=first)
    answer = await caller.post(operation.path, files=files)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["created"], answer.json()["rejected_rows"]) == (1, 0), answer.text


def test_every_form_that_takes_a_file_shows_one(application: FastAPI):
    taking = {
        operation.id
        for operation in operations_of(application)
        if "multipart/form-data" in operation.raw.get("requestBody", {}).get("content", {})
    }
    assert taking == set(UPLOADS)


def limitless(schema: dict, where: str) -> list[str]:
    """Texts, arrays, numbers and maps that have no bound."""
    found = []
    kinds = schema.get("type")
    kinds = set(kinds) if isinstance(kinds, list) else {kinds}
    if "string" in kinds and not {"maxLength", "enum", "const", "format"} & set(schema):
        found.append(where)
    if "array" in kinds and "maxItems" not in schema:
        found.append(where)
    if kinds & {"integer", "number"} and not {"enum", "const"} & set(schema):
        least = {"minimum", "exclusiveMinimum"} & set(schema)
        most = {"maximum", "exclusiveMaximum"} & set(schema)
        found += [] if least and most else [where]
    if "object" in kinds and "properties" not in schema and "maxProperties" not in schema:
        found.append(where)
    for name, member in schema.get("properties", {}).items():
        found += limitless(member, f"{where}.{name}")
    for part in ("items", "additionalProperties"):
        if isinstance(schema.get(part), dict):
            found += limitless(schema[part], f"{where}.{part}")
    for choice in (*schema.get("anyOf", []), *schema.get("oneOf", [])):
        found += limitless(choice, where)
    return found


def test_every_text_array_number_and_map_has_a_limit_coming_in_and_going_out(
    application: FastAPI,
):
    found = []
    for name, schema in application.openapi()["components"]["schemas"].items():
        found += limitless(schema, name)
    for operation in operations_of(application):
        for parameter in operation.raw.get("parameters", []):
            found += limitless(parameter["schema"], f"{operation} {parameter['name']}")
        for status, response in operation.raw["responses"].items():
            for media, shape in response.get("content", {}).items():
                if media.endswith("json"):
                    found += limitless(shape["schema"], f"{operation} {status}")
    assert found == []


def test_what_goes_out_is_allowed_to_be_as_long_as_its_column():
    """Of the same name; a free text has no width in the table, it has its limit on the way in."""
    narrower = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            many = isinstance(column.type, ARRAY)
            kind = column.type.item_type if many else column.type
            width = getattr(kind, "length", None)
            name = f"{column.name}[]" if many else column.name
            shown = TEXTS.get(name, TEXTS.get(column.name))
            if shown is not None and width is not None and width > shown:
                narrower.append(f"{table.name}.{column.name}: {width} > {shown}")
    assert narrower == []
