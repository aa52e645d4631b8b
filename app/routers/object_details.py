"""Licences of inspection objects, and whom to contact there."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.object_actions import LICENCE, LicenceFacts
from app.domain.object_details import Contact
from app.domain.refusals import general
from app.domain.refusals import object_cases as refusals
from app.idempotency import KeyedRoute, Once
from app.models.object_details import Licence
from app.schemas.actions import allowed_actions
from app.schemas.base import Day
from app.schemas.object_details import (
    ContactRead,
    ContactReveal,
    ContactWrite,
    LicenceCreate,
    LicenceEnd,
    LicenceRead,
    LicenceUpdate,
)
from app.schemas.page import Page, page_of
from app.services.object_details import ContactService, LicenceService, NewLicence

router = APIRouter(prefix="/api/v1", tags=["objects"], route_class=KeyedRoute)
LicencesDep = Annotated[LicenceService, Depends(service(LicenceService))]
ContactsDep = Annotated[ContactService, Depends(service(ContactService))]


def _read(licence: Licence, actor: Actor) -> LicenceRead:
    shaped = LicenceRead.model_validate(licence)
    facts = LicenceFacts(licence.department_id, licence.ended_on is not None)
    shaped.allowed_actions = allowed_actions(LICENCE, facts, actor)
    return shaped


@router.get(
    "/inspection-objects/{object_id}/licences",
    operation_id="list_object_licences",
    summary="检查对象的许可证",
    **secured(Permission.OBJECT_READ, general.NOT_FOUND, general.BAD_CURSOR),
)
async def list_object_licences(
    object_id: IdPath, actor: ActorDep, licences: LicencesDep, paging: PagingDep
) -> Page[LicenceRead]:
    """Licences that the own department has entered (office and oversight: all)."""
    cut = await licences.list(actor, paging, object_id)
    return page_of(cut, [_read(one, actor) for one in cut.items])


@router.get(
    "/object-licences",
    operation_id="list_licences",
    summary="许可证(可按到期日查询)",
    **secured(Permission.OBJECT_READ, general.BAD_CURSOR),
)
async def list_licences(
    actor: ActorDep,
    licences: LicencesDep,
    paging: PagingDep,
    expires_before: Annotated[
        Day | None, Query(description="The last day lies before; the long term never does.")
    ] = None,
) -> Page[LicenceRead]:
    """Licences of all objects of the own library, in order of entry."""
    cut = await licences.list(actor, paging, None, expires_before)
    return page_of(cut, [_read(one, actor) for one in cut.items])


@router.get(
    "/object-licences/{licence_id}",
    operation_id="read_licence",
    summary="许可证详情",
    **secured(Permission.OBJECT_READ, general.NOT_FOUND),
)
async def read_licence(
    licence_id: IdPath, actor: ActorDep, licences: LicencesDep, response: Response
) -> LicenceRead:
    """A licence."""
    licence = await licences.get(actor, licence_id)
    set_etag(response, licence.row_version)
    return _read(licence, actor)


@router.post(
    "/inspection-objects/{object_id}/licences",
    operation_id="add_object_licence",
    summary="登记检查对象许可证",
    status_code=201,
    **secured(
        Permission.OBJECT_WRITE,
        general.NOT_FOUND,
        refusals.OBJECT_MERGED,
        refusals.LICENCE_VALIDITY,
        refusals.LICENCE_EXISTS,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def add_object_licence(
    object_id: IdPath,
    body: LicenceCreate,
    version: IfMatch,
    actor: ActorDep,
    licences: LicencesDep,
    response: Response,
) -> LicenceRead:
    """Enter a licence; If-Match names the object's version."""
    licence = await licences.add(actor, object_id, version, NewLicence(**body.model_dump()))
    response.headers["Location"] = f"/api/v1/object-licences/{licence.id}"
    set_etag(response, licence.row_version)
    return _read(licence, actor)


@router.patch(
    "/object-licences/{licence_id}",
    operation_id="change_object_licence",
    summary="变更许可证(延续、更正)",
    **secured(
        Permission.OBJECT_WRITE,
        general.NOT_FOUND,
        refusals.OBJECT_MERGED,
        refusals.LICENCE_VALIDITY,
        refusals.LICENCE_ENDED,
        changes=True,
    ),
)
async def change_object_licence(
    licence_id: IdPath,
    body: LicenceUpdate,
    version: IfMatch,
    actor: ActorDep,
    licences: LicencesDep,
    response: Response,
) -> LicenceRead:
    """Renew or correct a licence; what it said stays in the object's history."""
    licence = await licences.change(actor, licence_id, version, body.changes())
    set_etag(response, licence.row_version)
    return _read(licence, actor)


@router.post(
    "/object-licences/{licence_id}/end",
    operation_id="end_object_licence",
    summary="终止许可证",
    **secured(
        Permission.OBJECT_WRITE,
        general.NOT_FOUND,
        refusals.OBJECT_MERGED,
        refusals.LICENCE_VALIDITY,
        refusals.LICENCE_ENDED,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def end_object_licence(
    licence_id: IdPath,
    body: LicenceEnd,
    version: IfMatch,
    actor: ActorDep,
    licences: LicencesDep,
    response: Response,
) -> LicenceRead:
    """The licence was given back or taken away before its time."""
    licence = await licences.end(actor, licence_id, version, body.ended_on, body.reason)
    set_etag(response, licence.row_version)
    return _read(licence, actor)


@router.get(
    "/inspection-objects/{object_id}/contact",
    operation_id="read_object_contact",
    summary="检查对象联系人(已脱敏)",
    **secured(Permission.OBJECT_READ, general.NOT_FOUND),
)
async def read_object_contact(
    object_id: IdPath, actor: ActorDep, contacts: ContactsDep, response: Response
) -> ContactRead:
    """Whom to contact, masked, as the own department keeps it; the ETag is the object's."""
    view = await contacts.get(actor, object_id)
    set_etag(response, view.version)
    return _contact(view.contact, view.updated_at)


@router.put(
    "/inspection-objects/{object_id}/contact",
    operation_id="set_object_contact",
    summary="登记检查对象联系人",
    **secured(Permission.OBJECT_WRITE, general.NOT_FOUND, refusals.OBJECT_MERGED, changes=True),
)
async def set_object_contact(
    object_id: IdPath,
    body: ContactWrite,
    version: IfMatch,
    actor: ActorDep,
    contacts: ContactsDep,
    response: Response,
) -> ContactRead:
    """Write whom to contact; the answer is masked."""
    view = await contacts.set(actor, object_id, version, Contact(**body.model_dump()))
    set_etag(response, view.version)
    return _contact(view.contact, view.updated_at)


@router.post(
    "/inspection-objects/{object_id}/contact/reveal",
    operation_id="reveal_object_contact",
    summary="查看检查对象联系人原文(须说明理由,留痕)",
    **secured(Permission.OBJECT_CONTACT, general.NOT_FOUND, refusals.OBJECT_MERGED),
)
async def reveal_object_contact(
    object_id: IdPath, body: ContactReveal, actor: ActorDep, contacts: ContactsDep
) -> ContactRead:
    """The full data, once, on record; takes no key, since a kept answer would keep them."""
    view = await contacts.reveal(actor, object_id, body.reason)
    return _contact(view.contact, view.updated_at)


def _contact(contact: Contact, updated_at: object) -> ContactRead:
    return ContactRead.model_validate(
        {
            "legal_representative": contact.legal_representative,
            "liaison": contact.liaison,
            "phone": contact.phone,
            "updated_at": updated_at,
        }
    )
