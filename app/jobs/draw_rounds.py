"""Finishing draws: reveal what is opened and due, annul what was not opened, lock what is drawn.

No person decides any of it; a crash between two steps leaves the next step to the next round.
"""

from uuid import UUID

import structlog

from app.domain.actor import worker_actor
from app.domain.errors import RuleError
from app.domain.lifecycle import DrawStatus
from app.services.draw_lock import DrawLockService
from app.services.draw_reveal import UNOPENED, DrawRevealService
from app.services.draws import DrawService
from app.services.runtime import Runtime

log = structlog.get_logger("app.draws")
LONGEST_WAIT = 256


async def finish_due_draws(runtime: Runtime, failures: dict[UUID, int] | None = None) -> int:
    """One round over every draw that waits for nobody; returns how many moved.

    `failures` counts rounds in which a draw failed for no good reason: it is tried again after
    1, 2, 4, … up to 256 rounds, so that it neither floods the log nor is forgotten.
    """
    counts = {} if failures is None else failures
    due = await DrawService(runtime).due(runtime.clock.now())
    moved = 0
    for draw_id, status in due:
        waited = counts.get(draw_id, 0)
        if waited & (waited - 1) and waited % LONGEST_WAIT:
            counts[draw_id] = waited + 1
            continue
        try:
            await _finish(runtime, draw_id, status)
            moved += 1
        except RuleError as refused:
            # Another worker or a person was faster; the next round looks again.
            log.info("draw_not_moved", draw_id=str(draw_id), code=refused.refusal.code)
        except Exception:
            counts[draw_id] = waited + 1
            log.exception("draw_failed", draw_id=str(draw_id))
    return moved


async def _finish(runtime: Runtime, draw_id: UUID, status: DrawStatus) -> None:
    actor = worker_actor(await DrawService(runtime).region_of(draw_id))
    reveals = DrawRevealService(runtime)
    if status in UNOPENED:
        await reveals.annul_unopened(actor, draw_id)
        return
    if status is DrawStatus.OPENED:
        await reveals.reveal(actor, draw_id)
    await DrawLockService(runtime).lock(actor, draw_id)
