"""Registry events from spreadsheets: what is understood, and that nothing else is guessed."""

import datetime as dt

from app.domain.lifecycle import ObjectKind, RiskClass
from app.domain.object_events import EventRow
from app.domain.object_library import EventKind
from app.tabular.event_import import EventImport, read_events
from app.tabular.reader import read_table
from app.tabular.verdicts import Outcome

HEAD = (
    "统一社会信用代码,变动类型,核准日期,说明,来源系统,业务流水号,变更后名称,行政区划,信用风险等级"
)


def read(*lines: str) -> EventImport:
    data = "\n".join((HEAD, *lines)).encode()
    return read_events(read_table(data, "a.csv"), regions={"大沁他拉镇": "150525100"})


def sourced(done: EventImport) -> list[tuple[str, EventRow]]:
    return [(one.source, one.row) for one in done.events]


def rejected(done: EventImport) -> list[tuple[int, str | None, str]]:
    return [(v.row, v.field, v.code) for v in done.report.of(Outcome.REJECTED)]


def test_headers_and_words_are_known_by_their_synonyms():
    done = read("91150525ma0kt4x201,吊销营业执照,2026年1月31日,吊销,省平台,X-1")
    ((source, event),) = sourced(done)
    assert (event.object_code, event.kind) == ("91150525MA0KT4X201", EventKind.REVOKED)
    assert event.effective_on == dt.date(2026, 1, 31)
    assert (event.reason, source, event.external_id) == ("吊销", "省平台", "X-1")


def test_a_change_says_what_is_so_from_then_on_and_other_events_do_not():
    done = read(
        "CP-1,变更,2026-01-31,,,,新名,大沁他拉镇,B类",
        "CP-2,注销,2026-01-31,,,,旧名,150525,A",
        "CP-3,迁出,2026-01-31,,,,旧名,150402,A",
    )
    changed, cancelled, moved = (event for _, event in sourced(done))
    assert changed.facts == {"name": "新名", "area_code": "150525100", "risk_class": "B"}
    assert cancelled.facts == {}
    assert moved.facts == {"area_code": "150402"}, "where to, and nothing else"


def test_an_establishment_says_all_that_an_object_needs():
    head = "代码,事件,日期,类型,名称,行政区划,风险等级,风险来源,评定日期,责任主体代码,来源序号"
    line = "CP-1,设立,2026-01-31,产品,示例肥料,150525,B,省平台,2026-01-01,91150525MA0KT4X201,7"
    done = read_events(read_table(f"{head}\n{line}".encode(), "a.csv"))
    ((_, event),) = sourced(done)
    assert (event.object_kind, event.sequence) == (ObjectKind.PRODUCT, 7)
    assert event.facts == {
        "name": "示例肥料",
        "area_code": "150525",
        "risk_class": RiskClass.B,
        "risk_source": "省平台",
        "risk_on": dt.date(2026, 1, 1),
        "responsible_object_code": "91150525MA0KT4X201",
    }


def test_each_fault_of_a_row_is_named_and_nothing_is_guessed():
    done = read(
        "CP-1,飞走,长期",
        ",,",
        "CP-1,变更,2026-01-31",
        "CP-1,变更,2026-01-31,,,,新名,旗里,E类",
        "CP/1,吊销,2026-02-30",
    )
    assert done.events == ()
    assert rejected(done) == [
        (2, "kind", "value-unknown"),
        (2, "effective_on", "date-unknown"),
        (4, None, "change-empty"),
        (5, "region_code", "value-unknown"),
        (5, "risk_class", "value-unknown"),
        (6, "code", "library-code-invalid"),
        (6, "effective_on", "date-unknown"),
    ]


def test_an_event_is_known_by_source_and_number_or_by_what_it_says():
    done = read(
        "CP-1,吊销,2026-01-31,,省平台,X-1",
        "CP-2,吊销,2026-01-31",
        "CP-2,吊销,2026-01-31",
        "CP-2,吊销,2026-02-01,,省平台,",
    )
    named, first, same, half = sourced(done)
    assert (named[0], named[1].external_id) == ("省平台", "X-1")
    assert first[0] == same[0] == half[0] == "SPREADSHEET"
    assert first[1].external_id == same[1].external_id != half[1].external_id
    warned = [(v.row, v.field, v.code) for v in done.report.of(Outcome.WARNING)]
    assert warned == [(5, "external_id", "origin-incomplete")]
