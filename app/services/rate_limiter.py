"""Counts requests against the shared quotas; one per process.

Keeps leases in memory, a bounded number of them; asks the database when one is spent, once however
many requests wait for the answer. Says "unknown" when the database does not answer soon, and then
leaves it alone for a moment: whoever asks decides what to do without a count.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

import structlog

from app.domain.rate_limits import Lease, RatePolicies, RatePolicy, Standing
from app.storage import rate_limits
from app.storage.engine import DATABASE_ERRORS, Database

log = structlog.get_logger("app.rate_limits")
MOST_LEASES = 20_000
PATIENCE_SECONDS = 2.0
SILENCE_SECONDS = 2.0


class _Caller:
    """One caller's lease, and the lock under which it is renewed."""

    def __init__(self, policy: RatePolicy) -> None:
        self.lease = Lease(policy)
        self.renewing = asyncio.Lock()


class RateLimiter:
    """The process's side of the rate limits."""

    def __init__(
        self,
        database: Database,
        policies: RatePolicies,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.policies = policies
        self._db = database
        self._seconds = seconds
        self._callers: OrderedDict[bytes, _Caller] = OrderedDict()
        self._silent_until = 0.0

    async def take(self, policy: RatePolicy, subject: str) -> Standing | None:
        """Count a request; None where there is no limit, or the database does not say."""
        if policy.quota == 0:
            return None
        key = hashlib.blake2b(f"{policy.name}\n{subject}".encode(), digest_size=16).digest()
        caller = self._caller(key, policy)
        standing = caller.lease.spend(self._seconds())
        if standing is not None:
            return standing
        async with caller.renewing:
            while (standing := caller.lease.spend(self._seconds())) is None:
                if not await self._renew(policy, key, caller.lease):
                    return None
        return standing

    async def forget_expired(self) -> None:
        """Delete the counts of windows that have ended."""
        async with self._db.counting() as session:
            await rate_limits.delete_expired(session)

    def _caller(self, key: bytes, policy: RatePolicy) -> _Caller:
        caller = self._callers.get(key)
        if caller is None:
            caller = self._callers[key] = _Caller(policy)
            if len(self._callers) > MOST_LEASES:
                self._callers.popitem(last=False)
        else:
            self._callers.move_to_end(key)
        return caller

    async def _renew(self, policy: RatePolicy, key: bytes, lease: Lease) -> bool:
        asked_at = self._seconds()
        if asked_at < self._silent_until:
            return False
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._db.counting() as session:
                grant = await rate_limits.take(session, policy, key)
        except DATABASE_ERRORS as error:  # a timeout is an OSError
            self._silent_until = self._seconds() + SILENCE_SECONDS
            log.warning("rate_limits_unknown", error=type(error).__name__)
            return False
        lease.renew(grant, asked_at)
        return True
