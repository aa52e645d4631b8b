"""Publication rates and completion: for the public in figures, for departments with the ids."""

import datetime as dt
from dataclasses import dataclass

from app.domain.actor import Actor
from app.domain.calendar import shanghai_date
from app.models.inspection import Inspection
from app.services.runtime import Runtime
from app.storage import inspections, rates
from app.storage.inspections import Section
from app.storage.paging import Paging, Slice
from app.storage.rates import Figures, Part, RateFilter


@dataclass(frozen=True, slots=True)
class RateView:
    """Figures and the day they are of."""

    figures: Figures
    as_of: dt.date


class RateService:
    """Use cases that count."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database
        self._clock = runtime.clock

    async def public(self, filters: RateFilter) -> RateView:
        """The figures of everything that the filter names."""
        today = self._today()
        async with self._db.reading() as session:
            return RateView(await rates.count_figures(session, filters, today), today)

    async def own(self, actor: Actor, filters: RateFilter) -> RateView:
        """The figures of the caller's department (or region)."""
        today = self._today()
        async with self._db.reading() as session:
            figures = await rates.count_figures(session, filters, today, actor.scope)
        return RateView(figures, today)

    async def counted(
        self, actor: Actor, filters: RateFilter, part: Part, paging: Paging
    ) -> tuple[Slice[Inspection], list[Section]]:
        """The inspections behind a figure of `own`."""
        async with self._db.reading() as session:
            cut = await rates.list_counted(
                session, filters, part, self._today(), actor.scope, paging
            )
            ids = [one.id for one in cut.items]
            sections = await inspections.sections_by_id(session, ids)
        return cut, [sections[one] for one in ids]

    def _today(self) -> dt.date:
        return shanghai_date(self._clock.now())
