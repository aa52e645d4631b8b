"""Joint plans: who may take part, and when the initiating department may hand the plan in (R10).

The rules only; who answered what stands in the tables. A task with one department is no joint
task, and nobody is made to take part: who was invited answers first.
"""

from collections.abc import Mapping, Sequence

from app.domain.errors import RuleError
from app.domain.lifecycle import DepartmentKind, ParticipantStatus
from app.domain.refusals import plans as refusals

INSPECTING = frozenset({DepartmentKind.GOVERNMENT, DepartmentKind.VERTICAL, DepartmentKind.BRIGADE})
"""Who inspects; coordinating bodies and oversight never do (N7)."""
MOST_PARTICIPANTS = 49
"""With the initiating department fifty, which is what a sheet has room for."""


def check_inspects(code: str, kind: DepartmentKind) -> None:
    """A unit that coordinates or oversees neither initiates nor joins (N7)."""
    if kind not in INSPECTING:
        raise RuleError(refusals.DEPARTMENT_DOES_NOT_INSPECT, department=code)


def check_joint_ready(
    answers: Mapping[str, ParticipantStatus], tasks: Mapping[str, Sequence[str]]
) -> None:
    """A joint plan is handed in when all have answered and two departments share each task (R10).

    `answers` by department code, `tasks` the departments of each task by its code.
    """
    unanswered = sorted(c for c, status in answers.items() if status is ParticipantStatus.INVITED)
    if unanswered:
        raise RuleError(refusals.PARTICIPANTS_UNANSWERED, departments=", ".join(unanswered))
    alone = sorted(code for code, departments in tasks.items() if len(set(departments)) < 2)  # noqa: PLR2004  two are joint
    if alone:
        raise RuleError(refusals.JOINT_TASK_ALONE, tasks=", ".join(alone))
    named = {department for departments in tasks.values() for department in departments}
    idle = sorted(
        c
        for c, status in answers.items()
        if status is ParticipantStatus.ACCEPTED and c not in named
    )
    if idle:
        raise RuleError(refusals.PARTICIPANT_WITHOUT_TASK, departments=", ".join(idle))
