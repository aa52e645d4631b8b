"""The officer library: officers, their absences and the interests they declared (R03, R05).

Who leaves is marked, and what they did stays theirs; further certificates, the status and
recusals have services of their own. Names go masked into the audit trail.
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
from app.domain.calendar import shanghai_date, start_of_day
from app.domain.certificates import CertificateForm, odd_form
from app.domain.errors import RuleError
from app.domain.library_actions import OFFICER, OfficerOfUnit
from app.domain.lifecycle import OfficerStatus
from app.domain.masking import mask_name
from app.domain.officer_library import CertificateState
from app.domain.refusals import general
from app.domain.refusals import officers as refusals
from app.models.library import Absence, Officer
from app.models.organisation import BusinessLine, Department
from app.models.people import OfficerCertificate, OfficerStatusChange
from app.reference.certificate_forms import certificate_forms
from app.services.checklists import find_line
from app.services.runtime import Runtime
from app.storage import officer_facts, officer_records, officers, organisation
from app.storage.engine import Reading
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
    specialties: Sequence[str] = ()
    item_scopes: Sequence[str] = ()
    regions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class OfficerView:
    """An officer with department, business line, the state of certificates today, and load."""

    officer: Officer
    department: Department
    business_line: BusinessLine | None
    certificate_state: CertificateState
    load: int = 0
    """Inspections assigned this year: what a freeze takes."""
    absences: Sequence[Absence] = ()
    interests: Sequence[InterestRow] = ()
    certificates: Sequence[OfficerCertificate] = ()
    status_changes: Sequence[OfficerStatusChange] = ()
    used_in: tuple[str, ...] = ()

    @property
    def standing(self) -> OfficerOfUnit:
        """What the rules ask."""
        return OfficerOfUnit(self.officer.department_id, self.used_in)

    @property
    def odd_form(self) -> CertificateForm | None:
        """The issuer's form that the principal certificate's number does not have."""
        officer = self.officer
        return odd_form(officer.certificate_no, officer.certificate_issuer, certificate_forms())


_CERTIFICATE = frozenset({"certificate_no", "certificate_issuer", "certificate_valid_to"})


class OfficerService:
    """Use cases of the officer library."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database
        self._forms_hold = runtime.settings.certificate_form_required

    async def create(self, actor: Actor, new: NewOfficer) -> OfficerView:
        """Enter an officer of the caller's department."""
        department_id = actor.acts_for(Permission.OFFICER_WRITE)
        rules.refuse_identity_number(new.code, new.certificate_no)
        refuse_identity_anywhere(dataclasses.asdict(new))
        rules.require_certificate(
            new.certificate_no, new.certificate_issuer, new.certificate_valid_to
        )
        if self._forms_hold:
            require_form(new.certificate_no, new.certificate_issuer)
        rules.require_service_areas(new.regions, actor.scope.region_prefix)
        async with self._db.unit_of_work(actor) as uow:
            line = await find_line(uow, department_id, new.business_line_code)
            content = dataclasses.asdict(new)
            del content["business_line_code"]
            officer = Officer(
                **content
                | {name: list(content[name]) for name in ("tags", "specialties", "item_scopes")}
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
            return await detail_of(uow.session, officer, uow.now)

    async def change(
        self, actor: Actor, officer_id: UUID, changes: Mapping[str, Any], version: int
    ) -> OfficerView:
        """Change what is known of an officer; the code stays."""
        department_id = actor.acts_for(Permission.OFFICER_WRITE)
        values = dict(changes)
        refuse_identity_anywhere(values)
        async with self._db.unit_of_work(actor) as uow:
            officer = await lock_officer_for(uow, "change_officer", officer_id, version)
            if "business_line_code" in values:
                line = await find_line(uow, department_id, values.pop("business_line_code"))
                values["business_line_id"] = line.id if line else None
            if "regions" in values:
                rules.require_service_areas(values["regions"], actor.scope.region_prefix)
                values["regions"] = sorted(set(values["regions"]))
            before = _facts(officer, values)
            if values.get("status", officer.status) is not officer.status:
                record_status(uow, officer, values["status"], shanghai_date(uow.now), None)
            for name, value in values.items():
                setattr(officer, name, value)
            rules.refuse_identity_number(officer.certificate_no)
            if _CERTIFICATE & set(values):  # a file may have entered half of one (R03)
                rules.require_certificate(
                    officer.certificate_no, officer.certificate_issuer, officer.certificate_valid_to
                )
            if self._forms_hold and {"certificate_no", "certificate_issuer"} & set(values):
                require_form(officer.certificate_no, officer.certificate_issuer)
            officer.updated_at = uow.now
            await uow.flush()
            uow.audit(
                "officer.changed",
                "officer",
                officer.id,
                before=before,
                after=_facts(officer, values),
            )
            return await detail_of(uow.session, officer, uow.now)

    async def add_absence(
        self, actor: Actor, officer_id: UUID, starts_on: dt.date, ends_on: dt.date, reason: str
    ) -> tuple[Absence, Officer]:
        """Record days on which an officer can not inspect."""
        actor.acts_for(Permission.OFFICER_WRITE)
        rules.require_period(starts_on, ends_on)
        rules.refuse_identity_text(reason)
        async with self._db.unit_of_work(actor) as uow:
            officer = await lock_officer_for(uow, "record_absence", officer_id)
            others = await officer_records.spans_of_absence(uow.session, officer)
            rules.require_no_overlap(starts_on, ends_on, others)
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

    async def get(self, actor: Actor, officer_id: UUID) -> OfficerView:
        """An officer in the caller's scope, with absences and interests."""
        async with self._db.reading() as session:
            officer = await officers.get_officer(session, officer_id, actor.scope)
            return await detail_of(session, officer, self._db.clock.now())

    async def list(self, actor: Actor, paging: Paging, wanted: OfficerFilter) -> Slice[OfficerView]:
        """Officers in the caller's scope, in order of making."""
        async with self._db.reading() as session:
            cut = await officers.list_officers(session, actor.scope, paging, wanted)
            views = await officers_shown(session, cut.items, self._db.clock.now())
            return Slice(views, cut.next_cursor, cut.total)


async def detail_of(session: Reading, officer: Officer, now: dt.datetime) -> OfficerView:
    """All that is known of an officer whom the caller has read or locked in its scope."""
    view = (await officers_shown(session, [officer], now))[0]
    return dataclasses.replace(
        view,
        absences=await officers.absences_of(session, officer),
        interests=await officers.interests_of(session, officer),
        certificates=await officer_records.certificates_of(session, officer),
        status_changes=await officer_records.status_changes_of(session, officer),
        used_in=await officer_facts.uses_of(session, officer),
    )


async def officers_shown(
    session: Reading, found: Sequence[Officer], now: dt.datetime
) -> Sequence[OfficerView]:
    """Officers as lists show them, whom the caller has read in its scope."""
    today = shanghai_date(now)
    ids = [officer.id for officer in found]
    departments = await organisation.departments_by_id(session, {o.department_id for o in found})
    lines = await organisation.business_lines_by_id(
        session, {o.business_line_id for o in found if o.business_line_id is not None}
    )
    further = await officer_facts.certificates_of(session, officer_facts.by_id(ids))
    loads = await officer_facts.loads_of(session, ids, start_of_year(today))
    return [
        OfficerView(
            officer,
            departments[officer.department_id],
            lines[officer.business_line_id] if officer.business_line_id else None,
            rules.certificate_state(
                officer.certificate_valid_to, further.get(officer.id, ()), today
            ),
            loads.get(officer.id, 0),
        )
        for officer in found
    ]


def start_of_year(today: dt.date) -> dt.datetime:
    """The first instant of the year in which loads are counted."""
    return start_of_day(dt.date(today.year, 1, 1))


async def lock_officer_for(
    uow: UnitOfWork, operation: str | None, officer_id: UUID, version: int | None = None
) -> Officer:
    """An officer of the own department, locked for an operation that its action table allows.

    Without an operation for one on a part of it, which has a table of its own.
    """
    officer = await officers.lock_officer(uow.session, officer_id, uow.actor.scope)
    if version is not None and officer.row_version != version:
        raise RuleError(general.STALE_VERSION)
    if operation is not None:
        used_in: tuple[str, ...] = ()
        if operation == "delete_officer":
            used_in = await officer_facts.uses_of(uow.session, officer)
        require(OFFICER, operation, OfficerOfUnit(officer.department_id, used_in), uow.actor)
    return officer


def record_status(
    uow: UnitOfWork, officer: Officer, status: OfficerStatus, day: dt.date, reason: str | None
) -> None:
    """The officer's new status, and the change of it as a row that stays."""
    officer.status = status
    officer.status_changed_on = day
    officer.status_reason = reason
    uow.session.add(
        OfficerStatusChange(
            id=uow.new_id(),
            officer_id=officer.id,
            status=status,
            effective_on=day,
            reason=reason,
            recorded_at=uow.now,
            recorded_by=uow.actor.account_id,
        )
    )


def refuse_identity_anywhere(values: Mapping[str, Any]) -> None:
    """No identity-card number in any text, single or in a list."""
    for value in values.values():
        if isinstance(value, str):
            rules.refuse_identity_text(value)
        elif isinstance(value, Sequence):
            rules.refuse_identity_text(*(one for one in value if isinstance(one, str)))


def require_form(number: str | None, issuer: str | None) -> None:
    """Refuse a number that does not have its issuer's form, where the site wants it refused."""
    form = odd_form(number, issuer, certificate_forms())
    if form is not None:
        raise RuleError(refusals.CERTIFICATE_FORM, source=form.source)


def _facts(officer: Officer, names: Mapping[str, Any]) -> dict[str, Any]:
    """Values for the trail, the name masked."""
    facts = {name: getattr(officer, name) for name in names}
    if "name" in facts:
        facts["name"] = mask_name(officer.name)
    return facts
