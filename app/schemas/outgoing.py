"""How long what goes out can be, by the name of the field: the widths of the columns, said once.

It speaks in the document only. An answer is never refused for its length: what is stored has passed
the limits of what comes in, and the columns' own. A test compares both with the columns.
"""

from typing import Any

WIDTHS: dict[int, str] = {
    5: """
        industry_code
    """,
    12: """
        area_code area_codes region_code regions
    """,
    14: """
        supervision_code
    """,
    32: """
        roles
    """,
    50: """
        fields object_tags qualification qualifications special_libraries specialties tags
    """,
    64: """
        action actor alg business_line_code certificate_no channel client_id code department
        department_code draw_no due_state filing_no fraction group hash id_value insAuth ip
        item_code item_codes late methods[] noted_by object object_code outcome parent_code
        percent plan_no plan_task_code prev_hash raninsPlanId raninsTaskId request_id
        responsible_object_code scopes sheet_no state status stratum subject_kind task_code
        uniscid username waiting_for
    """,
    100: """
        business_line_name chain department_name display_name document_no holiday licensing_scopes
        next_chain number one_time_password platform_receipt_no post recipient signer
        subject_id witness_name
    """,
    200: """
        certificate_issuer change_reason confidentiality_document entName file ground href insRes
        institution issuer issuing_unit left_reason source status_reason withdrawn_reason
        item_scopes materials raninsCheckResName raninsPlaneName raninsTaskName raninsTypeName
        risk_source title unit value witness_unit
    """,
    500: """
        address approval_opinion assigned_cause category field filing_opinion item_name
        object_name opinion place plan_name pointer present returned_reason site_url skipped
        subject
    """,
    2000: """
        en measure name note objects problem reason remark sub_item zh
    """,
    20000: """
        archiving contents draw_principles key_points methods procedure publicity
        raninsItemName result_text statement
    """,
    1 << 20: """
        manifest
    """,
}
TEXTS = {name: most for most, names in WIDTHS.items() for name in names.split()}
"""Most characters of a text, or of each text of an array, of this name."""
ARRAYS: dict[str, int] = {
    "entries": 100,
    "grants": 100,
    "permissions": 200,
    "roles": 32,
}
"""Most members of an array of this name; of any other, MEMBERS."""
MEMBERS = 1000
WHOLE = 2**53 - 1
"""Beyond this a JSON number is no longer exact for every client."""


def bound(name: str, schema: dict[str, Any]) -> None:
    """Add the limits that a property's schema leaves open, in place; never changes one it has."""
    kind = schema.get("type")
    if kind == "string" and not {"maxLength", "enum", "const", "format"} & set(schema):
        most = TEXTS.get(name, TEXTS.get(name.removesuffix("[]")))
        if most is not None:
            schema["maxLength"] = most
    elif kind == "array":
        schema.setdefault("maxItems", ARRAYS.get(name, MEMBERS))
    elif kind == "integer":
        schema.setdefault("minimum", 0)
        schema.setdefault("maximum", WHOLE)
    elif kind == "object" and "properties" not in schema:
        schema.setdefault("maxProperties", MEMBERS)
    for choice in schema.get("anyOf", ()):
        bound(name, choice)
    if isinstance(schema.get("items"), dict):
        bound(name.removesuffix("[]") + "[]", schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        bound(name, schema["additionalProperties"])
