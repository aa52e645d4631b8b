"""Files that ask for more than they weigh, made anew each time; no file like these is kept.

Run as a program it reads one file as the service does, and prints what it came to: the code of the
refusal (or "read"), the seconds, and by how many megabytes the process grew.
"""

import io
import json
import resource
import struct
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.tabular.files import legacy_workbook, part, with_part, workbook

SHEET, SHARED = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
MEGABYTE = 1024 * 1024
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet_of(rows: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    """A workbook with the given rows in its one sheet."""
    sheet = HEAD + b"<worksheet " + MAIN + b">" + before + b"<sheetData>" + rows
    return with_part(workbook([["x"]]), SHEET, sheet + b"</sheetData>" + after + b"</worksheet>")


def one_cell() -> bytes:
    return b'<row r="1"><c r="A1"><v>1</v></c></row>'


def entities(name: str) -> bytes:
    """Ten entities, each ten of the one before: ten thousand million characters."""
    lines = [b'<!ENTITY a0 "' + b"x" * 10 + b'">']
    lines += [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)]
    bomb = HEAD + b"<!DOCTYPE x [" + b"".join(lines) + b"]><worksheet>&a9;</worksheet>"
    return with_part(workbook([["x"]]), name, bomb)


def entities_in_utf16() -> bytes:
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
    return with_part(workbook([["x"]]), SHEET, text.encode("utf-16"))


def deep() -> bytes:
    return sheet_of(b"<row>" * 1_000_000 + b"</row>" * 1_000_000)


def blank_rows() -> bytes:
    """What a program writes when a whole sheet was once formatted: rows without any cell."""
    return sheet_of(b"".join(b'<row r="%d" s="1"/>' % n for n in range(1, 1_048_577)))


def blank_cells() -> bytes:
    return sheet_of(
        b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (n, n) for n in range(1, 1_048_577))
    )


def shared_texts() -> bytes:
    texts = b"<si><t>x</t></si>" * 3_000_000
    return with_part(sheet_of(one_cell()), SHARED, b"<sst>" + texts + b"</sst>")


def shared_count() -> bytes:
    counts = b'<sst count="4294967295" uniqueCount="4294967295"><si><t>x</t></si></sst>'
    return with_part(workbook([["x"]]), SHARED, HEAD + counts)


def one_long_text() -> bytes:
    texts = b"<sst><si><t>" + b"x" * (60 * MEGABYTE) + b"</t></si></sst>"
    return with_part(workbook([["x"]]), SHARED, texts)


def sheets(count: int) -> bytes:
    """A workbook that names so many sheets."""
    data = workbook([["x"]])
    book = part(data, "xl/workbook.xml")
    one = b'<sheet name="Sheet1" sheetId="1" r:id="rId1"/>'
    assert one in book
    more = b"".join(
        b'<sheet name="s%d" sheetId="%d" r:id="rId1"/>' % (n, n) for n in range(2, count + 2)
    )
    return with_part(data, "xl/workbook.xml", book.replace(one, one + more))


def sheet_parts() -> bytes:
    packed = io.BytesIO()
    data = workbook([["x"]])
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            archive.writestr(name, part(data, name))
        for n in range(3000):
            archive.writestr(f"xl/worksheets/sheet{n}.xml", one_cell())
    return packed.getvalue()


def zip_in_zip() -> bytes:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", b"\x00" * (100 * MEGABYTE))
    return with_part(workbook([["x"]]), "xl/embeddings/inner.zip", inner.getvalue())


def styles() -> bytes:
    many = (
        b"<styleSheet><cellXfs>" + b'<xf numFmtId="14"/>' * 2_000_000 + b"</cellXfs></styleSheet>"
    )
    return with_part(workbook([["x"]]), "xl/styles.xml", many)


def merges() -> bytes:
    many = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (n, n) for n in range(1, 400_000))
    return sheet_of(one_cell(), after=b"<mergeCells>" + many + b"</mergeCells>")


def encrypted() -> bytes:
    """A compound file with the streams of a workbook under a password."""
    plain = bytearray(legacy_workbook([(0x0809, b"\x00" * 16)]))
    name = "EncryptedPackage".encode("utf-16-le")
    at = plain.index("Workbook".encode("utf-16-le"))
    plain[at : at + 64] = name.ljust(64, b"\x00")
    plain[at + 64 : at + 66] = (len(name) + 2).to_bytes(2, "little")
    return bytes(plain)


def dimensions(rows: int, columns: int, top: int = 0) -> bytes:
    """An old workbook with one cell, whose sheet claims so many rows and columns."""
    book, sheet = (struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0) for kind in (0x0005, 0x0010))
    name = b"\x06\x00Sheet1"
    at = 4 + len(book) + 4 + 6 + len(name) + 4
    return legacy_workbook([
        (0x0809, book),
        (0x0085, struct.pack("<IBB", at, 0, 0) + name),
        (0x000A, b""),
        (0x0809, sheet),
        (0x0200, struct.pack("<IIHHH", top, rows, 0, columns, 0)),
        (0x0203, struct.pack("<HHHd", 0, 0, 0, 1.0)),
        (0x000A, b""),
    ])  # fmt: skip


def hidden_dimensions() -> bytes:
    """The same claim in the middle of a record, where the sheet is said to stand."""
    book, sheet = (struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0) for kind in (0x0005, 0x0010))
    claim = struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0)
    name = b"\x06\x00Sheet1"
    at = 4 + len(book) + 4 + 4 + len(name) + 4 + 4
    hidden = b"".join(
        struct.pack("<HH", kind, len(body)) + body
        for kind, body in ((0x0809, sheet), (0x0200, claim), (0x000A, b""))
    )
    return legacy_workbook([
        (0x0809, book),
        (0x0085, struct.pack("<I", at) + name),
        (0x000A, b""),
        (0x00FF, hidden),
    ])  # fmt: skip


def hidden_count() -> bytes:
    """The same claim behind an attribute that ends the tag for who looks for ">"."""
    counts = b'<sst a=">" uniqueCount="4294967295"><si><t>x</t></si></sst>'
    return with_part(workbook([["x"]]), SHARED, HEAD + counts)


def endless_chain() -> bytes:
    """An old workbook whose sectors follow each other in a ring."""
    data = bytearray(legacy_workbook([(0x0809, b"\x00" * 16)]))
    fat = 512
    data[fat + 3 * 4 : fat + 4 * 4] = (2).to_bytes(4, "little")
    return bytes(data)


BOMBS: dict[str, tuple[str, Callable[[], bytes], set[str]]] = {
    "entities in a sheet": ("a.xlsx", lambda: entities(SHEET), {"file-not-readable"}),
    "entities in shared texts": ("a.xlsx", lambda: entities(SHARED), {"file-not-readable"}),
    "entities in utf-16": ("a.xlsx", entities_in_utf16, {"file-not-readable"}),
    "deep nesting": ("a.xlsx", deep, {"file-unpacks-too-large"}),
    "a million blank rows": ("a.xlsx", blank_rows, {"file-empty"}),
    "a million blank cells": ("a.xlsx", blank_cells, {"file-empty"}),
    "three million shared texts": ("a.xlsx", shared_texts, {"file-unpacks-too-large"}),
    "a count of shared texts": ("a.xlsx", shared_count, {"read"}),
    "a hidden count of shared texts": ("a.xlsx", hidden_count, {"file-not-readable"}),
    "billions of rows in an old sheet": (
        "a.xls", lambda: dimensions(0xFFFFFFFF, 0xFFFF), {"file-not-readable"}
    ),
    "billions of rows in the middle of a record": (
        "a.xls", hidden_dimensions, {"file-not-readable"}
    ),
    "an old sheet that ends before it begins": (
        "a.xls", lambda: dimensions(65_536, 1, 0xFF000000), {"file-not-readable"}
    ),
    "a full old sheet": ("a.xls", lambda: dimensions(65_536, 256), {"read"}),
    "one long shared text": ("a.xlsx", one_long_text, {"file-unpacks-too-large"}),
    "thousands of sheets": ("a.xlsx", lambda: sheets(20_000), {"read"}),
    "thousands of sheet parts": ("a.xlsx", sheet_parts, {"file-unpacks-too-large"}),
    "a zip in the zip": ("a.xlsx", zip_in_zip, {"read"}),
    "millions of styles": ("a.xlsx", styles, {"file-unpacks-too-large"}),
    "many merges": ("a.xlsx", merges, {"read"}),
    "billions of columns in the dimension": (
        "a.xlsx",
        lambda: sheet_of(one_cell(), before=b'<dimension ref="A1:ZZZZZZ999999999"/>'),
        {"read"},
    ),
    "a full sheet in the dimension": (
        "a.xlsx",
        lambda: sheet_of(one_cell(), before=b'<dimension ref="A1:XFD1048576"/>'),
        {"read"},
    ),
    "a password": ("a.xlsx", encrypted, {"file-encrypted"}),
    "a password on an old file": ("a.xls", encrypted, {"file-encrypted"}),
    "a ring of sectors": ("a.xls", endless_chain, {"file-not-readable"}),
    "a picture called a workbook": ("a.xlsx", lambda: b"\x89PNG" + b"x" * 99, {"file-type-unknown"}),
    "a workbook called text": ("a.csv", lambda: workbook([["x"]]), {"file-type-mismatch"}),
    "one line": ("a.csv", lambda: b"x" * (9 * MEGABYTE), {"file-not-readable"}),
    "one quoted cell": (
        "a.csv", lambda: b'"' + b"x,\n" * (3 * MEGABYTE), {"file-not-readable"}
    ),
    "only quotes": ("a.csv", lambda: b'"' * (9 * MEGABYTE), {"file-not-readable"}),
    "only commas": ("a.csv", lambda: b"," * (9 * MEGABYTE), {"too-many-columns"}),
    "only blank lines": ("a.csv", lambda: b"\n" * (9 * MEGABYTE), {"file-empty"}),
    "lines of commas": ("a.csv", lambda: b",\n" * (4 * MEGABYTE), {"too-many-rows"}),
    "lines of spaces": ("a.csv", lambda: b" ,\n" * (3 * MEGABYTE), {"too-many-rows"}),
    "millions of rows": ("a.csv", lambda: b"x\n" * (4 * MEGABYTE), {"too-many-rows"}),
    "nothing but zeros": ("a.csv", lambda: b"\x00" * (9 * MEGABYTE), {"file-type-unknown"}),
}  # fmt: skip


def main() -> None:
    """Read the file named on the command line."""
    from app.domain.errors import RuleError
    from app.tabular.reader import read_table

    path = Path(sys.argv[1])
    data = path.read_bytes()
    read_table(workbook([["x"]]), "a.xlsx")  # what the first reading costs is not the bomb's
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()  # what else the machine does is not the bomb's
    try:
        read_table(data, path.name)
        code = "read"
    except RuleError as refusal:
        code = refusal.refusal.code
    seconds = time.process_time() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    sys.stdout.write(json.dumps({"code": code, "seconds": seconds, "megabytes": grown}))


if __name__ == "__main__":
    main()
