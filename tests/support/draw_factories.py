"""A department with a published checklist, objects and officers, straight into the tables."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.domain.actor import Role, system_actor
from app.domain.credit_code import check_character
from app.domain.draw import contribution_commit
from app.domain.lifecycle import (
    IdScheme,
    ItemClass,
    ItemStatus,
    ObjectKind,
    ObjectStatus,
    OfficerStatus,
    RiskClass,
    RiskLevel,
)
from app.models.account import Account
from app.models.base import new_id
from app.models.checklist import ChecklistItem, ChecklistVersion, ItemVersion
from app.models.library import InspectionObject, LibraryEntry, ObjectEvent, Officer
from app.models.organisation import Department
from app.services.runtime import Runtime
from tests.support.world import REGION, Caller, World


def credit_code(number: int, prefix: str = "91") -> str:
    """A valid synthetic credit code of 奈曼旗."""
    body = f"{prefix}150525MA{number:07d}"
    return body + check_character(body)


@dataclass
class Library:
    """What the factory made."""

    department_id: UUID
    item_ids: list[UUID]
    object_codes: list[str]
    officer_codes: list[str]


async def a_library(
    runtime: Runtime,
    *,
    department: str = "SCJG",
    objects: int = 40,
    officers: int = 6,
    first: int = 1,
    joined: Sequence[str] = (),
) -> Library:
    """A published checklist of two items, active objects of classes A-D, qualified officers.

    `joined` are codes of objects of other departments that this one supervises, too.
    """
    now = runtime.clock.now()
    stamps = {"created_at": now, "updated_at": now}
    async with runtime.database.unit_of_work(system_actor(REGION)) as uow:
        found = (
            await uow.session.execute(
                select(Department).where(
                    Department.region_code == REGION, Department.code == department
                )
            )
        ).scalar_one()
        account = Account(
            username=f"factory.{secrets.token_hex(6)}",
            display_name="factory",
            password_hash="-",
            password_set_at=uow.now,
            status="disabled",
            **stamps,
        )
        uow.session.add(account)
        await uow.flush()
        version = ChecklistVersion(
            id=new_id(),
            department_id=found.id,
            number=1,
            platform_receipt_no="R-1",
            platform_published_on=now.date(),
            site_url="https://example.gov.cn/list",
            site_published_on=now.date(),
            item_count=2,
            published_at=now,
            published_by=account.id,
        )
        uow.session.add(version)
        await uow.flush()
        item_ids = []
        for n in (1, 2):
            content: dict[str, Any] = {
                "category": "食品经营监督检查",
                "name": f"食品安全事项{n}",
                "item_class": ItemClass.GENERAL,
                "risk_level": RiskLevel.MEDIUM,
                "legal_bases": [
                    {
                        "law": "中华人民共和国食品安全法",
                        "article": "第一百一十条",
                        "text": "《中华人民共和国食品安全法》第一百一十条",
                    }
                ],
                "objects": "食品经营者",
                "object_tags": ["食品经营"],
                "methods": ["onsite", "document"],
                "key_points": [{"content": "进货查验"}],
                "materials": [],
                "qualifications": [],
            }
            item = ChecklistItem(
                id=new_id(),
                department_id=found.id,
                code=f"C{n:04d}",
                status=ItemStatus.PUBLISHED,
                **content,
                **stamps,
            )
            uow.session.add(item)
            await uow.flush()
            item_ids.append(item.id)
            uow.session.add(
                ItemVersion(
                    id=new_id(),
                    checklist_version_id=version.id,
                    item_id=item.id,
                    department_id=found.id,
                    code=item.code,
                    position=n,
                    **content,
                )
            )
        codes = []
        for n in range(first, first + objects):
            subject = InspectionObject(
                id=new_id(),
                region_code=REGION,
                code=credit_code(n),
                kind=ObjectKind.ENTERPRISE,
                id_scheme=IdScheme.CREDIT_CODE,
                id_value=credit_code(n),
                name=f"奈曼旗试验商贸{n}有限公司",
                address="奈曼旗大沁他拉镇",
                area_code="150525100",
                status=ObjectStatus.ACTIVE,
                risk_class=RiskClass("ABCD"[n % 4]),
                attributes={},
                **stamps,
            )
            uow.session.add(subject)
            codes.append(subject.code)
            await uow.flush()
            uow.session.add(
                ObjectEvent(
                    id=new_id(),
                    object_id=subject.id,
                    kind="established",
                    effective_on=now.date(),
                    recorded_at=now,
                    before={},
                    after={"name": subject.name, "status": "active"},
                )
            )
            uow.session.add(
                LibraryEntry(
                    id=new_id(),
                    department_id=found.id,
                    object_id=subject.id,
                    tags=["食品经营"],
                    special_libraries=[],
                    created_at=now,
                )
            )
        shared = await uow.session.execute(
            select(InspectionObject.id).where(InspectionObject.code.in_(joined))
        )
        for object_id in shared.scalars():
            uow.session.add(
                LibraryEntry(
                    id=new_id(),
                    department_id=found.id,
                    object_id=object_id,
                    tags=["消防重点"],
                    special_libraries=[],
                    created_at=now,
                )
            )
        officer_codes = []
        for n in range(first, first + officers):
            officer = Officer(
                id=new_id(),
                region_code=REGION,
                department_id=found.id,
                code=f"{department}{n:04d}",
                name=f"执法员{n}",
                certificate_no=f"{department}-{n}",
                certificate_issuer="内蒙古自治区人民政府",
                certificate_valid_to=dt.date(2029, 12, 31),
                status=OfficerStatus.ACTIVE,
                leader_eligible=n % 2 == 1,
                tags=[],
                regions=[],
                **stamps,
            )
            uow.session.add(officer)
            officer_codes.append(officer.code)
        await uow.flush()
        uow.audit("factory.made", "factory", None)
    return Library(found.id, item_ids, codes, officer_codes)


async def a_published_plan(
    world: World, library: Library, *, department: str = "SCJG", **task: Any
) -> tuple[Caller, dict[str, Any]]:
    """A clerk and their published plan of 2026 with one task, made over HTTP."""
    clerk = await world.caller(Role.DEPT_CLERK, department)
    leader = await world.caller(Role.DEPT_LEADER, department)
    response = await clerk.post("plans", {"year": 2026, "name": "2026年度部门抽查计划"})
    assert response.status_code == 201, response.text
    plan = response.json()
    body = {
        "name": "食品经营抽查",
        "item_ids": [str(item_id) for item_id in library.item_ids],
        "quota_rule": {
            "method": "ratio",
            "per_10000": {"A": 500, "B": 1000, "C": 2000, "D": 3000, "UNRATED": 1000},
        },
        "reserve": 2,
        "period_from": "2026-03-01",
        "period_to": "2026-06-30",
        "methods": ["onsite"],
        "officer_cap": 20,
    } | task
    response = await clerk.post(f"plans/{plan['id']}/tasks", body, etag=response.headers["ETag"])
    assert response.status_code == 201, response.text
    response = await clerk.post(f"plans/{plan['id']}/submit", etag=response.headers["ETag"])
    assert response.status_code == 200, response.text
    response = await leader.post(
        f"plans/{plan['id']}/approve", {"opinion": "同意"}, etag=response.headers["ETag"]
    )
    assert response.status_code == 200, response.text
    response = await clerk.post(
        f"plans/{plan['id']}/publish",
        {"platform_receipt_no": "NMG-1", "site_url": "https://example.gov.cn/plan"},
        etag=response.headers["ETag"],
    )
    assert response.status_code == 200, response.text
    return clerk, response.json()


@dataclass
class Ceremony:
    """A draw that all contributors have opened."""

    clerk: Caller
    witnesses: dict[str, Caller]
    draw: dict[str, Any]
    values: dict[str, str]


async def a_frozen_draw(
    world: World, clerk: Caller, task_id: str, *, hours: int = 2
) -> dict[str, Any]:
    """Frozen and published, with contributors JWJW and LDXZ."""
    close_at = world.runtime.clock.now() + dt.timedelta(hours=hours)
    response = await clerk.post(
        f"plan-tasks/{task_id}/draws",
        {
            "contributors": ["LDXZ", "JWJW"],
            "close_at": close_at.isoformat(),
            "public_source": "掷骰子",
            "quota_note": "试验",
        },
    )
    assert response.status_code == 201, response.text
    draw = response.json()
    response = await clerk.post(f"draws/{draw['id']}/publish", etag=response.headers["ETag"])
    assert response.status_code == 200, response.text
    return dict(response.json())


def a_value() -> str:
    """A contribution."""
    return f"dice-4-1-6.{secrets.token_hex(16)}"


async def an_opened_draw(world: World, clerk: Caller, task_id: str) -> Ceremony:
    """All have committed and opened; only close_at is awaited."""
    draw = await a_frozen_draw(world, clerk, task_id)
    witnesses = {code: await world.caller(Role.WITNESS, code) for code in ("JWJW", "LDXZ")}
    values = {code: a_value() for code in witnesses}
    for code, witness in witnesses.items():
        commitment = contribution_commit(draw["manifest_sha256"], code, values[code])
        response = await witness.post(f"draws/{draw['id']}/commitments", {"commitment": commitment})
        assert response.status_code == 201, response.text
    for code, witness in witnesses.items():
        response = await witness.post(f"draws/{draw['id']}/openings", {"value": values[code]})
        assert response.status_code == 201, response.text
        draw = response.json()
    return Ceremony(clerk, witnesses, draw, values)
