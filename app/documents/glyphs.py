"""Which characters the font has, read from its own character map.

typst prints an empty box for a character that no font has, and says nothing. Paper that a court
may see must not, so a sheet with such a character is refused before it is set, by code point.
"""

import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import noto_cjk_sans_otc  # type: ignore[import-untyped]  # a font and its path, no types

FONT_FILE = Path(str(noto_cjk_sans_otc.FONT_PATH))
_FACE = 2  # Noto Sans CJK SC within the collection; the template names the family
_FULL_UNICODE = (3, 10)
_SEGMENTED_COVERAGE = 12
_VARIATION_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


@dataclass(frozen=True, slots=True)
class Coverage:
    """The characters of a font as ranges of code points, in order."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def has(self, character: str) -> bool:
        """Whether the font has a glyph for it; what only steers others needs none."""
        point = ord(character)
        if character == "\n" or any(low <= point <= high for low, high in _VARIATION_SELECTORS):
            return True
        place = bisect_right(self.starts, point) - 1
        return place >= 0 and point <= self.ends[place]


@cache
def coverage() -> Coverage:
    """The font's coverage, read once."""
    data = FONT_FILE.read_bytes()
    # A collection's header: tag, version, number of faces, then where each face begins.
    (face,) = struct.unpack_from(">I", data, 12 + 4 * _FACE)
    return _coverage_of(data, face)


def missing(text: Iterable[str]) -> list[str]:
    """The characters that cannot be printed, each once, in order of code points."""
    found = coverage()
    return sorted(one for one in set().union(*map(set, text)) if not found.has(one))


def code_point(character: str) -> str:
    """How a problem names a character: by number and name, never by itself."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".strip()


def _coverage_of(data: bytes, face: int) -> Coverage:
    cmap = _table(data, face, b"cmap")
    (count,) = struct.unpack_from(">H", data, cmap + 2)
    for place in range(count):
        *kind, offset = struct.unpack_from(">HHI", data, cmap + 4 + 8 * place)
        if tuple(kind) == _FULL_UNICODE:
            return _segments(data, cmap + offset)
    msg = "the font has no character map of full Unicode"
    raise ValueError(msg)


def _table(data: bytes, face: int, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", data, face + 4)
    for place in range(count):
        found, _, offset, _ = struct.unpack_from(">4sIII", data, face + 12 + 16 * place)
        if found == tag:
            return int(offset)
    msg = f"the font has no table {tag!r}"
    raise ValueError(msg)


def _segments(data: bytes, offset: int) -> Coverage:
    (kind,) = struct.unpack_from(">H", data, offset)
    if kind != _SEGMENTED_COVERAGE:
        msg = f"character map of format {kind}"
        raise ValueError(msg)
    (count,) = struct.unpack_from(">I", data, offset + 12)
    groups = [struct.unpack_from(">III", data, offset + 16 + 12 * place) for place in range(count)]
    return Coverage(tuple(group[0] for group in groups), tuple(group[1] for group in groups))
