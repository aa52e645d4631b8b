"""The joint checklist (部门联合抽查事项清单): fields, items, who initiates and who cooperates.

Each row is an item; the field, the objects and the units may be merged over several. It refuses an
item that names fewer than two units, for then nothing is joint (plan s.4(1)2).
"""

from dataclasses import dataclass

from app.domain.row_messages import (
    ACCEPTED,
    CARRIED_DOWN,
    COOPERATION_MISSING,
    DUPLICATE_IN_FILE,
    HEADER_REPEATED,
    ORPHAN_CONTINUATION,
    SECTION_TITLE,
)
from app.tabular.cells import one_line, reject_faults, require, split_list
from app.tabular.headers import Column, Header, find_header
from app.tabular.table import Table, TableRow
from app.tabular.verdicts import ImportReport, Verdicts

COLUMNS = (
    Column("sequence", "序号", ("no",)),
    Column("field", "抽查领域", ("领域", "抽查类别"), required=True),
    Column("item", "抽查事项", ("检查事项", "事项名称"), required=True),
    Column("objects", "检查对象", ("抽查对象",), required=True),
    Column("initiating_units", "发起部门", ("牵头部门", "牵头单位", "发起单位"), required=True),
    Column("cooperating_units", "配合部门", ("参与部门", "配合单位", "参与单位"), required=True),
)
_LEAST_UNITS = 2


@dataclass(frozen=True, slots=True)
class JointChecklistRow:
    """One joint item; units by the names the list gives them."""

    first_row: int
    field: str
    item: str
    objects: str
    initiating_units: tuple[str, ...]
    cooperating_units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JointChecklistImport:
    """The items that may be imported, and the account of every row."""

    items: tuple[JointChecklistRow, ...]
    report: ImportReport


def read_joint_checklist(table: Table) -> JointChecklistImport:
    """Every joint item of the sheet that can be taken."""
    verdicts = Verdicts({column.field: column.title for column in COLUMNS})
    header, rows = find_header(table, COLUMNS, verdicts)
    items: list[JointChecklistRow] = []
    seen: dict[tuple[str, str, str], int] = {}
    field = ""
    for row in rows:
        if _is_no_item(row, header, verdicts):
            continue  # and its words are no field for the rows below
        field = one_line(header.text(row, "field")) or field
        item = _item(row, header, field, verdicts)
        if item is None:
            continue
        first = seen.setdefault((item.field, item.item, item.objects), row.number)
        if first != row.number:
            verdicts.reject(row.number, DUPLICATE_IN_FILE, first_row=first)
            continue
        items.append(item)
        verdicts.accept(row.number, ACCEPTED)
    return JointChecklistImport(tuple(items), verdicts.report(row.number for row in rows))


def _is_no_item(row: TableRow, header: Header, verdicts: Verdicts) -> bool:
    """Whether the row is the header once more, or a title over the whole width."""
    if header.repeats_in(row):
        verdicts.accept(row.number, HEADER_REPEATED)
        return True
    if len(row.inherited) == len(row.cells) - 1 and len(set(row.cells)) == 1:
        verdicts.accept(row.number, SECTION_TITLE)
        return True
    return False


def _item(
    row: TableRow, header: Header, field: str, verdicts: Verdicts
) -> JointChecklistRow | None:
    if not row.own(header.columns["item"]):
        verdicts.reject(row.number, ORPHAN_CONTINUATION)
        return None
    sound = not reject_faults(row, header, verdicts)
    sound = require(row, header, verdicts, "item", "objects", "initiating_units") and sound
    if not header.text(row, "field"):
        verdicts.warn(row.number, CARRIED_DOWN, "field")
    item = JointChecklistRow(
        row.number,
        field,
        one_line(header.text(row, "item")),
        one_line(header.text(row, "objects")),
        split_list(header.text(row, "initiating_units")),
        split_list(header.text(row, "cooperating_units")),
    )
    if len({*item.initiating_units, *item.cooperating_units}) < _LEAST_UNITS:
        verdicts.reject(row.number, COOPERATION_MISSING, "cooperating_units")
        sound = False
    return item if sound else None
