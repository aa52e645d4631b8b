"""A backup is worth what its restore proves: all of it comes back, and what was changed is found."""

import asyncio
import json
import secrets
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from app.backup import BackupFailed, drill, make_backup, making, restore_and_check, run_drill
from app.backup import manifest as manifests
from app.backup.checking import _CHECKS, Step, check_restored
from app.backup.making import BackupMade
from app.backup.programs import find_programs
from app.backup.restoring import Target, at, restore
from app.domain.actor import Role
from app.jobs.draw_rounds import finish_due_draws
from app.local_postgres import SERVICE_ROLE, LocalPostgres
from app.services.audit_trail import AuditTrailService
from app.services.runtime import Runtime, make_runtime
from app.storage.engine import Database
from tests.conftest import execute_as_owner
from tests.support.audit_export import export_of
from tests.support.clocks import FrozenClock
from tests.support.databases import drop
from tests.support.draw_factories import (
    a_frozen_draw,
    a_library,
    a_published_plan,
    an_opened_draw,
)
from tests.support.operations import accepted, count, objects, worker
from tests.support.world import World

MakeTarget = Callable[[], Awaitable[tuple[str, Target]]]


@dataclass
class Place:
    """A database with a locked draw and one that is still open, and a backup of it."""

    runtime: Runtime
    server: LocalPostgres
    backup: BackupMade


@pytest_asyncio.fixture
async def place(
    committed_world: World, clock: FrozenClock, server: LocalPostgres, tmp_path: Path
) -> Place:
    runtime = committed_world.runtime
    library = await a_library(runtime)
    clerk, plan = await a_published_plan(committed_world, library)
    await an_opened_draw(committed_world, clerk, plan["tasks"][0]["id"])
    clock.forward(hours=3)
    await finish_due_draws(runtime)
    other = await a_library(runtime, department="XFJY", first=500)
    clerk, plan = await a_published_plan(committed_world, other, department="XFJY")
    await a_frozen_draw(committed_world, clerk, plan["tasks"][0]["id"])
    await AuditTrailService(runtime).write_heads({})
    store = runtime.settings.data_dir / manifests.FILES / "ab"
    store.mkdir(parents=True)
    (store / "evidence").write_bytes(b"\x00photo")
    made = await make_backup(runtime.settings, tmp_path / "backup", clock=clock)
    return Place(runtime, server, made)


@pytest_asyncio.fixture
async def target(server: LocalPostgres) -> AsyncIterator[MakeTarget]:
    """Makes empty databases."""
    names: list[str] = []

    async def make() -> tuple[str, Target]:
        name = f"restored_{secrets.token_hex(4)}"
        names.append(name)
        await asyncio.to_thread(server.ensure_database, name)
        return name, Target(server.admin_dsn(name), SERVICE_ROLE, server.bin_dir)

    yield make
    for name in names:
        await drop(server, name)


def failed(steps: list[Step]) -> dict[str, str]:
    return {step.name: step.detail for step in steps if not step.ok}


async def checked(place: Place, target: Target) -> list[Step]:
    settings = at(place.runtime.settings, target)
    return await check_restored(
        settings, place.backup.folder, place.backup.manifest, target.grantee
    )


async def test_the_drill_restores_everything_and_keeps_its_report(place: Place, tmp_path: Path):
    report = await run_drill(place.runtime.settings, tmp_path / "kept" / "report.json")
    assert report == json.loads((tmp_path / "kept" / "report.json").read_text("utf-8"))
    assert report["failure"] is None
    assert [step["name"] for step in report["steps"] if not step["ok"]] == []
    said = {step["name"]: step["detail"] for step in report["steps"]}
    assert said["draws"].startswith("1 revealed draws")
    assert said["sealed-secrets"] == "1 draws still to be revealed, all open"
    assert "0 failures" in said["audit-chains"]
    assert report["ok"] is True
    assert set(report["seconds"]) == {"backup", "restore", "check", "whole"}
    # All rows of the backup before it, and the entry that says that one was made.
    assert report["backup"]["rows"] == place.backup.manifest.rows + 1


async def test_the_drill_leaves_no_database_behind(place: Place, tmp_path: Path):
    async def databases() -> set[str]:
        async with place.runtime.database.connection() as connection:
            rows = await connection.exec_driver_sql("SELECT datname FROM pg_database")
            return {name for (name,) in rows if name.startswith("sunlot_drill")}

    source = place.backup.folder
    assert (await run_drill(place.runtime.settings, tmp_path / "r.json", source=source))["ok"]
    assert await databases() == set()
    (source / manifests.DUMP).write_bytes(b"")
    refused = await run_drill(place.runtime.settings, tmp_path / "r.json", source=source)
    assert (refused["ok"], refused["steps"]) == (False, [])
    assert await databases() == set()


async def test_a_backup_can_be_restored_to_an_embedded_server(place: Place, tmp_path: Path):
    report = await run_drill(
        place.runtime.settings,
        tmp_path / "report.json",
        source=place.backup.folder,
        embedded=True,
    )
    assert (report["failure"], report["ok"]) == (None, True)
    assert report["target"] == "embedded server"


async def test_a_backup_holds_no_key_and_is_for_its_owner_alone(place: Place):
    folder = place.backup.folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {
        manifests.NAME,
        manifests.DUMP,
        manifests.ANCHORS,
        f"{manifests.FILES}/ab/evidence",
    }
    keys = [
        place.runtime.settings.secret_key.get_secret_value().encode(),
        place.runtime.settings.seal_key.get_secret_value().encode(),
    ]
    plain = [(folder / name).read_bytes() for name in files]
    assert not [1 for key in keys for data in plain if key in data]
    assert place.backup.manifest.keys_included is False


async def test_that_all_data_were_copied_is_on_record(place: Place):
    lines = [json.loads(line) async for line in AuditTrailService(place.runtime).export_lines()]
    [note] = [line for line in lines if line["action"] == "backup.made"]
    assert note["chain"] == "150525/system"
    assert note["after"]["manifest_sha256"] == place.backup.manifest_sha256


@pytest.mark.parametrize(
    "name", [manifests.DUMP, manifests.ANCHORS, f"{manifests.FILES}/ab/evidence"]
)
async def test_a_flipped_byte_is_found_before_anything_is_restored(
    place: Place, target: MakeTarget, name: str
):
    path = place.backup.folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    _, where = await target()
    with pytest.raises(BackupFailed, match=f"damaged: {name} is not what was backed up"):
        await restore(place.backup.folder, where)
    path.unlink()
    with pytest.raises(BackupFailed, match=f"{name} is missing"):
        await restore(place.backup.folder, where)


async def test_a_file_that_was_added_or_another_manifest_is_refused(
    place: Place, target: MakeTarget
):
    _, where = await target()
    folder = place.backup.folder
    with pytest.raises(BackupFailed, match="another manifest"):
        await restore(folder, where, manifest_sha256="0" * 64)
    (folder / "more").write_text("x")
    with pytest.raises(BackupFailed, match="more is not in the manifest"):
        await restore(folder, where)
    (folder / "more").unlink()
    (folder / manifests.NAME).unlink()
    with pytest.raises(BackupFailed, match="is no backup"):
        await restore(folder, where)


async def test_a_manifest_can_not_reach_outside_its_folder(place: Place, target: MakeTarget):
    path = place.backup.folder / manifests.NAME
    told = json.loads(path.read_text("utf-8"))
    told["files"].append({"path": "../outside", "bytes": 0, "sha256": "0" * 64})
    path.write_text(json.dumps(told), "utf-8")
    _, where = await target()
    with pytest.raises(BackupFailed, match="outside its folder"):
        await restore(place.backup.folder, where)


async def test_a_backup_goes_into_an_empty_database_only(place: Place, target: MakeTarget):
    name, where = await target()
    await execute_as_owner(place.server, name, "CREATE TABLE mine (n int)")
    with pytest.raises(BackupFailed, match="not empty"):
        await restore(place.backup.folder, where)
    await execute_as_owner(place.server, name, "DROP TABLE mine")
    await restore(place.backup.folder, where)
    with pytest.raises(BackupFailed, match="not empty"):
        await restore(place.backup.folder, where)


async def test_a_service_role_that_does_not_exist_is_named(place: Place, target: MakeTarget):
    _, where = await target()
    with pytest.raises(BackupFailed, match="no role 'nobody_here'"):
        await restore(place.backup.folder, Target(where.admin_url, "nobody_here", where.bin_dir))


TAMPERING = {
    "audit-chains": (
        "audit_entry",
        "UPDATE audit_entry SET actor = 'somebody.else' WHERE chain = '150525/SCJG' AND seq = 2",
    ),
    "draws": (
        "draw",
        "UPDATE draw SET outcome = outcome || jsonb_build_object('seed', repeat('0', 64))",
    ),
    "sealed-secrets": ("draw", "UPDATE draw SET sealed_secret = '\\x00' WHERE seed IS NULL"),
}


@pytest.mark.parametrize("check", TAMPERING)
async def test_what_was_changed_after_the_restore_is_found(
    place: Place, target: MakeTarget, check: str
):
    name, where = await target()
    await restore(place.backup.folder, where)
    assert failed(await checked(place, where)) == {}
    table, change = TAMPERING[check]
    await execute_as_owner(place.server, name, f"ALTER TABLE {table} DISABLE TRIGGER USER")
    await execute_as_owner(place.server, name, change)
    await execute_as_owner(place.server, name, f"ALTER TABLE {table} ENABLE TRIGGER USER")
    faults = failed(await checked(place, where))
    assert set(faults) == {"tables", check}
    assert f"public.{table}: as many rows, but other contents" in faults["tables"]


FLIPPED = (
    "UPDATE draw_file SET content = set_byte(content, length(content) / 2,"
    " get_byte(content, length(content) / 2) # 1) WHERE name = '{file}'"
    " AND draw_id = (SELECT id FROM draw WHERE (seed IS NULL) = {open})"
)


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("file", ["pool", "recusals"])
async def test_the_drill_finds_a_changed_byte_in_a_frozen_file_and_keeps_its_report(
    place: Place, tmp_path: Path, file: str, is_open: bool
):
    """Changed before the backup, so that dump and manifest agree: only the freeze tells."""
    database = make_url(place.runtime.settings.database_url.get_secret_value()).database
    for statement in (
        "ALTER TABLE draw_file DISABLE TRIGGER USER",
        FLIPPED.format(file=file, open=is_open),
        "ALTER TABLE draw_file ENABLE TRIGGER USER",
    ):
        await execute_as_owner(place.server, database, statement)
    kept = tmp_path / "report.json"
    report = await run_drill(place.runtime.settings, kept)
    assert report == json.loads(kept.read_text("utf-8"))
    assert (report["ok"], report["failure"]) == (False, None)
    faults = {step["name"]: step["detail"] for step in report["steps"] if not step["ok"]}
    assert f"{file} is not what was frozen" in faults["draw-files"]
    # The other checks were made all the same.
    assert set(faults) <= {"draw-files", "draws"}
    assert len(report["steps"]) == len(_CHECKS)


async def test_a_drill_that_is_cut_short_keeps_its_report_too(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(drill, "make_backup", broken)
    with pytest.raises(RuntimeError):
        await run_drill(place.runtime.settings, tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["ok"], report["failure"]) == (False, "RuntimeError: the drill was cut short")


async def test_rows_and_guards_that_are_missing_are_named(place: Place, target: MakeTarget):
    name, where = await target()
    await restore(place.backup.folder, where)
    await execute_as_owner(place.server, name, "DELETE FROM business_line WHERE code = 'DCS'")
    await execute_as_owner(
        place.server, name, "ALTER TABLE publication DISABLE TRIGGER insert_only"
    )
    await execute_as_owner(place.server, name, f"GRANT UPDATE ON notice TO {SERVICE_ROLE}")
    faults = failed(await checked(place, where))
    assert set(faults) == {"tables", "history-guards"}
    assert "rows instead of" in faults["tables"]
    assert faults["history-guards"] == (
        "publication has lost its triggers; notice: wrong grants of the service role"
    )


async def test_another_seal_key_is_noticed(place: Place, target: MakeTarget):
    _, where = await target()
    await restore(place.backup.folder, where)
    settings = at(place.runtime.settings, where)
    other = settings.model_copy(update={"seal_key": SecretStr("77" * 32)})
    steps = await check_restored(other, place.backup.folder, place.backup.manifest, where.grantee)
    assert set(failed(steps)) == {"sealed-secrets"}


async def test_a_restored_database_serves_and_puts_anchors_and_files_in_their_place(
    place: Place, target: MakeTarget, clock: FrozenClock, tmp_path: Path
):
    name, where = await target()
    data_dir = tmp_path / "new-machine"
    settings = place.runtime.settings.model_copy(update={"data_dir": data_dir})
    restored = await restore_and_check(
        settings, place.backup.folder, where, manifest_sha256=place.backup.manifest_sha256
    )
    assert (restored.ok, failed(restored.steps)) == (True, {})
    assert (data_dir / manifests.FILES / "ab" / "evidence").read_bytes() == b"\x00photo"
    assert (data_dir / manifests.ANCHORS).is_file()
    # The service role works on it, and the chains go on from where they were.
    url = SecretStr(place.server.service_dsn(name))
    database = Database.from_settings(settings.model_copy(update={"database_url": url}), clock)
    try:
        runtime = make_runtime(settings, database, clock)
        await a_library(runtime, department="WJW", first=900)
        done = (await export_of(runtime, tmp_path)).judge()
    finally:
        await database.close()
    assert done.code == 0, done.out


async def test_what_was_queued_when_the_backup_was_made_is_done_after_the_restore(
    committed_world: World,
    clock: FrozenClock,
    server: LocalPostgres,
    target: MakeTarget,
    tmp_path: Path,
):
    runtime = committed_world.runtime
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    queued = await accepted(clerk, objects(2))
    made = await make_backup(runtime.settings, tmp_path / "backup", clock=clock)
    assert made.manifest.tables["jobs.procrastinate_jobs"].rows == 1
    name, where = await target()
    await restore(made.folder, where)
    url = SecretStr(server.service_dsn(name))
    settings = runtime.settings.model_copy(update={"database_url": url})
    database = Database.from_settings(settings, clock)
    restored = make_runtime(settings, database, clock)
    try:
        async with worker(restored):
            async with asyncio.timeout(30):
                while await count(restored, "operation WHERE status <> 'succeeded'"):
                    await asyncio.sleep(0.05)
        assert await count(restored, "inspection_object") == 2
        assert await count(restored, "jobs.procrastinate_jobs") == 0
    finally:
        await database.close()
    still = (await clerk.get(f"operations/{queued['id']}")).json()
    assert still["status"] == "queued", "the copy is not the original"


async def test_what_is_written_during_the_backup_does_not_blur_it(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The dump, the counts and the heads are of one moment."""
    run = making.run_program

    def write_then_dump(*arguments: object) -> None:
        asyncio.run(
            execute_as_owner(
                place.server,
                make_url(place.runtime.settings.database_url.get_secret_value()).database,
                "INSERT INTO business_line (id, department_id, code, name)"
                " SELECT gen_random_uuid(), id, 'LATE', '后来的股' FROM department LIMIT 1",
            )
        )
        run(*arguments)

    monkeypatch.setattr(making, "run_program", write_then_dump)
    report = await run_drill(place.runtime.settings, tmp_path / "report.json")
    assert (report["failure"], report["ok"]) == (None, True)


async def test_a_folder_that_holds_something_is_never_written_over(place: Place):
    before = place.backup.manifest_sha256
    with pytest.raises(BackupFailed, match="holds something already"):
        await make_backup(place.runtime.settings, place.backup.folder)
    assert manifests.digest(place.backup.folder / manifests.NAME) == before


async def test_a_backup_that_fails_leaves_nothing_that_looks_like_one(
    committed: Runtime, tmp_path: Path
):
    out = tmp_path / "out"
    with pytest.raises(BackupFailed, match="found: none"):
        await make_backup(committed.settings, out, bin_dir=tmp_path)
    assert not out.exists()


def test_programs_of_another_version_are_refused_and_named(tmp_path: Path):
    for name in ("pg_dump", "pg_restore"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 15.14 (Debian 15.14-0)'\n")
        program.chmod(0o755)
    assert find_programs(15, tmp_path) == tmp_path
    with pytest.raises(BackupFailed, match="needs pg_dump and pg_restore 18; found: 15 in"):
        find_programs(18, tmp_path)
