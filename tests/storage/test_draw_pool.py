"""What a draw reads by code; a draw may have more winners than a statement takes values."""

from app.services.runtime import Runtime
from app.storage import draw_pool
from tests.support.draw_factories import a_library, credit_code
from tests.support.world import REGION

MORE_THAN_A_STATEMENT_TAKES = 33_000


async def test_the_objects_of_a_draw_are_found_by_any_number_of_codes(
    runtime: Runtime,
):
    library = await a_library(runtime, objects=3, officers=2)
    wanted = [credit_code(number) for number in range(1, MORE_THAN_A_STATEMENT_TAKES)]
    async with runtime.database.reading() as session:
        ids = await draw_pool.object_ids(session, REGION, wanted)
        found = await draw_pool.objects_by_code(session, REGION, wanted)
        again = await draw_pool.objects_by_id(session, {None, *ids.values()})
        officers = await draw_pool.officers_by_code(
            session, REGION, [*library.officer_codes, *wanted]
        )
        elsewhere = await draw_pool.object_ids(session, "150526", wanted)
    assert set(ids) == set(found) == set(library.object_codes)
    assert {one.id for one in found.values()} == set(ids.values()) == set(again)
    assert set(officers) == set(library.officer_codes)
    assert elsewhere == {}
