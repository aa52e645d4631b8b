"""What lists show of one unit's data, to itself, to a participant, to others and to who watches.

The access table asks for things by id; here nobody names anything, and all lists are read whole.
"""

from fastapi import FastAPI

from app.domain.actor import Role
from tests.support.access import STANDINGS, Stage, a_stage, asks_for_a_permission, named
from tests.support.clocks import FrozenClock
from tests.support.openapi import Operation, operations_of
from tests.support.world import REGION, Caller, World

ROLES = (Role.DEPT_LEADER, Role.OFFICER, Role.WITNESS, Role.INTEGRATOR)
NOT_HERE = {
    "list_accounts": "the administrator's: no role of a department reaches it",
    "list_service_accounts": "the administrator's: no role of a department reaches it",
    "list_certificate_warnings": "of certificates that end: tests/api/test_certificate_warnings.py",
    "list_headcount_declarations": "declarations have no id in a path: tests/api/test_headcounts.py",
    "list_waiting_object_events": "of objects that nobody has yet: tests/api/test_event_import.py",
    "list_publication_rate_inspections": "of ended inspections: tests/api/test_public_results.py",
}
SHOWN = {
    "list_checklist_items": "item_id",
    "list_checklist_versions": "version_id",
    "list_joint_items": "joint_item_id",
    "list_inspection_objects": "object_id",
    "list_licences": "licence_id",
    "list_merge_proposals": "proposal_id",
    "list_object_flags": "flag_id",
    "list_officers": "officer_id",
    "list_officer_coverage_officers": "officer_id",
    "list_experts": "expert_id",
    "list_guidelines": "guideline_id",
    "list_duty_transfers": "transfer_id",
    "list_plans": "plan_id",
    "list_draws": "draw_id",
    "list_inspection_sheets": "sheet_id",
    "list_inspections": "inspection_id",
    "list_operations": "operation_id",
    "list_import_batches": "batch_id",
    "list_audit_entries": "operation_id",
}
TO_EVERYBODY = {"list_checklist_versions", "list_joint_items", "list_plans"}
"""Published, or kept for the whole region."""
TO_PARTICIPANTS = {
    "list_draws",
    "list_inspection_sheets",
    "list_inspections",
    "list_object_flags",
    "list_duty_transfers",
}
OF_THE_UNIT_ALONE = {"list_operations", "list_import_batches"}


def expected(name: str, standing: str) -> bool:
    """Whether the list shows what the leading department has."""
    if standing == "region":
        return name not in OF_THE_UNIT_ALONE
    return (
        standing == "own"
        or name in TO_EVERYBODY
        or (standing == "participant" and name in TO_PARTICIPANTS)
    )


async def _from(world: World, standing: str) -> Caller:
    """With every role of a department, so that nothing is refused; or who reads the region."""
    if standing == "region":
        return await world.caller(Role.SUPERVISOR, "ZFB")
    caller = await world.caller(Role.DEPT_CLERK, STANDINGS[standing])
    admin = await world.administrator()
    for role in ROLES:
        grant = {
            "role": role.value,
            "department_code": STANDINGS[standing],
            "region_code": REGION,
        }
        made = await admin.post(f"accounts/{caller.account_id}/grants", grant)
        assert made.status_code == 201, made.text
    return caller


def _lists(application: FastAPI) -> list[Operation]:
    return [
        one
        for one in operations_of(application)
        if one.method == "GET"
        and one.id.startswith("list_")
        and asks_for_a_permission(one)
        and not named(one)
        and one.id not in NOT_HERE
    ]


async def _shows(caller: Caller, operation: Operation, stage: Stage) -> bool:
    """Whether any page of the list tells of it."""
    url, after = operation.path, ""
    for _ in range(50):
        answer = await caller.get(f"{url}?limit=1000{after}")
        assert answer.status_code == 200, answer.text
        if stage.ids[SHOWN[operation.id]] in answer.text:
            return True
        body = answer.json()
        if body.get("next_cursor") is not None:
            after = f"&cursor={body['next_cursor']}"
        elif body.get("next_chain") is not None:  # the trace is read chain by chain
            after = f"&chain={body['next_chain']}&after_seq={body['next_after_seq']}"
        else:
            return False
    raise AssertionError(f"{operation} does not end")


async def test_a_list_shows_to_each_standing_just_what_it_may_know_of(
    world: World, application: FastAPI, clock: FrozenClock
):
    stage = await a_stage(world, clock)
    lists = _lists(application)
    assert {one.id for one in lists} == set(SHOWN)
    wrong = []
    for standing in (*STANDINGS, "region"):
        caller = await _from(world, standing)
        for operation in lists:
            got = await _shows(caller, operation, stage)
            if got != expected(operation.id, standing):
                wrong.append(f"{operation.id} as {standing}: {got}")
    assert wrong == []
