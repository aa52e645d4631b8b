"""A department's officer, clerk and leader, and the steps they take with one inspection."""

from dataclasses import dataclass
from typing import Any

import httpx

from app.clock import Clock
from app.domain.actor import Role
from tests.support.inspection_factories import DrawnInspection, DrawnTask
from tests.support.world import Caller, World

NOTICE = {
    "channel": "phone",
    "recipient": "办公室",
    "visit_from": "2026-03-02",
    "visit_to": "2026-03-06",
    "materials": ["食品经营许可证"],
}
SIGNED = {"kind": "signed", "signer": "负责人"}
NO_PROBLEM = {"result_code": "01"}
STEPS = ("notice", "start", "record", "end", "acknowledgement", "result", "review", "publish")


@dataclass
class Cast:
    """Who acts on one inspection."""

    task: DrawnTask
    inspection: DrawnInspection
    officer: Caller
    clerk: Caller
    leader: Caller
    clock: Clock

    @property
    def path(self) -> str:
        return f"inspections/{self.inspection.id}"

    async def etag(self) -> str:
        return (await self.officer.get(self.path)).headers["ETag"]

    async def read(self) -> dict[str, Any]:
        return (await self.officer.get(self.path)).json()

    def record_body(self, outcome: str = "no_problem", **more: Any) -> dict[str, Any]:
        return {
            "methods": ["onsite"],
            "place": "奈曼旗大沁他拉镇",
            "findings": [
                {"item_version_id": str(item), "outcome": outcome, **more}
                for item in self.task.items[self.inspection.department]
            ],
        }

    def body_of(self, step: str) -> Any:
        now = self.clock.now().isoformat()
        return {
            "notice": NOTICE,
            "start": {"started_at": now},
            "record": self.record_body(),
            "end": {"ended_at": now},
            "acknowledgement": SIGNED,
            "result": NO_PROBLEM,
            "review": {"decision": "approve"},
            "publish": {},
        }[step]

    async def take(
        self, step: str, body: Any = None, *, by: Caller | None = None, etag: str | None = None
    ) -> httpx.Response:
        """One step, by whose it is, with the present ETag unless told otherwise."""
        actors = {"result": self.clerk, "review": self.leader, "publish": self.clerk}
        caller = by or actors.get(step, self.officer)
        return await caller.request(
            "PUT" if step == "record" else "POST",
            f"{self.path}/{step}",
            json=self.body_of(step) if body is None else body,
            etag=etag or await self.etag(),
        )

    async def up_to(self, last: str) -> None:
        """Every step from where the inspection stands up to `last`, without problems."""
        for step in STEPS[: STEPS.index(last) + 1]:
            response = await self.take(step)
            assert response.status_code in {200, 201}, (step, response.text)


async def a_cast(
    world: World, task: DrawnTask, *, sheet: int = 0, department: str = "SCJG"
) -> Cast:
    """The first officer of the drawn team, a clerk and a leader of the department."""
    inspection = task.sheets[sheet].inspections[department]
    return Cast(
        task,
        inspection,
        officer=await world.caller(Role.OFFICER, department, inspection.officers[0]),
        clerk=await world.caller(Role.DEPT_CLERK, department),
        leader=await world.caller(Role.DEPT_LEADER, department),
        clock=world.runtime.clock,
    )
