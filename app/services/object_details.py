"""Licences and contacts of objects: a department's own, beside its entry.

Personal data leave by one door, `reveal`, which asks for a reason and is audited; neither the trace
nor an answer kept for a retry holds them.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.actions import require
from app.domain.actor import Actor, Permission
from app.domain.calendar import shanghai_date
from app.domain.errors import RuleError
from app.domain.masking import mask_text
from app.domain.object_actions import LICENCE, LicenceFacts
from app.domain.object_details import Contact, Validity, require_validity
from app.domain.object_library import EventKind
from app.domain.refusals import general
from app.models.library import InspectionObject
from app.models.object_details import Licence, ObjectContact
from app.services.object_history import append, history_of
from app.services.objects import lock_seen
from app.services.runtime import Runtime
from app.storage import object_details, objects
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewLicence:
    """A licence as it was issued."""

    name: str
    number: str
    issuer: str
    approved_on: dt.date
    valid_to: dt.date | None
    long_term: bool
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ContactView:
    """Whom to contact, masked or not, and the object's version."""

    contact: Contact
    updated_at: dt.datetime | None
    version: int


class LicenceService:
    """Use cases of licences."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def list(
        self,
        actor: Actor,
        paging: Paging,
        object_id: UUID | None = None,
        expires_before: dt.date | None = None,
    ) -> Slice[Licence]:
        """Licences in the caller's scope."""
        async with self._db.reading() as session:
            return await object_details.list_licences(
                session, actor.scope, paging, object_id, expires_before
            )

    async def get(self, actor: Actor, licence_id: UUID) -> Licence:
        """A licence in the caller's scope."""
        async with self._db.reading() as session:
            return await object_details.get_licence(session, licence_id, actor.scope)

    async def add(self, actor: Actor, object_id: UUID, version: int, new: NewLicence) -> Licence:
        """Enter a licence of an object of the own library."""
        department_id = actor.acts_for(Permission.OBJECT_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            subject, _ = await lock_seen(uow, "add_object_licence", object_id, version)
            validity = Validity(new.approved_on, new.valid_to, new.long_term)
            require_validity(validity, shanghai_date(uow.now))
            licence = Licence(
                id=uow.new_id(),
                department_id=department_id,
                object_id=object_id,
                code=new.code,
                name=new.name,
                number=new.number,
                issuer=new.issuer,
                approved_on=new.approved_on,
                valid_to=new.valid_to,
                long_term=new.long_term,
                created_at=uow.now,
                updated_at=uow.now,
            )
            uow.session.add(licence)
            await _note(uow, subject, licence, {}, None)
            uow.audit("licence.added", "object_licence", licence.id, after=_facts(licence))
        return licence

    async def change(
        self, actor: Actor, licence_id: UUID, version: int, changes: Mapping[str, Any]
    ) -> Licence:
        """Renew or correct a licence; what it said stays in the object's history."""
        return await self._change(actor, "change_object_licence", licence_id, version, changes)

    async def end(
        self, actor: Actor, licence_id: UUID, version: int, ended_on: dt.date, reason: str
    ) -> Licence:
        """Given back or taken away before its time."""
        changes = {"ended_on": ended_on}
        return await self._change(actor, "end_object_licence", licence_id, version, changes, reason)

    async def _change(
        self,
        actor: Actor,
        operation: str,
        licence_id: UUID,
        version: int,
        changes: Mapping[str, Any],
        reason: str | None = None,
    ) -> Licence:
        actor.acts_for(Permission.OBJECT_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            seen = await object_details.get_licence(uow.session, licence_id, actor.scope)
            # The object first, as everywhere: whoever changes both would else meet in the middle.
            subject, _ = await objects.lock_object(uow.session, seen.object_id, actor.scope)
            licence = await object_details.lock_licence(uow.session, licence_id, actor.scope)
            facts = LicenceFacts(licence.department_id, licence.ended_on is not None)
            require(LICENCE, operation, facts, actor)
            if licence.row_version != version:
                raise RuleError(general.STALE_VERSION)
            before = _facts(licence)
            for name, value in changes.items():
                setattr(licence, name, value)
            validity = Validity(
                licence.approved_on, licence.valid_to, licence.long_term, licence.ended_on
            )
            today = shanghai_date(uow.now)
            require_validity(validity, today)
            licence.updated_at = uow.now
            await _note(uow, subject, licence, before, reason)
            uow.audit(
                "licence.ended" if "ended_on" in changes else "licence.changed",
                "object_licence",
                licence_id,
                before=before,
                after=_facts(licence),
                reason=reason,
            )
        return licence


def _facts(licence: Licence) -> dict[str, Any]:
    names = ("code", "name", "number", "issuer", "approved_on", "valid_to", "long_term", "ended_on")
    values = {name: getattr(licence, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in values.items()
    }


async def _note(
    uow: UnitOfWork,
    subject: InspectionObject,
    licence: Licence,
    before: Mapping[str, Any],
    reason: str | None,
) -> None:
    """An event of the object's history: of its own field, so it changes nothing else."""
    history = await history_of(uow, subject)
    event = append(
        uow,
        subject,
        history,
        EventKind.LICENCE,
        shanghai_date(uow.now),
        {"licence": _facts(licence)},
        reason,
    )
    event.before = {"licence": dict(before)} if before else {}
    objects.touch(subject, uow.now)
    await uow.flush()


class ContactService:
    """Use cases of contact data."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def get(self, actor: Actor, object_id: UUID) -> ContactView:
        """Whom to contact, masked, as the own department keeps it."""
        async with self._db.reading() as session:
            subject = await objects.get_object(session, object_id, actor.scope)
            found = await object_details.find_contact(session, object_id, actor.scope)
        return _view(found, subject.row_version, masked=True)

    async def set(
        self, actor: Actor, object_id: UUID, version: int, contact: Contact
    ) -> ContactView:
        """Write whom to contact; nobody at all clears it."""
        department_id = actor.acts_for(Permission.OBJECT_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            subject, _ = await lock_seen(uow, "set_object_contact", object_id, version)
            found = await object_details.find_contact(uow.session, object_id, actor.scope)
            had = _contact(found).told()
            if contact.is_empty:
                await object_details.clear_contact(uow.session, object_id, actor.scope)
                found = None
            else:
                if found is None:
                    found = ObjectContact(department_id=department_id, object_id=object_id)
                    uow.session.add(found)
                found.legal_representative = contact.legal_representative
                found.liaison = contact.liaison
                found.phone = contact.phone
                found.updated_at = uow.now
                found.updated_by = actor.account_id
            objects.touch(subject, uow.now)
            await uow.flush()
            uow.audit(
                "object_contact.changed",
                "inspection_object",
                object_id,
                before={"fields": had},
                after={"fields": contact.told()},
            )
            return _view(found, subject.row_version, masked=True)

    async def reveal(self, actor: Actor, object_id: UUID, reason: str) -> ContactView:
        """The full data, for a reason, on record."""
        actor.acts_for(Permission.OBJECT_CONTACT)
        async with self._db.unit_of_work(actor) as uow:
            subject, _ = await objects.lock_object(uow.session, object_id, actor.scope)
            found = await object_details.find_contact(uow.session, object_id, actor.scope)
            view = _view(found, subject.row_version, masked=False)
            uow.audit(
                "object_contact.revealed",
                "inspection_object",
                object_id,
                fields=view.contact.told(),
                reason=mask_text(reason),
            )
        return view


def _contact(found: ObjectContact | None) -> Contact:
    if found is None:
        return Contact()
    return Contact(found.legal_representative, found.liaison, found.phone)


def _view(found: ObjectContact | None, version: int, *, masked: bool) -> ContactView:
    contact = _contact(found)
    return ContactView(
        contact.masked() if masked else contact, found.updated_at if found else None, version
    )
