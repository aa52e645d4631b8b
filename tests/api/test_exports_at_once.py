"""Few exports run at one time, in all processes: each holds a connection and a snapshot."""

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from app.domain.actor import Role
from app.storage.exports import AT_ONCE, take_turn
from tests.support.world import World


async def test_one_more_than_may_run_is_told_to_come_again_and_leaves_no_file(
    committed_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    async with AsyncExitStack() as running:
        for number in range(AT_ONCE):
            snapshot = committed_world.runtime.database.snapshot()
            session = await running.enter_async_context(snapshot)
            await take_turn(session)
            if number < AT_ONCE - 1:
                assert (await clerk.get("inspection-objects/exports")).status_code == 200
        refused = await clerk.get("inspection-objects/exports")
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert list(folder.iterdir()) == []
    assert (await clerk.get("inspection-objects/exports")).status_code == 200
