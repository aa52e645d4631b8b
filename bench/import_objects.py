"""100,000 CSV rows through the service, beside `psql \\copy` of the same rows into the same tables.

    python bench/import_objects.py [--rows 100000] [--files 1] [--rounds 5] [--json FILE]

The service's time is that of its worker after the upload: the file is read back from the database,
decoded, checked row by row, compared with the library, stored with entries and history, audited,
committed. Each round is a process of its own, which says how much memory it took. The other time is
that of `psql` (without it, of the same protocol through the driver), which streams what that round
stored into fresh tables with the same indexes, constraints and triggers, in one transaction. Both
write to databases cloned from one, on one throw-away server. An import takes 100,000 rows at most:
`--files 10` loads a million objects, one file after another into the same library.
"""

import argparse
import asyncio
import csv
import io
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import asyncpg
from sqlalchemy import select

from app.clock import SystemClock
from app.domain.actor import Role, system_actor
from app.domain.credit_code import check_character, organisation_check_character
from app.domain.imports import ImportMode
from app.domain.operations import OperationKind
from app.jobs.operations import do_operation
from app.local_postgres import LocalPostgres
from app.logs import configure
from app.models.account import Account
from app.models.organisation import Department
from app.services.accounts import AccountService, NewAccount
from app.services.operations import OperationService
from app.services.runtime import Runtime, make_runtime
from app.services.spreadsheets import Upload
from app.storage.accounts import acting
from app.storage.engine import Database
from tests.support.databases import TEMPLATE, clone, make_template, settings_for
from tests.support.world import PASSWORD, REGION

HEAD = (
    "统一社会信用代码", "名称", "类型", "住所", "行政区划", "登记状态", "信用风险等级",
    "行业代码", "监管标签",
)  # fmt: skip
TABLES = ("inspection_object", "library_entry", "object_event")
RISKS = ("A类", "A类", "B类", "B类", "C类", "D类", "未分类")


def objects_csv(count: int, before: int = 0) -> bytes:
    """Synthetic firms, every row in order, behind those of the files before."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(HEAD)
    for number in range(before + 1, before + count + 1):
        body = f"{number:08d}"
        stem = "91" + REGION + body + organisation_check_character(body)
        rows.writerow((
            stem + check_character(stem), f"奈曼旗试验{number:06d}商贸有限公司", "企业",
            f"奈曼旗试验镇试验路{number}号", REGION, "存续", RISKS[number % len(RISKS)], "F",
            "食品经营" if number % 3 else "食品经营、特种设备",
        ))  # fmt: skip
    return out.getvalue().encode("utf-8-sig")


def runtime_on(server: LocalPostgres, database: str, folder: Path) -> Runtime:
    settings = settings_for(server, database, folder)
    clock = SystemClock()
    return make_runtime(settings, Database.from_settings(settings, clock), clock)


async def a_clerk(runtime: Runtime) -> None:
    await AccountService(runtime).create(
        system_actor(REGION),
        NewAccount("bench.clerk", "bench", Role.DEPT_CLERK, "SCJG", REGION, PASSWORD),
    )


async def uploaded(runtime: Runtime, data: bytes) -> UUID:
    """The operation that is to be done: what the service has when the upload is over."""
    async with runtime.database.reading() as session:
        account, department = (
            await session.execute(
                select(Account, Department)
                .join(Department, Department.code == "SCJG")
                .where(Account.username == "bench.clerk", Department.region_code == REGION)
            )
        ).one()
    roles = frozenset({Role.DEPT_CLERK})
    actor = acting(account, department, roles, (), department.region_code, None)
    operation = await OperationService(runtime).accept_import(
        actor, OperationKind.OBJECT_IMPORT, Upload(data, "objects.csv"), ImportMode.PARTIAL
    )
    return operation.id


def memory_mb(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) // 1024
    return 0


async def work(root: Path, database: str, operation_id: UUID) -> None:
    """The process of one round: the worker's part."""
    runtime = runtime_on(LocalPostgres(root / "pg", throwaway=True), database, root)
    async with runtime.database.reading():
        pass
    before, began = memory_mb("VmRSS"), time.perf_counter()
    await do_operation(runtime, operation_id)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "before": before, "peak": memory_mb("VmHWM")}))
    await runtime.database.close()


async def dump(dsn: str, folder: Path) -> dict[str, tuple[str, ...]]:
    """What the service stored, as files; the columns of each table."""
    made: dict[str, tuple[str, ...]] = {}
    driver = await asyncpg.connect(dsn)
    for table in ("import_batch", *TABLES):
        names = [
            row["column_name"]
            for row in await driver.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
                " AND table_name = $1 AND is_generated = 'NEVER' AND column_name <> 'operation_id'"
                " ORDER BY ordinal_position",
                table,
            )
        ]
        made[table] = tuple(names)
        columns = ", ".join(f'"{name}"' for name in names)
        query = f"SELECT {columns} FROM {table} ORDER BY id"
        await driver.copy_from_query(query, output=folder / table)
    await driver.close()
    return made


async def copied(dsn: str, folder: Path, columns: dict[str, tuple[str, ...]]) -> float:
    """Seconds of streaming the files into the tables, in one transaction."""
    driver = await asyncpg.connect(dsn)
    names = {table: ", ".join(f'"{n}"' for n in columns[table]) for table in columns}
    await driver.copy_to_table(
        "import_batch", source=folder / "import_batch", columns=columns["import_batch"]
    )
    psql = shutil.which("psql")
    began = time.perf_counter()
    if psql:
        asked = [psql, dsn, "-q", "-1", "-v", "ON_ERROR_STOP=1"]
        for table in TABLES:
            asked += ["-c", f"\\copy {table} ({names[table]}) from '{folder / table}'"]
        await asyncio.to_thread(subprocess.run, asked, check=True)
    else:
        async with driver.transaction():
            for table in TABLES:
                await driver.copy_to_table(table, source=folder / table, columns=columns[table])
    seconds = time.perf_counter() - began
    await driver.close()
    return seconds


async def served(server: LocalPostgres, root: Path, data: bytes) -> dict[str, Any]:
    """One file through the service: what the worker's process says of it."""
    runtime = runtime_on(server, "served", root)
    operation_id = await uploaded(runtime, data)
    await runtime.database.close()
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, __file__, "--work", str(root), "served", str(operation_id)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout.splitlines()[-1]))


async def rounds(root: Path, count: int, files: int, number: int) -> list[dict[str, Any]]:
    server = LocalPostgres(root / "pg", throwaway=True)
    server.start()
    print(f"{files} x {count} rows; baseline by "
          f"{'psql' if shutil.which('psql') else 'the driver'}", flush=True)  # fmt: skip
    results: list[dict[str, Any]] = []
    try:
        await make_template(server)
        await clone(server, TEMPLATE, "base")
        base = runtime_on(server, "base", root)
        await a_clerk(base)
        await base.database.close()
        for turn in range(number):
            for name in ("served", "copied"):
                await clone(server, "base", name)
            each = [
                await served(server, root, objects_csv(count, before))
                for before in range(0, files * count, count)
            ]
            result = {
                "seconds": sum(one["seconds"] for one in each),
                "before": each[0]["before"],
                "peak": max(one["peak"] for one in each),
                "files": [one["seconds"] for one in each],
            }
            folder = root / f"rows-{turn}"
            folder.mkdir(mode=0o755)
            columns = await dump(server.libpq_dsn("served"), folder)
            result["copy"] = await copied(server.libpq_dsn("copied"), folder, columns)
            await same(server, files * count)
            shutil.rmtree(folder)
            results.append(result)
            print(
                f"round {turn + 1}: service {result['seconds']:.2f} s,"
                f" copy {result['copy']:.2f} s, ratio {result['seconds'] / result['copy']:.2f},"
                f" worker {result['before']} MB before, peak {result['peak']} MB,"
                f" files {', '.join(f'{one:.1f}' for one in result['files'])} s",
                flush=True,
            )
    finally:
        server.stop(reused=True)
        server.discard()
    return results


async def same(server: LocalPostgres, count: int) -> None:
    """Both databases hold every row once."""
    for name in ("served", "copied"):
        driver = await asyncpg.connect(server.libpq_dsn(name))
        for table in TABLES:
            found = await driver.fetchval(f"SELECT count(*) FROM {table}")
            assert found == count, (name, table, found)
        await driver.close()


def main() -> None:
    if sys.argv[1:2] == ["--work"]:
        configure(as_json=True, level="ERROR")
        root, database, operation_id = sys.argv[2:5]
        asyncio.run(work(Path(root), database, UUID(operation_id)))
        return
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--files", type=int, default=1)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--json", type=Path)
    options = asked.parse_args()
    configure(as_json=True, level="ERROR")
    root = Path(tempfile.mkdtemp(prefix="sunlot-bench-"))
    root.chmod(0o755)  # psql may run as another account than the server
    try:
        results = asyncio.run(rounds(root, options.rows, options.files, options.rounds))
    finally:
        shutil.rmtree(root, ignore_errors=True)
    service = statistics.median(one["seconds"] for one in results)
    copy = statistics.median(one["copy"] for one in results)
    peak = max(one["peak"] for one in results)
    print(
        f"median of {len(results)}: service {service:.2f} s, copy {copy:.2f} s,"
        f" ratio {service / copy:.2f} (target 4.00), peak of the worker {peak} MB"
    )
    if options.json:
        options.json.write_text(
            json.dumps({"rows": options.rows * options.files, "rounds": results})
        )


if __name__ == "__main__":
    main()
