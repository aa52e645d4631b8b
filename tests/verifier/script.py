"""Loads verifier/verify_draw.py by its path, as the stand-alone file that it is."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "verifier" / "verify_draw.py"
PAGE = ROOT / "verifier" / "verify.html"
VECTORS = ROOT / "tests" / "golden" / "draw-v1.json"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_draw_under_test", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


verify_draw = load()


def vectors() -> list:
    return json.loads(VECTORS.read_text(encoding="utf-8"))


def judge(bundle: object) -> tuple:
    """Exit code that one bundle gives, and the report if it was a bundle."""
    data = json.dumps(bundle, ensure_ascii=False).encode()
    try:
        report = verify_draw.verify(verify_draw.bundles_of(data)[0])
    except verify_draw.NotABundle:
        return 2, None
    return (1 if report.failed else 0), report
