"""Placeholder while the draw is written."""

from app.services.runtime import Runtime


class DrawRevealService:
    """Reveals."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def finish_due(self) -> int:
        """Nothing yet."""
        return 0
