"""What rules ask of officers: this year's load, further certificates, where somebody is in use.

For officers that the caller has read or locked in its scope, and for whole departments of a task.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.certificates import Certificate
from app.domain.lifecycle import InspectionStatus
from app.models.account import Account
from app.models.draw import Draw, TeamMember
from app.models.inspection import Inspection, InspectionOfficer
from app.models.library import Interest, Officer
from app.models.people import OfficerCertificate, OfficerStatusChange
from app.models.plan import PlanTaskDepartment
from app.models.transfer import DutyTransferOfficer, OfficerPosting


def yearly_load(year_start: dt.datetime) -> Subquery:
    """Inspections assigned since then by officer, void ones left out: the load that draws take."""
    return (
        select(InspectionOfficer.officer_id, func.count().label("load"))
        .join(Inspection, Inspection.id == InspectionOfficer.inspection_id)
        .where(Inspection.created_at >= year_start, Inspection.status != InspectionStatus.VOID)
        .group_by(InspectionOfficer.officer_id)
        .subquery()
    )


async def loads_of(
    session: AsyncSession, officer_ids: Sequence[UUID], year_start: dt.datetime
) -> dict[UUID, int]:
    """Loads of the officers that have one."""
    load = yearly_load(year_start)
    query = select(load.c.officer_id, load.c.load).where(load.c.officer_id.in_(officer_ids))
    rows = (await session.execute(query)).all()
    return {row.officer_id: row.load for row in rows}


async def certificates_of(
    session: AsyncSession, condition: ColumnElement[bool]
) -> dict[UUID, tuple[Certificate, ...]]:
    """Further certificates that were not withdrawn, by officer, of officers as the condition says.

    The condition speaks of `Officer`.
    """
    rows = await session.execute(
        select(
            OfficerCertificate.officer_id,
            OfficerCertificate.kind,
            OfficerCertificate.valid_from,
            OfficerCertificate.valid_to,
            OfficerCertificate.qualification,
        )
        .join(Officer, Officer.id == OfficerCertificate.officer_id)
        .where(condition, OfficerCertificate.withdrawn_at.is_(None))
        .order_by(OfficerCertificate.id)
    )
    found: dict[UUID, list[Certificate]] = {}
    for officer_id, kind, valid_from, valid_to, qualification in rows:
        one = Certificate(kind, valid_from, valid_to, qualification)
        found.setdefault(officer_id, []).append(one)
    return {officer_id: tuple(certificates) for officer_id, certificates in found.items()}


async def uses_of(session: AsyncSession, officer: Officer) -> tuple[str, ...]:
    """Where an officer that the caller read or locked is in use, in both languages.

    Every officer of a department that takes part in a draw is in its frozen files, drawn or not.
    """
    in_draws = (
        select(Draw.id)
        .join(PlanTaskDepartment, PlanTaskDepartment.plan_task_id == Draw.plan_task_id)
        .where(
            PlanTaskDepartment.department_id == officer.department_id,
            Draw.frozen_at >= officer.created_at,
        )
    )
    places: dict[str, Any] = {
        "抽取 draw": or_(in_draws.exists(), exists().where(TeamMember.officer_id == officer.id)),
        "检查 inspection": exists().where(InspectionOfficer.officer_id == officer.id),
        "回避关系 interest": exists().where(Interest.officer_id == officer.id),
        "状态变更 status change": exists().where(OfficerStatusChange.officer_id == officer.id),
        "职责调整 duty transfer": or_(
            exists().where(OfficerPosting.officer_id == officer.id),
            exists().where(DutyTransferOfficer.officer_id == officer.id),
        ),
        "登录账号 account": exists().where(Account.officer_id == officer.id),
    }
    row = (await session.execute(select(*places.values()))).one()
    return tuple(place for place, used in zip(places, row, strict=True) if used)


def by_id(officer_ids: Iterable[UUID]) -> ColumnElement[bool]:
    """The condition for certain officers."""
    return Officer.id.in_(list(officer_ids))
