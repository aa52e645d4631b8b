"""The states of what the history of objects gives rise to: waiting events, flags, proposals.

Names and rules only; what happened itself stands in `object_history`.
"""

from enum import StrEnum


class WaitingStatus(StrEnum):
    WAITING = "waiting"
    APPLIED = "applied"
    REFUSED = "refused"


class FlagStatus(StrEnum):
    """Open until dismissed with a reason, or resolved because the object is active again."""

    OPEN = "open"
    DISMISSED = "dismissed"
    RESOLVED = "resolved"


class MergeStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class EventOutcome(StrEnum):
    """What became of a row of a batch of events."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    WAITING = "waiting"
    REJECTED = "rejected"
