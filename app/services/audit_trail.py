"""Reading the trace, exporting it, and writing the heads of its chains out of the database."""

import json
import os
from collections.abc import AsyncIterator, Sequence
from typing import Any

import structlog

from app.domain.actor import Actor
from app.models.audit import AuditEntry
from app.services.runtime import Runtime
from app.storage import audit

log = structlog.get_logger("app.audit")


class AuditTrailService:
    """Use cases of the trace; all of them read."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def find(
        self,
        actor: Actor,
        *,
        subject_kind: str | None = None,
        subject_id: str | None = None,
        action: str | None = None,
        after: tuple[str, int] | None = None,
        limit: int = 50,
    ) -> Sequence[AuditEntry]:
        """Entries of the own department's chain; of the region's for office and oversight."""
        async with self._db.reading() as session:
            return await audit.find_entries(
                session,
                actor,
                subject_kind=subject_kind,
                subject_id=subject_id,
                action=action,
                after=after,
                limit=limit,
            )

    async def export_lines(self) -> AsyncIterator[str]:
        """Every entry as a line of JSON, for the operator (verifier/verify_audit.py reads it)."""
        async with self._db.connection() as connection:
            async for entry in audit.export_all(connection):
                yield json.dumps(entry, ensure_ascii=False, sort_keys=True)

    async def write_heads(self, known: dict[str, int]) -> int:
        """Append the heads that have grown since `known` to the anchor file; returns how many.

        The file is only ever appended to and is flushed to disk: who keeps a copy of it can show
        that a chain was cut or rewritten later.
        """
        async with self._db.reading() as session:
            heads = await audit.heads(session)
        grown = [head for head in heads if head.seq > known.get(head.chain, 0)]
        if not grown:
            return 0
        at = audit.instant_text(self._runtime.clock.now())
        lines: list[dict[str, Any]] = [
            {"chain": head.chain, "seq": head.seq, "hash": head.hash, "at": at} for head in grown
        ]
        path = self._runtime.anchor_file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(line, sort_keys=True) + "\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        for head in grown:
            known[head.chain] = head.seq
            log.info("audit_head", chain=head.chain, seq=head.seq, hash=head.hash)
        return len(grown)
