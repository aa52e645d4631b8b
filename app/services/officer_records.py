"""What happens to an officer: further certificates, absences that change, leaving, a wrong entry.

Each names the version of the officer that the caller has seen; nothing of it is lost but a row
that was entered by mistake and never used (F07).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain import certificates as certificate_rules
from app.domain import officer_library as rules
from app.domain.actions import require
from app.domain.actor import Actor, Permission
from app.domain.calendar import shanghai_date
from app.domain.lifecycle import CertificateKind, OfficerStatus
from app.domain.masking import mask_name
from app.domain.people_actions import ABSENCE, CERTIFICATE, AbsenceFacts, CertificateFacts
from app.models.library import Absence, Officer
from app.models.people import OfficerCertificate
from app.services.officers import (
    OfficerView,
    detail_of,
    lock_officer_for,
    record_status,
    require_form,
)
from app.services.runtime import Runtime
from app.storage import officer_records, officers, organisation
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """What a further certificate says."""

    kind: CertificateKind
    number: str
    issuer: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    qualification: str | None = None


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The officer, and the inspections that he or she leaves open (id, number of the sheet)."""

    view: OfficerView
    left_open: Sequence[tuple[UUID, str]]


def certificate_facts(officer: Officer, certificate: OfficerCertificate) -> CertificateFacts:
    """How a further certificate stands, for its action table."""
    return CertificateFacts(officer.department_id, certificate.withdrawn_at is not None)


def absence_facts(officer: Officer, absence: Absence) -> AbsenceFacts:
    """How an absence stands, for its action table."""
    return AbsenceFacts(
        officer.department_id, absence.starts_on, absence.ends_on, absence.cancelled
    )


class OfficerRecordService:
    """Use cases on what belongs to an officer."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database
        self._forms_hold = runtime.settings.certificate_form_required

    async def add_certificate(
        self, actor: Actor, officer_id: UUID, new: NewCertificate
    ) -> tuple[OfficerCertificate, Officer]:
        """Enter a further certificate; what a qualification proves becomes a tag of the officer."""
        actor.acts_for(Permission.OFFICER_WRITE)
        rules.refuse_identity_number(new.number)
        rules.refuse_identity_text(new.issuer, new.qualification)
        certificate_rules.require_proof(new.kind, new.qualification)
        certificate_rules.require_certificate_period(new.kind, new.valid_from, new.valid_to)
        if self._forms_hold and new.kind is CertificateKind.ENFORCEMENT:
            require_form(new.number, new.issuer)
        async with self._db.unit_of_work(actor) as uow:
            officer = await lock_officer_for(uow, "add_officer_certificate", officer_id)
            certificate = OfficerCertificate(
                id=uow.new_id(),
                officer_id=officer.id,
                kind=new.kind,
                number=new.number,
                issuer=new.issuer,
                qualification=new.qualification,
                valid_from=new.valid_from,
                valid_to=new.valid_to,
                entered_at=uow.now,
                entered_by=actor.account_id,
            )
            uow.session.add(certificate)
            if new.qualification is not None and new.qualification not in officer.tags:
                officer.tags = [*officer.tags, new.qualification]
            officers.touch(officer, uow.now)
            await uow.flush()
            uow.audit(
                "officer.certificate_added",
                "officer",
                officer.id,
                after={
                    "kind": new.kind,
                    "issuer": new.issuer,
                    "qualification": new.qualification,
                    "valid_to": new.valid_to,
                },
            )
        return certificate, officer

    async def withdraw_certificate(
        self, actor: Actor, officer_id: UUID, certificate_id: UUID, version: int, reason: str
    ) -> OfficerView:
        """Take a certificate back: revoked, lost, or entered wrongly. Its tag stays or is changed.

        A qualification that has no certificate any more counts by its tag again, so the tag goes
        with the last certificate that proved it.
        """
        actor.acts_for(Permission.OFFICER_WRITE)
        rules.refuse_identity_text(reason)
        async with self._db.unit_of_work(actor) as uow:
            officer = await lock_officer_for(uow, None, officer_id, version)
            found = await officer_records.part_of(
                uow.session, OfficerCertificate, officer, certificate_id
            )
            facts = certificate_facts(officer, found)
            require(CERTIFICATE, "withdraw_officer_certificate", facts, actor)
            found.withdrawn_at = uow.now
            found.withdrawn_by = actor.account_id
            found.withdrawn_reason = reason
            await uow.flush()
            await _drop_unproved_tag(uow, officer, found.qualification)
            officers.touch(officer, uow.now)
            await uow.flush()
            uow.audit(
                "officer.certificate_withdrawn",
                "officer",
                officer.id,
                after={"issuer": found.issuer, "qualification": found.qualification},
                reason=reason,
            )
            return await detail_of(uow.session, officer, uow.now)

    async def end_absence(
        self,
        actor: Actor,
        officer_id: UUID,
        absence_id: UUID,
        version: int,
        ends_on: dt.date,
        reason: str,
    ) -> OfficerView:
        """The officer is back earlier; the end that was recorded first stays on record."""
        actor.acts_for(Permission.OFFICER_WRITE)
        rules.refuse_identity_text(reason)
        async with self._db.unit_of_work(actor) as uow:
            officer = await lock_officer_for(uow, None, officer_id, version)
            absence = await officer_records.part_of(uow.session, Absence, officer, absence_id)
            require(ABSENCE, "end_absence", absence_facts(officer, absence), actor)
            rules.require_earlier_end(absence.starts_on, absence.ends_on, ends_on)
            before = absence.ends_on
            absence.original_ends_on = absence.original_ends_on or absence.ends_on
            absence.ends_on = ends_on
            return await _changed(uow, officer, absence, "officer.absence_ended", before, reason)

    async def cancel_absence(
        self, actor: Actor, officer_id: UUID, absence_id: UUID, version: int, reason: str
    ) -> OfficerView:
        """The absence did not take place."""
        actor.acts_for(Permission.OFFICER_WRITE)
        rules.refuse_identity_text(reason)
        async with self._db.unit_of_work(actor) as uow:
            officer = await lock_officer_for(uow, None, officer_id, version)
            absence = await officer_records.part_of(uow.session, Absence, officer, absence_id)
            require(ABSENCE, "cancel_absence", absence_facts(officer, absence), actor)
            absence.cancelled = True
            return await _changed(
                uow, officer, absence, "officer.absence_cancelled", absence.ends_on, reason
            )

    async def change_status(
        self,
        actor: Actor,
        officer_id: UUID,
        version: int,
        status: OfficerStatus,
        effective_on: dt.date,
        reason: str,
    ) -> StatusChanged:
        """Leave, go off duty, come back: since a day, for a reason. Open inspections are told.

        Who leaves keeps what is assigned until it is given to another (F20), so nothing is lost.
        """
        actor.acts_for(Permission.OFFICER_WRITE)
        rules.refuse_identity_text(reason)
        async with self._db.unit_of_work(actor) as uow:
            officer = await lock_officer_for(uow, "change_officer_status", officer_id, version)
            last = await officer_records.last_status_day(uow.session, officer)
            rules.require_status_change(
                officer.status, status, effective_on, last, shanghai_date(uow.now)
            )
            before = officer.status
            record_status(uow, officer, status, effective_on, reason)
            officer.updated_at = uow.now
            await uow.flush()
            left_open: Sequence[tuple[UUID, str]] = ()
            if status is not OfficerStatus.ACTIVE:
                left_open = await officer_records.open_sheets_of(uow.session, officer)
            # The reason may be an illness: it stays out of the trail.
            uow.audit(
                "officer.status_changed",
                "officer",
                officer.id,
                before={"status": before},
                after={"status": status, "effective_on": effective_on},
                open_inspections=len(left_open),
            )
            return StatusChanged(await detail_of(uow.session, officer, uow.now), left_open)

    async def delete(self, actor: Actor, officer_id: UUID, version: int) -> None:
        """Take out an entry that was a mistake; who was ever in use stays (409)."""
        department_id = actor.acts_for(Permission.OFFICER_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            # A freeze that has read the library holds the department until its draw can be seen.
            await organisation.lock_department(uow.session, department_id)
            officer = await lock_officer_for(uow, "delete_officer", officer_id, version)
            uow.audit(
                "officer.deleted",
                "officer",
                officer.id,
                before={"code": officer.code, "name": mask_name(officer.name)},
            )
            await officer_records.delete_officer(uow.session, officer)
            await uow.flush()


async def _changed(
    uow: UnitOfWork, officer: Officer, absence: Absence, act: str, before: dt.date, reason: str
) -> OfficerView:
    absence.changed_at = uow.now
    absence.changed_by = uow.actor.account_id
    absence.change_reason = reason
    officers.touch(officer, uow.now)
    await uow.flush()
    # The reason may be an illness: it stays out of the trail.
    uow.audit(
        act,
        "officer",
        officer.id,
        before={"starts_on": absence.starts_on, "ends_on": before},
        after={"ends_on": absence.ends_on, "cancelled": absence.cancelled},
    )
    return await detail_of(uow.session, officer, uow.now)


async def _drop_unproved_tag(uow: UnitOfWork, officer: Officer, tag: str | None) -> None:
    left = await officer_records.certificates_of(uow.session, officer)
    proved = {one.qualification for one in left if one.withdrawn_at is None}
    if tag is not None and tag not in proved:
        officer.tags = [one for one in officer.tags if one != tag]
