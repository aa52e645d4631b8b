"""What stands in the way of each step of a draw's ceremony (DRAW s.2)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from app.domain.actions import Operation, Rules
from app.domain.actor import Actor, Permission
from app.domain.errors import RuleError
from app.domain.lifecycle import DrawStatus
from app.domain.refusals import draws as refusals
from app.domain.refusals import general


@dataclass(frozen=True, slots=True)
class ContributorFacts:
    """A contributor, and what it has given so far."""

    department_id: UUID
    code: str
    committed: bool
    opened: bool


@dataclass(frozen=True, slots=True)
class DrawFacts:
    """How a draw stands at a moment."""

    department_id: UUID
    status: DrawStatus
    close_at: dt.datetime
    now: dt.datetime
    contributors: Sequence[ContributorFacts]


def _own(draw: DrawFacts, actor: Actor) -> None:
    """Who may read a draw of another unit may not move it; the worker moves all."""
    if not actor.sees_everything and draw.department_id != actor.department_id:
        raise RuleError(general.FORBIDDEN, permission=Permission.DRAW_EXECUTE.value)


def _expect(draw: DrawFacts, wanted: DrawStatus) -> None:
    if draw.status is not wanted:
        raise RuleError(refusals.DRAW_WRONG_STATE, status=draw.status.value)
    if draw.now >= draw.close_at:
        raise RuleError(refusals.CLOSED)


def _mine(draw: DrawFacts, actor: Actor) -> ContributorFacts:
    for one in draw.contributors:
        if one.department_id == actor.department_id:
            return one
    raise RuleError(refusals.NOT_A_CONTRIBUTOR)


def _publish(draw: DrawFacts, actor: Actor) -> None:
    _own(draw, actor)
    _expect(draw, DrawStatus.FROZEN)


def _commit(draw: DrawFacts, actor: Actor) -> None:
    if _mine(draw, actor).committed:
        raise RuleError(refusals.ALREADY_COMMITTED)
    _expect(draw, DrawStatus.PUBLISHED)


def _open(draw: DrawFacts, actor: Actor) -> None:
    """Nobody opens before all have committed."""
    mine = _mine(draw, actor)
    missing = [one.code for one in draw.contributors if not one.committed]
    if missing:
        raise RuleError(refusals.COMMITMENTS_INCOMPLETE, missing=", ".join(missing))
    if mine.opened:
        raise RuleError(refusals.ALREADY_OPENED)
    _expect(draw, DrawStatus.COMMITTED)


def _reveal(draw: DrawFacts, actor: Actor) -> None:
    _own(draw, actor)
    if draw.status in {DrawStatus.DRAWN, DrawStatus.LOCKED}:
        raise RuleError(refusals.ALREADY_REVEALED)
    if draw.status is not DrawStatus.OPENED:
        raise RuleError(refusals.DRAW_WRONG_STATE, status=draw.status.value)
    if draw.now < draw.close_at:
        raise RuleError(refusals.NOT_DUE, close_at=draw.close_at.isoformat())


DRAW: Rules[DrawFacts] = MappingProxyType(
    {
        "publish_draw": Operation(Permission.DRAW_EXECUTE, _publish),
        "make_commitment": Operation(Permission.DRAW_CONTRIBUTE, _commit),
        "open_contribution": Operation(Permission.DRAW_CONTRIBUTE, _open),
        "reveal_draw": Operation(Permission.DRAW_EXECUTE, _reveal),
    }
)
