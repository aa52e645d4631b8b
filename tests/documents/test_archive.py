"""A zip that is sent while it is made is still a zip."""

import io
import zipfile
from datetime import date

from app.documents.archive import Archive
from app.documents.qr import qr_svg

DAY = date(2026, 3, 2)


def packed() -> list[bytes]:
    archive = Archive()
    return [
        archive.add("a.pdf", b"first", DAY),
        archive.add("b.pdf", b"second", DAY),
        archive.close(),
    ]


def test_every_file_is_handed_out_before_the_next_is_added():
    first, second, end = packed()
    assert b"first" in first
    assert b"second" in second
    assert b"first" not in second + end


def test_the_archive_can_be_read_and_repeats():
    whole = b"".join(packed())
    assert whole == b"".join(packed())
    with zipfile.ZipFile(io.BytesIO(whole)) as found:
        assert found.testzip() is None
        assert [(one.filename, one.date_time[:3]) for one in found.infolist()] == [
            ("a.pdf", (2026, 3, 2)),
            ("b.pdf", (2026, 3, 2)),
        ]
        assert found.read("b.pdf") == b"second"


def test_a_qr_code_is_an_svg_of_its_text():
    one = qr_svg("https://example.org/a")
    assert one.startswith("<svg")
    assert one == qr_svg("https://example.org/a")
    assert one != qr_svg("https://example.org/b")
