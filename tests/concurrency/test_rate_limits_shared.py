"""Several processes on one database share one quota: together they never grant more."""

import asyncio

import pytest

from app.domain.actor import Role
from app.services.runtime import Runtime, make_runtime
from app.storage.engine import Database
from tests.support.rate_limits import client_of, process_of
from tests.support.world import World

pytestmark = pytest.mark.committed
NOWHERE = "/api/v1/nowhere"


@pytest.fixture
async def processes(committed: Runtime):
    """Two processes, each with a pool of its own."""
    databases = [Database.from_settings(committed.settings, committed.clock) for _ in range(2)]
    yield [make_runtime(committed.settings, one, committed.clock) for one in databases]
    for one in databases:
        await one.close()


@pytest.mark.parametrize("quota", [1, 7, 100, 500])
async def test_two_processes_asked_at_once_grant_exactly_the_quota(
    processes: list[Runtime], quota: int
):
    one, two = (process_of(process, rate_limit_ip=quota) for process in processes)
    async with client_of(one) as here, client_of(two) as there:
        asked = [client.get(NOWHERE) for _ in range(quota + 20) for client in (here, there)]
        statuses = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert set(statuses) == {404, 429}
    assert statuses.count(404) == quota


async def test_what_one_process_has_granted_the_other_does_not_grant_again(
    processes: list[Runtime],
):
    one, two = (process_of(process, rate_limit_ip=10) for process in processes)
    async with client_of(one) as here, client_of(two) as there:
        assert [(await here.get(NOWHERE)).status_code for _ in range(10)] == [404] * 10
        assert (await there.get(NOWHERE)).status_code == 429


async def test_an_account_is_counted_in_all_processes_together(
    committed_world: World, processes: list[Runtime]
):
    caller = await committed_world.caller(Role.DEPT_CLERK)
    bearer = {"Authorization": f"Bearer {caller.token}"}
    one, two = (process_of(process, rate_limit_account=9) for process in processes)
    async with client_of(one, "203.0.113.1") as here, client_of(two, "203.0.113.2") as there:
        statuses = [
            (await client.get("/api/v1/me", headers=bearer)).status_code
            for _ in range(6)
            for client in (here, there)
        ]
    assert statuses == [200] * 9 + [429] * 3


async def test_while_expired_counts_are_deleted_nothing_is_granted_twice(
    processes: list[Runtime],
):
    one, two = (process_of(process, rate_limit_ip=300) for process in processes)

    async def sweep() -> None:
        for _ in range(30):
            await one.rate_limiter.forget_expired()

    async with client_of(one) as here, client_of(two) as there:
        asked = [client.get(NOWHERE) for _ in range(200) for client in (here, there)]
        answers, _ = await asyncio.gather(asyncio.gather(*asked), sweep())
    assert [answer.status_code for answer in answers].count(404) == 300
