"""Builds the OpenAPI document, the list of problems and the glossary that stand in openapi/.

`python -m app openapi` writes them; a test compares what is committed with what is served.
"""

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.deps import ETAG, problems
from app.domain import glossary
from app.domain.errors import Refusal
from app.domain.rate_limits import is_limited
from app.domain.refusals import general
from app.idempotency import HEADER, PATTERN, REPLAYED, Once
from app.problems import MEDIA_TYPE, markdown
from app.reference.enumerations import BY_FIELD, BY_SCHEMA
from app.schemas.document import bound_uploads, complete

CODES_PATH = "/api/v1/reference/codes/"
FOLDER = Path(__file__).resolve().parent.parent / "openapi"
DESCRIPTION = """「双随机、一公开」监管服务接口。Double-random, one-public supervision.

Errors are `application/problem+json` (RFC 9457), in Chinese or English by Accept-Language; the
codes are listed in `openapi/problems.md`. Ids are UUIDv7, instants RFC 3339 in UTC, dates are days
in Asia/Shanghai. Lists page by an opaque cursor. A change needs If-Match with the ETag you saw.
Requests are limited by account, else by address: RateLimit says what remains; over it is a 429.
Whatever creates or acts takes an Idempotency-Key: a retry with the same key and the same request is
answered with the first answer (`Idempotency-Replayed: true`) for seven days, and has one effect.
"""
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail", "messages", "code", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "maxLength": 500},
        "title": {"type": "string", "maxLength": 500},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "maxLength": 2000},
        "messages": {
            "type": "object",
            "required": ["zh", "en"],
            "properties": {
                "zh": {"type": "string", "maxLength": 2000},
                "en": {"type": "string", "maxLength": 2000},
            },
        },
        "code": {"type": "string", "maxLength": 64},
        "instance": {"type": "string", "maxLength": 2000},
        "request_id": {"type": ["string", "null"], "maxLength": 64},
        "error": {
            "type": "string",
            "maxLength": 64,
            "description": "Of POST /api/v1/auth/token: the word of RFC 6749 s.5.2.",
        },
        "clause": {"type": "string", "maxLength": 200},
        "facts": {"type": "object", "maxProperties": 50},
        "errors": {
            "type": "array",
            "maxItems": 1000,
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail", "messages"],
                "properties": {
                    "pointer": {"type": "string", "maxLength": 2000},
                    "code": {"type": "string", "maxLength": 64},
                    "detail": {"type": "string", "maxLength": 2000},
                    "messages": {
                        "type": "object",
                        "properties": {
                            "zh": {"type": "string", "maxLength": 2000},
                            "en": {"type": "string", "maxLength": 2000},
                        },
                    },
                },
            },
        },
    },
}

_LIST = r'^"[a-z-]+"(;[a-z]+=[0-9]+)+(, "[a-z-]+"(;[a-z]+=[0-9]+)+)*$'
HEADERS: dict[str, Any] = {
    "RateLimit": {
        "description": "How many requests remain (r) for how many seconds (t), by policy; "
        "draft-ietf-httpapi-ratelimit-headers-11.",
        "schema": {"type": "string", "pattern": _LIST, "maxLength": 200},
        "example": '"account";r=2940;t=31',
    },
    "RateLimit-Policy": {
        "description": "The quota (q) of a window of so many seconds (w), by policy.",
        "schema": {"type": "string", "pattern": _LIST, "maxLength": 200},
        "example": '"account";q=3000;w=60',
    },
    "Retry-After": {
        "description": "Seconds until a request is taken again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$", "maxLength": 6},
        "example": "31",
    },
}


_REPLAYED: dict[str, Any] = {
    "description": "There on the answer to a retry: the first answer, given again.",
    "schema": {"type": "string", "const": "true"},
}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the app's public routes, made once."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    made = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary="阳光抽查:可验证的随机抽查与公示",
        description=DESCRIPTION,
        routes=app.routes,
        tags=app.openapi_tags,
        license_info={"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
        servers=[{"url": "/"}],
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    _link_references(schemas)
    made["components"]["headers"] = HEADERS
    bound_uploads(schemas)
    for _, path, operation in operations(made):
        complete(operation)
        _add_what_any_may_answer(operation)
        _ask_for_the_version(operation)
        if is_limited(path):
            _tell_the_limits(operation)
        _ask_for_the_key(operation)
    app.openapi_schema = made
    return made


def _link_references(schemas: dict[str, Any]) -> None:
    """Each closed set of values names the list that explains them."""
    for name, group in BY_SCHEMA.items():
        if name in schemas:
            schemas[name]["x-reference"] = CODES_PATH + group
    for place, group in BY_FIELD.items():
        name, field = place.split(".")
        if name in schemas:
            _link(schemas[name]["properties"][field], group)


def _link(schema: dict[str, Any], group: str) -> None:
    """Where the values stand: in the field itself, its members or one of its alternatives."""
    if "enum" in schema or "const" in schema:
        schema["x-reference"] = CODES_PATH + group
    for inner in (schema.get("items"), *schema.get("anyOf", ())):
        if inner is not None:
            _link(inner, group)


def _add_what_any_may_answer(operation: dict[str, Any]) -> None:
    """Statuses that no route names: what takes a body, and what needs the database."""
    refusals: tuple[Refusal, ...] = (
        general.TARGET_TOO_LONG,
        general.HEADERS_TOO_LARGE,
        general.INTERNAL,
        general.UNAVAILABLE,
    )
    if "requestBody" in operation:
        refusals += (general.BODY_TOO_LARGE, general.UNSUPPORTED_MEDIA_TYPE)
    responses = operation["responses"]
    for status, response in problems(*refusals).items():
        responses.setdefault(str(status), response)
    operation["responses"] = dict(sorted(responses.items()))


def _tell_the_limits(operation: dict[str, Any]) -> None:
    """429, beside what the route itself answers with it, and the fields that foretell it."""
    responses = operation["responses"]
    (over,) = problems(general.TOO_MANY_REQUESTS).values()
    known = responses.setdefault("429", over)
    if known is not over:
        known["description"] += f"; {over['description']}"
        media = known["content"][MEDIA_TYPE]
        media["examples"] |= over["content"][MEDIA_TYPE]["examples"]
    operation["responses"] = dict(sorted(responses.items()))
    for status, response in responses.items():
        told = response.setdefault("headers", {})
        for name in ("RateLimit", "RateLimit-Policy"):
            told[name] = {"$ref": f"#/components/headers/{name}"}
        if status == "429":
            told["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}


def _ask_for_the_version(operation: dict[str, Any]) -> None:
    """If-Match must be there, though its absence is refused by a status of its own (428)."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "If-Match":
            parameter["required"] = True
            parameter["schema"] = {"type": "string", "pattern": ETAG.pattern, "maxLength": 11}
            parameter["example"] = '"1"'


def _ask_for_the_key(operation: dict[str, Any]) -> None:
    """Idempotency-Key, needed or not, and the header that says that an answer is not the first."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == HEADER:
            parameter["required"] = operation["x-idempotency-key"] == Once.REQUIRED
            parameter["schema"] = {"type": "string", "pattern": PATTERN, "maxLength": 128}
            for status, response in operation["responses"].items():
                if status.startswith("2"):
                    response.setdefault("headers", {})[REPLAYED] = _REPLAYED


def operations(made: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of every operation of a document."""
    return [
        (method, path, operation)
        for path, item in made["paths"].items()
        for method, operation in item.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]


class Methods:
    """Which methods each address of the document knows, read from it when first asked.

    The router alone would name the methods of one route where several share an address, and would
    take an address like /officers/import for the officer of that id.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def _by_path(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for method, path, _ in operations(document(self._app)):
            found.setdefault(path, set()).add(method.upper())
        return {path: frozenset(methods) for path, methods in found.items()}

    def of_fixed(self, path: str) -> frozenset[str]:
        """The methods of an address without parameters; none where there is no such address."""
        return self._by_path.get(path, frozenset())

    @cached_property
    def _uploads(self) -> re.Pattern[str]:
        taking = [
            re.sub(r"\{[a-z_]+\}", "[^/]+", path)
            for _, path, operation in operations(document(self._app))
            if "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
        ]
        return re.compile("|".join(taking) or r"(?!)")

    def takes_upload(self, path: str) -> bool:
        """Whether a file may be sent to this address."""
        return self._uploads.fullmatch(path) is not None

    def of(self, path: str) -> frozenset[str]:
        """The methods of whatever address this is."""
        if fixed := self.of_fixed(path):
            return fixed
        known: set[str] = set()
        for template, methods in self._by_path.items():
            if re.fullmatch(re.sub(r"\{[a-z_]+\}", "[^/]+", template), path):
                known |= methods
        return frozenset(known)


def write(app: FastAPI, folder: Path = FOLDER) -> list[Path]:
    """Write openapi.json, problems.md and glossary.md."""
    files = {
        "openapi.json": json.dumps(document(app), ensure_ascii=False, indent=1) + "\n",
        "problems.md": markdown(),
        "glossary.md": glossary.markdown(),
    }
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return [folder / name for name in files]
