"""A plan task's blanks, filled in from the department's guidelines in force (F10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from app.domain.guideline_defaults import (
    FIELDS,
    GuidelineInForce,
    PlannedItem,
    task_defaults,
)
from app.models.checklist import ItemVersion
from app.models.guideline import Guideline
from app.storage import guidelines
from app.storage.uow import UnitOfWork

_OF_TEAMS = ("members", "lead")


class Blanks(Protocol):
    """A task as its maker describes it; None: not said, but for a cap that was said to be none."""

    @property
    def visit_cap_given(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class FilledIn:
    """The values of a task's fields that may come from guidelines, and which guideline gave which.

    A value without a source was given, or is the house's own.
    """

    values: dict[str, Any]
    sources: dict[str, dict[str, Any]]

    @property
    def of_task(self) -> dict[str, Any]:
        """The values that the task itself keeps; the others are the departments'."""
        return {name: value for name, value in self.values.items() if name not in _OF_TEAMS}


async def filled_in(
    uow: UnitOfWork, department_id: UUID, new: Blanks, versions: Sequence[ItemVersion]
) -> FilledIn:
    """All that the task says, and what the guidelines say where it does not."""
    said = {name: getattr(new, name) for name in FIELDS}
    given = {name: value for name, value in said.items() if value is not None}
    if new.visit_cap_given:
        given["visit_cap"] = said["visit_cap"]
    active: Sequence[Guideline] = ()
    if len(given) < len(FIELDS):
        active = await guidelines.in_force(uow.session, department_id)
    found = task_defaults(
        given,
        [PlannedItem(version.code, version.risk_level) for version in versions],
        [_in_force(one) for one in active],
    )
    return FilledIn(
        values=given | {name: default.value for name, default in found.items()},
        sources={
            name: {
                "guideline_id": str(default.source.id),
                "code": default.source.code,
                "version": default.source.version,
            }
            for name, default in found.items()
            if default.source is not None
        },
    )


def _in_force(guideline: Guideline) -> GuidelineInForce:
    return GuidelineInForce(
        id=guideline.id,
        code=guideline.code,
        version=guideline.version,
        kind=guideline.kind,
        item_codes=frozenset(guideline.item_codes),
        risk_levels=frozenset(guideline.risk_levels),
        values={name: getattr(guideline, name) for name in FIELDS.values()},
    )
