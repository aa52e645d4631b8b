"""Whether a text can be a code of GB/T 4754: section letter, division, class or group.

Only sections and divisions are shipped (see `app/reference`), so a class or group is judged by its
form and its division; it refuses names.
"""

import re
from functools import cache

from app.reference.places import industries

_CODE = re.compile(r"([A-T])?(\d{2,4})?", re.ASCII)


@cache
def _known() -> frozenset[str]:
    return frozenset(industry.code for industry in industries())


def is_industry_code(code: str) -> bool:
    """A, 01, 011, 0111, A0111: the section or division must exist."""
    found = _CODE.fullmatch(code)
    if found is None or not code:
        return False
    section, digits = found[1], found[2]
    if digits is None:
        return section in _known()
    return digits[:2] in _known() and (section is None or section in _known())
