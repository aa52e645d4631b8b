"""Is the process alive, can it serve, what does it count."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.deps import RuntimeDep, secured
from app.domain.actor import Permission
from app.domain.errors import RuleError
from app.domain.refusals import general
from app.schemas.base import ReadModel
from app.storage.schema import is_ready

router = APIRouter(tags=["health"])


class HealthRead(ReadModel):
    """A word."""

    status: str


@router.get(
    "/healthz", operation_id="check_health", summary="存活检查", **secured(Permission.PUBLIC)
)
async def check_health() -> HealthRead:
    """The process answers."""
    return HealthRead(status="ok")


@router.get(
    "/readyz",
    operation_id="check_readiness",
    summary="就绪检查",
    **secured(Permission.PUBLIC, general.UNAVAILABLE),
)
async def check_readiness(runtime: RuntimeDep) -> HealthRead:
    """The database answers and is at the migration this code needs."""
    if not await is_ready(runtime.database):
        raise RuleError(general.UNAVAILABLE)
    return HealthRead(status="ready")


@router.get(
    "/metrics",
    operation_id="read_metrics",
    summary="Prometheus 指标",
    response_class=Response,
    **secured(Permission.PUBLIC),
)
async def read_metrics() -> Response:
    """Counters in the text format of Prometheus; keep it off the public net by the proxy."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
