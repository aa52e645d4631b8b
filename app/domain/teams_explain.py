"""Why this officer, why no team, and who comes next: answers computed again from the frozen facts.

None of this is published in the bundle; it is for the clerk, the officer and the auditor who ask.
It refuses to be a second opinion: it replays the outcome that `teams` gave and never chooses.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.draw import ticket
from app.domain.teams import Roster, Staffing, Team, TeamObject, TeamPlan, serves_region, team_order
from app.domain.teams_flow import DepartmentFlow


class Verdict(StrEnum):
    """Why an eligible officer did or did not get a place."""

    CHOSEN = "chosen"
    IN_TEAM = "in_team"  # has an earlier place of the same team
    AT_CAP = "at_cap"
    NOT_LEAD = "not_lead"  # the first place is for a lead
    NO_COMPLETION = "no_completion"  # with them some accepted object could not have been staffed
    LATER = "later"  # ranked behind the chosen one


@dataclass(frozen=True, slots=True)
class Candidate:
    """An eligible officer at the moment a place was filled, in order of rank (from 1)."""

    rank: int
    officer: str
    load: int
    given: int
    ticket: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many officers are left after each condition, "below cap" at the end of the draw."""

    department: str
    all_officers: int
    in_region: int
    in_department: int
    not_recused: int
    below_cap: int
    leads_below_cap: int
    needed: int
    lead_needed: bool


@dataclass(frozen=True, slots=True)
class ShortSet:
    """Officers whose places are fewer than accepted objects and this one need of them alone."""

    department: str
    officers: tuple[str, ...]
    cap: int
    places: int
    needed: int


@dataclass(frozen=True, slots=True)
class WhyUnstaffable:
    """A funnel per department, and the shortage that decided."""

    object_code: str
    funnels: tuple[Funnel, ...]
    short_set: ShortSet


@dataclass(frozen=True, slots=True)
class ThinCover:
    """An object with fewer eligible officers of a department than twice its team."""

    object_code: str
    department: str
    eligible: int
    members: int


def explain_choice(
    plan: TeamPlan, staffing: Staffing, object_code: str, department: str, slot: int
) -> list[Candidate]:
    """All eligible officers in the order in which they were asked for that place (slot from 0)."""
    given: Counter[str] = Counter()
    for code, team in staffing.teams:
        officers = next(members for dept, members in team if dept == department)
        if code == object_code:
            break
        given.update(officers)
    else:
        raise KeyError(object_code)
    earlier = officers[:slot]
    given.update(earlier)
    passed = staffing.passed_over.get((object_code, department, slot), ())
    roster = plan.roster.department(department)
    lead_only = roster.department.lead and slot == 0
    subject = next(o for o in plan.objects if o.code == object_code)
    entries = _ranked(plan, subject, department, given)
    chosen_at = next(n for n, entry in enumerate(entries) if entry[2] == officers[slot])
    found = []
    for n, (burden, its_ticket, officer) in enumerate(entries):
        lead = roster.officers[roster.index[officer]].lead
        if n == chosen_at:
            verdict = Verdict.CHOSEN
        elif officer in earlier:
            verdict = Verdict.IN_TEAM
        elif given[officer] >= plan.cap:
            verdict = Verdict.AT_CAP
        elif lead_only and not lead:
            verdict = Verdict.NOT_LEAD
        else:
            verdict = Verdict.NO_COMPLETION if officer in passed else Verdict.LATER
        load = burden - given[officer]
        found.append(Candidate(n + 1, officer, load, given[officer], its_ticket, verdict))
    return found


def explain_unstaffable(plan: TeamPlan, staffing: Staffing, object_code: str) -> WhyUnstaffable:
    """Funnels of all departments, and the short set as it stood when the object's turn came."""
    department, short = staffing.shortages[object_code]
    subject = next(o for o in plan.objects if o.code == object_code)
    served = _places_held(staffing.teams)
    funnels = tuple(
        _funnel(plan, subject, roster.department.code, served) for roster in plan.roster.departments
    )
    return WhyUnstaffable(
        object_code, funnels, _short_set(plan, staffing, subject, department, short)
    )


def substitutes(
    plan: TeamPlan,
    teams: Iterable[Team],
    subject: TeamObject,
    department: str,
    *,
    staying: Sequence[str],
    barred: Iterable[str] = (),
) -> list[str]:
    """Who may take a place that has become free, first in order first.

    `teams` as they stand now (their places count), `staying` the rest of this department's team,
    `barred` the officers who left and those found recused since. Where a lead is needed and none
    stays, only leads are named. The list may be empty: then the unit head decides on record.
    """
    served = _places_held(teams)
    roster = plan.roster.department(department)
    lead_stays = any(roster.officers[roster.index[officer]].lead for officer in staying)
    lead_only = roster.department.lead and not lead_stays
    out = {*staying, *barred}
    return [
        officer
        for _, _, officer in _ranked(plan, subject, department, served)
        if officer not in out
        and served[officer] < plan.cap
        and (not lead_only or roster.officers[roster.index[officer]].lead)
    ]


def keeps_team(roster: Roster, team: Sequence[tuple[str, Sequence[str]]], to: TeamObject) -> bool:
    """Whether a replacement object keeps a void's team: all its members are eligible for it."""
    for code, officers in team:
        department = roster.department(code)
        eligible = roster.eligible(department, to)
        if not all(department.index.get(officer, -1) in eligible for officer in officers):
            return False
    return True


def thinly_covered(roster: Roster, objects: Iterable[TeamObject]) -> Iterator[ThinCover]:
    """Objects of the pool that recusals or regions shield: fewer eligible than twice the team."""
    for subject in objects:
        for department in roster.departments:
            members = department.department.members
            count = len(department.of_region(subject.region))
            if roster.recused(department, subject.code):
                count = len(roster.eligible(department, subject))
            if count < 2 * members:
                yield ThinCover(subject.code, department.department.code, count, members)


def _ranked(
    plan: TeamPlan, subject: TeamObject, department: str, given: Counter[str]
) -> list[tuple[int, str, str]]:
    roster = plan.roster.department(department)
    return sorted(
        (
            officer.load + given[officer.officer_code],
            ticket(plan.officer_key, f"{subject.code}|{officer.officer_code}"),
            officer.officer_code,
        )
        for officer in (roster.officers[i] for i in plan.roster.eligible(roster, subject))
    )


def _places_held(teams: Iterable[Team]) -> Counter[str]:
    return Counter(officer for _, team in teams for _, officers in team for officer in officers)


def _funnel(plan: TeamPlan, subject: TeamObject, department: str, served: Counter[str]) -> Funnel:
    roster = plan.roster.department(department)
    eligible = [roster.officers[i] for i in plan.roster.eligible(roster, subject)]
    below_cap = [o for o in eligible if served[o.officer_code] < plan.cap]
    return Funnel(
        department=department,
        all_officers=len(plan.roster.officers),
        in_region=sum(serves_region(o, subject.region) for o in plan.roster.officers),
        in_department=len(roster.of_region(subject.region)),
        not_recused=len(eligible),
        below_cap=len(below_cap),
        leads_below_cap=sum(o.lead for o in below_cap),
        needed=roster.department.members,
        lead_needed=roster.department.lead,
    )


def _short_set(
    plan: TeamPlan,
    staffing: Staffing,
    subject: TeamObject,
    department: str,
    short: frozenset[str],
) -> ShortSet:
    """Count what the objects accepted before this one, and this one, need of these officers."""
    roster = plan.roster.department(department)
    leads = roster.leads if roster.department.lead else None
    flow = DepartmentFlow(len(roster.officers), leads, roster.department.members, plan.cap)
    officers = frozenset(roster.index[code] for code in short)
    unstaffable = set(staffing.unstaffable)
    needed = 0
    for each in team_order(plan):
        if each.code == subject.code or each.code not in unstaffable:
            recused = plan.roster.recused(roster, each.code)
            group = flow.add_group(roster.of_region(each.region), recused)
            needed += flow.needed_of(group, officers)
        if each.code == subject.code:
            break
    return ShortSet(department, tuple(sorted(short)), plan.cap, len(short) * plan.cap, needed)
