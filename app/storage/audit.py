"""Appending to the audit chains, reading them, and taking their heads out of the database.

An entry's hash covers all it says and the hash before it; the head row of the chain is locked
from the moment an entry is numbered until the commit, which is why it is the last thing a unit of
work does.
"""

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.clock import Clock
from app.domain.actor import Actor
from app.domain.canonical import MAX_INTEGER, canonical
from app.models.audit import AuditChain, AuditEntry
from app.models.base import new_id

ALG = "sunlot-audit-1"
GENESIS = "0" * 64
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a unit of work says it did; the chain adds who, when and the hash."""

    action: str
    subject_kind: str
    subject_id: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    facts: Mapping[str, Any]
    outcome: str
    also_in: str | None = None
    """The chain of another department that it concerns: the same is entered there, too."""


def plain(value: Any) -> Any:
    """Turn a value into what canonical JSON and jsonb admit: numbers beyond 2^53 become text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= MAX_INTEGER else str(value)
    if isinstance(value, dt.datetime):
        return instant_text(value)
    if isinstance(value, Mapping):
        return {_text(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [plain(item) for item in items]
    return _text(str(value))


def _text(value: str) -> str:
    """Text as it can be stored and hashed; what cannot (NUL, lone surrogates) is marked."""
    return unicodedata.normalize("NFC", _UNSTORABLE.sub("\ufffd", value))


def instant_text(instant: dt.datetime) -> str:
    """RFC 3339 in UTC with microseconds: the one form in which instants are hashed."""
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def exported(entry: AuditEntry) -> dict[str, Any]:
    """An entry as it is hashed and exported (with its hash)."""
    return {
        "id": str(entry.id),
        "chain": entry.chain,
        "seq": entry.seq,
        "at": instant_text(entry.at),
        "actor_id": None if entry.actor_id is None else str(entry.actor_id),
        "actor": entry.actor,
        "actor_kind": entry.actor_kind.value,
        "roles": list(entry.roles),
        "department": entry.department,
        "session_id": None if entry.session_id is None else str(entry.session_id),
        "ip": entry.ip,
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
        "before": entry.before,
        "after": entry.after,
        "facts": entry.facts,
        "outcome": entry.outcome,
        "request_id": entry.request_id,
        "alg": entry.alg,
        "prev_hash": entry.prev_hash,
        "hash": entry.hash,
    }


def entry_hash(fields: Mapping[str, Any]) -> str:
    """SHA-256 over the algorithm's name, LF, and the canonical JSON of all fields but `hash`."""
    body = {key: value for key, value in fields.items() if key != "hash"}
    return hashlib.sha256(ALG.encode() + b"\n" + canonical(body)).hexdigest()


async def append(
    session: AsyncSession, actor: Actor, clock: Clock, drafts: Sequence[Draft]
) -> None:
    """Add the drafts to the actor's chain, in order; locks the chain until the commit.

    What concerns another department is entered in its chain as well. Chains are locked in the order
    of their names, so that no two units of work wait for each other.
    """
    by_chain = {actor.chain: list(drafts)}
    for draft in drafts:
        if draft.also_in is not None and draft.also_in != actor.chain:
            by_chain.setdefault(draft.also_in, []).append(draft)
    for chain in sorted(by_chain):
        await _append_to(session, chain, actor, clock, by_chain[chain])


async def _append_to(
    session: AsyncSession, chain: str, actor: Actor, clock: Clock, drafts: Sequence[Draft]
) -> None:
    held = (
        select(AuditChain)
        .where(AuditChain.chain == chain)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    head = (await session.execute(held)).scalar_one_or_none()
    if head is None:  # the chain's first entry, or another's who is faster
        begin = insert(AuditChain).values(chain=chain, seq=0, hash=GENESIS)
        await session.execute(begin.on_conflict_do_nothing())
        head = (await session.execute(held)).scalar_one()
    # Taken under the lock of the head, so that within a chain time does not run backwards.
    now = clock.now()
    for draft in drafts:
        entry = AuditEntry(
            id=new_id(),
            chain=chain,
            seq=head.seq + 1,
            at=now,
            actor_id=actor.account_id,
            actor=actor.username,
            actor_kind=actor.kind,
            roles=sorted(role.value for role in actor.roles),
            department=actor.department_code,
            session_id=actor.session_id,
            ip=actor.ip,
            action=draft.action,
            subject_kind=draft.subject_kind,
            subject_id=None if draft.subject_id is None else _text(draft.subject_id),
            before=plain(draft.before),
            after=plain(draft.after),
            facts=plain(draft.facts),
            outcome=draft.outcome,
            request_id=actor.request_id,
            alg=ALG,
            prev_hash=head.hash,
        )
        entry.hash = entry_hash(exported(entry) | {"hash": None})
        session.add(entry)
        head.seq = entry.seq
        head.hash = entry.hash


async def find_entries(
    session: AsyncSession,
    actor: Actor,
    *,
    subject_kind: str | None,
    subject_id: str | None,
    action: str | None,
    after: tuple[str, int] | None,
    limit: int,
) -> Sequence[AuditEntry]:
    """Entries that the actor may read, by chain and number."""
    query = select(AuditEntry).order_by(AuditEntry.chain, AuditEntry.seq).limit(limit)
    if actor.scope.reads_region:
        query = query.where(AuditEntry.chain.startswith(actor.scope.region_prefix, autoescape=True))
    else:
        query = query.where(AuditEntry.chain == actor.chain)
    if subject_kind is not None:
        query = query.where(AuditEntry.subject_kind == subject_kind)
    if subject_id is not None:
        query = query.where(AuditEntry.subject_id == subject_id)
    if action is not None:
        query = query.where(AuditEntry.action == action)
    if after is not None:
        query = query.where(tuple_(AuditEntry.chain, AuditEntry.seq) > tuple_(*after))
    return (await session.execute(query)).scalars().all()


async def export_all(connection: AsyncConnection) -> AsyncIterator[dict[str, Any]]:
    """Every entry of every chain, in order, for the operator's export (no scope: not for users)."""
    table = AuditEntry.__table__
    result = await connection.stream(select(table).order_by(table.c.chain, table.c.seq))
    async for row in result:
        yield exported(AuditEntry(**row._mapping))  # noqa: SLF001  SQLAlchemy's public name


async def heads(session: AsyncSession) -> Sequence[AuditChain]:
    """The head of every chain, to be written out of the database (all regions)."""
    query = select(AuditChain).order_by(AuditChain.chain).limit(100_000)
    return (await session.execute(query)).scalars().all()
