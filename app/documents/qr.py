"""QR codes as SVG."""

import io

import segno

_MASK = 2
"""Fixed: choosing the best of eight masks takes five times as long and a reader needs it not."""


def qr_svg(text: str) -> str:
    """A QR code (error correction M) as the text of an SVG image."""
    made = io.BytesIO()
    code = segno.make_qr(text, error="m", boost_error=False, mask=_MASK)
    code.save(made, kind="svg", border=2, xmldecl=False)
    return made.getvalue().decode("ascii")
