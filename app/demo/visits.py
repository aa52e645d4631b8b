"""Inspections from the sheet to the publication: officers, clerk, leader, and the public's eyes.

Every step carries the version that the step before it left (If-Match); nobody looks twice.
"""

import datetime as dt
from collections.abc import Sequence

from app.demo.driver import in_turns
from app.demo.findings import acknowledgement_body, findings_body, result_body, scenario_of
from app.demo.stage import InspectionStory, TaskStory, Year, shanghai
from app.domain.actor import Role
from app.domain.calendar import SHANGHAI
from app.domain.lifecycle import Method


async def receive_sheets(year: Year, tasks: Sequence[TaskStory]) -> None:
    """The lock has made a sheet per winner, with a section per department that takes part."""
    found = await in_turns(_sheets(year, task) for task in tasks)
    fresh = [story for stories in found for story in stories]
    for number, story in enumerate(fresh, start=len(year.inspections)):
        story.number = number
    year.inspections += fresh
    year.made("inspections", len(fresh))
    year.made("inspection_sheets", len({story.sheet_no for story in fresh}))
    teams = [story for story in fresh if len(set(story.team)) < 2]
    year.expect(
        f"teams-of-two-{tasks[0].year}-{tasks[0].season}", not teams, f"{len(fresh)} inspections"
    )


async def _sheets(year: Year, task: TaskStory) -> list[InspectionStory]:
    clerk = year.person(task.department, Role.DEPT_CLERK)
    path = f"inspection-sheets?limit=100&plan_task_id={task.task_id}"
    listed = (await clerk.get(path)).body["items"]
    sheets = await in_turns(_sheet(year, task, one["id"]) for one in listed)
    return [story for stories in sheets for story in stories]


async def _sheet(year: Year, task: TaskStory, sheet_id: str) -> list[InspectionStory]:
    clerk = year.person(task.department, Role.DEPT_CLERK)
    sheet = (await clerk.get(f"inspection-sheets/{sheet_id}")).body
    return [
        InspectionStory(
            department=section["department_code"],
            task=task,
            inspection_id=section["inspection_id"],
            sheet_no=sheet["sheet_no"],
            object_code=sheet["object_code"],
            place=sheet["object"]["address"],
            team=[member["code"] for member in section["team"]],
            items=section["items"],
            methods=sheet["task"]["methods"],
            number=0,
        )
        for section in sheet["sections"]
    ]


async def give_notice(
    year: Year, stories: Sequence[InspectionStory], first: dt.date, last: dt.date
) -> None:
    """Told once, in advance, where the check is on site (R14)."""
    year.progress.expect(len(stories))
    await in_turns(_notice(year, story, first, last) for story in stories)


async def _notice(year: Year, story: InspectionStory, first: dt.date, last: dt.date) -> None:
    officer = year.officer(story)
    path = f"inspections/{story.inspection_id}"
    seen = await officer.get(path)
    story.etag = seen.etag
    if Method.ONSITE.value in story.methods:
        body = {
            "channel": ("phone", "letter", "platform", "sms")[story.number % 4],
            "recipient": "办公室",
            "visit_from": first.isoformat(),
            "visit_to": last.isoformat(),
            "materials": ["营业执照"],
        }
        sent = await officer.post(f"{path}/notice", body, etag=story.etag)
        if year.first("a second notice"):
            again = await officer.attempt("POST", f"{path}/notice", body, sent.etag)
            year.expect("told-once", again.code == "notice-already-sent", again.code)
            others = [one for one in year.inspections if one.department != story.department]
            stranger = year.person(others[0].department, Role.DEPT_CLERK)
            unseen = await stranger.attempt("GET", path)
            year.expect("another-units-inspection-is-not-there", unseen.status == 404, unseen.code)
        story.etag = sent.etag
        year.made("notices")
    year.progress.advance()


async def visit(year: Year, stories: Sequence[InspectionStory], day: dt.date) -> None:
    """The day's visits, recorded in the afternoon by an officer of the drawn team."""
    year.progress.expect(len(stories))
    await in_turns(_visit(year, story, day) for story in stories)


async def _visit(year: Year, story: InspectionStory, day: dt.date) -> None:
    scenario = scenario_of(story.number)
    officer = year.officer(story)
    path = f"inspections/{story.inspection_id}"
    began, ended = shanghai(day, 9, 30), shanghai(day, 11)
    answer = await officer.post(f"{path}/start", {"started_at": began.isoformat()}, etag=story.etag)
    record = {
        "methods": story.methods,
        "place": story.place,
        "present": "现场负责人",
        "findings": findings_body(scenario, story.items),
    }
    answer = await officer.put(f"{path}/record", record, etag=answer.etag)
    ack = acknowledgement_body(scenario, story.team)
    answer = await officer.post(f"{path}/acknowledgement", ack, etag=answer.etag)
    answer = await officer.post(f"{path}/end", {"ended_at": ended.isoformat()}, etag=answer.etag)
    story.etag, story.due_on = answer.etag, answer.body["due_on"]
    kind = scenario.acknowledged.value
    year.acknowledgements[kind] = year.acknowledgements.get(kind, 0) + 1
    year.progress.advance()


async def enter_results(year: Year, stories: Sequence[InspectionStory]) -> None:
    """The clerk enters, another person reviews; one result is returned first."""
    year.progress.expect(len(stories))
    await in_turns(_result(year, story) for story in stories)


async def _result(year: Year, story: InspectionStory) -> None:
    scenario = scenario_of(story.number)
    clerk = year.person(story.department, Role.DEPT_CLERK)
    leader = year.person(story.department, Role.DEPT_LEADER)
    path = f"inspections/{story.inspection_id}"
    if year.first("no default result"):
        empty = await clerk.attempt("POST", f"{path}/result", {}, story.etag)
        year.expect("there-is-no-default-result", empty.status == 422, empty.code)
    entered = await clerk.post(f"{path}/result", result_body(scenario), etag=story.etag)
    if year.first("a result is returned"):
        back = {"decision": "return", "opinion": "请核对检查记录"}
        returned = await leader.post(f"{path}/review", back, etag=entered.etag)
        entered = await clerk.post(f"{path}/result", result_body(scenario), etag=returned.etag)
        office = year.person("LDXZ", Role.LG_OFFICE)
        meddling = await office.attempt(
            "POST", f"{path}/review", {"decision": "approve"}, entered.etag
        )
        year.expect("the-office-writes-no-inspection", meddling.status == 403, meddling.code)
    reviewed = await leader.post(
        f"{path}/review", {"decision": "approve", "opinion": "同意公示"}, etag=entered.etag
    )
    story.etag = reviewed.etag
    code = scenario.result.value
    year.results[code] = year.results.get(code, 0) + 1
    year.progress.advance()


async def publish(year: Year, stories: Sequence[InspectionStory]) -> None:
    """Shown to everybody, each by its due date (R19)."""
    year.progress.expect(len(stories))
    await in_turns(_publish(year, story) for story in stories)
    today = year.line.now().astimezone(SHANGHAI).date()
    late = [one.sheet_no for one in stories if not one.due_on or one.due_on < today.isoformat()]
    year.expect(f"published-in-time-{today}", not late, f"{len(stories)} published, late: {late}")


async def _publish(year: Year, story: InspectionStory) -> None:
    clerk = year.person(story.department, Role.DEPT_CLERK)
    body = {"platform_receipt_no": f"NM-{story.sheet_no}"}
    path = f"inspections/{story.inspection_id}/publish"
    shown = await clerk.post(path, body, etag=story.etag)
    year.made("publications")
    if year.first("the public reads a result"):
        seen = (await year.line.read(f"public/results/{shown.body['id']}")).body
        year.expect(
            "the-public-reads-the-result",
            seen["object_code"] == story.object_code and "team" not in seen,
            seen["result_code"],
        )
        twice = await clerk.attempt("POST", path, body, shown.etag)
        year.expect("published-once", twice.status == 409, twice.code)
    year.progress.advance()


async def explain_deadline(year: Year, story: InspectionStory) -> None:
    """The 20 working days, told day by day; the National Day holiday lies between."""
    clerk = year.person(story.department, Role.DEPT_CLERK)
    path = f"inspections/{story.inspection_id}/deadline"
    told = (await clerk.get(path)).body
    counted = [day["date"] for day in told["days"] if day["number"]]
    year.expect(
        "the-deadline-is-twenty-working-days",
        len(counted) == told["working_days"] == 20 and counted[-1] == told["due_on"],
        f"{told['ended_on']} to {told['due_on']}",
    )
