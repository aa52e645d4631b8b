"""Checklists, objects, officers and guidelines for tests: plain async functions over HTTP callers.

Numbers are unique within the process, codes are valid; nothing here is a real person or firm.
"""

import itertools
from typing import Any

import httpx

from app.domain.actor import Role
from app.domain.credit_code import check_character, organisation_check_character
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
        "key_points": [{"content": "许可证在有效期内", "method": "核对许可证原件"}],
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


def credit_code(number: int | None = None, prefix: str = "91") -> str:
    """A valid credit code of 奈曼旗; the organisation code inside it checks, too."""
    serial = f"MA{(next(_numbers) if number is None else number):06d}"
    body = f"{prefix}150525{serial}{organisation_check_character(serial)}"
    return body + check_character(body)


NEEDED: dict[str, Body] = {
    "product": {"model": "50 公斤"},
    "project": {"stage": "在建"},
    "activity": {"place": "大沁他拉镇示例广场"},
}
"""What an object of a kind is not known without."""


def object_body(**changes: Any) -> Body:
    """An enterprise with a valid code of its own."""
    code = changes.get("id_value") or credit_code()
    body: Body = {
        "kind": "enterprise",
        "id_scheme": "credit_code",
        "id_value": code,
        "name": f"奈曼旗示例食品有限公司{code[-8:]}",
        "area_code": "150525",
        "tags": ["食品销售"],
    }
    if changes.get("kind") in NEEDED:
        body["attributes"] = NEEDED[changes["kind"]]
    if changes.get("risk_class", "UNRATED") != "UNRATED":
        body |= {"risk_source": "信用风险分类系统", "risk_on": "2026-01-31"}
    return body | changes


async def make_object(clerk: Caller, **changes: Any) -> Body:
    """An object in the clerk's library: the body of GET /inspection-objects/{id}."""
    return _made(await clerk.post("inspection-objects", object_body(**changes)), 201)


async def make_objects(clerk: Caller, count: int, **changes: Any) -> list[Body]:
    """So many enterprises in the clerk's library."""
    return [await make_object(clerk, **changes) for _ in range(count)]


OBJECT_HEAD = (
    "统一社会信用代码",
    "名称",
    "类型",
    "登记状态",
    "责任主体代码",
    "监管标签",
    "行政区划",
)


def object_file(*rows: tuple[str, ...]) -> bytes:
    """A workbook of objects; the columns of a row may end early; data begin in row 2."""
    width = len(OBJECT_HEAD)
    return write_xlsx([(*row, *[""] * (width - len(row))) for row in rows], OBJECT_HEAD)


def officer_body(**changes: Any) -> Body:
    """An officer with a certificate that is valid for long, who may lead."""
    number = next(_numbers)
    body: Body = {
        "code": f"ZF{number:05d}",
        "name": f"执法员{number}",
        "post": "执法岗",
        "certificate_no": f"15052500{number:05d}",
        "certificate_issuer": "内蒙古自治区人民政府",
        "certificate_valid_to": "2030-12-31",
        "leader_eligible": True,
        "tags": ["食品"],
    }
    return body | changes


async def make_officer(clerk: Caller, **changes: Any) -> Body:
    """An officer of the clerk's department: the body of GET /officers/{id}."""
    return _made(await clerk.post("officers", officer_body(**changes)), 201)


async def make_officers(clerk: Caller, count: int, **changes: Any) -> list[Body]:
    """So many officers of the clerk's department."""
    return [await make_officer(clerk, **changes) for _ in range(count)]


OFFICER_HEAD = (
    "单位工号",
    "姓名",
    "执法证编号",
    "发证机关",
    "执法证有效期",
    "执法资质",
    "业务条线",
    "区域",
)


def officer_file(*rows: tuple[str, ...], head: tuple[str, ...] = OFFICER_HEAD) -> bytes:
    """A workbook of officers; the columns of a row may end early; data begin in row 2."""
    return write_xlsx([(*row, *[""] * (len(head) - len(row))) for row in rows], head)


PARTS = ("draw_principles", "methods", "contents", "procedure", "publicity", "archiving")


def guideline_body(**changes: Any) -> Body:
    """A working guide with all six parts of R06."""
    body: Body = {
        "code": f"ZY-{next(_numbers):04d}",
        "kind": "working_guide",
        "title": "食品销售监督检查工作指引",
        **{part: f"{part}:按清单和计划执行。" for part in PARTS},
        "team_size": 2,
        "notice_days": 3,
        "inspection_days": 30,
    }
    return body | changes


async def make_guideline(clerk: Caller, **changes: Any) -> Body:
    """A draft guideline of the clerk's department."""
    return _made(await clerk.post("guidelines", guideline_body(**changes)), 201)


async def upload(caller: Caller, path: str, data: bytes, name: str = "file.xlsx") -> httpx.Response:
    """Send a file to an import."""
    return await caller.request("POST", path, files={"file": (name, data)})


def _made(answer: httpx.Response, status: int) -> Body:
    assert answer.status_code == status, answer.text
    body: Body = answer.json()
    return body
