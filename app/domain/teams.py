"""Which officers visit which drawn object (DRAW.md section 3): ORDER, ACCEPT, CHOOSE.

Officers are drawn too: nobody who is recused, a lead where one is needed, nobody above the cap.
The result is a definition, not a heuristic: an object is left unstaffed only if no staffing of it
and of all accepted before exists, and each place goes to the first officer in order of load and
ticket with whom everybody can still be staffed. It refuses any choice by hand, and any tie broken
by how the computation runs. Substitutions later follow the same order (teams_explain).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.draw import HashState, ticket, ticket_hash
from app.domain.draw_files import NOWHERE, OfficerLine, RecusalLine
from app.domain.draw_manifest import TeamDepartment
from app.domain.teams_flow import DepartmentFlow

TeamOf = tuple[str, tuple[str, ...]]  # department, its officers in order of slot
Team = tuple[str, tuple[TeamOf, ...]]  # object, its departments in manifest order
_NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TeamObject:
    """A drawn object: its code and its region (digits, or `-`)."""

    code: str
    region: str = NOWHERE


class DepartmentRoster:
    """The officers of one department, by code, and who of them may serve where."""

    def __init__(self, department: TeamDepartment, officers: Iterable[OfficerLine]) -> None:
        """`officers` may be those of all departments."""
        mine = (o for o in officers if o.department_code == department.code)
        self.department = department
        self.officers = sorted(mine, key=lambda officer: officer.officer_code)
        self.index = {officer.officer_code: i for i, officer in enumerate(self.officers)}
        self.leads = frozenset(i for i, officer in enumerate(self.officers) if officer.lead)
        self._by_region: dict[str, frozenset[int]] = {}

    def of_region(self, region: str) -> frozenset[int]:
        """Who may serve in the region; one object per region, shared."""
        if region not in self._by_region:
            self._by_region[region] = frozenset(
                i for i, officer in enumerate(self.officers) if serves_region(officer, region)
            )
        return self._by_region[region]


class Roster:
    """Officers and recusals as frozen; recusals of objects nobody asks about may be left out."""

    def __init__(
        self,
        departments: Sequence[TeamDepartment],
        officers: Iterable[OfficerLine],
        recusals: Iterable[RecusalLine],
    ) -> None:
        """`departments` in manifest order."""
        self.officers = tuple(officers)
        self.departments = [DepartmentRoster(d, self.officers) for d in departments]
        self._recused: dict[str, list[str]] = {}
        for recusal in recusals:
            self._recused.setdefault(recusal.object_code, []).append(recusal.officer_code)

    def department(self, code: str) -> DepartmentRoster:
        """One department's roster; KeyError for a department that takes no part."""
        for roster in self.departments:
            if roster.department.code == code:
                return roster
        raise KeyError(code)

    def recused(self, roster: DepartmentRoster, object_code: str) -> frozenset[int]:
        """Who of the department may not meet the object."""
        codes = self._recused.get(object_code)
        if codes is None:
            return _NOBODY
        return frozenset(roster.index[code] for code in codes if code in roster.index)

    def eligible(self, roster: DepartmentRoster, subject: TeamObject) -> frozenset[int]:
        """Who of the department may visit the object: region fits, and no recusal."""
        return roster.of_region(subject.region) - self.recused(roster, subject.code)


def serves_region(officer: OfficerLine, region: str) -> bool:
    """Everywhere, or one of the officer's prefixes begins the object's region."""
    return not officer.regions or region.startswith(officer.regions)


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """All that the teams depend on. `objects` in any order: the drawn ones of all strata."""

    roster: Roster
    objects: Sequence[TeamObject]
    cap: int
    task_key: str
    officer_key: str


@dataclass(frozen=True, slots=True)
class Staffing:
    """The outcome, and what explanations need.

    `passed_over`: by (object, department, slot), officers who ranked better but with whom some
    accepted object could not have been staffed. `shortages`: by unstaffable object, the department
    and the officers of it who, taken together, have too few places.
    """

    teams: tuple[Team, ...]
    unstaffable: tuple[str, ...]
    passed_over: Mapping[tuple[str, str, int], tuple[str, ...]] = field(default_factory=dict)
    shortages: Mapping[str, tuple[str, frozenset[str]]] = field(default_factory=dict)


def team_order(plan: TeamPlan) -> list[TeamObject]:
    """Drawn objects by (task ticket, code): the order in which they are staffed and batched."""
    return sorted(plan.objects, key=lambda o: (ticket(plan.task_key, o.code), o.code))


def assign_teams(plan: TeamPlan) -> Staffing:
    """ORDER, ACCEPT and CHOOSE, exactly."""
    desks = [_Desk(plan, roster) for roster in plan.roster.departments]
    accepted: list[tuple[TeamObject, list[int]]] = []
    unstaffable: list[str] = []
    shortages: dict[str, tuple[str, frozenset[str]]] = {}
    for subject in team_order(plan):
        groups = [desk.add(subject) for desk in desks]
        short = _admit(desks, groups)
        if short is None:
            accepted.append((subject, groups))
        else:
            unstaffable.append(subject.code)
            shortages[subject.code] = short
    passed_over: dict[tuple[str, str, int], tuple[str, ...]] = {}
    teams = []
    for subject, groups in accepted:
        base = ticket_hash(plan.officer_key, subject.code + "|")
        team = []
        for desk, group in zip(desks, groups, strict=True):
            chosen, passed = desk.choose(subject, group, base)
            code = desk.roster.department.code
            team.append((code, chosen))
            passed_over |= {(subject.code, code, slot): who for slot, who in passed.items()}
        teams.append((subject.code, tuple(team)))
    return Staffing(tuple(teams), tuple(unstaffable), passed_over, shortages)


def _admit(desks: Sequence["_Desk"], groups: Sequence[int]) -> tuple[str, frozenset[str]] | None:
    """All departments or none; the first that cannot, and the officers it is short of."""
    for n, (desk, group) in enumerate(zip(desks, groups, strict=True)):
        short = desk.flow.admit(group)
        if short is not None:
            for earlier, its_group in zip(desks[:n], groups, strict=False):
                earlier.flow.withdraw(its_group)
            return desk.roster.department.code, desk.codes(short)
    return None


class _Desk:
    """One department at work: its flow, and the places given so far."""

    def __init__(self, plan: TeamPlan, roster: DepartmentRoster) -> None:
        department = roster.department
        leads = roster.leads if department.lead else None
        self.roster = roster
        self.flow = DepartmentFlow(len(roster.officers), leads, department.members, plan.cap)
        self._recusals = plan.roster
        self._codes = [officer.officer_code.encode() for officer in roster.officers]
        self._burden = [officer.load for officer in roster.officers]  # frozen load + given so far
        self._short_codes: dict[frozenset[int], frozenset[str]] = {}
        self._left = [plan.cap] * len(roster.officers)

    def add(self, subject: TeamObject) -> int:
        """A group for the object."""
        recused = self._recusals.recused(self.roster, subject.code)
        return self.flow.add_group(self.roster.of_region(subject.region), recused)

    def codes(self, short: frozenset[int]) -> frozenset[str]:
        """The officers' codes; one object for all who are short of the same officers."""
        if short not in self._short_codes:
            officers = self.roster.officers
            self._short_codes[short] = frozenset(officers[i].officer_code for i in short)
        return self._short_codes[short]

    def choose(
        self, subject: TeamObject, group: int, base: HashState
    ) -> tuple[tuple[str, ...], dict[int, tuple[str, ...]]]:
        """Slot by slot the first officer in order who leaves everybody staffed."""
        officers, department = self.roster.officers, self.roster.department
        eligible = self._recusals.eligible(self.roster, subject)
        team: list[int] = []
        passed_over: dict[int, tuple[str, ...]] = {}
        tickets: dict[int, bytes] = {}
        for slot in range(department.members):
            pool = eligible & self.roster.leads if department.lead and slot == 0 else eligible
            passed = []
            for officer in self._in_order(pool.difference(team), base, tickets):
                if self.flow.force(officer, group, team):
                    break
                passed.append(officers[officer].officer_code)
            else:
                raise AssertionError("an accepted object has no staffing")
            self.flow.settle(officer, group)
            team.append(officer)
            self._burden[officer] += 1
            self._left[officer] -= 1
            if passed:
                passed_over[slot] = tuple(passed)
        return tuple(officers[i].officer_code for i in team), passed_over

    def _in_order(
        self, pool: Iterable[int], base: HashState, tickets: dict[int, bytes]
    ) -> Iterator[int]:
        """By (load + given so far, ticket, code); tickets are computed only where they decide."""
        burden, left = self._burden, self._left
        waiting = [officer for officer in pool if left[officer] > 0]
        while waiting:
            least = min([burden[officer] for officer in waiting])
            bucket = [officer for officer in waiting if burden[officer] == least]
            for officer in bucket:
                if officer not in tickets:
                    state = base.copy()
                    state.update(self._codes[officer])
                    tickets[officer] = state.digest()
            # officers are numbered by code, so the number breaks the tie
            yield from sorted(bucket, key=lambda officer: (tickets[officer], officer))
            waiting = [officer for officer in waiting if burden[officer] > least]
