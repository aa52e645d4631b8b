"""Makes an xlsx file safe to parse, or refuses it, before any parser sees it.

A reader of spreadsheets allocates a dense grid up to the furthest cell and copies shared texts once
per use, so a file of a few kilobytes can ask for gigabytes. Every part is unpacked here under a
budget, the extent of each sheet and the weight of its shared texts are measured, and a new archive
of only the parts we need is handed on: what was checked is exactly what is parsed, whatever the
archive's directory claims. It refuses rather than repairs; macros, pictures and links are dropped.
"""

import io
import itertools
import re
import zipfile
import zlib

from app.domain.errors import RuleError
from app.domain.refusals.tabular import (
    FILE_NOT_READABLE,
    FILE_UNPACKS_TOO_LARGE,
    TOO_MANY_COLUMNS,
    TOO_MANY_ROWS,
)
from app.tabular.extent import MAX_AREA, MAX_COLUMNS, MAX_ROWS, MAX_SHEET_ROWS, MAX_TEXT_BYTES

MAX_UNPACKED = 128 * 1024 * 1024
MAX_RATIO = 200  # honest sheets pack 10 to 60 times; zlib's limit is about 1,000
RATIO_FLOOR = 1024 * 1024  # a small part may pack as well as it likes
MAX_ENTRIES = 1000
_CHUNK = 1024 * 1024
_NEEDED = re.compile(
    r"^(\[Content_Types\]\.xml|_rels/\.rels|xl/(workbook|styles|sharedStrings)\.xml"
    r"|xl/_rels/workbook\.xml\.rels|xl/worksheets/[\w.-]{1,100}\.xml)$",
    re.IGNORECASE,
)
_SHEET = re.compile(r"^xl/worksheets/", re.IGNORECASE)
# An ordinary cell: a reference inside A1:AX100199, which keeps the grid below MAX_AREA whatever
# else the sheet holds. Anything else is looked at one by one.
_UNUSUAL_CELL = re.compile(
    rb"<(?:[^\s<>/:!?]+:)?c(?=[\s/>])"
    rb"""(?!\sr="(?:[A-Z]|A[A-X])(?:[1-9]\d{0,4}|100[01]\d\d)")"""
    rb"""(?!(?:\s[\w:]{1,20}="[^"<>]{0,20}"){1,4}/>)"""  # styled but empty
)
_ANY_CELL = re.compile(rb"<(?:[^\s<>/:!?]+:)?c(?=[\s/>])([^<>]*)(>?)(</(?:[^\s<>/:!?]+:)?c\s*>)?")
_ATTRIBUTES = re.compile(rb"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*\s*/?""")
_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Za-z]{1,3})([1-9]\d{0,6})["']""")
_SHARED = re.compile(rb"""\st\s*=\s*["']s["']""")
_SHARED_INDEX = re.compile(rb"""\st="s"[^<>]{0,100}><v>(\d{1,9})</v>""")
_TEMPLATE = re.compile(
    rb"""<(?:[^\s<>/:!?]+:)?definedName\s[^<>]{0,300}"sunlot_template_(\w{1,32})\.v\d"""
)
_COUNT = re.compile(rb"uniqueCount\s*=")
_STRINGS = re.compile(rb"(<(?:[^\s<>/:!?]+:)?sst(?=[\s/>]))[^<>]*?(/?>)")
_STRING_ITEM = re.compile(rb"<(?:[^\s<>/:!?]+:)?si(?=[\s/>])")


def safe_workbook(data: bytes) -> bytes:
    """The same workbook with nothing but checked parts, stored unpacked; or a refusal."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _unpack(data, archive)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError) as fault:
        raise RuleError(FILE_NOT_READABLE) from fault
    by_name = {name.lower(): part for name, part in parts.items()}
    if "xl/workbook.xml" not in by_name:
        raise RuleError(FILE_NOT_READABLE)
    lengths = _string_lengths(by_name.get("xl/sharedstrings.xml", b""))
    for name, part in parts.items():
        if b"\x00" in part[:4096] or b"<!DOCTYPE" in part or b"<!ENTITY" in part:
            raise RuleError(FILE_NOT_READABLE)
        if _SHEET.match(name):
            _check_extent(part)
            _check_shared_text(part, lengths)
    return _pack({name: _without_counts(name, part) for name, part in parts.items()})


def _without_counts(name: str, part: bytes) -> bytes:
    """Shared texts without their claimed number: the reader would ask for memory for so many."""
    if name.lower() != "xl/sharedstrings.xml":
        return part
    counted = _STRINGS.sub(rb"\1\2", part)
    if _COUNT.search(counted):  # hidden in a tag that we read otherwise than the reader
        raise RuleError(FILE_NOT_READABLE)
    return counted


def template_mark(safe: bytes) -> str | None:
    """What kind of import a (checked) workbook was made for, if it is a template of ours."""
    with zipfile.ZipFile(io.BytesIO(safe)) as archive:
        for name in archive.namelist():
            if name.lower() == "xl/workbook.xml":
                found = _TEMPLATE.search(archive.read(name))
                return found[1].decode() if found else None
    return None


def _unpack(data: bytes, archive: zipfile.ZipFile) -> dict[str, bytes]:
    """The parts we need. Sizes are those that come out, not those the directory declares."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise RuleError(FILE_UNPACKS_TOO_LARGE)
    declared = sum(entry.file_size for entry in entries)
    if declared > MAX_UNPACKED:
        raise RuleError(FILE_UNPACKS_TOO_LARGE)
    parts: dict[str, bytes] = {}
    budget = MAX_UNPACKED
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if not _NEEDED.match(name):
            continue
        if entry.flag_bits & 0x1 or name in parts:
            raise RuleError(FILE_NOT_READABLE)
        content = _inflate(data, entry, budget)
        budget -= len(content)
        parts[name] = content
    return parts


def _inflate(data: bytes, entry: zipfile.ZipInfo, budget: int) -> bytes:
    """One part, unpacked step by step so that a lying size costs no more than the budget."""
    header = data[entry.header_offset : entry.header_offset + 30]
    if header[:4] != b"PK\x03\x04" or len(header) < 30:  # noqa: PLR2004  size of the local header
        raise RuleError(FILE_NOT_READABLE)
    start = (
        entry.header_offset
        + 30
        + int.from_bytes(header[26:28], "little")
        + int.from_bytes(header[28:30], "little")
    )
    packed = data[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        content = packed
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        content = _inflate_stream(packed, budget)
    else:
        raise RuleError(FILE_NOT_READABLE)
    if len(content) > budget:
        raise RuleError(FILE_UNPACKS_TOO_LARGE)
    if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
        raise RuleError(FILE_NOT_READABLE)
    return content


def _inflate_stream(packed: bytes, budget: int) -> bytes:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    total = 0
    allowed = min(budget, max(RATIO_FLOOR, len(packed) * MAX_RATIO))
    rest = packed
    while not stream.eof:
        piece = stream.decompress(rest, _CHUNK)
        rest = stream.unconsumed_tail
        total += len(piece)
        if total > allowed:
            raise RuleError(FILE_UNPACKS_TOO_LARGE)
        pieces.append(piece)
        if not piece and not rest:
            raise RuleError(FILE_NOT_READABLE)  # the stream breaks off
    return b"".join(pieces)


def _check_extent(sheet: bytes) -> None:
    """How far the cells with a value reach; a grid that would not fit is refused."""
    if not _UNUSUAL_CELL.search(sheet):
        return
    width = height = 0
    for cell in _ANY_CELL.finditer(sheet):
        attributes = cell[1]
        if not cell[2] or not _ATTRIBUTES.fullmatch(attributes):
            raise RuleError(FILE_NOT_READABLE)  # "<" or ">" in a value would hide what follows
        reference = _REFERENCE.search(attributes)
        if attributes.endswith(b"/") or cell[3]:
            continue  # styled but empty: the reader skips it, wherever it stands
        if reference is None:
            raise RuleError(FILE_NOT_READABLE)  # a place the reader would have to guess
        width = max(width, _column_number(reference[1]))
        height = max(height, int(reference[2]))
        if width > MAX_COLUMNS:
            raise RuleError(TOO_MANY_COLUMNS, limit=MAX_COLUMNS)
        if height > MAX_SHEET_ROWS:
            raise RuleError(TOO_MANY_ROWS, limit=MAX_ROWS)
        if width * height > MAX_AREA:
            raise RuleError(FILE_UNPACKS_TOO_LARGE)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _string_lengths(shared: bytes) -> list[int]:
    """Bytes of each shared text, an upper bound that counts its markup too."""
    starts = [found.start() for found in _STRING_ITEM.finditer(shared)]
    return [end - start for start, end in itertools.pairwise([*starts, len(shared)])]


def _check_shared_text(sheet: bytes, lengths: list[int]) -> None:
    """A shared text is copied for each cell that uses it; the sum of the copies is bounded."""
    uses = len(_SHARED.findall(sheet))
    if not lengths or uses * max(lengths) <= MAX_TEXT_BYTES:
        return
    indexes = _SHARED_INDEX.findall(sheet)
    if len(indexes) != uses:
        raise RuleError(FILE_NOT_READABLE)
    total = 0
    for index in map(int, indexes):
        total += lengths[index] if index < len(lengths) else 0
        if total > MAX_TEXT_BYTES:
            raise RuleError(FILE_UNPACKS_TOO_LARGE)


def _pack(parts: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return packed.getvalue()
