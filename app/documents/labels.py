"""The words that a printed form has for codes, from the code lists that ship."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from app import reference


def form_labels(area_codes: Iterable[str]) -> dict[str, Any]:
    """Labels of every code on a sheet; lists in the order in which a form shows them."""
    names = _region_names()
    areas = {code: names[code] for code in sorted(set(area_codes)) if code in names}
    return _lists() | {"areas": areas}


@cache
def _region_names() -> dict[str, str]:
    return {region.code: region.name for region in reference.regions()}


@cache
def _lists() -> dict[str, Any]:
    ticked = {
        "methods": "inspection_method",
        "outcomes": "finding_outcome",
        "results": "result",
        "follow_ups": "follow_up_kind",
        "acknowledgements": "acknowledgement_kind",
    }
    named = ("object_kind", "id_scheme", "risk_class", "draw_kind")
    return {
        name: [[code.code, code.zh] for code in reference.codes(key)]
        for name, key in ticked.items()
    } | {key: {code.code: code.zh for code in reference.codes(key)} for key in named}
