"""The order of events that PostgreSQL gives is the one that decides what holds (R05)."""

import datetime as dt
import itertools
import random
from uuid import UUID

from app.domain.actor import Role
from app.models.library import ObjectEvent
from app.services.object_history import past
from app.services.runtime import Runtime
from app.storage import object_history
from tests.support.library_factories import make_object
from tests.support.world import World

NOW = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
DAYS = (dt.date(2026, 1, 1), dt.date(2026, 2, 1))
ORIGINS = (None, ("R", None), ("R", 0), ("R", 3), ("r", 3), ("S", None))
NAMES = itertools.cycle(("b", "B", "a-", "a1", "~"))


def _events(object_id: UUID, region: str) -> list[ObjectEvent]:
    every = itertools.product(("established", "changed"), DAYS, ORIGINS, (0, 1))
    return [
        ObjectEvent(
            id=UUID(int=random.Random(number).getrandbits(128)),
            object_id=object_id,
            kind=kind,
            effective_on=day,
            recorded_at=NOW + dt.timedelta(minutes=minutes),
            before={},
            after={},
            region_code=region,
            source=origin[0] if origin else None,
            source_sequence=origin[1] if origin else None,
            external_id=f"{next(NAMES)}{number}" if origin else None,
            content_sha256="0" * 64 if origin else None,
        )
        for number, (kind, day, origin, minutes) in enumerate((*every, *every))
    ]


async def test_the_database_orders_events_as_the_domain_does(world: World, runtime: Runtime):
    made = await make_object(await world.caller(Role.DEPT_CLERK))
    object_id = UUID(made["id"])
    async with runtime.database.bookkeeping() as session:
        session.add_all(_events(object_id, "150525"))
        await session.flush()
        stored = (await object_history.events_of(session, [object_id]))[object_id]
    assert len(stored) > 40
    assert [one.id for one in stored] == [
        one.id for one in sorted(map(past, stored), key=lambda event: event.order)
    ]
