"""The workbooks that clerks fill in: an empty sheet with our headers, and 参数表 with the codes.

The importers read what these templates ask for; a test fills each and reads it back. Columns that
are not stored are not offered.
"""

import io
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import xlsxwriter

from app.reference.codes import code_groups
from app.tabular.checklist_import import COLUMNS as CHECKLIST_COLUMNS
from app.tabular.event_import import COLUMNS as EVENT_COLUMNS
from app.tabular.headers import Column
from app.tabular.joint_checklist_import import COLUMNS as JOINT_COLUMNS
from app.tabular.object_import import COLUMNS as OBJECT_COLUMNS
from app.tabular.officer_import import COLUMNS as OFFICER_COLUMNS
from app.tabular.writer import Cell, write_sheet

PARAMETER_SHEET = "参数表"
TEMPLATE_VERSION = 1
_YES_NO = ("是", "否")
_CHOICE_ROWS = 5000  # rows that get a list to choose from


class TemplateKind(StrEnum):
    """What a template is for."""

    CHECKLIST = "checklist"
    JOINT_CHECKLIST = "joint_checklist"
    OBJECTS = "objects"
    OBJECT_EVENTS = "object_events"
    OFFICERS = "officers"


class _Template(NamedTuple):
    sheet: str
    columns: Sequence[Column]
    closed: dict[str, str]  # field → code list; one value of the list per cell
    listed: tuple[str, ...]  # code lists of which a cell may hold several values


_TEMPLATES = {
    TemplateKind.CHECKLIST: _Template(
        "抽查事项清单",
        CHECKLIST_COLUMNS,
        {"item_class": "item_class", "risk_level": "risk_level"},
        ("inspection_method",),
    ),
    TemplateKind.JOINT_CHECKLIST: _Template("部门联合抽查事项清单", JOINT_COLUMNS, {}, ()),
    TemplateKind.OBJECTS: _Template(
        "检查对象名录库",
        OBJECT_COLUMNS,
        {"kind": "object_kind", "status": "object_status", "risk_class": "risk_class"},
        (),
    ),
    TemplateKind.OBJECT_EVENTS: _Template(
        "检查对象变动记录",
        EVENT_COLUMNS,
        {"kind": "object_event", "object_kind": "object_kind", "risk_class": "risk_class"},
        (),
    ),
    TemplateKind.OFFICERS: _Template(
        "执法检查人员名录库", OFFICER_COLUMNS, {"status": "officer_status"}, ()
    ),
}
_FLAGS = frozenset({"leader_eligible"})
_NOT_OFFERED = frozenset({"sequence", "is_expert", "registration_number", "exact_post"})


def template_headers(kind: TemplateKind) -> tuple[str, ...]:
    """The headers of a template; a star marks what must be filled in."""
    return tuple(
        column.title + ("*" if column.required else "")
        for column in _offered(_TEMPLATES[kind].columns)
    )


def template_title(kind: TemplateKind) -> str:
    """What the sheet of a template, and of an export in its columns, is called."""
    return _TEMPLATES[kind].sheet


def template_row(kind: TemplateKind, cells: Mapping[str, Cell]) -> tuple[Cell, ...]:
    """Cells by field in the order of the template's headers."""
    return tuple(cells.get(column.field) for column in _offered(_TEMPLATES[kind].columns))


def write_template(kind: TemplateKind) -> bytes:
    """The empty workbook for one kind of import."""
    template = _TEMPLATES[kind]
    packed = io.BytesIO()
    workbook = xlsxwriter.Workbook(packed, {"in_memory": True})
    worksheet = write_sheet(workbook, template.sheet, template_headers(kind), ())
    for place, column in enumerate(_offered(template.columns)):
        choices = _choices(template, column.field)
        if choices:
            worksheet.data_validation(
                1,
                place,
                _CHOICE_ROWS,
                place,
                {"validate": "list", "source": list(choices), "error_type": "warning"},
            )
    write_sheet(workbook, PARAMETER_SHEET, ("栏目", "可填内容", "代码"), _parameters(template))
    # A defined name survives saving by any program, and says what the file is for.
    mark = f"sunlot_template_{kind.value}.v{TEMPLATE_VERSION}"
    workbook.define_name(mark, f"='{PARAMETER_SHEET}'!$A$1")
    workbook.close()
    return packed.getvalue()


def _offered(columns: Sequence[Column]) -> list[Column]:
    return [c for c in columns if c.stored and c.field not in _NOT_OFFERED]


def _choices(template: _Template, field: str) -> tuple[str, ...]:
    if field in _FLAGS:
        return _YES_NO
    key = template.closed.get(field)
    return tuple(code.zh for code in code_groups()[key].codes) if key else ()


def _parameters(template: _Template) -> list[tuple[str, str, str]]:
    title = ("本模板", f"{template.sheet}导入模板", f"v{TEMPLATE_VERSION}")
    groups = [code_groups()[key] for key in (*template.closed.values(), *template.listed)]
    return [title, *((group.zh, code.zh, code.code) for group in groups for code in group.codes)]
