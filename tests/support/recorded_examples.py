"""Examples of answers for the document: real ones, taken from a run of the tests.

`SUNLOT_RECORD_ANSWERS=FOLDER pytest tests/api` notes every good JSON answer;
`python -m tests.support.recorded_examples FOLDER` picks one of each operation and status and writes
app/reference/response_examples.json. Arrays are cut, tokens are replaced; nothing is made up.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from tests.support.openapi import operations_of

VARIABLE = "SUNLOT_RECORD_ANSWERS"
TARGET = Path(__file__).resolve().parents[2] / "app" / "reference" / "response_examples.json"
MOST_MEMBERS = 2
MOST_BYTES = 6_000
SECRETS = {
    "access_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTlhIn0.c2lnbmF0dXJl",
    "refresh_token": "hT2hJ3cVb6Y0d0nS4p7u9w1xQ5zR8kM",
    "client_secret": "sunlot_cs_4uS1rJ7cXn2Qm5tV8yB0dF3gH6kL9pR",
    "one_time_password": "x7Kp-Qm3T-vR9b",
}
_known: list[tuple[str, re.Pattern[str], str]] = []


class Recorder:
    """Notes the good JSON answers of a client."""

    def __init__(self, folder: Path, application: FastAPI) -> None:
        self._file = folder / f"{os.getpid()}.jsonl"
        if not _known:  # the document takes its time, and every test has an application of its own
            _known.extend(
                (operation.method, re.compile(pattern(operation.path)), operation.id)
                for operation in sorted(operations_of(application), key=lambda one: "{" in one.path)
            )

    async def __call__(self, response: httpx.Response) -> None:
        """To be hung into the client as a response hook."""
        if not response.headers.get("content-type", "").startswith("application/json"):
            return
        if not response.is_success or response.status_code == httpx.codes.NO_CONTENT:
            return
        await response.aread()
        operation_id = self._operation(response.request)
        if operation_id is not None and len(response.content) < 1 << 20:
            line = [operation_id, response.status_code, response.json()]
            with self._file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _operation(self, request: httpx.Request) -> str | None:
        for method, path, name in _known:
            if method == request.method and path.fullmatch(request.url.path):
                return name
        return None


def hooks(application: FastAPI) -> dict[str, list[Any]]:
    """What a client of the tests calls with every answer; nothing, unless asked to record."""
    folder = os.environ.get(VARIABLE)
    return {"response": [Recorder(Path(folder), application)]} if folder else {}


def pattern(path: str) -> str:
    """A template of a path as a regular expression."""
    return re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(path))


def cut(value: Any) -> Any:
    """The same with short arrays and without tokens."""
    if isinstance(value, list):
        return [cut(member) for member in value[:MOST_MEMBERS]]
    if isinstance(value, dict):
        return {
            key: SECRETS[key] if key in SECRETS and isinstance(member, str) else cut(member)
            for key, member in value.items()
        }
    return value


def richness(value: Any) -> int:
    """How many values it has that are not empty: what shows most is the better example."""
    if isinstance(value, list):
        return sum(richness(member) for member in value)
    if isinstance(value, dict):
        return sum(richness(member) for member in value.values())
    return 0 if value in (None, "") else 1


def answers(folder: Path) -> Iterator[tuple[str, str, Any]]:
    """(operation, status, answer) of all that was noted."""
    for file in folder.glob("*.jsonl"):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                operation_id, status, body = json.loads(line)
                yield operation_id, str(status), cut(body)


def choose(folder: Path) -> dict[str, dict[str, Any]]:
    """Of each operation and status the richest answer that is not too long."""
    best: dict[tuple[str, str], tuple[Any, ...]] = {}
    for operation_id, status, body in answers(folder):
        size = len(json.dumps(body, ensure_ascii=False).encode())
        rank = (size <= MOST_BYTES, richness(body) if size <= MOST_BYTES else -size, -size)
        key = (operation_id, status)
        if key not in best or rank > best[key][0]:
            best[key] = (rank, body)
    chosen: dict[str, dict[str, Any]] = {}
    for (operation_id, status), (_, body) in sorted(best.items()):
        chosen.setdefault(operation_id, {})[status] = body
    return chosen


def main(folder: Path) -> None:
    """Write the file."""
    text = json.dumps(choose(folder), ensure_ascii=False, indent=1, sort_keys=False)
    TARGET.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
