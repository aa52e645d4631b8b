"""Reading draws: the ceremony's state, the public page's data, the bundle (DRAW s.6)."""

import datetime as dt
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.actor import EVERYTHING, Actor, region_prefix
from app.domain.draw_actions import ContributorFacts, DrawFacts
from app.domain.draw_files import FrozenFile
from app.domain.errors import RuleError
from app.domain.lifecycle import DrawStatus
from app.domain.refusals import draws as refusals
from app.models.draw import Draw, DrawFile, Selection
from app.services.object_flags import FlagView, views_of
from app.services.runtime import Runtime
from app.storage import draws, object_flags
from app.storage.draws import Contribution
from app.storage.paging import Paging, Slice


@dataclass(frozen=True, slots=True)
class DrawView:
    """A draw with its contributions and, once drawn, its winners and reserve."""

    draw: Draw
    contributions: Sequence[Contribution]
    selections: Sequence[Selection]
    seen_at: dt.datetime
    flags: Sequence[FlagView] = ()
    """Winners that are no longer active; not for the public."""

    @property
    def standing(self) -> DrawFacts:
        """What the rules ask."""
        return facts_of(self.draw, self.contributions, self.seen_at)


def facts_of(draw: Draw, given: Sequence[Contribution], now: dt.datetime) -> DrawFacts:
    """How a draw stands, for `app/domain/draw_actions.py`."""
    return DrawFacts(
        department_id=draw.department_id,
        status=draw.status,
        close_at=draw.close_at,
        now=now,
        contributors=[
            ContributorFacts(
                one.department_id, one.code, one.commitment is not None, one.value is not None
            )
            for one in given
        ],
    )


class DrawService:
    """Use cases that read draws."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def get(self, actor: Actor, draw_id: UUID) -> DrawView:
        """A draw that the caller may see."""
        async with self._db.snapshot() as session:
            draw = await draws.get_draw(session, draw_id, actor.scope)
            return DrawView(
                draw,
                await draws.contributions(session, draw.id),
                await draws.selections(session, draw.id),
                self._db.clock.now(),
                await views_of(session, await object_flags.flags_of_draw(session, draw.id)),
            )

    async def list(self, actor: Actor, paging: Paging, status: DrawStatus | None) -> Slice[Draw]:
        """Draws that the caller may see, newest first."""
        async with self._db.reading() as session:
            return await draws.list_draws(session, actor.scope, paging, status)

    async def bundle(self, actor: Actor, draw_id: UUID) -> Mapping[str, Any]:
        """The bundle of a revealed draw that the caller may see."""
        async with self._db.reading() as session:
            draw = await draws.get_draw(session, draw_id, actor.scope)
            return _bundle(draw, await draws.files(session, draw.id))

    async def list_public(self, region_code: str | None, paging: Paging) -> Slice[Draw]:
        """Draws whose manifest is public."""
        prefix = region_prefix(region_code) if region_code else ""
        async with self._db.reading() as session:
            return await draws.list_public(session, prefix, paging)

    async def get_public(self, draw_no: str) -> DrawView:
        """What everybody sees of a draw: manifest, commitments, openings, outcome."""
        async with self._db.snapshot() as session:
            draw = await draws.find_public(session, draw_no)
            return DrawView(
                draw,
                await draws.contributions(session, draw.id),
                await draws.selections(session, draw.id),
                self._db.clock.now(),
            )

    async def public_bundle(self, draw_no: str) -> Mapping[str, Any]:
        """The bundle of a revealed draw, for everybody."""
        async with self._db.reading() as session:
            draw = await draws.find_public(session, draw_no)
            return _bundle(draw, await draws.files(session, draw.id))

    async def due(self, now: dt.datetime) -> Sequence[tuple[UUID, DrawStatus]]:
        """Draws that wait for nobody any more (for the worker)."""
        async with self._db.reading() as session:
            return await draws.due_draws(session, now)

    async def region_of(self, draw_id: UUID) -> str:
        """The region whose system chain the worker's acts on a draw go to."""
        async with self._db.reading() as session:
            return (await draws.get_draw(session, draw_id, EVERYTHING)).region_code


def _bundle(draw: Draw, files: Mapping[str, DrawFile]) -> dict[str, Any]:
    if draw.outcome is None:
        raise RuleError(refusals.NOT_REVEALED)
    withheld = set(json.loads(draw.manifest)["withheld"])
    texts = {
        file.value: None
        if file.value in withheld
        else zlib.decompress(files[file.value].content).decode()
        for file in FrozenFile
    }
    return dict(draw.outcome) | texts
