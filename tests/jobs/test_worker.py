"""The worker's rounds: what is kept for a while only is forgotten, each kind by itself."""

import pytest

from app.jobs.worker import Worker
from app.services.kept_answers import KeptAnswers
from app.services.operations import OperationService
from app.services.runtime import Runtime
from app.services.sessions import SessionService

pytestmark = pytest.mark.committed
FORGETS = (
    (KeptAnswers, "forget_old"),
    (SessionService, "forget_tokens"),
    (OperationService, "forget_old"),
)


async def test_what_can_not_be_forgotten_now_keeps_nothing_else_from_it(
    committed: Runtime, monkeypatch: pytest.MonkeyPatch
):
    asked: list[type] = []
    for owner, name in FORGETS:

        async def forget(_self: object, owner: type = owner) -> int:
            asked.append(owner)
            raise OSError

        monkeypatch.setattr(owner, name, forget)
    worker = Worker(committed)
    await worker.once()
    assert asked == [owner for owner, _ in FORGETS]
    await worker.once()
    assert len(asked) == len(FORGETS), "not every second"
