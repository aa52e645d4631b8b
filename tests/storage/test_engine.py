"""A pooled connection that broke while nobody used it is replaced before anybody notices."""

import pytest
from sqlalchemy import text

from app.services.runtime import Runtime
from app.settings import Settings
from app.storage import engine
from app.storage.engine import make_engine


async def _pid(made) -> int:
    async with made.connect() as connection:
        return (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()


async def _end(settings: Settings, pid: int) -> None:
    other = make_engine(settings.database_url.get_secret_value(), 1)
    async with other.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        gone = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
        for _ in range(1000):
            await connection.rollback()
            if (await connection.execute(gone, {"pid": pid})).scalar_one() == 0:
                break
    await other.dispose()


async def test_a_connection_that_broke_while_idle_is_replaced(
    committed: Runtime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine, "FRESH_SECONDS", 0.0)
    made = make_engine(committed.settings.database_url.get_secret_value(), 1)
    first = await _pid(made)
    assert await _pid(made) == first
    await _end(committed.settings, first)
    assert await _pid(made) != first
    await made.dispose()


async def test_a_connection_that_broke_a_moment_ago_is_an_outage_once(committed: Runtime):
    made = make_engine(committed.settings.database_url.get_secret_value(), 1)
    first = await _pid(made)
    await _end(committed.settings, first)
    with pytest.raises(engine.DATABASE_ERRORS) as failed:
        await _pid(made)
    assert engine.is_outage(failed.value)
    assert await _pid(made) != first
    await made.dispose()
