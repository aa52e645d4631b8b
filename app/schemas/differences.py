"""Wire shapes of differences: each field with its Chinese title and its values readable as text."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.domain.difference import FieldChange
from app.reference.codes import code_groups
from app.schemas.base import ReadModel
from app.schemas.checklists import VersionRead
from app.schemas.titles import FIELDS

_CODED = {
    "item_class": "item_class",
    "risk_level": "risk_level",
    "methods": "inspection_method",
    "default_methods": "inspection_method",
    "risk_levels": "risk_level",
}
_TITLES = {"name": "抽查事项", "issuing_unit": "编制单位"}
GUIDELINE_TITLES = {"kind": "细则类型", "methods": "检查方法", "contents": "检查内容"}
_RATIOS = frozenset({"ratio_min_per_10000", "ratio_max_per_10000"})
Readable = Annotated[str, Field(max_length=40_000)]


class FieldChangeRead(ReadModel):
    """A field that changed: both values, or for a list what was added and what taken away."""

    field: Annotated[str, Field(max_length=64)]
    title: Annotated[str, Field(max_length=100, description="字段的中文名称")]
    before: Readable | None = None
    after: Readable | None = None
    added: Annotated[list[Readable], Field(max_length=1000)] = []
    taken_away: Annotated[list[Readable], Field(max_length=1000)] = []
    reordered: Annotated[bool, Field(description="内容未变,仅顺序调整")] = False


class ListedItemRead(ReadModel):
    """An item by its lasting id and code, with its name."""

    item_id: UUID
    code: Annotated[str, Field(max_length=64)]
    name: Annotated[str, Field(max_length=2000)]


class RemovedItemRead(ListedItemRead):
    """An item that the second list lacks: retired, or moved to the department named."""

    moved_to_department_code: Annotated[str, Field(max_length=64)] | None = None
    moved_to_department_name: Annotated[str, Field(max_length=200)] | None = None


class ChangedItemRead(ListedItemRead):
    """An item that both lists have and that says something else."""

    changes: Annotated[list[FieldChangeRead], Field(max_length=100)]


class ChecklistDifferenceRead(ReadModel):
    """What makes the second list of the first, items by code."""

    from_version: Annotated[
        VersionRead | None, Field(description="null: 此前没有公布的版本,全部为新增")
    ]
    to_version: Annotated[VersionRead | None, Field(description="null: 正在编制、尚未公布的清单")]
    added: Annotated[list[ListedItemRead], Field(max_length=5000)]
    removed: Annotated[list[RemovedItemRead], Field(max_length=5000)]
    changed: Annotated[list[ChangedItemRead], Field(max_length=5000)]
    unchanged: Annotated[int, Field(ge=0, le=5000)]


def shape_change(change: FieldChange, titles: Mapping[str, str] = _TITLES) -> FieldChangeRead:
    """A change as clerks read it."""
    name = change.field
    shaped = FieldChangeRead(field=name, title=titles.get(name) or FIELDS.get(name, name))
    if change.is_list:
        shaped.added = [_text(name, value) for value in change.added]
        shaped.taken_away = [_text(name, value) for value in change.taken_away]
        shaped.reordered = change.reordered
    else:
        shaped.before = None if change.before is None else _text(name, change.before)
        shaped.after = None if change.after is None else _text(name, change.after)
    return shaped


def _text(field: str, value: Any) -> str:
    """A value in words: the label of a code, a percentage, a law with its article."""
    if field in _CODED and value in {code.code for code in code_groups()[_CODED[field]].codes}:
        code = code_groups()[_CODED[field]].find(str(value))
        return code.zh if code else str(value)
    if field in _RATIOS:
        return f"{value / 100:g}%"
    if isinstance(value, bool):
        return "是" if value else "否"
    if field == "quota_rule":
        return _quota(value)
    if field == "legal_bases":
        text = f":{value['text']}" if value.get("text") else ""
        return f"《{value.get('law', '').strip('《》')}》{value.get('article') or ''}{text}"
    if field == "key_points":
        return _point(value)
    return str(value)


def _quota(value: Mapping[str, Any]) -> str:
    """By risk class: percentages, or the weights that share a total."""
    if value["method"] == "ratio":
        return "、".join(f"{name}类 {of / 100:g}%" for name, of in value["per_10000"].items())
    shares = "、".join(f"{name}类 {weight}" for name, weight in value["weight"].items())
    return f"共 {value['total']} 户,权重 {shares}"


def _point(value: Mapping[str, Any]) -> str:
    more = {"method": "方法", "yes_text": "符合", "no_text": "不符合"}
    said = [f"{label}:{value[name]}" for name, label in more.items() if value.get(name)]
    return str(value["content"]) + (f"({';'.join(said)})" if said else "")
