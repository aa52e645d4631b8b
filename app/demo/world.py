"""The people and things of the demo: 3,000 objects of seven kinds and 120 officers, all made up.

Everything follows from a seed and a counter under SHA-256, so that each run has the same libraries;
what must not be foreseeable (passwords, contributions to draws) is not made here. Names carry
试验 and a number, organisation codes inside the credit codes are bare counters: nobody is meant.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from app import reference
from app.domain.credit_code import check_character, organisation_check_character
from app.domain.lifecycle import IdScheme, ObjectKind, RiskClass
from app.tabular.writer import Cell

REGION = "150525"
OBJECTS = 3000
OFFICERS = 120
_T = TypeVar("_T")
_K = ObjectKind


@dataclass(frozen=True, slots=True)
class Side:
    """A department's part of the demo: how many objects of which kinds, how many officers."""

    code: str
    surname: str
    officers: int
    objects: tuple[tuple[ObjectKind, int], ...]
    tag: str
    joins: tuple[tuple[str, int], ...] = ()
    """Whose firms it supervises, too, and how many of them."""


SIDES: tuple[Side, ...] = (
    Side(
        "SCJG",
        "甲",
        30,
        (
            (_K.ENTERPRISE, 700),
            (_K.INDIVIDUAL_BUSINESS, 550),
            (_K.FARMER_COOP, 100),
            (_K.OTHER_ORG, 50),
            (_K.PRODUCT, 100),
        ),
        "食品经营",
    ),
    Side(
        "XFJY",
        "乙",
        16,
        ((_K.ENTERPRISE, 120), (_K.OTHER_ORG, 160), (_K.PROJECT, 80), (_K.ACTIVITY, 40)),
        "消防重点",
        (("SCJG", 60), ("WLJ", 20)),
    ),
    Side(
        "WJW",
        "丙",
        14,
        ((_K.ENTERPRISE, 80), (_K.INDIVIDUAL_BUSINESS, 140), (_K.OTHER_ORG, 80)),
        "公共场所",
        (("SCJG", 40), ("WLJ", 12)),
    ),
    Side(
        "NMKJ",
        "丁",
        12,
        ((_K.ENTERPRISE, 70), (_K.FARMER_COOP, 140), (_K.PRODUCT, 40)),
        "农资经营",
    ),
    Side("YJGL", "戊", 12, ((_K.ENTERPRISE, 120), (_K.PROJECT, 30)), "危化经营", (("ZJJ", 30),)),
    Side("JYTY", "己", 6, ((_K.ENTERPRISE, 20), (_K.OTHER_ORG, 60)), "校外培训"),
    Side("ZJJ", "庚", 8, ((_K.ENTERPRISE, 40), (_K.PROJECT, 60)), "在建工程"),
    Side("JTZF", "辛", 8, ((_K.ENTERPRISE, 40), (_K.INDIVIDUAL_BUSINESS, 40)), "道路运输"),
    Side(
        "WLJ",
        "壬",
        6,
        ((_K.ENTERPRISE, 20), (_K.INDIVIDUAL_BUSINESS, 40), (_K.ACTIVITY, 20)),
        "文化市场",
    ),
    Side("STHJ", "癸", 8, ((_K.ENTERPRISE, 40), (_K.PROJECT, 20)), "排污单位", (("SCJG", 20),)),
)
_TRADE = {
    _K.ENTERPRISE: ("食品", "商贸", "粮油", "建材", "化工"),
    _K.INDIVIDUAL_BUSINESS: ("副食", "餐饮", "百货", "理发", "旅馆"),
    _K.FARMER_COOP: ("种植", "养殖"),
    _K.OTHER_ORG: ("学校", "卫生院", "敬老院"),
    _K.PRODUCT: ("饮用水", "复合肥", "面粉"),
    _K.PROJECT: ("厂房", "仓库"),
    _K.ACTIVITY: ("展销", "庙会"),
}
_ENDING = {
    _K.ENTERPRISE: "有限公司",
    _K.INDIVIDUAL_BUSINESS: "店",
    _K.FARMER_COOP: "专业合作社",
    _K.OTHER_ORG: "",
    _K.PRODUCT: "(产品)",
    _K.PROJECT: "建设项目",
    _K.ACTIVITY: "活动",
}
_INDUSTRY = {_K.ENTERPRISE: "F", _K.INDIVIDUAL_BUSINESS: "H", _K.FARMER_COOP: "A"}
_REGISTRAR = {_K.ENTERPRISE: "91", _K.INDIVIDUAL_BUSINESS: "92", _K.FARMER_COOP: "93"}
_RISK = (
    *(RiskClass.A,) * 6,
    *(RiskClass.B,) * 6,
    *(RiskClass.C,) * 4,
    *(RiskClass.D,) * 2,
    *(RiskClass.UNRATED,) * 2,
)


class Chance:
    """Numbers that look random and are always the same: SHA-256 of a seed and a counter."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def below(self, bound: int) -> int:
        """A number from 0 to bound − 1; 64 bits make the bias of the remainder unmeasurable."""
        self._count += 1
        digest = hashlib.sha256(f"{self._seed}:{self._count}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % bound

    def pick(self, choices: Sequence[_T]) -> _T:
        """One of the choices."""
        return choices[self.below(len(choices))]


@dataclass(frozen=True, slots=True)
class DemoObject:
    """An object of the library as its clerk knows it."""

    department: str
    kind: ObjectKind
    scheme: IdScheme
    code: str
    name: str
    address: str
    area_code: str
    risk: RiskClass
    industry: str | None
    tags: tuple[str, ...]
    responsible: str | None


@dataclass(frozen=True, slots=True)
class DemoOfficer:
    """An officer as the clerk's list has them. There is no such person."""

    department: str
    code: str
    name: str
    certificate_no: str | None
    valid_to: str | None
    leader: bool
    tags: tuple[str, ...]
    area: str | None
    status: str


@cache
def townships() -> tuple[tuple[str, str], ...]:
    """Codes and names of the townships of 奈曼旗."""
    return tuple(
        (place.code, place.name) for place in reference.regions() if place.parent_code == REGION
    )


@cache
def demo_objects() -> tuple[DemoObject, ...]:
    """All objects; a department's subjects come before what they answer for."""
    chance = Chance("sunlot-demo-objects")
    made: list[DemoObject] = []
    for side in SIDES:
        firms: list[str] = []
        for kind, count in side.objects:
            for _ in range(count):
                found = _object(side, kind, len(made) + 1, firms, chance)
                made.append(found)
                if kind is _K.ENTERPRISE:
                    firms.append(found.code)
    return tuple(made)


def _object(
    side: Side, kind: ObjectKind, number: int, firms: Sequence[str], chance: Chance
) -> DemoObject:
    area, town = chance.pick(townships())
    scheme, code = _identifier(kind, number)
    answers_for_itself = scheme is IdScheme.CREDIT_CODE
    return DemoObject(
        department=side.code,
        kind=kind,
        scheme=scheme,
        code=code,
        name=f"奈曼旗试验{number:04d}{chance.pick(_TRADE[kind])}{_ENDING[kind]}",
        address=f"奈曼旗{town}试验路{number}号",
        area_code=area,
        risk=chance.pick(_RISK),
        industry=_INDUSTRY.get(kind),
        tags=(side.tag,) if chance.below(4) else (side.tag, "网络经营"),
        responsible=None if answers_for_itself else chance.pick(firms),
    )


def _identifier(kind: ObjectKind, number: int) -> tuple[IdScheme, str]:
    if kind is _K.PROJECT:
        return IdScheme.PROJECT_CODE, f"2021-{REGION}-47-03-{number:06d}"
    if kind in {_K.PRODUCT, _K.ACTIVITY}:
        return IdScheme.LIBRARY_CODE, f"SY-{'CP' if kind is _K.PRODUCT else 'HD'}-{number:04d}"
    body = f"{number:08d}"
    organisation = body + organisation_check_character(body)
    stem = _REGISTRAR.get(kind, "12") + REGION + organisation
    return IdScheme.CREDIT_CODE, stem + check_character(stem)


@cache
def demo_officers() -> tuple[DemoOfficer, ...]:
    """All officers; a few can not be drawn, for reasons the freeze must find."""
    return tuple(_officer(side, number) for side in SIDES for number in range(1, side.officers + 1))


def _officer(side: Side, number: int) -> DemoOfficer:
    uncertified = side.code == "SCJG" and number == side.officers
    expiring = side.code == "SCJG" and number == side.officers - 1
    return DemoOfficer(
        department=side.code,
        code=f"{side.code}-{number:03d}",
        name=f"执法员{side.surname}{number:02d}",
        certificate_no=None if uncertified else f"SY-{side.code}-{number:04d}",
        valid_to=None if uncertified else "2023-06-30" if expiring else "2030-12-31",
        leader=number % 3 != 0,
        tags=(side.tag,) if number % 2 else (),
        area=townships()[0][0] if side.code == "SCJG" and number in {9, 12} else None,
        status="暂离岗位" if side.code == "XFJY" and number == side.officers else "在岗",
    )


OBJECT_HEADERS = (
    "统一社会信用代码",
    "名称",
    "类型",
    "住所",
    "行政区划",
    "登记状态",
    "信用风险等级",
    "行业代码",
    "监管标签",
    "责任主体代码",
)
OFFICER_HEADERS = (
    "单位工号",
    "姓名",
    "职务",
    "执法证编号",
    "发证机关",
    "执法证有效期",
    "执法资质",
    "是否可任组长",
    "区域",
    "状态",
)
ISSUER = "内蒙古自治区人民政府"
_KIND_ZH = {
    _K.ENTERPRISE: "企业",
    _K.INDIVIDUAL_BUSINESS: "个体工商户",
    _K.FARMER_COOP: "农民专业合作社",
    _K.OTHER_ORG: "其他主体",
    _K.PRODUCT: "产品",
    _K.PROJECT: "项目",
    _K.ACTIVITY: "行为",
}


def object_row(found: DemoObject, tag: str | None = None) -> tuple[Cell, ...]:
    """An object as a row of the clerk's sheet; `tag` is what a joining department calls it."""
    return (
        found.code,
        found.name,
        _KIND_ZH[found.kind],
        found.address,
        found.area_code,
        "存续",
        "未分类" if found.risk is RiskClass.UNRATED else f"{found.risk.value}类",
        found.industry,
        tag or "、".join(found.tags),
        found.responsible,
    )


def officer_row(officer: DemoOfficer) -> tuple[Cell, ...]:
    """An officer as a row of the clerk's sheet."""
    return (
        officer.code,
        officer.name,
        "执法人员",
        officer.certificate_no,
        ISSUER if officer.certificate_no else None,
        officer.valid_to,
        "、".join(officer.tags),
        officer.leader,
        officer.area,
        officer.status,
    )
