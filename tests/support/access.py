"""Who reaches what: every operation of the document, called by every role from every standing.

`own` is the unit whose data it is, `participant` takes part in the same joint plan, `other` has
nothing to do with it; `region` is who reads the whole region. Each call is undone, so that the next
one finds everything as it was.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from app.domain.actor import REGION_READERS, Permission, Role
from tests.support.clocks import FrozenClock
from tests.support.joint_factories import LEAD, PARTNER, DrawnJointTask, a_drawn_joint_task
from tests.support.library_factories import make_guideline, make_item
from tests.support.object_cases import object_cases
from tests.support.openapi import Operation
from tests.support.operations import IMPORT, accepted, objects
from tests.support.transfer_factories import transfer_body
from tests.support.world import Caller, World

OTHER = "WJW"
PLACES = {
    Role.SYSADMIN: None,
    Role.LG_OFFICE: "LDXZ",
    Role.OVERSIGHT: "JWJW",
    Role.SUPERVISOR: "ZFB",
}
OF_DEPARTMENTS = tuple(role for role in Role if role not in PLACES)
SERVICE = {
    "client_id": "scjg.sync",
    "display_name": "省平台对接",
    "department_code": LEAD,
    "region_code": "150525",
    "scopes": ["object:read"],
}
STANDINGS = {"own": LEAD, "participant": PARTNER, "other": OTHER}
BODIES: dict[str, Callable[[dict[str, str]], Any]] = {
    "print_inspection_sheets": lambda ids: {"sheet_ids": [ids["sheet_id"]]},
    "order_inspection_sheets": lambda ids: {"sheet_ids": [ids["sheet_id"]]},
}
"""Requests that name what they work on in their body."""
QUERIES: dict[str, str] = {}
"""And those that name it in the query."""
REACHED, FORBIDDEN, HIDDEN, NOBODY = "ok", "403", "404", "401"


def standings_of(role: Role) -> tuple[str, ...]:
    """From where somebody of this role can look."""
    if role in OF_DEPARTMENTS:
        return tuple(STANDINGS)
    return ("region",) if role in REGION_READERS else ("administrator",)


@dataclass
class Stage:
    """A joint task drawn and locked, and all else that 市场监督管理局 has."""

    joint: DrawnJointTask
    ids: dict[str, str]
    service_id: str

    def ids_for(self, operation: Operation) -> dict[str, str]:
        """The same; of the accounts the service's, where it is about services."""
        if "/service-accounts/" in operation.path:
            return self.ids | {"account_id": self.service_id}
        return self.ids


async def a_stage(world: World, clock: FrozenClock) -> Stage:
    """Ids of everything that the leading department has, by the name of the path's parameter."""
    joint = await a_drawn_joint_task(world, clock)
    clerk = joint.plan.clerk
    sheet = joint.task.sheets[0]
    admin = await world.administrator()
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    item = {
        "code": "LH-2026-900",
        "field": "餐饮",
        "name": "餐饮服务联合抽查",
        "objects": "餐饮服务单位",
        "initiating": [{"name": "市场监督管理局"}],
        "cooperating": [{"name": "消防救援大队"}],
    }
    shared = await office.post("joint-items", item)
    assert shared.status_code == 201, shared.text
    service = (await admin.post("service-accounts", SERVICE)).json()
    sessions = await admin.get(f"accounts/{clerk.account_id}/sessions")
    work = await accepted(clerk, objects(1))
    batch = await clerk.post(IMPORT, files={"file": ("a.xlsx", objects(1))})
    granted = await admin.get(f"accounts/{clerk.account_id}")
    kept = await object_cases(clerk, joint.task.sheets[-1].object_code)
    officer_id = await _first(clerk, "officers")
    parts = await _parts(clerk, officer_id, joint.plan.lead.object_codes[-1])
    ids = (
        parts
        | kept
        | {
            "account_id": clerk.account_id,
            "grant_id": granted.json()["grants"][0]["id"],
            "session_id": sessions.json()["items"][0]["id"],
            "secret_id": service["secrets"][0]["id"],
            "operation_id": work["id"],
            "batch_id": batch.json()["batch_id"],
            "item_id": str(joint.plan.lead.item_ids[0]),
            "version_id": await _first(clerk, "checklist-versions?department_code=SCJG"),
            "joint_item_id": shared.json()["id"],
            "object_id": await _object_of_nobody_else(joint),
            "officer_id": officer_id,
            "guideline_id": (await make_guideline(clerk))["id"],
            "transfer_id": await _transfer(world, clerk),
            "plan_id": joint.plan.body["id"],
            "department_code": LEAD,
            "department_id": str(joint.plan.partner.department_id),
            "task_id": joint.plan.task_id,
            "draw_id": joint.ceremony.draw["id"],
            "sheet_id": str(sheet.id),
            "inspection_id": str(sheet.inspections[LEAD].id),
        }
    )
    return Stage(joint, ids, service["id"])


async def _transfer(world: World, clerk: Caller) -> str:
    """An item of the leading department offered to the one that takes part."""
    leader = await world.caller(Role.DEPT_LEADER, LEAD)
    offer = transfer_body([await make_item(clerk)], to_department_code=PARTNER)
    made = await leader.post("duty-transfers", offer)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def _parts(clerk: Caller, officer_id: str, object_code: str) -> dict[str, str]:
    """What belongs to an officer, and an expert of the same department."""
    path = f"officers/{officer_id}"
    certificate = {
        "kind": "enforcement",
        "number": "BF-0001",
        "issuer": "内蒙古自治区司法厅",
        "valid_from": "2026-01-01",
        "valid_to": "2030-12-31",
    }
    absence = {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "reason": "培训"}
    interest = {"object_code": object_code, "ground": "近亲属任职"}
    expert = {
        "code": "ZJ-0900",
        "name": "专家甲",
        "institution": "通辽市产品质量检验检测所",
        "fields": ["食品检验"],
        "confidentiality_signed_on": "2026-01-15",
        "confidentiality_document": "保密协议",
    }
    made = {}
    for name, where, body in (
        ("certificate_id", f"{path}/certificates", certificate),
        ("absence_id", f"{path}/absences", absence),
        ("interest_id", f"{path}/interests", interest),
        ("expert_id", "experts", expert),
    ):
        answer = await clerk.post(where, body)
        assert answer.status_code == 201, answer.text
        made[name] = answer.json()["id"]
    return made


async def _object_of_nobody_else(joint: DrawnJointTask) -> str:
    code = joint.plan.lead.object_codes[-1]
    found = await joint.plan.clerk.get(f"inspection-objects?q={code}")
    return str(found.json()["items"][0]["id"])


async def _first(caller: Caller, path: str) -> str:
    joined = "&" if "?" in path else "?"
    found = await caller.get(f"{path}{joined}limit=1")
    return str(found.json()["items"][0]["id"])


def named(operation: Operation) -> list[str]:
    """The parameters of its path."""
    return re.findall(r"\{([a-z_]+)\}", operation.path)


def body_of(application: FastAPI, operation: Operation) -> dict[str, Any]:
    """How to send the document's own example of the request."""
    content = operation.raw.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        text = content["multipart/form-data"]["example"]["file"]
        return {"files": {"file": ("example.csv", text.encode())}}
    media = content.get("application/json")
    if media is None:
        return {}
    if "example" in media:
        return {"json": media["example"]}
    shape = media["schema"]
    if "anyOf" in shape:  # a body that may be left out
        shape = shape["anyOf"][0]
    while "$ref" in shape:
        shape = application.openapi()["components"]["schemas"][shape["$ref"].rsplit("/", 1)[-1]]
    return {"json": shape["examples"][0]}


async def reach(
    world: World, application: FastAPI, caller: Caller, operation: Operation, ids: dict[str, str]
) -> str:
    """What the caller gets: through to the act, or 401, 403, 404; and all is as it was before."""
    url = operation.path + QUERIES.get(operation.id, "")
    for name, value in ids.items():
        url = url.replace("{" + name + "}", value)
    async with world.runtime.database.connection() as connection:
        undo = await connection.begin_nested()
        sent = body_of(application, operation)
        if operation.id in BODIES:
            sent = {"json": BODIES[operation.id](ids)}
        answer = await caller.request(operation.method, url, etag='"1"', **sent)
        await undo.rollback()
    assert answer.status_code < 500, f"{operation}: {answer.text}"
    return {401: NOBODY, 403: FORBIDDEN, 404: HIDDEN}.get(answer.status_code, REACHED)


def asks_for_a_permission(operation: Operation) -> bool:
    """Whether a role decides on it: not what is public, nor what any account does with itself."""
    return operation.permission not in {Permission.PUBLIC, Permission.SELF}
