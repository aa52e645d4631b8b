"""Measures an old xls file before it is parsed, for the reasons given in `workbook_guard`.

An xls is a small file system (compound file) with one stream of records. The records of cells are
walked here to see how far the grid reaches and how much shared text its cells would copy. It
refuses what it cannot follow; it reads no values.
"""

import struct
from collections.abc import Iterator

from app.domain.errors import RuleError
from app.domain.refusals.tabular import (
    FILE_NOT_READABLE,
    FILE_UNPACKS_TOO_LARGE,
    TOO_MANY_COLUMNS,
)
from app.tabular.extent import MAX_AREA, MAX_COLUMNS, MAX_TEXT_BYTES
from app.tabular.table import MAX_CELL

_END = 0xFFFFFFFA  # sector numbers from here on are marks, not places
_MINI_CUTOFF = 4096  # smaller streams are kept elsewhere; no real workbook is as small
_MOST_STREAMS = 2  # one for each name a workbook may have
_SST, _CONTINUE, _LABELSST = 0x00FC, 0x003C, 0x00FD
_CELLS = frozenset({0x0006, 0x0203, 0x0204, 0x0205, 0x027E, 0x00D6, _LABELSST})
_SHEET = 0x0085  # names a sheet and says where it stands
_DIMENSIONS = 0x0200  # the reader asks for memory by what it says, and dies if there is none
_GRID_ROWS, _GRID_COLUMNS = 65_536, 256
_MULTIPLE = 0x00BD  # MULRK: several numbers in one record; MULBLANK holds no values


def check_legacy_workbook(data: bytes) -> None:
    """Refuse an xls whose grid or shared text would not fit into memory."""
    try:
        for stream in _workbook_streams(data):
            _check_records(stream)
    except (struct.error, IndexError) as fault:
        raise RuleError(FILE_NOT_READABLE) from fault


def _workbook_streams(data: bytes) -> Iterator[bytes]:
    """Each stream that a reader may take for the workbook; none in an encrypted file."""
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in {9, 12}:
        raise RuleError(FILE_NOT_READABLE)
    size = 1 << shift
    table = _allocation_table(data, size)
    directory = _chain(data, table, size, struct.unpack_from("<I", data, 48)[0])
    found = 0
    for at in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        if name.lower() in {"workbook", "book"}:
            first, total = struct.unpack_from("<II", directory, at + 116)
            found += 1
            if total < _MINI_CUTOFF or found > _MOST_STREAMS:
                raise RuleError(FILE_NOT_READABLE)
            yield _chain(data, table, size, first)[:total]


def _allocation_table(data: bytes, size: int) -> list[int]:
    """Which sector follows which. The table's own sectors are listed in the header and beyond."""
    sectors = [n for n in struct.unpack_from("<109I", data, 76) if n < _END]
    further = struct.unpack_from("<I", data, 68)[0]
    seen: set[int] = set()
    per_sector = size // 4
    while further < _END:
        if further in seen:
            raise RuleError(FILE_NOT_READABLE)
        seen.add(further)
        entries = struct.unpack_from(f"<{per_sector}I", data, (further + 1) * size)
        sectors.extend(n for n in entries[:-1] if n < _END)
        further = entries[-1]
    if len(sectors) > len(data) // size + 1:
        raise RuleError(FILE_NOT_READABLE)
    table: list[int] = []
    for sector in sectors:
        piece = data[(sector + 1) * size : (sector + 2) * size]
        table.extend(struct.unpack(f"<{len(piece) // 4}I", piece[: len(piece) // 4 * 4]))
    return table


def _chain(data: bytes, table: list[int], size: int, first: int) -> bytes:
    pieces: list[bytes] = []
    sector = first
    while sector < _END:
        if len(pieces) > len(data) // size:
            raise RuleError(FILE_NOT_READABLE)  # a circle
        pieces.append(data[(sector + 1) * size : (sector + 2) * size])
        sector = table[sector]
    return b"".join(pieces)


def _records(stream: bytes, start: int = 0) -> Iterator[tuple[int, int, int]]:
    """Kind, start of content and length of each record."""
    at, end = start, len(stream) - 3
    while at < end:
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, length
        at += 4 + length


def _every_record(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Each record once: from the beginning, and from where sheets are said to stand.

    The reader jumps there, be it into the middle of what is a record for who walks on.
    """
    walked = bytearray(len(stream))
    starts = [0]
    while starts:
        for kind, at, length in _records(stream, starts.pop()):
            if walked[at - 4]:
                break
            walked[at - 4] = 1
            if kind == _SHEET and length >= 4:  # noqa: PLR2004  a place in four bytes
                starts.append(struct.unpack_from("<I", stream, at)[0])
            yield kind, at, length


def _check_records(stream: bytes) -> None:
    """The grid is measured over all sheets together: where one ends is the reader's opinion."""
    width = height = uses = shared = 0
    previous = 0
    for kind, at, length in _every_record(stream):
        if kind == _SST or (kind == _CONTINUE and previous in {_SST, _CONTINUE}):
            shared += length
        elif kind == _DIMENSIONS:
            _check_dimensions(stream, at, length)
        elif kind in _CELLS or kind == _MULTIPLE:
            row, column = struct.unpack_from("<HH", stream, at)
            if kind == _MULTIPLE:
                column = struct.unpack_from("<H", stream, at + length - 2)[0]
            uses += kind == _LABELSST
            width, height = max(width, column + 1), max(height, row + 1)
            if width > MAX_COLUMNS:
                raise RuleError(TOO_MANY_COLUMNS, limit=MAX_COLUMNS)
            if width * height > MAX_AREA:
                raise RuleError(FILE_UNPACKS_TOO_LARGE)
        previous = kind
    _check_shared(stream, uses, shared)


def _check_dimensions(stream: bytes, at: int, length: int) -> None:
    """The grid that a sheet claims: no larger than a sheet of this format, nor turned round."""
    wide = length >= 14  # noqa: PLR2004  rows in four bytes, not in two
    top, rows, left, columns = struct.unpack_from("<IIHH" if wide else "<HHHH", stream, at)
    if rows > _GRID_ROWS or columns > _GRID_COLUMNS or top > rows or left > columns:
        raise RuleError(FILE_NOT_READABLE)


def _check_shared(stream: bytes, uses: int, shared: int) -> None:
    """Upper bound first: as if each use were of the longest text a cell can hold."""
    longest = min(shared * 2, MAX_CELL * 3)  # a byte may become two, two bytes three
    if uses * longest <= MAX_TEXT_BYTES:
        return
    lengths = _shared_lengths(stream)
    total = 0
    for kind, at, _ in _records(stream):
        if kind == _LABELSST:
            index = struct.unpack_from("<I", stream, at + 6)[0]
            total += lengths[index] if index < len(lengths) else 0
            if total > MAX_TEXT_BYTES:
                raise RuleError(FILE_UNPACKS_TOO_LARGE)


def _shared_lengths(stream: bytes) -> list[int]:
    """Length of each shared text in bytes as the reader will hold it (three per character)."""
    body = bytearray()
    previous = 0
    breaks: set[int] = set()
    for kind, at, length in _records(stream):
        if kind == _SST or (kind == _CONTINUE and previous in {_SST, _CONTINUE} and body):
            if body:
                breaks.add(len(body))
            body += stream[at : at + length]
        previous = kind
    return _walk_shared(bytes(body), sorted(breaks))


def _walk_shared(body: bytes, breaks: list[int]) -> list[int]:
    lengths: list[int] = []
    at, pending = 8, list(reversed(breaks))
    while at + 3 <= len(body):
        characters, flags = struct.unpack_from("<HB", body, at)
        at += 3
        runs = extended = 0
        if flags & 0x08:
            runs = struct.unpack_from("<H", body, at)[0]
            at += 2
        if flags & 0x04:
            extended = struct.unpack_from("<I", body, at)[0]
            at += 4
        lengths.append(characters * 3)
        at, pending = _skip_characters(body, at, characters, flags & 0x01, pending)
        at += runs * 4 + extended
    return lengths


def _skip_characters(
    body: bytes, at: int, characters: int, wide: int, pending: list[int]
) -> tuple[int, list[int]]:
    """Pass over a text; where it crosses into a continuation a new width byte stands."""
    while pending and pending[-1] < at:
        pending.pop()
    while characters:
        size = 2 if wide else 1
        room = (pending[-1] - at) // size if pending else characters
        taken = min(characters, room)
        at += taken * size
        characters -= taken
        if characters:
            at = pending.pop()
            wide = body[at] & 0x01
            at += 1
    return at, pending
