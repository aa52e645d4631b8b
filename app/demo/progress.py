"""What the demo shows while it runs: a bar on a terminal, a plain line per step elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class YearProgress:
    """Steps of the year with their seconds; inside a step, how much of it is done."""

    def __init__(self, steps: int) -> None:
        self._console = Console()
        self._steps = steps
        self._done = 0
        self._bar: Progress | None = None
        self._whole: TaskID | None = None
        self._part: TaskID | None = None
        self.seconds: dict[str, float] = {}

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description:<28}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=self._console,
            )
            self._bar.start()
            self._whole = self._bar.add_task("演示年度 demo year", total=self._steps)
            self._part = self._bar.add_task("", total=None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step, timed."""
        began = time.monotonic()
        if self._bar is not None and self._part is not None:
            self._bar.reset(self._part, description=title, total=None)
        yield
        took = time.monotonic() - began
        self.seconds[title] = round(self.seconds.get(title, 0.0) + took, 2)
        self._done += 1
        if self._bar is None:
            print(f"[{self._done:2d}/{self._steps}] {title}  {took:.1f} s", flush=True)
        elif self._whole is not None:
            self._bar.advance(self._whole)

    def expect(self, total: int) -> None:
        """The step has so many parts."""
        if self._bar is not None and self._part is not None:
            self._bar.update(self._part, total=total, completed=0)

    def advance(self) -> None:
        """One part is done."""
        if self._bar is not None and self._part is not None:
            self._bar.advance(self._part)
