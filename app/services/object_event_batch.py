"""Events of a register in bulk: idempotent, and in whatever order they arrive (DOMAIN F06).

An establishment of an unknown code makes the subject, or the department's entry; any other event
of a code that the department's library does not have waits, and is recorded when the object comes.
Whether another department has the code is not told. What holds then follows from the history, which
does not depend on the order of arrival.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.domain import object_history as history_rules
from app.domain.actor import Actor, Permission, region_prefix
from app.domain.calendar import shanghai_date
from app.domain.errors import FieldError, Refusal
from app.domain.lifecycle import ObjectStatus, RiskClass
from app.domain.object_attributes import attribute_faults
from app.domain.object_cases import EventOutcome, WaitingStatus
from app.domain.object_events import (
    EventRow,
    EventVerdict,
    content_digest,
    content_of,
    fault_of,
    row_of,
    scheme_of,
)
from app.domain.object_library import EventKind, is_subject
from app.domain.refusals import object_events as said
from app.domain.refusals import objects as refusals
from app.domain.refusals.verdicts import Verdict
from app.models.library import InspectionObject, ObjectEvent
from app.models.object_history import WaitingEvent
from app.services import object_flags
from app.services.object_history import Origin, append, settle_all
from app.services.object_merges import propose_merges
from app.services.runtime import Runtime
from app.storage import object_history, objects, organisation
from app.storage.uow import UnitOfWork
from app.tabular.industry import is_industry_code


def _verdict(refusal: Refusal) -> Verdict:
    return Verdict(refusal.code, refusal.zh, refusal.en)


_RESPONSIBLE_UNKNOWN = _verdict(refusals.RESPONSIBLE_UNKNOWN)
_INDUSTRY_UNKNOWN = _verdict(refusals.INDUSTRY_UNKNOWN)
_CODE_TAKEN = _verdict(refusals.OBJECT_CODE_TAKEN)
_OUTCOME_SAID = {
    EventOutcome.ACCEPTED: said.ROW_ACCEPTED,
    EventOutcome.DUPLICATE: said.ROW_DUPLICATE,
    EventOutcome.WAITING: said.ROW_WAITING,
}


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What became of every row, and of events that had waited."""

    source: str
    verdicts: Sequence[EventVerdict]
    applied_later: int

    def count(self, outcome: EventOutcome) -> int:
        """How many rows ended so."""
        return sum(one.outcome is outcome for one in self.verdicts)


@dataclass(slots=True)
class _Batch:
    """What a batch has locked and read, by code, and what it has said so far."""

    department_id: UUID
    source: str
    import_batch_id: UUID | None = None
    own: dict[str, InspectionObject] = field(default_factory=dict)
    histories: dict[UUID, list[ObjectEvent]] = field(default_factory=dict)
    recorded: dict[str, ObjectEvent] = field(default_factory=dict)
    waited: dict[str, WaitingEvent] = field(default_factory=dict)
    verdicts: dict[int, EventVerdict] = field(default_factory=dict)
    touched: dict[UUID, InspectionObject] = field(default_factory=dict)
    answering: dict[str, InspectionObject] = field(default_factory=dict)

    def say(
        self,
        row: EventRow,
        outcome: EventOutcome,
        why: FieldError | None = None,
        event: ObjectEvent | None = None,
    ) -> None:
        subject = self.own.get(row.object_code)
        self.verdicts[row.row] = EventVerdict(
            row.row,
            row.external_id,
            outcome,
            why or _OUTCOME_SAID[outcome].at(""),
            subject.id if subject is not None else None,
            event.id if event is not None else None,
        )


class ObjectEventBatchService:
    """The use case of a register that tells many events at once."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def apply(self, actor: Actor, source: str, rows: Sequence[EventRow]) -> BatchOutcome:
        """Record what can be recorded, and say of each row what became of it."""
        actor.acts_for(Permission.OBJECT_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            outcome = await apply_events(uow, source, rows)
            uow.audit(
                "object.events_recorded",
                "department",
                actor.department_id,
                source=source,
                applied_later=outcome.applied_later,
                rows=Counter(one.outcome.value for one in outcome.verdicts),
            )
        return outcome


async def apply_events(
    uow: UnitOfWork, source: str, rows: Sequence[EventRow], import_batch_id: UUID | None = None
) -> BatchOutcome:
    """Record events of one source for the actor's department; the caller audits.

    Each row bears its number (`row`), unique in the batch. A few thousand rows at once: all their
    objects are locked.
    """
    department_id = uow.actor.acts_for(Permission.OBJECT_WRITE)
    await organisation.lock_department(uow.session, department_id)
    await object_history.hold_events(uow.session, department_id, exclusively=True)
    batch = _Batch(department_id, source, import_batch_id)
    await _record(uow, batch, rows)
    later = await _release(uow, batch)
    await _conclude(uow, batch)
    return BatchOutcome(source, [batch.verdicts[row.row] for row in rows], later)


async def apply_waiting(uow: UnitOfWork) -> int:
    """Record the events that waited for objects which have come into the actor's library.

    For whoever has just stored entries (create, import); the caller audits, and holds the events.
    """
    batch = _Batch(uow.actor.acts_for(Permission.OBJECT_WRITE), "")
    later = await _release(uow, batch)
    if later:
        await _conclude(uow, batch)
    return later


async def _record(uow: UnitOfWork, batch: _Batch, rows: Sequence[EventRow]) -> None:
    """Rows of `batch.source`: what is wrong by itself, what is known, then the rest."""
    ids = [row.external_id for row in rows]
    region = uow.actor.region_code
    batch.recorded = await object_history.events_by_origin(uow.session, region, batch.source, ids)
    batch.waited = await object_history.waiting_by_origin(
        uow.session, batch.department_id, batch.source, ids
    )
    open_rows = _fresh(uow, batch, rows)
    await _lock(uow, batch, (row.object_code for row in open_rows))
    named = (row.facts.get("responsible_object_code") for row in open_rows)
    batch.answering = await objects.find_by_codes(uow.session, region, filter(None, named))
    coming = [row for row in open_rows if row.kind is EventKind.ESTABLISHED]
    for answers in (True, False):  # who answers for others comes before them
        some = [row for row in coming if _answers(row) is answers]
        if some:
            await _establish(uow, batch, some)
    for row in open_rows:
        if row.row not in batch.verdicts:
            _take(uow, batch, row)


def _answers(row: EventRow) -> bool:
    return row.object_kind is not None and is_subject(row.object_kind)


def _fresh(uow: UnitOfWork, batch: _Batch, rows: Sequence[EventRow]) -> list[EventRow]:
    """The rows that nothing is to be said of yet."""
    today, prefix = shanghai_date(uow.now), uow.actor.scope.region_prefix
    seen: dict[str, str] = {}
    taken: set[str] = set()
    left = []
    for row in rows:
        digest = content_digest(row)
        fault = fault_of(row, today, prefix) or _industry_fault(row)
        first = seen.setdefault(row.external_id, digest)
        if fault is not None:
            batch.say(row, EventOutcome.REJECTED, fault)
        elif first != digest:
            batch.say(row, EventOutcome.REJECTED, said.ROW_ID_REUSED.at("/external_id"))
        elif row.external_id in taken:
            batch.say(row, EventOutcome.DUPLICATE)
        else:
            taken.add(row.external_id)
            left.append(row)
    return left


def _industry_fault(row: EventRow) -> FieldError | None:
    code = row.facts.get("industry_code")
    if code is not None and not is_industry_code(code):
        return _INDUSTRY_UNKNOWN.at("/facts/industry_code")
    return None


async def _lock(uow: UnitOfWork, batch: _Batch, codes: Iterable[str]) -> None:
    """Lock the objects of the own library that the rows name, and read their histories."""
    fresh = set(codes) - set(batch.own)
    found = await object_history.lock_own_by_code(
        uow.session, batch.department_id, uow.actor.region_code, fresh
    )
    batch.own |= found
    batch.histories |= await object_history.events_of(
        uow.session, (subject.id for subject in found.values())
    )


async def _establish(uow: UnitOfWork, batch: _Batch, rows: Sequence[EventRow]) -> None:
    """Make the subjects and the department's entries that the library lacks, all at once.

    Of several rows of one code, the first that can makes the object.
    """
    region = uow.actor.region_code
    rows = [row for row in rows if row.object_code not in batch.own]
    there = await objects.lock_by_codes(uow.session, region, (row.object_code for row in rows))
    new: dict[str, EventRow] = {}
    values: list[Mapping[str, Any]] = []
    joined: dict[str, InspectionObject] = {}
    for row in rows:
        code = row.object_code
        if code in new or code in joined or _is_reused(batch, row):
            continue
        owner = _responsible(uow, batch, row)
        if row.facts.get("responsible_object_code") and owner is None:
            continue
        if code not in there:
            new[code] = row
            values.append(_subject(uow, row, owner))
        elif _is_same(batch, row, there[code]):
            joined[code] = there[code]
    stored = await objects.add_subjects(uow.session, values)
    # Another department was faster with these: its subject is joined.
    late = await objects.lock_by_codes(uow.session, region, set(new) - set(stored))
    for code in set(new) - set(stored):
        if code not in late:
            batch.say(new[code], EventOutcome.REJECTED, _CODE_TAKEN.at("/object_code"))
        elif _is_same(batch, new[code], late[code]):
            joined[code] = late[code]
    batch.histories |= {subject.id: [] for subject in stored.values()}
    batch.histories |= await object_history.events_of(
        uow.session, [subject.id for subject in joined.values()]
    )
    batch.own |= stored | joined
    # A register knows of no merging: the entry is for what stands for the object now.
    supervised = {one.merged_into_id or one.id for one in (stored | joined).values()}
    await objects.add_entries(uow.session, [_entry(uow, batch, one) for one in sorted(supervised)])


def _is_same(batch: _Batch, row: EventRow, subject: InspectionObject) -> bool:
    """Whether an establishment is of the subject that has its code; else it is said."""
    if subject.id_scheme is not scheme_of(row):
        batch.say(row, EventOutcome.REJECTED, _CODE_TAKEN.at("/object_code"))
    elif subject.kind is not row.object_kind:
        batch.say(row, EventOutcome.REJECTED, said.ROW_KIND_DIFFERS.at("/object_kind"))
    else:
        return True
    return False


def _entry(uow: UnitOfWork, batch: _Batch, object_id: UUID) -> Mapping[str, Any]:
    return {
        "id": uow.new_id(),
        "department_id": batch.department_id,
        "object_id": object_id,
        "tags": [],
        "special_libraries": [],
        "created_at": uow.now,
    }


def _subject(uow: UnitOfWork, row: EventRow, owner: InspectionObject | None) -> Mapping[str, Any]:
    """The row of a new subject; the event that follows says the rest."""
    facts = row.facts
    return {
        "id": uow.new_id(),
        "region_code": uow.actor.region_code,
        "code": row.object_code,
        "kind": row.object_kind,
        "id_scheme": scheme_of(row),
        "id_value": row.object_code,
        "name": facts["name"],
        "address": facts.get("address"),
        "area_code": facts["area_code"],
        "industry_code": facts.get("industry_code"),
        "status": ObjectStatus.ACTIVE,
        "risk_class": facts.get("risk_class") or RiskClass.UNRATED,
        "risk_source": facts.get("risk_source"),
        "risk_on": facts.get("risk_on"),
        "responsible_object_id": owner.id if owner else None,
        "attributes": facts.get("attributes") or {},
        "created_at": uow.now,
        "updated_at": uow.now,
    }


def _take(uow: UnitOfWork, batch: _Batch, row: EventRow) -> None:
    """One event: known already, waiting, or recorded."""
    if _is_reused(batch, row):
        return
    subject = batch.own.get(row.object_code)
    if subject is None:
        _wait(uow, batch, row, row.object_code)
        return
    known = batch.recorded.get(row.external_id)
    if known is not None:
        batch.say(row, EventOutcome.DUPLICATE, None, known)
        return
    if row.object_kind is not None and row.object_kind is not subject.kind:
        batch.say(row, EventOutcome.REJECTED, said.ROW_KIND_DIFFERS.at("/object_kind"))
        return
    faults = attribute_faults(subject.kind, row.facts.get("attributes") or {})
    if faults:
        batch.say(row, EventOutcome.REJECTED, faults[0])
        return
    facts = dict(row.facts)
    code = facts.pop("responsible_object_code", None)
    if code is not None:
        owner = _responsible(uow, batch, row)
        if owner is None:
            return
        facts["responsible_object_id"] = owner.id
    after = history_rules.after_of(row.kind, facts, region_prefix(subject.region_code))
    origin = Origin(
        batch.source, row.external_id, row.sequence, content_digest(row), batch.import_batch_id
    )
    history = batch.histories[subject.id]
    event = append(uow, subject, history, row.kind, row.effective_on, after, row.reason, origin)
    batch.recorded[row.external_id] = event
    batch.touched[subject.id] = subject
    if row.external_id in batch.waited:
        batch.waited[row.external_id].status = WaitingStatus.APPLIED
    batch.say(row, EventOutcome.ACCEPTED, None, event)


def _is_reused(batch: _Batch, row: EventRow) -> bool:
    """Whether the source has used the id for something else; it is said then."""
    for known in (batch.recorded.get(row.external_id), batch.waited.get(row.external_id)):
        if known is not None and known.content_sha256 != content_digest(row):
            batch.say(row, EventOutcome.REJECTED, said.ROW_ID_REUSED.at("/external_id"))
            return True
    return False


def _wait(uow: UnitOfWork, batch: _Batch, row: EventRow, waits_for: str) -> None:
    kept = batch.waited.get(row.external_id)
    if kept is None:
        kept = WaitingEvent(
            id=uow.new_id(),
            department_id=batch.department_id,
            source=batch.source,
            external_id=row.external_id,
            content_sha256=content_digest(row),
            object_code=row.object_code,
            waits_for=waits_for,
            content=content_of(row),
            status=WaitingStatus.WAITING,
            recorded_at=uow.now,
            recorded_by=uow.actor.account_id,
            import_batch_id=batch.import_batch_id,
        )
        uow.session.add(kept)
        batch.waited[row.external_id] = kept
    else:
        kept.waits_for = waits_for
    batch.say(row, EventOutcome.WAITING)


def _responsible(uow: UnitOfWork, batch: _Batch, row: EventRow) -> InspectionObject | None:
    """Who answers for it; the event waits for who is not there yet, never for a product."""
    code = row.facts.get("responsible_object_code")
    if code is None:
        return None
    found = batch.answering.get(code) or batch.own.get(code)
    if found is None:
        _wait(uow, batch, row, code)
    elif not is_subject(found.kind):
        pointer = "/facts/responsible_object_code"
        batch.say(row, EventOutcome.REJECTED, _RESPONSIBLE_UNKNOWN.at(pointer))
        return None
    return found


async def _release(uow: UnitOfWork, batch: _Batch) -> int:
    """Record what waited for objects that are there now, until nothing more comes of it."""
    applied, tried = 0, set[UUID]()
    while True:
        await uow.flush()
        came = [
            one
            for one in await object_history.waiting_that_came(
                uow.session, batch.department_id, uow.actor.region_code
            )
            if one.id not in tried
        ]
        if not came:
            return applied
        tried |= {one.id for one in came}
        sent: dict[tuple[str, UUID | None], list[WaitingEvent]] = {}
        for one in came:
            sent.setdefault((one.source, one.import_batch_id), []).append(one)
        for (source, file), waiting in sent.items():
            again = _Batch(
                batch.department_id, source, file, batch.own, batch.histories, touched=batch.touched
            )
            applied += await _replay(uow, again, waiting)


async def _replay(uow: UnitOfWork, again: _Batch, waiting: Sequence[WaitingEvent]) -> int:
    rows = [
        dataclasses.replace(row_of(one.external_id, one.content), row=number)
        for number, one in enumerate(waiting, start=1)
    ]
    await _record(uow, again, rows)
    for row, one in zip(rows, waiting, strict=True):
        verdict = again.verdicts[row.row]
        if verdict.outcome is EventOutcome.REJECTED:
            one.status = WaitingStatus.REFUSED
            one.verdict = dataclasses.asdict(verdict.said)
        elif verdict.outcome is not EventOutcome.WAITING:
            one.status = WaitingStatus.APPLIED
    return sum(one.outcome is EventOutcome.ACCEPTED for one in again.verdicts.values())


async def _conclude(uow: UnitOfWork, batch: _Batch) -> None:
    """Rows become what their histories say; flags follow."""
    await uow.flush()
    before: Mapping[UUID, Any] = {one.id: one.status for one in batch.touched.values()}
    await settle_all(uow, batch.touched.values(), batch.histories)
    changed = [one for one in batch.touched.values() if one.status is not before[one.id]]
    await object_flags.follow(uow, changed)
    await propose_merges(uow, batch.touched)
