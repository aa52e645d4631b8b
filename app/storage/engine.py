"""The connection to PostgreSQL: one pool per process, sessions for reading and for writing."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from app.clock import Clock
from app.domain.actor import Actor
from app.settings import Settings, asyncpg_url
from app.storage.idempotency import current_exchange
from app.storage.uow import UnitOfWork

FRESH_SECONDS = 1.0
"""How long a pooled connection that was in use is taken to be alive."""
_USED = "sunlot.used"
Reading = AsyncSession
"""A session that only reads, by the name that services may use."""
DATABASE_ERRORS: tuple[type[Exception], ...] = (DBAPIError, PoolTimeoutError, OSError)
"""What may surface from any statement when the database is gone, full or starting."""
OUTAGE_CLASSES = ("08", "53", "57P", "55P03", "57014")
"""connection_exception, insufficient_resources, operator intervention; a lock or an answer that did
not come in time, where a unit of work has not said so already."""


def is_outage(error: Exception) -> bool:
    """Whether the database could not serve, so that the caller may simply try again."""
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        return error.connection_invalidated or state.startswith(OUTAGE_CLASSES)
    if isinstance(error, OSError):
        # No address, no answer, or no socket where the server's was; a missing file has a name.
        return error.filename is None
    return isinstance(error, DATABASE_ERRORS)


def make_engine(url: str, pool_size: int) -> AsyncEngine:
    """An engine over asyncpg whose sessions speak UTC."""
    engine = create_async_engine(
        asyncpg_url(url),
        hide_parameters=True,  # an unhandled error is logged: its values must not be
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=20,
        connect_args={
            "timeout": 10,
            "server_settings": {
                "application_name": "sunlot",
                "timezone": "UTC",
                "statement_timeout": "60000",
                "lock_timeout": "15000",
                "idle_in_transaction_session_timeout": "120000",
            },
        },
    )
    _ping_when_idle(engine)
    return engine


def _ping_when_idle(engine: AsyncEngine) -> None:
    """Ask a pooled connection whether it is alive, unless it was in use a moment ago.

    A request takes a connection several times; SQLAlchemy's own check before each costs a round
    trip every time. One that broke within the moment fails its request as an outage, as one does
    that breaks in the middle of a statement, and the pool then drops all that are as old.
    """
    pool = engine.sync_engine.pool

    @event.listens_for(pool, "checkin")
    def _note(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_USED] = time.monotonic()

    @event.listens_for(pool, "checkout")
    def _ask(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        used = record.info.get(_USED)
        if used is None or time.monotonic() - used < FRESH_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as gone:  # whatever the driver says: the pool makes a new one
            raise DisconnectionError from gone


async def _inside_held() -> AsyncSession | None:
    """A session inside the unit of work that waits for its answer: it sees what that wrote."""
    exchange = current_exchange()
    if exchange is None or exchange.held is None:
        return None
    connection = await exchange.held.session.connection()
    return AsyncSession(connection, expire_on_commit=False, autoflush=False)


class Database:
    """Hands out units of work and reading sessions over one engine."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @classmethod
    def from_settings(cls, settings: Settings, clock: Clock) -> "Database":
        """The pool of the service role."""
        url = settings.database_url.get_secret_value()
        return cls(make_engine(url, settings.database_pool_size), clock)

    @property
    def clock(self) -> Clock:
        """The clock that stamps what is written."""
        return self._clock

    def unit_of_work(self, actor: Actor, *, isolation: str | None = None) -> UnitOfWork:
        """One use case's transaction; see `UnitOfWork`."""
        exchange = current_exchange()
        if exchange is not None and not exchange.concerns(actor.account_id):
            exchange = None
        return UnitOfWork(self._session(isolation), actor, self._clock, exchange)

    def rehearsal(self, actor: Actor) -> UnitOfWork:
        """A unit of work for a dry run: always rolled back, so that it needs no audit entry."""
        return UnitOfWork(self._session(None), actor, self._clock, rehearsal=True)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads: no transaction is held open between its statements."""
        session = await _inside_held() or self._session("AUTOCOMMIT")
        try:
            yield session
        finally:
            await session.close()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session whose statements all see the same moment; it only reads."""
        session = await _inside_held() or self._session("REPEATABLE READ")
        try:
            yield session
        finally:
            await session.close()  # ends the transaction; what was read stays as it was

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[AsyncSession]:
        """A session whose every statement stands alone, for counters: they are nobody's act."""
        async with self._session("AUTOCOMMIT") as session, session.begin():
            yield session

    @asynccontextmanager
    async def bookkeeping(self) -> AsyncIterator[AsyncSession]:
        """A transaction for what is nobody's act and leaves no audit entry: forgetting old keys."""
        async with self._session(None) as session, session.begin():
            yield session

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection, for health checks and exports."""
        async with self._engine.connect() as connection:
            yield connection

    def _session(self, isolation: str | None) -> AsyncSession:
        bind = self._engine.execution_options(isolation_level=isolation) if isolation else None
        return AsyncSession(bind or self._engine, expire_on_commit=False, autoflush=False)

    async def close(self) -> None:
        """Give back every connection."""
        await self._engine.dispose()
