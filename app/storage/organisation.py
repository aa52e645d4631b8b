"""Regions and departments. Both are public knowledge: their reads take no scope."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.errors import RuleError
from app.domain.refusals import general
from app.models.organisation import BusinessLine, Department, Region
from app.storage.paging import Paging, Slice, slice_of


async def find_department(session: AsyncSession, region_code: str, code: str) -> Department | None:
    """A department by its public code."""
    return (
        await session.execute(
            select(Department).where(Department.region_code == region_code, Department.code == code)
        )
    ).scalar_one_or_none()


async def get_department(session: AsyncSession, department_id: UUID) -> Department:
    """A department by id; raises not-found."""
    found = await session.get(Department, department_id)
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def lock_department(session: AsyncSession, department_id: UUID) -> Department:
    """The caller's department, locked so that one use case at a time numbers things in it.

    Rows that refer to the department may still be added meanwhile (FOR NO KEY UPDATE).
    """
    query = select(Department).where(Department.id == department_id)
    found = (await session.execute(query.with_for_update(key_share=True))).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def lock_departments(session: AsyncSession, ids: Iterable[UUID]) -> None:
    """Lock several departments, in one order, as `lock_department` locks one."""
    query = select(Department.id).where(Department.id.in_(list(ids))).order_by(Department.id)
    await session.execute(query.with_for_update(key_share=True))


async def hold_departments(session: AsyncSession, ids: Iterable[UUID]) -> None:
    """Keep whoever locks one of the departments waiting, until the transaction is over."""
    query = select(Department.id).where(Department.id.in_(list(ids))).order_by(Department.id)
    await session.execute(query.with_for_update(read=True))


async def departments_by_id(session: AsyncSession, ids: set[UUID]) -> dict[UUID, Department]:
    """Departments by id."""
    rows = await session.execute(select(Department).where(Department.id.in_(ids)))
    return {department.id: department for department in rows.scalars()}


async def department_names(session: AsyncSession, region_code: str) -> set[str]:
    """The names of all departments of a region."""
    query = select(Department.name).where(Department.region_code == region_code)
    return set((await session.execute(query)).scalars())


async def list_departments(
    session: AsyncSession, region_prefix: str, paging: Paging
) -> Slice[Department]:
    """Departments of a region and below it, in order of making."""
    query = select(Department)
    if region_prefix:
        query = query.where(Department.region_code.startswith(region_prefix, autoescape=True))
    return await slice_of(session, query, Department.id, paging)


async def list_business_lines(session: AsyncSession, department_id: UUID) -> list[BusinessLine]:
    """The business lines of a department, by code."""
    rows = await session.execute(
        select(BusinessLine)
        .where(BusinessLine.department_id == department_id)
        .order_by(BusinessLine.code)
    )
    return list(rows.scalars())


async def find_business_line(
    session: AsyncSession, department_id: UUID, code: str
) -> BusinessLine | None:
    """A business line by its code."""
    return (
        await session.execute(
            select(BusinessLine).where(
                BusinessLine.department_id == department_id, BusinessLine.code == code
            )
        )
    ).scalar_one_or_none()


async def business_lines_by_id(session: AsyncSession, ids: set[UUID]) -> dict[UUID, BusinessLine]:
    """Business lines by id (public knowledge, like their departments)."""
    if not ids:
        return {}
    rows = await session.execute(select(BusinessLine).where(BusinessLine.id.in_(ids)))
    return {line.id: line for line in rows.scalars()}


async def list_regions(session: AsyncSession, parent_code: str | None) -> list[Region]:
    """The places directly below another (or the provinces), by code."""
    query = select(Region).order_by(Region.code).limit(1000)
    query = query.where(
        Region.parent_code.is_(None) if parent_code is None else Region.parent_code == parent_code
    )
    return list((await session.execute(query)).scalars())


async def lock_region(session: AsyncSession, code: str) -> Region:
    """A region, locked so that one use case at a time numbers things in it; see `lock_department`.

    Its departments may still be added to meanwhile.
    """
    query = select(Region).where(Region.code == code)
    found = (await session.execute(query.with_for_update(key_share=True))).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def get_region(session: AsyncSession, code: str) -> Region:
    """A region by its code; raises not-found."""
    found = await session.get(Region, code)
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def open_departments(session: AsyncSession, region_code: str) -> list[Department]:
    """The departments of a region that are not closed, by code."""
    query = (
        select(Department)
        .where(Department.region_code == region_code, Department.closed_on.is_(None))
        .order_by(Department.code)
    )
    return list((await session.execute(query)).scalars())


async def region_codes(session: AsyncSession) -> set[str]:
    """The codes of all known places."""
    return set((await session.execute(select(Region.code))).scalars())
