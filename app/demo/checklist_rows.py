"""Rows of the demo checklist, and the spreadsheet that ships with the project.

The layout is that of published lists: a title, one header, cells merged down an item, and one row
per legal basis. `python -m app.demo.checklist_rows` writes `checklist.xlsx` next to this file;
nothing else writes it. The bytes depend on the rows alone: the creation date is fixed.
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from app.demo.checklist_farming_safety import EMERGENCY, FARMING
from app.demo.checklist_fire_health import FIRE, HEALTH
from app.demo.checklist_items import DemoItem
from app.demo.checklist_market import MARKET
from app.demo.checklist_schools_culture import CULTURE, EDUCATION
from app.demo.checklist_works_roads import ENVIRONMENT, HOUSING, TRANSPORT

TITLE = "奈曼旗市场监管领域随机抽查事项清单(演示数据)"
HEADER = (
    "编制单位",
    "序号",
    "抽查类别",
    "抽查事项",
    "抽查子项",
    "检查对象",
    "事项类别",
    "检查方式",
    "检查主体",
    "检查依据",
    "风险等级",
    "检查内容与要点",
    "材料清单",
)
BASIS_COLUMN = HEADER.index("检查依据")
UNITS: tuple[tuple[str, str, tuple[DemoItem, ...]], ...] = (
    ("SCJG", "奈曼旗市场监督管理局", MARKET),
    ("XFJY", "奈曼旗消防救援大队", FIRE),
    ("WJW", "奈曼旗卫生健康委员会", HEALTH),
    ("NMKJ", "奈曼旗农牧和科技局", FARMING),
    ("YJGL", "奈曼旗应急管理局", EMERGENCY),
    ("JYTY", "奈曼旗教育体育局", EDUCATION),
    ("ZJJ", "奈曼旗住房和城乡建设局", HOUSING),
    ("JTZF", "奈曼旗交通运输综合行政执法大队", TRANSPORT),
    ("WLJ", "奈曼旗文化和旅游局", CULTURE),
    ("STHJ", "通辽市生态环境局奈曼旗分局", ENVIRONMENT),
)
FILE = Path(__file__).with_name("checklist.xlsx")

_WIDTHS = (20, 6, 18, 34, 18, 24, 9, 16, 20, 44, 9, 44, 28)


def checklist_rows(code: str | None = None) -> list[tuple[str, ...]]:
    """The rows below the header, of one department or of all; a basis more is a row more."""
    return [
        row
        for unit, name, items in UNITS
        if code in {None, unit}
        for number, item in enumerate(items, start=1)
        for row in _item_rows(name, number, item)
    ]


def write_checklist(target: Path = FILE) -> int:
    """Write the spreadsheet; the number of items in it."""
    workbook = xlsxwriter.Workbook(str(target))
    workbook.set_properties(
        {"title": TITLE, "author": "Sunlot", "created": dt.datetime(2022, 4, 21, tzinfo=dt.UTC)}
    )
    sheet = workbook.add_worksheet("抽查事项清单")
    heading = workbook.add_format({"bold": True, "align": "center", "valign": "vcenter"})
    cell = workbook.add_format({"text_wrap": True, "valign": "vcenter", "border": 1})
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.merge_range(0, 0, 0, len(HEADER) - 1, TITLE, heading)
    sheet.write_row(1, 0, HEADER, heading)
    sheet.freeze_panes(2, 0)
    row, count = 2, 0
    for _, name, items in UNITS:
        for number, item in enumerate(items, start=1):
            rows = _item_rows(name, number, item)
            _write_item(sheet, cell, row, rows)
            row, count = row + len(rows), count + 1
    workbook.close()
    return count


def _item_rows(unit: str, number: int, item: DemoItem) -> list[tuple[str, ...]]:
    first = (
        unit,
        str(number),
        item.category,
        item.name,
        item.sub_item,
        item.objects,
        item.item_class,
        "、".join(item.methods),
        unit,
        item.bases[0],
        item.risk,
        item.key_points,
        item.materials,
    )
    more = [_continuation(basis) for basis in item.bases[1:]]
    return [first, *more]


def _continuation(basis: str) -> tuple[str, ...]:
    return tuple(basis if column == BASIS_COLUMN else "" for column in range(len(HEADER)))


def _write_item(
    sheet: xlsxwriter.worksheet.Worksheet,
    cell: xlsxwriter.format.Format,
    top: int,
    rows: Sequence[tuple[str, ...]],
) -> None:
    bottom = top + len(rows) - 1
    for column, value in enumerate(rows[0]):
        if column == BASIS_COLUMN:
            for offset, row in enumerate(rows):
                sheet.write_string(top + offset, column, row[column], cell)
        elif bottom > top:
            sheet.merge_range(top, column, bottom, column, "", cell)
            sheet.write_string(top, column, value, cell)
        else:
            sheet.write_string(top, column, value, cell)


if __name__ == "__main__":
    print(f"{write_checklist()} items written to {FILE.name}")
