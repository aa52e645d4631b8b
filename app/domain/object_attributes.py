"""What may be said of an object beyond its fields, by kind (R02, DOMAIN s.4).

The fields are those that comparable systems keep and an inspection needs. Unknown fields are
refused; what was stored before there were such rules is read as it is. No person is named here:
whom to contact is kept apart, and masked.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from app.domain.credit_code import is_credit_code, is_project_code
from app.domain.errors import FieldError, RuleError
from app.domain.lifecycle import ObjectKind
from app.domain.refusals import objects as refusals

MOST = 2**53 - 1
PROJECT_CODE_PATTERN = r"^[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}$"
CREDIT_CODE_PATTERN = r"^[0-9A-HJ-NPQRTUWXY]{18}$"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class AttributeForm(StrEnum):
    """What sort of value an attribute has."""

    TEXT = "text"
    DAY = "day"
    COUNT = "count"
    FLAG = "flag"
    CREDIT_CODE = "credit_code"
    PROJECT_CODE = "project_code"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its Chinese name, what it holds, and how long a text may be."""

    zh: str
    form: AttributeForm = AttributeForm.TEXT
    most: int = 200


_DATE = AttributeForm.DAY
_SUBJECT: Mapping[str, Attribute] = {
    "legal_form": Attribute("企业类型(组织形式)", most=100),
    "registered_on": Attribute("成立日期", _DATE),
    "registrar": Attribute("登记机关"),
    "jurisdiction": Attribute("属地监管所"),
    "registered_capital": Attribute("注册资本", most=50),
    "business_scope": Attribute("经营范围", most=2000),
    "business_place": Attribute("生产经营场所", most=500),
    "scale": Attribute("经营规模", most=100),
    "credit_rating": Attribute("信用等级", most=50),
    "in_abnormal_list": Attribute("是否列入经营异常名录", AttributeForm.FLAG),
    "in_dishonest_list": Attribute("是否列入严重违法失信名单", AttributeForm.FLAG),
    "needs_expert": Attribute("是否需要专业监管", AttributeForm.FLAG),
}
BY_KIND: Mapping[ObjectKind, Mapping[str, Attribute]] = MappingProxyType(
    {
        ObjectKind.ENTERPRISE: {
            **_SUBJECT,
            "parent_credit_code": Attribute("隶属企业统一社会信用代码", AttributeForm.CREDIT_CODE),
            "employees": Attribute("从业人数", AttributeForm.COUNT),
        },
        ObjectKind.INDIVIDUAL_BUSINESS: {
            **_SUBJECT,
            "market_name": Attribute("所在市场(商场)"),
            "stall_no": Attribute("摊位号", most=50),
        },
        ObjectKind.FARMER_COOP: {
            **_SUBJECT,
            "members": Attribute("成员数", AttributeForm.COUNT),
            "main_products": Attribute("主要产品", most=500),
        },
        ObjectKind.OTHER_ORG: {
            **_SUBJECT,
            "competent_unit": Attribute("业务主管单位"),
            "organisation_type": Attribute("机构类别", most=100),
        },
        ObjectKind.PRODUCT: {
            "brand": Attribute("商标(品牌)"),
            "model": Attribute("规格型号"),
            "batch": Attribute("批号", most=100),
            "producer": Attribute("生产者"),
            "producer_credit_code": Attribute("生产者统一社会信用代码", AttributeForm.CREDIT_CODE),
            "produced_on": Attribute("生产日期", _DATE),
            "expires_on": Attribute("保质期至", _DATE),
            "standard_no": Attribute("执行标准", most=100),
            "category": Attribute("产品类别", most=100),
        },
        ObjectKind.PROJECT: {
            "investment_project_code": Attribute("投资项目代码", AttributeForm.PROJECT_CODE),
            "stage": Attribute("项目阶段", most=100),
            "contractor": Attribute("施工单位"),
            "supervising_engineer_unit": Attribute("监理单位"),
            "site": Attribute("建设地点", most=500),
            "started_on": Attribute("开工日期", _DATE),
            "planned_end_on": Attribute("计划竣工日期", _DATE),
            "investment": Attribute("总投资", most=50),
        },
        ObjectKind.ACTIVITY: {
            "place": Attribute("地点", most=500),
            "starts_on": Attribute("开始日期", _DATE),
            "ends_on": Attribute("结束日期", _DATE),
            "organiser": Attribute("主办方"),
            "expected_visitors": Attribute("预计参加人数", AttributeForm.COUNT),
            "permit_no": Attribute("许可(备案)文号", most=100),
        },
    }
)
REQUIRED: Mapping[ObjectKind, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        ObjectKind.PRODUCT: (("model", "batch"),),
        ObjectKind.PROJECT: (("stage",),),
        ObjectKind.ACTIVITY: (("place",),),
    }
)
"""What an object of a kind is not known without: of each group one at least.

A subject is known by its code, name and place, which are fields; a code in a department's own
numbering says nothing of a product, a project or an activity. Registers and files may lack it: such
an object is taken and carries a warning.
"""
_PERIODS = (
    ("produced_on", "expires_on"),
    ("started_on", "planned_end_on"),
    ("starts_on", "ends_on"),
)


def attribute_faults(kind: ObjectKind, values: Mapping[str, Any]) -> tuple[FieldError, ...]:
    """What is wrong with the attributes of an object of a kind, field by field."""
    known = BY_KIND[kind]
    faults = []
    for name, value in values.items():
        pointer = "/attributes/" + name.replace("~", "~0").replace("/", "~1")
        attribute = known.get(name)
        if attribute is None:
            faults.append(refusals.ATTRIBUTE_UNKNOWN.at(pointer))
        elif not _fits(attribute, value):
            faults.append(refusals.ATTRIBUTE_MALFORMED.at(pointer))
    for begin, end in () if faults else _PERIODS:
        if begin in values and end in values and values[end] < values[begin]:
            faults.append(refusals.ATTRIBUTE_MALFORMED.at(f"/attributes/{end}"))
    return tuple(faults)


def missing_attributes(kind: ObjectKind, values: Mapping[str, Any]) -> tuple[FieldError, ...]:
    """Which attributes an object of the kind is not known without, and lacks."""
    return tuple(
        refusals.ATTRIBUTE_MISSING.at(
            f"/attributes/{group[0]}", titles="或者".join(BY_KIND[kind][name].zh for name in group)
        )
        for group in REQUIRED.get(kind, ())
        if not any(name in values for name in group)
    )


def require_attributes(kind: ObjectKind, values: Mapping[str, Any]) -> None:
    """The attributes are those of the kind, and those that it is not known without are there."""
    faults = attribute_faults(kind, values) + missing_attributes(kind, values)
    if faults:
        raise RuleError(refusals.ATTRIBUTES_INVALID, faults)


def _fits(attribute: Attribute, value: Any) -> bool:
    form = attribute.form
    if form is AttributeForm.FLAG:
        return isinstance(value, bool)
    if form is AttributeForm.COUNT:
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST
    if not isinstance(value, str):
        return False
    if form is AttributeForm.DAY:
        return _is_day(value)
    if form is AttributeForm.CREDIT_CODE:
        return is_credit_code(value)
    if form is AttributeForm.PROJECT_CODE:
        return is_project_code(value)
    return 1 <= len(value) <= attribute.most


def _is_day(value: str) -> bool:
    if not _DAY.fullmatch(value):
        return False
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def json_schema(kind: ObjectKind) -> dict[str, Any]:
    """The attributes of a kind as JSON Schema (2020-12); what lies between fields is not in it."""
    schema: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _schema(one) for name, one in BY_KIND[kind].items()},
    }
    groups = [[{"required": [name]} for name in group] for group in REQUIRED.get(kind, ())]
    if groups:
        schema["allOf"] = [{"anyOf": group} for group in groups]
    return schema


def _schema(attribute: Attribute) -> dict[str, Any]:
    forms: dict[AttributeForm, dict[str, Any]] = {
        AttributeForm.TEXT: {"type": "string", "minLength": 1, "maxLength": attribute.most},
        AttributeForm.DAY: {"type": "string", "format": "date", "maxLength": 10},
        AttributeForm.COUNT: {"type": "integer", "minimum": 0, "maximum": MOST},
        AttributeForm.FLAG: {"type": "boolean"},
        AttributeForm.CREDIT_CODE: {
            "type": "string",
            "pattern": CREDIT_CODE_PATTERN,
            "maxLength": 18,
        },
        AttributeForm.PROJECT_CODE: {
            "type": "string",
            "pattern": PROJECT_CODE_PATTERN,
            "maxLength": 24,
        },
    }
    return {"title": attribute.zh, **forms[attribute.form]}
