"""The caller's address is the peer's, unless a proxy of ours speaks for somebody."""

from ipaddress import ip_network

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from app.models.audit import AuditEntry
from app.services.runtime import Runtime
from app.settings import Settings
from tests.support.rate_limits import client_of, process_of

PROXY, INNER = "10.0.0.5", "10.1.2.3"
TRUSTED = (ip_network(f"{PROXY}/32"), ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


async def caller_seen(runtime: Runtime, peer: str, forwarded: list[str]) -> str | None:
    """The address in the audit entry of a failed sign-in."""
    process = process_of(runtime, trusted_proxies=TRUSTED)
    headers = [("X-Forwarded-For", value) for value in forwarded]
    async with client_of(process, peer) as client:
        body = {"username": "no.such", "password": "wrong"}
        response = await client.post("/api/v1/auth/login", json=body, headers=headers)
    assert response.status_code == 401
    async with runtime.database.reading() as session:
        refused = select(AuditEntry.ip).where(AuditEntry.outcome == "failure")
        return (await session.execute(refused)).scalar_one()


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        (PROXY, ["198.51.100.1"], "198.51.100.1"),
        (PROXY, [], PROXY),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        (PROXY, ["198.51.100.66, 198.51.100.1"], "198.51.100.1"),
        (PROXY, [f"198.51.100.1, {INNER}"], "198.51.100.1"),
        (PROXY, ["198.51.100.1", INNER], "198.51.100.1"),
        (PROXY, [f"198.51.100.66, 198.51.100.1, {INNER}, 10.1.9.9"], "198.51.100.1"),
        (PROXY, [INNER], INNER),
        (PROXY, ["198.51.100.1:4711"], "198.51.100.1"),
        (PROXY, ["[2001:db8::1]:4711"], "2001:db8::1"),
        (PROXY, ["2001:db8::1"], "2001:db8::1"),
        (f"::ffff:{PROXY}", ["198.51.100.1"], "198.51.100.1"),
        ("fd00::1", ["198.51.100.1"], "198.51.100.1"),
        (PROXY, ["unknown"], PROXY),
        (PROXY, ["198.51.100.1, nonsense"], PROXY),
        (PROXY, [f"nonsense, {INNER}"], INNER),
        (PROXY, [""], PROXY),
        (PROXY, ["x" * 20_000 + ", 198.51.100.1"], "198.51.100.1"),
        (PROXY, ["'; DROP TABLE account; --"], PROXY),
    ],
)
async def test_whose_address_is_believed(
    runtime: Runtime, peer: str, forwarded: list[str], seen: str
):
    assert await caller_seen(runtime, peer, forwarded) == seen


async def test_without_trusted_proxies_nobody_is_believed(runtime: Runtime):
    async with client_of(process_of(runtime, rate_limit_ip=2), "127.0.0.1") as client:
        statuses = [
            (
                await client.get(
                    "/api/v1/public/draws", headers={"X-Forwarded-For": f"198.51.100.{number}"}
                )
            ).status_code
            for number in range(3)
        ]
    assert statuses == [200, 200, 429]


async def test_behind_a_proxy_each_caller_has_a_quota_of_their_own(runtime: Runtime):
    process = process_of(runtime, rate_limit_ip=1, trusted_proxies=TRUSTED)
    async with client_of(process, PROXY) as client:
        for number, status in ((1, 200), (2, 200), (1, 429)):
            headers = {"X-Forwarded-For": f"198.51.100.{number}"}
            assert (await client.get("/api/v1/public/draws", headers=headers)).status_code == status


def test_a_trusted_proxy_is_an_address_or_a_network():
    made = Settings(environment="test", trusted_proxies=("10.0.0.5", "fd00::/8"))
    assert made.trusted_proxies == (ip_network("10.0.0.5/32"), ip_network("fd00::/8"))
    for wrong in ("*", "proxy.example", "10.0.0.0/99"):
        with pytest.raises(ValidationError):
            Settings(environment="test", trusted_proxies=(wrong,))
