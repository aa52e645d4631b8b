"""The unit of work: one use case, one transaction, at least one audit entry, one commit.

Leaving the block commits; any exception rolls back. It refuses to commit a write that nobody
audited: what ORM and Core statements show is seen at once, and for everything else (COPY, text)
PostgreSQL is asked whether the transaction wrote at all.

Of a request with an Idempotency-Key the commit waits until its answer is rendered, so that both are
stored by one transaction (`app/idempotency.py`); what is read meanwhile is read inside of it.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlalchemy.orm import Session as SyncSession
from sqlalchemy.orm.exc import StaleDataError

from app.clock import Clock
from app.domain.actor import Actor
from app.domain.errors import RuleError
from app.domain.refusals import general
from app.models.base import new_id
from app.storage import audit
from app.storage.constraints import translate
from app.storage.idempotency import Answer, Exchange, keep_answer

RETRYABLE_STATES = frozenset({"40001", "40P01"})
"""serialization_failure, deadlock_detected."""
BUSY_STATES = frozenset({"55P03", "57014"})
"""lock_not_available, query_canceled."""


class SerializationFailure(RuleError):
    """Another transaction was faster; who read a snapshot may simply begin again."""


class UnauditedWriteError(RuntimeError):
    """A programming error: a use case wrote without saying what it did."""


class UnitOfWork:
    """Give `session`, `actor`, `now`; take audit entries; commit or roll back as a whole.

    One unit of work writes to the actor's audit chain; what concerns another department as much is
    entered in that one's chain, too (`also_in`). A rehearsal is always rolled back: it tells what
    would come of a use case by the very same rules, and leaves neither row nor lock.
    """

    def __init__(
        self,
        session: AsyncSession,
        actor: Actor,
        clock: Clock,
        exchange: Exchange | None = None,
        *,
        rehearsal: bool = False,
    ) -> None:
        self.session = session
        self.actor = actor
        self.now = clock.now()
        self._clock = clock
        self._drafts: list[audit.Draft] = []
        self._wrote = False
        self._exchange = exchange
        self._rehearsal = rehearsal
        event.listen(session.sync_session, "after_flush", self._saw_flush)
        event.listen(session.sync_session, "do_orm_execute", self._saw_statement)

    def new_id(self) -> UUID:
        """An id for a new row."""
        return new_id()

    def audit(
        self,
        action: str,
        subject_kind: str,
        subject_id: UUID | str | None,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        outcome: str = "success",
        also_in: str | None = None,
        **facts: Any,
    ) -> None:
        """Say what this unit of work does: `resource.past`, on what, with before and after."""
        self._drafts.append(
            audit.Draft(
                action=action,
                subject_kind=subject_kind,
                subject_id=None if subject_id is None else str(subject_id),
                before=before,
                after=after,
                facts=facts,
                outcome=outcome,
                also_in=also_in,
            )
        )

    async def flush(self) -> None:
        """Send what is pending now, so that constraints speak inside the block."""
        await self.session.flush()

    async def attempt(self) -> AsyncSessionTransaction:
        """A savepoint: what comes after it is kept by its `commit`, or taken back by `rollback`."""
        return await self.session.begin_nested()

    async def driver(self) -> Any:
        """The asyncpg connection, inside this transaction, for COPY."""
        return await driver_of(self.session)

    async def __aenter__(self) -> Self:
        await self.session.__aenter__()
        if self._exchange is not None:
            try:
                await self._exchange.enter(self.session, self.now)
            except BaseException as failure:
                await self.abandon()
                _raise_translated(failure)
                raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            await self.abandon()
            _raise_translated(error)
            return
        if self._rehearsal:
            await self.abandon()
            return
        if self._exchange is None or not self._drafts:
            await self.conclude(None)
            return
        try:
            await self.session.flush()  # what is wrong with it is said here, not after the answer
        except BaseException as failure:
            await self.abandon()
            _raise_translated(failure)
            raise
        self._exchange.hold(self)

    async def conclude(self, answer: Answer | None) -> None:
        """Commit, with the answer to a request with a key; only the exchange that holds it asks."""
        try:
            if answer is not None:
                assert self._exchange is not None
                assert self._exchange.claim is not None
                await keep_answer(self.session, self._exchange.claim, answer, self.now)
            await self._commit()
        except BaseException as failure:
            await self.session.rollback()
            _raise_translated(failure)
            raise
        finally:
            await self.session.close()

    async def abandon(self) -> None:
        """Roll back."""
        try:
            await self.session.rollback()
        finally:
            await self.session.close()

    async def _commit(self) -> None:
        await self.session.flush()
        if self._drafts:
            await audit.append(self.session, self.actor, self._clock, self._drafts)
            await self.session.flush()
        elif self._wrote or await self._database_saw_a_write():
            raise UnauditedWriteError("a write without an audit entry is refused")
        await self.session.commit()

    async def _database_saw_a_write(self) -> bool:
        if not self.session.in_transaction() or self.session.in_nested_transaction():
            return False
        connection = await self.session.connection()
        if connection.in_nested_transaction():
            return False  # a test's outer transaction has written before us
        assigned = await self.session.scalar(text("SELECT pg_current_xact_id_if_assigned()::text"))
        return assigned is not None

    def _saw_flush(self, session: SyncSession, _context: UOWTransaction) -> None:
        if session.new or session.dirty or session.deleted:
            self._wrote = True

    def _saw_statement(self, state: ORMExecuteState) -> None:
        if state.is_insert or state.is_update or state.is_delete:
            self._wrote = True


async def driver_of(session: AsyncSession) -> Any:
    """The asyncpg connection, inside the session's transaction, for COPY.

    SQLAlchemy begins the transaction with its first statement: a COPY before that would be
    committed by itself.
    """
    connection = await session.connection()
    await connection.execute(text("SELECT 1"))
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is None or not driver.is_in_transaction():
        raise RuntimeError("the driver's connection is outside the transaction")
    return driver


def _raise_translated(error: BaseException) -> None:
    if isinstance(error, IntegrityError):
        raise translate(error) from error
    if isinstance(error, StaleDataError):
        raise RuleError(general.STALE_VERSION) from error
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        if state in RETRYABLE_STATES:
            raise SerializationFailure(general.CONFLICT, constraint="concurrent change") from error
        if state in BUSY_STATES:
            raise RuleError(general.UNAVAILABLE) from error
