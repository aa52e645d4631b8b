"""Certificates that end before the deadlines of sheets and tasks (F07).

In `routers.ALL` before the officers, whose paths would else take the last part for an id.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.deps import ActorDep, secured, service
from app.domain.actor import Permission
from app.domain.certificate_warnings import CertificateWarning
from app.domain.officer_library import EXPIRING_DAYS
from app.schemas import base
from app.schemas.certificate_warnings import (
    CertificateWarningRead,
    CertificateWarningsRead,
    OfficerWarningsRead,
    ShortDutyRead,
)
from app.services.certificate_warnings import CertificateWarningService

router = APIRouter(prefix="/api/v1", tags=["officers"])
WarningsDep = Annotated[CertificateWarningService, Depends(service(CertificateWarningService))]


def _warning(found: CertificateWarning) -> CertificateWarningRead:
    return CertificateWarningRead(
        kind=found.kind,
        qualification=found.qualification,
        ends_on=found.ends_on,
        days_left=found.days_left,
        duties=[
            ShortDutyRead(
                kind=one.duty.kind,
                number=one.duty.number,
                deadline_on=one.duty.deadline_on,
                days_short=one.days_short,
            )
            for one in found.short
        ],
    )


@router.get(
    "/officers/certificate-warnings",
    operation_id="list_certificate_warnings",
    summary="证书到期预警",
    **secured(Permission.OFFICER_READ),
)
async def list_certificate_warnings(
    actor: ActorDep,
    warnings: WarningsDep,
    within_days: Annotated[
        int, Query(ge=0, le=3650, description="Also what ends within so many days.")
    ] = EXPIRING_DAYS,
    department_code: base.Code | None = None,
) -> CertificateWarningsRead:
    """Certificates that end before the deadlines of open sheets and undrawn tasks, or soon."""
    today, found = await warnings.list(actor, within_days, department_code)
    return CertificateWarningsRead(
        as_of=today,
        within_days=within_days,
        officers=[
            OfficerWarningsRead(
                officer_id=one.officer.id,
                department_code=one.department_code,
                code=one.officer.code,
                name=one.officer.name,
                warnings=[_warning(warning) for warning in one.warnings],
            )
            for one in found
        ],
    )
