"""The wire shape of `allowed_actions`: what the caller may do next, else which rule says no."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from app.domain.actions import Action, F, Rules, standings
from app.domain.actor import Actor
from app.domain.errors import Refusal
from app.schemas.base import ReadModel


class RefusalTitleRead(ReadModel):
    """The sentence in both languages."""

    zh: Annotated[str, Field(max_length=2000)]
    en: Annotated[str, Field(max_length=2000)]


class RefusalRead(ReadModel):
    """The rule that stands in the way: the problem that the operation would answer with now."""

    code: Annotated[str, Field(max_length=64, description="As in openapi/problems.md.")]
    title: RefusalTitleRead
    clause: Annotated[str | None, Field(max_length=200, description="规则依据")]


class ActionRead(ReadModel):
    """An operation on this resource, for the caller, now."""

    action: Annotated[str, Field(max_length=64, description="The operationId to call.")]
    allowed: bool
    refusal: Annotated[RefusalRead | None, Field(description="null if it is allowed")]


AllowedActions = Annotated[
    list[ActionRead],
    Field(
        max_length=20,
        description="当前用户可以办理的操作;不能办理的,说明是哪条规则(包括权限、部门、状态、办理人)",
    ),
]


def shape_refusal(refused: Refusal, facts: Mapping[str, object]) -> RefusalRead:
    """A rule that stands in the way, with its facts filled in."""
    title = RefusalTitleRead(zh=refused.text("zh", facts), en=refused.text("en", facts))
    return RefusalRead(code=refused.code, title=title, clause=refused.clause)


def allowed_actions(rules: Rules[F], facts: F, actor: Actor) -> list[ActionRead]:
    """Every operation of the table, as it stands for the caller."""
    return [_shape(action) for action in standings(rules, facts, actor)]


def _shape(action: Action) -> ActionRead:
    refused = action.refusal
    if refused is None:
        return ActionRead(action=action.operation, allowed=True, refusal=None)
    refusal = shape_refusal(refused, action.facts)
    return ActionRead(action=action.operation, allowed=False, refusal=refusal)
