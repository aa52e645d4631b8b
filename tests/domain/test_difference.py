"""The difference of two lists: nothing for the same, and all that makes one of the other."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.domain.difference import Difference, difference, field_changes, plain
from app.domain.lifecycle import ItemClass, Method

FIELDS = ("name", "cap", "methods", "legal_bases")


@dataclass(frozen=True)
class Entry:
    item_id: UUID
    code: str
    content: dict[str, Any] = field(default_factory=dict)


LAWS = st.fixed_dictionaries(
    {"law": st.sampled_from(["甲法", "乙法"]), "article": st.sampled_from([None, "", "第一条"])}
)
CONTENTS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["", "检查", "抽查"]),
        "cap": st.sampled_from([None, 1, 2]),
        "methods": st.lists(st.sampled_from(list(Method)), max_size=3),
        "legal_bases": st.lists(LAWS, max_size=3),
    }
)
ENTRIES = st.builds(
    lambda number, content: Entry(UUID(int=number), f"C{number:04d}", content),
    st.integers(1, 6),
    CONTENTS,
)
LISTS = st.lists(ENTRIES, max_size=6, unique_by=lambda entry: entry.item_id)


def applied(before: Sequence[Entry], found: Difference[Entry]) -> dict[UUID, dict[str, Any]]:
    """The first list with the difference made."""
    made = {entry.item_id: plain_content(entry) for entry in before}
    for gone in found.removed:
        del made[gone.item_id]
    for new in found.added:
        made[new.item_id] = plain_content(new)
    for changed in found.changed:
        made[changed.after.item_id] |= {c.field: c.after for c in changed.changes}
    return made


def key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def plain_content(entry: Entry) -> dict[str, Any]:
    return {name: plain(value) for name, value in entry.content.items()}


@given(LISTS)
def test_a_list_does_not_differ_from_itself(entries: list[Entry]) -> None:
    found = difference(entries, entries)
    assert found.is_empty
    assert found.unchanged == len(entries)


@given(LISTS, LISTS)
def test_a_difference_applied_to_the_first_list_gives_the_second(
    before: list[Entry], after: list[Entry]
) -> None:
    found = difference(before, after)
    assert applied(before, found) == {entry.item_id: plain_content(entry) for entry in after}
    assert len(found.added) + len(found.changed) + found.unchanged == len(after)


@given(LISTS, LISTS)
def test_back_is_the_mirror_of_there(before: list[Entry], after: list[Entry]) -> None:
    there, back = difference(before, after), difference(after, before)
    assert list(there.added) == list(back.removed)
    assert list(there.removed) == list(back.added)
    assert [(e.before, e.after) for e in there.changed] == [
        (e.after, e.before) for e in back.changed
    ]


@given(CONTENTS, CONTENTS)
def test_what_a_list_gained_and_lost_accounts_for_all_of_it(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    for change in field_changes(before, after):
        if change.is_list:
            gained, lost = map(key, change.added), map(key, change.taken_away)
            total = Counter(map(key, change.before))
            total.update(gained)
            total.subtract(lost)
            assert +total == Counter(map(key, change.after))
            assert change.reordered == (not change.added and not change.taken_away)


def test_codes_days_and_blanks_are_compared_as_a_reader_would() -> None:
    before = {"item_class": ItemClass.KEY, "valid_from": dt.date(2026, 1, 1), "remark": None}
    after = {"item_class": "key", "valid_from": "2026-01-01", "remark": ""}
    assert field_changes(before, after) == []
    points = [{"content": "甲", "method": None}]
    assert field_changes({"key_points": points}, {"key_points": [{"content": "甲"}]}) == []
    assert field_changes({"tags": None}, {"tags": []}) == []
