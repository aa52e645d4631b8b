"""Drawn sheets with inspections, made of rows: the draw itself has tests of its own."""

import datetime as dt
import hashlib
import itertools
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.domain.actor import system_actor
from app.domain.lifecycle import (
    DrawStatus,
    IdScheme,
    InspectionStatus,
    ItemClass,
    ItemStatus,
    ObjectKind,
    ObjectStatus,
    OfficerStatus,
    PlanKind,
    PlanStatus,
    RiskClass,
    RiskLevel,
)
from app.models.checklist import ChecklistItem, ChecklistVersion, ItemVersion
from app.models.draw import Draw
from app.models.inspection import Inspection, InspectionOfficer, InspectionSheet
from app.models.library import InspectionObject, Officer
from app.models.organisation import Department
from app.models.plan import Plan, PlanTask, PlanTaskDepartment, PlanTaskItem
from app.services.runtime import Runtime
from app.storage import organisation
from app.storage.inspections import snapshot_of
from app.storage.uow import UnitOfWork
from tests.support.world import REGION

_numbers = itertools.count(1)


@dataclass
class DrawnInspection:
    """One department's share of a sheet."""

    id: UUID
    department: str
    officers: list[UUID]
    officer_codes: list[str]


@dataclass
class DrawnSheet:
    """A sheet with its inspections by department code."""

    id: UUID
    object_code: str
    inspections: dict[str, DrawnInspection]


@dataclass
class DrawnTask:
    """A plan task that was drawn: items by department, a sheet per object."""

    plan_no: str
    task_id: UUID
    task_code: str
    items: dict[str, list[UUID]] = field(default_factory=dict)
    sheets: list[DrawnSheet] = field(default_factory=list)


async def a_drawn_task(
    runtime: Runtime,
    maker: UUID,
    *,
    departments: tuple[str, ...] = ("SCJG",),
    objects: int = 1,
    items: int = 2,
    team: int = 2,
    methods: tuple[str, ...] = ("onsite", "document"),
    year: int = 2026,
) -> DrawnTask:
    """A locked draw of a published plan; `maker` is any account."""
    async with runtime.database.unit_of_work(system_actor(REGION)) as uow:
        units = [
            await organisation.find_department(uow.session, REGION, one) for one in departments
        ]
        lead = units[0]
        plan = _plan(uow, lead, maker, year)
        uow.session.add(plan)
        await uow.flush()
        task = _task(uow, plan, methods, year)
        uow.session.add(task)
        await uow.flush()
        made = DrawnTask(plan.plan_no, task.id, task.code)
        position = itertools.count(1)
        for place, unit in enumerate(units, start=1):
            uow.session.add(
                PlanTaskDepartment(
                    plan_task_id=task.id,
                    department_id=unit.id,
                    position=place,
                    members=max(team, 2),
                    lead=place == 1,
                )
            )
            versions = await _items(uow, unit, maker, items)
            made.items[unit.code] = [version.id for version in versions]
            for version in versions:
                uow.session.add(
                    PlanTaskItem(
                        plan_task_id=task.id, item_version_id=version.id, position=next(position)
                    )
                )
        draw = _draw(uow, task, lead, maker)
        uow.session.add(draw)
        await uow.flush()
        for number in range(1, objects + 1):
            made.sheets.append(await _sheet(uow, draw, task, units, team, number))
        uow.audit("test.drawn_task_made", "plan_task", task.id)
    return made


def _plan(uow: UnitOfWork, unit: Department, maker: UUID, year: int) -> Plan:
    number = next(_numbers)
    return Plan(
        id=uow.new_id(),
        department_id=unit.id,
        region_code=REGION,
        kind=PlanKind.DEPARTMENT,
        year=year,
        plan_no=f"{REGION}-{unit.code}-{year}-{number:04d}",
        name=f"{year}年抽查计划第{number}号",
        status=PlanStatus.DRAFT,
        created_by=maker,
        created_at=uow.now,
        updated_at=uow.now,
    )


def _task(uow: UnitOfWork, plan: Plan, methods: tuple[str, ...], year: int) -> PlanTask:
    return PlanTask(
        id=uow.new_id(),
        plan_id=plan.id,
        department_id=plan.department_id,
        code=f"{plan.plan_no}-T1",
        name="食品销售者监督抽查",
        position=1,
        targeted=False,
        kinds=["enterprise"],
        tags=[],
        area_codes=[],
        risk_classes=[],
        quota_rule={},
        reserve=0,
        period_from=dt.date(year, 3, 1),
        period_to=dt.date(year, 12, 31),
        methods=list(methods),
        officer_cap=10,
        cooling_days=0,
    )


async def _items(uow: UnitOfWork, unit: Department, maker: UUID, count: int) -> list[ItemVersion]:
    version = ChecklistVersion(
        id=uow.new_id(),
        department_id=unit.id,
        number=next(_numbers),
        platform_receipt_no="R-1",
        platform_published_on=dt.date(2026, 1, 5),
        site_url="https://example.org/list",
        site_published_on=dt.date(2026, 1, 5),
        item_count=count,
        published_at=uow.now,
        published_by=maker,
    )
    uow.session.add(version)
    await uow.flush()
    made = []
    for position in range(1, count + 1):
        code = f"{unit.code}-ITEM-{next(_numbers)}"
        content: dict[str, Any] = {
            "category": "食品安全监督检查",
            "name": f"销售场所检查 {code}",
            "item_class": ItemClass.GENERAL,
            "risk_level": RiskLevel.MEDIUM,
            "legal_bases": [
                {"law": "中华人民共和国食品安全法", "article": "第一百一十条", "text": ""}
            ],
            "objects": "食品销售者",
            "object_tags": [],
            "methods": ["onsite", "document"],
            "key_points": [{"content": "查看经营许可证是否在有效期内"}],
            "materials": ["食品经营许可证"],
            "qualifications": [],
        }
        item = ChecklistItem(
            id=uow.new_id(),
            department_id=unit.id,
            code=code,
            status=ItemStatus.PUBLISHED,
            created_at=uow.now,
            updated_at=uow.now,
            **content,
        )
        uow.session.add(item)
        await uow.flush()
        row = ItemVersion(
            id=uow.new_id(),
            checklist_version_id=version.id,
            item_id=item.id,
            department_id=unit.id,
            code=code,
            position=position,
            **content,
        )
        uow.session.add(row)
        await uow.flush()
        made.append(row)
    return made


def _draw(uow: UnitOfWork, task: PlanTask, unit: Department, maker: UUID) -> Draw:
    digest = hashlib.sha256(str(task.id).encode()).hexdigest()
    return Draw(
        id=uow.new_id(),
        plan_task_id=task.id,
        department_id=unit.id,
        region_code=REGION,
        draw_no=f"{task.code}-D1",
        status=DrawStatus.LOCKED,
        manifest="{}",
        manifest_sha256=digest,
        server_commit=digest,
        sealed_secret=b"",
        close_at=uow.now,
        shortages=[],
        shortage_count=0,
        frozen_by=maker,
        frozen_at=uow.now,
        locked_at=uow.now,
        commits_sha256=digest,
        seed=digest,
        outcome={},
    )


async def _sheet(
    uow: UnitOfWork,
    draw: Draw,
    task: PlanTask,
    units: list[Department],
    team: int,
    number: int,
) -> DrawnSheet:
    drawn = InspectionObject(
        id=uow.new_id(),
        region_code=REGION,
        code=f"OBJ-{next(_numbers):06d}",
        kind=ObjectKind.ENTERPRISE,
        id_scheme=IdScheme.LIBRARY_CODE,
        id_value=f"LIB-{next(_numbers):06d}",
        name=f"奈曼旗测试商店第{next(_numbers)}号",
        area_code="150525100",
        status=ObjectStatus.ACTIVE,
        risk_class=RiskClass.B,
        attributes={},
        created_at=uow.now,
        updated_at=uow.now,
    )
    uow.session.add(drawn)
    await uow.flush()
    sheet = InspectionSheet(
        id=uow.new_id(),
        sheet_no=f"{draw.draw_no}-{number:04d}",
        region_code=REGION,
        draw_id=draw.id,
        plan_task_id=task.id,
        object_id=drawn.id,
        object_code=drawn.code,
        object_snapshot=snapshot_of(drawn),
        deadline_on=task.period_to,
        created_at=uow.now,
    )
    uow.session.add(sheet)
    await uow.flush()
    made = {unit.code: await _inspection(uow, sheet, unit, task, team) for unit in units}
    return DrawnSheet(sheet.id, drawn.code, made)


async def _inspection(
    uow: UnitOfWork, sheet: InspectionSheet, unit: Department, task: PlanTask, team: int
) -> DrawnInspection:
    inspection = Inspection(
        id=uow.new_id(),
        sheet_id=sheet.id,
        department_id=unit.id,
        region_code=REGION,
        status=InspectionStatus.ASSIGNED,
        methods=list(task.methods),
        created_at=uow.now,
        updated_at=uow.now,
    )
    uow.session.add(inspection)
    await uow.flush()
    officers = [await _officer(uow, unit) for _ in range(team)]
    for slot, officer in enumerate(officers, start=1):
        uow.session.add(
            InspectionOfficer(
                inspection_id=inspection.id,
                officer_id=officer.id,
                slot=slot,
                lead=slot == 1,
                code=officer.code,
                name=officer.name,
                certificate_no=officer.certificate_no,
            )
        )
    await uow.flush()
    return DrawnInspection(
        inspection.id,
        unit.code,
        [officer.id for officer in officers],
        [officer.code for officer in officers],
    )


async def _officer(uow: UnitOfWork, unit: Department) -> Officer:
    number = next(_numbers)
    officer = Officer(
        id=uow.new_id(),
        region_code=REGION,
        department_id=unit.id,
        code=f"{unit.code}-O{number:05d}",
        name=f"执法员{number}",
        certificate_no=f"0525{number:08d}",
        certificate_issuer="内蒙古自治区人民政府",
        certificate_valid_to=dt.date(2030, 12, 31),
        status=OfficerStatus.ACTIVE,
        leader_eligible=True,
        tags=[],
        regions=[],
        created_at=uow.now,
        updated_at=uow.now,
    )
    uow.session.add(officer)
    await uow.flush()
    return officer
