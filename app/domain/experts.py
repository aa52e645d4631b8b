"""What an expert must have signed, and when one leaves (R04)."""

import datetime as dt

from app.domain.errors import RuleError
from app.domain.refusals import experts as refusals


def require_confidentiality(signed_on: dt.date, valid_to: dt.date | None) -> None:
    """Nobody advises without a confidentiality agreement; it does not end before it was signed."""
    if valid_to is not None and valid_to < signed_on:
        raise RuleError(refusals.CONFIDENTIALITY_PERIOD_INVALID)


def require_departure(left_on: dt.date, today: dt.date) -> None:
    """An expert leaves on a day that has come."""
    if left_on > today:
        raise RuleError(refusals.EXPERT_LEAVES_AHEAD)
