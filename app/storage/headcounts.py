"""Declared headcounts and what the officer library holds against them (R03)."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Scope
from app.domain.lifecycle import CertificateKind, DepartmentKind, OfficerStatus
from app.models.library import Officer
from app.models.organisation import BusinessLine, Department
from app.models.people import HeadcountDeclaration, OfficerCertificate
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_or_region

in_library = Officer.status != OfficerStatus.LEFT
Place = tuple[UUID, UUID | None]
"""A department, and a business line of it or (None) no line."""


@dataclass(frozen=True, slots=True)
class HeadcountFilter:
    """What a list of declarations is narrowed to; None: not at all."""

    department_code: str | None = None
    business_line_code: str | None = None


def certified_on(day: dt.date) -> ColumnElement[bool]:
    """Officers with an enforcement certificate that holds on a day, as `domain.certificates`."""
    further = (
        select(OfficerCertificate.id)
        .where(
            OfficerCertificate.officer_id == Officer.id,
            OfficerCertificate.kind == CertificateKind.ENFORCEMENT,
            OfficerCertificate.withdrawn_at.is_(None),
            OfficerCertificate.valid_from <= day,
            OfficerCertificate.valid_to >= day,
        )
        .exists()
    )
    return or_(func.coalesce(Officer.certificate_valid_to >= day, False), further)


async def list_declarations(
    session: AsyncSession, scope: Scope, paging: Paging, wanted: HeadcountFilter
) -> Slice[HeadcountDeclaration]:
    """Declarations in the caller's scope, the latest recorded first."""
    query = select(HeadcountDeclaration).where(
        own_or_region(HeadcountDeclaration.department_id, scope)
    )
    if wanted.department_code is not None:
        of_code = select(Department.id).where(Department.code == wanted.department_code)
        query = query.where(HeadcountDeclaration.department_id.in_(of_code))
    if wanted.business_line_code is not None:
        lines = select(BusinessLine.id).where(BusinessLine.code == wanted.business_line_code)
        query = query.where(HeadcountDeclaration.business_line_id.in_(lines))
    return await slice_of(session, query, HeadcountDeclaration.id, paging, newest_first=True)


async def declared(session: AsyncSession, scope: Scope) -> dict[Place, HeadcountDeclaration]:
    """The declaration in force of each department and line: the latest day, then the latest row."""
    table = HeadcountDeclaration
    rows = await session.execute(
        select(table)
        .ext(distinct_on(table.department_id, table.business_line_id))
        .where(own_or_region(table.department_id, scope))
        .order_by(
            table.department_id,
            table.business_line_id,
            table.declared_on.desc(),
            table.id.desc(),
        )
    )
    return {(one.department_id, one.business_line_id): one for one in rows.scalars()}


async def held(session: AsyncSession, scope: Scope, today: dt.date) -> dict[Place, tuple[int, int]]:
    """Officers in the library, and those of them with a certificate today, by place."""
    rows = await session.execute(
        select(
            Officer.department_id,
            Officer.business_line_id,
            func.count(),
            func.count().filter(certified_on(today)),
        )
        .where(own_or_region(Officer.department_id, scope), in_library)
        .group_by(Officer.department_id, Officer.business_line_id)
    )
    return {(unit, line): (count, certified) for unit, line, count, certified in rows}


async def inspecting_departments(
    session: AsyncSession, scope: Scope, department_code: str | None = None
) -> list[Department]:
    """Departments in the caller's scope that inspect and are open, by code.

    The leading-group office and oversight bodies inspect nothing (N7).
    """
    query = select(Department).where(
        own_or_region(Department.id, scope),
        Department.kind.not_in((DepartmentKind.OFFICE, DepartmentKind.OVERSIGHT)),
        Department.closed_on.is_(None),
    )
    if department_code is not None:
        query = query.where(Department.code == department_code)
    rows = await session.execute(query.order_by(Department.region_code, Department.code))
    return list(rows.scalars())


async def lines_of(session: AsyncSession, department_ids: list[UUID]) -> list[BusinessLine]:
    """Business lines of departments (public knowledge), by code."""
    rows = await session.execute(
        select(BusinessLine)
        .where(BusinessLine.department_id.in_(department_ids))
        .order_by(BusinessLine.department_id, BusinessLine.code)
    )
    return list(rows.scalars())


async def counted_officers(
    session: AsyncSession,
    scope: Scope,
    paging: Paging,
    today: dt.date,
    wanted: HeadcountFilter,
    certified: bool | None,
) -> Slice[Officer]:
    """The officers behind a figure, in order of making."""
    query = select(Officer).where(own_or_region(Officer.department_id, scope), in_library)
    if wanted.department_code is not None:
        of_code = select(Department.id).where(Department.code == wanted.department_code)
        query = query.where(Officer.department_id.in_(of_code))
    if wanted.business_line_code is not None:
        lines = select(BusinessLine.id).where(
            and_(
                BusinessLine.code == wanted.business_line_code,
                BusinessLine.department_id == Officer.department_id,
            )
        )
        query = query.where(Officer.business_line_id.in_(lines))
    if certified is not None:
        holds = certified_on(today)
        query = query.where(holds if certified else ~holds)
    return await slice_of(session, query, Officer.id, paging)
