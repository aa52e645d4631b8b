"""Every operation that changes something that exists is told of as an action, by its rule."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from app.domain.actions import Operation as Rule
from app.domain.draw_actions import DRAW
from app.domain.inspection_actions import INSPECTION
from app.domain.library_actions import (
    ACCOUNT,
    GRANT,
    GUIDELINE,
    IMPORT_BATCH,
    ITEM,
    JOINT_ITEM,
    OBJECT,
    OFFICER,
    OPERATION,
    SERVICE_ACCOUNT,
)
from app.domain.object_actions import FLAG, LICENCE, MERGE
from app.domain.people_actions import ABSENCE, CERTIFICATE, EXPERT, INTEREST
from app.domain.plan_actions import PARTICIPANT, PLAN, TASK
from app.domain.transfer_actions import TRANSFER
from tests.support.actions import PARTS
from tests.support.openapi import Operation, operations_of

TABLES: dict[str, tuple[dict[str, Rule[Any]], ...]] = {
    "AccountRead": (ACCOUNT,),
    "GrantRead": (GRANT,),
    "ServiceAccountRead": (SERVICE_ACCOUNT,),
    "OperationRead": (OPERATION,),
    "ImportBatchRead": (IMPORT_BATCH,),
    "ItemRead": (ITEM,),
    "JointItemRead": (JOINT_ITEM,),
    "ObjectRead": (OBJECT,),
    "ObjectFlagRead": (FLAG,),
    "MergeProposalRead": (MERGE,),
    "LicenceRead": (LICENCE,),
    "OfficerDetail": (OFFICER,),
    "OfficerStatusAnswer": (OFFICER,),
    "CertificateRead": (CERTIFICATE,),
    "AbsenceRead": (ABSENCE,),
    "InterestRead": (INTEREST,),
    "ExpertDetail": (EXPERT,),
    "GuidelineRead": (GUIDELINE,),
    "DutyTransferRead": (TRANSFER,),
    "PlanDetail": (PLAN,),
    "ParticipantRead": (PARTICIPANT,),
    "TaskRead": (TASK,),
    "DrawDetail": (DRAW,),
    "InspectionRead": (INSPECTION,),
    "SheetSectionRead": (INSPECTION,),
}
"""The tables by the shape that tells of them."""
PERMISSION = {
    name: rule.permission.value
    for tables in TABLES.values()
    for table in tables
    for name, rule in table.items()
}
NOTHING_IN_THE_WAY = {
    "end_my_session": "a session that is listed is alive, and can be ended",
    "end_account_session": "a session that is listed is alive, and can be ended",
    "revoke_client_secret": "a secret that is shown works, and can be revoked",
}
"""Ends of a member of a list that shows just what can be ended."""
READ_ONLY = {
    "DepartmentRead": "shipped with the service",
    "VersionDetail": "a published checklist is a copy that nothing changes",
    "ReadinessRead": "findings, each with a link to what mends it",
    "MatrixRead": "a view of sheets; what is done is done with the inspections",
    "SheetRead": "its sections have the actions of their inspections",
    "InspectionDeadlineRead": "an explanation",
}
"""What is read by id, is not public, and nothing is done with."""


def _changing(application: FastAPI) -> Iterator[Operation]:
    for operation in operations_of(application):
        changes = operation.method != "GET" and "{" in operation.path
        if changes and operation.id not in NOTHING_IN_THE_WAY:
            yield operation


def test_every_operation_that_changes_a_resource_is_an_action_of_one(application: FastAPI):
    changing = {operation.id for operation in _changing(application)}
    assert len(changing) > 40
    assert changing == set(PERMISSION)


def test_an_action_asks_for_the_permission_of_its_operation(application: FastAPI):
    said = {operation.id: operation.permission for operation in _changing(application)}
    assert said == PERMISSION


def test_every_resource_read_by_id_tells_of_its_actions(application: FastAPI):
    schemas = application.openapi()["components"]["schemas"]
    without = set()
    for operation in operations_of(application):
        by_id = "{" in operation.path and operation.path.endswith("}")
        answer = operation.raw["responses"].get("200", {}).get("content", {})
        schema = answer.get("application/json", {}).get("schema", {})
        if operation.method != "GET" or not by_id or operation.permission == "public":
            continue
        name = schema["$ref"].rsplit("/", 1)[-1]
        if "allowed_actions" not in schemas[name]["properties"]:
            without.add(name)
    assert without <= set(READ_ONLY)
    telling = {n for n, s in schemas.items() if "allowed_actions" in s.get("properties", {})}
    assert telling == set(TABLES)


def test_parts_of_a_resource_that_tell_of_actions_are_tried_by_the_proof(application: FastAPI):
    """Else a list inside a resource could tell of actions that no test calls."""
    schemas = application.openapi()["components"]["schemas"]
    parts = {
        field
        for name in TABLES
        for field, schema in _lists(schemas)
        if schema == name and field != "items"
    }
    assert parts == set(PARTS)


def _lists(schemas: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for schema in schemas.values():
        for field, value in schema.get("properties", {}).items():
            reference = value.get("items", {}).get("$ref", "")
            if reference:
                yield field, reference.rsplit("/", 1)[-1]
