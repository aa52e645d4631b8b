"""What is published of inspections: written once, read by everybody (no scope: it is public)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.domain.actor import region_prefix
from app.domain.errors import RuleError
from app.domain.refusals import general
from app.domain.refusals import inspections as refusals
from app.models.inspection import Inspection, Publication
from app.models.library import InspectionObject
from app.models.organisation import Department
from app.storage.constraints import refuse_on
from app.storage.paging import Paging, Slice, slice_of

refuse_on("uq_publication_inspection_id_version", refusals.PUBLICATION_EXISTS)

_Newer = aliased(Publication)


@dataclass(frozen=True, slots=True)
class ResultFilter:
    """What the public list is narrowed to; a region is meant with all places below it."""

    region_code: str | None = None
    object_code: str | None = None
    department_code: str | None = None
    plan_no: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """A publication with its department and the days that R19 is about."""

    publication: Publication
    department: Department
    inspection: Inspection


def _latest(query: Select[Publication]) -> Select[Publication]:
    # A correction is a new version; the list shows what holds now.
    newer = (_Newer.inspection_id == Publication.inspection_id) & (
        _Newer.version > Publication.version
    )
    return query.where(~exists().where(newer))


async def list_results(
    session: AsyncSession, filters: ResultFilter, paging: Paging
) -> Slice[Publication]:
    """Published results, newest first."""
    query = _latest(select(Publication))
    if filters.region_code is not None:
        prefix = region_prefix(filters.region_code)
        query = query.where(Publication.region_code.startswith(prefix, autoescape=True))
    if filters.object_code is not None:
        query = query.where(await _of_firm(session, filters.object_code))
    if filters.plan_no is not None:
        query = query.where(Publication.plan_no == filters.plan_no)
    if filters.name is not None:
        query = query.where(Publication.object_name.icontains(filters.name, autoescape=True))
    if filters.department_code is not None:
        of_code = select(Department.id).where(Department.code == filters.department_code)
        query = query.where(Publication.department_id.in_(of_code))
    return await slice_of(session, query, Publication.id, paging, newest_first=True)


async def _of_firm(session: AsyncSession, code: str) -> ColumnElement[bool]:
    """Results of an object: its own, of what it answers for (R07), of what was merged into it.

    The codes are asked for first, so that the list is served by the index on the code.
    """
    # By region and code, as the index has them; there are as many regions as have departments.
    regions = select(Department.region_code)
    firms = await _objects(
        session, (InspectionObject.code == code) & InspectionObject.region_code.in_(regions)
    )
    merged = await _objects(session, InspectionObject.merged_into_id.in_(firms))
    of_both = InspectionObject.responsible_object_id.in_([*firms, *merged])
    others = [*merged.values(), *(await _objects(session, of_both)).values()]
    own = Publication.object_code == code
    if not others:
        return own
    place = tuple_(Publication.region_code, Publication.object_code).in_(others)
    return or_(own, Publication.object_code.in_([found for _, found in others]) & place)


async def _objects(
    session: AsyncSession, which: ColumnElement[bool]
) -> dict[UUID, tuple[str, str]]:
    query = select(InspectionObject.id, InspectionObject.region_code, InspectionObject.code)
    rows = await session.execute(query.where(which))
    return {object_id: (region_code, code) for object_id, region_code, code in rows}


async def results_by_id(
    session: AsyncSession, publication_ids: list[UUID]
) -> dict[UUID, PublishedResult]:
    """Publications with what the public may know around them."""
    query = _around().where(Publication.id.in_(publication_ids))
    return {row[0].id: PublishedResult(*row) for row in await session.execute(query)}


async def get_result(session: AsyncSession, publication_id: UUID) -> PublishedResult:
    """One publication, of whatever version; raises not-found."""
    row = (await session.execute(_around().where(Publication.id == publication_id))).one_or_none()
    if row is None:
        raise RuleError(general.NOT_FOUND)
    return PublishedResult(*row)


def _around() -> Select[Publication, Department, Inspection]:
    return (
        select(Publication, Department, Inspection)
        .join(Department, Department.id == Publication.department_id)
        .join(Inspection, Inspection.id == Publication.inspection_id)
    )
