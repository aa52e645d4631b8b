"""The reveal, and the annulment of a draw whose contributors did not open in time (DRAW s.2-3).

The outcome is computed from the frozen files outside any transaction, and stored once: whoever
comes second is told that there is one outcome.
"""

import json
import zlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import anyio.to_thread

from app.domain.actions import require
from app.domain.actor import Actor
from app.domain.draw_actions import DRAW
from app.domain.draw_files import FrozenFile
from app.domain.draw_manifest import read_manifest
from app.domain.draw_outcome import Opened
from app.domain.draw_run import DrawRun, run_draw
from app.domain.errors import RuleError
from app.domain.lifecycle import DrawStatus
from app.domain.refusals import draws as refusals
from app.models.draw import Draw, DrawFile
from app.services.draws import facts_of
from app.services.runtime import Runtime
from app.storage import draw_pool, draws
from app.storage.draws import Contribution
from app.storage.uow import UnitOfWork

UNOPENED = (DrawStatus.FROZEN, DrawStatus.PUBLISHED, DrawStatus.COMMITTED)


class DrawRevealService:
    """Use cases after close_at."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def reveal(self, actor: Actor, draw_id: UUID) -> Draw:
        """Reveal an opened draw whose close_at has passed: seed, winners, reserve, teams."""
        async with self._db.reading() as session:
            draw = await draws.get_draw(session, draw_id, actor.scope)
            given = await draws.contributions(session, draw.id)
            now = self._runtime.clock.now()
            require(DRAW, "reveal_draw", facts_of(draw, given, now), actor)
            stored = await draws.files(session, draw.id)
        secret = self._runtime.sealer.open(draw.sealed_secret, draw.draw_no)
        run = await anyio.to_thread.run_sync(_run, draw.manifest, stored, secret, given)
        async with self._db.unit_of_work(actor) as uow:
            locked = await draws.lock_draw(uow.session, draw_id, actor.scope)
            require(DRAW, "reveal_draw", facts_of(locked, given, uow.now), actor)
            await _store(uow, locked, run)
            locked.status = DrawStatus.DRAWN
            locked.drawn_at = uow.now
            locked.server_secret = secret
            locked.seed = run.seed
            locked.outcome = run.published()
            await uow.flush()
            uow.audit(
                "draw.revealed",
                "draw",
                locked.id,
                draw_no=locked.draw_no,
                seed=run.seed,
                winners=len(run.selection.all_codes()),
                unstaffable=len(run.staffing.unstaffable),
            )
        return locked

    async def annul_unopened(self, actor: Actor, draw_id: UUID) -> bool:
        """Annul a draw that was not published, committed to or opened by close_at, by name."""
        async with self._db.unit_of_work(actor) as uow:
            draw = await draws.lock_draw(uow.session, draw_id, actor.scope)
            if draw.status not in UNOPENED:
                raise RuleError(refusals.DRAW_WRONG_STATE, status=draw.status.value)
            if uow.now < draw.close_at:
                raise RuleError(refusals.NOT_DUE, close_at=draw.close_at.isoformat())
            given = await draws.contributions(uow.session, draw.id)
            annulment = _annulment(draw.status, given)
            draw.status = DrawStatus.ANNULLED
            draw.annulled_at = uow.now
            draw.annulment = annulment
            await uow.flush()
            uow.audit("draw.annulled", "draw", draw.id, draw_no=draw.draw_no, **annulment)
        return True


def _annulment(status: DrawStatus, given: Sequence[Contribution]) -> dict[str, Any]:
    """Why the draw is annulled and who, by name, did not do their part (DRAW s.2).

    Who committed could not open before all had: nobody is blamed for another's silence.
    """
    committed = [one.code for one in given if one.commitment is not None]
    if status is DrawStatus.FROZEN:
        reason, names = "manifest_not_published", []
    elif status is DrawStatus.PUBLISHED:
        reason = "contributors_did_not_commit"
        names = [one.code for one in given if one.commitment is None]
    else:
        reason = "contributors_did_not_open"
        names = [one.code for one in given if one.value is None]
    return {"reason": reason, "contributors": names, "committed": committed}


def _run(
    manifest: str, stored: dict[str, DrawFile], secret: str, given: Sequence[Contribution]
) -> DrawRun:
    files = {FrozenFile(name): zlib.decompress(one.content) for name, one in stored.items()}
    opened = Opened(
        secret=secret,
        commits={one.code: one.commitment for one in given if one.commitment is not None},
        contributions={one.code: one.value for one in given if one.value is not None},
    )
    return run_draw(read_manifest(json.loads(manifest)), files, opened)


async def _store(uow: UnitOfWork, draw: Draw, run: DrawRun) -> None:
    """Rows of the winners, the reserve and the teams; everything else stays in the files."""
    winners, reserve = run.selection.selected, run.selection.reserve
    codes = [
        ranked.code for ranks in (winners, reserve) for row in ranks.values() for ranked in row
    ]
    objects = await draw_pool.object_ids(uow.session, draw.region_code, codes)
    unstaffable = set(run.staffing.unstaffable)
    selections = [
        {
            "id": uow.new_id(),
            "draw_id": draw.id,
            "object_id": objects[ranked.code],
            "object_code": ranked.code,
            "stratum": stratum,
            "rank": rank,
            "reserve": is_reserve,
            "ticket": ranked.ticket,
            "staffed": not is_reserve and ranked.code not in unstaffable,
        }
        for is_reserve, ranks in ((False, winners), (True, reserve))
        for stratum, row in ranks.items()
        for rank, ranked in enumerate(row, 1 + (len(winners[stratum]) if is_reserve else 0))
    ]
    named = {
        officer for _, team in run.staffing.teams for _, members in team for officer in members
    }
    officers = await draw_pool.officers_by_code(uow.session, draw.region_code, sorted(named))
    seats = [
        {
            "draw_id": draw.id,
            "object_code": object_code,
            "department_code": department_code,
            "slot": slot,
            "officer_code": officer_code,
            "officer_id": officers[officer_code].id,
        }
        for object_code, team in run.staffing.teams
        for department_code, members in team
        for slot, officer_code in enumerate(members, start=1)
    ]
    await draws.add_outcome(uow.session, selections, seats)
