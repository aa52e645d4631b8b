"""How many requests a caller may make: fixed windows, drawn upon by leases.

A window begins with a caller's first request and has a quota. The shared count stands in the
database; a process takes a few requests' worth at a time (a lease) and spends them by itself, so
that most requests cost no statement. What is granted never exceeds the quota, however many
processes there are; what a process leaves unspent is lost to the caller until the window ends, so
leases are small and shrink as the quota runs out.

A fixed window and not a sliding one: one row and one statement, a lease that adds up exactly, and a
promise to the caller that is plainly kept ("r requests for t seconds"). Its weakness, up to two
quotas around the end of a window, is bounded because the window is the caller's own.

Refuses clocks: seconds are handed in.
"""

import ipaddress
import math
from dataclasses import dataclass

from app.domain.errors import RuleError
from app.domain.refusals import general

LIMITED = "/api/"
"""Addresses below are limited; probes, the document and its pages are not."""
SIGN_IN = frozenset(
    {
        "/api/v1/auth/login",
        "/api/v1/auth/refresh",
        "/api/v1/auth/password",
        "/api/v1/auth/token",
    }
)
"""Where secrets can be guessed."""
LEASES_PER_WINDOW = 50
"""A lease is this part of the quota at most: fifty statements per caller, process and window."""
SHRINK = 4
"""And this part of what is left."""


@dataclass(frozen=True, slots=True)
class RatePolicy:
    """`quota` requests in a window; none where the quota is nought."""

    name: str
    quota: int
    window_seconds: int

    @property
    def batch(self) -> int:
        """The largest lease."""
        return max(1, self.quota // LEASES_PER_WINDOW)


@dataclass(frozen=True, slots=True)
class RatePolicies:
    """The policies of a service."""

    account: RatePolicy
    ip: RatePolicy
    sign_in_ip: RatePolicy
    sign_in_name: RatePolicy


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with a policy, this request counted."""

    policy: RatePolicy
    allowed: bool
    remaining: int
    reset_seconds: int

    @property
    def facts(self) -> dict[str, object]:
        """What a refusal tells."""
        return {
            "policy": self.policy.name,
            "quota": self.policy.quota,
            "window_seconds": self.policy.window_seconds,
            "retry_after_seconds": self.reset_seconds,
        }


@dataclass(frozen=True, slots=True)
class Grant:
    """What the shared count said: so many for you, so many gone in all, so long to go."""

    granted: int
    taken: int
    seconds_left: float


class Lease:
    """What one process may still spend of one caller's window."""

    def __init__(self, policy: RatePolicy) -> None:
        self._policy = policy
        self._left = 0
        self._shared = 0
        self._exhausted = False
        self._ends = -math.inf

    def spend(self, now: float) -> Standing | None:
        """Where the caller stands after one more request; None where the shared count must say."""
        if now >= self._ends or (self._left == 0 and not self._exhausted):
            return None
        allowed = self._left > 0
        if allowed:
            self._left -= 1
        return Standing(
            policy=self._policy,
            allowed=allowed,
            remaining=self._shared + self._left,
            reset_seconds=max(1, math.ceil(self._ends - now)),
        )

    def renew(self, grant: Grant, asked_at: float) -> None:
        """Note a grant. `asked_at` is before the question, so that the lease ends early, not late.

        The rest of a lease of the same window stays: the window is the same if it has not ended.
        """
        kept = self._left if asked_at < self._ends else 0
        self._left = kept + grant.granted
        self._shared = max(0, self._policy.quota - grant.taken)
        self._exhausted = grant.granted == 0
        self._ends = asked_at + grant.seconds_left


def is_limited(path: str) -> bool:
    """Whether requests to this address are counted."""
    return path.startswith(LIMITED)


def network_of(host: str | None) -> str:
    """What stands for an anonymous caller: an IPv4 address, or the /64 that one IPv6 host owns."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def refuse_over(standing: Standing | None) -> None:
    """Raise too-many-requests where the quota is spent."""
    if standing is not None and not standing.allowed:
        raise RuleError(general.TOO_MANY_REQUESTS, (), **standing.facts)
