"""The joint list: which name means which unit, and when an item is joint (plan s.4(1)2)."""

from uuid import UUID

import pytest

from app.domain.errors import RuleError
from app.domain.joint_items import JointUnit, directory, names_of, require_joint, without_repeats
from app.domain.lifecycle import JointPart

SCJG, JYTY = UUID(int=1), UUID(int=2)
INIT, COOP = JointPart.INITIATING, JointPart.COOPERATING


def test_a_unit_is_known_by_its_full_its_bare_and_its_short_name():
    assert names_of("奈曼旗市场监督管理局", "奈曼旗") == {
        "奈曼旗市场监督管理局",
        "市场监督管理局",
        "旗市场监督管理局",
    }
    assert names_of("国家税务总局奈曼旗税务局", "奈曼旗") == {"国家税务总局奈曼旗税务局"}
    assert names_of("奈曼旗", "奈曼旗") == {"奈曼旗"}


def test_a_name_that_could_mean_two_units_means_none():
    known = directory([(SCJG, "奈曼旗商务局"), (JYTY, "商务局")], "奈曼旗")
    assert known == {"奈曼旗商务局": SCJG, "旗商务局": SCJG}


def test_a_kind_of_units_is_no_unit():
    known = directory([(SCJG, "奈曼旗市场监督管理局")], "奈曼旗")
    assert "市场监管部门" not in known
    assert "市场监管领域相关部门" not in known


def test_two_names_of_one_unit_are_one_unit():
    full = JointUnit(INIT, "奈曼旗市场监督管理局", SCJG)
    bare = JointUnit(COOP, "市场监督管理局", SCJG)
    assert without_repeats([full, bare]) == [full]
    with pytest.raises(RuleError) as refused:
        require_joint([full, bare])
    assert {(e.pointer, e.code) for e in refused.value.errors} == {
        ("/cooperating/0", "unit-twice"),
        ("/cooperating", "units-too-few"),
    }


def test_one_unit_alone_is_not_joint():
    with pytest.raises(RuleError) as refused:
        require_joint([JointUnit(INIT, "公安部门", None)])
    assert [e.code for e in refused.value.errors] == ["units-too-few"]


def test_two_units_are_joint_whichever_part_they_have():
    require_joint([JointUnit(INIT, "公安部门", None), JointUnit(INIT, "商务部门", None)])
    require_joint([JointUnit(INIT, "公安部门", None), JointUnit(COOP, "商务部门", None)])
