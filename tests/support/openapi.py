"""The OpenAPI document of an application, and paths filled with values that its schemas admit."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI

from app.openapi import document, operations

CANDIDATES = (
    "00000000-0000-7000-8000-000000000001", "150525", "SCJG", "2026", "2026-03-02", "1", "A",
    "D-2026-0001", "x", "abc", "0" * 64, "results",
)  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    id: str
    permission: str
    raw: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def url(self) -> str:
        """The path with a value for each parameter that its schema admits."""
        filled = self.path
        for parameter in self.raw.get("parameters", []):
            if parameter["in"] == "path":
                value = _value(parameter["schema"])
                filled = filled.replace("{" + parameter["name"] + "}", quote(value, safe=""))
        assert "{" not in filled, filled
        return filled


def operations_of(app: FastAPI) -> list[Operation]:
    """Every operation of the document."""
    return [
        Operation(method.upper(), path, raw["operationId"], raw.get("x-permission", ""), raw)
        for method, path, raw in operations(document(app))
    ]


def _value(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return str(schema["enum"][0])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "integer":
        return str(schema.get("minimum", 1))
    if schema.get("format") == "uuid":
        return CANDIDATES[0]
    if schema.get("format") == "date":
        return "2026-03-02"
    for candidate in CANDIDATES[1:]:
        long_enough = schema.get("minLength", 0) <= len(candidate) <= schema.get("maxLength", 999)
        if long_enough and re.search(schema.get("pattern", ""), candidate):
            return candidate
    raise AssertionError(f"no value known for {schema}: add one to CANDIDATES")
