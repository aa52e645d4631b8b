"""The check of a restored database: what the manifest says, the chains, the draws, the guards.

Chains and draws are judged by the stand-alone verifiers, which share no code with the service. It
writes nothing to the database.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.backup import manifest as manifests
from app.backup.making import Say
from app.backup.manifest import Manifest
from app.backup.programs import BackupFailed
from app.clock import SystemClock
from app.domain.actor import worker_actor
from app.domain.errors import RuleError
from app.migrate import INSERT_ONLY
from app.services.audit_trail import AuditTrailService
from app.services.draws import DrawService
from app.services.recovery import RecoveryService
from app.services.runtime import Runtime, make_runtime
from app.settings import Settings
from app.storage import recovery
from app.storage.engine import DATABASE_ERRORS, Database, make_engine
from app.storage.recovery import RevealedDraw
from app.storage.schema import current_revision, expected_revision

VERIFIERS = Path(__file__).resolve().parents[2] / "verifier"
_LONGEST_SECONDS = 6 * 3600
_NAMED = 10
_DAMAGED: tuple[type[Exception], ...] = (
    # What a row raises that is not what the service wrote: unpacking, decoding, looking up.
    RuleError,
    ValueError,
    TypeError,
    LookupError,
    zlib.error,
)
_UNCHECKABLE: tuple[type[Exception], ...] = (
    BackupFailed,
    subprocess.SubprocessError,
    *_DAMAGED,
    *DATABASE_ERRORS,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One check: whether it holds, what there is to say of it, and how long it took."""

    name: str
    ok: bool
    detail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Case:
    """What all checks are given."""

    runtime: Runtime
    folder: Path
    manifest: Manifest
    service_role: str | None
    scratch: Path
    say: Say


Finding = tuple[bool, str]


async def check_restored(
    settings: Settings,
    folder: Path,
    manifest: Manifest,
    service_role: str | None,
    say: Say = lambda _: None,
) -> list[Step]:
    """Every check, in order; one that fails does not keep the others from being made."""
    url = settings.database_url.get_secret_value()
    database = Database(make_engine(url, 2), SystemClock())
    with tempfile.TemporaryDirectory(prefix="sunlot-check-") as scratch:  # mode 0700
        runtime = make_runtime(settings, database, database.clock)
        case = Case(runtime, folder, manifest, service_role, Path(scratch), say)
        try:
            return [await _timed(name, check, case) for name, check in _CHECKS]
        finally:
            await database.close()


def as_json(steps: list[Step]) -> list[dict[str, Any]]:
    """The steps as a report has them."""
    return [asdict(step) | {"seconds": round(step.seconds, 3)} for step in steps]


async def _timed(name: str, check: Callable[[Case], Awaitable[Finding]], case: Case) -> Step:
    case.say(f"checking {name} …")
    began = time.monotonic()
    try:
        ok, detail = await check(case)
    except _UNCHECKABLE as error:
        # A database that can not even be read is a finding, not the end of the drill.
        ok, detail = False, f"{type(error).__name__}: could not be checked"
    return Step(name, ok, detail, time.monotonic() - began)


async def _schema_revision(case: Case) -> Finding:
    found = await current_revision(case.runtime.database)
    wanted, ours = case.manifest.schema_revision, expected_revision()
    if found != wanted:
        return False, f"{found} instead of {wanted}"
    if found != ours:
        return False, f"{found}: check with the release that made it; this one needs {ours}"
    return True, wanted


async def _tables(case: Case) -> Finding:
    async with case.runtime.database.snapshot() as session:
        await recovery.begin_long_reading(session)
        found = await recovery.digests(session)
    wanted = case.manifest.tables
    faults = []
    for name in sorted(found.keys() | wanted.keys()):
        if name not in found or name not in wanted:
            faults.append(f"{name} is {'missing' if name in wanted else 'not in the manifest'}")
        elif found[name].rows != wanted[name].rows:
            faults.append(f"{name}: {found[name].rows} rows instead of {wanted[name].rows}")
        elif found[name].checksum != wanted[name].checksum:
            faults.append(f"{name}: as many rows, but other contents")
    return not faults, _sum_up(faults) or f"{len(wanted)} tables, {case.manifest.rows} rows"


async def _history_guards(case: Case) -> Finding:
    async with case.runtime.database.reading() as session:
        faults = [
            f"{table} has lost its triggers"
            for table in await recovery.unguarded(session, INSERT_ONLY)
        ]
        if case.service_role is not None:
            open_to = await recovery.may_rewrite(session, case.service_role, INSERT_ONLY)
            faults += [f"{table}: wrong grants of the service role" for table in open_to]
    held = "by trigger and by grant" if case.service_role else "by trigger (one role only)"
    return not faults, _sum_up(faults) or f"{len(INSERT_ONLY)} tables, {held}"


async def _audit_chains(case: Case) -> Finding:
    export, heads = case.scratch / "audit.jsonl", case.scratch / "heads.jsonl"
    with export.open("w", encoding="utf-8") as file:
        async for line in AuditTrailService(case.runtime).export_lines():
            file.write(line + "\n")
    # The heads in the manifest are anchors, too: they left the database with the backup.
    lines = [head.model_dump() | {"at": case.manifest.made_at} for head in case.manifest.heads]
    heads.write_text("".join(json.dumps(line) + "\n" for line in lines if line["seq"]), "utf-8")
    anchors = [heads]
    if case.manifest.anchors_included:
        anchors.append(case.folder / manifests.ANCHORS)
    return await asyncio.to_thread(
        _verify, "verify_audit.py", str(export), "--anchors", *map(str, anchors)
    )


async def _draws(case: Case) -> Finding:
    draws = await RecoveryService(case.runtime).revealed_draws()
    faults, withheld = [], 0
    for number, draw in enumerate(draws, 1):
        try:
            ok, said, whole = await _verify_draw(case, draw)
        except _DAMAGED as error:
            ok, said, whole = False, f"{type(error).__name__}: no bundle can be made", True
        withheld += not whole
        if not ok:
            faults.append(f"{draw.draw_no}: {said}")
        if number % _NAMED == 0:
            case.say(f"draws: {number} of {len(draws)}")
    hidden = f", {withheld} with files withheld from the bundle" if withheld else ""
    return not faults, _sum_up(faults) or f"{len(draws)} revealed draws{hidden}"


async def _verify_draw(case: Case, draw: RevealedDraw) -> tuple[bool, str, bool]:
    bundle = await DrawService(case.runtime).bundle(worker_actor(draw.region_code), draw.id)
    path = case.scratch / "bundle.json"
    path.write_text(json.dumps(bundle, ensure_ascii=False), encoding="utf-8")
    arguments = ["--manifest-sha256", draw.manifest_sha256]
    if draw.commits_sha256 is not None:
        arguments += ["--commits-sha256", draw.commits_sha256]
    ok, said = await asyncio.to_thread(_verify, "verify_draw.py", *arguments, str(path))
    return ok, said, "UNVERIFIED" not in said


async def _draw_files(case: Case) -> Finding:
    checked, faults = await RecoveryService(case.runtime).check_frozen_files()
    return not faults, _sum_up(list(faults)) or f"{checked} frozen files, as their manifests say"


async def _sealed_secrets(case: Case) -> Finding:
    waiting, closed = await RecoveryService(case.runtime).check_sealed_secrets()
    faults = [f"{draw_no} does not open with SUNLOT_SEAL_KEY" for draw_no in closed]
    return not faults, _sum_up(faults) or f"{waiting} draws still to be revealed, all open"


_CHECKS: tuple[tuple[str, Callable[[Case], Awaitable[Finding]]], ...] = (
    ("schema-revision", _schema_revision),
    ("tables", _tables),
    ("history-guards", _history_guards),
    ("audit-chains", _audit_chains),
    ("draw-files", _draw_files),
    ("draws", _draws),
    ("sealed-secrets", _sealed_secrets),
)


def _verify(script: str, *arguments: str) -> Finding:
    """A verifier as a program of its own, isolated from this project's code."""
    done = subprocess.run(  # noqa: S603  our own script with an argument list
        [sys.executable, "-I", str(VERIFIERS / script), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_LONGEST_SECONDS,
        check=False,
    )
    said = (done.stdout + done.stderr).strip().splitlines()
    failing = [line.strip() for line in said if "FAIL" in line and not line.startswith("FAIL:")]
    shown = failing or [line for line in said if "UNVERIFIED" in line] or said[-1:]
    return done.returncode == 0, _sum_up(shown)


def _sum_up(lines: list[str]) -> str:
    more = f"; … and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return "; ".join(lines[:_NAMED]) + more
