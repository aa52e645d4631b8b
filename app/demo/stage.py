"""Where the year has got to: who is there, what was made, what was expected and came true.

Steps write here what later steps need. Nothing here reads the service's database: every number
comes from an answer over HTTP.
"""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.demo.driver import Line, Person
from app.demo.progress import YearProgress
from app.domain.actor import Role
from app.domain.calendar import SHANGHAI

YEAR_BEGINS = dt.datetime(2022, 1, 4, 9, 0, tzinfo=SHANGHAI)
"""A service that is to play the year begins with its clock here, or is steered here first."""


def shanghai(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """An instant by the clock on the wall."""
    return dt.datetime.combine(day, dt.time(hour, minute), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something that must hold after the year."""

    name: str
    ok: bool
    detail: str


@dataclass
class DrawStory:
    """A draw, with what its witnesses noted before anybody could know the outcome."""

    department: str
    draw_id: str
    draw_no: str
    task_id: str
    contributors: tuple[str, str]
    manifest_sha256: str
    values: dict[str, str] = field(default_factory=dict, repr=False)
    commitments: dict[str, str] = field(default_factory=dict)
    commits_sha256: str = ""
    annulled: bool = False
    quota: int = 0
    winners: list[str] = field(default_factory=list)
    excluded: dict[str, str] = field(default_factory=dict)
    """Why objects of the scope are not in the pool."""
    officers_excluded: dict[str, str] = field(default_factory=dict)
    recusals: int = 0
    bundle: bytes = field(default=b"", repr=False)
    """The public proof, byte for byte."""


@dataclass
class TaskStory:
    """A plan task of the demo and its live draw."""

    department: str
    year: int
    season: str
    task_id: str
    code: str
    participants: tuple[str, ...] = ()
    """Who takes part besides the department, in a joint task."""


@dataclass
class InspectionStory:
    """One inspection on its way, with the version that its last step left."""

    department: str
    task: TaskStory
    inspection_id: str
    sheet_no: str
    object_code: str
    place: str
    team: list[str]
    """Codes of the officers, the lead first."""
    items: list[dict[str, Any]]
    methods: list[str]
    number: int
    """Decides what the officers find."""
    etag: str | None = None
    due_on: str | None = None


@dataclass
class Year:
    """Everything the steps share."""

    line: Line
    admin: Person
    progress: YearProgress
    extra_checklist: Path | None = None
    people: dict[tuple[str, str], Person] = field(default_factory=dict)
    """By department and role; officers by department and code."""
    items: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    plans: list[tuple[str, str]] = field(default_factory=list)
    """Department and id."""
    tasks: list[TaskStory] = field(default_factory=list)
    draws: list[DrawStory] = field(default_factory=list)
    inspections: list[InspectionStory] = field(default_factory=list)
    held_back: InspectionStory | None = None
    """The one inspection that stays unpublished until the rate was read."""
    cancelled: list[str] = field(default_factory=list)
    """Codes of objects cancelled before the first freeze."""
    tally: dict[str, int] = field(default_factory=dict)
    """What the steps made, by their own count; compared with what the service counts."""
    results: dict[str, int] = field(default_factory=dict)
    acknowledgements: dict[str, int] = field(default_factory=dict)
    rates: dict[str, str] = field(default_factory=dict)
    checklist_import: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    draws_verified: int = 0
    expectations: list[Expectation] = field(default_factory=list)
    _occasions: set[str] = field(default_factory=set)

    def person(self, department: str, role: Role | str) -> Person:
        """Who holds the role there, or the officer with the code."""
        return self.people[department, str(role)]

    def officer(self, story: InspectionStory) -> Person:
        """Who of the drawn team writes: one who sits at the keyboard already, or the lead."""
        team = [self.person(story.department, code) for code in story.team]
        return next((one for one in team if not one.one_time), team[0])

    def made(self, what: str, count: int = 1) -> None:
        """Count what was made."""
        self.tally[what] = self.tally.get(what, 0) + count

    def expect(self, name: str, ok: object, detail: object = "") -> None:
        """Note whether something came true."""
        self.expectations.append(Expectation(name, bool(ok), str(detail)))

    def first(self, occasion: str) -> bool:
        """Whether this is the first time: what is refused need be tried only once."""
        seen = occasion in self._occasions
        self._occasions.add(occasion)
        return not seen

    async def steer(self, instant: dt.datetime) -> None:
        """Set the service's clock, forward only."""
        if instant <= self.line.now():
            raise ValueError(f"the clock of the demo goes forward: {instant.isoformat()}")
        answer = await self.admin.post("demo/clock", {"now": instant.isoformat()})
        self.line.told(dt.datetime.fromisoformat(answer.body["now"]))
