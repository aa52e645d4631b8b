"""One use case, one transaction, one audit entry at least; what is not audited is not written."""

# ruff: noqa: PT012  what is refused is leaving the block

import asyncio
import datetime as dt
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from app.domain.actor import Actor, system_actor
from app.domain.errors import RuleError
from app.domain.lifecycle import AccountStatus
from app.models.account import Account
from app.models.audit import AuditChain, AuditEntry
from app.models.base import new_id
from app.services.runtime import Runtime
from app.storage.uow import SerializationFailure, UnauditedWriteError, UnitOfWork

ACTOR = system_actor("150525", "uow-test")


def an_account(uow: UnitOfWork, username: str = "made.by.test") -> Account:
    return Account(
        id=uow.new_id(),
        username=username,
        display_name="x",
        password_hash="x",
        password_set_at=uow.now,
        status=AccountStatus.ACTIVE,
        must_change_password=False,
        failed_logins=0,
        created_at=uow.now,
        updated_at=uow.now,
    )


async def accounts_in(runtime: Runtime, username: str = "made.by.test") -> int:
    async with runtime.database.reading() as session:
        query = select(func.count()).select_from(Account).where(Account.username == username)
        return await session.scalar(query)


async def entries_of(session: AsyncSession, action: str) -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)
    return list((await session.execute(query)).scalars())


async def test_a_write_of_a_row_that_nobody_audited_is_refused(runtime: Runtime):
    with pytest.raises(UnauditedWriteError):
        async with runtime.database.unit_of_work(ACTOR) as uow:
            uow.session.add(an_account(uow))
    assert await accounts_in(runtime) == 0


async def test_a_row_that_was_sent_early_must_be_audited_too(runtime: Runtime):
    with pytest.raises(UnauditedWriteError):
        async with runtime.database.unit_of_work(ACTOR) as uow:
            uow.session.add(an_account(uow))
            await uow.flush()
    assert await accounts_in(runtime) == 0


async def orm_update(uow: UnitOfWork) -> None:
    await uow.session.execute(update(Account).values(display_name="changed"))


async def core_update(uow: UnitOfWork) -> None:
    await uow.session.execute(update(Account.__table__).values(display_name="changed"))


async def core_insert(uow: UnitOfWork) -> None:
    await uow.session.execute(insert(AuditChain.__table__).values(chain="x", seq=0, hash="0" * 64))


async def text_update(uow: UnitOfWork) -> None:
    await uow.session.execute(text("UPDATE account SET display_name = 'changed'"))


async def text_insert_in_a_query(uow: UnitOfWork) -> None:
    statement = "WITH made AS (INSERT INTO audit_chain VALUES ('x', 0, :hash) RETURNING 1)"
    await uow.session.execute(text(statement + " SELECT * FROM made"), {"hash": "0" * 64})


async def on_the_connection(uow: UnitOfWork) -> None:
    connection = await uow.session.connection()
    await connection.execute(text("UPDATE account SET display_name = 'changed'"))


async def copy(uow: UnitOfWork) -> None:
    driver = await uow.driver()
    await driver.copy_records_to_table(
        "audit_chain", records=[("x", 0, "0" * 64)], columns=["chain", "seq", "hash"]
    )


WRITES = [
    orm_update,
    core_update,
    core_insert,
    text_update,
    text_insert_in_a_query,
    on_the_connection,
    copy,
]


@pytest.mark.committed
@pytest.mark.parametrize("write", WRITES)
async def test_no_way_of_writing_gets_past_the_audit(committed: Runtime, write):
    async with committed.database.unit_of_work(ACTOR) as uow:
        uow.session.add(an_account(uow))
        uow.audit("test.prepared", "test", None)
    with pytest.raises(UnauditedWriteError):
        async with committed.database.unit_of_work(ACTOR) as uow:
            await write(uow)
    async with committed.database.reading() as session:
        assert set((await session.execute(select(Account.display_name))).scalars()) == {"x"}
        assert await session.get(AuditChain, "x") is None


@pytest.mark.committed
@pytest.mark.parametrize("write", WRITES)
async def test_every_way_of_writing_that_is_audited_is_kept(committed: Runtime, write):
    async with committed.database.unit_of_work(ACTOR) as uow:
        uow.session.add(an_account(uow))
        uow.audit("test.prepared", "test", None)
    async with committed.database.unit_of_work(ACTOR) as uow:
        await write(uow)
        uow.audit("test.wrote", "test", None)
    async with committed.database.reading() as session:
        names = set((await session.execute(select(Account.display_name))).scalars())
        assert names == {"changed"} or await session.get(AuditChain, "x") is not None
        assert len(await entries_of(session, "test.wrote")) == 1


@pytest.mark.committed
async def test_reading_needs_no_audit(committed: Runtime):
    async with committed.database.unit_of_work(ACTOR) as uow:
        assert await uow.session.scalar(text("SELECT 1")) == 1


@pytest.mark.committed
async def test_a_copy_belongs_to_the_transaction_even_when_it_is_the_first_thing(
    committed: Runtime,
):
    with pytest.raises(ZeroDivisionError):
        async with committed.database.unit_of_work(ACTOR) as uow:
            await copy(uow)
            uow.audit("test.copied", "test", None)
            raise ZeroDivisionError
    async with committed.database.reading() as session:
        assert await session.get(AuditChain, "x") is None


async def test_an_exception_takes_back_the_write_and_its_audit_entry(runtime: Runtime):
    with pytest.raises(ZeroDivisionError):
        async with runtime.database.unit_of_work(ACTOR) as uow:
            uow.session.add(an_account(uow))
            await uow.flush()
            uow.audit("test.failed", "test", None)
            raise ZeroDivisionError
    assert await accounts_in(runtime) == 0
    async with runtime.database.reading() as session:
        assert await entries_of(session, "test.failed") == []


@pytest.mark.committed
async def test_the_write_and_its_audit_entry_are_committed_together(committed: Runtime):
    async with committed.database.unit_of_work(ACTOR) as uow:
        account = an_account(uow)
        uow.session.add(account)
        uow.audit("test.made", "account", account.id, after={"username": "made.by.test"}, why="x")
        await uow.flush()
        assert await accounts_in(committed) == 0
        async with committed.database.reading() as session:
            assert await entries_of(session, "test.made") == []
    assert await accounts_in(committed) == 1
    async with committed.database.reading() as session:
        entry = (await entries_of(session, "test.made"))[0]
    assert entry.subject_id == str(account.id)
    assert entry.after == {"username": "made.by.test"}
    assert entry.facts == {"why": "x"}
    assert entry.at == committed.clock.now()
    assert (entry.chain, entry.actor, entry.outcome) == (ACTOR.chain, "uow-test", "success")


@pytest.mark.committed
async def test_when_the_audit_entry_can_not_be_written_nothing_is(committed: Runtime):
    with pytest.raises(Exception, match="value too long"):
        async with committed.database.unit_of_work(ACTOR) as uow:
            uow.session.add(an_account(uow))
            uow.audit("x" * 65, "account", None)
    assert await accounts_in(committed) == 0


async def test_a_violated_constraint_is_the_refusal_that_was_named_for_it(runtime: Runtime):
    with pytest.raises(RuleError) as refused:
        async with runtime.database.unit_of_work(ACTOR) as uow:
            uow.session.add_all([an_account(uow), an_account(uow)])
            uow.audit("test.made", "account", None)
    assert refused.value.refusal.code == "username-taken"
    assert await accounts_in(runtime) == 0


async def test_a_violated_constraint_is_translated_inside_the_block_too(runtime: Runtime):
    with pytest.raises(RuleError) as refused:
        async with runtime.database.unit_of_work(ACTOR) as uow:
            uow.session.add_all([an_account(uow), an_account(uow)])
            await uow.flush()
    assert refused.value.refusal.code == "username-taken"


async def test_a_constraint_that_nobody_named_is_a_conflict_that_says_which(runtime: Runtime):
    with pytest.raises(RuleError) as refused:
        async with runtime.database.unit_of_work(ACTOR) as uow:
            account = an_account(uow)
            account.officer_id = new_id()
            uow.session.add(account)
            uow.audit("test.made", "account", None)
    assert refused.value.refusal.code == "conflict"
    assert refused.value.facts["constraint"] == "fk_account_officer_id"


@pytest.mark.committed
async def test_a_row_that_changed_meanwhile_is_a_stale_version(committed: Runtime):
    async with committed.database.unit_of_work(ACTOR) as uow:
        account = an_account(uow)
        uow.session.add(account)
        uow.audit("test.made", "account", account.id)
    with pytest.raises(RuleError) as refused:
        async with committed.database.unit_of_work(ACTOR) as slow:
            seen = await slow.session.get(Account, account.id)
            async with committed.database.unit_of_work(ACTOR) as quick:
                (await quick.session.get(Account, account.id)).display_name = "quick"
                quick.audit("test.changed", "account", account.id)
            seen.display_name = "slow"
            slow.audit("test.changed", "account", account.id)
    assert refused.value.refusal.code == "stale-version"
    assert isinstance(refused.value.__cause__, StaleDataError)
    async with committed.database.reading() as session:
        assert (await session.get(Account, account.id)).display_name == "quick"
        assert len(await entries_of(session, "test.changed")) == 1


@pytest.mark.committed
async def test_a_snapshot_that_another_overtook_may_be_begun_again(committed: Runtime):
    database = committed.database
    with pytest.raises(SerializationFailure) as refused:
        async with database.unit_of_work(ACTOR, isolation="REPEATABLE READ") as slow:
            await slow.session.scalar(text("SELECT 1 FROM region LIMIT 1"))
            async with database.unit_of_work(ACTOR) as quick:
                quick.audit("test.quick", "test", None)
            slow.audit("test.slow", "test", None)
    assert refused.value.refusal.code == "conflict"
    async with database.reading() as session:
        assert await entries_of(session, "test.slow") == []


@pytest.mark.committed
async def test_a_lock_that_is_not_given_in_time_is_no_internal_error(committed: Runtime):
    database = committed.database
    async with database.unit_of_work(ACTOR) as uow:
        account = an_account(uow)
        uow.session.add(account)
        uow.audit("test.made", "account", account.id)
    with pytest.raises(RuleError) as refused:
        async with database.unit_of_work(ACTOR) as slow:
            await slow.session.get(Account, account.id, with_for_update=True)
            slow.audit("test.locked", "account", account.id)
            async with database.unit_of_work(ACTOR) as quick:
                await quick.session.execute(text("SET LOCAL lock_timeout = '50ms'"))
                await quick.session.get(Account, account.id, with_for_update=True)
    assert refused.value.refusal.code == "unavailable"


async def one(runtime: Runtime, actor: Actor, number: int) -> None:
    async with runtime.database.unit_of_work(actor) as uow:
        uow.audit("test.raced", "test", str(number))


@pytest.mark.committed
async def test_fifty_units_of_work_at_once_give_one_chain_without_a_gap(committed: Runtime):
    actor = system_actor("150500", "racer")
    await asyncio.gather(*(one(committed, actor, number) for number in range(50)))
    async with committed.database.reading() as session:
        entries = await entries_of(session, "test.raced")
        head = await session.get(AuditChain, actor.chain)
    assert [entry.seq for entry in entries] == list(range(1, 51))
    assert sorted(int(entry.subject_id) for entry in entries) == list(range(50))
    hashes = ["0" * 64, *(entry.hash for entry in entries)]
    assert [entry.prev_hash for entry in entries] == hashes[:-1]
    assert (head.seq, head.hash) == (50, hashes[-1])


@pytest.mark.committed
async def test_an_entry_that_was_taken_back_leaves_no_gap(committed: Runtime):
    actor = system_actor("150500", "racer")
    await one(committed, actor, 1)
    with pytest.raises(ZeroDivisionError):
        async with committed.database.unit_of_work(actor) as uow:
            uow.audit("test.raced", "test", None)
            raise ZeroDivisionError
    await one(committed, actor, 2)
    async with committed.database.reading() as session:
        assert [entry.seq for entry in await entries_of(session, "test.raced")] == [1, 2]


async def test_facts_of_any_kind_can_be_audited(runtime: Runtime):
    facts = {
        "instant": dt.datetime(2026, 3, 2, tzinfo=dt.timezone(dt.timedelta(hours=8))),
        "day": dt.date(2026, 3, 2),
        "id": UUID(int=1),
        "code": AccountStatus.ACTIVE,
        "set": {"b", "a"},
        "pair": (1, None),
        "part": 0.5,
        "large": 2**70,
        "decomposed": "e\u0301",
        "nul": "a\x00b",
        "surrogate": "a\ud800b",
        "nested": {"k\x00": ["e\u0301"]},
    }
    async with runtime.database.unit_of_work(ACTOR) as uow:
        uow.audit("test.facts", "test", "s\x00", after=facts, **facts)
    async with runtime.database.reading() as session:
        entry = (await entries_of(session, "test.facts"))[0]
    assert entry.facts == entry.after
    assert entry.facts["instant"] == "2026-03-01T16:00:00.000000Z"
    assert entry.facts["day"] == "2026-03-02"
    assert entry.facts["code"] == "active"
    assert entry.facts["set"] == ["a", "b"]
    assert entry.facts["pair"] == [1, None]
    assert entry.facts["large"] == str(2**70)
    assert entry.facts["decomposed"] == "\u00e9"
    assert entry.facts["nul"] == entry.facts["surrogate"] == "a\ufffdb"
