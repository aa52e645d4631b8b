"""Spreadsheets made for the tests: workbooks, bombs, and an old xls built record by record."""

import io
import struct
import zipfile
from collections.abc import Sequence

import xlsxwriter


def workbook(
    rows: Sequence[Sequence[object]],
    merges: Sequence[tuple[int, int, int, int, str]] = (),
    sheet: str = "Sheet1",
) -> bytes:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as made:
        worksheet = made.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    if value:
                        worksheet.write_string(number, column, value)
                elif value is not None:
                    worksheet.write(number, column, value)
        for merge in merges:
            worksheet.merge_range(*merge)
    return packed.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The same archive with one part replaced or added."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return packed.getvalue()


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def legacy_workbook(records: Sequence[tuple[int, bytes]]) -> bytes:
    """A compound file with one stream "Workbook" of the given records."""
    stream = b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)
    stream = stream.ljust(4096, b"\x00")
    sectors = -(-len(stream) // 512)
    fat = [0xFFFFFFFD, 0xFFFFFFFE] + [n + 3 for n in range(sectors - 1)] + [0xFFFFFFFE]
    fat_bytes = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    assert len(fat_bytes) == 512
    name = "Workbook".encode("utf-16-le")
    entry = (
        name.ljust(64, b"\x00")
        + struct.pack("<HBB", len(name) + 2, 2, 1)
        + b"\xff" * 12
        + b"\x00" * 36
        + struct.pack("<IQ", 2, len(stream))
    )
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\x00" * 16
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + b"\x00" * 10
        + struct.pack("<IIIIIIII", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    )
    difat = struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header + difat + fat_bytes + entry.ljust(512, b"\x00") + stream.ljust(512 * sectors)
