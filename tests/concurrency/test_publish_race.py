"""Two at once: one publishes, the other learns that it is done; nothing is published twice."""

import asyncio

import pytest

from app.domain.actor import Role
from app.services.runtime import Runtime
from tests.support.inspection_cast import Cast, a_cast
from tests.support.inspection_factories import a_drawn_task
from tests.support.world import World

pytestmark = pytest.mark.committed


@pytest.fixture
async def cast(committed: Runtime, committed_world: World) -> Cast:
    _, maker = await committed_world.account(Role.DEPT_CLERK, "SCJG")
    return await a_cast(committed_world, await a_drawn_task(committed, maker))


async def test_of_two_simultaneous_publications_one_is_refused(cast: Cast) -> None:
    await cast.up_to("review")
    seen = await cast.etag()
    answers = await asyncio.gather(
        cast.take("publish", etag=seen), cast.take("publish", etag=seen, by=cast.leader)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "inspection-wrong-state"
    results = (await cast.clerk.client.get("/api/v1/public/results")).json()["items"]
    assert [result["inspection_id"] for result in results] == [str(cast.inspection.id)]


async def test_of_two_simultaneous_notices_one_is_refused(cast: Cast) -> None:
    seen = await cast.etag()
    answers = await asyncio.gather(*(cast.take("notice", etag=seen) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "notice-already-sent"


async def test_of_two_simultaneous_records_with_one_version_one_is_stale(cast: Cast) -> None:
    await cast.up_to("start")
    seen = await cast.etag()
    answers = await asyncio.gather(*(cast.take("record", etag=seen) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
