"""Teams against a naive max-flow oracle, and the explanations against the outcome they explain."""

import hashlib
import random
from collections import Counter
from itertools import combinations

import pytest

from app.domain.draw_files import OfficerLine, RecusalLine
from app.domain.draw_manifest import TeamDepartment
from app.domain.teams import Roster, TeamObject, TeamPlan, assign_teams, team_order
from app.domain.teams_explain import (
    Verdict,
    explain_choice,
    explain_unstaffable,
    keeps_team,
    substitutes,
    thinly_covered,
)
from app.domain.teams_flow import DepartmentFlow

_TASK, _OFFICER = "1" * 64, "2" * 64


def _instance(seed, objects=(2, 5), officers=(3, 8), cap=(1, 3)):
    rng = random.Random(seed)
    departments = [
        TeamDepartment("AB"[n], rng.choice((1, 2, 2, 3)), rng.random() < 0.6)
        for n in range(rng.choice((1, 1, 2)))
    ]
    regions = ["1501", "1502", "15021", "-"]
    lines = [
        OfficerLine(
            f"F{n:02}",
            rng.choice([*departments, departments[0]]).code if rng.random() < 0.95 else "X",
            rng.random() < 0.5,
            rng.choice((0, 0, 0, 1, 2)),
            rng.choice([(), (), (), ("1501",), ("1502",), ("1501", "1502"), ("15021",)]),
        )
        for n in range(rng.randint(*officers) * len(departments))
    ]
    chosen = [TeamObject(f"T{seed}.{n}", rng.choice(regions)) for n in range(rng.randint(*objects))]
    recusals = [
        RecusalLine(o.officer_code, t.code) for o in lines for t in chosen if rng.random() < 0.1
    ]
    plan = TeamPlan(
        Roster(departments, lines, recusals), chosen, rng.randint(*cap), _TASK, _OFFICER
    )
    return plan, _Oracle(departments, lines, recusals, plan.cap)


def _sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


class _Oracle:
    """DRAW.md section 3 word by word; every "can be staffed" is a maximum flow from scratch."""

    def __init__(self, departments, officers, recusals, cap):
        self.departments, self.officers, self.cap = departments, officers, cap
        self.recused = {(r.officer_code, r.object_code) for r in recusals}

    def eligible(self, officer, subject, department):
        if officer.department_code != department.code:
            return False
        if (officer.officer_code, subject.code) in self.recused:
            return False
        return not officer.regions or any(subject.region.startswith(p) for p in officer.regions)

    def full(self, objects, fixed):
        """Can all objects be staffed when these (object, department) teams have begun so?"""
        edges = {}

        def edge(a, b, capacity):
            edges.setdefault(a, {})[b] = capacity
            edges.setdefault(b, {}).setdefault(a, 0)

        given = Counter(officer for team in fixed.values() for officer in team)
        wanted = 0
        for officer in self.officers:
            edge("source", officer.officer_code, self.cap - given[officer.officer_code])
        for subject in objects:
            for department in self.departments:
                group = (subject.code, department.code)
                team = fixed.get(group, ())
                # in CHOOSE slot 1 is a lead, so only a team not begun still needs one
                need_lead = department.lead and not team
                left = department.members - len(team)
                wanted += left
                edge(group, "sink", left)
                if need_lead:
                    edge(("rest", group), group, left - 1)
                for officer in self.officers:
                    if self.eligible(officer, subject, department):
                        if officer.officer_code in team:
                            continue
                        to = group if officer.lead or not need_lead else ("rest", group)
                        edge(officer.officer_code, to, 1)
        return _max_flow(edges) == wanted

    def solve(self, objects):
        order = sorted(objects, key=lambda o: (_sha(f"{_TASK}:{o.code}"), o.code))
        accepted, unstaffable = [], []
        for subject in order:
            if self.full([*accepted, subject], {}):
                accepted.append(subject)
            else:
                unstaffable.append(subject.code)
        fixed = {}
        given = Counter()
        for subject in accepted:
            for department in self.departments:
                group = (subject.code, department.code)
                fixed[group] = ()
                for slot in range(department.members):
                    for officer in self.in_order(subject, department, given):
                        code = officer.officer_code
                        if department.lead and slot == 0 and not officer.lead:
                            continue
                        if code in fixed[group] or given[code] >= self.cap:
                            continue
                        attempt = fixed | {group: (*fixed[group], code)}
                        if self.full(accepted, attempt):
                            fixed = attempt
                            given[code] += 1
                            break
                    else:
                        raise AssertionError("no officer fits an accepted object")
        teams = tuple(
            (o.code, tuple((d.code, fixed[o.code, d.code]) for d in self.departments))
            for o in accepted
        )
        return teams, tuple(unstaffable)

    def in_order(self, subject, department, given):
        able = [o for o in self.officers if self.eligible(o, subject, department)]
        return sorted(
            able,
            key=lambda o: (
                o.load + given[o.officer_code],
                _sha(f"{_OFFICER}:{subject.code}|{o.officer_code}"),
                o.officer_code,
            ),
        )

    def full_by_trying_all(self, objects):
        """The same question by backtracking over every team of every object."""
        needs = [(o, d) for o in objects for d in self.departments]

        def fits(at, load):
            if at == len(needs):
                return True
            subject, department = needs[at]
            able = [
                o
                for o in self.officers
                if self.eligible(o, subject, department) and load[o.officer_code] < self.cap
            ]
            for team in combinations(able, department.members):
                if department.lead and not any(o.lead for o in team):
                    continue
                if fits(at + 1, load + Counter(o.officer_code for o in team)):
                    return True
            return False

        return fits(0, Counter())


def _max_flow(edges):
    flow = 0
    while True:
        seen = {"source"}

        def push(node, seen=seen):
            if node == "sink":
                return True
            for to, capacity in edges.get(node, {}).items():
                if capacity > 0 and to not in seen:
                    seen.add(to)
                    if push(to):
                        edges[node][to] -= 1
                        edges[to][node] += 1
                        return True
            return False

        if not push("source"):
            return flow
        flow += 1


def test_the_oracle_itself_agrees_with_trying_every_staffing():
    answers = Counter()
    for seed in range(300):
        plan, oracle = _instance(seed, objects=(1, 3), officers=(2, 5))
        answer = oracle.full(plan.objects, {})
        assert answer is oracle.full_by_trying_all(plan.objects), seed
        answers[answer] += 1
    assert min(answers[True], answers[False]) > 50


@pytest.mark.parametrize("block", range(6))
def test_teams_are_those_of_the_naive_oracle(block):
    seen = Counter()
    for seed in range(1000 + block * 400, 1400 + block * 400):
        plan, oracle = _instance(seed, objects=(3, 8))
        staffing = assign_teams(plan)
        assert (staffing.teams, staffing.unstaffable) == oracle.solve(plan.objects), seed
        seen["teams"] += len(staffing.teams)
        seen["unstaffable"] += len(staffing.unstaffable)
        seen["passed over"] += len(staffing.passed_over)
    # instances that never get tight would prove nothing
    assert seen["teams"] > 50
    assert seen["unstaffable"] > 50
    assert seen["passed over"] > 10


@pytest.mark.parametrize("seed", range(8))
def test_tight_draws_of_many_objects_are_those_of_the_naive_oracle(seed):
    plan, oracle = _instance(seed, objects=(14, 16), officers=(9, 11), cap=(2, 3))
    staffing = assign_teams(plan)
    assert (staffing.teams, staffing.unstaffable) == oracle.solve(plan.objects)


def test_what_earlier_searches_taught_changes_no_result(monkeypatch):
    plans = [
        _instance(seed, objects=(60, 90), officers=(14, 24), cap=(3, 9))[0] for seed in range(40)
    ]
    taught = [assign_teams(plan) for plan in plans]
    used = Counter()
    in_vain, known = DepartmentFlow._in_vain, DepartmentFlow._known_shortage

    def never_in_vain(self, *args):
        used["in vain"] += in_vain(self, *args)
        return False

    def never_known(self, *args):
        used["known"] += known(self, *args) is not None

    monkeypatch.setattr(DepartmentFlow, "_in_vain", never_in_vain)
    monkeypatch.setattr(DepartmentFlow, "_known_shortage", never_known)
    for plan, before in zip(plans, taught, strict=True):
        after = assign_teams(plan)
        assert (after.teams, after.unstaffable) == (before.teams, before.unstaffable)
        assert after.passed_over == before.passed_over
    assert min(used["in vain"], used["known"]) > 50


def test_input_order_does_not_matter():
    for seed in range(60):
        plan, oracle = _instance(seed, objects=(5, 12))
        rng = random.Random(seed)
        officers, recusals = list(oracle.officers), [
            RecusalLine(*pair) for pair in sorted(oracle.recused)
        ]  # fmt: skip
        objects = list(plan.objects)
        for each in (officers, recusals, objects):
            rng.shuffle(each)
        turned = TeamPlan(
            Roster(oracle.departments, officers, recusals), objects, plan.cap, _TASK, _OFFICER
        )
        assert assign_teams(turned).teams == assign_teams(plan).teams
        assert [o.code for o in team_order(turned)] == [o.code for o in team_order(plan)]


def test_every_unstaffable_object_has_a_short_set_and_a_funnel_that_narrows():
    found = 0
    for seed in range(120):
        plan, oracle = _instance(seed, objects=(8, 14))
        staffing = assign_teams(plan)
        for code in staffing.unstaffable:
            why = explain_unstaffable(plan, staffing, code)
            short = why.short_set
            assert short.places == len(short.officers) * plan.cap < short.needed
            subject = next(o for o in plan.objects if o.code == code)
            for funnel, department in zip(why.funnels, oracle.departments, strict=True):
                able = [o for o in oracle.officers if oracle.eligible(o, subject, department)]
                assert funnel.all_officers == len(oracle.officers)
                assert funnel.not_recused == len(able)
                assert funnel.all_officers >= funnel.in_region >= funnel.in_department
                assert funnel.in_department >= funnel.not_recused >= funnel.below_cap
                assert funnel.below_cap >= funnel.leads_below_cap
            found += 1
    assert found > 300


def test_every_choice_is_explained_by_who_ranked_better_and_why_not():
    verdicts = Counter()
    for seed in range(60):
        plan, oracle = _instance(seed, objects=(5, 9))
        staffing = assign_teams(plan)
        given = Counter()
        for code, team in staffing.teams:
            subject = next(o for o in plan.objects if o.code == code)
            for department, officers in team:
                its = next(d for d in oracle.departments if d.code == department)
                for slot, officer in enumerate(officers):
                    listed = explain_choice(plan, staffing, code, department, slot)
                    assert [c.officer for c in listed] == [
                        o.officer_code for o in oracle.in_order(subject, its, given)
                    ]
                    chosen = next(c for c in listed if c.verdict is Verdict.CHOSEN)
                    assert chosen.officer == officer
                    assert chosen.given == given[officer]
                    assert chosen.ticket == _sha(f"{_OFFICER}:{code}|{officer}")
                    before = listed[: chosen.rank - 1]
                    assert Verdict.LATER not in {c.verdict for c in before}
                    after = {c.verdict for c in listed[chosen.rank :]}
                    assert Verdict.NO_COMPLETION not in after
                    verdicts.update(c.verdict for c in listed)
                    given[officer] += 1
    assert set(verdicts) == set(Verdict)


def _plan(officers, objects, recusals=(), *, members=2, lead=True, cap=5):
    departments = [TeamDepartment("A", members, lead)]
    return TeamPlan(Roster(departments, officers, recusals), objects, cap, _TASK, _OFFICER)


_FOUR = [OfficerLine(f"F{n}", "A", n < 2, n, ("15",) if n == 3 else ()) for n in range(4)]


def test_a_place_that_becomes_free_goes_to_the_next_in_the_same_order():
    subject = TeamObject("T1", "1501")
    plan = _plan(_FOUR, [subject], [RecusalLine("F2", "T9")])
    staffing = assign_teams(plan)
    assert staffing.teams == (("T1", (("A", ("F0", "F1")),)),)
    left = substitutes(plan, staffing.teams, subject, "A", staying=["F0"], barred=["F1"])
    assert left == ["F2", "F3"]
    # when the only lead leaves, a lead must follow
    assert substitutes(plan, staffing.teams, subject, "A", staying=["F2"], barred=["F0"]) == ["F1"]
    assert substitutes(plan, (), TeamObject("T9", "16"), "A", staying=["F0"], barred=["F1"]) == []
    busy = [*staffing.teams * 5]
    assert substitutes(plan, busy, subject, "A", staying=[]) == []


def test_a_replacement_object_keeps_the_team_where_all_are_eligible():
    roster = _plan(_FOUR, [], [RecusalLine("F2", "T2")]).roster
    team = [("A", ["F2", "F3"])]
    assert keeps_team(roster, team, TeamObject("T1", "1501"))
    assert not keeps_team(roster, team, TeamObject("T2", "1501"))
    assert not keeps_team(roster, team, TeamObject("T1", "-"))
    assert not keeps_team(roster, [("A", ["GONE"])], TeamObject("T1", "1501"))


def test_objects_shielded_from_most_officers_are_listed():
    roster = _plan(_FOUR, [], [RecusalLine("F2", "T2"), RecusalLine("ELSEWHERE", "T1")]).roster
    objects = [TeamObject("T1", "1501"), TeamObject("T2", "1501"), TeamObject("T3", "16")]
    assert [(t.object_code, t.eligible) for t in thinly_covered(roster, objects)] == [
        ("T2", 3),
        ("T3", 3),
    ]


def test_the_short_set_counts_places_as_it_is_told_to_people():
    officers = [OfficerLine(f"F{n}", "A", lead=False, load=0) for n in range(7)]
    objects = [TeamObject(f"T{n}") for n in range(50)]
    plan = _plan(officers, objects, members=2, lead=False, cap=13)
    staffing = assign_teams(plan)
    assert len(staffing.teams) == 45
    short = explain_unstaffable(plan, staffing, staffing.unstaffable[0]).short_set
    assert (len(short.officers), short.places, short.needed) == (7, 91, 92)
