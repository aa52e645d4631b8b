"""What belongs to one officer: further certificates, absences, recusals, changes of status.

Rows of an officer whom the caller has read or locked in its scope; each is asked for with the
officer's id, so another unit's id finds nothing.
"""

import datetime as dt
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.errors import RuleError
from app.domain.refusals import general
from app.domain.refusals import officers as refusals
from app.models.inspection import Inspection, InspectionOfficer, InspectionSheet
from app.models.library import Absence, InspectionObject, Interest, Officer
from app.models.people import OfficerCertificate, OfficerStatusChange
from app.storage.constraints import refuse_on
from app.storage.officer_duties import BEFORE_THE_END
from app.storage.officers import InterestRow

refuse_on("uq_officer_certificate_issuer_number", refusals.CERTIFICATE_TAKEN)
_SHOWN = 500
P = TypeVar("P", OfficerCertificate, Absence, Interest)


async def certificates_of(session: AsyncSession, officer: Officer) -> Sequence[OfficerCertificate]:
    """The latest further certificates of an officer, withdrawn ones among them."""
    query = (
        select(OfficerCertificate)
        .where(OfficerCertificate.officer_id == officer.id)
        .order_by(OfficerCertificate.id.desc())
        .limit(_SHOWN)
    )
    return (await session.execute(query)).scalars().all()


async def part_of(session: AsyncSession, kind: type[P], officer: Officer, part_id: UUID) -> P:
    """A certificate, absence or recusal of the officer, whose row is locked; else not-found."""
    query = select(kind).where(kind.id == part_id, kind.officer_id == officer.id)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def interest_row(session: AsyncSession, interest: Interest) -> InterestRow:
    """A recusal with the object that it is about."""
    row = (
        await session.execute(
            select(InspectionObject.code, InspectionObject.name).where(
                InspectionObject.id == interest.object_id
            )
        )
    ).one()
    return InterestRow(interest, row.code, row.name)


async def spans_of_absence(
    session: AsyncSession, officer: Officer
) -> list[tuple[dt.date, dt.date]]:
    """First and last days of the officer's absences that were not cancelled."""
    rows = await session.execute(
        select(Absence.starts_on, Absence.ends_on).where(
            Absence.officer_id == officer.id, ~Absence.cancelled
        )
    )
    return [(starts_on, ends_on) for starts_on, ends_on in rows]


async def status_changes_of(
    session: AsyncSession, officer: Officer
) -> Sequence[OfficerStatusChange]:
    """The latest changes of the officer's status."""
    query = (
        select(OfficerStatusChange)
        .where(OfficerStatusChange.officer_id == officer.id)
        .order_by(OfficerStatusChange.id.desc())
        .limit(_SHOWN)
    )
    return (await session.execute(query)).scalars().all()


async def last_status_day(session: AsyncSession, officer: Officer) -> dt.date | None:
    """The day on which the officer's status changed last."""
    query = select(func.max(OfficerStatusChange.effective_on)).where(
        OfficerStatusChange.officer_id == officer.id
    )
    return (await session.execute(query)).scalar_one()


async def open_sheets_of(session: AsyncSession, officer: Officer) -> list[tuple[UUID, str]]:
    """Inspections of the officer that have not ended: their ids, and the numbers of the sheets."""
    rows = await session.execute(
        select(Inspection.id, InspectionSheet.sheet_no)
        .join(InspectionOfficer, InspectionOfficer.inspection_id == Inspection.id)
        .join(InspectionSheet, InspectionSheet.id == Inspection.sheet_id)
        .where(InspectionOfficer.officer_id == officer.id, Inspection.status.in_(BEFORE_THE_END))
        .order_by(InspectionSheet.sheet_no)
        .limit(_SHOWN)
    )
    return [(inspection_id, sheet_no) for inspection_id, sheet_no in rows]


async def delete_officer(session: AsyncSession, officer: Officer) -> None:
    """An officer who was entered by mistake and did nothing, with what was entered besides."""
    for kind in (OfficerCertificate, Absence):
        await session.execute(delete(kind).where(kind.officer_id == officer.id))
    await session.delete(officer)
