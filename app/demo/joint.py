"""One joint plan of two departments: answered, filed, drawn, and one unit behind (R10, R19).

The third department that is asked declines with a reason; a fourth knows nothing of the draft.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from app.demo import visits
from app.demo.driver import Answer
from app.demo.stage import InspectionStory, TaskStory, Year
from app.domain.actor import Role
from app.domain.lifecycle import Method, ObjectKind

JOINT = "joint"
LEAD, PARTNER, UNWILLING, STRANGER = "SCJG", "XFJY", "WJW", "NMKJ"
_YEAR = 2026
_FILING = "奈双随机备〔2026〕1号"


async def make_joint_plan(year: Year) -> None:
    """From the invitation to the filing and the publication."""
    clerk = year.person(LEAD, Role.DEPT_CLERK)
    plan = await clerk.post(
        "plans", {"kind": JOINT, "year": _YEAR, "name": f"{_YEAR}年度食品与消防联合抽查计划"}
    )
    path = f"plans/{plan.body['id']}"
    year.made("plans")
    year.plans.append((LEAD, plan.body["id"]))
    for code in (PARTNER, UNWILLING):
        plan = await clerk.post(f"{path}/participants", {"department_code": code}, etag=plan.etag)
    plan = await clerk.post(f"{path}/tasks", _task(year), etag=plan.etag)
    year.made("plan_tasks")
    plan = await _answers(year, path, plan)
    plan = await clerk.post(f"{path}/submit", etag=plan.etag)
    leader = year.person(LEAD, Role.DEPT_LEADER)
    plan = await leader.post(f"{path}/approve", {"opinion": "同意"}, etag=plan.etag)
    await _not_yet_filed(year, path, plan)
    plan = await year.person("LDXZ", Role.LG_OFFICE).post(
        f"{path}/file", {"filing_no": _FILING, "opinion": "予以备案"}, etag=plan.etag
    )
    shown = {
        "platform_receipt_no": f"NMG-{_YEAR}-LH",
        "site_url": f"https://www.example.gov.cn/lianhe-{_YEAR}.html",
    }
    plan = await clerk.post(f"{path}/publish", shown, etag=plan.etag)
    public = (await year.line.read(f"public/plans/{plan.body['plan_no']}")).body
    (task,) = plan.body["tasks"]
    named = [one["code"] for one in public["tasks"][0]["departments"]]
    year.expect(
        "the-joint-plan-is-filed-and-public",
        public["filing_no"] == _FILING and named == [LEAD, PARTNER],
        f"{public['plan_no']} {public['filing_no']} {named}",
    )
    year.tasks.append(TaskStory(LEAD, _YEAR, JOINT, task["id"], task["code"], (PARTNER,)))


def _task(year: Year) -> dict[str, Any]:
    return {
        "name": "食品经营与消防安全联合抽查",
        "item_ids": [item["id"] for item in _onsite(year, LEAD)],
        "department_codes": [PARTNER, UNWILLING],
        "kinds": [ObjectKind.ENTERPRISE.value],
        "quota_rule": {
            "method": "total",
            "total": 4,
            "weight": {"A": 1, "B": 2, "C": 4, "D": 8, "UNRATED": 2},
        },
        "reserve": 2,
        "period_from": dt.date(_YEAR, 6, 1).isoformat(),
        "period_to": dt.date(_YEAR, 8, 31).isoformat(),
        "methods": [Method.ONSITE.value],
        "officer_cap": 4,
        "visit_cap": 2,
    }


def _onsite(year: Year, code: str) -> list[dict[str, Any]]:
    fitting = [item for item in year.items[code] if Method.ONSITE.value in item["methods"]]
    return fitting[:2]


async def _answers(year: Year, path: str, plan: Answer) -> Answer:
    """One accepts with its own items and team, one declines; nobody submits before both have."""
    ids = {one["code"]: one["department_id"] for one in plan.body["participants"]}
    unseen = await year.person(STRANGER, Role.DEPT_CLERK).attempt("GET", path)
    year.expect("a-stranger-does-not-know-the-joint-draft", unseen.status == 404, unseen.code)
    clerk = year.person(LEAD, Role.DEPT_CLERK)
    share = {
        "task_id": plan.body["tasks"][0]["id"],
        "item_ids": [item["id"] for item in _onsite(year, PARTNER)],
    }
    accept = f"{path}/participants/{ids[PARTNER]}/accept"
    leader = year.person(LEAD, Role.DEPT_LEADER)
    meddling = await leader.attempt("POST", accept, {"tasks": [share]}, plan.etag)
    year.expect(
        "nobody-answers-for-another-department",
        (meddling.status, meddling.code) == (403, "another-participant"),
        meddling.code,
    )
    partner = year.person(PARTNER, Role.DEPT_LEADER)
    plan = await partner.post(accept, {"tasks": [share]}, etag=plan.etag)
    early = await clerk.attempt("POST", f"{path}/submit", None, plan.etag)
    year.expect(
        "no-submission-before-all-have-answered",
        early.code == "participants-unanswered",
        early.code,
    )
    plan = await year.person(UNWILLING, Role.DEPT_LEADER).post(
        f"{path}/participants/{ids[UNWILLING]}/decline",
        {"reason": "本年度公共场所卫生抽查已另行安排"},
        etag=plan.etag,
    )
    said = {one["code"]: one["status"] for one in plan.body["participants"]}
    year.expect(
        "each-department-answered-for-itself",
        said == {PARTNER: "accepted", UNWILLING: "declined"},
        said,
    )
    return plan


async def _not_yet_filed(year: Year, path: str, plan: Answer) -> None:
    """R10: approved is not enough."""
    clerk = year.person(LEAD, Role.DEPT_CLERK)
    draw = {
        "contributors": ["JWJW", "SFJ"],
        "close_at": (year.line.now() + dt.timedelta(hours=2)).isoformat(),
        "public_source": "掷骰子",
    }
    task_id = plan.body["tasks"][0]["id"]
    drawn = await clerk.attempt("POST", f"plan-tasks/{task_id}/draws", draw)
    shown = {"platform_receipt_no": "NMG-0", "site_url": "https://www.example.gov.cn/0.html"}
    public = await clerk.attempt("POST", f"{path}/publish", shown, plan.etag)
    year.expect(
        "no-joint-draw-and-no-publication-before-filing",
        drawn.code == public.code == "plan-not-filed",
        f"{drawn.code}, {public.code}",
    )


async def check_sections(year: Year, stories: Sequence[InspectionStory]) -> None:
    """One sheet, a section per department; each sees the other's state and writes its own."""
    by_sheet: dict[str, set[str]] = {}
    for story in stories:
        by_sheet.setdefault(story.sheet_no, set()).add(story.department)
    whole = [departments == {LEAD, PARTNER} for departments in by_sheet.values()]
    year.expect("a-joint-sheet-has-a-section-per-department", whole and all(whole), len(whole))
    draw = next(one for one in year.draws if one.task_id == stories[0].task.task_id)
    year.expect(
        "the-joint-pool-is-what-both-supervise",
        "NOT_SHARED" in draw.excluded.values() and set(draw.winners) == _objects(stories),
        f"{len(draw.winners)} drawn, {len(draw.excluded)} left out",
    )
    theirs = next(one for one in stories if one.department == LEAD)
    clerk = year.person(PARTNER, Role.DEPT_CLERK)
    path = f"inspections/{theirs.inspection_id}"
    seen = await clerk.get(path)
    written = await clerk.attempt("POST", f"{path}/result", {"result_code": "01"}, seen.etag)
    year.expect(
        "another-section-is-read-and-not-written",
        (written.code, seen.body["whole"]) == ("another-section", False),
        written.code,
    )


def _objects(stories: Sequence[InspectionStory]) -> set[str]:
    return {story.object_code for story in stories}


async def publish_but_one(year: Year, stories: Sequence[InspectionStory]) -> None:
    """One department leaves one result unpublished: the sheet stays open and says for whom."""
    last = next(one for one in reversed(stories) if one.department == PARTNER)
    await visits.publish(year, [one for one in stories if one is not last])
    matrix = await _matrix(year, last.task)
    waiting = {
        row["sheet_no"]: row["waiting_for"] for row in matrix["items"] if not row["complete"]
    }
    year.expect(
        "the-matrix-names-whom-a-sheet-waits-for",
        waiting == {last.sheet_no: [PARTNER]} and not matrix["complete"],
        waiting,
    )
    await visits.publish(year, [last])
    matrix = await _matrix(year, last.task)
    open_rows = [row["sheet_no"] for row in matrix["items"] if not row["complete"]]
    year.expect("the-joint-task-completes-itself", matrix["complete"] and not open_rows, open_rows)


async def _matrix(year: Year, task: TaskStory) -> dict[str, Any]:
    reader = year.person(PARTNER, Role.DEPT_CLERK)
    return dict((await reader.get(f"plan-tasks/{task.task_id}/matrix?limit=100")).body)
