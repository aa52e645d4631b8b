"""A row of a batch of events: what a register says happened to one object (R05, DOMAIN F06).

What is wrong with a row by itself is said here; whether its object is in the library is not known
here, and no fault: the event waits.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.domain.canonical import canonical, sha256_hex
from app.domain.errors import FieldError, RuleError
from app.domain.lifecycle import IdScheme, ObjectKind
from app.domain.object_attributes import attribute_faults
from app.domain.object_cases import EventOutcome
from app.domain.object_history import require_fitting_fields
from app.domain.object_library import (
    EventKind,
    is_subject,
    require_area,
    require_identifier,
    require_past,
    require_responsible,
    require_risk,
    schemes_of,
)
from app.domain.refusals import object_events as refusals
from app.domain.refusals import objects as object_refusals
from app.domain.refusals.verdicts import Verdict

CREDIT_CODE_LENGTH = 18


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as a source tells it. `facts` holds what the event carries, typed as the library.

    `object_kind` and `id_scheme` are what an establishment needs besides; the scheme follows from
    kind and code where it is left out.
    """

    external_id: str
    object_code: str
    kind: EventKind
    effective_on: dt.date
    sequence: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    object_kind: ObjectKind | None = None
    id_scheme: IdScheme | None = None
    reason: str | None = None
    row: int = 0
    """Where it stands in what was sent, from 1."""


@dataclass(frozen=True, slots=True)
class EventVerdict:
    """What became of a row."""

    row: int
    external_id: str
    outcome: EventOutcome
    said: FieldError
    object_id: UUID | None = None
    event_id: UUID | None = None


def content_digest(row: EventRow) -> str:
    """SHA-256 over what the row says: the same again is the same event."""
    return sha256_hex(canonical(content_of(row)))


def content_of(row: EventRow) -> dict[str, Any]:
    """The row as it can be kept and read again."""
    return {
        "object_code": row.object_code,
        "kind": row.kind.value,
        "effective_on": row.effective_on.isoformat(),
        "sequence": row.sequence,
        "facts": {
            name: value.isoformat() if isinstance(value, dt.date) else value
            for name, value in row.facts.items()
        },
        "object_kind": row.object_kind.value if row.object_kind else None,
        "id_scheme": row.id_scheme.value if row.id_scheme else None,
        "reason": row.reason,
    }


def row_of(external_id: str, content: Mapping[str, Any]) -> EventRow:
    """The row that `content_of` kept."""
    facts = dict(content["facts"])
    if facts.get("risk_on") is not None:
        facts["risk_on"] = dt.date.fromisoformat(facts["risk_on"])
    return EventRow(
        external_id=external_id,
        object_code=content["object_code"],
        kind=EventKind(content["kind"]),
        effective_on=dt.date.fromisoformat(content["effective_on"]),
        sequence=content["sequence"],
        facts=facts,
        object_kind=ObjectKind(content["object_kind"]) if content["object_kind"] else None,
        id_scheme=IdScheme(content["id_scheme"]) if content["id_scheme"] else None,
        reason=content["reason"],
    )


def scheme_of(row: EventRow) -> IdScheme:
    """The scheme of an establishment's code; of subjects, 18 characters are a credit code."""
    if row.id_scheme is not None:
        return row.id_scheme
    assert row.object_kind is not None
    if is_subject(row.object_kind):
        if len(row.object_code) == CREDIT_CODE_LENGTH:
            return IdScheme.CREDIT_CODE
        return IdScheme.REGISTRATION_NUMBER
    return schemes_of(row.object_kind)[-1]


def fault_of(row: EventRow, today: dt.date, prefix: str) -> FieldError | None:
    """What is wrong with the row by itself, or nothing; `prefix` is the library's region."""
    try:
        require_past(row.effective_on, today)
        require_fitting_fields(row.kind, row.facts)
        if row.kind is not EventKind.MOVED and row.facts.get("area_code") is not None:
            require_area(row.facts["area_code"], prefix)
        if row.facts.get("risk_class") is not None:
            facts = row.facts
            risk = facts["risk_class"], facts.get("risk_source"), facts.get("risk_on")
            require_risk(*risk, today)
        if row.kind is EventKind.ESTABLISHED:
            return _establishment(row)
    except RuleError as no:
        return _said(no)
    return None


def _establishment(row: EventRow) -> FieldError | None:
    missing = [name for name in ("name", "area_code") if not row.facts.get(name)]
    if row.object_kind is None or missing:
        pointer = "/object_kind" if row.object_kind is None else f"/facts/{missing[0]}"
        return refusals.ROW_IDENTITY_MISSING.at(pointer)
    require_identifier(row.object_kind, scheme_of(row), row.object_code)
    require_responsible(row.object_kind, named=bool(row.facts.get("responsible_object_code")))
    faults = attribute_faults(row.object_kind, row.facts.get("attributes") or {})
    return FieldError("/facts" + faults[0].pointer, *_texts(faults[0])) if faults else None


def _texts(fault: FieldError) -> tuple[str, str, str]:
    return fault.code, fault.zh, fault.en


_POINTERS = {
    object_refusals.EVENT_IN_FUTURE.code: "/effective_on",
    object_refusals.AREA_OUTSIDE_REGION.code: "/facts/area_code",
    object_refusals.INDUSTRY_UNKNOWN.code: "/facts/industry_code",
    object_refusals.RESPONSIBLE_REQUIRED.code: "/facts/responsible_object_code",
    object_refusals.RESPONSIBLE_NOT_ALLOWED.code: "/facts/responsible_object_code",
    object_refusals.RESPONSIBLE_UNKNOWN.code: "/facts/responsible_object_code",
    object_refusals.SCHEME_NOT_FOR_KIND.code: "/id_scheme",
    object_refusals.RISK_UNSOURCED.code: "/facts/risk_class",
    refusals.EVENT_TELLS_NOTHING.code: "/facts",
    refusals.EVENT_FIELDS_NOT_ALLOWED.code: "/facts",
    refusals.EVENT_KIND_RESERVED.code: "/kind",
}


def _said(no: RuleError) -> FieldError:
    if no.errors:
        first = no.errors[0]
        return FieldError("/object_code", first.code, first.zh, first.en)
    refusal = no.refusal
    pointer = _POINTERS.get(refusal.code, "/object_code")
    return Verdict(refusal.code, refusal.zh, refusal.en).at(pointer)
