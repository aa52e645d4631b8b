"""The draw: frozen, published, committed, opened, revealed, locked. Nothing repeats it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.deps import ActorDep, IdPath, IfMatch, PagingDep, secured, service, set_etag
from app.domain.actor import Actor, Permission
from app.domain.draw_actions import DRAW
from app.domain.lifecycle import DrawStatus
from app.domain.refusals import draw_rules, general
from app.domain.refusals import draws as refusals
from app.domain.refusals import plans as plan_refusals
from app.idempotency import KeyedRoute, Once
from app.routers.object_flags import draw_flag_read
from app.schemas.actions import allowed_actions
from app.schemas.draws import (
    CommitmentCreate,
    ContributionRead,
    DrawCreate,
    DrawDetail,
    DrawRead,
    OpeningCreate,
    SelectionRead,
)
from app.schemas.page import Page, page_of
from app.services.draw_ceremony import DrawCeremonyService
from app.services.draw_freeze import DrawFreezeService, FreezeOrder
from app.services.draw_reveal import DrawRevealService
from app.services.draws import DrawService, DrawView

router = APIRouter(prefix="/api/v1", tags=["draws"], route_class=KeyedRoute)
DrawsDep = Annotated[DrawService, Depends(service(DrawService))]
FreezeDep = Annotated[DrawFreezeService, Depends(service(DrawFreezeService))]
CeremonyDep = Annotated[DrawCeremonyService, Depends(service(DrawCeremonyService))]
RevealDep = Annotated[DrawRevealService, Depends(service(DrawRevealService))]


def _shape(view: DrawView, actor: Actor, response: Response) -> DrawDetail:
    set_etag(response, view.draw.row_version)
    shaped = DrawDetail.model_validate(view.draw)
    shaped.contributions = [ContributionRead.model_validate(one) for one in view.contributions]
    shaped.selections = [SelectionRead.model_validate(one) for one in view.selections]
    shaped.object_flags = [draw_flag_read(one) for one in view.flags]
    shaped.allowed_actions = allowed_actions(DRAW, view.standing, actor)
    return shaped


@router.post(
    "/plan-tasks/{task_id}/draws",
    operation_id="freeze_draw",
    summary="冻结抽取范围(名录、人员、规则)",
    status_code=201,
    **secured(
        Permission.DRAW_EXECUTE,
        general.NOT_FOUND,
        general.CONFLICT,
        refusals.PLAN_NOT_PUBLISHED,
        plan_refusals.PLAN_NOT_FILED,
        refusals.DRAW_EXISTS,
        refusals.CLOSE_AT_INVALID,
        refusals.CONTRIBUTOR_UNKNOWN,
        refusals.NO_OUTSIDE_CONTRIBUTOR,
        refusals.POOL_EMPTY,
        refusals.TOO_FEW_OFFICERS,
        refusals.DRAW_TOO_LARGE,
        plan_refusals.ITEM_NOT_PUBLISHED,
        plan_refusals.ITEM_RETIRED,
        plan_refusals.ITEM_MOVED,
        refusals.QUOTA_NOTE_NEEDED,
        plan_refusals.QUOTA_STRATUM_UNPLANNED,
        draw_rules.QUOTA_MINIMUM_ABOVE_TOTAL,
        draw_rules.QUOTA_NO_ROOM,
        once=Once.REQUIRED,
    ),
)
async def freeze_draw(
    task_id: IdPath,
    body: DrawCreate,
    actor: ActorDep,
    freezes: FreezeDep,
    draws: DrawsDep,
    response: Response,
) -> DrawDetail:
    """Freeze everything the outcome depends on, before any seed exists."""
    draw = await freezes.freeze(actor, task_id, FreezeOrder(**body.model_dump()))
    response.headers["Location"] = f"/api/v1/draws/{draw.id}"
    return _shape(await draws.get(actor, draw.id), actor, response)


@router.get(
    "/draws",
    operation_id="list_draws",
    summary="抽取列表",
    **secured(Permission.DRAW_READ, general.BAD_CURSOR),
)
async def list_draws(
    actor: ActorDep, draws: DrawsDep, paging: PagingDep, status: DrawStatus | None = None
) -> Page[DrawRead]:
    """Draws of the own department and those one contributes to, newest first."""
    cut = await draws.list(actor, paging, status)
    return page_of(cut, [DrawRead.model_validate(draw) for draw in cut.items])


@router.get(
    "/draws/{draw_id}",
    operation_id="read_draw",
    summary="抽取详情",
    **secured(Permission.DRAW_READ, general.NOT_FOUND),
)
async def read_draw(
    draw_id: IdPath, actor: ActorDep, draws: DrawsDep, response: Response
) -> DrawDetail:
    """A draw with manifest, contributions, winners and reserve."""
    return _shape(await draws.get(actor, draw_id), actor, response)


@router.post(
    "/draws/{draw_id}/publish",
    operation_id="publish_draw",
    summary="公布抽取清单(manifest)",
    **secured(
        Permission.DRAW_EXECUTE,
        general.NOT_FOUND,
        refusals.DRAW_WRONG_STATE,
        refusals.CLOSED,
        changes=True,
        once=Once.REQUIRED,
    ),
)
async def publish_draw(
    draw_id: IdPath,
    version: IfMatch,
    actor: ActorDep,
    ceremony: CeremonyDep,
    draws: DrawsDep,
    response: Response,
) -> DrawDetail:
    """Make the manifest public; contributors commit to its hash."""
    await ceremony.publish(actor, draw_id, version)
    return _shape(await draws.get(actor, draw_id), actor, response)


@router.post(
    "/draws/{draw_id}/commitments",
    operation_id="make_commitment",
    summary="见证单位提交承诺值",
    status_code=201,
    **secured(
        Permission.DRAW_CONTRIBUTE,
        general.NOT_FOUND,
        refusals.NOT_A_CONTRIBUTOR,
        refusals.ALREADY_COMMITTED,
        refusals.DRAW_WRONG_STATE,
        refusals.CLOSED,
        once=Once.REQUIRED,
    ),
)
async def make_commitment(
    draw_id: IdPath,
    body: CommitmentCreate,
    actor: ActorDep,
    ceremony: CeremonyDep,
    draws: DrawsDep,
    response: Response,
) -> DrawDetail:
    """Commit to a value without showing it; once, and never changed."""
    await ceremony.commit(actor, draw_id, body.commitment)
    response.headers["Location"] = f"/api/v1/draws/{draw_id}"
    return _shape(await draws.get(actor, draw_id), actor, response)


@router.post(
    "/draws/{draw_id}/openings",
    operation_id="open_contribution",
    summary="见证单位公开随机值",
    status_code=201,
    **secured(
        Permission.DRAW_CONTRIBUTE,
        general.NOT_FOUND,
        refusals.NOT_A_CONTRIBUTOR,
        refusals.COMMITMENTS_INCOMPLETE,
        refusals.ALREADY_OPENED,
        refusals.DRAW_WRONG_STATE,
        refusals.CLOSED,
        draw_rules.CONTRIBUTION_MISMATCH,
        once=Once.REQUIRED,
    ),
)
async def open_contribution(
    draw_id: IdPath,
    body: OpeningCreate,
    actor: ActorDep,
    ceremony: CeremonyDep,
    draws: DrawsDep,
    response: Response,
) -> DrawDetail:
    """Show the value committed to; only after all have committed, before close_at."""
    await ceremony.open(actor, draw_id, body.value)
    response.headers["Location"] = f"/api/v1/draws/{draw_id}"
    return _shape(await draws.get(actor, draw_id), actor, response)


@router.post(
    "/draws/{draw_id}/reveal",
    operation_id="reveal_draw",
    summary="揭示抽取结果(揭示时间后系统自动揭示;此处可手动触发,结果相同)",
    **secured(
        Permission.DRAW_EXECUTE,
        general.NOT_FOUND,
        refusals.NOT_DUE,
        refusals.ALREADY_REVEALED,
        refusals.DRAW_WRONG_STATE,
        once=Once.REQUIRED,
    ),
)
async def reveal_draw(
    draw_id: IdPath,
    actor: ActorDep,
    reveals: RevealDep,
    draws: DrawsDep,
    response: Response,
) -> DrawDetail:
    """Reveal after close_at; the worker does the same by itself. There is one outcome."""
    await reveals.reveal(actor, draw_id)
    return _shape(await draws.get(actor, draw_id), actor, response)


@router.get(
    "/draws/{draw_id}/bundle",
    operation_id="read_draw_bundle",
    summary="抽取证明包",
    **secured(Permission.DRAW_READ, general.NOT_FOUND, refusals.NOT_REVEALED),
)
async def read_draw_bundle(draw_id: IdPath, actor: ActorDep, draws: DrawsDep) -> dict[str, Any]:
    """The one JSON file that verifier/verify_draw.py and verify.html check."""
    return dict(await draws.bundle(actor, draw_id))
