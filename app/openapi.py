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
from app.domain.refusals import general
from app.problems import markdown

FOLDER = Path(__file__).resolve().parent.parent / "openapi"
DESCRIPTION = """「双随机、一公开」监管服务接口。Double-random, one-public supervision.

Errors are `application/problem+json` (RFC 9457), in Chinese or English by Accept-Language; the
codes are listed in `openapi/problems.md`. Ids are UUIDv7, instants RFC 3339 in UTC, dates are days
in Asia/Shanghai. Lists page by an opaque cursor. A change needs If-Match with the ETag you saw.
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
        "clause": {"type": "string", "maxLength": 200},
        "facts": {"type": "object"},
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
    for _, _, operation in operations(made):
        _add_what_any_may_answer(operation)
        _ask_for_the_version(operation)
    app.openapi_schema = made
    return made


def _add_what_any_may_answer(operation: dict[str, Any]) -> None:
    """Statuses that no route names: what takes a body, and what needs the database."""
    refusals: tuple[Refusal, ...] = (general.INTERNAL, general.UNAVAILABLE)
    if "requestBody" in operation:
        refusals += (general.BODY_TOO_LARGE, general.UNSUPPORTED_MEDIA_TYPE)
    responses = operation["responses"]
    for status, response in problems(*refusals).items():
        responses.setdefault(str(status), response)
    operation["responses"] = dict(sorted(responses.items()))


def _ask_for_the_version(operation: dict[str, Any]) -> None:
    """If-Match must be there, though its absence is refused by a status of its own (428)."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "If-Match":
            parameter["required"] = True
            parameter["schema"] = {"type": "string", "pattern": ETAG.pattern, "maxLength": 11}
            parameter["example"] = '"1"'


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
