"""Requests that may come twice: the claim on a key, and the answer that is given again.

A claim is an advisory lock of the business transaction, tried first and never waited for; the
answer is a row of the same transaction. A process that is killed takes both with it: then nothing
happened, and the retry does it. No scope: a key belongs to the account that sent it.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.errors import RuleError
from app.domain.refusals import idempotency as refusals
from app.models.idempotency import IdempotencyKey

KEPT = dt.timedelta(days=7)
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Claim:
    """An account's key, and the digest of all that was asked with it."""

    account_id: UUID
    key: str
    request_sha256: str

    @property
    def lock(self) -> int:
        """The number of the advisory lock; if two claims share one, one of them tries again."""
        digest = hashlib.sha256(f"{self.account_id}\n{self.key}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it went out."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


class AnsweredBefore(Exception):
    """The same request was answered already: this is the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


class Held(Protocol):
    """A unit of work whose block was left and which waits for the answer to commit with."""

    session: AsyncSession

    async def conclude(self, answer: Answer | None) -> None:
        """Store the answer (if there is one) and commit."""

    async def abandon(self) -> None:
        """Roll back."""


class Exchange:
    """One request with a key, on its way through the service."""

    def __init__(self) -> None:
        self.claim: Claim | None = None
        self._held: Held | None = None

    @property
    def held(self) -> Held | None:
        """The unit of work that waits for the answer."""
        return self._held

    def concerns(self, account_id: UUID | None) -> bool:
        """Whether a unit of work of this account is what the key stands for."""
        return self.claim is not None and self.claim.account_id == account_id

    async def enter(self, session: AsyncSession, now: dt.datetime) -> None:
        """Take the claim; raises idempotency-in-flight, AnsweredBefore, idempotency-key-reused."""
        if self._held is not None:
            raise RuntimeError("a request with an Idempotency-Key has one unit of work")
        assert self.claim is not None
        if not await session.scalar(select(func.pg_try_advisory_xact_lock(self.claim.lock))):
            raise RuleError(refusals.IN_FLIGHT)
        # A statement of its own: it sees what the last holder of the lock has committed.
        await refuse_answered(session, self.claim, now)

    def hold(self, unit_of_work: Held) -> None:
        """Keep a unit of work that is done, until its answer is rendered."""
        self._held = unit_of_work

    async def conclude(self, answer: Answer | None) -> None:
        """Commit what is held, with the answer."""
        held, self._held = self._held, None
        if held is not None:
            await held.conclude(answer)

    async def abandon(self) -> None:
        """Roll back what is held."""
        held, self._held = self._held, None
        if held is not None:
            await held.abandon()


_current: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


@contextmanager
def exchange() -> Iterator[Exchange]:
    """Units of work inside the block belong to one request with a key."""
    made = Exchange()
    token = _current.set(made)
    try:
        yield made
    finally:
        _current.reset(token)


def current_exchange() -> Exchange | None:
    """The request with a key that is being worked on here, if it is one."""
    return _current.get()


async def refuse_answered(session: AsyncSession, claim: Claim, now: dt.datetime) -> None:
    """Raise AnsweredBefore or idempotency-key-reused where the key has an answer."""
    query = select(IdempotencyKey).where(
        IdempotencyKey.account_id == claim.account_id,
        IdempotencyKey.key == claim.key,
        IdempotencyKey.created_at > now - KEPT,
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        return
    if found.request_sha256 != claim.request_sha256:
        raise RuleError(refusals.KEY_REUSED)
    raise AnsweredBefore(Answer(found.status, found.headers, found.body))


async def keep_answer(
    session: AsyncSession, claim: Claim, answer: Answer, now: dt.datetime
) -> None:
    """Store the answer of a claimed key, in place of one that has grown too old."""
    columns = {
        "request_sha256": claim.request_sha256,
        "status": answer.status,
        "headers": answer.headers,
        "body": answer.body,
        "created_at": now,
    }
    await session.execute(
        insert(IdempotencyKey)
        .values(account_id=claim.account_id, key=claim.key, **columns)
        .on_conflict_do_update(index_elements=["account_id", "key"], set_=columns)
    )


async def forget_old(session: AsyncSession, now: dt.datetime) -> int:
    """Delete answers older than seven days, a batch at a time; returns how many there were."""
    old = (
        select(IdempotencyKey.account_id, IdempotencyKey.key)
        .where(IdempotencyKey.created_at <= now - KEPT)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    gone = await session.execute(
        delete(IdempotencyKey)
        .where(IdempotencyKey.account_id == old.c.account_id, IdempotencyKey.key == old.c.key)
        .returning(IdempotencyKey.key)
    )
    return len(gone.all())
