"""Keys of names that a statement left out: an older release, or a copy of rows from elsewhere."""

from sqlalchemy import Text, Uuid, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.library import InspectionObject
from app.reference.pinyin import name_key


async def fill_name_keys(session: AsyncSession, limit: int) -> int:
    """Compute so many missing keys; how many were missing. What others have locked is left out."""
    missing = (
        select(InspectionObject.id, InspectionObject.name)
        .where(InspectionObject.name_key == "")
        .order_by(InspectionObject.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = (await session.execute(missing)).all()
    if not rows:
        return 0
    keys = (
        select(
            func.unnest(cast([row.id for row in rows], ARRAY(Uuid))).label("id"),
            func.unnest(cast([name_key(row.name) for row in rows], ARRAY(Text))).label("key"),
        )
    ).subquery()
    changed = update(InspectionObject.__table__).values(name_key=keys.c.key)  # type: ignore[arg-type]
    await session.execute(changed.where(InspectionObject.__table__.c.id == keys.c.id))
    return len(rows)
