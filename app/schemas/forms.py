"""JSON Schemas (2020-12) of the forms and of the kinds of inspection objects.

Each is made from the OpenAPI document that the service itself checks bodies with, bundled so that
nothing outside has to be read, with the Chinese names of its fields. A form bears the name of the
operation that takes it: whoever reads an action in `allowed_actions` finds its form by that name.
Rules between fields (a period that ends before it begins) are refused by the service only.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from app import reference
from app.domain.lifecycle import ObjectKind
from app.domain.object_attributes import REQUIRED, json_schema
from app.domain.object_library import is_subject, schemes_of
from app.schemas.base import ReadModel
from app.schemas.titles import FIELDS, IN_FORM

PATH = "/api/v1/reference/schemas/"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
KIND_PREFIX = "object_kind_"
OF_KINDS = "create_inspection_object"
_COMPONENTS = "#/components/schemas/"
Schema = dict[str, Any]


class FormRead(ReadModel):
    """A JSON Schema in the index."""

    name: Annotated[str, Field(max_length=64)]
    title: Annotated[str, Field(max_length=200)]
    about: Literal["form", "object_kind"]
    method: Annotated[str, Field(max_length=8, description="Of the operation that takes it.")]
    path: Annotated[str, Field(max_length=200)]
    href: Annotated[str, Field(max_length=200)]


def every_form(document: Schema) -> dict[str, tuple[FormRead, Schema]]:
    """Every JSON Schema by its name, with its line of the index."""
    made = {}
    for path, method, operation in _taking_json(document):
        form = FormRead(
            name=operation["operationId"],
            title=operation["summary"],
            about="form",
            method=method.upper(),
            path=path,
            href=PATH + operation["operationId"],
        )
        schema = _bundled(document, _component_of(operation), form)
        made[form.name] = (form, schema)
    creating, whole = made[OF_KINDS]
    for kind in ObjectKind:
        title = _label("object_kind", kind)
        name = KIND_PREFIX + kind
        line = {"name": name, "title": title, "about": "object_kind", "href": PATH + name}
        form = creating.model_copy(update=line)
        made[name] = (form, _of_kind(whole, kind, form))
    return made


def _taking_json(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if _component_of(operation):
                yield path, method, operation


def _component_of(operation: Schema) -> str:
    """The component of a JSON body, also of one that may be left out; else nothing."""
    content = operation.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema", {})
    choices = [body, *body.get("anyOf", ())]
    names = [choice["$ref"] for choice in choices if "$ref" in choice]
    return names[0].removeprefix(_COMPONENTS) if names else ""


def _bundled(document: Schema, name: str, form: FormRead) -> Schema:
    """A component with all that it refers to, in Chinese."""
    components = document["components"]["schemas"]
    wanted, parts = _references(components[name]), dict[str, Schema]()
    while wanted:
        part = wanted.pop()
        if part not in parts:
            parts[part] = _named(components[part], part)
            wanted |= _references(components[part])
    whole = _named(components[name], name)
    head = {
        "$schema": DIALECT,
        "$id": form.href,
        "title": form.title,
        "x-operation": {"method": form.method, "path": form.path, "operationId": form.name},
    }
    bundled = {**whole, **head}
    if parts:
        bundled["$defs"] = dict(sorted(parts.items()))
    return dict(_inside(bundled))


def _references(schema: Any) -> set[str]:
    if isinstance(schema, Mapping):
        found = set().union(*(_references(value) for value in schema.values()))
        reference_ = schema.get("$ref")
        if isinstance(reference_, str):
            found.add(reference_.removeprefix(_COMPONENTS))
        return found
    if isinstance(schema, list):
        return set().union(*(_references(value) for value in schema))
    return set()


def _inside(schema: Any) -> Any:
    """The same with references to what is bundled."""
    if isinstance(schema, Mapping):
        return {key: _inside(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_inside(value) for value in schema]
    if isinstance(schema, str) and schema.startswith(_COMPONENTS):
        return "#/$defs/" + schema.removeprefix(_COMPONENTS)
    return schema


def _named(schema: Schema, name: str) -> Schema:
    """The schema with the Chinese names of its fields, and of the lists that explain values."""
    named = copy.deepcopy(schema)
    for field, value in named.get("properties", {}).items():
        value["title"] = IN_FORM.get(f"{name}.{field}") or FIELDS.get(field) or field
    group = re.fullmatch(r".*/reference/codes/([a-z_]+)", named.get("x-reference", ""))
    if group is not None:
        named["title"] = reference.code_groups()[group[1]].zh
    return named


def _of_kind(whole: Schema, kind: ObjectKind, form: FormRead) -> Schema:
    """What an object of a kind is entered with (R02, R07): identifiers, attributes, who answers."""
    schema = copy.deepcopy(whole)
    schema |= {"$id": form.href, "title": form.title}
    properties = schema["properties"]
    properties["kind"] = {"const": kind.value, "title": properties["kind"]["title"]}
    properties["id_scheme"] = {
        "enum": [scheme.value for scheme in schemes_of(kind)],
        "title": properties["id_scheme"]["title"],
        "x-reference": schema["$defs"]["IdScheme"]["x-reference"],
    }
    needed = kind in REQUIRED
    kept = {"title": properties["attributes"]["title"]} | ({} if needed else {"default": {}})
    properties["attributes"] = {**json_schema(kind), **kept}
    if needed:
        schema["required"] = [*schema["required"], "attributes"]
    owner = properties["responsible_object_code"]
    if is_subject(kind):
        properties["responsible_object_code"] = {"type": "null", "title": owner["title"]}
    else:
        (code,) = [one for one in owner.pop("anyOf") if one.get("type") != "null"]
        owner |= code
        schema["required"] = [*schema["required"], "responsible_object_code"]
    schema["examples"] = [one for one in schema["examples"] if one["kind"] == kind.value]
    for unused in ("ObjectKind", "IdScheme"):
        del schema["$defs"][unused]
    return schema


def _label(group: str, code: str) -> str:
    return next(one.zh for one in reference.codes(group) if one.code == code)
