"""The library that searches and exports are measured on: made by SQL, not through the import.

Kept in a folder if one is named, so that the second measurement need not make it again.
"""

import datetime as dt
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.clock import SystemClock
from app.local_postgres import LocalPostgres
from app.migrate import migrate
from app.services.reference_data import ReferenceService
from app.services.runtime import Runtime, make_runtime
from app.storage.engine import Database
from tests.support.databases import settings_for
from tests.support.large_library import make_large_library
from tests.support.world import REGION

TABLES = ("inspection_object", "library_entry", "library_search")


@asynccontextmanager
async def runtime_over(rows: int, keep: Path | None) -> AsyncIterator[Runtime]:
    """The service's runtime over a library of so many objects."""
    root = keep or Path(tempfile.mkdtemp(prefix="sunlot-bench-"))
    server = LocalPostgres(root, throwaway=True)
    server.start()
    settings = settings_for(server, f"library_{rows}", root)
    engine = create_async_engine(server.admin_dsn(f"library_{rows}"), poolclass=NullPool)
    database = Database.from_settings(settings, SystemClock())
    runtime = make_runtime(settings, database, SystemClock())
    try:
        server.ensure_database(f"library_{rows}")
        await migrate(settings)
        await ReferenceService(runtime).load_shipped()
        async with engine.begin() as made:
            found = await made.scalar(text("SELECT count(*) FROM inspection_object"))
            if not found:
                started = time.perf_counter()
                await make_large_library(made, rows, REGION, dt.datetime.now(dt.UTC))
                print(f"{rows:,} objects made by SQL: {time.perf_counter() - started:.0f} s")
        async with engine.connect() as made:
            await made.execution_options(isolation_level="AUTOCOMMIT")
            for table in TABLES:
                await made.execute(text(f"VACUUM (ANALYZE) {table}"))
        yield runtime
    finally:
        await database.close()
        await engine.dispose()
        server.stop()
        if keep is None:
            server.discard()
