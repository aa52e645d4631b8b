"""Joint plans over HTTP: 市场监督管理局 initiates, 消防救援大队 takes part, the office files."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from app.domain.actor import Role
from app.jobs.draw_rounds import finish_due_draws
from tests.support.clocks import FrozenClock
from tests.support.draw_factories import Ceremony, Library, a_library, an_opened_draw
from tests.support.inspection_factories import DrawnInspection, DrawnSheet, DrawnTask
from tests.support.world import Caller, World

Body = dict[str, Any]
LEAD, PARTNER = "SCJG", "XFJY"
STAGES = ("drafted", "answered", "submitted", "approved", "filed", "published")
SHARED = 12
"""Objects that both departments supervise; the initiating one has 20."""


@dataclass
class JointPlan:
    """Who acts on a joint plan, and the plan as the last step left it."""

    lead: Library
    partner: Library
    clerk: Caller
    leader: Caller
    partner_clerk: Caller
    partner_leader: Caller
    office: Caller
    body: Body
    etag: str

    @property
    def path(self) -> str:
        return f"plans/{self.body['id']}"

    @property
    def task_id(self) -> str:
        return str(self.body["tasks"][0]["id"])

    @property
    def answer_path(self) -> str:
        return f"{self.path}/participants/{self.partner.department_id}"

    async def take(self, caller: Caller, path: str, body: Any = None) -> httpx.Response:
        """One step with the present ETag; a refusal changes nothing here."""
        answer = await caller.post(f"{self.path}/{path}", body, etag=self.etag)
        if answer.is_success:
            self.body, self.etag = answer.json(), answer.headers["ETag"]
        return answer

    async def must(self, caller: Caller, path: str, body: Any = None) -> None:
        """A step that is not refused."""
        answer = await self.take(caller, path, body)
        assert answer.is_success, answer.text

    def share(self, **changes: Any) -> Body:
        """The participant's items and team for the one task."""
        share = {
            "task_id": self.task_id,
            "item_ids": [str(one) for one in self.partner.item_ids],
            "members": 2,
            "lead": True,
        }
        return {"tasks": [share | changes]}


@dataclass
class DrawnJointTask:
    """The plan, the ceremony of its draw, and the sheets with a section per department."""

    plan: JointPlan
    ceremony: Ceremony
    task: DrawnTask


def joint_task(lead: Library, **changes: Any) -> Body:
    """A task of both departments, every class whole or by half."""
    return {
        "name": "餐饮单位食品与消防联合抽查",
        "item_ids": [str(one) for one in lead.item_ids],
        "department_codes": [PARTNER],
        "quota_rule": {
            "method": "ratio",
            "per_10000": {"A": 5000, "B": 5000, "C": 5000, "D": 5000, "UNRATED": 5000},
        },
        "reserve": 1,
        "period_from": "2026-03-01",
        "period_to": "2026-06-30",
        "methods": ["onsite"],
        "officer_cap": 20,
    } | changes


async def a_joint_plan(world: World, stage: str = "published", **task: Any) -> JointPlan:
    """A joint plan that has got as far as `stage`, one of STAGES."""
    lead = await a_library(world.runtime, department=LEAD, objects=20)
    shared = lead.object_codes[:SHARED]
    partner = await a_library(
        world.runtime, department=PARTNER, objects=3, first=1001, joined=shared
    )
    clerk = await world.caller(Role.DEPT_CLERK, LEAD)
    made = await clerk.post("plans", {"kind": "joint", "year": 2026, "name": "2026年度联合抽查"})
    assert made.status_code == 201, made.text
    plan = JointPlan(
        lead,
        partner,
        clerk,
        await world.caller(Role.DEPT_LEADER, LEAD),
        await world.caller(Role.DEPT_CLERK, PARTNER),
        await world.caller(Role.DEPT_LEADER, PARTNER),
        await world.caller(Role.LG_OFFICE, "LDXZ"),
        made.json(),
        made.headers["ETag"],
    )
    await plan.must(clerk, "participants", {"department_code": PARTNER})
    await plan.must(clerk, "tasks", joint_task(lead, **task))
    for name in STAGES[1 : STAGES.index(stage) + 1]:
        await reach(plan, name)
    return plan


async def reach(plan: JointPlan, stage: str) -> None:
    """The one step that leads to a stage, by whose it is."""
    if stage == "answered":
        answer = f"participants/{plan.partner.department_id}/accept"
        await plan.must(plan.partner_leader, answer, plan.share())
    elif stage == "submitted":
        await plan.must(plan.clerk, "submit")
    elif stage == "approved":
        await plan.must(plan.leader, "approve", {"opinion": "同意"})
    elif stage == "filed":
        filing = {"filing_no": "奈双随机备〔2026〕1号", "opinion": "予以备案"}
        await plan.must(plan.office, "file", filing)
    else:
        shown = {"platform_receipt_no": "NMG-9", "site_url": "https://example.gov.cn/joint"}
        await plan.must(plan.clerk, "publish", shown)


ONE_OBJECT: Body = {
    "method": "total",
    "total": 1,
    "weight": {"A": 1, "B": 1, "C": 1, "D": 1, "UNRATED": 1},
}


async def a_drawn_joint_task(world: World, clock: FrozenClock, **task: Any) -> DrawnJointTask:
    """A joint plan of one drawn object (unless told otherwise), drawn and locked over HTTP."""
    plan = await a_joint_plan(world, "published", **({"quota_rule": ONE_OBJECT} | task))
    ceremony = await an_opened_draw(world, plan.clerk, plan.task_id)
    clock.forward(hours=3)
    await finish_due_draws(world.runtime)
    plan.clerk = await world.caller(Role.DEPT_CLERK, LEAD)
    plan.partner_clerk = await world.caller(Role.DEPT_CLERK, PARTNER)
    officers = {}
    for clerk in (plan.clerk, plan.partner_clerk):
        listed = (await clerk.get("officers?limit=100")).json()["items"]
        officers |= {one["code"]: UUID(one["id"]) for one in listed}
    made = DrawnTask(plan.body["plan_no"], UUID(plan.task_id), plan.body["tasks"][0]["code"])
    listed = (await plan.clerk.get(f"inspection-sheets?plan_task_id={plan.task_id}")).json()
    for one in listed["items"]:
        sheet = (await plan.clerk.get(f"inspection-sheets/{one['id']}")).json()
        made.items = {
            section["department_code"]: [UUID(item["id"]) for item in section["items"]]
            for section in sheet["sections"]
        }
        inspections = {
            section["department_code"]: _inspection(section, officers)
            for section in sheet["sections"]
        }
        made.sheets.append(DrawnSheet(UUID(sheet["id"]), sheet["object_code"], inspections))
    return DrawnJointTask(plan, ceremony, made)


def _inspection(section: Body, officers: dict[str, UUID]) -> DrawnInspection:
    codes = [member["code"] for member in section["team"]]
    return DrawnInspection(
        UUID(section["inspection_id"]),
        section["department_code"],
        [officers[code] for code in codes],
        codes,
    )
