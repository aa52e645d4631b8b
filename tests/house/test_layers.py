"""Imports go one way; what the import contracts cannot say is said here."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import app

APP = Path(app.__file__).parent


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders or ("",):
        for file in sorted((APP / folder).rglob("*.py")):
            name = str(file.relative_to(APP))
            yield name, ast.parse(file.read_text(encoding="utf-8"))


def test_the_import_contracts_hold():
    command = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [str(command), "--no-cache", "--config", str(APP.parent / ".importlinter")],
        cwd=APP.parent,
        env={**os.environ, "PYTHONPATH": str(APP.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken." in done.stdout


def test_services_do_not_call_services():
    offenders = []
    for name, tree in modules("services"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app.services"):
                called = [alias.name for alias in node.names if alias.name.endswith("Service")]
                offenders += [f"{name}: {one}" for one in called]
    assert offenders == []


def test_only_the_unit_of_work_commits():
    held = ("session", "connection", "transaction", "conn")
    users = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "commit"
        and ast.unparse(node.value).endswith(held)
    }
    assert users == {"storage/uow.py", "migrate.py"}


def test_only_the_unit_of_work_hands_out_the_drivers_connection():
    users = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "get_raw_connection"
    }
    assert users == {"storage/uow.py"}


def test_only_the_settings_read_the_environment():
    readers = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv"}
        and not name.startswith(("local_postgres/", "demo/"))
    }
    assert readers == set()


def test_no_module_is_named_after_nothing():
    vague = {"helpers", "utils", "util", "common", "misc", "manager", "managers", "tools"}
    names = {part for file in APP.rglob("*.py") for part in (*file.parent.parts, file.stem)}
    assert not names & vague


def test_every_module_says_what_it_is_for():
    assert [name for name, tree in modules() if not ast.get_docstring(tree)] == []


def test_routers_are_thin():
    offenders = []
    for name, tree in modules("routers"):
        for node in tree.body:
            if not isinstance(node, ast.AsyncFunctionDef) or not node.decorator_list:
                continue
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            statements = sum(1 for _ in body)
            if statements > 10 or lines > 25:
                offenders.append(f"{name}:{node.name} {statements} statements, {lines} lines")
    assert offenders == []
