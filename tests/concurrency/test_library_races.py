"""Two at once: versions are numbered without gap, files and subjects are stored once."""

import asyncio

import pytest

from app.domain.actor import Role
from tests.support.library_factories import (
    checklist_file,
    credit_code,
    make_guideline,
    make_item,
    object_body,
    object_file,
    publication_body,
    upload,
)
from tests.support.world import World

pytestmark = pytest.mark.committed


async def test_two_publications_at_once_are_numbered_one_and_two(committed_world: World):
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    await make_item(clerk)
    leader = await committed_world.caller(Role.DEPT_LEADER)
    answers = await asyncio.gather(
        *(leader.post("checklist-versions", publication_body()) for _ in range(2))
    )
    assert [answer.status_code for answer in answers] == [201, 201]
    assert sorted(answer.json()["number"] for answer in answers) == [1, 2]


async def test_items_entered_at_once_get_codes_of_their_own(committed_world: World):
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    made = await asyncio.gather(*(make_item(clerk) for _ in range(4)))
    assert sorted(item["code"] for item in made) == ["C0001", "C0002", "C0003", "C0004"]


async def test_a_file_sent_twice_at_once_is_stored_once(committed_world: World):
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    items = checklist_file(("食品", "甲检查", "《食品安全法》第一百一十条", "现场检查"))
    objects = object_file((credit_code(), "甲企业", "企业"))
    for path, data in (("checklist-items", items), ("inspection-objects", objects)):
        answers = await asyncio.gather(*(upload(clerk, f"{path}/import", data) for _ in range(2)))
        assert [answer.status_code for answer in answers] == [200, 200]
        assert sorted(answer.json()["created"] for answer in answers) == [0, 1]


async def test_two_departments_that_enter_a_subject_at_once_share_it(committed_world: World):
    callers = [
        await committed_world.caller(Role.DEPT_CLERK, unit) for unit in ("SCJG", "XFJY", "WJW")
    ]
    body = object_body()
    answers = await asyncio.gather(*(c.post("inspection-objects", body) for c in callers))
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sorted(answer.json()["joined"] for answer in answers) == [False, True, True]


async def test_one_of_two_activations_at_once_is_told_that_it_came_late(committed_world: World):
    clerk = await committed_world.caller(Role.DEPT_CLERK)
    leader = await committed_world.caller(Role.DEPT_LEADER)
    made = await make_guideline(clerk)
    path = f"guidelines/{made['id']}/activate"
    answers = await asyncio.gather(*(leader.post(path, etag='"1"') for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
