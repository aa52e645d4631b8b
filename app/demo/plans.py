"""Plans of a department and year: drafted, returned once, approved by another person, published."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.demo.driver import Answer, in_turns
from app.demo.stage import TaskStory, Year
from app.demo.world import SIDES
from app.domain.actor import Role
from app.domain.lifecycle import Method, ObjectKind

SPRING, AUTUMN = "spring", "autumn"
_K = ObjectKind
_WEIGHTS = {"A": 1, "B": 2, "C": 4, "D": 8, "UNRATED": 2}


def _ratio(a: int, b: int, c: int, d: int, unrated: int) -> dict[str, Any]:
    shares = {"A": a, "B": b, "C": c, "D": d, "UNRATED": unrated}
    return {"method": "ratio", "per_10000": shares}


def _total(total: int) -> dict[str, Any]:
    return {"method": "total", "total": total, "weight": _WEIGHTS}


@dataclass(frozen=True, slots=True)
class _Draft:
    """A task as the clerk thinks of it."""

    department: str
    name: str
    kinds: tuple[ObjectKind, ...]
    quota: dict[str, Any] = field(hash=False)
    wanted: Method = Method.ONSITE
    tags: tuple[str, ...] = ()
    seasons: tuple[tuple[int, str], ...] = ((2022, SPRING), (2026, SPRING))


_DRAFTS = (
    _Draft(
        "SCJG",
        "食品经营单位抽查",
        (_K.ENTERPRISE, _K.INDIVIDUAL_BUSINESS),
        _ratio(30, 60, 100, 250, 60),
        tags=("食品经营",),
    ),
    _Draft(
        "SCJG",
        "市场主体登记事项抽查",
        (_K.ENTERPRISE, _K.INDIVIDUAL_BUSINESS, _K.FARMER_COOP, _K.OTHER_ORG),
        _total(6),
        seasons=((2022, SPRING), (2026, AUTUMN)),
    ),
    _Draft(
        "SCJG",
        "产品质量网络监测",
        (_K.PRODUCT,),
        _total(3),
        wanted=Method.ONLINE,
        seasons=((2026, SPRING),),
    ),
    _Draft(
        "XFJY",
        "消防安全抽查",
        (_K.ENTERPRISE, _K.OTHER_ORG, _K.PROJECT, _K.ACTIVITY),
        _total(7),
    ),
    _Draft(
        "WJW",
        "公共场所卫生抽查",
        (_K.ENTERPRISE, _K.INDIVIDUAL_BUSINESS, _K.OTHER_ORG),
        _ratio(80, 130, 200, 400, 120),
    ),
    _Draft("NMKJ", "农资经营抽查", (_K.ENTERPRISE, _K.FARMER_COOP, _K.PRODUCT), _total(5)),
    _Draft("YJGL", "危险化学品经营抽查", (_K.ENTERPRISE, _K.PROJECT), _total(5)),
    _Draft("JYTY", "校外培训机构抽查", (_K.ENTERPRISE, _K.OTHER_ORG), _total(3)),
    _Draft("ZJJ", "在建工程质量安全抽查", (_K.ENTERPRISE, _K.PROJECT), _total(3)),
    _Draft("JTZF", "道路运输经营者抽查", (_K.ENTERPRISE, _K.INDIVIDUAL_BUSINESS), _total(3)),
    _Draft("WLJ", "文化市场经营单位抽查", (_K.INDIVIDUAL_BUSINESS, _K.ACTIVITY), _total(3)),
    _Draft("STHJ", "排污单位抽查", (_K.ENTERPRISE, _K.PROJECT), _total(3)),
)
_PERIODS = {SPRING: ((4, 1), (7, 31)), AUTUMN: ((9, 1), (11, 30))}


async def make_plans(year: Year, of: int) -> None:
    """A plan per department; the 2022 plan of one is returned first."""
    year.progress.expect(len(SIDES))
    await in_turns(_plan(year, side.code, of) for side in SIDES)


async def _plan(year: Year, code: str, of: int) -> None:
    clerk, leader = year.person(code, Role.DEPT_CLERK), year.person(code, Role.DEPT_LEADER)
    plan = await clerk.post("plans", {"year": of, "name": f"{of}年度随机抽查工作计划"})
    path = f"plans/{plan.body['id']}"
    year.made("plans")
    year.plans.append((code, plan.body["id"]))
    drafts = [one for one in _DRAFTS if one.department == code and of in dict(one.seasons)]
    for draft in drafts:
        plan = await clerk.post(f"{path}/tasks", _body(year, draft, of), etag=plan.etag)
        year.made("plan_tasks")
    if of == 2022 and code == "SCJG":
        await _too_early(year, plan)
    plan = await clerk.post(f"{path}/submit", etag=plan.etag)
    if of == 2022 and code == "WJW":
        plan = await leader.post(f"{path}/return", {"reason": "请写明比例依据"}, etag=plan.etag)
        plan = await clerk.post(f"{path}/submit", etag=plan.etag)
    own = await clerk.attempt("POST", f"{path}/approve", {"opinion": "同意"}, plan.etag)
    plan = await leader.post(f"{path}/approve", {"opinion": "同意"}, etag=plan.etag)
    body = {
        "platform_receipt_no": f"NMG-{of}-{code}",
        "site_url": f"https://www.example.gov.cn/{code.lower()}/jihua-{of}.html",
    }
    plan = await clerk.post(f"{path}/publish", body, etag=plan.etag)
    shown = await year.line.read(f"public/plans/{plan.body['plan_no']}")
    year.expect(
        f"plan-{code}-{of}-approved-by-another-and-public",
        own.status == 403 and len(shown.body["tasks"]) == len(drafts),
        plan.body["plan_no"],
    )
    year.tasks += [_story(task, code, of, drafts) for task in plan.body["tasks"]]
    year.progress.advance()


def _story(task: dict[str, Any], code: str, of: int, drafts: Sequence[_Draft]) -> TaskStory:
    season = dict(drafts[task["position"] - 1].seasons)[of]
    return TaskStory(code, of, season, task["id"], task["code"])


async def _too_early(year: Year, plan: Answer) -> None:
    """Nothing is drawn from a plan that is not published."""
    clerk = year.person("SCJG", Role.DEPT_CLERK)
    refused = await clerk.attempt(
        "POST",
        f"plan-tasks/{plan.body['tasks'][0]['id']}/draws",
        {
            "contributors": ["JWJW", "SFJ"],
            "close_at": (year.line.now() + dt.timedelta(hours=2)).isoformat(),
            "public_source": "掷骰子",
        },
    )
    year.expect(
        "nothing-is-drawn-before-the-plan-is-published",
        refused.code == "plan-not-published",
        refused.code,
    )


def _body(year: Year, draft: _Draft, of: int) -> dict[str, Any]:
    begin, end = _PERIODS[dict(draft.seasons)[of]]
    fitting = [
        item for item in year.items[draft.department] if draft.wanted.value in item["methods"]
    ]
    chosen = fitting[:3]
    known = {method for item in chosen for method in item["methods"]}
    methods = [draft.wanted.value]
    if draft.wanted is Method.ONSITE and Method.DOCUMENT.value in known:
        methods.append(Method.DOCUMENT.value)
    return {
        "name": draft.name,
        "item_ids": [item["id"] for item in chosen],
        "kinds": [kind.value for kind in draft.kinds],
        "tags": list(draft.tags),
        "quota_rule": draft.quota,
        "reserve": 2,
        "period_from": dt.date(of, *begin).isoformat(),
        "period_to": dt.date(of, *end).isoformat(),
        "methods": methods,
        "members": 2,
        "lead": True,
        "officer_cap": 6,
        "visit_cap": 1,
    }
