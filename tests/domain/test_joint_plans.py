"""Rules of joint plans and of who is late, without a database."""

import datetime as dt

import pytest

from app.domain.errors import RuleError
from app.domain.joint_plans import check_inspects, check_joint_ready
from app.domain.lifecycle import DepartmentKind, InspectionStatus, ParticipantStatus
from app.domain.publication import is_late

TODAY = dt.date(2026, 6, 1)
BEFORE, AFTER = dt.date(2026, 5, 31), dt.date(2026, 6, 30)
INVITED, ACCEPTED, DECLINED = ParticipantStatus


@pytest.mark.parametrize(
    ("answers", "tasks", "code"),
    [
        ({"B": INVITED, "C": ACCEPTED}, {"T1": ["A", "B", "C"]}, "participants-unanswered"),
        ({"B": DECLINED}, {"T1": ["A"]}, "joint-task-alone"),
        ({}, {"T1": ["A"]}, "joint-task-alone"),
        ({"B": ACCEPTED}, {"T1": ["A", "B"], "T2": ["A"]}, "joint-task-alone"),
        ({"B": ACCEPTED, "C": ACCEPTED}, {"T1": ["A", "B"]}, "participant-without-task"),
    ],
)
def test_r10_a_joint_plan_that_is_not_ready(
    answers: dict[str, ParticipantStatus], tasks: dict[str, list[str]], code: str
) -> None:
    with pytest.raises(RuleError) as refused:
        check_joint_ready(answers, tasks)
    assert refused.value.refusal.code == code


def test_r10_a_joint_plan_is_ready_when_two_share_each_task_and_the_others_declined() -> None:
    check_joint_ready({"B": ACCEPTED, "C": DECLINED}, {"T1": ["A", "B"]})


def test_n7_coordinating_and_oversight_units_do_not_inspect() -> None:
    for kind in (DepartmentKind.GOVERNMENT, DepartmentKind.VERTICAL, DepartmentKind.BRIGADE):
        check_inspects("X", kind)
    for kind in (DepartmentKind.OFFICE, DepartmentKind.OVERSIGHT):
        with pytest.raises(RuleError) as refused:
            check_inspects("X", kind)
        assert refused.value.refusal.clause == "N7"


@pytest.mark.parametrize(
    ("status", "due_on", "deadline_on", "late"),
    [
        ("assigned", None, BEFORE, True),
        ("in_progress", None, TODAY, False),
        ("in_progress", None, AFTER, False),
        ("ended", AFTER, BEFORE, False),
        ("ended", TODAY, BEFORE, False),
        ("reviewed", BEFORE, AFTER, True),
        ("ended", None, BEFORE, False),
        ("published", BEFORE, BEFORE, False),
        ("void", None, BEFORE, False),
    ],
)
def test_f34_who_is_late(
    status: str, due_on: dt.date | None, deadline_on: dt.date, *, late: bool
) -> None:
    assert is_late(InspectionStatus(status), due_on, deadline_on, TODAY) is late
