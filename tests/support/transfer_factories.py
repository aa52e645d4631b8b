"""Duty transfers for tests, over HTTP callers."""

from typing import Any

from app.domain.actor import Role
from tests.support.library_factories import make_item, make_officer
from tests.support.world import Caller, World

Body = dict[str, Any]


def transfer_body(items: list[Body], officers: list[Body] | None = None, **changes: Any) -> Body:
    """An offer to the fire brigade, effective since before the tests' clock."""
    body: Body = {
        "to_department_code": "XFJY",
        "reason": "职能职责整合",
        "document_no": "奈机编发〔2026〕5号",
        "effective_on": "2026-03-01",
        "item_ids": [item["id"] for item in items],
        "officer_ids": [officer["id"] for officer in officers or []],
    }
    return body | changes


async def a_proposed_transfer(world: World, **changes: Any) -> tuple[Caller, Body]:
    """A draft item and an officer of SCJG offered to XFJY: (the proposing leader, the body)."""
    clerk = await world.caller(Role.DEPT_CLERK)
    leader = await world.caller(Role.DEPT_LEADER)
    item, officer = await make_item(clerk), await make_officer(clerk)
    made = await leader.post("duty-transfers", transfer_body([item], [officer], **changes))
    assert made.status_code == 201, made.text
    body: Body = made.json()
    return leader, body
