"""Import batches over HTTP: every verdict, all or nothing, the marked copy, undoing a whole batch."""

import io
import re
import zipfile
from typing import Any

import pytest

from app.domain.actor import Role
from app.schemas import imports as import_shapes
from app.services.import_batches import ImportBatchService
from app.services.runtime import Runtime
from app.tabular.marked_copy import PROBLEMS
from app.tabular.reader import read_table
from app.tabular.writer import write_csv
from tests.api.test_object_details import licensed
from tests.support.clocks import FrozenClock
from tests.support.inspection_factories import a_drawn_task
from tests.support.library_factories import (
    OFFICER_HEAD,
    checklist_file,
    credit_code,
    make_object,
    object_file,
    officer_file,
    publish_checklist,
    upload,
)
from tests.support.operations import ASYNC, IMPORT, accepted, count, do, objects, rows
from tests.support.world import Caller, World

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BAD = "91150525MA000000XX"
WHY = {"reason": "上传了去年的名录"}


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def other(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK, "WJW")


async def imported(clerk: Caller, data: bytes, path: str = IMPORT) -> dict[str, Any]:
    answer = await upload(clerk, path, data)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def undo(clerk: Caller, batch_id: str, etag: str = '"1"') -> Any:
    return await clerk.post(f"import-batches/{batch_id}/undo", WHY, etag=etag)


async def verdicts(clerk: Caller, batch_id: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        url = f"import-batches/{batch_id}/verdicts?limit=2{query}{after}"
        answer = await clerk.get(url)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if answer.json()["next_cursor"] is None:
            return found
        after = f"&cursor={answer.json()['next_cursor']}"


async def rejected(clerk: Caller, batch_id: str) -> list[int]:
    return [v["row"] for v in await verdicts(clerk, batch_id, "&outcome=rejected")]


async def test_a_row_has_a_verdict_for_each_of_its_faults_with_the_cell_that_is_meant(
    clerk: Caller,
):
    good = credit_code()
    data = object_file(
        (good, "东风商店", "企业"),
        (BAD, "", "神仙", "不详"),
        (good, "西风商店", "企业"),
        (credit_code(), "北风商店", ""),
    )
    done = await imported(clerk, data)
    batch = (await clerk.get(f"import-batches/{done['batch_id']}")).json()
    assert (batch["kind"], batch["status"], batch["mode"]) == ("object", "stored", "partial")
    assert (batch["rows"], batch["created"], batch["rejected"]) == (4, 2, 2)
    said = await verdicts(clerk, done["batch_id"])
    assert len(said) == batch["verdicts"]
    named = [(v["row"], v["outcome"], v["field"], v["code"]) for v in said]
    assert [one for one in named if one[3] != "status-assumed"] == [
        (3, "rejected", "name", "value-missing"),
        (3, "rejected", "kind", "value-unknown"),
        (3, "rejected", "code", "credit-code-invalid"),
        (3, "rejected", "status", "value-unknown"),
        (4, "rejected", "code", "duplicate-in-file"),
        (5, "warning", "kind", "kind-derived"),
    ]
    (code,) = (v for v in said if v["code"] == "credit-code-invalid")
    assert (code["title"], code["column"], code["value"]) == ("统一社会信用代码", 1, BAD)
    assert code["zh"]
    assert code["en"]
    assert {v["row"] for v in await verdicts(clerk, done["batch_id"], "&outcome=rejected")} == {
        3, 4,
    }  # fmt: skip
    total = await clerk.get(f"import-batches/{done['batch_id']}/verdicts?limit=1&with_total=true")
    assert total.json()["total"] == batch["verdicts"]


async def test_numbers_of_persons_are_masked_in_verdicts_and_their_columns_are_not_kept(
    clerk: Caller, runtime: Runtime
):
    head = (*OFFICER_HEAD, "身份证号")
    person = "11010519491231002X"
    row = (person, "庚某", *[""] * (len(OFFICER_HEAD) - 2), person)
    done = await imported(clerk, officer_file(row, head=head), "officers/import")
    said = await verdicts(clerk, done["batch_id"])
    assert said
    assert person not in str(said)
    assert any("*" in (v["value"] or "") for v in said)
    kept = await rows(runtime, "SELECT file_name, content FROM import_batch b JOIN import_file f"
                               " ON f.batch_id = b.id")  # fmt: skip
    assert person.encode() in bytes(kept[0].content), "the code column is what the clerk must mend"
    assert bytes(kept[0].content).count(person.encode()) == 1
    assert kept[0].file_name.endswith(".csv")
    marked = await clerk.get(f"import-batches/{done['batch_id']}/marked-copy")
    assert marked.status_code == 200


async def test_all_or_nothing_stores_nothing_but_what_was_said(clerk: Caller, runtime: Runtime):
    data = object_file((credit_code(), "东风商店", "企业"), (BAD, "西风商店", "企业"))
    done = await imported(clerk, data, f"{IMPORT}?mode=atomic")
    assert (done["refused"], done["created"], done["rejected_rows"]) == (True, 0, 1)
    assert await count(runtime, "inspection_object") == 0
    batch = await clerk.get(f"import-batches/{done['batch_id']}")
    assert (batch.json()["status"], batch.json()["created"]) == ("refused", 0)
    assert await rejected(clerk, done["batch_id"]) == [3]
    undone = await undo(clerk, done["batch_id"])
    assert (undone.status_code, undone.json()["code"]) == (409, "import-batch-not-stored")
    trail = await clerk.get("audit-entries?action=object.import_refused")
    assert [one["outcome"] for one in trail.json()["items"]] == ["failure"]


async def test_all_or_nothing_stores_a_file_without_fault(clerk: Caller, runtime: Runtime):
    known = (await make_object(clerk))["code"]
    data = object_file((credit_code(), "东风商店", "企业"), (known, "已有商店", "企业"))
    done = await imported(clerk, data, f"{IMPORT}?mode=atomic")
    assert (done["refused"], done["created"], done["duplicate_rows"]) == (False, 1, 1)
    assert await count(runtime, "inspection_object") == 2


@pytest.mark.parametrize("mode", ["partial", "atomic"])
async def test_a_dry_run_makes_no_batch(clerk: Caller, runtime: Runtime, mode: str):
    data = object_file((credit_code(), "东风商店", "企业"), (BAD, "西风商店", "企业"))
    done = await imported(clerk, data, f"{IMPORT}?dry_run=true&mode={mode}")
    assert (done["batch_id"], done["mode"], done["rejected_rows"]) == (None, mode, 1)
    assert done["refused"] == (mode == "atomic")
    assert await count(runtime, "import_batch") == 0
    assert await count(runtime, "inspection_object") == 0


async def test_a_dry_run_tells_of_every_row_however_many_are_wrong(
    clerk: Caller, monkeypatch: pytest.MonkeyPatch
):
    """Lists end with whole rows; the next dry run goes on where the last one ended."""
    lines = [(BAD, "", "企业") if n % 3 else (credit_code(), f"商店{n}", "企业") for n in range(12)]
    data = object_file(*lines)
    whole = await imported(clerk, data, f"{IMPORT}?dry_run=true")
    assert (whole["truncated"], whole["next_row"], whole["rejected_rows"]) == (False, None, 8)
    assert len(whole["rejected"]) == 16, "each row has two faults"
    monkeypatch.setattr(import_shapes, "MOST_LISTED", 5)
    told: dict[str, list[Any]] = {"rejected": [], "warnings": [], "duplicates": []}
    pages, row = 0, 1
    while row:
        page = await imported(clerk, data, f"{IMPORT}?dry_run=true&from_row={row}")
        assert page["truncated"] == (page["next_row"] is not None)
        assert {name: page[name] for name in ("rows", "created", "rejected_rows")} == {
            name: whole[name] for name in ("rows", "created", "rejected_rows")
        }
        for name in told:
            assert len(page[name]) <= 5
            told[name] += page[name]
        pages, row = pages + 1, page["next_row"]
    assert pages > 2
    assert told == {name: whole[name] for name in told}


async def test_an_operation_of_all_or_nothing_fails_and_shows_its_verdicts(
    clerk: Caller, runtime: Runtime
):
    data = object_file((credit_code(), "东风商店", "企业"), (BAD, "西风商店", "企业"))
    made = await accepted(clerk, data, f"{IMPORT}?mode=atomic")
    await do(runtime, made)
    read = (await clerk.get(f"operations/{made['id']}")).json()
    assert (read["status"], read["problem"]["code"]) == ("failed", "import-refused-whole")
    (batch,) = (await clerk.get(f"import-batches?operation_id={made['id']}")).json()["items"]
    assert read["problem"]["facts"] == {"rejected": 1, "batch_id": batch["id"]}
    assert await rejected(clerk, batch["id"]) == [3]
    assert await count(runtime, "inspection_object") == 0
    assert await count(runtime, "operation_file") == 0


def check_marked(content: bytes) -> None:
    table = read_table(content, "marked.xlsx")
    head, good, bad = (row.cells for row in table.rows)
    assert (head[0], head[-1]) == ("统一社会信用代码", PROBLEMS)
    assert good[-1] == ""
    assert (bad[0], bad[1]) == (BAD, "=1+1")
    assert "信用代码" in bad[-1]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        styles = parts.read("xl/styles.xml").decode()
        notes = parts.read("xl/comments1.xml").decode()
    assert "<f>" not in sheet, "nothing is run"
    assert 'ref="A3"' in notes
    assert "信用代码" in notes
    assert "FFFFC7CE" in styles
    cell = re.search(r'<c r="A3" s="(\d+)"', sheet)
    plain = re.search(r'<c r="A2" s="(\d+)"', sheet)
    assert cell is not None
    assert plain is not None
    assert cell[1] != plain[1], "coloured"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_the_marked_copy_is_the_file_with_its_faults_in_place(clerk: Caller, kind: str):
    lines = [(credit_code(), "东风商店", "企业", "存续"), (BAD, "=1+1", "企业", "存续")]
    head = ("统一社会信用代码", "名称", "类型", "登记状态")
    data = object_file(*lines) if kind == "xlsx" else write_csv(lines, head)
    sent = {"file": (f"a.{kind}", data)}
    dry = await clerk.request(
        "POST", f"{IMPORT}?dry_run=true", files=sent, headers={"Accept": XLSX}
    )
    assert (dry.status_code, dry.headers["content-type"]) == (200, XLSX)
    check_marked(dry.content)
    done = (await clerk.post(IMPORT, files=sent)).json()
    marked = await clerk.get(f"import-batches/{done['batch_id']}/marked-copy")
    assert (marked.status_code, marked.headers["content-type"]) == (200, XLSX)
    check_marked(marked.content)


GOOD_BAD: dict[str, tuple[str, str, Role, str, bytes]] = {
    "officers": (
        "officers/import", "officer", Role.DEPT_CLERK, "SCJG",
        officer_file(("N1", "甲某"), ("工号", "乙某")),
    ),
    "checklist": (
        "checklist-items/import", "checklist_item", Role.DEPT_CLERK, "SCJG",
        checklist_file(
            ("食品", "销售检查", "《食品安全法》第一条", "现场检查"), ("食品", "长" * 2001, "《某法》第二条", "现场检查")
        ),
    ),
    "joint": (
        "joint-items/import", "joint_item", Role.LG_OFFICE, "LDXZ",
        write_csv(
            [("餐饮", "餐饮检查", "单位", "市场监督管理局", "消防大队"), ("餐饮", "独查", "单位", "消防", "")],
            ("抽查领域", "抽查事项", "检查对象", "发起部门", "配合部门"),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", GOOD_BAD)
async def test_each_kind_is_stored_whole_or_not_at_all_and_has_its_marked_copy(
    world: World, runtime: Runtime, kind: str
):
    path, table, role, department, data = GOOD_BAD[kind]
    caller = await world.caller(role, department)
    name = "a.csv" if kind == "joint" else "a.xlsx"
    refused = (await upload(caller, f"{path}?mode=atomic", data, name)).json()
    assert (refused["refused"], refused["created"], refused["rejected_rows"]) == (True, 0, 1)
    assert await count(runtime, table) == 0
    marked = await caller.get(f"import-batches/{refused['batch_id']}/marked-copy")
    assert marked.status_code == 200, marked.text
    head, good, bad = (row.cells for row in read_table(marked.content, "marked.xlsx").rows)
    assert head[-1] == PROBLEMS
    why = refused["rejected"][0]["zh"]
    assert (why in good[-1], why in bad[-1]) == (False, True)
    partly = (await upload(caller, path, data, name)).json()
    assert (partly["created"], partly["rejected"]) == (1, refused["rejected"])
    assert await count(runtime, table) == 1


async def test_files_go_after_7_days_and_verdicts_after_90(
    clerk: Caller, world: World, runtime: Runtime, clock: FrozenClock
):
    done = await imported(clerk, object_file((BAD, "西风商店", "企业")))
    path = f"import-batches/{done['batch_id']}"
    service = ImportBatchService(runtime)
    assert await service.forget_old() == 0
    clock.forward(days=7)
    assert await service.forget_old() == 1
    await world.sign_in_again(clerk)
    gone = await clerk.get(f"{path}/marked-copy")
    assert (gone.status_code, gone.json()["code"]) == (404, "import-batch-file-gone")
    assert await rejected(clerk, done["batch_id"]) == [2]
    clock.forward(days=83)
    assert await service.forget_old() == 1
    await world.sign_in_again(clerk)
    gone = await clerk.get(f"{path}/verdicts")
    assert (gone.status_code, gone.json()["code"]) == (404, "import-batch-verdicts-gone")
    assert (await clerk.get(path)).json()["verdicts"] >= 1
    assert await count(runtime, "import_verdict") == 0
    assert await count(runtime, "import_file") == 0


async def test_undoing_takes_back_all_that_the_batch_made_and_nothing_else(
    clerk: Caller, other: Caller, runtime: Runtime
):
    firm, foreign = credit_code(), credit_code()
    kept = await make_object(clerk)
    await make_object(other, id_value=foreign)
    data = object_file(
        (firm, "新企业", "企业"),
        ("CP-1", "示例肥料", "产品", "", firm),
        (foreign, "他部门企业", "企业"),
        (kept["code"], "已有企业", "企业"),
    )
    done = await imported(clerk, data)
    undone = await undo(clerk, done["batch_id"])
    assert undone.status_code == 200, undone.text
    assert (undone.json()["status"], undone.json()["undo_reason"]) == ("undone", WHY["reason"])
    left = (await clerk.get("inspection-objects")).json()["items"]
    assert [one["code"] for one in left] == [kept["code"]]
    assert await count(runtime, "inspection_object") == 2
    assert await count(runtime, "object_event") == 2
    trail = (await clerk.get("audit-entries?action=import_batch.undone")).json()["items"]
    assert [one["subject_id"] for one in trail] == [done["batch_id"]]
    again = await undo(clerk, done["batch_id"], undone.headers["etag"])
    assert (again.status_code, again.json()["code"]) == (409, "import-batch-not-stored")
    second = await imported(clerk, data)
    assert (second["created"], second["joined"]) == (2, 1), "the same file can come again"


async def _joined(clerk: Caller, other: Caller, code: str) -> None:
    await upload(other, IMPORT, object_file((code, "新企业", "企业")))


async def _event(clerk: Caller, other: Caller, code: str) -> None:
    found = (await clerk.get(f"inspection-objects?q={code}")).json()["items"][0]
    body = {"kind": "revoked", "effective_on": "2026-02-20"}
    await clerk.post(f"inspection-objects/{found['id']}/events", body, etag='"1"')


async def _changed(clerk: Caller, other: Caller, code: str) -> None:
    found = (await clerk.get(f"inspection-objects?q={code}")).json()["items"][0]
    await clerk.patch(f"inspection-objects/{found['id']}", {"tags": ["食品"]}, etag='"1"')


async def _answers_for(clerk: Caller, other: Caller, code: str) -> None:
    await upload(clerk, IMPORT, object_file(("CP-9", "示例肥料", "产品", "", code)))


async def _licence(clerk: Caller, other: Caller, code: str) -> None:
    found = (await clerk.get(f"inspection-objects?q={code}")).json()["items"][0]
    made = await licensed(clerk, found)
    assert made.status_code == 201, made.text


async def _contact(clerk: Caller, other: Caller, code: str) -> None:
    found = (await clerk.get(f"inspection-objects?q={code}")).json()["items"][0]
    path = f"inspection-objects/{found['id']}/contact"
    tag = (await clerk.get(path)).headers["etag"]
    made = await clerk.request("PUT", path, json={"liaison": "示例丙"}, headers={"If-Match": tag})
    assert made.status_code == 200, made.text


async def _batch_event(clerk: Caller, other: Caller, code: str) -> None:
    data = events_csv(f"{code},吊销,2026-02-01,,")
    assert (await upload(clerk, EVENTS, data, "a.csv")).json()["created"] == 1


@pytest.mark.parametrize(
    "use", [_joined, _event, _changed, _answers_for, _licence, _contact, _batch_event]
)
async def test_a_batch_of_which_something_is_used_is_not_undone_at_all(
    clerk: Caller, other: Caller, runtime: Runtime, use: Any
):
    code = credit_code()
    done = await imported(
        clerk, object_file((code, "新企业", "企业"), (credit_code(), "又一企业", "企业"))
    )
    await use(clerk, other, code)
    before = await count(runtime, "inspection_object")
    refused = await undo(clerk, done["batch_id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "import-batch-in-use")
    assert refused.json()["facts"] == {"count": 1, "first": code}
    assert await count(runtime, "inspection_object") == before
    batch = (await clerk.get(f"import-batches/{done['batch_id']}")).json()
    assert batch["status"] == "stored"


SAME = ("奈曼旗示例超市", "企业", "存续", "", "大沁他拉镇示例街 1 号")
SAME_HEAD = ("统一社会信用代码", "名称", "类型", "登记状态", "责任主体代码", "住所")


def doubles(count: int) -> bytes:
    """So many objects of one name and address."""
    return write_csv([(credit_code(), *SAME) for _ in range(count)], SAME_HEAD)


async def test_open_proposals_to_merge_go_with_the_objects_of_the_batch(
    clerk: Caller, runtime: Runtime
):
    first = (await upload(clerk, IMPORT, doubles(2), "a.csv")).json()
    second = (await upload(clerk, IMPORT, doubles(1), "b.csv")).json()
    assert await count(runtime, "merge_proposal") == 3
    trail = (await clerk.get("audit-entries?action=object.imported")).json()["items"]
    assert {one["after"]["merges_proposed"] for one in trail} == {1, 2}
    assert (await undo(clerk, first["batch_id"])).status_code == 200
    assert await count(runtime, "merge_proposal") == 0
    assert (await undo(clerk, second["batch_id"])).status_code == 200
    assert await count(runtime, "inspection_object") == 0


async def test_a_proposal_that_somebody_decided_keeps_the_batch(
    world: World, clerk: Caller, runtime: Runtime
):
    done = (await upload(clerk, IMPORT, doubles(2), "a.csv")).json()
    leader = await world.caller(Role.DEPT_LEADER)
    (proposal,) = (await leader.get("object-merge-proposals")).json()["items"]
    path = f"object-merge-proposals/{proposal['id']}/dismiss"
    dismissed = await leader.post(path, {"reason": "两户不同"}, etag='"1"')
    assert dismissed.status_code == 200, dismissed.text
    refused = await undo(clerk, done["batch_id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "import-batch-in-use")
    assert refused.json()["facts"]["count"] == 2
    assert await count(runtime, "merge_proposal") == 1


async def test_what_waited_and_came_with_the_objects_keeps_the_batch(clerk: Caller):
    code = credit_code()
    await upload(clerk, EVENTS, events_csv(f"{code},吊销,2026-02-01,,"), "a.csv")
    done = await imported(clerk, object_file((code, "新企业", "企业")))
    refused = await undo(clerk, done["batch_id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "import-batch-in-use")


async def test_a_risk_class_without_its_source_is_taken_with_a_warning(clerk: Caller):
    head = ("统一社会信用代码", "名称", "类型", "信用风险等级", "风险等级来源", "风险评定日期")
    lines = [
        (credit_code(), "甲企业", "企业", "D", "", ""),
        (credit_code(), "乙企业", "企业", "D", "省平台", "2026-01-01"),
        (credit_code(), "丙企业", "企业", "", "", ""),
        (credit_code(), "丁企业", "企业", "D", "省平台", "2026-03-03"),
        (credit_code(), "戊企业", "企业", "D", "省平台", "2026-03-02"),
    ]
    done = (await upload(clerk, IMPORT, write_csv(lines, head), "a.csv")).json()
    assert done["created"] == 4
    refused = [(v["row"], v["field"], v["code"]) for v in done["rejected"]]
    assert refused == [(5, "risk_on", "risk-day-in-future")]
    warned = [(v["row"], v["field"], v["code"]) for v in done["warnings"]]
    assert warned == [(2, "risk_class", "risk-unsourced-taken")]
    found = (await clerk.get("inspection-objects?q=乙企业")).json()["items"][0]
    told = (await clerk.get(f"inspection-objects/{found['id']}/events")).json()["items"][0]
    after = told["after"]
    assert (after["risk_class"], after["risk_source"], after["risk_on"]) == (
        "D",
        "省平台",
        "2026-01-01",
    )


async def test_a_batch_whose_pool_was_frozen_since_is_not_undone(
    clerk: Caller, runtime: Runtime, clock: FrozenClock
):
    done = await imported(clerk, objects(1))
    clock.forward(minutes=1)
    await a_drawn_task(runtime, clerk.account_id)
    refused = await undo(clerk, done["batch_id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "import-batch-in-pool")


async def test_officers_and_drafts_are_taken_back_unless_they_were_used(
    world: World, clerk: Caller, runtime: Runtime
):
    officers = await imported(
        clerk, officer_file(("N1", "甲某"), ("N2", "乙某")), "officers/import"
    )
    items = await imported(
        clerk,
        checklist_file(("食品", "销售检查", "《食品安全法》第一条", "现场检查")),
        "checklist-items/import",
    )
    assert (await undo(clerk, items["batch_id"])).status_code == 200
    assert await count(runtime, "checklist_item") == 0
    first = (await clerk.get("officers?q=N1")).json()["items"][0]
    absence = {"starts_on": "2026-03-02", "ends_on": "2026-03-03", "reason": "学习"}
    assert (await clerk.post(f"officers/{first['id']}/absences", absence)).status_code == 201
    refused = await undo(clerk, officers["batch_id"])
    assert (refused.status_code, refused.json()["facts"]["first"]) == (409, "N1")
    assert await count(runtime, "officer") == 2
    again = await imported(
        clerk,
        checklist_file(("食品", "销售检查", "《食品安全法》第一条", "现场检查")),
        "checklist-items/import",
    )
    await publish_checklist(await world.caller(Role.DEPT_LEADER))
    refused = await undo(clerk, again["batch_id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "import-batch-in-use")


async def test_joint_items_are_taken_back_with_their_units(world: World, runtime: Runtime):
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    text = (
        "抽查领域,抽查事项,检查对象,发起部门,配合部门\n餐饮,餐饮检查,单位,市场监督管理局,消防大队\n"
    )
    answer = await upload(office, "joint-items/import", text.encode(), "a.csv")
    assert (await undo(office, answer.json()["batch_id"])).status_code == 200
    assert await count(runtime, "joint_item") == 0
    assert await count(runtime, "joint_item_unit") == 0


async def test_a_batch_is_its_departments_and_undone_by_who_may_import(
    world: World, clerk: Caller, other: Caller
):
    done = await imported(clerk, objects(1))
    path = f"import-batches/{done['batch_id']}"
    for what in ("", "/verdicts", "/marked-copy"):
        assert (await other.get(path + what)).status_code == 404
    assert (await undo(other, done["batch_id"])).status_code == 404
    leader = await world.caller(Role.DEPT_LEADER)
    assert (await leader.get(path)).status_code == 200
    assert (await undo(leader, done["batch_id"])).status_code == 403
    assert (await clerk.post(f"{path}/undo", WHY)).status_code == 428
    assert (await undo(clerk, done["batch_id"], '"7"')).status_code == 412
    assert (await other.get("import-batches")).json()["items"] == []
    listed = (await clerk.get("import-batches?kind=object&status=stored")).json()["items"]
    assert [one["id"] for one in listed] == [done["batch_id"]]
    bad = await clerk.get(f"{path}/verdicts?cursor={'_' * 21}w")
    assert (bad.status_code, bad.json()["code"]) == (422, "bad-cursor")


EVENTS = "inspection-objects/events/import"


def events_csv(*lines: str) -> bytes:
    return "\n".join(("代码,事件,日期,原因,名称", *lines)).encode()


async def test_events_come_in_the_order_of_their_days_and_only_once(
    clerk: Caller, other: Caller, runtime: Runtime
):
    mine, foreign = await make_object(clerk), await make_object(other)
    code = mine["code"]
    data = events_csv(
        f"{code},恢复经营,2026-02-10,,",
        f"{code},停业,2026-01-10,装修,",
        f"{code},变更,2026-02-01,,更名商店",
        f"{foreign['code']},吊销,2026-02-01,,",
        f"{code},吊销,2027-01-01,,",
        f"{code},飞走,2026-01-01,,",
        f"{code},变更,2026-01-01,,",
    )
    done = (await upload(clerk, EVENTS, data, "a.csv")).json()
    assert (done["created"], done["rejected_rows"]) == (3, 3)
    assert {(v["row"], v["code"]) for v in done["rejected"]} == {
        (6, "event-in-future"),
        (7, "value-unknown"),
        (8, "change-empty"),
    }
    waits = [(v["row"], v["code"]) for v in done["warnings"]]
    assert waits == [(5, "event-waits")], "whether another unit has the object is not told"
    read = (await clerk.get(f"inspection-objects/{mine['id']}")).json()
    assert (read["status"], read["name"]) == ("active", "更名商店")
    again = (await upload(clerk, EVENTS, data, "a.csv")).json()
    assert (again["created"], again["duplicate_rows"], len(again["warnings"])) == (0, 3, 1)
    refused = await undo(clerk, done["batch_id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "import-events-stay")
    late = events_csv(f"{code},变更,2026-01-15,,旧名商店", f"{code},吊销,2026-01-05,,")
    assert (await upload(clerk, EVENTS, late, "a.csv")).json()["created"] == 2
    read = (await clerk.get(f"inspection-objects/{mine['id']}")).json()
    assert (read["status"], read["name"]) == ("active", "更名商店"), "an old event rewrites nothing"
    assert await count(runtime, "object_event WHERE import_batch_id IS NOT NULL") == 5


async def test_events_can_be_an_operation(clerk: Caller, runtime: Runtime):
    code = (await make_object(clerk))["code"]
    files = {"file": ("a.csv", events_csv(f"{code},注销,2026-02-10,,"))}
    made = await clerk.request("POST", EVENTS, files=files, headers=ASYNC)
    assert made.status_code == 202
    await do(runtime, made.json())
    read = (await clerk.get(f"operations/{made.json()['id']}")).json()
    assert (read["kind"], read["status"]) == ("object_event_import", "succeeded"), read
    assert await count(runtime, "inspection_object WHERE status = 'cancelled'") == 1
