"""Steering the clock; mounted only where environment is demo or test, never in production."""

from typing import Annotated

from fastapi import APIRouter, Body

from app.clock import SteerableClock
from app.deps import RuntimeDep, secured
from app.domain.actor import Permission
from app.domain.errors import RuleError
from app.domain.refusals import general
from app.schemas.base import Instant, ReadModel

router = APIRouter(prefix="/api/v1/demo", tags=["demo"], include_in_schema=False)


class ClockRead(ReadModel):
    """What time it is for the service."""

    now: Instant


@router.post("/clock", **secured(Permission.DEMO_STEER))
async def steer_clock(
    runtime: RuntimeDep, now: Annotated[Instant | None, Body(embed=True)] = None
) -> ClockRead:
    """Set the clock; without `now` go back to the system's time."""
    clock = runtime.clock
    if not isinstance(clock, SteerableClock):
        raise RuleError(general.NOT_FOUND)
    if now is None:
        clock.reset()
    else:
        clock.set(now)
    return ClockRead(now=clock.now())
