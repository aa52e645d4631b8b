"""The profile of this service over HTTP: told, applied at change, and by the calendar."""

from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.domain.actor import Role
from app.models.account import PasswordHistory
from app.services.runtime import Runtime
from tests.support.clocks import FrozenClock
from tests.support.rate_limits import client_of, process_of
from tests.support.world import PASSWORD, World

FIRST = "Erste-Wahl-2026"


async def change(client: httpx.AsyncClient, username: str, old: str, new: str) -> httpx.Response:
    body = {"username": username, "old_password": old, "new_password": new}
    return await client.post("/api/v1/auth/password", json=body)


async def log_in(client: httpx.AsyncClient, username: str, password: str) -> httpx.Response:
    body = {"username": username, "password": password}
    return await client.post("/api/v1/auth/login", json=body)


def broken(answer: httpx.Response) -> list[str]:
    assert (answer.status_code, answer.json()["code"]) == (422, "password-too-weak")
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/new_password"}
    return [error["code"] for error in answer.json()["errors"]]


@pytest.fixture
def strict(runtime: Runtime) -> Runtime:
    return process_of(runtime, password_profile="dengbao")


async def test_anybody_may_read_what_a_password_must_be(world: World, strict: Runtime):
    told: dict[str, Any] = (await world.client.get("/api/v1/reference/password-policy")).json()
    assert (told["profile"], told["min_length"], told["max_age_days"]) == ("modern", 12, None)
    assert [rule["code"] for rule in told["rules"]] == [
        "min-length", "not-own-name", "not-common", "not-reused",
    ]  # fmt: skip
    assert "12" in told["rules"][0]["zh"]
    async with client_of(strict) as client:
        told = (await client.get("/api/v1/reference/password-policy")).json()
    figures = ("profile", "min_length", "min_classes", "remembered", "max_age_days")
    assert [told[name] for name in figures] == ["dengbao", 8, 3, 5, 90]
    assert (told["lock_after_failures"], told["lock_seconds"], told["idle_minutes"]) == (
        5, 1800, 30,
    )  # fmt: skip


async def test_a_new_password_is_held_against_every_rule_at_once(world: World):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    client = world.client
    assert broken(await change(client, username, PASSWORD, "password")) == [
        "min-length", "not-common",
    ]  # fmt: skip
    assert broken(await change(client, username, PASSWORD, f"I am {username} !")) == [
        "not-own-name"
    ]
    assert broken(await change(client, username, PASSWORD, PASSWORD)) == ["not-reused"]
    assert (await change(client, username, PASSWORD, "only letters here")).status_code == 204


async def test_by_dengbao_the_last_five_are_remembered(world: World, strict: Runtime):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    async with client_of(strict) as client:
        assert broken(await change(client, username, PASSWORD, "only letters here")) == [
            "character-classes"
        ]
        chosen = [FIRST, *(f"Weitere-Wahl-{number}" for number in range(1, 6))]
        old = PASSWORD
        for new in chosen[:5]:
            assert (await change(client, username, old, new)).status_code == 204
            old = new
        for used in chosen[:5]:
            assert "not-reused" in broken(await change(client, username, old, used))
        assert (await change(client, username, old, chosen[5])).status_code == 204
        assert (await change(client, username, chosen[5], FIRST)).status_code == 204
    async with world.runtime.database.reading() as session:
        count = await session.scalar(select(func.count()).select_from(PasswordHistory))
        kept = (await session.execute(select(PasswordHistory.password_hash))).scalars().all()
    assert count == 5, "no more hashes are kept than a profile asks for"
    assert all(one.startswith("$argon2id$") for one in kept)


async def test_by_dengbao_an_expired_password_only_opens_the_way_to_another(
    world: World, strict: Runtime, clock: FrozenClock
):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    async with client_of(strict) as client:
        assert (await change(client, username, PASSWORD, FIRST)).status_code == 204
        clock.forward(days=89)
        assert (await log_in(client, username, FIRST)).status_code == 200
        clock.forward(days=1)
        refused = await log_in(client, username, FIRST)
        assert (refused.status_code, refused.json()["code"]) == (403, "password-expired")
        assert "/auth/password" in refused.json()["messages"]["zh"]
        wrong = await log_in(client, username, "Falsch-2026")
        assert wrong.json()["code"] == "bad-credentials", "only the right one learns of it"
        assert (await change(client, username, FIRST, "Zweite-Wahl-2026")).status_code == 204
        assert (await log_in(client, username, "Zweite-Wahl-2026")).status_code == 200
    modern = await log_in(world.client, username, "Zweite-Wahl-2026")
    assert modern.status_code == 200


async def test_by_modern_no_password_expires(world: World, clock: FrozenClock):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    clock.forward(days=3650)
    assert (await log_in(world.client, username, PASSWORD)).status_code == 200


async def test_by_dengbao_five_failures_lock_for_half_an_hour(
    world: World, strict: Runtime, clock: FrozenClock
):
    username, _ = await world.account(Role.DEPT_CLERK, "SCJG")
    async with client_of(strict) as client:
        for _ in range(5):
            assert (await log_in(client, username, "wrong")).status_code == 401
        clock.forward(seconds=1799)
        assert (await log_in(client, username, PASSWORD)).json()["code"] == "account-locked"
        clock.forward(seconds=1)
        assert (await log_in(client, username, PASSWORD)).status_code == 200


async def test_a_one_time_password_is_no_concern_of_the_policy(world: World, strict: Runtime):
    admin = await world.administrator()
    new = {
        "username": "scjg.new",
        "display_name": "经办新",
        "role": "dept_clerk",
        "department_code": "SCJG",
        "region_code": "150525",
    }
    made = (await admin.post("accounts", new)).json()
    async with client_of(strict) as client:
        first = await log_in(client, "scjg.new", made["one_time_password"])
        assert first.json()["code"] == "password-change-required"
        changed = await change(client, "scjg.new", made["one_time_password"], FIRST)
        assert changed.status_code == 204
        assert (await log_in(client, "scjg.new", FIRST)).status_code == 200
