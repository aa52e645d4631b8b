"""What changed between two states of a record, field by field, and of a list of records.

Pure comparison: nothing is said of why. A field that holds a list is compared as a collection: what
was added, what was taken away, and whether only its order changed. A blank text is an absent one.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: its values before and after; for a list what came and what went."""

    field: str
    before: Any
    after: Any
    added: Sequence[Any] = ()
    taken_away: Sequence[Any] = ()

    @property
    def is_list(self) -> bool:
        """Whether the field holds several values."""
        return isinstance(self.before, list)

    @property
    def reordered(self) -> bool:
        """The same values in another order."""
        return self.is_list and not self.added and not self.taken_away


class Listed(Protocol):
    """An entry of a list: who it is, and what it says."""

    @property
    def item_id(self) -> UUID: ...
    @property
    def code(self) -> str: ...
    @property
    def content(self) -> Mapping[str, Any]: ...


E = TypeVar("E", bound=Listed)


@dataclass(frozen=True, slots=True)
class EntryChange(Generic[E]):
    """An entry that is in both lists and says something else."""

    before: E
    after: E
    changes: Sequence[FieldChange]


@dataclass(frozen=True, slots=True)
class Difference(Generic[E]):
    """What makes the second list of the first; entries in the order of their codes."""

    added: Sequence[E]
    removed: Sequence[E]
    changed: Sequence[EntryChange[E]]
    unchanged: int

    @property
    def is_empty(self) -> bool:
        """Both lists say the same."""
        return not (self.added or self.removed or self.changed)


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """The fields that differ, in the order in which `after` names them."""
    found = []
    for field, raw in after.items():
        new, old = plain(raw), plain(before.get(field))
        if isinstance(new, list) or isinstance(old, list):
            new, old = new or [], old or []
        if new != old:
            found.append(_change(field, old, new))
    return found


def difference(before: Sequence[E], after: Sequence[E]) -> Difference[E]:
    """What was added, removed and changed from one list to the other."""
    old = {entry.item_id: entry for entry in before}
    new = {entry.item_id: entry for entry in after}
    changed, unchanged = [], 0
    for item_id, entry in new.items():
        if item_id in old:
            changes = field_changes(old[item_id].content, entry.content)
            unchanged += not changes
            if changes:
                changed.append(EntryChange(old[item_id], entry, changes))
    return Difference(
        added=_by_code(entry for item_id, entry in new.items() if item_id not in old),
        removed=_by_code(entry for item_id, entry in old.items() if item_id not in new),
        changed=sorted(changed, key=lambda entry: entry.after.code),
        unchanged=unchanged,
    )


def plain(value: Any) -> Any:
    """A value as JSON has it, without what is blank: what a reader would call the same is equal."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        members = {name: plain(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if member is not None}
    if isinstance(value, list | tuple):
        return [plain(member) for member in value]
    return None if value == "" else value


def _change(field: str, old: Any, new: Any) -> FieldChange:
    if not isinstance(new, list):
        return FieldChange(field, old, new)
    return FieldChange(field, old, new, added=_without(new, old), taken_away=_without(old, new))


def _without(values: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """The values that the others lack, counted: what stands twice may have come once."""
    left = Counter(_key(value) for value in others)
    missing = []
    for value in values:
        if left[_key(value)] > 0:
            left[_key(value)] -= 1
        else:
            missing.append(value)
    return missing


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _by_code(entries: Any) -> list[E]:
    return sorted(entries, key=lambda entry: entry.code)
