"""What the public is told of an inspection: the national field set (DOMAIN s.8.2, R21).

Takes the few facts that are public and no others: officers' names, findings in words, measures
and penalties can not leak from here because they never come in.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.lifecycle import FindingOutcome, IdScheme, ResultCode

_OF_THE_VISIT = frozenset(
    {ResultCode.UNREACHABLE, ResultCode.UNCOOPERATIVE, ResultCode.NO_SUCH_ACTIVITY}
)
"""Results that say of the whole visit why an item was not checked."""


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """An item and its outcome; the name is public, the words of the finding are not."""

    name: str
    outcome: FindingOutcome


@dataclass(frozen=True, slots=True)
class PublicFacts:
    """Everything that is published of an inspection."""

    plan_no: str
    plan_name: str
    task_code: str
    task_name: str
    kind_label: str
    """定向 or 不定向."""
    authority: str
    ended_on: dt.date
    subject_name: str
    """The subject that the result is collected under (R07): a product's is its producer."""
    credit_code: str | None
    result: ResultCode
    items: Sequence[CheckedItem]


def item_result(outcome: FindingOutcome, result: ResultCode) -> ResultCode | None:
    """Which of the eight results stands beside one item; None: it is not shown.

    An item without a problem shows none, whatever was found elsewhere. An item that was not
    checked shows the result only where that result is why (DOMAIN s.6.1).
    """
    if outcome is FindingOutcome.NO_PROBLEM:
        return ResultCode.NO_PROBLEM
    if outcome is FindingOutcome.PROBLEM or result in _OF_THE_VISIT:
        return result
    return None


def collecting_subject(snapshot: Mapping[str, Any]) -> tuple[str, str | None]:
    """Name and credit code of the subject that a drawn object's results go to (R07).

    `snapshot` is the sheet's; a product, project or activity names its `responsible` subject.
    """
    subject = snapshot.get("responsible") or snapshot
    is_credit_code = subject.get("id_scheme") == IdScheme.CREDIT_CODE
    return subject["name"], subject["id_value"] if is_credit_code else None


def published_content(facts: PublicFacts, labels: Mapping[str, str]) -> dict[str, Any]:
    """The national field set; `labels` are the eight texts by code, kept exactly."""
    shown = [
        (item.name, found)
        for item in facts.items
        if (found := item_result(item.outcome, facts.result)) is not None
    ]
    return {
        "raninsPlanId": facts.plan_no,
        "raninsPlaneName": facts.plan_name,
        "raninsTaskId": facts.task_code,
        "raninsTaskName": facts.task_name,
        "raninsTypeName": facts.kind_label,
        "insAuth": facts.authority,
        "insDate": facts.ended_on.isoformat(),
        "insRes": labels[facts.result.value],
        "entName": facts.subject_name,
        "uniscid": facts.credit_code,
        "details": [
            {"seqno": place, "raninsItemName": name, "raninsCheckResName": labels[found.value]}
            for place, (name, found) in enumerate(shown, start=1)
        ],
    }
