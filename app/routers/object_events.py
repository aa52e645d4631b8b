"""What happens to inspection objects, and how they were on any day (R05)."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service, set_etag
from app.domain.actor import Permission
from app.domain.object_cases import EventOutcome, WaitingStatus
from app.domain.object_events import EventRow
from app.domain.object_library import EventKind
from app.domain.refusals import general
from app.domain.refusals import object_cases as cases
from app.domain.refusals import object_events as refusals
from app.domain.refusals import objects as object_refusals
from app.idempotency import KeyedRoute, Once
from app.models.object_history import WaitingEvent
from app.routers.objects import DATA, shape_object
from app.schemas import base
from app.schemas.base import Day
from app.schemas.object_events import (
    EventBatchRead,
    EventFacts,
    EventVerdictRead,
    ObjectEventBatch,
    ObjectEventCreate,
    ObjectEventRead,
    ObjectStateRead,
    RecordedEventRead,
    WaitingEventRead,
)
from app.schemas.page import Page, page_of
from app.services.object_event_batch import BatchOutcome, ObjectEventBatchService
from app.services.object_events import NewEvent, ObjectEventService
from app.services.waiting_events import WaitingEventService
from app.storage.object_history import WaitingFilter

router = APIRouter(prefix="/api/v1", tags=["objects"], route_class=KeyedRoute)
EventsDep = Annotated[ObjectEventService, Depends(service(ObjectEventService))]
WaitingDep = Annotated[WaitingEventService, Depends(service(WaitingEventService))]
BatchDep = Annotated[ObjectEventBatchService, Depends(service(ObjectEventBatchService))]


def _facts(sent: EventFacts | None) -> dict[str, Any]:
    return {} if sent is None else sent.changes()


def _rows(body: ObjectEventBatch) -> list[EventRow]:
    return [
        EventRow(
            row=number,
            external_id=one.external_id,
            object_code=one.object_code,
            kind=one.kind,
            effective_on=one.effective_on,
            sequence=one.source_sequence,
            facts=_facts(one.facts),
            object_kind=one.object_kind,
            id_scheme=one.id_scheme,
            reason=one.reason,
        )
        for number, one in enumerate(body.events, start=1)
    ]


def _batch_read(outcome: BatchOutcome) -> EventBatchRead:
    return EventBatchRead(
        source=outcome.source,
        accepted=outcome.count(EventOutcome.ACCEPTED),
        duplicate=outcome.count(EventOutcome.DUPLICATE),
        waiting=outcome.count(EventOutcome.WAITING),
        rejected=outcome.count(EventOutcome.REJECTED),
        applied_later=outcome.applied_later,
        rows=[
            EventVerdictRead(
                row=one.row,
                external_id=one.external_id,
                outcome=one.outcome,
                code=one.said.code,
                field=one.said.pointer,
                zh=one.said.zh,
                en=one.said.en,
                object_id=one.object_id,
                event_id=one.event_id,
            )
            for one in outcome.verdicts
        ],
    )


@router.post(
    "/inspection-objects/{object_id}/events",
    operation_id="record_object_event",
    summary="登记检查对象设立、变更、吊销、注销、迁移等变动",
    status_code=201,
    **secured(
        Permission.OBJECT_WRITE,
        general.NOT_FOUND,
        cases.OBJECT_MERGED,
        *DATA,
        object_refusals.STATUS_UNCHANGED,
        refusals.EVENT_TELLS_NOTHING,
        refusals.EVENT_FIELDS_NOT_ALLOWED,
        refusals.EVENT_KIND_RESERVED,
        refusals.EVENT_ID_REUSED,
        refusals.EVENT_ORIGIN_INCOMPLETE,
        changes=True,
        once=Once.ACCEPTED,
    ),
)
async def record_object_event(
    object_id: IdPath,
    body: ObjectEventCreate,
    version: IfMatch,
    actor: ActorDep,
    events: EventsDep,
    response: Response,
) -> RecordedEventRead:
    """Record what happened; the object becomes what its whole history says."""
    new = NewEvent(**body.model_dump(exclude={"facts"}), facts=_facts(body.facts))
    made = await events.record(actor, object_id, new, version)
    response.headers["Location"] = f"/api/v1/inspection-objects/{object_id}/events"
    set_etag(response, made.view.subject.row_version)
    return RecordedEventRead(
        event=ObjectEventRead.model_validate(made.event), object=shape_object(made.view, actor)
    )


@router.get(
    "/inspection-objects/{object_id}/events",
    operation_id="list_object_events",
    summary="检查对象变动记录",
    **secured(Permission.OBJECT_READ, general.NOT_FOUND, general.BAD_CURSOR),
)
async def list_object_events(
    object_id: IdPath, actor: ActorDep, events: EventsDep, paging: PagingDep
) -> Page[ObjectEventRead]:
    """The object's history, in order of effect: the later one holds."""
    cut = await events.list(actor, object_id, paging)
    return page_of(cut, [ObjectEventRead.model_validate(event) for event in cut.items])


@router.get(
    "/inspection-objects/{object_id}/state",
    operation_id="read_object_state",
    summary="检查对象在某日的状态",
    **secured(Permission.OBJECT_READ, general.NOT_FOUND, refusals.BEFORE_ESTABLISHMENT),
)
async def read_object_state(
    object_id: IdPath,
    actor: ActorDep,
    events: EventsDep,
    as_of: Annotated[
        Day | None, Query(description="The end of this day; today unless told otherwise.")
    ] = None,
) -> ObjectStateRead:
    """The object as it was on a day, from its history."""
    view = await events.state(actor, object_id, as_of)
    subject = view.subject
    return ObjectStateRead.model_validate(
        {
            "id": subject.id,
            "code": subject.code,
            "kind": subject.kind,
            "id_scheme": subject.id_scheme,
            "id_value": subject.id_value,
            "as_of": view.as_of,
            "established_on": view.established_on,
            "responsible_object_code": view.responsible_code,
            **{k: v for k, v in view.state.items() if k != "responsible_object_id"},
            "risk_on": view.risk_on,
        }
    )


@router.post(
    "/object-events/batches",
    operation_id="record_object_events",
    summary="批量登记检查对象变动(登记机关推送)",
    **secured(Permission.OBJECT_WRITE, general.CONFLICT, once=Once.REQUIRED),
)
async def record_object_events(
    body: ObjectEventBatch, actor: ActorDep, batches: BatchDep
) -> EventBatchRead:
    """Record the events of a source in any order, each once; a verdict for each."""
    return _batch_read(await batches.apply(actor, body.source, _rows(body)))


@router.get(
    "/object-events/waiting",
    operation_id="list_waiting_object_events",
    summary="待登记的检查对象变动(对象尚未入库)",
    **secured(Permission.OBJECT_READ, general.BAD_CURSOR),
)
async def list_waiting_object_events(
    actor: ActorDep,
    waiting: WaitingDep,
    paging: PagingDep,
    source: Annotated[base.Query | None, Query(description="The source that told of it.")] = None,
    status: Annotated[WaitingStatus | None, Query(description="How the event stands.")] = None,
) -> Page[WaitingEventRead]:
    """The department's events that wait for objects, oldest first, and what became of them."""
    cut = await waiting.list(actor, paging, WaitingFilter(source, status))
    return page_of(cut, [_waiting(one) for one in cut.items])


def _waiting(one: WaitingEvent) -> WaitingEventRead:
    said = one.verdict or {}
    return WaitingEventRead(
        id=one.id,
        source=one.source,
        external_id=one.external_id,
        object_code=one.object_code,
        waits_for=one.waits_for,
        kind=EventKind(one.content["kind"]),
        effective_on=dt.date.fromisoformat(one.content["effective_on"]),
        status=one.status,
        code=said.get("code"),
        zh=said.get("zh"),
        en=said.get("en"),
        recorded_at=one.recorded_at,
        import_batch_id=one.import_batch_id,
    )
