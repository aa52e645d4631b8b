"""Rows of an export in the columns of the import's template: what is read back changes nothing.

Codes and lists are written in the words that the importers understand; whatever the template has
no column for stays behind. Values in, cells out.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.reference.codes import code_groups
from app.tabular.checklist_import import NO_METHOD
from app.tabular.event_import import OWN_SOURCE
from app.tabular.writer import Cell

_JOINED = "、"


@dataclass(frozen=True, slots=True)
class ObjectLine:
    """An object with what the caller's library says of it."""

    code: str
    name: str
    kind: str
    address: str | None
    area_code: str
    status: str
    risk_class: str
    risk_source: str | None
    risk_on: dt.date | None
    industry_code: str | None
    tags: Sequence[str]
    special_libraries: Sequence[str]
    responsible_code: str | None


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event with its object's code and kind, and who answers for the object by it."""

    event: Any
    code: str
    object_kind: str
    responsible_code: str | None


def object_cells(line: ObjectLine) -> dict[str, Cell]:
    """An object by the fields of `object_import.COLUMNS`."""
    return {
        "code": line.code,
        "name": line.name,
        "kind": word("object_kind", line.kind),
        "address": line.address,
        "region_code": line.area_code,
        "status": word("object_status", line.status),
        "risk_class": word("risk_class", line.risk_class),
        "risk_source": line.risk_source,
        "risk_on": line.risk_on,
        "industry_code": line.industry_code,
        "tags": _JOINED.join(line.tags),
        "special_libraries": _JOINED.join(line.special_libraries),
        "responsible_code": line.responsible_code,
    }


def officer_cells(officer: Any, line_name: str | None) -> dict[str, Cell]:
    """An officer by the fields of `officer_import.COLUMNS`."""
    return {
        "code": officer.code,
        "name": officer.name,
        "business_line": line_name,
        "post": officer.post,
        "certificate_no": officer.certificate_no,
        "certificate_issuer": officer.certificate_issuer,
        "certificate_valid_to": officer.certificate_valid_to,
        "qualifications": _JOINED.join(officer.tags),
        "specialties": _JOINED.join(officer.specialties),
        "item_scopes": _JOINED.join(officer.item_scopes),
        "leader_eligible": officer.leader_eligible,
        "regions": _JOINED.join(officer.regions),
        "status": word("officer_status", officer.status),
    }


def item_cells(item: Any, department_name: str) -> list[dict[str, Cell]]:
    """An item by the fields of `checklist_import.COLUMNS`: a row for each legal basis.

    The first row has the item, the others continue it: so that each basis is read back by itself.
    """
    bases = [_basis(basis) for basis in item.legal_bases]
    first: dict[str, Cell] = {
        "code": item.code,
        "issuing_unit": item.issuing_unit or department_name,
        "category": item.category,
        "item": item.name,
        "sub_item": item.sub_item,
        "objects": item.objects,
        "object_tags": _JOINED.join(item.object_tags),
        "item_class": word("item_class", item.item_class),
        "methods": _JOINED.join(word("inspection_method", method) for method in item.methods),
        "subject": item.subject,
        "legal_bases": bases[0] if bases else None,
        "contents": item.contents,
        **_points(item.key_points),
        "materials": _JOINED.join(item.materials),
        "risk_level": word("risk_level", item.risk_level) if item.risk_level else None,
        "ratio": _ratio(item.ratio_min_per_10000, item.ratio_max_per_10000),
        "frequency_cap": f"每年{item.frequency_cap}次" if item.frequency_cap else None,
        "qualifications": _JOINED.join(item.qualifications),
        "supervision_code": item.supervision_code,
        "valid_from": item.valid_from,
        "valid_to": item.valid_to,
        "remark": item.remark,
    }
    continued: list[dict[str, Cell]] = [{"legal_bases": basis} for basis in bases[1:]]
    return [first, *continued]


def joint_cells(
    item: Any, initiating: Iterable[str], cooperating: Iterable[str]
) -> dict[str, Cell]:
    """A joint item by the fields of `joint_checklist_import.COLUMNS`."""
    return {
        "field": item.field,
        "item": item.name,
        "objects": item.objects,
        "initiating_units": _JOINED.join(initiating),
        "cooperating_units": _JOINED.join(cooperating),
    }


def event_cells(line: EventLine) -> dict[str, Cell]:
    """An event by the fields of `event_import.COLUMNS`.

    One recorded by hand names this service as its source, and its id: so it is known again.
    """
    event, after = line.event, line.event.after
    risk = after.get("risk_class")
    made = event.kind == "established"
    return {
        "code": line.code,
        "kind": word("object_event", event.kind),
        "effective_on": event.effective_on,
        "reason": event.reason,
        "source": event.source or OWN_SOURCE,
        "external_id": event.external_id or str(event.id),
        "source_sequence": event.source_sequence,
        "object_kind": word("object_kind", line.object_kind) if made else None,
        "name": after.get("name"),
        "address": after.get("address") or after.get("moved_to_address"),
        "region_code": after.get("area_code") or after.get("moved_to_area_code"),
        "industry_code": after.get("industry_code"),
        "risk_class": word("risk_class", risk) if risk else None,
        "risk_source": after.get("risk_source"),
        "risk_on": after.get("risk_on"),
        "responsible_code": line.responsible_code,
    }


def word(group: str, code: str) -> str:
    """The Chinese word of a code; the code itself where the list has none."""
    words = _WORDS.get(group)
    if words is None:
        words = _WORDS[group] = {entry.code: entry.zh for entry in code_groups()[group].codes}
    return words.get(str(code), str(code))


_WORDS: dict[str, dict[str, str]] = {}


def _points(points: Sequence[Mapping[str, Any]]) -> dict[str, Cell]:
    """A paragraph per key point, and beside it one per method; a dash where there is none."""
    cells: dict[str, Cell] = {"key_points": _paragraphs(point["content"] for point in points)}
    if any(point.get("method") for point in points):
        cells["point_methods"] = _paragraphs(point.get("method") or NO_METHOD for point in points)
    return cells


def _paragraphs(texts: Iterable[str]) -> str:
    return "\n".join(" ".join(text.split("\n")) for text in texts)


def _ratio(low: int | None, high: int | None) -> str | None:
    """As `item_numbers.parse_ratio` reads it; no lowest is the same as none at all of it."""
    if high is None:
        return f"不低于{_percent(low)}" if low else None
    return f"{_percent(low)}-{_percent(high)}" if low else f"不高于{_percent(high)}"


def _percent(per_10000: int) -> str:
    return f"{per_10000 / 100:g}%"


def _basis(basis: Mapping[str, Any]) -> str:
    """The words of the list where it had any, else law and article."""
    text = basis.get("text")
    return str(text) if text else f"《{basis['law']}》{basis.get('article') or ''}"
