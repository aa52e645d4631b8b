"""Readiness (F09): what stands in the way of a lawful draw, and what mends it.

In `routers.ALL` before the reference data, whose `/departments/{region_code}/{code}` would else
take the last part for a code.
"""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from app.deps import ActorDep, secured, service
from app.domain.actor import Permission
from app.domain.readiness import KINDS, Finding, Severity, tally
from app.domain.refusals import general
from app.schemas import base
from app.schemas.readiness import (
    DepartmentReadinessRead,
    FindingCountRead,
    ReadinessFindingRead,
    ReadinessLinkRead,
    ReadinessOverviewRead,
    ReadinessRead,
)
from app.services.readiness import DepartmentReadiness, ReadinessService

router = APIRouter(prefix="/api/v1", tags=["statistics"])
ReadinessDep = Annotated[ReadinessService, Depends(service(ReadinessService))]


def _finding(finding: Finding) -> ReadinessFindingRead:
    kind = finding.kind
    return ReadinessFindingRead(
        code=finding.code,
        severity=kind.severity,
        text=finding.text,
        clause=kind.clause,
        subject=finding.subject,
        link=ReadinessLinkRead(operation=kind.operation, href=f"/api/v1{finding.path}"),
    )


def _count(found: Iterable[Finding], severity: Severity) -> int:
    return sum(finding.kind.severity is severity for finding in found)


def _glance(one: DepartmentReadiness) -> DepartmentReadinessRead:
    blocks = _count(one.findings, Severity.BLOCKS)
    return DepartmentReadinessRead(
        department_code=one.department.code,
        department_name=one.department.name,
        region_code=one.department.region_code,
        ready=blocks == 0,
        blocks=blocks,
        warns=_count(one.findings, Severity.WARNS),
        findings=[
            FindingCountRead(code=code, severity=KINDS[code].severity, count=count)
            for code, count in tally(one.findings).items()
        ],
    )


@router.get(
    "/departments/{department_code}/readiness",
    operation_id="read_department_readiness",
    summary="三覆盖检查:抽查准备情况",
    **secured(Permission.STATISTICS_READ, general.NOT_FOUND),
)
async def read_department_readiness(
    department_code: Annotated[base.Code, Path(description="The department's code.")],
    actor: ActorDep,
    readiness: ReadinessDep,
) -> ReadinessRead:
    """Findings of the own department (office, supervisor: of any of the region)."""
    today, one = await readiness.of(actor, department_code)
    blocks = _count(one.findings, Severity.BLOCKS)
    return ReadinessRead(
        as_of=today,
        department_code=one.department.code,
        department_name=one.department.name,
        ready=blocks == 0,
        blocks=blocks,
        warns=_count(one.findings, Severity.WARNS),
        findings=[_finding(finding) for finding in one.findings],
    )


@router.get(
    "/statistics/readiness",
    operation_id="read_readiness",
    summary="三覆盖检查:各单位概览",
    **secured(Permission.STATISTICS_READ),
)
async def read_readiness(actor: ActorDep, readiness: ReadinessDep) -> ReadinessOverviewRead:
    """Counts per department in the caller's scope; each department's page has the findings."""
    today, found = await readiness.overview(actor)
    return ReadinessOverviewRead(as_of=today, departments=[_glance(one) for one in found])
