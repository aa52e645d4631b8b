"""What is kept of a file for its marked copy, and where the marks come to stand."""

from app.domain.imports import ImportKind
from app.services.import_batches import mark_copy
from app.services.spreadsheets import Upload, to_keep
from app.tabular.marked_copy import PROBLEMS
from app.tabular.officer_import import read_officers
from app.tabular.reader import read_table
from app.tabular.writer import write_csv

HEAD = ("单位工号", "姓名", "执法证编号", "发证机关", "身份证号")
PERSON = "11010519491231002X"


def a_file() -> Upload:
    lines = [(), HEAD, ("N1", "甲", "", "", PERSON), (), ("", "乙", "", "", PERSON)]
    return Upload(write_csv(lines, ["2026 年执法人员名录"]), "名录.csv")


def test_columns_that_are_not_stored_are_not_kept_and_rows_keep_their_numbers():
    upload = a_file()
    source = read_officers(read_table(upload.data, upload.filename)).report.source
    kept = to_keep(upload, source)
    assert PERSON.encode() not in kept.data
    again = read_officers(read_table(kept.data, kept.filename))
    assert [row.number for row in again.report.source.rows] == [4, 6]
    assert again.report.source.header_row == 3
    assert [officer.row for officer in again.officers] == [4]


def test_a_file_without_such_columns_is_kept_as_it_came():
    upload = Upload(write_csv([("N1", "甲")], HEAD[:2]), "a.csv")
    source = read_officers(read_table(upload.data, upload.filename)).report.source
    assert to_keep(upload, source) is upload


def test_marks_stand_in_the_rows_of_the_callers_file():
    upload = a_file()
    report = read_officers(read_table(upload.data, upload.filename)).report
    with mark_copy(ImportKind.OFFICER, upload, report.source.placed(report.verdicts)) as file:
        file.seek(0)
        table = read_table(file.read(), "marked.xlsx")
    rows = {row.number: row.cells for row in table.rows}
    assert rows[1][0] == "2026 年执法人员名录"
    assert rows[3][-1] == PROBLEMS
    assert "单位工号" in rows[6][-1]
    assert set(rows) == {1, 3, 4, 6}
