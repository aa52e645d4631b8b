"""From the name of a violated constraint to the refusal that a caller understands.

A race that two requests lose to the database becomes the same problem as the check before it.
"""

from sqlalchemy.exc import IntegrityError

from app.domain.errors import Refusal, RuleError
from app.domain.refusals import general

BY_CONSTRAINT: dict[str, Refusal] = {}
"""Filled by `refuse_on`; constraints not named here give the general conflict with their name."""


def refuse_on(constraint: str, refusal: Refusal) -> None:
    """Say which refusal the violation of a constraint means."""
    BY_CONSTRAINT[constraint] = refusal


def constraint_name(error: IntegrityError) -> str:
    """The violated constraint's name as PostgreSQL gave it, or "unknown"."""
    cause: BaseException | None = error.orig
    while cause is not None:
        name = getattr(cause, "constraint_name", None)
        if name:
            return str(name)
        cause = cause.__cause__
    return "unknown"


def translate(error: IntegrityError) -> RuleError:
    """The refusal of a database constraint."""
    name = constraint_name(error)
    return RuleError(BY_CONSTRAINT.get(name, general.CONFLICT), constraint=name)
