"""Licences and contacts of inspection objects, each a department's own.

Licences are read by office and oversight, too; contacts by the department alone.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.refusals import general
from app.domain.refusals import object_cases as refusals
from app.models.library import InspectionObject
from app.models.object_details import Licence, ObjectContact
from app.storage.constraints import refuse_on
from app.storage.objects import get_object
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_only, own_or_region

refuse_on("uq_object_licence_department_id_object_id_number", refusals.LICENCE_EXISTS)
refuse_on("ck_object_licence_validity", refusals.LICENCE_VALIDITY)
refuse_on("ck_object_licence_period", refusals.LICENCE_VALIDITY)


async def list_licences(
    session: AsyncSession,
    scope: Scope,
    paging: Paging,
    object_id: UUID | None,
    expires_before: dt.date | None,
) -> Slice[Licence]:
    """Licences in the caller's scope, in order of entry; of one object: raises not-found."""
    query = select(Licence).where(own_or_region(Licence.department_id, scope))
    if object_id is not None:
        await get_object(session, object_id, scope)
        query = query.where(Licence.object_id == object_id)
    if expires_before is not None:
        query = query.where(Licence.valid_to < expires_before, Licence.ended_on.is_(None))
    return await slice_of(session, query, Licence.id, paging)


async def get_licence(session: AsyncSession, licence_id: UUID, scope: Scope) -> Licence:
    """A licence in the caller's scope; raises not-found."""
    query = select(Licence).where(
        Licence.id == licence_id, own_or_region(Licence.department_id, scope)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def lock_licence(session: AsyncSession, licence_id: UUID, scope: Scope) -> Licence:
    """A licence of the caller's department, locked; raises not-found."""
    query = select(Licence).where(Licence.id == licence_id, own_only(Licence.department_id, scope))
    found = (await session.execute(query.with_for_update())).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


def licensed_on(department_id: UUID, day: dt.date, code: str | None = None) -> ColumnElement[bool]:
    """Objects that hold a licence (of a kind) on a day, as a department knows it: for pools."""
    query = exists().where(
        Licence.object_id == InspectionObject.id,
        Licence.department_id == department_id,
        Licence.approved_on <= day,
        or_(Licence.long_term, Licence.valid_to >= day),
        or_(Licence.ended_on.is_(None), Licence.ended_on > day),
    )
    return query if code is None else query.where(Licence.code == code)


async def find_contact(
    session: AsyncSession, object_id: UUID, scope: Scope
) -> ObjectContact | None:
    """What the caller's own department keeps of whom to contact."""
    query = select(ObjectContact).where(
        ObjectContact.object_id == object_id, own_only(ObjectContact.department_id, scope)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def clear_contact(session: AsyncSession, object_id: UUID, scope: Scope) -> None:
    """Forget whom to contact."""
    await session.execute(
        delete(ObjectContact).where(
            ObjectContact.object_id == object_id, own_only(ObjectContact.department_id, scope)
        )
    )
