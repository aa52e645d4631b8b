"""Where the time comes from: the system's clock, or one that a demo or a test steers.

Nothing else in the service asks the operating system for the time.
"""

import datetime as dt
from typing import Protocol


class Clock(Protocol):
    """The present instant, always with a time zone."""

    def now(self) -> dt.datetime:
        """The present instant in UTC."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> dt.datetime:
        """The present instant in UTC."""
        return dt.datetime.now(dt.UTC)  # noqa: TID251  the one place where time enters


class SteerableClock:
    """Runs like the system's clock, from wherever it was last set to."""

    def __init__(self, base: Clock | None = None) -> None:
        self._base = base or SystemClock()
        self._offset = dt.timedelta()

    def now(self) -> dt.datetime:
        """The steered instant in UTC."""
        return self._base.now() + self._offset

    def set(self, instant: dt.datetime) -> None:
        """From now on it is `instant`, and time goes on from there."""
        self._offset = instant - self._base.now()

    def reset(self) -> None:
        """Go back to the system's time."""
        self._offset = dt.timedelta()
