"""Registry events from a spreadsheet: one `EventRow` per event, and a verdict per row.

A row says what happened to which object on which day: a change and an establishment say besides
what the object is called, and where it is, from then on; a move says where to. What is not
understood is refused: an event is never guessed, since the object's status follows from it (R05).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.domain.lifecycle import ObjectKind, RiskClass
from app.domain.object_events import EventRow, content_digest
from app.domain.object_history import MOVE_FIELDS
from app.domain.object_library import EventKind
from app.domain.row_messages import (
    ACCEPTED,
    CHANGE_EMPTY,
    DATE_UNKNOWN,
    HEADER_REPEATED,
    LIBRARY_CODE_INVALID,
    ORIGIN_INCOMPLETE,
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
    Column("source_sequence", "来源序号", ("来源顺序号",)),
    Column("object_kind", "对象类型", ("类型", "主体类型", "检查对象类型")),
    Column("name", "名称", ("企业名称", "对象名称", "变更后名称")),
    Column("address", "住所", ("经营场所", "地址", "变更后住所")),
    Column("region_code", "行政区划", ("行政区划代码", "区划代码", "变更后行政区划")),
    Column("industry_code", "行业代码", ("国民经济行业代码", "行业")),
    Column("risk_class", "信用风险等级", ("风险等级", "信用风险分类")),
    Column("risk_source", "风险等级来源", ("风险来源",)),
    Column("risk_on", "风险评定日期", ("风险等级日期", "评定日期")),
    Column("responsible_code", "责任主体代码", ("责任主体统一社会信用代码", "责任主体")),
)
LONGEST = {
    "reason": 500,
    "source": 64,
    "external_id": 100,
    "name": 200,
    "address": 500,
    "risk_source": 200,
}
UNNAMED_SOURCE = "SPREADSHEET"
"""The source of rows that name none; there the digest of what a row says is its id."""
OWN_SOURCE = "SUNLOT"
"""The source that exports name for events recorded by hand; there an event's own id is its id."""
_REGION = (6, 9, 12)
_HIGHEST = 2**53 - 1
_SAYS_ALL = frozenset({EventKind.CHANGED, EventKind.ESTABLISHED})


@dataclass(frozen=True, slots=True)
class SourcedEvent:
    """An event with the source that tells it."""

    source: str
    row: EventRow


@dataclass(frozen=True, slots=True)
class EventImport:
    """The events that may be recorded, and the account of every row."""

    events: tuple[SourcedEvent, ...]
    report: ImportReport


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reading one row needs; one per import."""

    header: Header
    verdicts: Verdicts
    regions: Mapping[str, str]


def read_events(table: Table, *, regions: Mapping[str, str] | None = None) -> EventImport:
    """Every event that can be taken. `regions` maps the names of regions to their codes."""
    verdicts = Verdicts({column.field: column.title for column in COLUMNS})
    header, rows = find_header(table, COLUMNS, verdicts)
    reading = _Reading(header, verdicts, regions or {})
    events: list[SourcedEvent] = []
    for row in rows:
        if header.repeats_in(row):
            verdicts.accept(row.number, HEADER_REPEATED)
            continue
        read = _event(row, reading)
        if read is not None:
            events.append(read)
            verdicts.accept(row.number, ACCEPTED)
    return EventImport(tuple(events), verdicts.report(row.number for row in rows))


def _event(row: TableRow, reading: _Reading) -> SourcedEvent | None:
    """One event, or None after everything that is wrong with it has been named."""
    header, verdicts = reading.header, reading.verdicts
    sound = not reject_faults(row, header, verdicts)
    sound = require(row, header, verdicts, "code", "kind", "effective_on") and sound
    code = parse_code(header.text(row, "code"))
    if code and not CODE.fullmatch(code):
        verdicts.reject(row.number, LIBRARY_CODE_INVALID, "code")
        sound = False
    word = header.text(row, "kind")
    kind = meaning(EventKind, word) if word else None
    if word and kind is None:
        verdicts.reject(row.number, VALUE_UNKNOWN, "kind")
    effective_on, _ = _day(row, "effective_on", reading)
    texts = {name: one_line(header.text(row, name)) for name in LONGEST}
    sound = within_limits(row, texts, LONGEST, verdicts) and sound
    facts = _facts(row, texts, reading)
    object_kind, kind_sound = _object_kind(row, reading)
    sequence, sequence_sound = _sequence(row, reading)
    sound = sound and kind_sound and sequence_sound
    if not sound or kind is None or effective_on is None or facts is None:
        return None
    if kind is EventKind.CHANGED and not facts and not texts["external_id"]:
        verdicts.reject(row.number, CHANGE_EMPTY)
        return None
    told = EventRow(
        row=row.number,
        external_id="",
        object_code=code,
        kind=kind,
        effective_on=effective_on,
        sequence=sequence,
        facts=_told_by(kind, facts),
        object_kind=object_kind if kind is EventKind.ESTABLISHED else None,
        reason=texts["reason"] or None,
    )
    return _sourced(told, texts["source"], texts["external_id"], verdicts)


def _sourced(told: EventRow, source: str, external_id: str, verdicts: Verdicts) -> SourcedEvent:
    """Known by source and id where the row names both, else by what it says."""
    if source and external_id:
        return SourcedEvent(source, replace(told, external_id=external_id))
    if source or external_id:
        missing = "external_id" if source else "source"
        verdicts.warn(told.row, ORIGIN_INCOMPLETE, missing)
    return SourcedEvent(UNNAMED_SOURCE, replace(told, external_id=content_digest(told)))


def _told_by(kind: EventKind, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an event of the kind tells: lists print name and address beside every event."""
    if kind in _SAYS_ALL:
        return facts
    if kind is EventKind.MOVED:
        return {name: value for name, value in facts.items() if name in MOVE_FIELDS}
    return {}


def _facts(row: TableRow, texts: Mapping[str, str], reading: _Reading) -> dict[str, Any] | None:
    """The values that the row gives, or None after one was refused."""
    header, verdicts = reading.header, reading.verdicts
    found: dict[str, Any] = {
        name: texts[name] for name in ("name", "address", "risk_source") if texts[name]
    }
    area, sound = _area(row, reading)
    if area is not None:
        found["area_code"] = area
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
            found["risk_class"] = risk_class
    risk_on, day_sound = _day(row, "risk_on", reading)
    if risk_on is not None:
        found["risk_on"] = risk_on
    if responsible := parse_code(header.text(row, "responsible_code")):
        if CODE.fullmatch(responsible):
            found["responsible_object_code"] = responsible
        else:
            verdicts.reject(row.number, LIBRARY_CODE_INVALID, "responsible_code")
            sound = False
    return found if sound and day_sound else None


def _area(row: TableRow, reading: _Reading) -> tuple[str | None, bool]:
    text = one_line(reading.header.text(row, "region_code"))
    area = reading.regions.get(text, text)
    if not area:
        return None, True
    if len(area) in _REGION and area.isascii() and area.isdigit():
        return area, True
    reading.verdicts.reject(row.number, VALUE_UNKNOWN, "region_code")
    return None, False


def _day(row: TableRow, field: str, reading: _Reading) -> tuple[dt.date | None, bool]:
    text = reading.header.text(row, field)
    day = parse_date(text) if text else None
    if text and (day is None or day == LONG_TERM):
        reading.verdicts.reject(row.number, DATE_UNKNOWN, field)
        return None, False
    return day, True


def _object_kind(row: TableRow, reading: _Reading) -> tuple[ObjectKind | None, bool]:
    word = reading.header.text(row, "object_kind")
    kind = meaning(ObjectKind, word) if word else None
    if word and kind is None:
        reading.verdicts.reject(row.number, VALUE_UNKNOWN, "object_kind")
        return None, False
    return kind, True


def _sequence(row: TableRow, reading: _Reading) -> tuple[int | None, bool]:
    """What the source says of the order of its events; a whole number."""
    text = reading.header.text(row, "source_sequence")
    if not text:
        return None, True
    if text.isascii() and text.isdigit() and len(text) <= len(str(_HIGHEST)):
        number = int(text)
        if number <= _HIGHEST:
            return number, True
    reading.verdicts.reject(row.number, VALUE_UNKNOWN, "source_sequence")
    return None, False
