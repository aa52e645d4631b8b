"""What officers find in the demo: a few scenarios, with all that the result and the record need.

Each of the eight results and each way to acknowledge occurs (DOMAIN s.6.1, R16).
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from app.domain.lifecycle import AcknowledgementKind, FindingOutcome, ResultCode

_A, _F, _R = AcknowledgementKind, FindingOutcome, ResultCode
_WITNESS = {"witness_name": "社区工作人员", "witness_unit": "大沁他拉镇试验社区居民委员会"}
_EVIDENCE = hashlib.sha256("现场照片(演示)".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of inspection: how it ends and how the object acknowledged it."""

    result: ResultCode
    acknowledged: AcknowledgementKind
    outcome: FindingOutcome = _F.NO_PROBLEM
    """Of the first item; the others are sound, or none was checked."""
    details: dict[str, Any] = field(default_factory=dict)


_SOUND = Scenario(_R.NO_PROBLEM, _A.SIGNED)
_SEALED = Scenario(_R.NO_PROBLEM, _A.SEALED)
SCENARIOS: tuple[Scenario, ...] = (
    _SOUND,
    Scenario(
        _R.ORDERED_TO_RECTIFY,
        _A.SIGNED,
        _F.PROBLEM,
        {
            "rectification": "责令当场改正,已复查",
            "follow_ups": [{"kind": "rectify_order", "is_open": False}],
        },
    ),
    _SEALED,
    Scenario(
        _R.UNREACHABLE,
        _A.ABSENT,
        _F.NOT_CHECKED,
        {
            "visits": 2,
            "contact_attempts": 3,
            "follow_ups": [{"kind": "abnormal_list_lead", "is_open": True}],
        },
    ),
    _SOUND,
    Scenario(
        _R.PENDING,
        _A.SEALED,
        _F.PROBLEM,
        {"follow_ups": [{"kind": "case_filing", "is_open": True, "note": "拟立案"}]},
    ),
    Scenario(
        _R.UNCOOPERATIVE,
        _A.REFUSED,
        _F.NOT_CHECKED,
        {"evidence": [{"name": "现场照片.jpg", "sha256": _EVIDENCE}]},
    ),
    Scenario(
        _R.NO_SUCH_ACTIVITY,
        _A.SIGNED,
        _F.NOT_CHECKED,
        {"library_feedback": "未从事标签所述经营活动,建议去除标签"},
    ),
    _SOUND,
    Scenario(
        _R.NOT_DISCLOSED,
        _A.SIGNED,
        _F.PROBLEM,
        {
            "rectification": "责令限期公示年度报告",
            "follow_ups": [{"kind": "rectify_order", "is_open": True}],
        },
    ),
    Scenario(
        _R.ORDERED_TO_RECTIFY,
        _A.REFUSED,
        _F.PROBLEM,
        {"rectification": "责令七日内改正"},
    ),
    _SOUND,
    Scenario(
        _R.FALSE_DISCLOSURE,
        _A.SEALED,
        _F.PROBLEM,
        {"follow_ups": [{"kind": "case_filing", "is_open": True}]},
    ),
)


def scenario_of(number: int) -> Scenario:
    """What the officers of the inspection with this number meet."""
    return SCENARIOS[number % len(SCENARIOS)]


def findings_body(scenario: Scenario, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One finding per item of the sheet."""
    none_checked = scenario.outcome is _F.NOT_CHECKED
    others = _F.NOT_CHECKED if none_checked else _F.NO_PROBLEM
    body: list[dict[str, Any]] = [
        {"item_version_id": item["id"], "outcome": (others if place else scenario.outcome).value}
        for place, item in enumerate(items)
    ]
    if scenario.outcome is _F.PROBLEM:
        body[0] |= {"problem": "与要求不符(演示)", "measure": "责令改正"}
    return body


def acknowledgement_body(scenario: Scenario, team: list[str]) -> dict[str, Any]:
    """Signature, seal, or a reason in their place with who noted it."""
    kind = {"kind": scenario.acknowledged.value}
    if scenario.acknowledged is _A.SIGNED:
        return kind | {"signer": "现场负责人"}
    if scenario.acknowledged is _A.SEALED:
        return kind | {"signer": "单位公章"}
    if scenario.acknowledged is _A.ABSENT:
        return kind | {"reason": "登记住所无人经营,两次上门均无人在场"} | _WITNESS
    noted = {"reason": "当事人对检查结论有异议,拒绝签字", "noted_by": team[:2]}
    return kind | noted | _WITNESS


def result_body(scenario: Scenario) -> dict[str, Any]:
    """One of the eight results with what it rests on; there is no default."""
    return {"result_code": scenario.result.value} | scenario.details
