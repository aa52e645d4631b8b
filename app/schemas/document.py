"""What the OpenAPI document says beyond the shapes: parameters, examples of answers and uploads.

Pure functions on the document's operations; examples of answers were recorded in a run of the
tests (`tests/support/recorded_examples.py`) and stand in app/reference/response_examples.json.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from app.schemas.outgoing import MEMBERS
from app.tabular.extent import MAX_TEXT_FILE

RECORDED = Path(__file__).resolve().parents[1] / "reference" / "response_examples.json"
PARAMETERS: dict[str, str] = {
    "action": "An act's name, whole, as entries of the audit trail have it.",
    "after_seq": "Entries after this number of the chain.",
    "code": "The resource's public code.",
    "current_only": "Only the version in force of each department.",
    "cursor": "`next_cursor` of the page before; without it the list begins.",
    "department_code": "Of this department (its code in the region).",
    "department_id": "Of this department, or with it as a participant.",
    "draw_no": "The public number of a draw.",
    "due_before": "Due before this day.",
    "effective_from": "In force from this day on.",
    "effective_to": "In force until this day.",
    "ended_on": "The day on which the inspection ended.",
    "group": "The name of a code list, as the index has it.",
    "item_class": "General or key items (一般检查事项, 重点检查事项).",
    "kind": "Of this kind.",
    "leader_eligible": "Only those who may (or may not) lead a team.",
    "limit": "Items per page.",
    "name": "The name of a schema, as the index has it.",
    "object_code": "The code of an inspection object, whole.",
    "parent_code": "Regions directly below this one.",
    "plan_no": "The public number of a plan, whole.",
    "plan_task_id": "Of this task of a plan.",
    "region_code": "A region of six digits (GB/T 2260).",
    "risk_class": "Of this risk class (A to D).",
    "sheet_no": "The number printed on the inspection sheet.",
    "sort": "In this order; a cursor belongs to one.",
    "special_library": "In this special library (专项库).",
    "status": "In this state.",
    "subject_id": "Acts on the resource of this id.",
    "subject_kind": "Acts on resources of this kind.",
    "tag": "Has this tag.",
    "working_days": "How many working days, 20 unless told otherwise.",
    "year": "Of this year.",
}
"""By name, for parameters that do not describe themselves."""
UPLOADS: dict[str, str] = {
    "import_checklist_items": "抽查类别,抽查事项,检查对象,事项类别,检查方式,检查依据\n"
    "食品,食品销售安全监督检查,食品销售单位,一般检查事项,现场检查,《中华人民共和国食品安全法》第一百一十条\n",
    "import_inspection_objects": "统一社会信用代码,名称,类型,信用风险等级\n"
    "91150525MA0KT4X201,八仙筒镇惠民超市,企业,B\n",
    "import_joint_items": "抽查领域,抽查事项,检查对象,发起部门,配合部门\n"
    "餐饮,餐饮服务联合抽查,餐饮服务单位,市场监督管理局,消防救援大队\n",
    "import_object_events": "统一社会信用代码,事件,日期,原因\n"
    "91150525MA0KT4X201,吊销,2026-02-20,吊销营业执照\n",
    "import_officers": "单位工号,姓名,执法证编号,发证机关\n"
    "SCJG-901,示例人员甲,NM-150525-0901,通辽市人民政府\n",
}
"""A short file for each import, as csv."""


def complete(operation: dict[str, Any]) -> None:
    """Describe parameters, show answers and uploads, bound what no model bounds; in place."""
    for parameter in operation.get("parameters", ()):
        if "description" not in parameter and parameter["name"] in PARAMETERS:
            parameter["description"] = PARAMETERS[parameter["name"]]
    form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
    if form is not None and operation["operationId"] in UPLOADS:
        form["example"] = {"file": UPLOADS[operation["operationId"]]}
    for status, answer in recorded().get(operation["operationId"], {}).items():
        media = operation["responses"].get(status, {}).get("content", {}).get("application/json")
        if media is not None:
            media["example"] = answer
    for response in operation["responses"].values():
        for media in response.get("content", {}).values():
            schema = media.get("schema", {})
            if schema.get("type") == "array":
                schema.setdefault("maxItems", MEMBERS)
            if schema.get("type") == "object":
                schema.setdefault("maxProperties", MEMBERS)


def bound_uploads(schemas: dict[str, Any]) -> None:
    """Files of forms have a largest size; in place."""
    for name, schema in schemas.items():
        if name.startswith("Body_"):
            for field in schema.get("properties", {}).values():
                if field.get("type") == "string":
                    field.setdefault("maxLength", MAX_TEXT_FILE)


@cache
def recorded() -> dict[str, dict[str, Any]]:
    """Recorded answers by operation and status."""
    if not RECORDED.exists():
        return {}
    found: dict[str, dict[str, Any]] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return found
