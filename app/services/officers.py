"""The officer library: officers, their absences and the interests they declared (R03, R05).

Nobody is deleted: who leaves is marked, and what they did stays theirs. Names go masked into the
audit trail.
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
from app.domain.library_actions import OFFICER, OfficerOfUnit
from app.domain.lifecycle import OfficerStatus
from app.domain.masking import mask_name
from app.domain.officer_library import CertificateState
from app.domain.refusals import general
from app.domain.refusals import officers as refusals
from app.models.library import Absence, Interest, Officer
from app.models.organisation import BusinessLine, Department
from app.services.checklists import find_line
from app.services.runtime import Runtime
from app.storage import objects, officers, organisation
from app.storage.officers import InterestRow, OfficerFilter
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewOfficer:
    """What an officer is made from."""

    code: str
    name: str
    business_line_code: str | None = None
    post: str | None = None
    certificate_no: str | None = None
    certificate_issuer: str | None = None
    certificate_valid_to: dt.date | None = None
    status: OfficerStatus = OfficerStatus.ACTIVE
    leader_eligible: bool = False
    tags: Sequence[str] = ()
    item_scopes: Sequence[str] = ()
    regions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class OfficerView:
    """An officer with department, business line and the state of the certificate today."""

    officer: Officer
    department: Department
    business_line: BusinessLine | None
    certificate_state: CertificateState
    absences: Sequence[Absence] = ()
    interests: Sequence[InterestRow] = ()

    @property
    def standing(self) -> OfficerOfUnit:
        """What the rules ask."""
        return OfficerOfUnit(self.officer.department_id)


class OfficerService:
    """Use cases of the officer library."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def create(self, actor: Actor, new: NewOfficer) -> OfficerView:
        """Enter an officer of the caller's department."""
        department_id = actor.acts_for(Permission.OFFICER_WRITE)
        rules.refuse_identity_number(new.code, new.certificate_no)
        rules.require_certificate(
            new.certificate_no, new.certificate_issuer, new.certificate_valid_to
        )
        rules.require_service_areas(new.regions, actor.scope.region_prefix)
        async with self._db.unit_of_work(actor) as uow:
            line = await find_line(uow, department_id, new.business_line_code)
            content = dataclasses.asdict(new)
            del content["business_line_code"]
            officer = Officer(
                **content
                | {name: list(content[name]) for name in ("tags", "item_scopes")}
                | {"regions": sorted(set(new.regions))},
                id=uow.new_id(),
                region_code=actor.region_code,
                department_id=department_id,
                business_line_id=line.id if line else None,
                created_at=uow.now,
                updated_at=uow.now,
            )
            uow.session.add(officer)
            await uow.flush()
            uow.audit(
                "officer.created",
                "officer",
                officer.id,
                after={
                    "code": new.code,
                    "name": mask_name(new.name),
                    "status": new.status,
                    "certificate_valid_to": new.certificate_valid_to,
                },
            )
            return await self._detail(uow.session, officer)

    async def change(
        self, actor: Actor, officer_id: UUID, changes: Mapping[str, Any], version: int
    ) -> OfficerView:
        """Change what is known of an officer; the code stays."""
        department_id = actor.acts_for(Permission.OFFICER_WRITE)
        values = dict(changes)
        async with self._db.unit_of_work(actor) as uow:
            officer = await _lock(uow, "change_officer", officer_id)
            if officer.row_version != version:
                raise RuleError(general.STALE_VERSION)
            if "business_line_code" in values:
                line = await find_line(uow, department_id, values.pop("business_line_code"))
                values["business_line_id"] = line.id if line else None
            if "regions" in values:
                rules.require_service_areas(values["regions"], actor.scope.region_prefix)
                values["regions"] = sorted(set(values["regions"]))
            before = _facts(officer, values)
            for name, value in values.items():
                setattr(officer, name, value)
            rules.refuse_identity_number(officer.certificate_no)
            rules.require_certificate(
                officer.certificate_no, officer.certificate_issuer, officer.certificate_valid_to
            )
            officer.updated_at = uow.now
            await uow.flush()
            uow.audit(
                "officer.changed",
                "officer",
                officer.id,
                before=before,
                after=_facts(officer, values),
            )
            return await self._detail(uow.session, officer)

    async def add_absence(
        self, actor: Actor, officer_id: UUID, starts_on: dt.date, ends_on: dt.date, reason: str
    ) -> tuple[Absence, Officer]:
        """Record days on which an officer can not inspect."""
        actor.acts_for(Permission.OFFICER_WRITE)
        rules.require_period(starts_on, ends_on)
        async with self._db.unit_of_work(actor) as uow:
            officer = await _lock(uow, "record_absence", officer_id)
            absence = Absence(
                id=uow.new_id(),
                officer_id=officer.id,
                starts_on=starts_on,
                ends_on=ends_on,
                reason=reason,
            )
            uow.session.add(absence)
            officers.touch(officer, uow.now)
            await uow.flush()
            # The reason may be an illness: it stays out of the trail.
            uow.audit(
                "officer.absence_recorded",
                "officer",
                officer.id,
                after={"starts_on": starts_on, "ends_on": ends_on},
            )
        return absence, officer

    async def add_interest(
        self, actor: Actor, officer_id: UUID, object_code: str, ground: str
    ) -> tuple[InterestRow, Officer]:
        """Record that an officer may not inspect an object (recusal, N11), by its public code."""
        actor.acts_for(Permission.OFFICER_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            officer = await _lock(uow, "declare_interest", officer_id)
            subject = await objects.find_by_code(uow.session, actor.region_code, object_code)
            if subject is None:
                raise RuleError(refusals.INTEREST_OBJECT_UNKNOWN)
            interest = Interest(
                id=uow.new_id(),
                officer_id=officer.id,
                object_id=subject.id,
                ground=ground,
                declared_at=uow.now,
                declared_by=actor.account_id,
            )
            uow.session.add(interest)
            officers.touch(officer, uow.now)
            await uow.flush()
            uow.audit(
                "officer.interest_declared",
                "officer",
                officer.id,
                after={"object": subject.code},
            )
        return InterestRow(interest, subject.code, subject.name), officer

    async def get(self, actor: Actor, officer_id: UUID) -> OfficerView:
        """An officer in the caller's scope, with absences and interests."""
        async with self._db.reading() as session:
            officer = await officers.get_officer(session, officer_id, actor.scope)
            return await self._detail(session, officer)

    async def list(self, actor: Actor, paging: Paging, wanted: OfficerFilter) -> Slice[OfficerView]:
        """Officers in the caller's scope, in order of making."""
        async with self._db.reading() as session:
            cut = await officers.list_officers(session, actor.scope, paging, wanted)
            views = await self._shown(session, cut.items)
            return Slice(views, cut.next_cursor, cut.total)

    async def _detail(self, session: Any, officer: Officer) -> OfficerView:
        view = (await self._shown(session, [officer]))[0]
        return dataclasses.replace(
            view,
            absences=await officers.absences_of(session, officer),
            interests=await officers.interests_of(session, officer),
        )

    async def _shown(self, session: Any, found: Sequence[Officer]) -> Sequence[OfficerView]:
        today = shanghai_date(self._db.clock.now())
        departments = await organisation.departments_by_id(
            session, {o.department_id for o in found}
        )
        lines = await organisation.business_lines_by_id(
            session, {o.business_line_id for o in found if o.business_line_id is not None}
        )
        return [
            OfficerView(
                officer,
                departments[officer.department_id],
                lines[officer.business_line_id] if officer.business_line_id else None,
                rules.certificate_state(
                    officer.certificate_no, officer.certificate_valid_to, today
                ),
            )
            for officer in found
        ]


async def _lock(uow: UnitOfWork, operation: str, officer_id: UUID) -> Officer:
    officer = await officers.lock_officer(uow.session, officer_id, uow.actor.scope)
    require(OFFICER, operation, OfficerOfUnit(officer.department_id), uow.actor)
    return officer


def _facts(officer: Officer, names: Mapping[str, Any]) -> dict[str, Any]:
    """Values for the trail, the name masked."""
    facts = {name: getattr(officer, name) for name in names}
    if "name" in facts:
        facts["name"] = mask_name(officer.name)
    return facts
