"""Joint plans: answered, filed by the office, drawn, and one unit behind (R10, R19).

Three of them: in 2022 one of three departments, which the office returns once; in 2026 two of two,
of which one has a department that is asked and declines. A stranger knows nothing of any draft.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.demo import visits
from app.demo.driver import Answer
from app.demo.stage import InspectionStory, TaskStory, Year
from app.domain.actor import Role
from app.domain.lifecycle import Method, ObjectKind

JOINT = "joint"


@dataclass(frozen=True, slots=True)
class JointCase:
    """A joint plan with one task, and what is particular about it."""

    year: int
    lead: str
    partners: tuple[str, ...]
    stranger: str
    number: int
    """Of the filing, in its year."""
    subject: str
    total: int
    """How many objects are drawn."""
    unwilling: tuple[str, ...] = ()
    """Asked, and declines."""
    returned: bool = False
    """The office returns it once before it files it."""
    mark: str = ""
    """What the names of its expectations end with."""

    @property
    def filing_no(self) -> str:
        """As the office gives it."""
        return f"奈双随机备〔{self.year}〕{self.number}号"

    @property
    def everybody(self) -> list[str]:
        """Who takes part, the lead first."""
        return [self.lead, *self.partners]


CASES = (
    JointCase(
        2022,
        "WLJ",
        ("XFJY", "WJW"),
        "NMKJ",
        1,
        "文化娱乐场所与消防、卫生",
        3,
        returned=True,
        mark="-WLJ-2022",
    ),
    JointCase(2026, "SCJG", ("XFJY",), "NMKJ", 1, "食品经营与消防安全", 4, unwilling=("WJW",)),
    JointCase(2026, "ZJJ", ("YJGL",), "JTZF", 2, "建筑施工与安全生产", 3, mark="-ZJJ-2026"),
)


async def make_joint_plans(year: Year, of: int) -> None:
    """From the invitation to the filing and the publication."""
    for case in CASES:
        if case.year == of:
            await _make(year, case)


async def _make(year: Year, case: JointCase) -> None:
    clerk = year.person(case.lead, Role.DEPT_CLERK)
    plan = await clerk.post(
        "plans",
        {"kind": JOINT, "year": case.year, "name": f"{case.year}年度{case.subject}联合抽查计划"},
    )
    path = f"plans/{plan.body['id']}"
    year.made("plans")
    year.plans.append((case.lead, plan.body["id"]))
    for code in (*case.partners, *case.unwilling):
        plan = await clerk.post(f"{path}/participants", {"department_code": code}, etag=plan.etag)
    plan = await clerk.post(f"{path}/tasks", _task(year, case), etag=plan.etag)
    year.made("plan_tasks")
    plan = await _answers(year, case, path, plan)
    plan = await _approved(year, case, path, plan)
    await _not_yet_filed(year, case, path, plan)
    plan = await _filed(year, case, path, plan)
    shown = {
        "platform_receipt_no": f"NMG-{case.year}-LH{case.number}",
        "site_url": f"https://www.example.gov.cn/lianhe-{case.year}-{case.number}.html",
    }
    plan = await clerk.post(f"{path}/publish", shown, etag=plan.etag)
    public = (await year.line.read(f"public/plans/{plan.body['plan_no']}")).body
    (task,) = plan.body["tasks"]
    named = [one["code"] for one in public["tasks"][0]["departments"]]
    year.expect(
        f"the-joint-plan-is-filed-and-public{case.mark}",
        public["filing_no"] == case.filing_no and named == case.everybody,
        f"{public['plan_no']} {public['filing_no']} {named}",
    )
    year.tasks.append(
        TaskStory(case.lead, case.year, JOINT, task["id"], task["code"], case.partners)
    )


def _task(year: Year, case: JointCase) -> dict[str, Any]:
    return {
        "name": f"{case.subject}联合抽查",
        "item_ids": [item["id"] for item in _onsite(year, case.lead)],
        "department_codes": [*case.partners, *case.unwilling],
        "kinds": [ObjectKind.ENTERPRISE.value],
        "quota_rule": {
            "method": "total",
            "total": case.total,
            "weight": {"A": 1, "B": 2, "C": 4, "D": 8, "UNRATED": 2},
        },
        "reserve": 2,
        "period_from": dt.date(case.year, 6, 1).isoformat(),
        "period_to": dt.date(case.year, 8, 31).isoformat(),
        "methods": [Method.ONSITE.value],
        "officer_cap": 4,
        "visit_cap": 2,
    }


def _onsite(year: Year, code: str) -> list[dict[str, Any]]:
    fitting = [item for item in year.items[code] if Method.ONSITE.value in item["methods"]]
    return fitting[:2]


async def _answers(year: Year, case: JointCase, path: str, plan: Answer) -> Answer:
    """Each accepts with its own items and team or declines; nobody submits before all have."""
    ids = {one["code"]: one["department_id"] for one in plan.body["participants"]}
    unseen = await year.person(case.stranger, Role.DEPT_CLERK).attempt("GET", path)
    year.expect(
        f"a-stranger-does-not-know-the-joint-draft{case.mark}", unseen.status == 404, unseen.code
    )
    clerk = year.person(case.lead, Role.DEPT_CLERK)
    leader = year.person(case.lead, Role.DEPT_LEADER)
    for place, code in enumerate(case.partners):
        share = {
            "task_id": plan.body["tasks"][0]["id"],
            "item_ids": [item["id"] for item in _onsite(year, code)],
        }
        accept = f"{path}/participants/{ids[code]}/accept"
        if not place:
            meddling = await leader.attempt("POST", accept, {"tasks": [share]}, plan.etag)
            year.expect(
                f"nobody-answers-for-another-department{case.mark}",
                (meddling.status, meddling.code) == (403, "another-participant"),
                meddling.code,
            )
            early = await clerk.attempt("POST", f"{path}/submit", None, plan.etag)
            year.expect(
                f"no-submission-before-all-have-answered{case.mark}",
                early.code == "participants-unanswered",
                early.code,
            )
        plan = await year.person(code, Role.DEPT_LEADER).post(
            accept, {"tasks": [share]}, etag=plan.etag
        )
    for code in case.unwilling:
        plan = await _decline(year, case, f"{path}/participants/{ids[code]}/decline", plan, code)
    said = {one["code"]: one["status"] for one in plan.body["participants"]}
    year.expect(
        f"each-department-answered-for-itself{case.mark}",
        said
        == dict.fromkeys(case.partners, "accepted") | dict.fromkeys(case.unwilling, "declined"),
        said,
    )
    return plan


async def _decline(year: Year, case: JointCase, path: str, plan: Answer, code: str) -> Answer:
    """With a reason; until then one that has not answered holds the plan up."""
    clerk = year.person(case.lead, Role.DEPT_CLERK)
    early = await clerk.attempt("POST", f"plans/{plan.body['id']}/submit", None, plan.etag)
    year.expect(
        f"who-has-not-answered-holds-the-plan-up{case.mark}",
        early.code == "participants-unanswered",
        early.code,
    )
    body = {"reason": "本年度公共场所卫生抽查已另行安排"}
    return await year.person(code, Role.DEPT_LEADER).post(path, body, etag=plan.etag)


async def _approved(year: Year, case: JointCase, path: str, plan: Answer) -> Answer:
    clerk = year.person(case.lead, Role.DEPT_CLERK)
    leader = year.person(case.lead, Role.DEPT_LEADER)
    plan = await clerk.post(f"{path}/submit", etag=plan.etag)
    return await leader.post(f"{path}/approve", {"opinion": "同意"}, etag=plan.etag)


async def _not_yet_filed(year: Year, case: JointCase, path: str, plan: Answer) -> None:
    """R10: approved is not enough, and nobody but the office files."""
    clerk = year.person(case.lead, Role.DEPT_CLERK)
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
        f"no-joint-draw-and-no-publication-before-filing{case.mark}",
        drawn.code == public.code == "plan-not-filed",
        f"{drawn.code}, {public.code}",
    )
    leader = year.person(case.lead, Role.DEPT_LEADER)
    own = await leader.attempt("POST", f"{path}/file", _filing(case), plan.etag)
    year.expect(f"only-the-office-files{case.mark}", own.status == 403, own.code)


def _filing(case: JointCase) -> dict[str, str]:
    return {"filing_no": case.filing_no, "opinion": "予以备案"}


async def _filed(year: Year, case: JointCase, path: str, plan: Answer) -> Answer:
    """With a number; what was returned goes the whole way of approval once more."""
    office = year.person("LDXZ", Role.LG_OFFICE)
    if case.returned:
        reason = {"reason": "请写明三个部门各自的检查事项"}
        plan = await office.post(f"{path}/return", reason, etag=plan.etag)
        back = plan.body
        year.expect(
            f"the-office-returns-a-joint-plan-to-draft{case.mark}",
            (back["status"], back["approved_at"]) == ("draft", None),
            back["returned_reason"],
        )
        plan = await _approved(year, case, path, plan)
    return await office.post(f"{path}/file", _filing(case), etag=plan.etag)


def _case_of(task: TaskStory) -> JointCase:
    return next(one for one in CASES if (one.lead, one.year) == (task.department, task.year))


def _by_task(stories: Sequence[InspectionStory]) -> list[list[InspectionStory]]:
    found: dict[str, list[InspectionStory]] = {}
    for story in stories:
        found.setdefault(story.task.task_id, []).append(story)
    return list(found.values())


async def check_sections(year: Year, stories: Sequence[InspectionStory]) -> None:
    """One sheet, a section per department; each sees the other's state and writes its own."""
    for of_task in _by_task(stories):
        await _check_sections(year, _case_of(of_task[0].task), of_task)


async def _check_sections(year: Year, case: JointCase, stories: Sequence[InspectionStory]) -> None:
    by_sheet: dict[str, set[str]] = {}
    for story in stories:
        by_sheet.setdefault(story.sheet_no, set()).add(story.department)
    whole = [departments == set(case.everybody) for departments in by_sheet.values()]
    year.expect(
        f"a-joint-sheet-has-a-section-per-department{case.mark}",
        len(whole) == case.total and all(whole),
        len(whole),
    )
    draw = next(one for one in year.draws if one.task_id == stories[0].task.task_id)
    year.expect(
        f"the-joint-pool-is-what-both-supervise{case.mark}",
        "NOT_SHARED" in draw.excluded.values()
        and set(draw.winners) == {story.object_code for story in stories},
        f"{len(draw.winners)} drawn, {len(draw.excluded)} left out",
    )
    theirs = next(one for one in stories if one.department == case.lead)
    path = f"inspections/{theirs.inspection_id}"
    clerk = year.person(case.partners[0], Role.DEPT_CLERK)
    seen = await clerk.get(path)
    written = await clerk.attempt("POST", f"{path}/result", {"result_code": "01"}, seen.etag)
    year.expect(
        f"another-section-is-read-and-not-written{case.mark}",
        (written.code, seen.body["whole"]) == ("another-section", False),
        written.code,
    )
    stranger = year.person(case.stranger, Role.DEPT_CLERK)
    unseen = await stranger.attempt("GET", path)
    year.expect(f"a-stranger-sees-no-section{case.mark}", unseen.status == 404, unseen.code)


async def publish_but_one(year: Year, stories: Sequence[InspectionStory]) -> None:
    """One department leaves one result unpublished: the sheet stays open and says for whom."""
    for of_task in _by_task(stories):
        await _publish_but_one(year, _case_of(of_task[0].task), of_task)


async def _publish_but_one(year: Year, case: JointCase, stories: Sequence[InspectionStory]) -> None:
    late = case.partners[-1]
    last = next(one for one in reversed(stories) if one.department == late)
    await visits.publish(year, [one for one in stories if one is not last])
    matrix, before = await _matrix(year, case, last.task), await _complete(year, last.task)
    waiting = {
        row["sheet_no"]: row["waiting_for"] for row in matrix["items"] if not row["complete"]
    }
    year.expect(
        f"the-matrix-names-whom-a-sheet-waits-for{case.mark}",
        waiting == {last.sheet_no: [late]} and not matrix["complete"],
        waiting,
    )
    await visits.publish(year, [last])
    matrix, after = await _matrix(year, case, last.task), await _complete(year, last.task)
    open_rows = [row["sheet_no"] for row in matrix["items"] if not row["complete"]]
    year.expect(
        f"the-joint-task-completes-itself{case.mark}",
        matrix["complete"] and not open_rows,
        open_rows,
    )
    year.expect(
        f"a-joint-task-is-complete-when-all-have-published-and-not-before{case.mark}",
        (before, after) == (False, True),
        f"{before}, then {after}",
    )


async def _complete(year: Year, task: TaskStory) -> bool:
    """As everybody reads it in the plan."""
    plan_no = task.code.rpartition("-")[0]
    shown = (await year.line.read(f"public/plans/{plan_no}")).body["tasks"]
    return next(bool(one["complete"]) for one in shown if one["code"] == task.code)


async def _matrix(year: Year, case: JointCase, task: TaskStory) -> dict[str, Any]:
    reader = year.person(case.partners[0], Role.DEPT_CLERK)
    return dict((await reader.get(f"plan-tasks/{task.task_id}/matrix?limit=100")).body)
