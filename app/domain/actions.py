"""What a caller may do with a resource, and which rule stands in the way (DESIGN s.3).

Every aggregate keeps one table: the operations on an existing resource, each with the rule that
says no by raising. A use case calls `require` before it acts, the reading calls `standings` with
the same table and the same facts: the answer and the deed cannot disagree.

A rule here knows who calls and how things stand. What a body says (a period in the past, an item
that is none of ours) is not known before it is sent and is refused when it comes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, TypeVar

from app.domain.actor import Actor, Permission
from app.domain.errors import Refusal, RuleError
from app.domain.refusals.general import FORBIDDEN

F = TypeVar("F")
Rule = Callable[[F, Actor], None]
"""Raises what stands in the way, given the facts and the caller."""


@dataclass(frozen=True, slots=True)
class Operation(Generic[F]):
    """An operation of the API on an existing resource: what it asks for, and its rule."""

    permission: Permission
    rule: Rule[F]


Rules = Mapping[str, Operation[F]]
"""Operations by operationId, in the order of the work."""


@dataclass(frozen=True, slots=True)
class Action:
    """An operation, and the first rule that refuses it to this caller now, if any."""

    operation: str
    refusal: Refusal | None = None
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def allowed(self) -> bool:
        """Whether the caller may do it now."""
        return self.refusal is None


def require(rules: Rules[F], operation: str, facts: F, actor: Actor) -> None:
    """Refuse an operation that the rules refuse; the route has asked for the permission."""
    rules[operation].rule(facts, actor)


def standings(rules: Rules[F], facts: F, actor: Actor) -> list[Action]:
    """Every operation of the table as it stands for the caller: permission first, as in a call."""
    return [_standing(name, operation, facts, actor) for name, operation in rules.items()]


def _standing(name: str, operation: Operation[F], facts: F, actor: Actor) -> Action:
    if not actor.may(operation.permission):
        return Action(name, FORBIDDEN, {"permission": operation.permission.value})
    try:
        operation.rule(facts, actor)
    except RuleError as no:
        return Action(name, no.refusal, no.facts)
    return Action(name)
