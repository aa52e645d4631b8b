"""Ratio, validity, supervision code and key points of an item, up to what is published (N1, N3)."""

from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.actor import Role, system_actor
from app.domain.errors import RuleError
from app.models.checklist import ChecklistItem
from app.tabular.writer import write_xlsx
from tests.support.library_factories import (
    CHECKLIST_HEAD,
    item_body,
    make_item,
    publish_checklist,
    upload,
)
from tests.support.world import REGION, Caller, World

LIMITS = {
    "ratio_min_per_10000": 300,
    "ratio_max_per_10000": 500,
    "valid_from": "2026-01-01",
    "valid_to": "2028-12-31",
    "supervision_code": "01234567890123",
    "remark": "按季度安排",
}


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


async def test_what_an_item_says_is_published_and_public(clerk: Caller, world: World):
    points = [
        {"content": "许可证有效", "method": "核对原件", "yes_text": "有效", "no_text": "过期"},
        {"content": "台账完整", "method": None, "yes_text": None, "no_text": None},
    ]
    item = await make_item(clerk, **LIMITS, key_points=points)
    assert {name: item[name] for name in LIMITS} == LIMITS
    assert item["key_points"] == points
    version = await publish_checklist(await world.caller(Role.DEPT_LEADER))
    public = await clerk.get(f"public/checklist-versions/{version['id']}")
    shown = public.json()["items"][0]
    assert {name: shown[name] for name in LIMITS} == LIMITS
    assert shown["key_points"] == points


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"ratio_max_per_10000": 200}, "/ratio_max_per_10000"),
        ({"ratio_max_per_10000": 10_000}, "/ratio_max_per_10000"),
        ({"valid_to": "2025-01-01"}, "/valid_to"),
        ({"key_points": [{"content": "甲"}, {"content": "甲"}]}, "/key_points/1"),
        (
            {"legal_bases": [{"law": "食品安全法"}, {"law": "食品安全法"}]},
            "/legal_bases/1",
        ),
    ],
)
async def test_a_contradiction_is_refused_when_made_and_when_changed(
    clerk: Caller, changes: dict[str, Any], pointer: str
):
    refused = await clerk.post("checklist-items", item_body(**LIMITS | changes))
    assert (refused.status_code, refused.json()["code"]) == (422, "item-content-invalid")
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    item = await make_item(clerk, **LIMITS)
    again = await clerk.patch(f"checklist-items/{item['id']}", changes, etag='"1"')
    assert (again.status_code, again.json()["code"]) == (422, "item-content-invalid")


async def test_a_key_item_takes_all_and_can_not_become_general(clerk: Caller):
    everybody = {"ratio_min_per_10000": 10_000, "ratio_max_per_10000": 10_000}
    item = await make_item(clerk, item_class="key", **everybody)
    path = f"checklist-items/{item['id']}"
    refused = await clerk.patch(path, {"item_class": "general"}, etag='"1"')
    assert [error["code"] for error in refused.json()["errors"]] == ["general-item-takes-all"] * 2


@pytest.mark.parametrize("code", ["0123456789012", "0123456789012X", "012345678901234"])
async def test_a_supervision_code_has_fourteen_digits(clerk: Caller, code: str):
    answer = await clerk.post("checklist-items", item_body(supervision_code=code))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/supervision_code")


@pytest.mark.parametrize(
    "change",
    [
        "supervision_code = '0123456789012X'",
        "ratio_min_per_10000 = 600",
        "ratio_max_per_10000 = 10001",
        "ratio_max_per_10000 = 10000",
        "valid_to = '2025-12-31'",
        "checking_points = '{}'::jsonb",
    ],
)
async def test_the_table_refuses_what_the_rule_refuses(
    clerk: Caller, connection: AsyncConnection, change: str
):
    item = await make_item(clerk, **LIMITS)
    with pytest.raises(IntegrityError):
        async with connection.begin_nested():
            await connection.execute(
                text(f"UPDATE checklist_item SET {change} WHERE id = :id"), {"id": item["id"]}
            )


async def test_key_points_of_the_previous_release_are_kept_the_same(
    clerk: Caller, connection: AsyncConnection
):
    """It writes and reads the column of texts, while this release writes the structures."""
    item = await make_item(clerk, key_points=[{"content": "甲", "method": "看"}])
    at = {"id": item["id"]}
    read = text("SELECT key_points FROM checklist_item WHERE id = :id")
    assert await connection.scalar(read, at) == ["甲"]
    await connection.execute(
        text("UPDATE checklist_item SET key_points = '{甲,乙}' WHERE id = :id"), at
    )
    shown = (await clerk.get(f"checklist-items/{item['id']}")).json()["key_points"]
    assert [point["content"] for point in shown] == ["甲", "乙"]
    await connection.execute(
        text(
            "INSERT INTO checklist_item (id, department_id, code, status, row_version, created_at,"
            " updated_at, category, name, item_class, legal_bases, objects, object_tags, methods,"
            " key_points, materials, qualifications) SELECT gen_random_uuid(), department_id,"
            " 'OLD1', 'draft', 1, created_at, updated_at, category, '旧版', item_class, legal_bases,"
            " objects, object_tags, methods, '{丙}', materials, qualifications"
            " FROM checklist_item WHERE id = :id"
        ),
        at,
    )
    found = (await clerk.get("checklist-items?q=OLD1")).json()["items"][0]
    assert [point["content"] for point in found["key_points"]] == ["丙"]


HEAD = (
    *CHECKLIST_HEAD,
    "比例",
    "频次",
    "检查人员要求",
    "监管事项目录编码",
    "生效日期",
    "有效期",
    "备注",
    "检查要点",
    "操作方法与要领",
)
ROW = ("", "食品", "许可检查", "食品经营者", "一般", "书面检查", "《食品安全法》第一百一十条")


async def test_a_file_says_all_this_in_its_own_words(clerk: Caller):
    cells = ("3%-5%", "每年1次", "食品、特种设备", "01234567890123", "2026年1月1日", "长期", "试行")
    data = write_xlsx([(*ROW, *cells, "看证\n看台账", "核对原件\n逐页翻看")], HEAD)
    report = (await upload(clerk, "checklist-items/import", data)).json()
    assert report["created"] == 1, report
    item = (await clerk.get("checklist-items")).json()["items"][0]
    assert (item["ratio_min_per_10000"], item["ratio_max_per_10000"]) == (300, 500)
    assert (item["frequency_cap"], item["qualifications"]) == (1, ["食品", "特种设备"])
    assert item["supervision_code"] == "01234567890123"
    assert (item["valid_from"], item["valid_to"], item["remark"]) == ("2026-01-01", None, "试行")
    assert [(p["content"], p["method"]) for p in item["key_points"]] == [
        ("看证", "核对原件"),
        ("看台账", "逐页翻看"),
    ]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("比例", "100%", "general-item-takes-all"),
        ("比例", "5%-3%", "ratio-turned-round"),
        ("监管事项目录编码", "123", "supervision-code-form"),
        ("有效期", "说不清", "date-unknown"),
    ],
)
async def test_a_row_that_breaks_a_rule_is_named_and_not_stored(
    clerk: Caller, column: str, cell: str, code: str
):
    cells = [*ROW, *[""] * (len(HEAD) - len(ROW))]
    cells[HEAD.index(column)] = cell
    report = (await upload(clerk, "checklist-items/import", write_xlsx([cells], HEAD))).json()
    assert report["created"] == 0
    assert code in str(report)


async def test_a_ratio_that_is_not_understood_is_left_out_with_a_warning(clerk: Caller):
    cells = [*ROW, *[""] * (len(HEAD) - len(ROW))]
    cells[HEAD.index("比例")] = "按上级计划"
    report = (await upload(clerk, "checklist-items/import", write_xlsx([cells], HEAD))).json()
    assert report["created"] == 1
    assert "value-ignored" in str(report)


async def test_a_supervision_code_of_the_former_release_is_named_as_what_stands_in_the_way(
    clerk: Caller, world: World
):
    """Such a row breaks the constraint at any change: here by a statement that writes one."""
    item = await make_item(clerk)
    with pytest.raises(RuleError) as refused:
        async with world.runtime.database.unit_of_work(system_actor(REGION)) as uow:
            await uow.session.execute(
                update(ChecklistItem)
                .where(ChecklistItem.id == item["id"])
                .values(supervision_code="JG0123456789")
            )
    assert refused.value.refusal.code == "supervision-code-outdated"
