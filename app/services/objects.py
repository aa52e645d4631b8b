"""Inspection objects: one subject per region and code, one entry per department (R02, R05).

Whoever enters a subject that another department entered before joins it: the subject's data stay
as they are, the entry is the department's own.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.domain import object_library as rules
from app.domain.actions import require
from app.domain.actor import Actor, Permission
from app.domain.calendar import shanghai_date
from app.domain.errors import FieldError, RuleError
from app.domain.library_actions import OBJECT, ObjectFacts
from app.domain.lifecycle import IdScheme, ObjectKind, ObjectStatus, RiskClass
from app.domain.object_attributes import missing_attributes, require_attributes
from app.domain.object_history import FIELDS
from app.domain.object_library import EventKind
from app.domain.refusals import general
from app.domain.refusals import object_cases as cases
from app.domain.refusals import objects as refusals
from app.models.library import InspectionObject, LibraryEntry
from app.services.object_event_batch import apply_waiting
from app.services.object_history import append, history_of, masked, plain_facts, settle
from app.services.object_merges import propose_merges
from app.services.runtime import Runtime
from app.storage import object_history, object_merges, objects
from app.storage.objects import EntryRow, ObjectFilter
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork
from app.tabular.industry import is_industry_code

SUBJECT_FIELDS = tuple(
    name for name in FIELDS if name not in {"responsible_object_id", "status", "attributes"}
)
RISK_FIELDS = frozenset({"risk_class", "risk_source", "risk_on"})
ENTRY_FIELDS = ("tags", "special_libraries")


@dataclass(frozen=True, slots=True)
class NewObject:
    """What an object is made from."""

    kind: ObjectKind
    id_scheme: IdScheme
    id_value: str
    name: str
    area_code: str
    address: str | None = None
    industry_code: str | None = None
    status: ObjectStatus = ObjectStatus.ACTIVE
    risk_class: RiskClass = RiskClass.UNRATED
    risk_source: str | None = None
    risk_on: dt.date | None = None
    responsible_object_code: str | None = None
    tags: Sequence[str] = ()
    special_libraries: Sequence[str] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    effective_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ObjectView:
    """An object with the entries that the caller may see."""

    subject: InspectionObject
    entries: Sequence[EntryRow]
    responsible_code: str | None
    joined: bool = False
    warnings: tuple[FieldError, ...] = ()
    answers_for: Sequence[InspectionObject] = ()
    merged_codes: Sequence[tuple[UUID, str]] = ()
    merged_into_code: str | None = None

    @property
    def standing(self) -> ObjectFacts:
        """What the rules ask."""
        return facts_of(row.entry for row in self.entries)


def facts_of(entries: Iterable[LibraryEntry]) -> ObjectFacts:
    """Who supervises an object, for `app/domain/library_actions.py`."""
    return ObjectFacts(frozenset(entry.department_id for entry in entries))


class ObjectService:
    """Use cases of the object library."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def create(self, actor: Actor, new: NewObject) -> ObjectView:
        """Enter an object into the caller's library, or join the subject another one entered."""
        department_id = actor.acts_for(Permission.OBJECT_WRITE)
        rules.require_identifier(new.kind, new.id_scheme, new.id_value)
        rules.require_responsible(new.kind, named=new.responsible_object_code is not None)
        async with self._db.unit_of_work(actor) as uow:
            await object_history.hold_events(uow.session, department_id)
            rules.require_area(new.area_code, actor.scope.region_prefix)
            _check_industry(new.industry_code)
            responsible = await find_responsible(uow, new.responsible_object_code)
            subject = await objects.find_subject(
                uow.session, actor.region_code, new.id_scheme, new.id_value
            )
            entered = None if subject else await self._enter(uow, new, responsible)
            if subject is None and entered is None:  # another department was faster: join its one
                subject = await objects.find_subject(
                    uow.session, actor.region_code, new.id_scheme, new.id_value
                )
            joined = entered is None
            doubts: tuple[FieldError, ...] = ()
            subject = subject or entered
            if subject is None:
                raise RuleError(refusals.OBJECT_CODE_TAKEN)
            if subject.merged_into_id is not None:
                raise await _merged(uow, subject)
            if joined:
                if await objects.find_entry(uow.session, department_id, subject.id) is not None:
                    raise RuleError(refusals.OBJECT_EXISTS, object_id=str(subject.id))
                doubts = _differences(subject, new)
            uow.session.add(_entry(uow, department_id, subject.id, new))
            await uow.flush()
            waited = await apply_waiting(uow)
            proposed = await propose_merges(uow, () if joined else (subject.id,))
            uow.audit(
                "object.joined" if joined else "object.created",
                "inspection_object",
                subject.id,
                after={"code": subject.code, "kind": subject.kind, "status": subject.status},
                events_that_waited=waited,
                merges_proposed=proposed,
            )
            view = (await shown(uow.session, [subject], actor))[0]
        return ObjectView(
            subject, view.entries, view.responsible_code, joined, (*view.warnings, *doubts)
        )

    async def _enter(
        self, uow: UnitOfWork, new: NewObject, responsible: InspectionObject | None
    ) -> InspectionObject | None:
        """The subject itself, with the first event of its history; None: somebody has it now."""
        today = shanghai_date(uow.now)
        effective_on = new.effective_on or today
        rules.require_past(effective_on, today)
        rules.require_risk(new.risk_class, new.risk_source, new.risk_on, today)
        require_attributes(new.kind, new.attributes)
        values = {name: getattr(new, name) for name in SUBJECT_FIELDS}
        values |= {
            "id": uow.new_id(),
            "region_code": uow.actor.region_code,
            "code": new.id_value,
            "kind": new.kind,
            "id_scheme": new.id_scheme,
            "id_value": new.id_value,
            "status": new.status,
            "responsible_object_id": responsible.id if responsible else None,
            "attributes": dict(new.attributes),
            "created_at": uow.now,
            "updated_at": uow.now,
        }
        subject = (await objects.add_subjects(uow.session, [values])).get(new.id_value)
        if subject is None:
            return None
        append(uow, subject, [], EventKind.ESTABLISHED, effective_on, plain_facts(subject), None)
        return subject

    async def change(
        self, actor: Actor, object_id: UUID, changes: Mapping[str, Any], version: int
    ) -> ObjectView:
        """Change the subject's data (an event of its history) or the department's own entry."""
        actor.acts_for(Permission.OBJECT_WRITE)
        values = dict(changes)
        effective_on, reason = values.pop("effective_on", None), values.pop("reason", None)
        entry_values = {name: values.pop(name) for name in ENTRY_FIELDS if name in values}
        async with self._db.unit_of_work(actor) as uow:
            subject, entry = await lock_seen(uow, "change_inspection_object", object_id, version)
            await resolve(uow, subject, values)
            before = plain_facts(subject, values)
            before_entry = {name: list(getattr(entry, name)) for name in entry_values}
            for name, changed in entry_values.items():
                setattr(entry, name, changed)
            if values:
                today = shanghai_date(uow.now)
                day = effective_on or today
                rules.require_past(day, today)
                history = await history_of(uow, subject)
                append(uow, subject, history, EventKind.CHANGED, day, values, reason)
                settle(uow, subject, history)
                if {"name", "address"} & set(values):
                    await propose_merges(uow, [object_id])
            objects.touch(subject, uow.now)
            after = plain_facts(subject, values)
            await uow.flush()
            uow.audit(
                "object.changed",
                "inspection_object",
                object_id,
                before=masked(before | before_entry),
                after=masked(after | entry_values),
                reason=reason,
            )
            return (await shown(uow.session, [subject], actor))[0]

    async def get(self, actor: Actor, object_id: UUID) -> ObjectView:
        """An object in the caller's scope."""
        async with self._db.reading() as session:
            subject = await objects.get_object(session, object_id, actor.scope)
            view = (await shown(session, [subject], actor))[0]
            into = subject.merged_into_id
            codes = await objects.codes_by_id(session, {into} if into else set())
            merged = await object_merges.merged_codes(session, [subject.id])
            return dataclasses.replace(
                view,
                answers_for=await object_merges.dependents_of(session, subject.id, actor.scope),
                merged_codes=merged.get(subject.id, ()),
                merged_into_code=next(iter(codes.values()), None),
            )

    async def list(self, actor: Actor, paging: Paging, wanted: ObjectFilter) -> Slice[ObjectView]:
        """Objects in the caller's scope, in order of making."""
        async with self._db.reading() as session:
            cut = await objects.list_objects(session, actor.scope, paging, wanted)
            views = await shown(session, cut.items, actor)
            return Slice(views, cut.next_cursor, cut.total)


async def _merged(uow: UnitOfWork, subject: InspectionObject) -> RuleError:
    """Where a merged object went; the code is public, the id is told to who may see it."""
    assert subject.merged_into_id is not None
    into = subject.merged_into_id
    codes = await objects.codes_by_id(uow.session, {into})
    return RuleError(cases.OBJECT_MERGED, object_code=codes[into])


async def lock_seen(
    uow: UnitOfWork, operation: str, object_id: UUID, version: int
) -> tuple[InspectionObject, LibraryEntry]:
    """The object with the caller's entry for it, locked, in the version that the caller saw."""
    subject, entry = await objects.lock_object(uow.session, object_id, uow.actor.scope)
    if subject.row_version != version:
        raise RuleError(general.STALE_VERSION)
    require(OBJECT, operation, facts_of([entry]), uow.actor)
    return subject, entry


async def find_responsible(uow: UnitOfWork, code: str | None) -> InspectionObject | None:
    """Who answers for a product, project or activity: a subject of the region (R07)."""
    if code is None:
        return None
    found = await objects.find_by_code(uow.session, uow.actor.region_code, code)
    if found is None or not rules.is_subject(found.kind):
        raise RuleError(refusals.RESPONSIBLE_UNKNOWN)
    return found


def _risk(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "risk_class": said["risk_class"],
        "source": said["risk_source"],
        "on": said["risk_on"],
    }


async def resolve(uow: UnitOfWork, subject: InspectionObject, values: dict[str, Any]) -> None:
    """Check what was sent for a subject; who answers for it becomes an id."""
    if "area_code" in values:
        rules.require_area(values["area_code"], uow.actor.scope.region_prefix)
    _check_industry(values.get("industry_code"))
    if "attributes" in values:
        require_attributes(subject.kind, values["attributes"])
    if RISK_FIELDS & set(values):
        said = {name: values.get(name, getattr(subject, name)) for name in RISK_FIELDS}
        rules.require_risk(today=shanghai_date(uow.now), **_risk(said))
    if "responsible_object_code" in values:
        code = values.pop("responsible_object_code")
        rules.require_responsible(subject.kind, named=code is not None)
        responsible = await find_responsible(uow, code)
        values["responsible_object_id"] = responsible.id if responsible else None


async def shown(
    session: Any, subjects: Sequence[InspectionObject], actor: Actor
) -> list[ObjectView]:
    """Objects with what the caller may see of their entries."""
    entries = await objects.entries_of(session, [s.id for s in subjects], actor.scope)
    responsible = await objects.codes_by_id(
        session, {s.responsible_object_id for s in subjects if s.responsible_object_id}
    )
    return [
        ObjectView(
            subject,
            entries.get(subject.id, []),
            responsible.get(subject.responsible_object_id)
            if subject.responsible_object_id
            else None,
            warnings=(
                *rules.identifier_warnings(subject.kind, subject.id_scheme, subject.id_value),
                *missing_attributes(subject.kind, subject.attributes),
            ),
        )
        for subject in subjects
    ]


def _entry(uow: UnitOfWork, department_id: UUID, object_id: UUID, new: NewObject) -> LibraryEntry:
    return LibraryEntry(
        id=uow.new_id(),
        department_id=department_id,
        object_id=object_id,
        tags=list(new.tags),
        special_libraries=list(new.special_libraries),
        created_at=uow.now,
    )


def _check_industry(code: str | None) -> None:
    if code is not None and not is_industry_code(code):
        raise RuleError(refusals.INDUSTRY_UNKNOWN)


def _differences(subject: InspectionObject, new: NewObject) -> tuple[FieldError, ...]:
    """Where what was sent differs from what another department had entered before."""
    sent = {"kind": new.kind, "name": new.name, "area_code": new.area_code, "status": new.status}
    optional = {"address": new.address, "industry_code": new.industry_code}
    sent |= {name: value for name, value in optional.items() if value is not None}
    if new.risk_class is not RiskClass.UNRATED:
        sent["risk_class"] = new.risk_class
    return tuple(
        refusals.DIFFERS_FROM_LIBRARY.at(f"/{name}")
        for name, value in sent.items()
        if getattr(subject, name) != value
    )
