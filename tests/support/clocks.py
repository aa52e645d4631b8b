"""A clock that stands still until a test moves it."""

import datetime as dt

from app.clock import SteerableClock


class FrozenClock(SteerableClock):
    """Stands at an instant; `forward` and `set` move it."""

    def __init__(self, instant: dt.datetime) -> None:
        super().__init__()
        self._instant = instant

    def now(self) -> dt.datetime:
        return self._instant

    def set(self, instant: dt.datetime) -> None:
        self._instant = instant

    def forward(self, **by: float) -> None:
        """Move on by days=…, hours=…"""
        self._instant += dt.timedelta(**by)
