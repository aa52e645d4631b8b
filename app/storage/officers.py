"""The officer library (R03, R05): read in the caller's scope, changed in the own department only.

Names are personal data: no function here gives an officer to a caller outside the scope.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.lifecycle import OfficerStatus
from app.domain.refusals import general
from app.domain.refusals import officers as refusals
from app.models.library import Absence, InspectionObject, Interest, Officer
from app.models.people import Expert, OfficerCertificate
from app.storage.constraints import refuse_on
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_only, own_or_region
from app.storage.search import contains

refuse_on("uq_officer_region_code_code", refusals.OFFICER_CODE_TAKEN)
refuse_on("uq_officer_certificate_issuer_certificate_no", refusals.CERTIFICATE_TAKEN)
refuse_on("uq_officer_certificate_principal", refusals.CERTIFICATE_TAKEN)
refuse_on("uq_officer_expert_code", refusals.PERSON_CODE_TAKEN)
refuse_on("uq_interest_officer_id_object_id", refusals.INTEREST_EXISTS)
_BATCH = 1000
_SHOWN = 500  # absences and interests with one officer, newest first


@dataclass(frozen=True, slots=True)
class OfficerFilter:
    """What a list of officers is narrowed to; None: not at all."""

    status: OfficerStatus | None = None
    tag: str | None = None
    leader_eligible: bool | None = None
    certificate_ends_by: dt.date | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class InterestRow:
    """A recusal with the object it concerns."""

    interest: Interest
    object_code: str
    object_name: str


async def get_officer(session: AsyncSession, officer_id: UUID, scope: Scope) -> Officer:
    """An officer in the caller's scope; raises not-found."""
    query = select(Officer).where(
        Officer.id == officer_id, own_or_region(Officer.department_id, scope)
    )
    return _found((await session.execute(query)).scalar_one_or_none())


async def lock_officer(session: AsyncSession, officer_id: UUID, scope: Scope) -> Officer:
    """An officer of the caller's own department, locked; raises not-found."""
    query = select(Officer).where(Officer.id == officer_id, own_only(Officer.department_id, scope))
    return _found((await session.execute(query.with_for_update())).scalar_one_or_none())


async def list_officers(
    session: AsyncSession, scope: Scope, paging: Paging, wanted: OfficerFilter
) -> Slice[Officer]:
    """Officers in order of making; `q` is part of a name or the start of a code."""
    query = select(Officer).where(own_or_region(Officer.department_id, scope))
    if wanted.status is not None:
        query = query.where(Officer.status == wanted.status)
    if wanted.tag is not None:
        query = query.where(Officer.tags.contains([wanted.tag]))
    if wanted.leader_eligible is not None:
        query = query.where(Officer.leader_eligible == wanted.leader_eligible)
    if wanted.certificate_ends_by is not None:
        query = query.where(
            or_(
                Officer.certificate_valid_to.is_(None),
                Officer.certificate_valid_to <= wanted.certificate_ends_by,
            )
        )
    if wanted.q is not None:
        query = query.where(
            or_(
                contains(Officer.name, wanted.q),
                Officer.code.startswith(wanted.q.upper(), autoescape=True),
            )
        )
    return await slice_of(session, query, Officer.id, paging)


async def owners_of_codes(
    session: AsyncSession, region_code: str, codes: Iterable[str]
) -> dict[str, UUID]:
    """Which department of the region has which of the codes (codes are public, names are not)."""
    query = select(Officer.code, Officer.department_id).where(
        Officer.region_code == region_code, Officer.code.in_(sorted(set(codes)))
    )
    return {row.code: row.department_id for row in await session.execute(query)}


async def codes_of_experts(
    session: AsyncSession, region_code: str, codes: Iterable[str]
) -> set[str]:
    """Which of the codes are experts' of the region: none is of both (R04)."""
    query = select(Expert.code).where(
        Expert.region_code == region_code, Expert.code.in_(sorted(set(codes)))
    )
    return set((await session.execute(query)).scalars())


async def taken_certificates(session: AsyncSession, numbers: Iterable[str]) -> set[tuple[str, str]]:
    """Certificates (issuer, number) that are in a library, to keep them unique across regions."""
    wanted = sorted(set(numbers))
    query = (
        select(Officer.certificate_issuer, Officer.certificate_no)
        .where(Officer.certificate_no.in_(wanted))
        .union_all(
            select(OfficerCertificate.issuer, OfficerCertificate.number).where(
                OfficerCertificate.number.in_(wanted), OfficerCertificate.withdrawn_at.is_(None)
            )
        )
    )
    return {(issuer or "", number) for issuer, number in await session.execute(query) if number}


async def add_officers(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store many new officers of one department."""
    for start in range(0, len(rows), _BATCH):
        await session.execute(insert(Officer), list(rows[start : start + _BATCH]))


async def absences_of(session: AsyncSession, officer: Officer) -> Sequence[Absence]:
    """The latest absences of an officer that the caller was allowed to read."""
    query = (
        select(Absence)
        .where(Absence.officer_id == officer.id)
        .order_by(Absence.starts_on.desc(), Absence.id.desc())
        .limit(_SHOWN)
    )
    return (await session.execute(query)).scalars().all()


async def interests_of(session: AsyncSession, officer: Officer) -> list[InterestRow]:
    """The latest recusals of an officer that the caller was allowed to read."""
    rows = await session.execute(
        select(Interest, InspectionObject.code, InspectionObject.name)
        .join(InspectionObject, InspectionObject.id == Interest.object_id)
        .where(Interest.officer_id == officer.id)
        .order_by(Interest.id.desc())
        .limit(_SHOWN)
    )
    return [InterestRow(interest, code, name) for interest, code, name in rows]


def touch(officer: Officer, now: dt.datetime) -> None:
    """Count a change of what belongs to the officer as a change of the officer."""
    officer.updated_at = now
    flag_modified(officer, "updated_at")


def _found(officer: Officer | None) -> Officer:
    if officer is None:
        raise RuleError(general.NOT_FOUND)
    return officer
