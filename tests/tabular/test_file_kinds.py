"""The wrong file is named as such: by the mark of its template, else by its columns."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from app.domain.errors import RuleError
from app.tabular.checklist_import import read_checklist
from app.tabular.event_import import read_events
from app.tabular.headers import find_header
from app.tabular.joint_checklist_import import read_joint_checklist
from app.tabular.object_import import COLUMNS, read_objects
from app.tabular.officer_import import read_officers
from app.tabular.reader import read_table
from app.tabular.table import Table
from app.tabular.templates import TemplateKind, template_headers, template_title, write_template
from app.tabular.verdicts import Verdicts
from app.tabular.writer import write_csv, write_xlsx

READERS: dict[TemplateKind, Callable[[Table], Any]] = {
    TemplateKind.CHECKLIST: read_checklist,
    TemplateKind.JOINT_CHECKLIST: read_joint_checklist,
    TemplateKind.OBJECTS: read_objects,
    TemplateKind.OBJECT_EVENTS: read_events,
    TemplateKind.OFFICERS: read_officers,
}
PAIRS = [(kind, other) for kind in READERS for other in READERS if kind is not other]


def refused(kind: TemplateKind, table: Table) -> dict[str, object]:
    with pytest.raises(RuleError) as refusal:
        READERS[kind](table)
    assert refusal.value.refusal.code == "file-of-another-kind"
    return dict(refusal.value.facts)


@pytest.mark.parametrize(("kind", "other"), PAIRS)
def test_the_template_of_another_import_is_refused_by_name(kind: TemplateKind, other: TemplateKind):
    table = read_table(write_template(other), "模板.xlsx")
    expected = {"actual": template_title(other), "expected": template_title(kind)}
    assert refused(kind, table) == expected


@pytest.mark.parametrize(("kind", "other"), PAIRS)
@pytest.mark.parametrize("written", ["xlsx", "csv"])
def test_a_file_in_the_columns_of_another_import_is_refused_by_name(
    kind: TemplateKind, other: TemplateKind, written: str
):
    headers = template_headers(other)
    rows = [["甲"] * len(headers)]
    data = write_csv(rows, headers) if written == "csv" else write_xlsx(rows, headers)
    facts = refused(kind, read_table(data, f"a.{written}"))
    assert facts["actual"] == template_title(other)


@pytest.mark.parametrize("kind", READERS)
def test_its_own_template_is_read(kind: TemplateKind):
    table = read_table(write_template(kind), "模板.xlsx")
    assert READERS[kind](table).report.rows == 0


def test_a_file_without_a_mark_is_read_by_its_headers():
    table = read_table(write_xlsx([["91110000600037341L", "甲公司"]], ["信用代码", "企业名称"]))
    assert table.template is None
    assert len(read_objects(table).objects) == 1


def test_a_mark_that_we_do_not_know_says_nothing():
    table = read_table(write_xlsx([["91110000600037341L", "甲公司"]], ["信用代码", "企业名称"]))
    marked = Table(table.sheet, table.rows, "unheard_of")
    verdicts = Verdicts({column.field: column.title for column in COLUMNS})
    assert find_header(marked, COLUMNS, verdicts)[0].row == 1


def test_the_mark_is_read_where_another_program_has_saved_the_file():
    data = write_template(TemplateKind.OFFICERS)
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as archive,
        zipfile.ZipFile(packed, "w") as saved,
    ):
        for name in archive.namelist():
            content = archive.read(name)
            if name == "xl/workbook.xml":
                content = content.replace(
                    b'<definedName name="', b'<definedName function="false" hidden="false" name="'
                )
            saved.writestr(name, content)
    assert read_table(packed.getvalue()).template == "officers"
