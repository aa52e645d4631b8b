"""Checklists, objects, officers and guidelines for tests: plain async functions over HTTP callers.

Numbers are unique within the process, codes are valid; nothing here is a real person or firm.
"""

import itertools
from typing import Any

import httpx

from app.domain.actor import Role
from app.tabular.writer import write_xlsx
from tests.support.world import Caller, World

_numbers = itertools.count(1)
Body = dict[str, Any]


def item_body(**changes: Any) -> Body:
    """A publishable item with a name of its own."""
    number = next(_numbers)
    body: Body = {
        "category": "食品销售监督检查",
        "name": f"食品销售主体资格检查{number}",
        "item_class": "general",
        "risk_level": "medium",
        "legal_bases": [
            {"law": "中华人民共和国食品安全法", "article": "第一百一十条", "text": None}
        ],
        "objects": "食品销售经营者",
        "object_tags": ["食品销售"],
        "methods": ["onsite", "document"],
        "key_points": ["许可证在有效期内"],
        "materials": ["营业执照"],
    }
    return body | changes


async def make_item(clerk: Caller, **changes: Any) -> Body:
    """A draft item of the clerk's department."""
    return _made(await clerk.post("checklist-items", item_body(**changes)), 201)


def publication_body() -> Body:
    """Both facts of R01, of the days before the tests' clock."""
    return {
        "platform_receipt_no": f"XT-2026-{next(_numbers):06d}",
        "platform_published_on": "2026-02-26",
        "site_url": "https://www.example.gov.cn/qingdan.html",
        "site_published_on": "2026-02-27",
    }


async def publish_checklist(leader: Caller, **changes: Any) -> Body:
    """The department's items as its next version: the body of GET /checklist-versions/{id}."""
    body = publication_body() | changes
    return _made(await leader.post("checklist-versions", body), 201)


async def published_checklist(
    world: World, department: str = "SCJG", items: int = 2, **changes: Any
) -> tuple[Caller, Body]:
    """A clerk of the department and its checklist, published: (clerk, version with items)."""
    clerk = await world.caller(Role.DEPT_CLERK, department)
    for _ in range(items):
        await make_item(clerk, **changes)
    leader = await world.caller(Role.DEPT_LEADER, department)
    return clerk, await publish_checklist(leader)


CHECKLIST_HEAD = (
    "编制单位",
    "抽查类别",
    "抽查事项",
    "检查对象",
    "事项类别",
    "检查方式",
    "检查依据",
)


def checklist_file(*rows: tuple[str, str, str, str], unit: str = "") -> bytes:
    """A workbook of (category, item, basis, method) rows; data begin in row 2."""
    return write_xlsx(
        [
            (unit, category, item, "食品经营者", "一般", method, basis)
            for category, item, basis, method in rows
        ],
        CHECKLIST_HEAD,
    )


async def upload(caller: Caller, path: str, data: bytes, name: str = "file.xlsx") -> httpx.Response:
    """Send a file to an import."""
    return await caller.request("POST", path, files={"file": (name, data)})


def _made(answer: httpx.Response, status: int) -> Body:
    assert answer.status_code == status, answer.text
    body: Body = answer.json()
    return body
