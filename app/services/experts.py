"""Experts: entered, changed, left; they advise and are of no team (R04).

A department keeps its own; the leading-group office keeps those whom every department may ask.
There is no way from here to a team: teams are made of officers by the draw, or assigned from the
department's officers on record, which refuses an expert's code by name.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain import officer_library as rules
from app.domain.actions import require
from app.domain.actor import Actor, Permission
from app.domain.calendar import shanghai_date
from app.domain.errors import RuleError
from app.domain.experts import require_confidentiality, require_departure
from app.domain.lifecycle import ExpertStatus
from app.domain.masking import mask_name
from app.domain.people_actions import EXPERT, ExpertFacts, keeps_region
from app.domain.refusals import general
from app.models.organisation import Department
from app.models.people import Expert
from app.services.runtime import Runtime
from app.storage import experts, organisation
from app.storage.engine import Reading
from app.storage.experts import ExpertFilter
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewExpert:
    """What an expert is made from: no number of a person, no contact."""

    code: str
    name: str
    institution: str
    fields: Sequence[str]
    confidentiality_signed_on: dt.date
    confidentiality_document: str
    confidentiality_valid_to: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ExpertView:
    """An expert, and the department that keeps him or her; None: the region's office."""

    expert: Expert
    department: Department | None

    @property
    def standing(self) -> ExpertFacts:
        """What the rules ask."""
        return _facts(self.expert)


class ExpertService:
    """Use cases of experts."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def create(self, actor: Actor, new: NewExpert) -> ExpertView:
        """Enter an expert of the department; of the region, where the office does."""
        department_id = actor.acts_for(Permission.EXPERT_WRITE)
        _refuse_personal(dataclasses.asdict(new))
        require_confidentiality(new.confidentiality_signed_on, new.confidentiality_valid_to)
        async with self._db.unit_of_work(actor) as uow:
            expert = Expert(
                **dataclasses.asdict(new) | {"fields": list(new.fields)},
                id=uow.new_id(),
                region_code=actor.region_code,
                department_id=None if keeps_region(actor) else department_id,
                status=ExpertStatus.ACTIVE,
                created_at=uow.now,
                updated_at=uow.now,
            )
            uow.session.add(expert)
            await uow.flush()
            uow.audit(
                "expert.created",
                "expert",
                expert.id,
                after={"code": new.code, "name": mask_name(new.name)},
            )
            return (await _shown(uow.session, [expert]))[0]

    async def change(
        self, actor: Actor, expert_id: UUID, changes: Mapping[str, Any], version: int
    ) -> ExpertView:
        """Change what is known of an expert; the code stays."""
        actor.acts_for(Permission.EXPERT_WRITE)
        _refuse_personal(changes)
        async with self._db.unit_of_work(actor) as uow:
            expert = await _lock(uow, "change_expert", expert_id, version)
            for name, value in changes.items():
                setattr(expert, name, value)
            require_confidentiality(
                expert.confidentiality_signed_on, expert.confidentiality_valid_to
            )
            expert.updated_at = uow.now
            await uow.flush()
            uow.audit("expert.changed", "expert", expert.id, after={"changed": sorted(changes)})
            return (await _shown(uow.session, [expert]))[0]

    async def leave(
        self, actor: Actor, expert_id: UUID, version: int, left_on: dt.date, reason: str
    ) -> ExpertView:
        """The expert advises no more; the entry stays."""
        actor.acts_for(Permission.EXPERT_WRITE)
        _refuse_personal({"reason": reason})
        async with self._db.unit_of_work(actor) as uow:
            expert = await _lock(uow, "record_expert_departure", expert_id, version)
            require_departure(left_on, shanghai_date(uow.now))
            expert.status = ExpertStatus.LEFT
            expert.left_on = left_on
            expert.left_reason = reason
            expert.updated_at = uow.now
            await uow.flush()
            uow.audit("expert.left", "expert", expert.id, after={"left_on": left_on})
            return (await _shown(uow.session, [expert]))[0]

    async def get(self, actor: Actor, expert_id: UUID) -> ExpertView:
        """An expert in the caller's scope."""
        async with self._db.reading() as session:
            expert = await experts.get_expert(session, expert_id, actor.scope)
            return (await _shown(session, [expert]))[0]

    async def list(self, actor: Actor, paging: Paging, wanted: ExpertFilter) -> Slice[ExpertView]:
        """Experts in the caller's scope, in order of making."""
        async with self._db.reading() as session:
            cut = await experts.list_experts(session, actor.scope, paging, wanted)
            return Slice(await _shown(session, cut.items), cut.next_cursor, cut.total)


def _facts(expert: Expert) -> ExpertFacts:
    return ExpertFacts(expert.region_code, expert.department_id, expert.status)


async def _lock(uow: UnitOfWork, operation: str, expert_id: UUID, version: int) -> Expert:
    expert = await experts.lock_expert(uow.session, expert_id, uow.actor.scope)
    require(EXPERT, operation, _facts(expert), uow.actor)
    if expert.row_version != version:
        raise RuleError(general.STALE_VERSION)
    return expert


async def _shown(session: Reading, found: Sequence[Expert]) -> list[ExpertView]:
    ids = {one.department_id for one in found if one.department_id is not None}
    departments = await organisation.departments_by_id(session, ids)
    return [
        ExpertView(one, departments[one.department_id] if one.department_id else None)
        for one in found
    ]


def _refuse_personal(values: Mapping[str, Any]) -> None:
    """No identity-card number and no telephone in any text of an expert."""
    for value in values.values():
        texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        rules.refuse_identity_text(*texts)
        rules.refuse_contact(*texts)
