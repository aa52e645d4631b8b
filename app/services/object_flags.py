"""A drawn object that is cancelled: a flag, and who would take its place (DRAW s.3, DOMAIN F06).

Raised by the unit of work that records the event, and by the lock of a draw for what happened since
its freeze. The proposal is the rank that the domain's rule of voids names; the void itself is no
work of this module, and nobody else is ever proposed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.actions import require
from app.domain.actor import Actor
from app.domain.draw import Ranked, Selection
from app.domain.draw_outcome import Void, next_void
from app.domain.errors import RuleError
from app.domain.lifecycle import ObjectStatus
from app.domain.object_actions import FLAG, FlagFacts
from app.domain.object_cases import FlagStatus
from app.domain.refusals import general
from app.models.draw import Selection as SelectionRow
from app.models.library import InspectionObject
from app.models.object_history import ObjectFlag
from app.services.runtime import Runtime
from app.storage import object_flags, object_history
from app.storage.object_flags import FlagRow
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork

RESUMED = "检查对象已恢复"


@dataclass(frozen=True, slots=True)
class FlagView:
    """A flag, and the code that would take the object's place (None: the reserve is used up)."""

    row: FlagRow
    replacement: str | None

    @property
    def standing(self) -> FlagFacts:
        """What the rules ask."""
        return FlagFacts(self.row.flag.department_id, self.row.flag.status)


class ObjectFlagService:
    """Use cases of flags."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def list(
        self, actor: Actor, paging: Paging, status: FlagStatus | None, draw_id: UUID | None
    ) -> tuple[Slice[ObjectFlag], list[FlagView]]:
        """Flags on draws of the own department and those it takes part in, newest first."""
        async with self._db.reading() as session:
            cut, rows = await object_flags.list_flags(session, actor.scope, paging, status, draw_id)
            return cut, await views_of(session, rows)

    async def get(self, actor: Actor, flag_id: UUID) -> FlagView:
        """A flag that the caller may see."""
        async with self._db.reading() as session:
            row = await object_flags.get_flag(session, flag_id, actor.scope)
            return (await views_of(session, [row]))[0]

    async def dismiss(self, actor: Actor, flag_id: UUID, version: int, reason: str) -> FlagView:
        """A leader of the drawing department sees no need of a substitute, and says why."""
        async with self._db.unit_of_work(actor) as uow:
            row = await object_flags.lock_flag(uow.session, flag_id, actor.scope)
            flag = row.flag
            require(FLAG, "dismiss_object_flag", FlagFacts(flag.department_id, flag.status), actor)
            if flag.row_version != version:
                raise RuleError(general.STALE_VERSION)
            flag.status = FlagStatus.DISMISSED
            flag.closed_at = uow.now
            flag.closed_by = actor.account_id
            flag.close_reason = reason
            await uow.flush()
            uow.audit(
                "object_flag.dismissed",
                "object_flag",
                flag_id,
                before={"status": FlagStatus.OPEN},
                after={"status": flag.status},
                draw_no=row.draw.draw_no,
                object_code=row.subject.code,
                reason=reason,
            )
            return FlagView(row, None)


async def views_of(session: object, rows: Sequence[FlagRow]) -> list[FlagView]:
    """Flags with their proposals."""
    keys = {(row.flag.draw_id, row.flag.stratum) for row in rows if _is_open(row.flag)}
    strata = await object_flags.strata_of(session, keys) if keys else {}  # type: ignore[arg-type]
    proposed: dict[UUID, str | None] = {}
    for (_, stratum), (chosen, flags) in strata.items():
        proposed |= _proposals(stratum, chosen, flags)
    return [FlagView(row, proposed.get(row.flag.id)) for row in rows]


def _is_open(flag: ObjectFlag) -> bool:
    return flag.status is FlagStatus.OPEN


def _proposals(
    stratum: str, chosen: Sequence[SelectionRow], flags: Sequence[ObjectFlag]
) -> Mapping[UUID, str | None]:
    """The flags as voids, one after the other, by the rule of the draw."""
    ranks = {
        reserve: tuple(
            Ranked(one.ticket, one.object_code) for one in chosen if one.reserve is reserve
        )
        for reserve in (False, True)
    }
    selection = Selection({stratum: ranks[False]}, {stratum: ranks[True]})
    codes = {one.object_id: one.object_code for one in chosen}
    voids: list[Void] = []
    found: dict[UUID, str | None] = {}
    for flag in flags:
        void = next_void(selection, voids, stratum, codes[flag.object_id], "flagged")
        voids.append(void)
        found[flag.id] = void.replacement
    return found


async def follow(uow: UnitOfWork, subjects: Sequence[InspectionObject]) -> int:
    """Raise flags for drawn objects that are not active any more; close those of the others.

    Gives the number of flags raised. The caller has locked the objects, and audits.
    """
    gone = [one for one in subjects if one.status is not ObjectStatus.ACTIVE]
    back = [one.id for one in subjects if one.status is ObjectStatus.ACTIVE]
    for flag in await object_flags.open_flags(uow.session, back) if back else ():
        flag.status = FlagStatus.RESOLVED
        flag.closed_at = uow.now
        flag.close_reason = RESUMED
    raised = await _raise(uow, gone) if gone else 0
    await uow.flush()
    return raised


async def _raise(uow: UnitOfWork, gone: Sequence[InspectionObject]) -> int:
    ids = [one.id for one in gone]
    drawn = await object_flags.drawn_and_open(uow.session, ids)
    if not drawn:
        return 0
    open_now = await object_flags.open_flags(uow.session, ids)
    there = {(flag.draw_id, flag.object_id) for flag in open_now}
    histories = await object_history.events_of(uow.session, {row.object_id for row in drawn})
    raised = 0
    for row in drawn:
        if (row.draw_id, row.object_id) in there:
            continue
        ended = [one.id for one in histories[row.object_id] if "status" in one.after]
        uow.session.add(
            ObjectFlag(
                id=uow.new_id(),
                draw_id=row.draw_id,
                department_id=row.department_id,
                object_id=row.object_id,
                event_id=ended[-1] if ended else None,
                sheet_id=row.sheet_id,
                stratum=row.stratum,
                status=FlagStatus.OPEN,
                raised_at=uow.now,
            )
        )
        raised += 1
    return raised


async def follow_lock(uow: UnitOfWork, object_ids: Sequence[UUID]) -> int:
    """Raise flags for winners that ceased between the freeze and the lock of their draw."""
    gone = await object_flags.winners_not_active(uow.session, object_ids)
    return await follow(uow, gone) if gone else 0
