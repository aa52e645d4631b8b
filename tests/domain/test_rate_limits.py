"""A lease is spent, refused and ended by its own arithmetic, without clock or database."""

import pytest

from app.domain.errors import RuleError
from app.domain.rate_limits import Grant, Lease, RatePolicy, is_limited, network_of, refuse_over

POLICY = RatePolicy("account", 100, 60)


def test_a_new_lease_knows_nothing():
    assert Lease(POLICY).spend(0.0) is None


def test_a_lease_allows_what_was_granted_and_then_asks_again():
    lease = Lease(POLICY)
    lease.renew(Grant(granted=2, taken=2, seconds_left=60.0), asked_at=10.0)
    first, second = lease.spend(10.0), lease.spend(11.5)
    assert (first.allowed, first.remaining, first.reset_seconds) == (True, 99, 60)
    assert (second.allowed, second.remaining, second.reset_seconds) == (True, 98, 59)
    assert lease.spend(12.0) is None


def test_a_spent_quota_is_refused_without_asking_until_the_window_ends():
    lease = Lease(POLICY)
    lease.renew(Grant(granted=0, taken=100, seconds_left=7.2), asked_at=0.0)
    for now in (0.0, 7.1):
        standing = lease.spend(now)
        assert (standing.allowed, standing.remaining) == (False, 0)
        assert standing.reset_seconds >= 1
    assert lease.spend(0.0).reset_seconds == 8
    assert lease.spend(7.2) is None


def test_what_is_left_of_a_lease_does_not_outlive_its_window():
    lease = Lease(POLICY)
    lease.renew(Grant(granted=2, taken=2, seconds_left=5.0), asked_at=0.0)
    assert lease.spend(4.9).allowed
    assert lease.spend(5.0) is None
    lease.renew(Grant(granted=2, taken=2, seconds_left=5.0), asked_at=5.0)
    assert [lease.spend(5.0).remaining for _ in range(2)] == [99, 98]
    assert lease.spend(5.0) is None


@pytest.mark.parametrize(("quota", "batch"), [(1, 1), (20, 1), (120, 2), (3000, 60)])
def test_a_lease_is_a_fiftieth_of_the_quota_at_most(quota: int, batch: int):
    assert RatePolicy("x", quota, 60).batch == batch


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("no address", "no address"),
        (None, "unknown"),
        ("", "unknown"),
    ],
)
def test_a_host_is_counted_by_what_it_can_not_change(host: str | None, network: str):
    assert network_of(host) == network


def test_probes_and_pages_are_not_limited():
    assert is_limited("/api/v1/me")
    assert is_limited("/api/v1/public/draws")
    assert not any(map(is_limited, ("/healthz", "/readyz", "/metrics", "/docs", "/verify", "/")))


def test_a_refusal_says_which_quota_and_how_long():
    lease = Lease(POLICY)
    lease.renew(Grant(granted=0, taken=100, seconds_left=7.0), asked_at=0.0)
    with pytest.raises(RuleError) as refused:
        refuse_over(lease.spend(0.0))
    assert refused.value.refusal.code == "too-many-requests"
    assert refused.value.facts == {
        "policy": "account", "quota": 100, "window_seconds": 60, "retry_after_seconds": 7,
    }  # fmt: skip
    refuse_over(None)
