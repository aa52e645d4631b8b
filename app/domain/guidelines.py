"""What a guideline must hold before a department may inspect by it (R06, plan s.3(3))."""

from collections.abc import Iterable, Mapping

from app.domain.errors import RuleError
from app.domain.refusals import guidelines as refusals

PARTS: Mapping[str, str] = {
    "draw_principles": "抽取原则",
    "methods": "检查方法",
    "contents": "检查内容",
    "procedure": "检查程序",
    "publicity": "结果公示",
    "archiving": "检查归档",
}


def require_six_parts(parts: Mapping[str, str]) -> None:
    """All six parts are there (R06), or the refusal names each that is missing."""
    missing = tuple(
        refusals.PART_MISSING.at(f"/{name}", part=title, name=name)
        for name, title in PARTS.items()
        if not parts.get(name, "").strip()
    )
    if missing:
        raise RuleError(refusals.GUIDELINE_INCOMPLETE, missing)


def require_known_items(codes: Iterable[str], known: set[str]) -> None:
    """A guideline is bound to items that the department's checklist has."""
    unknown = tuple(
        refusals.ITEM_CODE_UNKNOWN.at(f"/item_codes/{place}")
        for place, code in enumerate(codes)
        if code not in known
    )
    if unknown:
        raise RuleError(refusals.GUIDELINE_ITEM_UNKNOWN, unknown)
