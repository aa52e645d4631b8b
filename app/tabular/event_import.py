"""Registry events from a spreadsheet: one `EventRow` per event, and a verdict per row.

A row says what happened to which object on which day; a change says besides what the object is
called, or where it is, from then on. What is not understood is refused: an event is never guessed,
since the status of the object follows from it (R05).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.lifecycle import RiskClass
from app.domain.object_library import EventKind
from app.domain.row_messages import (
    ACCEPTED,
    CHANGE_EMPTY,
    DATE_UNKNOWN,
    DUPLICATE_IN_FILE,
    HEADER_REPEATED,
    LIBRARY_CODE_INVALID,
    VALUE_IGNORED,
    VALUE_UNKNOWN,
)
from app.tabular.cells import (
    CODE,
    LONG_TERM,
    one_line,
    parse_code,
    parse_date,
    reject_faults,
    require,
    within_limits,
)
from app.tabular.headers import Column, Header, find_header
from app.tabular.industry import is_industry_code
from app.tabular.table import Table, TableRow
from app.tabular.verdicts import ImportReport, Verdicts
from app.tabular.vocabulary import meaning

COLUMNS = (
    Column("sequence", "序号", ("no",)),
    Column(
        "code",
        "统一社会信用代码/注册号/名录库编码",
        ("统一社会信用代码", "社会信用代码", "信用代码", "名录库编码", "对象编码", "编码", "代码"),
        required=True,
    ),
    Column("kind", "事件", ("变动类型", "事件类型", "变动", "变动事项", "登记事项"), required=True),
    Column("effective_on", "日期", ("生效日期", "变动日期", "事件日期", "核准日期"), required=True),
    Column("reason", "原因", ("变动原因", "说明", "备注")),
    Column("source", "来源", ("数据来源", "来源系统")),
    Column("external_id", "来源编号", ("外部编号", "业务流水号", "流水号")),
    Column("name", "名称", ("企业名称", "对象名称", "变更后名称")),
    Column("address", "住所", ("经营场所", "地址", "变更后住所")),
    Column("region_code", "行政区划", ("行政区划代码", "区划代码", "变更后行政区划")),
    Column("industry_code", "行业代码", ("国民经济行业代码", "行业")),
    Column("risk_class", "信用风险等级", ("风险等级", "信用风险分类")),
)
LONGEST = {"reason": 500, "source": 50, "external_id": 100, "name": 200, "address": 500}
_REGION = (6, 9, 12)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; `changes` are the values from then on, of a change only."""

    row: int
    code: str
    kind: EventKind
    effective_on: dt.date
    reason: str
    source: str
    external_id: str
    changes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EventImport:
    """The events that may be recorded, and the account of every row."""

    events: tuple[EventRow, ...]
    report: ImportReport


def read_events(table: Table, *, regions: Mapping[str, str] | None = None) -> EventImport:
    """Every event that can be taken. `regions` maps the names of regions to their codes."""
    verdicts = Verdicts({column.field: column.title for column in COLUMNS})
    header, rows = find_header(table, COLUMNS, verdicts)
    events: list[EventRow] = []
    first_rows: dict[tuple[object, ...], int] = {}
    for row in rows:
        if header.repeats_in(row):
            verdicts.accept(row.number, HEADER_REPEATED)
            continue
        read = _event(row, header, regions or {}, verdicts)
        if read is None:
            continue
        named = (read.source, read.external_id)
        same = (read.code, read.kind, read.effective_on, *sorted(read.changes.items()))
        first = first_rows.setdefault(named if read.external_id else same, row.number)
        if first != row.number:
            verdicts.reject(row.number, DUPLICATE_IN_FILE, "code", first_row=first)
            continue
        events.append(read)
        verdicts.accept(row.number, ACCEPTED)
    return EventImport(tuple(events), verdicts.report(row.number for row in rows))


def _event(
    row: TableRow, header: Header, regions: Mapping[str, str], verdicts: Verdicts
) -> EventRow | None:
    """One event, or None after everything that is wrong with it has been named."""
    sound = not reject_faults(row, header, verdicts)
    sound = require(row, header, verdicts, "code", "kind", "effective_on") and sound
    code = parse_code(header.text(row, "code"))
    if code and not CODE.fullmatch(code):
        verdicts.reject(row.number, LIBRARY_CODE_INVALID, "code")
        sound = False
    word, day = header.text(row, "kind"), header.text(row, "effective_on")
    kind = meaning(EventKind, word) if word else None
    if word and kind is None:
        verdicts.reject(row.number, VALUE_UNKNOWN, "kind")
    effective_on = parse_date(day) if day else None
    if effective_on == LONG_TERM:
        effective_on = None
    if day and effective_on is None:
        verdicts.reject(row.number, DATE_UNKNOWN, "effective_on")
    texts = {name: one_line(header.text(row, name)) for name in LONGEST}
    sound = within_limits(row, texts, LONGEST, verdicts) and sound
    changes = _changes(row, header, regions, texts, verdicts)
    if not sound or kind is None or effective_on is None or changes is None:
        return None
    if kind is EventKind.CHANGED and not changes:
        verdicts.reject(row.number, CHANGE_EMPTY)
        return None
    if kind is not EventKind.CHANGED:
        changes = {}  # lists print name and address beside every event
    return EventRow(
        row.number,
        code,
        kind,
        effective_on,
        texts["reason"],
        texts["source"],
        texts["external_id"],
        changes,
    )


def _changes(
    row: TableRow,
    header: Header,
    regions: Mapping[str, str],
    texts: Mapping[str, str],
    verdicts: Verdicts,
) -> dict[str, str] | None:
    """The values that the row gives, or None after one was refused."""
    found = {name: texts[name] for name in ("name", "address") if texts[name]}
    sound = True
    if area := one_line(header.text(row, "region_code")):
        area = regions.get(area, area)
        if len(area) in _REGION and area.isascii() and area.isdigit():
            found["area_code"] = area
        else:
            verdicts.reject(row.number, VALUE_UNKNOWN, "region_code")
            sound = False
    if industry := parse_code(header.text(row, "industry_code")):
        if is_industry_code(industry):
            found["industry_code"] = industry
        else:
            verdicts.warn(row.number, VALUE_IGNORED, "industry_code")
    if risk := header.text(row, "risk_class"):
        risk_class = meaning(RiskClass, risk)
        if risk_class is None:
            verdicts.reject(row.number, VALUE_UNKNOWN, "risk_class")
            sound = False
        else:
            found["risk_class"] = risk_class.value
    return found if sound else None
