"""What the operator's backup and drill ask of the data, and the trace that a copy was made.

Not for users: it reads every region. It writes nothing but the trace.
"""

import asyncio
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.actor import system_actor
from app.domain.draw import server_commit
from app.domain.draw_files import FrozenFile
from app.services.runtime import Runtime
from app.storage import recovery
from app.storage.recovery import RevealedDraw


class RecoveryService:
    """Use cases of the operator."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def revealed_draws(self) -> Sequence[RevealedDraw]:
        """Every draw whose bundle can be verified."""
        async with self._db.reading() as session:
            return await recovery.revealed_draws(session)

    async def check_sealed_secrets(self) -> tuple[int, Sequence[str]]:
        """How many draws wait for their secret, and those that the key at hand does not open."""
        async with self._db.reading() as session:
            waiting = await recovery.sealed_secrets(session)
        closed = []
        for draw_no, commit, sealed in waiting:
            try:
                secret = self._runtime.sealer.open(sealed, draw_no)
            except ValueError:
                closed.append(draw_no)
            else:
                if server_commit(draw_no, secret) != commit:
                    closed.append(draw_no)
        return len(waiting), closed

    async def check_frozen_files(self) -> tuple[int, Sequence[str]]:
        """How many frozen files there are, and which are not what was frozen.

        A bundle leaves out what is withheld, and a draw that is still to be revealed has none:
        their files are compared with the manifest here, one draw at a time.
        """
        checked, faults = 0, []
        async with self._db.reading() as session:
            for draw_id in await recovery.draw_ids(session):
                draw_no, manifest, sha256, files = await recovery.frozen_files(session, draw_id)
                wrong = await asyncio.to_thread(_unlike, manifest, sha256, files)
                faults += [f"{draw_no}: {name} is not what was frozen" for name in wrong]
                checked += len(files)
        return checked, faults

    async def note(self, action: str, facts: Mapping[str, Any]) -> None:
        """Enter in the region's system chain that all data were copied, or came from a copy."""
        actor = system_actor(self._runtime.settings.region_code, "operator")
        async with self._db.unit_of_work(actor) as uow:
            uow.audit(action, "database", None, after=facts)


def _unlike(manifest: str, sha256: str, files: Mapping[str, tuple[str, bytes]]) -> list[str]:
    """What of a draw differs from its manifest, or the manifest from its digest."""
    if hashlib.sha256(manifest.encode()).hexdigest() != sha256:
        return ["manifest"]
    frozen = json.loads(manifest)
    wrong = []
    for file in FrozenFile:
        told, content = files.get(file.value, ("", b""))
        try:
            found = hashlib.sha256(zlib.decompress(content)).hexdigest()
        except zlib.error:
            found = "unreadable"
        if not found == told == frozen[file.value]["sha256"]:
            wrong.append(file.value)
    return wrong
