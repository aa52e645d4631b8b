"""The ceremony between freeze and reveal: manifest public, all commit, all open (DRAW s.2)."""

from uuid import UUID

from app.domain.actions import require
from app.domain.actor import Actor
from app.domain.draw import check_opening, commits_sha
from app.domain.draw_actions import DRAW
from app.domain.errors import RuleError
from app.domain.lifecycle import DrawStatus
from app.domain.refusals import general
from app.models.draw import Draw, DrawCommitment, DrawOpening
from app.services.draws import facts_of
from app.services.runtime import Runtime
from app.storage import draws
from app.storage.draws import Contribution
from app.storage.uow import UnitOfWork


class DrawCeremonyService:
    """Use cases of the drawing department (publish) and of the contributors (commit, open)."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def publish(self, actor: Actor, draw_id: UUID, version: int) -> Draw:
        """Make the manifest public; from here on contributors may commit."""
        async with self._db.unit_of_work(actor) as uow:
            draw = await draws.lock_draw(uow.session, draw_id, actor.scope)
            given = await draws.contributions(uow.session, draw.id)
            require(DRAW, "publish_draw", facts_of(draw, given, uow.now), actor)
            if draw.row_version != version:
                raise RuleError(general.STALE_VERSION)
            draw.status = DrawStatus.PUBLISHED
            draw.published_at = uow.now
            await uow.flush()
            uow.audit(
                "draw.published",
                "draw",
                draw.id,
                manifest_sha256=draw.manifest_sha256,
                draw_no=draw.draw_no,
            )
        return draw

    async def commit(self, actor: Actor, draw_id: UUID, commitment: str) -> Draw:
        """Take a contributor's commitment; the last one fixes and publishes commits_sha."""
        async with self._db.unit_of_work(actor) as uow:
            draw, given, mine = await _contributor(uow, "make_commitment", draw_id)
            assert actor.account_id is not None
            uow.session.add(
                DrawCommitment(
                    draw_id=draw.id,
                    code=mine.code,
                    commitment=commitment,
                    made_by=actor.account_id,
                    made_at=uow.now,
                )
            )
            await uow.flush()
            commits = {one.code: one.commitment for one in given if one.commitment is not None}
            commits[mine.code] = commitment
            complete = len(commits) == len(given)
            if complete:
                draw.commits_sha256 = commits_sha(commits)
                draw.committed_at = uow.now
                draw.status = DrawStatus.COMMITTED
                await uow.flush()
            uow.audit(
                "draw.commitment_made",
                "draw",
                draw.id,
                contributor=mine.code,
                commitment=commitment,
                commits_sha256=draw.commits_sha256,
            )
        return draw

    async def open(self, actor: Actor, draw_id: UUID, value: str) -> Draw:
        """Take a contributor's value, after all have committed; refused unless it fits."""
        async with self._db.unit_of_work(actor) as uow:
            draw, given, mine = await _contributor(uow, "open_contribution", draw_id)
            assert mine.commitment is not None
            assert actor.account_id is not None
            check_opening(draw.manifest_sha256, mine.code, value, mine.commitment)
            uow.session.add(
                DrawOpening(
                    draw_id=draw.id,
                    code=mine.code,
                    value=value,
                    made_by=actor.account_id,
                    made_at=uow.now,
                )
            )
            await uow.flush()
            if all(one.value is not None for one in given if one.code != mine.code):
                draw.opened_at = uow.now
                draw.status = DrawStatus.OPENED
                await uow.flush()
            uow.audit("draw.opening_made", "draw", draw.id, contributor=mine.code, value=value)
        return draw


async def _contributor(
    uow: UnitOfWork, operation: str, draw_id: UUID
) -> tuple[Draw, list[Contribution], Contribution]:
    """The draw, locked, what was given, and the caller's own part, if the rules let it be done."""
    draw = await draws.lock_draw(uow.session, draw_id, uow.actor.scope)
    given = await draws.contributions(uow.session, draw.id)
    require(DRAW, operation, facts_of(draw, given, uow.now), uow.actor)
    mine = next(one for one in given if one.department_id == uow.actor.department_id)
    return draw, given, mine
