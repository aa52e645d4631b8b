"""Role x operation x own, participant and other unit: called for real, and written down.

The cells follow from the rules below, and each is asserted by a call; docs/access.md is the table,
so that a reader sees it and a change of it is a difference in review.
`SUNLOT_WRITE_TABLE=1 pytest -n 0 tests/house/test_access_table.py` writes it again.
"""

import os

import httpx
import pytest
from fastapi import FastAPI

from app.domain.actor import PERMISSIONS, Permission, Role
from app.openapi import FOLDER
from tests.support.access import (
    FORBIDDEN,
    HIDDEN,
    PLACES,
    REACHED,
    STANDINGS,
    Stage,
    a_stage,
    asks_for_a_permission,
    body_of,
    named,
    reach,
    standings_of,
)
from tests.support.clocks import FrozenClock
from tests.support.openapi import Operation, operations_of
from tests.support.world import Caller, World

TABLE = FOLDER.parent / "docs" / "access.md"
SHARED = {
    "plan_id",
    "task_id",
    "draw_id",
    "sheet_id",
    "inspection_id",
    "version_id",
    "flag_id",
    "transfer_id",
}
"""What a participant of a joint plan knows of, and so may be refused (403) instead of told nothing."""
OF_THE_UNIT_ALONE = {"operation_id", "batch_id"}
"""What a unit's people have asked for is nobody else's business, not even the office's."""
IN_THE_BODY = {"print_inspection_sheets": {"sheet_id"}, "order_inspection_sheets": {"sheet_id"}}
"""What an operation works on, where the path does not say it."""
TO_EVERYBODY = {
    "read_plan", "read_plan_task", "read_checklist_version", "read_joint_item",
    "export_checklist_version", "compare_checklist_versions",
}  # fmt: skip
"""Published, or kept for the whole region."""
ANSWERS = {
    "accept_plan_participation",
    "decline_plan_participation",
    "accept_duty_transfer",
    "decline_duty_transfer",
}
"""Each participant, and who is offered a duty, answers for itself, and nobody for it."""
CONTRIBUTES = {"make_commitment", "open_contribution"}
"""Only the contributors whom the freeze named, of whatever unit; this draw named other people."""


def expected(operation: Operation, role: Role, standing: str) -> str:
    """The rule for a cell."""
    if operation.permission not in {one.value for one in PERMISSIONS[role]}:
        return FORBIDDEN
    parameters = set(named(operation)) | IN_THE_BODY.get(operation.id, set())
    if operation.permission == Permission.OFFICER_SELF:  # the own row: others here have none
        return REACHED if standing == "own" else HIDDEN
    if not parameters or standing == "administrator":
        return REACHED
    if operation.permission == Permission.EXPERT_WRITE and standing == "region":
        return HIDDEN  # the office keeps the region's experts, not a department's
    if standing == "region":
        return HIDDEN if parameters & OF_THE_UNIT_ALONE else REACHED
    if operation.id in CONTRIBUTES:
        return HIDDEN if standing == "other" else FORBIDDEN
    if operation.id in ANSWERS:
        return {"own": FORBIDDEN, "participant": REACHED, "other": HIDDEN}[standing]
    if standing == "own" or operation.id in TO_EVERYBODY:
        return REACHED
    if standing == "participant" and parameters & SHARED:
        return REACHED if operation.permission.endswith(":read") else FORBIDDEN
    return HIDDEN


async def _someone(world: World, stage: Stage, role: Role, standing: str) -> Caller:
    """Of the own unit's officers one who is on the team: no other writes a record (R13)."""
    on_team = None
    if role is Role.OFFICER and standing == "own":
        on_team = stage.joint.task.sheets[0].inspections[STANDINGS[standing]].officers[0]
    return await world.caller(role, STANDINGS.get(standing, PLACES.get(role)), on_team)


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_reaches_from_each_standing_just_what_the_rules_say(
    world: World, application: FastAPI, clock: FrozenClock, role: Role
):
    stage = await a_stage(world, clock)
    asked = [one for one in operations_of(application) if asks_for_a_permission(one)]
    assert [one.id for one in asked if not set(named(one)) <= set(stage.ids)] == []
    wrong = []
    for standing in standings_of(role):
        caller = await _someone(world, stage, role, standing)
        for operation in asked:
            got = await reach(world, application, caller, operation, stage.ids_for(operation))
            wanted = expected(operation, role, standing)
            if got != wanted:
                wrong.append(f"{operation.id} as {standing}: {got}, not {wanted}")
    assert wrong == []
    assert len(asked) > 80


BY_TOKEN_OR_COOKIE = {"log_out"}
"""Public because the refresh cookie does where the access token has run out; one of them it needs."""


def _of_anybody(application: FastAPI) -> list[Operation]:
    return [one for one in operations_of(application) if not asks_for_a_permission(one)]


async def test_what_is_public_asks_nobody_who_they_are(
    application: FastAPI, client: httpx.AsyncClient
):
    public = [one for one in _of_anybody(application) if one.permission == Permission.PUBLIC]
    refused = set()
    for operation in public:
        answer = await client.request(
            operation.method, operation.url(), **body_of(application, operation)
        )
        assert answer.status_code < 500, f"{operation}: {answer.text}"
        code = answer.json().get("code") if answer.status_code >= 400 else None
        if code in {"unauthenticated", "forbidden"}:
            refused.add(operation.id)
    assert refused == BY_TOKEN_OR_COOKIE
    assert len(public) > 25


@pytest.mark.parametrize("role", list(Role))
async def test_what_is_public_or_ones_own_is_open_to_every_role(
    world: World, application: FastAPI, role: Role
):
    caller = await world.caller(role, PLACES.get(role, STANDINGS["own"]))
    wrong = []
    for operation in _of_anybody(application):
        if operation.id in BY_TOKEN_OR_COOKIE:
            continue
        answer = await caller.request(
            operation.method, operation.url(), **body_of(application, operation)
        )
        code = answer.json().get("code") if answer.status_code >= 400 else None
        if code in {"unauthenticated", "forbidden"} or answer.status_code >= 500:
            wrong.append(f"{operation}: {answer.text}")
    assert wrong == []
    assert (await caller.post("auth/logout")).status_code == 204


def _cell(operation: Operation, role: Role) -> str:
    cells = [expected(operation, role, standing) for standing in standings_of(role)]
    return cells[0] if len(set(cells)) == 1 else "/".join(cells)


def table(application: FastAPI) -> str:
    """All operations: who reaches them at all, and from where."""
    lines = [
        "# Who reaches what",
        "",
        "Written by `SUNLOT_WRITE_TABLE=1 pytest tests/house/test_access_table.py`, where every",
        "cell is asserted by a call. `ok` is let through to the act's own rules. Three values stand",
        "for the unit whose data it is / a participant of the same joint plan / another unit; one",
        "value for all of them. Office, supervisor and oversight read the whole region.",
        "",
        "| operation | permission | " + " | ".join(role.value for role in Role) + " |",
        "|---|---|" + "---|" * len(Role),
    ]
    for operation in operations_of(application):
        if asks_for_a_permission(operation):
            cells = " | ".join(_cell(operation, role) for role in Role)
        else:
            who = "anybody" if operation.permission == Permission.PUBLIC else "signed in"
            cells = " | ".join([who] * len(Role))
        lines.append(f"| {operation.id} | {operation.permission} | {cells} |")
    return "\n".join(lines) + "\n"


def test_the_table_that_is_committed_is_the_one_that_the_rules_make(application: FastAPI):
    made = table(application)
    if os.environ.get("SUNLOT_WRITE_TABLE"):
        TABLE.write_text(made, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == made
    assert all(f"| {one.id} |" in made for one in operations_of(application))
