"""Draws, for everybody: what was frozen, who contributed, what came out, and its proof."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from app.deps import PagingDep, secured, service
from app.domain.actor import Permission
from app.domain.refusals import draws as refusals
from app.domain.refusals import general
from app.public_cache import cached, cached_bytes
from app.schemas.base import Code, RegionCode
from app.schemas.draws import ContributionRead, PublicDrawDetail, PublicDrawRead, SelectionRead
from app.schemas.page import Page, page_of
from app.services.draws import DrawService

router = APIRouter(prefix="/api/v1/public", tags=["public"])
DrawsDep = Annotated[DrawService, Depends(service(DrawService))]
DrawNo = Annotated[Code, Path(examples=["150525-SCJG-2026-01-T01-D1"])]


@router.get(
    "/draws",
    operation_id="list_public_draws",
    summary="抽取公示",
    response_model=Page[PublicDrawRead],
    **secured(Permission.PUBLIC, general.BAD_CURSOR),
)
async def list_public_draws(
    request: Request, draws: DrawsDep, paging: PagingDep, region_code: RegionCode | None = None
) -> Response:
    """Draws whose manifest is public, newest first; annulled ones stay visible."""
    cut = await draws.list_public(region_code, paging)
    page = page_of(cut, [PublicDrawRead.model_validate(draw) for draw in cut.items])
    return cached(request, page)


@router.get(
    "/draws/{draw_no}",
    operation_id="read_public_draw",
    summary="抽取公示详情",
    response_model=PublicDrawDetail,
    **secured(Permission.PUBLIC, general.NOT_FOUND),
)
async def read_public_draw(draw_no: DrawNo, request: Request, draws: DrawsDep) -> Response:
    """The manifest to note before the draw, commitments, openings, winners and reserve."""
    view = await draws.get_public(draw_no)
    shaped = PublicDrawDetail.model_validate(view.draw)
    shaped.contributions = [ContributionRead.model_validate(one) for one in view.contributions]
    shaped.selections = [SelectionRead.model_validate(one) for one in view.selections]
    return cached(request, shaped)


@router.get(
    "/draws/{draw_no}/bundle",
    operation_id="read_public_draw_bundle",
    summary="抽取证明包(公开)",
    response_model=dict[str, Any],
    **secured(Permission.PUBLIC, general.NOT_FOUND, refusals.NOT_REVEALED),
)
async def read_public_draw_bundle(draw_no: DrawNo, request: Request, draws: DrawsDep) -> Response:
    """The file that verifier/verify_draw.py and the page /verify check."""
    content = json.dumps(await draws.public_bundle(draw_no), ensure_ascii=False).encode()
    return cached_bytes(request, content, "application/json")
