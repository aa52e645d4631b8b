"""What a test asks of a PDF, read from its bytes: pages and the characters that it shows."""

import re
import zlib

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_MAPPED = re.compile(rb"<[0-9A-Fa-f]+> <([0-9A-Fa-f]+)>")


def pages_of(pdf: bytes) -> int:
    """How many pages there are."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def characters_of(pdf: bytes) -> set[str]:
    """Every character that a glyph on some page stands for (the fonts' maps to Unicode)."""
    found: set[str] = set()
    for stream in _STREAM.findall(pdf):
        try:
            text = zlib.decompress(stream)
        except zlib.error:
            text = stream
        if b"beginbfchar" in text:
            for code in _MAPPED.findall(text):
                found |= set(bytes.fromhex(code.decode()).decode("utf-16-be"))
    return found
