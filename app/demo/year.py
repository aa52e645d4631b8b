"""The demo year in its order: one town, ten departments, two years, every role, over HTTP.

Joint plans have a round of their own in each year.

`play_year` walks through a running service whose environment is demo; `run_demo_year` gives it a
throw-away one and writes the report. Nothing is done that a person could not do: no service call,
no SQL, and the clock is steered by the administrator, forward only.
"""

import asyncio
import datetime as dt
import json
import signal
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.clock import SystemClock
from app.demo import (
    cast,
    ceremonies,
    checklists,
    checks,
    guidelines,
    joint,
    libraries,
    people,
    plans,
    visits,
)
from app.demo.driver import Line, Person
from app.demo.joint import JOINT
from app.demo.plans import AUTUMN, SPRING
from app.demo.progress import YearProgress
from app.demo.proofs import verify_audit, verify_draws
from app.demo.report import year_report
from app.demo.stage import YEAR_BEGINS, InspectionStory, TaskStory, Year, shanghai
from app.demo.throwaway import ServiceFailed, ThrowawayService, throwaway_service
from app.domain.actor import Role
from app.local_postgres import LocalPostgresFailed

Step = tuple[str, Callable[[Year], Awaitable[None]]]
_day = dt.date


@dataclass(frozen=True, slots=True)
class _Round:
    """One season of one year, from the draw to the publication."""

    year: int
    season: str
    draw: dt.date
    notice: dt.date
    visits: tuple[dt.date, dt.date]
    results: dt.date
    publication: dt.date

    @property
    def name(self) -> str:
        return f"{self.year} {self.season}"

    def tasks(self, year: Year) -> list[TaskStory]:
        return [t for t in year.tasks if (t.year, t.season) == (self.year, self.season)]

    def inspections(self, year: Year) -> list[InspectionStory]:
        own = {task.task_id for task in self.tasks(year)}
        return [story for story in year.inspections if story.task.task_id in own]


_SPRING_2022 = _Round(
    2022,
    SPRING,
    _day(2022, 4, 11),
    _day(2022, 4, 18),
    (_day(2022, 4, 25), _day(2022, 4, 26)),
    _day(2022, 4, 28),
    _day(2022, 5, 9),
)
_JOINT_2022 = _Round(
    2022,
    JOINT,
    _day(2022, 6, 13),
    _day(2022, 6, 20),
    (_day(2022, 6, 27), _day(2022, 6, 28)),
    _day(2022, 6, 30),
    _day(2022, 7, 11),
)
_SPRING_2026 = _Round(
    2026,
    SPRING,
    _day(2026, 5, 13),
    _day(2026, 5, 18),
    (_day(2026, 5, 25), _day(2026, 5, 26)),
    _day(2026, 5, 28),
    _day(2026, 6, 4),
)
_JOINT_2026 = _Round(
    2026,
    JOINT,
    _day(2026, 6, 15),
    _day(2026, 6, 22),
    (_day(2026, 6, 25), _day(2026, 6, 26)),
    _day(2026, 6, 29),
    _day(2026, 7, 6),
)
_AUTUMN_2026 = _Round(
    2026,
    AUTUMN,
    _day(2026, 9, 7),
    _day(2026, 9, 10),
    (_day(2026, 9, 15), _day(2026, 9, 16)),
    _day(2026, 9, 18),
    _day(2026, 10, 8),
)
_IN_VAIN = _day(2026, 5, 11)
_LAST = _day(2026, 10, 12)


@dataclass(frozen=True, slots=True)
class YearOutcome:
    """The year as it was played, with the seconds of each step."""

    year: Year
    seconds: dict[str, float]

    @property
    def ok(self) -> bool:
        """Whether everything expected came true."""
        return all(one.ok for one in self.year.expectations)


class YearBrokeOff(RuntimeError):
    """A step of the year could not be taken; what had been done until then is in `outcome`."""

    def __init__(self, cause: str, outcome: YearOutcome) -> None:
        super().__init__(cause)
        self.outcome = outcome


def play_year(
    base_url: str, username: str, password: str, *, checklist: Path | None = None
) -> YearOutcome:
    """Play the year on a running service with an empty database and this administrator.

    Raises YearBrokeOff when a step is refused; an expectation that is not met does not raise.
    Afterwards the service is back at the time of the machine, where that is later.
    """
    return asyncio.run(_play(base_url, (username, password), checklist))


async def _play(base_url: str, credentials: tuple[str, str], checklist: Path | None) -> YearOutcome:
    steps = _steps()
    line = Line(base_url)
    username, password = credentials
    admin = Person(line, username, password, Role.SYSADMIN.value, None, one_time=False)
    with YearProgress(len(steps)) as progress:
        year = Year(line, admin, progress, extra_checklist=checklist)
        outcome = YearOutcome(year, progress.seconds)
        try:
            for title, act in steps:
                with progress.step(title):
                    await act(year)
        except Exception as error:
            raise YearBrokeOff(_cause(error), outcome) from error
        finally:
            await line.close()
    return outcome


def _cause(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


def _steps() -> Sequence[Step]:
    return (
        ("系统就绪 opening", _open),
        ("账号 accounts", cast.make_accounts),
        ("清单导入 checklists", checklists.import_checklists),
        ("清单公布 checklists published", checklists.publish_checklists),
        ("对象库 objects", libraries.fill_object_libraries),
        ("人员库 officers", libraries.fill_officer_libraries),
        ("专家和核定人数 experts, headcounts", people.enter_people),
        ("工作指引 guidelines", guidelines.adopt_guidelines),
        ("2022 计划 plans", _plans_2022),
        ("2022 联合计划 joint plans", partial(joint.make_joint_plans, of=2022)),
        *_round_steps(_SPRING_2022),
        *_round_steps(_JOINT_2022),
        ("2026 清单与对象 renewal", _renew),
        ("2026 计划 plans", _plans_2026),
        ("2026 联合计划 joint plans", partial(joint.make_joint_plans, of=2026)),
        ("2026 作废的抽取 annulled draw", _in_vain),
        *_round_steps(_SPRING_2026),
        ("更替 succession", ceremonies.check_succession),
        *_round_steps(_JOINT_2026),
        *_round_steps(_AUTUMN_2026),
        ("公示率 rate before", partial(checks.read_rate, moment="before")),
        ("最后一件公示 last publication", _publish_last),
        ("核对 checks", _check),
        ("核验抽取 verify draws", verify_draws),
        ("回到今天 present", _return),
    )


async def _open(year: Year) -> None:
    now = dt.datetime.fromisoformat((await year.admin.get("me")).body["now"])
    year.line.told(now)
    # A service that ran on real time before is taken back once, to where the year begins.
    answer = await year.admin.post("demo/clock", {"now": YEAR_BEGINS.isoformat()})
    year.line.told(dt.datetime.fromisoformat(answer.body["now"]))
    await cast.open_the_house(year)


async def _plans_2022(year: Year) -> None:
    await year.steer(shanghai(_day(2022, 3, 28), 9))
    await plans.make_plans(year, 2022)
    await libraries.synchronise(year)
    await year.steer(shanghai(_day(2022, 4, 8), 9))
    await libraries.change_statuses(year, "cancelled", (2, 40))
    await libraries.change_statuses(year, "suspended", (3,))


async def _renew(year: Year) -> None:
    await year.steer(shanghai(_day(2026, 2, 26), 9))
    await checklists.renew_checklist(year)
    await libraries.change_statuses(year, "revoked", (5,))


async def _plans_2026(year: Year) -> None:
    await year.steer(shanghai(_day(2026, 3, 26), 9))
    await plans.make_plans(year, 2026)


async def _in_vain(year: Year) -> None:
    await year.steer(shanghai(_IN_VAIN, 9))
    await ceremonies.draw_in_vain(year, _IN_VAIN, _SPRING_2026.tasks(year)[0])


def _round_steps(of: _Round) -> tuple[Step, ...]:
    return (
        (f"{of.name} 抽取 draws", partial(_draw, of)),
        (f"{of.name} 告知 notices", partial(_notice, of)),
        (f"{of.name} 检查 visits", partial(_visit, of)),
        (f"{of.name} 录入审核 results", partial(_results, of)),
        (f"{of.name} 公示 publication", partial(_publish, of)),
    )


async def _draw(of: _Round, year: Year) -> None:
    await year.steer(shanghai(of.draw, 9))
    await ceremonies.draw_all(year, of.draw, of.tasks(year))
    await visits.receive_sheets(year, of.tasks(year))
    if of.season == JOINT:
        await joint.check_sections(year, of.inspections(year))


async def _notice(of: _Round, year: Year) -> None:
    await year.steer(shanghai(of.notice, 9))
    await visits.give_notice(year, of.inspections(year), of.visits[0], of.visits[-1])


async def _visit(of: _Round, year: Year) -> None:
    stories = of.inspections(year)
    for place, day in enumerate(of.visits):
        await year.steer(shanghai(day, 16))
        await visits.visit(year, stories[place :: len(of.visits)], day)


async def _results(of: _Round, year: Year) -> None:
    await year.steer(shanghai(of.results, 10))
    await visits.enter_results(year, of.inspections(year))


async def _publish(of: _Round, year: Year) -> None:
    await year.steer(shanghai(of.publication, 10))
    stories = of.inspections(year)
    if of.season == JOINT:
        await joint.publish_but_one(year, stories)
        return
    if of is _AUTUMN_2026:
        year.held_back = stories.pop()
        await visits.explain_deadline(year, year.held_back)
    await visits.publish(year, stories)


async def _publish_last(year: Year) -> None:
    assert year.held_back is not None
    await year.steer(shanghai(_LAST, 10))
    await visits.publish(year, [year.held_back])
    await checks.read_rate(year, "after")


async def _check(year: Year) -> None:
    await checks.check_freezes(year)
    await checks.check_completion(year)
    await checks.check_rates(year)
    await checks.check_departments(year)
    await checks.check_variety(year)
    await checks.count_everything(year)
    await checks.read_the_trace(year)


async def _return(year: Year) -> None:
    """Leave the service at the time of the machine, unless that would turn the clock back."""
    if SystemClock().now() > year.line.now():
        await year.admin.post("demo/clock", {"now": None})


def run_demo_year(report: Path, checklist: Path | None) -> int:
    """Play the year on a service of its own, verify it, write the report; the exit status."""
    if checklist is not None and not checklist.is_file():
        print(f"no such file: {checklist}")
        return 2
    report.parent.mkdir(parents=True, exist_ok=True)
    with _interrupts():
        return _run(report, checklist)


@contextmanager
def _interrupts() -> Iterator[None]:
    """SIGTERM ends the run as Ctrl-C does, and a run in the background can be ended by both."""
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGTERM: signal.signal(signal.SIGTERM, _as_interrupt),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _as_interrupt(*_: object) -> None:
    # Not raised here: the event loop has its own way to end on SIGINT, between two steps.
    signal.raise_signal(signal.SIGINT)


def _run(report: Path, checklist: Path | None) -> int:
    began = time.monotonic()
    try:
        with throwaway_service() as service:
            started = round(time.monotonic() - began, 1)
            outcome = _played(service, checklist)
            service.stop()
            export, entries = service.export_audit()
            audit = verify_audit(export, service.anchors)
            errors = service.errors_logged()
    except KeyboardInterrupt:
        print("stopped; everything that was started is gone")
        return 130
    except (ServiceFailed, LocalPostgresFailed) as failed:
        print(failed)
        return 1
    year = outcome.year
    year.expect("every-audit-entry-is-verified", audit.ok and entries, audit.last_lines)
    year.expect("the-service-logged-no-error", not errors, errors[:5] or "none")
    document = year_report(year, {"service start": started} | outcome.seconds)
    document["audit_verified"] = audit.ok
    document["audit_entries"] = entries
    document["seconds"] = round(time.monotonic() - began, 1)
    report.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return tell(year)


def _played(service: ThrowawayService, checklist: Path | None) -> YearOutcome:
    """The outcome, whole or broken off; what broke it is an expectation that was not met."""
    try:
        return play_year(service.base_url, service.username, service.password, checklist=checklist)
    except YearBrokeOff as broken:
        traceback.print_exception(broken.__cause__)
        year = broken.outcome.year
        year.expect("the-year-was-played-to-its-end", ok=False, detail=str(broken))
        return broken.outcome


def tell(year: Year) -> int:
    """Say what was not met; the exit status."""
    failed = [one for one in year.expectations if not one.ok]
    for one in failed:
        print(f"NOT MET  {one.name}: {one.detail}")
    print(f"{len(year.expectations) - len(failed)} of {len(year.expectations)} expectations met")
    return 1 if failed else 0
