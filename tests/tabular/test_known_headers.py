"""The columns that published lists and peers' templates have are known by their names (DOMAIN 4)."""

from collections.abc import Callable
from typing import Any

import pytest

from app.domain.errors import RuleError
from app.tabular import (
    checklist_import,
    joint_checklist_import,
    object_import,
    officer_import,
)
from app.tabular.reader import read_table
from tests.tabular.files import workbook

OFFICERS = {
    "单位工号": "code", "姓名": "name", "性别": None, "身份证号": None, "手机号": None,
    "学历": None, "学历专业": None, "岗位大类": None, "从事本岗起始日期": None,
    "岗位资质资格": "qualifications", "执法事项范围": "item_scopes", "地区": "regions",
    "层级": None, "担任职务": "post", "具体职务": "exact_post", "业务部门": "business_line",
    "是否专家": "is_expert", "执法证编号": "certificate_no",
    "执法证有效期": "certificate_valid_to", "发证机关": "certificate_issuer",
    "执法人员状态": "status",
}  # fmt: skip
"""The 21 columns of the template; None: recognised and never stored."""
LISTS: list[tuple[Any, dict[str, str | None]]] = [
    (officer_import, OFFICERS),
    (object_import, {"统一社会信用代码/注册号": "code", "企业名称": "name"}),
    (
        object_import,
        {
            "专项库": "special_libraries", "监管标签": "tags", "注册号": "registration_number",
            "统一社会信用代码": "code", "企业名称": "name", "主体类型": "kind",
            "属地": "region_code", "登记状态": "status", "住所": "address",
            "信用等级": "risk_class",
        },
    ),
    (
        object_import,
        {"统一信用代码/注册号": "code", "企业名称": "name", "生产经营场所": "address", "经营者身份证号": None},
    ),
    (
        checklist_import,
        {
            "编制单位": "issuing_unit", "序号": "sequence", "抽查类别": "category",
            "抽查事项": "item", "检查对象": "objects", "事项类别(一般/重点)": "item_class",
            "检查方式": "methods", "检查主体": "subject", "检查依据": "legal_bases",
        },
    ),
    (
        checklist_import,
        {
            "编号": "code", "事项名称": "item", "子项": "sub_item", "依据": "legal_bases",
            "主体": "subject", "对象": "objects", "事项类别": "item_class", "比例": "ratio",
            "频次": "frequency_cap", "方式": "methods", "检查人员要求": "qualifications",
            "备注": "remark",
        },
    ),
    (
        joint_checklist_import,
        {
            "序号": "sequence", "抽查领域": "field", "抽查事项": "item", "检查对象": "objects",
            "发起部门": "initiating_units", "配合部门": "cooperating_units",
        },
    ),
]  # fmt: skip
READ: dict[Any, Callable[..., Any]] = {
    officer_import: officer_import.read_officers,
    object_import: object_import.read_objects,
    checklist_import: checklist_import.read_checklist,
    joint_checklist_import: joint_checklist_import.read_joint_checklist,
}


@pytest.mark.parametrize(("module", "names"), LISTS)
def test_every_column_of_the_list_is_known(module: Any, names: dict[str, str | None]):
    head = list(names)
    done = READ[module](read_table(workbook([head, [f"值{n}" for n in range(len(head))]])))
    header = [v for v in done.report.verdicts if v.row == 1]
    assert [v.code for v in header] == ["column-not-stored"] * list(names.values()).count(None)
    read = done.report.source.columns
    assert {field: head[place] for field, place in read.items()} == {
        field: name for name, field in names.items() if field
    }


def test_what_the_duty_does_not_need_is_in_no_row_and_no_verdict():
    row = [f"密{n}" if field is None else "" for n, field in enumerate(OFFICERS.values())]
    row[0], row[1] = "SC001", "检查员甲"
    row[13], row[14] = "四级主任科员", "副股长"
    done = officer_import.read_officers(read_table(workbook([list(OFFICERS), row])))
    (officer,) = done.officers
    assert officer.post == "四级主任科员、副股长"
    assert "密" not in repr(officer)
    assert [v for v in done.report.verdicts if "密" in (v.zh + (v.value or ""))] == []


def test_a_list_whose_names_nobody_uses_is_refused():
    with pytest.raises(RuleError):
        officer_import.read_officers(read_table(workbook([["甲", "乙"], ["1", "2"]])))
