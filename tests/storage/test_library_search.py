"""The table that searches read says what the library says, whatever statement wrote it."""

from sqlalchemy import text

from app.domain.actor import Role
from app.services.runtime import Runtime
from tests.support.library_factories import make_object
from tests.support.world import World

EXPECTED = """
SELECT e.department_id, e.object_id, d.region_code, o.name_key, o.name, o.code, o.kind, o.status,
    o.risk_class, o.area_code, coalesce(regexp_replace(o.industry_code, '^[A-Z](?=[0-9])', ''), ''),
    coalesce(o.last_inspected_on, '0001-01-01'::date), e.tags, e.special_libraries
FROM library_entry e JOIN inspection_object o ON o.id = e.object_id
JOIN department d ON d.id = e.department_id ORDER BY 1, 2
"""
SEARCHED = """
SELECT department_id, object_id, department_region, name_key, name, code, kind, status,
    risk_class, area_code, industry_code, last_inspected_on, tags, special_libraries
FROM library_search ORDER BY 1, 2
"""
OF_SECOND = "(SELECT id FROM inspection_object WHERE name LIKE '乙%')"
ENTER = """
INSERT INTO library_entry (id, department_id, object_id, tags, special_libraries, created_at)
SELECT gen_random_uuid(), d.id, o.id, '{}', ARRAY['四'], now()
FROM inspection_object o, department d WHERE d.code IN ('GAJ', 'SWJ')
"""
RATE = """
UPDATE inspection_object SET risk_class = 'D', last_inspected_on = '2026-01-01'
WHERE name LIKE '甲%'
"""
WRITES = (
    "UPDATE inspection_object SET status = 'cancelled', industry_code = 'C1353'",
    RATE,
    "UPDATE inspection_object SET row_version = row_version + 1, address = '别处'",
    "UPDATE library_entry SET tags = ARRAY['一', '二'], special_libraries = ARRAY['三']",
    "UPDATE library_entry SET department_id = (SELECT id FROM department WHERE code = 'WLJ')",
    f"DELETE FROM library_entry WHERE object_id IN {OF_SECOND}",
    ENTER,
    "DELETE FROM library_entry",
)


async def test_every_write_of_the_library_is_searched_at_once(world: World, runtime: Runtime):
    clerk = await world.caller(Role.DEPT_CLERK)
    for name in ("甲商行", "乙商行", "丙商行"):
        await make_object(clerk, name=name)
    async with runtime.database.bookkeeping() as session:
        counts = []
        for write in WRITES:
            await session.execute(text(write))
            expected = (await session.execute(text(EXPECTED))).all()
            assert (await session.execute(text(SEARCHED))).all() == expected, write
            counts.append(len(expected))
    assert counts == [3, 3, 3, 3, 3, 2, 8, 0]
