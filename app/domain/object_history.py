"""The history of an inspection object is the truth; what stands in the library follows (R05).

An event says, field by field, what holds from its day on. The state at a day is, per field, what
the latest event up to that day says; so an old event that arrives late rewrites nothing that took
effect after it, and the order in which events arrive does not matter. It refuses events that carry
what their kind can not.

The order of events: what an object was entered with lies below everything else; then the day;
on one day what a source sent (by its sequence) lies below what a department recorded by hand, for
that was written by somebody who saw the library. Nothing in the order of a source's events depends
on when they arrived.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.domain.errors import RuleError
from app.domain.lifecycle import ObjectStatus
from app.domain.object_library import STATUS_AFTER, EventKind
from app.domain.refusals import object_events as refusals

FIELDS = (
    "name",
    "address",
    "area_code",
    "industry_code",
    "risk_class",
    "risk_source",
    "risk_on",
    "responsible_object_id",
    "attributes",
    "status",
)
"""What an object's history tells; identifier and kind never change."""
MOVE_FIELDS = frozenset({"area_code", "address"})
_WITHOUT_FIELDS = frozenset(STATUS_AFTER) - {EventKind.MOVED}
RESERVED = frozenset({EventKind.LICENCE, EventKind.MERGED})
"""What the service records by itself."""
_LOWEST = dt.datetime.min.replace(tzinfo=dt.UTC)
Order = tuple[bool, dt.date, bool, str, int, dt.datetime, str, UUID]


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event as the fold reads it; `after` and `before` hold plain values (dates as text)."""

    id: UUID
    kind: EventKind
    effective_on: dt.date
    recorded_at: dt.datetime
    after: Mapping[str, Any]
    before: Mapping[str, Any] = field(default_factory=dict)
    source: str | None = None
    external_id: str | None = None
    sequence: int | None = None

    @property
    def order(self) -> Order:
        """What decides which of two events is the later one; total."""
        by_hand = self.source is None
        return (
            self.kind is not EventKind.ESTABLISHED,
            self.effective_on,
            by_hand,
            self.source or "",
            -1 if self.sequence is None else self.sequence,
            self.recorded_at if by_hand else _LOWEST,
            self.external_id or "",
            self.id,
        )


def fold(events: Iterable[PastEvent], day: dt.date) -> dict[str, Any]:
    """Per field the value of the latest event up to the end of `day`.

    What an object was entered with counts from its first day on, whichever day was given for it:
    the library knew of nothing else.
    """
    ordered = sorted(events, key=lambda event: event.order)
    entered = [event for event in ordered if event.kind is EventKind.ESTABLISHED]
    known = [event for event in ordered if event.effective_on <= day]
    if entered and entered[0].effective_on > day:
        known = [entered[0], *known]
    state: dict[str, Any] = {}
    for event in known:
        state |= {name: value for name, value in event.after.items() if name in FIELDS}
    return state


def state_on(
    events: Sequence[PastEvent], day: dt.date, present: Mapping[str, Any]
) -> dict[str, Any]:
    """Every field at the end of `day`.

    Of a field that no event up to then tells: what came before the first event that does, or what
    stands now.
    """
    return _untold(events, present) | fold(events, day)


def _untold(events: Sequence[PastEvent], present: Mapping[str, Any]) -> dict[str, Any]:
    state = dict(present)
    for event in sorted(events, key=lambda event: event.order, reverse=True):
        state |= {name: value for name, value in event.before.items() if name in FIELDS}
    return state


def first_day(events: Iterable[PastEvent]) -> dt.date | None:
    """The first day on which anything is known of the object."""
    return min((event.effective_on for event in events), default=None)


def before(
    events: Sequence[PastEvent], new: PastEvent, present: Mapping[str, Any]
) -> dict[str, Any]:
    """What held, of the fields that `new` tells, before it."""
    earlier = [event for event in events if event.order < new.order]
    held = _untold(events, present) | fold(earlier, dt.date.max)
    return {name: held.get(name) for name in new.after if name in FIELDS}


def require_known(events: Iterable[PastEvent], day: dt.date) -> None:
    """Nothing is told of an object for days before it was established."""
    begins = first_day(events)
    if begins is None or day < begins:
        raise RuleError(
            refusals.BEFORE_ESTABLISHMENT,
            established_on=None if begins is None else begins.isoformat(),
        )


def require_fitting_fields(kind: EventKind, names: Iterable[str]) -> None:
    """A change says what changed; a move says where to; other events carry nothing."""
    if kind in RESERVED:
        raise RuleError(refusals.EVENT_KIND_RESERVED)
    told = frozenset(names)
    if kind is EventKind.CHANGED and not told:
        raise RuleError(refusals.EVENT_TELLS_NOTHING)
    if kind is EventKind.MOVED and not told <= MOVE_FIELDS:
        raise RuleError(refusals.EVENT_FIELDS_NOT_ALLOWED)
    if kind in _WITHOUT_FIELDS and told:
        raise RuleError(refusals.EVENT_FIELDS_NOT_ALLOWED)


def after_of(kind: EventKind, facts: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """What holds after an event, by the event alone; `prefix` is the library's region.

    A move within the region is a new place; one out of it, or to nobody knows where, is the end of
    supervision here, and the place is only noted.
    """
    if kind is EventKind.ESTABLISHED:
        return {"status": ObjectStatus.ACTIVE.value, **facts}
    if kind is not EventKind.MOVED:
        status = STATUS_AFTER.get(kind)
        return dict(facts) if status is None else {"status": status.value}
    area_code = facts.get("area_code")
    if area_code is not None and str(area_code).startswith(prefix):
        return dict(facts)
    return {
        "status": ObjectStatus.MOVED.value,
        **{f"moved_to_{name}": value for name, value in facts.items()},
    }
