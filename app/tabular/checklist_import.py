"""A department's checklist from a spreadsheet: one `ChecklistRow` per item, and a verdict per row.

Published lists merge cells and spread the legal bases of an item over several rows. A row begins an
item when it names an item, an object or a class of its own; otherwise it continues the item above
it and adds what it holds. An item without legal basis or method is taken as a draft, which can not
be published (N1, R13), with a warning: nothing that the list says is lost, and nothing is guessed.
Item codes are taken from the file or left to the service.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain.lifecycle import ItemClass, Method, RiskLevel
from app.domain.row_messages import (
    ACCEPTED,
    CARRIED_DOWN,
    CELL_TOO_LONG,
    CONTINUATION_FAULTY,
    CONTINUED,
    DUPLICATE_IN_FILE,
    HEADER_REPEATED,
    LEGAL_BASIS_MISSING,
    LEGAL_BASIS_UNSPLIT,
    LIBRARY_CODE_INVALID,
    METHOD_INTERPRETED,
    METHOD_MISSING,
    METHOD_PART_UNKNOWN,
    METHOD_UNKNOWN,
    ORPHAN_CONTINUATION,
    SECTION_TITLE,
    VALUE_IGNORED,
    VALUE_MISSING,
    VALUE_UNKNOWN,
)
from app.tabular.cells import (
    CODE,
    one_line,
    parse_code,
    reject_faults,
    spaced_line,
    split_list,
    within_limits,
)
from app.tabular.headers import Column, Header, find_header
from app.tabular.item_limits import NO_LIMITS, ItemLimits, read_limits
from app.tabular.legal_basis import LegalBasis, parse_legal_bases
from app.tabular.methods import parse_methods
from app.tabular.table import Table, TableRow
from app.tabular.verdicts import ImportReport, Verdicts
from app.tabular.vocabulary import meaning

COLUMNS = (
    Column("code", "事项编码", ("事项编号", "编号", "编码", "抽查事项编码")),
    Column("sequence", "序号", ("no", "次序")),
    Column("issuing_unit", "编制单位", ("编制单位名称", "制定单位", "责任单位")),
    Column("category", "抽查类别", ("类别", "事项大类", "抽查项目")),
    Column("item", "抽查事项", ("事项名称", "检查事项", "抽查事项名称", "检查项目"), required=True),
    Column("sub_item", "抽查子项", ("子项", "事项子项", "子项名称")),
    Column("objects", "检查对象", ("抽查对象", "监管对象", "对象"), required=True),
    Column("object_tags", "对象标签", ("监管标签", "对象库标签")),
    Column("item_class", "事项类别", ("事项类型", "一般重点", "事项分类"), required=True),
    Column("methods", "检查方式", ("抽查方式", "检查方法", "方式"), required=True),
    Column("subject", "检查主体", ("抽查主体", "实施主体", "实施部门", "检查部门", "主体")),
    Column("legal_bases", "检查依据", ("抽查依据", "法律依据", "设定依据", "依据"), required=True),
    Column("contents", "检查内容", ("抽查内容", "检查内容及要求")),
    Column("key_points", "检查要点", ("检查内容与要点",)),
    Column("point_methods", "操作方法与要领", ("检查要领", "检查方法与要领")),
    Column("materials", "所需材料", ("材料清单", "需准备材料", "材料")),
    Column("risk_level", "风险等级", ("风险级别", "事项风险等级")),
    Column("ratio", "抽查比例", ("比例", "检查比例", "年度抽查比例")),
    Column("frequency_cap", "抽查频次", ("频次", "检查频次", "抽查频率", "年度抽查次数上限")),
    Column("qualifications", "检查人员要求", ("执法资质要求", "人员要求", "检查人员资质")),
    Column("supervision_code", "监管事项目录编码", ("监管事项编码", "监管事项代码")),
    Column("valid_from", "有效期起", ("生效日期", "有效期开始", "启用日期")),
    Column("valid_to", "有效期止", ("有效期", "有效期至", "失效日期", "有效期截止")),
    Column("remark", "备注", ("说明", "备注说明")),
)
LONGEST = {
    "issuing_unit": 200,
    "category": 500,
    "item": 2000,
    "sub_item": 2000,
    "objects": 2000,
    "subject": 500,
    "contents": 10_000,
    "key_points": 10_000,
    "point_methods": 2000,
    "remark": 2000,
}
NO_METHOD = "—"
"""Stands, in our exports, for the method of a key point that has none."""
_BEGINS = ("item", "sub_item", "objects", "item_class")
_LONGEST_BASIS = 4000
WORDS_OF_METHOD = "检查方式原文:"


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """One item as the file states it; `rows` are all rows of the sheet that it was read from."""

    first_row: int
    rows: tuple[int, ...]
    code: str | None
    issuing_unit: str
    category: str
    item: str
    sub_item: str
    objects: str
    object_tags: tuple[str, ...]
    item_class: ItemClass
    methods: tuple[Method, ...]
    subject: str
    legal_bases: tuple[LegalBasis, ...]
    contents: str
    key_points: str
    materials: tuple[str, ...]
    risk_level: RiskLevel | None
    remark: str = ""
    point_methods: str = ""
    limits: ItemLimits = NO_LIMITS

    @property
    def qualifications(self) -> tuple[str, ...]:
        """Tags an officer needs."""
        return self.limits.qualifications

    @property
    def points(self) -> list[tuple[str, str | None]]:
        """Key points with their methods, paragraph by paragraph.

        Where the two cells do not have as many, all that is said of how stands with the first; a
        file that says only how to check is read as the points themselves, as it always was.
        """
        contents, methods = _paragraphs(self.key_points), _paragraphs(self.point_methods)
        if not contents:
            return [(line, None) for line in methods]
        if len(contents) == len(methods):
            paired = zip(contents, methods, strict=True)
            return [(line, None if how == NO_METHOD else how) for line, how in paired]
        first = "\n".join(methods) or None
        return [(line, first if place == 0 else None) for place, line in enumerate(contents)]


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


@dataclass(frozen=True, slots=True)
class ChecklistImport:
    """The items that may be imported, and the account of every row."""

    items: tuple[ChecklistRow, ...]
    report: ImportReport


@dataclass(slots=True)
class _Draft:
    """An item while its rows are gathered."""

    row: TableRow
    rows: list[int] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    bases: list[LegalBasis] = field(default_factory=list)
    carried: dict[str, str] = field(default_factory=dict)
    faulty: bool = False


def read_checklist(table: Table) -> ChecklistImport:
    """Every item of the sheet that can be taken; what cannot is named by row and reason."""
    verdicts = Verdicts({column.field: column.title for column in COLUMNS})
    header, rows = find_header(table, COLUMNS, verdicts)
    items: list[ChecklistRow] = []
    first_rows: dict[tuple[str, ...], int] = {}
    for draft in _gather(header, rows, verdicts):
        item = _finish(draft, header, verdicts)
        taken = item is not None and _is_new(item, first_rows, verdicts)
        if item is not None and taken:
            items.append(item)
            verdicts.accept(item.first_row, ACCEPTED)
        for row in draft.rows[1:]:
            if taken:
                verdicts.accept(row, CONTINUED, first_row=draft.row.number)
            else:
                verdicts.reject(row, CONTINUED, first_row=draft.row.number)
    return ChecklistImport(tuple(items), verdicts.report(row.number for row in rows))


def _is_new(item: ChecklistRow, first_rows: dict[tuple[str, ...], int], verdicts: Verdicts) -> bool:
    """Whether neither the item nor its code stands further up in the file."""
    key = (item.issuing_unit, item.category, item.item, item.sub_item, item.objects)
    first = first_rows.setdefault(key, item.first_row)
    if first == item.first_row and item.code is not None:
        first = first_rows.setdefault((item.code,), item.first_row)
    if first != item.first_row:
        verdicts.reject(item.first_row, DUPLICATE_IN_FILE, first_row=first)
    return first == item.first_row


def _gather(header: Header, rows: Sequence[TableRow], verdicts: Verdicts) -> list[_Draft]:
    """Put each row to the item it belongs to; titles and repeated headers belong to none."""
    drafts: list[_Draft] = []
    above: dict[str, str] = {}
    for row in rows:
        if header.repeats_in(row):
            verdicts.accept(row.number, HEADER_REPEATED)
        elif _is_title(row):
            verdicts.accept(row.number, SECTION_TITLE)
        elif any(row.own(header.columns.get(name)) for name in _BEGINS):
            drafts.append(_begin(row, header, verdicts, above))
        elif not drafts:
            verdicts.reject(row.number, ORPHAN_CONTINUATION)
        else:
            _extend(drafts[-1], row, header, verdicts)
    return drafts


def _is_title(row: TableRow) -> bool:
    """One text merged over the whole row: the heading of a section."""
    return (
        len(row.cells) > 1 and len(row.inherited) == len(row.cells) - 1 and len(set(row.cells)) == 1
    )


def _begin(row: TableRow, header: Header, verdicts: Verdicts, above: dict[str, str]) -> _Draft:
    """A new item. The unit and the category, where left blank, are those of the row above."""
    draft = _Draft(row)
    for name in ("issuing_unit", "category"):
        text = one_line(header.text(row, name))
        if not text and above.get(name):
            text = above[name]
            verdicts.warn(row.number, CARRIED_DOWN, name)
        draft.carried[name] = above[name] = text
    _extend(draft, row, header, verdicts, first=True)
    return draft


def _extend(
    draft: _Draft, row: TableRow, header: Header, verdicts: Verdicts, *, first: bool = False
) -> None:
    draft.rows.append(row.number)
    draft.faulty = reject_faults(row, header, verdicts) or draft.faulty
    read = row.text if first else row.own
    draft.methods.append(read(header.columns.get("methods")))
    draft.subjects.append(read(header.columns.get("subject")))
    draft.bases.extend(parse_legal_bases(read(header.columns.get("legal_bases"))))


def _finish(draft: _Draft, header: Header, verdicts: Verdicts) -> ChecklistRow | None:
    """The item, or None after its faults have been named."""
    row = draft.row
    texts = {name: one_line(header.text(row, name)) for name in LONGEST}
    texts |= draft.carried
    texts["subject"] = "、".join(dict.fromkeys(filter(None, map(spaced_line, draft.subjects))))
    for name in ("contents", "key_points", "point_methods", "remark"):
        texts[name] = header.text(row, name)  # paragraphs stay paragraphs
    sound = not draft.faulty
    if draft.faulty and not row.faults:
        verdicts.reject(row.number, CONTINUATION_FAULTY)
    for name in ("item", "objects"):
        if not texts[name]:
            verdicts.reject(row.number, VALUE_MISSING, name)
            sound = False
    methods, words = _methods(draft, verdicts)
    texts["remark"] = _with_words(texts["remark"], words)
    sound = within_limits(row, texts, LONGEST, verdicts) and sound
    item_class = _class(row, header, verdicts)
    bases = _bases(draft, verdicts)
    code, code_sound = _code(row, header, verdicts)
    limits = read_limits(row, header, item_class, verdicts)
    if not (sound and limits and code_sound and item_class) or bases is None:
        return None
    return ChecklistRow(
        first_row=row.number,
        rows=tuple(draft.rows),
        code=code,
        object_tags=split_list(header.text(row, "object_tags")),
        item_class=item_class,
        methods=methods,
        legal_bases=bases,
        materials=split_list(header.text(row, "materials")),
        risk_level=_risk(row, header, verdicts),
        limits=limits,
        **texts,
    )


def _class(row: TableRow, header: Header, verdicts: Verdicts) -> ItemClass | None:
    """General or key decides how much may be drawn (N3): never assumed."""
    text = header.text(row, "item_class")
    found = meaning(ItemClass, text)
    if found is None:
        message = VALUE_UNKNOWN if text else VALUE_MISSING
        verdicts.reject(row.number, message, "item_class")
    return found


def _methods(draft: _Draft, verdicts: Verdicts) -> tuple[tuple[Method, ...], str]:
    """The methods, and the words of a cell that names none of the four (R13)."""
    text = "、".join(filter(None, draft.methods))
    number = draft.row.number
    if not text:
        verdicts.warn(number, METHOD_MISSING, "methods")
        return (), ""
    found = parse_methods(text)
    if not found.methods:
        verdicts.warn(number, METHOD_UNKNOWN, "methods")
        return (), spaced_line(text)
    if found.part_unknown:
        verdicts.warn(number, METHOD_PART_UNKNOWN, "methods")
    if found.interpreted:
        verdicts.warn(number, METHOD_INTERPRETED, "methods")
    return found.methods, ""


def _with_words(remark: str, words: str) -> str:
    """The remark, and what the list says of the method where that is no method."""
    if not words:
        return remark
    return f"{remark}\n{WORDS_OF_METHOD}{words}".strip()


def _bases(draft: _Draft, verdicts: Verdicts) -> tuple[LegalBasis, ...] | None:
    """The legal bases, none where the list gives none (N1); None: one is too long to be kept."""
    number = draft.row.number
    bases = tuple(dict.fromkeys(draft.bases))
    if not bases:
        verdicts.warn(number, LEGAL_BASIS_MISSING, "legal_bases")
    if any(len(basis.text) > _LONGEST_BASIS for basis in bases):
        verdicts.reject(number, CELL_TOO_LONG, "legal_bases", limit=_LONGEST_BASIS)
        return None
    if any(not basis.split for basis in bases):
        verdicts.warn(number, LEGAL_BASIS_UNSPLIT, "legal_bases")
    return bases


def _code(row: TableRow, header: Header, verdicts: Verdicts) -> tuple[str | None, bool]:
    """The item's code and whether it may stand; no code is no fault, the service gives one."""
    code = parse_code(header.text(row, "code"))
    if code and not CODE.fullmatch(code):
        verdicts.reject(row.number, LIBRARY_CODE_INVALID, "code")
        return None, False
    return code or None, True


def _risk(row: TableRow, header: Header, verdicts: Verdicts) -> RiskLevel | None:
    text = header.text(row, "risk_level")
    found = meaning(RiskLevel, text) if text else None
    if text and found is None:
        verdicts.warn(row.number, VALUE_IGNORED, "risk_level")
    return found
