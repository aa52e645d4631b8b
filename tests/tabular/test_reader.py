"""A file is read as its content says, or refused before it can do harm."""

import datetime as dt
import struct
import time
import zipfile
from io import BytesIO

import pytest

from app.domain.errors import RuleError
from app.tabular.reader import read_table
from tests.tabular.files import legacy_workbook, part, with_part, workbook

SHEET = "xl/worksheets/sheet1.xml"


def code_of(data: bytes, name: str = "") -> str:
    with pytest.raises(RuleError) as refused:
        read_table(data, name)
    return refused.value.refusal.code


def sheet_with(cells: bytes) -> bytes:
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    body = head + b"<sheetData>" + cells + b"</sheetData></worksheet>"
    return with_part(workbook([["x"]]), SHEET, body)


def test_numbers_lose_a_meaningless_point_zero_and_dates_become_iso_text():
    data = workbook([[150525.0, 0.1, True, "  甲 "], ["001", 3, None, "e\u0301"]])
    first, second = read_table(data, "a.xlsx").rows
    assert first.cells == ("150525", "0.1", "是", "甲")
    assert second.cells == ("001", "3", "", "\u00e9")


def test_a_date_cell_is_iso_text():
    import xlsxwriter

    packed = BytesIO()
    with xlsxwriter.Workbook(packed) as made:
        sheet = made.add_worksheet()
        form = made.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_datetime(0, 0, dt.datetime(2026, 1, 31), form)
    assert read_table(packed.getvalue(), "a.xlsx").rows[0].cells == ("2026-01-31",)


def test_a_number_longer_than_a_sheet_can_keep_is_a_fault_of_its_cell():
    row = read_table(workbook([["a", 91150525000000000123]])).rows[0]
    assert row.cells == ("a", "")
    assert row.faults[1].code == "number-precision-lost"


def test_row_numbers_are_those_of_the_sheet_and_blank_rows_are_left_out():
    rows = read_table(workbook([["a"], [""], [""], ["b"]])).rows
    assert [row.number for row in rows] == [1, 4]


def test_a_merged_range_is_filled_down_and_right_and_not_beyond():
    data = workbook(
        [["", "", "r0"], ["", "", "r1"], ["", "", "r2"]], merges=[(0, 0, 1, 1, "merged")]
    )
    rows = read_table(data).rows
    assert [row.cells for row in rows] == [
        ("merged", "merged", "r0"),
        ("merged", "merged", "r1"),
        ("", "", "r2"),
    ]
    assert rows[0].inherited == {1}
    assert rows[1].inherited == {0, 1}
    assert (rows[1].text(0), rows[1].own(0)) == ("merged", "")


def test_a_sheet_that_begins_far_down_keeps_its_places():
    rows_of = [[], [], ["", "", "", "x"], [], [], ["", "", "", "y"]]
    data = workbook(rows_of, merges=[(4, 1, 5, 2, "m")])
    rows = read_table(data).rows
    assert [(row.number, row.cells) for row in rows] == [
        (3, ("", "", "", "x")),
        (5, ("", "m", "m", "")),
        (6, ("", "m", "m", "y")),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_files_are_read_in_the_encodings_and_delimiters_that_occur(encoding, delimiter):
    text = f"名称{delimiter}代码\r\n奈曼旗㐂店{delimiter}001\r\n\r\n乙{delimiter}42.0\r\n"
    rows = read_table(text.encode(encoding), "a.csv").rows
    assert [(row.number, row.cells) for row in rows] == [
        (1, ("名称", "代码")),
        (2, ("奈曼旗㐂店", "001")),
        (4, ("乙", "42")),
    ]


def test_bytes_in_no_known_encoding_are_refused_not_garbled():
    assert code_of("名称,代码\n".encode() + b"\xff\xff\xff\n", "a.csv") == "file-encoding-unknown"


def test_a_row_with_control_characters_is_a_fault_and_not_an_exception():
    rows = read_table(b"a,b\nx\x00y,1\nz,2\n", "a.csv").rows
    assert rows[1].cells == ("xy", "1")
    assert rows[1].faults[0].code == "control-character"
    assert not rows[2].faults


def test_invisible_format_characters_do_not_make_two_codes_of_one():
    rows = read_table("a,b\n91\u200b15,\ufeffx\n".encode(), "a.csv").rows
    assert rows[1].cells == ("9115", "x")


def test_a_cell_longer_than_a_sheet_can_hold_is_a_fault():
    row = read_table(("a,b\n" + "x" * 32_768 + ",1\n").encode()).rows[1]
    assert row.faults[0].code == "cell-too-long"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"a,b\n1,2\n", "a.xlsx", "file-type-mismatch"),
        (b"a,b\n1,2\n", "a.xls", "file-type-mismatch"),
        (workbook([["a"]]), "a.csv", "file-type-mismatch"),
        (workbook([["a"]]), "a.xls", "file-type-mismatch"),
        (workbook([["a"]]), "a.docx", "file-type-unknown"),
        (b"%PDF-1.7 ...", "a.csv", "file-type-unknown"),
        (bytes(range(32)) * 20, "a.csv", "file-type-unknown"),
        (b"  \n", "a.csv", "file-empty"),
        (workbook([]), "a.xlsx", "file-empty"),
        (b"PK\x03\x04 and no more", "a.xlsx", "file-not-readable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "a.xls", "file-not-readable"),
        (b"x" * (32 * 1024 * 1024 + 1), "a.csv", "file-too-large"),
        (b"PK\x03\x04" + b"x" * (10 * 1024 * 1024), "a.xlsx", "file-too-large"),
        (b"a\n" * 100_031, "a.csv", "too-many-rows"),
        (b"," * 200 + b"x", "a.csv", "too-many-columns"),
    ],
)
def test_what_is_no_usable_table_is_refused(data, name, code):
    assert code_of(data, name) == code


def test_a_truncated_or_altered_workbook_is_refused():
    data = workbook([["a" * 50, "b"]] * 200)
    assert code_of(data[: len(data) // 2], "a.xlsx") == "file-not-readable"
    at = data.index(b"PK\x03\x04", 10) + 60
    assert code_of(data[:at] + b"\xff\x00\xff" + data[at + 3 :], "a.xlsx") == "file-not-readable"


def packed_zeros():
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", part(workbook([["x"]]), "xl/workbook.xml"))
        with archive.open(SHEET, "w") as sheet:
            for _ in range(120):
                sheet.write(b"0" * 1024 * 1024)
    return packed.getvalue()


def many_entries():
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for n in range(5000):
            archive.writestr(f"xl/worksheets/s{n}.xml", b"")
    return packed.getvalue()


def one_text_in_every_cell():
    shared = b"<sst><si><t>" + b"x" * 32_000 + b"</t></si></sst>"
    cells = b"".join(b'<c r="A%d" t="s"><v>0</v></c>' % n for n in range(1, 50_001))
    return with_part(sheet_with(cells), "xl/sharedStrings.xml", shared)


def merge_over_all():
    cells = (
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="25000"><c r="GR25000"><v>1</v></c></row>'
    )
    tail = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:GR25000"/></mergeCells><x>'
    return sheet_with(cells + tail)


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
BOMBS = {
    "packed zeros": (packed_zeros, "file-unpacks-too-large"),
    "many entries": (many_entries, "file-unpacks-too-large"),
    "much of the same": (
        lambda: sheet_with(b'<c r="A1"><v>1</v></c>' * 3_000_000),
        "file-unpacks-too-large",
    ),
    "one text in every cell": (one_text_in_every_cell, "file-unpacks-too-large"),
    "a far row": (lambda: sheet_with(b'<c r="A1048576"><v>1</v></c>'), "too-many-rows"),
    "a far column": (lambda: sheet_with(b'<c r="XFD1"><v>1</v></c>'), "too-many-columns"),
    "a far corner": (
        lambda: sheet_with(b'<c r="A1"><v>1</v></c><c r="GR100000"><v>1</v></c>'),
        "file-unpacks-too-large",
    ),
    "a prefixed cell": (
        lambda: sheet_with(b'<\xc3\xa9:c r="XFD1048576"><v>1</v></c>'),
        "too-many-columns",
    ),
    "no reference": (lambda: sheet_with(b"<c><v>1</v></c>"), "file-not-readable"),
    "a hidden reference": (
        lambda: sheet_with(b'<c a="/>" r="XFD1048576"><v>1</v></c>'),
        "file-not-readable",
    ),
    "a tag that never ends": (
        lambda: sheet_with(b"<c " * 300_000),
        "file-not-readable",
    ),
    "entities": (lambda: with_part(workbook([["x"]]), SHEET, ENTITIES), "file-not-readable"),
    "a merge over all": (merge_over_all, "file-unpacks-too-large"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_two_seconds(name):
    made, code = BOMBS[name]
    data = made()
    assert len(data) < 10 * 1024 * 1024
    started = time.process_time()
    assert code_of(data, "a.xlsx") == code
    assert time.process_time() - started < 2


def test_a_size_that_the_directory_denies_is_found_out():
    data = bytearray(workbook([["a" * 1000] * 50] * 50))
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(SHEET.encode()))
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    assert code_of(bytes(data), "a.xlsx") == "file-not-readable"


def test_styled_but_empty_cells_far_out_do_no_harm():
    cells = b'<c r="A1"><v>7</v></c><c r="XFD1" s="0"/><c r="B1048576" s="0"></c>'
    assert read_table(sheet_with(cells), "a.xlsx").rows[0].cells == ("7",)


def test_only_the_parts_that_hold_the_table_are_parsed():
    data = with_part(workbook([["a", "b"]]), "xl/vbaProject.bin", b"\x00" * 1000)
    assert read_table(data, "a.xlsx").rows[0].cells == ("a", "b")
    assert b"sheetData" in part(data, SHEET)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [(65_535, 150, "file-unpacks-too-large"), (0, 255, "too-many-columns")],
)
def test_an_old_workbook_whose_cells_reach_too_far_is_refused(row, column, code):
    cell = struct.pack("<HHHd", row, column, 0, 1.0)
    assert code_of(legacy_workbook([(0x0809, b"\x00" * 16), (0x0203, cell)]), "a.xls") == code


def test_an_old_workbook_that_repeats_one_long_text_is_refused():
    text = struct.pack("<II", 1, 1) + struct.pack("<HB", 8000, 0) + b"x" * 8000
    uses = [(0x00FD, struct.pack("<HHHI", n, 0, 0, 0)) for n in range(30_000)]
    sst = [(0x0809, b"\x00" * 16), (0x00FC, text)]
    from app.tabular import legacy_workbook_guard as guard

    stream = b"".join(struct.pack("<HH", k, len(body)) + body for k, body in [*sst, *uses])
    with pytest.raises(RuleError) as refused:
        guard._check_records(stream)
    assert refused.value.refusal.code == "file-unpacks-too-large"


def test_a_text_that_crosses_into_a_continuation_is_measured():
    from app.tabular.legacy_workbook_guard import _shared_lengths

    first = struct.pack("<II", 2, 2) + struct.pack("<HB", 6, 0) + b"abc"
    second = b"\x01" + "def".encode("utf-16-le") + struct.pack("<HB", 2, 0) + b"zz"
    stream = b"".join(
        struct.pack("<HH", kind, len(body)) + body for kind, body in [(0xFC, first), (0x3C, second)]
    )
    assert _shared_lengths(stream) == [18, 6]
