"""Two published lists of another province, and a made one with every trouble that they have.

The real ones are not ours to put into the repository; whoever works on it finds them in a folder
beside it. Without that folder the made list alone stands for them, everywhere.
"""

from pathlib import Path

import pytest

from tests.tabular.files import workbook

DATA = Path(__file__).parents[3] / "shared" / "data"
CHECKLIST = DATA / "hainan-2020-checklist.xlsx"
JOINT_LIST = DATA / "hainan-2020-joint-checklist.xls"
needs_real_lists = pytest.mark.skipif(
    not (CHECKLIST.is_file() and JOINT_LIST.is_file()),
    reason="another province's lists are not ours to put into the repository; beside it they are"
    " missing here. The made list of tests/support/real_lists.py has the same troubles, and its"
    " tests run everywhere",
)
HEAD = ("序号", "抽查类别", "抽查事项", "检查对象", "事项类别", "检查方式", "检查主体", "检查依据")
_LAW, _OTHER = "《中华人民共和国食品安全法》第一百一十条", "《食品生产许可管理办法》第四十九条"
_SOLD = ("2", "食品", "食品销售检查", "销售单位", "一般检查事项", "现场检查", "市场监管局", _LAW)
_ROWS = (
    (
        "1",
        "食品",
        "食品生产检查",
        "生产企业",
        "重点检查事项",
        "现场检查、书面检查",
        "市场监管局",
        _LAW,
    ),
    ("", "", "", "", "", "", "", _OTHER),
    _SOLD,
    ("", "", "", "", "", "", "", _OTHER),
    ("3", "", "餐饮服务检查", "餐饮单位", "一般检查事项", "定期与不定期", "市场监管局", _LAW),
    ("4", "广告", "广告检查", "广告经营者", "一般检查事项", "现场检查、询问", "市场监管局", _LAW),
    ("5", "广告", "广告监测", "广告发布者", "一般检查事项", "非现场检查", "市场监管局", _LAW),
    (
        "6",
        "价格",
        "明码标价检查",
        "经营者",
        "一般检查事项",
        "书面检查",
        "市场监管局",
        "《价格法第四条",
    ),
    _SOLD,
)
FIRST_ROW = 4
"""Of the list's rows as a clerk counts them in the sheet: below two titles and the head."""
TIMING_ROW = FIRST_ROW + 4
"""Names when to inspect, and none of the four methods."""


def a_made_list(timing: str = "定期与不定期") -> bytes:
    """Merged cells, further bases below an item, several methods in a cell, and faults."""
    rows = [list(row) for row in _ROWS]
    rows[TIMING_ROW - FIRST_ROW][5] = timing
    first = FIRST_ROW - 1
    merges = [(first, column, first + 1, column, rows[0][column]) for column in range(7)]
    merges.append((0, 0, 0, 7, "随机抽查事项清单"))
    return workbook([["随机抽查事项清单"], ["(2026年版)"], HEAD, *rows], merges)
