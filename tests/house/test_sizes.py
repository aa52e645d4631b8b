"""A file and a function are small enough to be read at once (HOUSE 3.1)."""

import ast
from pathlib import Path

import app

APP = Path(app.__file__).parent
FILE_LINES = 450
FUNCTION_LINES = 60


def test_no_file_is_too_long():
    sizes = {
        str(file.relative_to(APP)): len(file.read_text(encoding="utf-8").splitlines())
        for file in APP.rglob("*.py")
    }
    assert len(sizes) > 50
    assert {name: size for name, size in sizes.items() if size > FILE_LINES} == {}


def test_no_function_is_too_long():
    sizes = {}
    for file in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = node.end_lineno - node.lineno + 1
                sizes[f"{file.relative_to(APP)}:{node.name}"] = length
    assert len(sizes) > 300
    assert {name: size for name, size in sizes.items() if size > FUNCTION_LINES} == {}
