"""Recusals: declared by the officer or the clerk, confirmed or withdrawn by a second person (N11).

A pair is kept apart from the moment it is declared: who waits for another's word must not inspect
meanwhile. The freeze lists every object that recusals leave with few officers, so that none is
shielded unseen; and what was withdrawn stays on record, with its reason.
"""

from uuid import UUID

from app.domain import officer_library as rules
from app.domain.actions import require
from app.domain.actor import Actor, Permission
from app.domain.errors import RuleError
from app.domain.lifecycle import InterestSource
from app.domain.people_actions import INTEREST, InterestFacts
from app.domain.refusals import officers as refusals
from app.models.library import Interest, Officer
from app.services.officers import OfficerView, detail_of, lock_officer_for
from app.services.runtime import Runtime
from app.storage import objects, officer_records, officers
from app.storage.officers import InterestRow
from app.storage.uow import UnitOfWork


def interest_facts(officer: Officer, interest: Interest) -> InterestFacts:
    """How a recusal stands, for its action table."""
    return InterestFacts(
        officer.department_id,
        interest.declared_by,
        interest.confirmed_at is not None,
        interest.withdrawn_at is not None,
    )


class InterestService:
    """Use cases of recusals."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def declare(
        self, actor: Actor, officer_id: UUID, object_code: str, ground: str
    ) -> tuple[InterestRow, Officer]:
        """Record that an officer may not inspect an object, by its public code."""
        actor.acts_for(Permission.OFFICER_WRITE)
        rules.refuse_identity_text(ground)
        async with self._db.unit_of_work(actor) as uow:
            officer = await lock_officer_for(uow, "declare_interest", officer_id)
            row = await _declare(uow, officer, object_code, ground, InterestSource.CLERK)
        return row, officer

    async def own(self, actor: Actor) -> OfficerView:
        """The officer whose account the caller signed in with."""
        async with self._db.reading() as session:
            officer = await officers.get_officer(session, _own_id(actor), actor.scope)
            return await detail_of(session, officer, self._db.clock.now())

    async def declare_own(
        self, actor: Actor, object_code: str, ground: str
    ) -> tuple[InterestRow, Officer]:
        """Declare an interest of one's own; the leader confirms it (N11)."""
        officer_id = _own_id(actor)
        rules.refuse_identity_text(ground)
        async with self._db.unit_of_work(actor) as uow:
            officer = await officers.lock_officer(uow.session, officer_id, actor.scope)
            row = await _declare(uow, officer, object_code, ground, InterestSource.OFFICER)
        return row, officer

    async def confirm(
        self, actor: Actor, officer_id: UUID, interest_id: UUID, version: int
    ) -> OfficerView:
        """Put a second person's name to a recusal."""
        actor.acts_for(Permission.OFFICER_CONFIRM)
        async with self._db.unit_of_work(actor) as uow:
            officer, interest = await _lock(
                uow, "confirm_interest", officer_id, interest_id, version
            )
            interest.confirmed_at = uow.now
            interest.confirmed_by = actor.account_id
            return await _changed(uow, officer, interest, "officer.interest_confirmed")

    async def withdraw(
        self, actor: Actor, officer_id: UUID, interest_id: UUID, version: int, reason: str
    ) -> OfficerView:
        """End a recusal, or refuse one that was declared wrongly; the reason stays on record."""
        actor.acts_for(Permission.OFFICER_CONFIRM)
        rules.refuse_identity_text(reason)
        async with self._db.unit_of_work(actor) as uow:
            officer, interest = await _lock(
                uow, "withdraw_interest", officer_id, interest_id, version
            )
            interest.withdrawn_at = uow.now
            interest.withdrawn_by = actor.account_id
            interest.withdrawn_reason = reason
            return await _changed(uow, officer, interest, "officer.interest_withdrawn")


def _own_id(actor: Actor) -> UUID:
    if actor.officer_id is None:
        raise RuleError(refusals.NO_OWN_OFFICER)
    return actor.officer_id


async def _declare(
    uow: UnitOfWork, officer: Officer, object_code: str, ground: str, source: InterestSource
) -> InterestRow:
    subject = await objects.find_by_code(uow.session, uow.actor.region_code, object_code)
    if subject is None:
        raise RuleError(refusals.INTEREST_OBJECT_UNKNOWN)
    interest = Interest(
        id=uow.new_id(),
        officer_id=officer.id,
        object_id=subject.id,
        ground=ground,
        source=source,
        declared_at=uow.now,
        declared_by=uow.actor.account_id,
    )
    uow.session.add(interest)
    officers.touch(officer, uow.now)
    await uow.flush()
    uow.audit(
        "officer.interest_declared",
        "officer",
        officer.id,
        after={"object": subject.code, "source": source},
    )
    return InterestRow(interest, subject.code, subject.name)


async def _lock(
    uow: UnitOfWork, operation: str, officer_id: UUID, interest_id: UUID, version: int
) -> tuple[Officer, Interest]:
    officer = await lock_officer_for(uow, None, officer_id, version)
    interest = await officer_records.part_of(uow.session, Interest, officer, interest_id)
    require(INTEREST, operation, interest_facts(officer, interest), uow.actor)
    return officer, interest


async def _changed(uow: UnitOfWork, officer: Officer, interest: Interest, act: str) -> OfficerView:
    officers.touch(officer, uow.now)
    await uow.flush()
    row = await officer_records.interest_row(uow.session, interest)
    uow.audit(act, "officer", officer.id, after={"object": row.object_code})
    return await detail_of(uow.session, officer, uow.now)
