"""What must be true after the year, read over HTTP by those who may: rates, counts, completion."""

from app.demo.cast import EXTRA
from app.demo.driver import Person, in_turns
from app.demo.joint import JOINT
from app.demo.plans import AUTUMN, SPRING
from app.demo.stage import Year
from app.demo.world import OBJECTS, OFFICERS, REGION, SIDES
from app.domain.actor import Role
from app.domain.lifecycle import AcknowledgementKind, ObjectKind, ResultCode

_RATE = f"public/publication-rate?region_code={REGION}"


async def read_rate(year: Year, moment: str) -> None:
    """公示率 as everybody reads it, an exact fraction (R20)."""
    rate = (await year.line.read(_RATE)).body["publication_rate"]
    ended, published = year.tally["inspections"], year.tally["publications"]
    year.rates[moment] = rate["fraction"]
    year.expect(
        f"publication-rate-{moment}",
        rate["fraction"] == f"{published}/{ended}" and rate["full"] == (published == ended),
        f"{rate['fraction']} = {rate['percent']}",
    )
    if year.held_back is None or moment != "before":
        return
    plan_no = year.held_back.task.code.rpartition("-")[0]
    numbers = {story.task.code.rpartition("-")[0] for story in year.inspections}
    read = {one: (await year.line.read(f"{_RATE}&plan_no={one}")).body for one in sorted(numbers)}
    short = [one for one, body in read.items() if not body["publication_rate"]["full"]]
    year.expect("one-plan-waits-for-its-last-publication", short == [plan_no], short)


async def check_freezes(year: Year) -> None:
    """The frozen scopes name who was left out, and why."""
    first = [one for one in year.draws if one.department == "SCJG" and "-2022-" in one.draw_no]
    reasons = {reason for one in year.draws for reason in one.excluded.values()}
    year.expect(
        "a-cancelled-firm-is-excluded-by-name",
        year.cancelled
        and all(one.excluded.get(code) == "CANCELLED" for one in first for code in year.cancelled),
        f"{year.cancelled}, reasons seen {sorted(reasons)}",
    )
    spring = {
        code
        for one in year.draws
        for task in year.tasks
        if task.task_id == one.task_id and (task.year, task.season) == (2026, SPRING)
        if one.department == "SCJG"
        for code in one.winners
        if code[:2] in {"91", "92"}
    }
    autumn = next(
        one
        for one in year.draws
        for task in year.tasks
        if task.task_id == one.task_id and task.season == AUTUMN
    )
    year.expect(
        "who-was-visited-this-year-is-left-out-in-autumn",
        spring
        and all(autumn.excluded.get(code) in {"CAP_REACHED", "CANCELLED"} for code in spring),
        f"{len(spring)} firms",
    )
    recusals = sum(one.recusals for one in year.draws)
    year.expect("declared-interests-became-recusals", recusals, recusals)
    officers = {reason for one in year.draws for reason in one.officers_excluded.values()}
    year.expect(
        "officers-who-can-not-go-are-left-out",
        {"ABSENT", "NO_CERTIFICATE", "CERTIFICATE_EXPIRES", "OFF_DUTY"} <= officers,
        sorted(officers),
    )


async def check_completion(year: Year) -> None:
    """Every task and every plan is complete, which nobody has set (R20)."""
    office = year.person("LDXZ", Role.LG_OFFICE)
    tasks = await in_turns(office.get(f"plan-tasks/{task.task_id}") for task in year.tasks)
    open_tasks = [one.body["code"] for one in tasks if not one.body["complete"]]
    year.expect("every-plan-task-is-complete", not open_tasks, f"{len(tasks)} tasks, {open_tasks}")
    plans = await in_turns(
        year.person(code, Role.DEPT_CLERK).get(f"plans/{plan_id}") for code, plan_id in year.plans
    )
    open_plans = [p.body["plan_no"] for p in plans if p.body["progress"] != "completed"]
    year.expect("every-plan-is-completed", not open_plans, f"{len(plans)} plans, {open_plans}")
    whole = (await year.line.read(_RATE)).body
    fractions = {name: whole[name]["fraction"] for name in ("sheets", "plan_tasks", "on_time_rate")}
    full = all(whole[name]["full"] for name in fractions)
    year.expect("sheets-and-tasks-complete-and-in-time", full, fractions)


async def check_rates(year: Year) -> None:
    """The rate of each plan, year and department counts just its own inspections (R20)."""
    wanted: dict[str, int] = {}
    for story in year.inspections:
        plan_no = story.task.code.rpartition("-")[0]
        for part in (
            f"plan_no={plan_no}",
            f"year={story.task.year}",
            f"department_code={story.department}",
        ):
            wanted[part] = wanted.get(part, 0) + 1
    read = await in_turns(year.line.read(f"{_RATE}&{part}") for part in wanted)
    seen = {
        part: answer.body["publication_rate"]["fraction"]
        for part, answer in zip(wanted, read, strict=True)
    }
    for kind, name in (("plan_no", "plan"), ("year", "year"), ("department_code", "department")):
        own = {part: count for part, count in wanted.items() if part.startswith(f"{kind}=")}
        wrong = {
            part: seen[part] for part, count in own.items() if seen[part] != f"{count}/{count}"
        }
        year.expect(f"the-rate-of-each-{name}-is-full", not wrong, wrong or f"{len(own)} rates")
    plans = sum(part.startswith("plan_no=") for part in wanted)
    year.expect("every-plan-has-a-rate", plans == len(year.plans), f"{plans} of {len(year.plans)}")


async def check_departments(year: Year) -> None:
    """Each of the ten planned and drew in both years, and holds the officers that it entered."""
    for of in (2022, 2026):
        drew = {task.department for task in year.tasks if task.year == of and task.season != JOINT}
        year.expect(
            f"each-department-drew-in-{of}",
            drew == {side.code for side in SIDES} and len(SIDES) == 10,
            sorted(drew),
        )
        shared = {
            code
            for task in year.tasks
            if task.year == of and task.season == JOINT
            for code in (task.department, *task.participants)
        }
        year.expect(f"departments-drew-jointly-in-{of}", len(shared) >= 3, sorted(shared))
    for side in SIDES:
        clerk = year.person(side.code, Role.DEPT_CLERK)
        held = await _count(clerk, "officers?")
        year.expect(f"officers-of-{side.code}", held == side.officers, f"{held}")


async def check_variety(year: Year) -> None:
    """The year shows what the field knows."""
    year.expect(
        "every-result-occurs", set(year.results) == set(ResultCode), sorted(year.results.items())
    )
    kinds = sorted(year.acknowledgements.items())
    year.expect("every-acknowledgement-occurs", set(dict(kinds)) == set(AcknowledgementKind), kinds)
    watcher = year.person("JWJW", Role.OVERSIGHT)
    for kind in ObjectKind:
        count = await _count(watcher, f"inspection-objects?kind={kind.value}")
        year.counts[f"objects_{kind.value}"] = count
        year.expect(f"objects-of-kind-{kind.value}", count > 0, count)


async def count_everything(year: Year) -> None:
    """The service's own counts, read by oversight, against what the year has made."""
    watcher = year.person("JWJW", Role.OVERSIGHT)
    paths = {
        "checklist_items": (watcher, "checklist-items?"),
        "checklist_versions": (watcher, "checklist-versions?"),
        "objects": (watcher, "inspection-objects?"),
        "officers": (watcher, "officers?"),
        "guidelines": (watcher, "guidelines?"),
        "plans": (watcher, "plans?"),
        "draws": (watcher, "draws?"),
        "inspection_sheets": (watcher, "inspection-sheets?"),
        "inspections": (watcher, "inspections?"),
        "accounts": (year.admin, "accounts?"),
    }
    for name, (reader, path) in paths.items():
        year.counts[name] = await _count(reader, path)
    year.counts["publications"] = int(
        (await year.line.read("public/results?limit=1&with_total=true")).body["total"]
    )
    differing = {
        name: (year.tally.get(name), count)
        for name, count in year.counts.items()
        if name in year.tally and year.tally[name] != count
    }
    year.expect("counted-as-made", not differing, differing or "made and counted agree")
    year.expect(
        f"{OBJECTS}-objects-and-{OFFICERS}-officers",
        (year.counts["objects"], year.counts["officers"]) == (OBJECTS, OFFICERS),
        f"{year.counts['objects']}, {year.counts['officers']}",
    )
    year.counts |= {name: n for name, n in year.tally.items() if name not in year.counts}


async def _count(reader: Person, path: str) -> int:
    joint = "" if path.endswith("?") else "&"
    return int((await reader.get(f"{path}{joint}limit=1&with_total=true")).body["total"])


async def read_the_trace(year: Year) -> None:
    """Oversight reads the trace; the supervisor the figures; neither sees what is not theirs."""
    watcher = year.person("JWJW", Role.OVERSIGHT)
    trace = (await watcher.get("audit-entries?action=draw.annulled")).body["items"]
    year.expect("the-annulment-left-a-trace", len(trace) == 1, len(trace))
    supervisor = year.person("ZFB", Role.SUPERVISOR)
    figures = (await supervisor.get("statistics/publication-rate")).body["publication_rate"]
    year.expect(
        "the-supervisor-sees-the-region",
        figures["fraction"] == year.rates.get("after"),
        figures["fraction"],
    )
    outsider = year.person(EXTRA, Role.DEPT_CLERK)
    nothing = await _count(outsider, "inspections?")
    year.expect("another-unit-sees-no-inspection", nothing == 0, nothing)
