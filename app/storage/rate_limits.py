"""The shared counts of rate limits: one statement takes from a window, or begins a new one.

By the database's clock, so that all processes mean the same window. No scope: a caller's count is
nobody's data.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.rate_limits import SHRINK, Grant, RatePolicy

# statement_timestamp() stays what it is throughout the statement; clock_timestamp() would not.
_TAKE = text(
    """
    INSERT INTO rate_bucket AS held (key, taken, granted, ends_at)
    VALUES (:key, :batch, :batch, statement_timestamp() + make_interval(secs => :window))
    ON CONFLICT (key) DO UPDATE SET
        (taken, granted, ends_at) = (
            SELECT CASE WHEN over THEN :batch ELSE held.taken + fits END,
                   CASE WHEN over THEN :batch ELSE fits END,
                   CASE WHEN over THEN EXCLUDED.ends_at ELSE held.ends_at END
            FROM (SELECT held.ends_at <= statement_timestamp() AS over,
                         CASE WHEN held.taken >= :quota THEN 0
                              ELSE LEAST(:batch, GREATEST(1, (:quota - held.taken) / :shrink))
                         END AS fits) AS now_held
        )
    RETURNING granted, taken,
              EXTRACT(EPOCH FROM ends_at - statement_timestamp())::double precision AS seconds_left
    """
)
_FORGET = text("DELETE FROM rate_bucket WHERE ends_at < statement_timestamp()")


async def take(session: AsyncSession, policy: RatePolicy, key: bytes) -> Grant:
    """Take up to a batch of requests from the caller's window; nothing when it is spent."""
    asked = {
        "key": key,
        "batch": policy.batch,
        "quota": policy.quota,
        "window": float(policy.window_seconds),
        "shrink": SHRINK,
    }
    granted, taken, seconds_left = (await session.execute(_TAKE, asked)).one()
    return Grant(granted, taken, seconds_left)


async def delete_expired(session: AsyncSession) -> None:
    """Forget windows that have ended."""
    await session.execute(_FORGET)
