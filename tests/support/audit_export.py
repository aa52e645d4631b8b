"""A real export of the audit chains and its anchors, as files, and the verifier's word on them."""

import contextlib
import importlib.util
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from app.services.audit_trail import AuditTrailService
from app.services.runtime import Runtime

ROOT = Path(__file__).resolve().parents[2]
VERIFIER = ROOT / "verifier" / "verify_audit.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_audit_under_test", VERIFIER)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


verify_audit = _load()


@dataclass
class Verdict:
    """What the verifier said."""

    code: int
    out: str
    err: str


@dataclass
class Export:
    """Lines of an export, and the file of anchors that left the database before."""

    folder: Path
    entries: list[dict]
    anchors: Path

    def chain(self, name: str) -> list[dict]:
        return [entry for entry in self.entries if entry["chain"] == name]

    def longest_chain(self) -> list[dict]:
        names = sorted({entry["chain"] for entry in self.entries})
        return max((self.chain(name) for name in names), key=len)

    def judge(
        self, entries: list[dict] | None = None, *, anchored: bool = True, raw: bytes | None = None
    ) -> Verdict:
        """The script's word on these entries (or bytes) instead of the true ones."""
        chosen = self.entries if entries is None else entries
        data = raw
        if data is None:
            data = "".join(
                json.dumps(entry, ensure_ascii=False) + "\n" for entry in chosen
            ).encode()
        file = self.folder / "judged.jsonl"
        file.write_bytes(data)
        return verdict_on(file, *([self.anchors] if anchored else []))


def verdict_on(file: Path, *anchors: Path) -> Verdict:
    """The script's main function in this process: a process each would take minutes."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = verify_audit.main(
            [str(file), *(["--anchors", *map(str, anchors)] if anchors else [])]
        )
    return Verdict(code, out.getvalue(), err.getvalue())


def run_verifier(file: Path, *anchors: Path) -> Verdict:
    """The script in a process of its own, isolated from this project's code (-I)."""
    command = [sys.executable, "-I", str(VERIFIER), str(file)]
    if anchors:
        command += ["--anchors", *map(str, anchors)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    return Verdict(done.returncode, done.stdout, done.stderr)


async def export_of(runtime: Runtime, folder: Path) -> Export:
    """Everything the service would export now, with the heads written out first."""
    trail = AuditTrailService(runtime)
    await trail.write_heads({})
    entries = [json.loads(line) async for line in trail.export_lines()]
    return Export(folder, entries, runtime.anchor_file)
