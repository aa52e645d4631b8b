"""The demo year as a stranger runs it: one command, a report, exit status 0."""

import asyncio
import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.demo.ceremonies import commitment, commits_hash
from app.demo.driver import Line, Person, in_turns
from app.demo.findings import SCENARIOS, acknowledgement_body, findings_body
from app.demo.joint import CASES
from app.demo.progress import YearProgress
from app.demo.stage import Year, shanghai
from app.demo.world import SIDES, Chance, demo_objects, demo_officers, townships
from app.demo.year import YearBrokeOff, play_year, run_demo_year, tell
from app.domain.canonical import canonical
from app.domain.credit_code import is_credit_code, is_project_code
from app.domain.draw import contribution_commit, is_code
from app.domain.lifecycle import AcknowledgementKind, IdScheme, ObjectKind, ResultCode, RiskClass
from tests.support.real_lists import CHECKLIST, a_made_list

REPO = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one run says; with another province's list, or a made one with the same troubles."""
    folder = tmp_path_factory.mktemp("demo")
    file, made = folder / "report.json", folder / "list.xlsx"
    made.write_bytes(a_made_list())
    checklist = CHECKLIST if CHECKLIST.is_file() else made
    command = [sys.executable, "-m", "app", "demo", "--report", str(file)]
    command += ["--checklist", str(checklist)]
    done = subprocess.run(
        command, cwd=REPO, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.service
def test_everything_expected_came_true(report: dict[str, Any]) -> None:
    assert len(report["expectations"]) > 200
    assert [one for one in report["expectations"] if not one["ok"]] == []
    assert report["counts"]["objects"] == 3000
    assert report["counts"]["officers"] == 120
    assert report["counts"]["plans"] == 23, "ten departments in two years, and three joint plans"


@pytest.mark.service
def test_r20_the_rate_is_full_only_after_the_last_publication(report: dict[str, Any]) -> None:
    inspections = report["counts"]["inspections"]
    assert inspections >= 120
    assert report["publication_rate_before"] == f"{inspections - 1}/{inspections}"
    assert report["publication_rate_after"] == f"{inspections}/{inspections}"


@pytest.mark.service
def test_the_verifiers_accept_every_draw_and_every_audit_entry(report: dict[str, Any]) -> None:
    drawn = [one for one in report["draws"] if not one["annulled"]]
    assert report["draws_verified"] == len(drawn) == report["counts"]["plan_tasks"]
    assert len(report["draws"]) == len(drawn) + 1
    assert report["audit_verified"] is True
    assert report["audit_entries"] > 1000


@pytest.mark.service
def test_r19_a_joint_sheet_has_a_section_of_each_department(report: dict[str, Any]) -> None:
    counts = report["counts"]
    more = counts["inspections"] - counts["inspection_sheets"]
    assert more == sum(case.total * len(case.partners) for case in CASES) == 13
    names = {one["name"] for one in report["expectations"]}
    for case in CASES:
        assert {
            f"the-joint-plan-is-filed-and-public{case.mark}",
            f"no-joint-draw-and-no-publication-before-filing{case.mark}",
            f"only-the-office-files{case.mark}",
            f"a-joint-task-is-complete-when-all-have-published-and-not-before{case.mark}",
            f"the-joint-task-completes-itself{case.mark}",
        } <= names


@pytest.mark.service
def test_each_department_is_counted_by_itself_and_each_plan_has_its_rate(
    report: dict[str, Any],
) -> None:
    names = {one["name"] for one in report["expectations"]}
    for side in SIDES:
        assert {f"objects-of-{side.code}", f"officers-of-{side.code}"} <= names
    assert {
        "the-rate-of-each-plan-is-full",
        "the-rate-of-each-year-is-full",
        "the-rate-of-each-department-is-full",
        "one-plan-waits-for-its-last-publication",
        "each-department-drew-in-2022",
        "each-department-drew-in-2026",
        "departments-drew-jointly-in-2022",
        "departments-drew-jointly-in-2026",
    } <= names


@pytest.mark.service
def test_every_result_and_every_acknowledgement_occurs(report: dict[str, Any]) -> None:
    assert set(report["results"]) == set(ResultCode)
    assert set(report["acknowledgements"]) == set(AcknowledgementKind)


@pytest.mark.service
def test_of_a_list_of_another_place_every_item_is_taken_or_its_row_named(
    report: dict[str, Any],
) -> None:
    told = report["checklist_import"]
    created, rejected = (293, 0) if CHECKLIST.is_file() else (6, 1)
    assert told["created"] == len(told["taken"]) == created
    assert told["rejected_rows"] == rejected
    assert told["rejected_rows"] == len({one["row"] for one in told["rejected"]})
    assert all(one["code"] and one["zh"] and one["en"] for one in told["rejected"])


def test_an_expectation_that_is_not_met_is_exit_status_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = Line("http://127.0.0.1:9")
    admin = Person(line, "sysadmin", "-", "sysadmin", None)
    year = Year(line, admin, YearProgress(1))
    year.expect("a-thing", ok=True)
    assert tell(year) == 0
    year.expect("another-thing", ok=False, detail="1 of 2")
    assert tell(year) == 1
    assert "another-thing: 1 of 2" in capsys.readouterr().out


async def test_the_clock_of_the_year_goes_forward_only() -> None:
    line = Line("http://127.0.0.1:9")
    line.told(shanghai(dt.date(2022, 4, 1), 9))
    year = Year(line, Person(line, "sysadmin", "-", "sysadmin", None), YearProgress(1))
    with pytest.raises(ValueError, match="forward"):
        await year.steer(shanghai(dt.date(2022, 3, 31), 9))
    await line.close()


def test_a_year_that_breaks_off_says_why_and_keeps_what_was_done() -> None:
    with pytest.raises(YearBrokeOff, match="ConnectError") as broken:
        play_year("http://127.0.0.1:9", "sysadmin", "no password")
    assert broken.value.outcome.year.expectations == []


def test_no_list_is_an_error_before_anything_is_started(tmp_path: Path) -> None:
    assert run_demo_year(tmp_path / "report.json", tmp_path / "none.xlsx") == 2
    assert not (tmp_path / "report.json").exists()


async def test_work_in_turns_keeps_the_order_and_stops_at_the_first_failure() -> None:
    begun = []

    async def job(number: int) -> int:
        begun.append(number)
        await asyncio.sleep(0)
        if number == 5:
            raise ValueError(number)
        return number * 2

    assert await in_turns((job(n) for n in range(4)), at_once=2) == [0, 2, 4, 6]
    begun.clear()
    with pytest.raises(ExceptionGroup):
        await in_turns((job(n) for n in range(100)), at_once=2)
    assert max(begun) < 10


def test_the_objects_are_of_all_kinds_and_classes_with_codes_that_check() -> None:
    objects = demo_objects()
    assert len({found.code for found in objects}) == len(objects) == 3000
    assert {found.kind for found in objects} == set(ObjectKind)
    assert {found.risk for found in objects} == set(RiskClass)
    areas = {code for code, _ in townships()}
    for found in objects:
        assert is_code(found.code)
        assert found.area_code in areas
        if found.scheme is IdScheme.CREDIT_CODE:
            assert is_credit_code(found.code)
        else:
            assert is_credit_code(found.responsible or "")
        if found.scheme is IdScheme.PROJECT_CODE:
            assert is_project_code(found.code)


def test_the_officers_are_120_of_ten_departments_some_not_fit_to_be_drawn() -> None:
    officers = demo_officers()
    assert len({one.code for one in officers}) == 120
    assert len({one.department for one in officers}) == 10
    assert any(one.certificate_no is None for one in officers)
    assert any(one.status != "在岗" for one in officers)
    leaders = {one.department for one in officers if one.leader}
    assert leaders == {one.department for one in officers}


def test_a_joint_plan_is_of_both_years_and_one_has_three_departments() -> None:
    assert {case.year for case in CASES} == {2022, 2026}
    assert max(len(case.everybody) for case in CASES) == 3
    known = {side.code for side in SIDES}
    for case in CASES:
        others = {*case.unwilling, case.stranger}
        assert {*case.everybody, *others} <= known
        assert not others & set(case.everybody)
    assert len({(case.year, case.number) for case in CASES}) == len(CASES)


def test_the_same_seed_gives_the_same_world() -> None:
    first, second, other = Chance("a"), Chance("a"), Chance("b")
    numbers = [first.below(1000) for _ in range(50)]
    assert numbers == [second.below(1000) for _ in range(50)]
    assert numbers != [other.below(1000) for _ in range(50)]


def test_the_witnesses_compute_what_the_service_computes() -> None:
    made = commitment("ab" * 32, "JWJW", "4-1-6." + "0" * 32)
    assert made == contribution_commit("ab" * 32, "JWJW", "4-1-6." + "0" * 32)
    commits = {"SFJ": made, "JWJW": "cd" * 32}
    assert json.dumps(commits, sort_keys=True, separators=(",", ":")) == canonical(commits).decode()
    assert len(commits_hash(commits)) == 64


def test_the_scenarios_cover_the_eight_results_and_the_four_acknowledgements() -> None:
    assert {one.result for one in SCENARIOS} == set(ResultCode)
    assert {one.acknowledged for one in SCENARIOS} == set(AcknowledgementKind)
    items = [{"id": "1"}, {"id": "2"}]
    for one in SCENARIOS:
        assert len(findings_body(one, items)) == 2
        body = acknowledgement_body(one, ["SCJG-001", "SCJG-002"])
        signed = one.acknowledged in {AcknowledgementKind.SIGNED, AcknowledgementKind.SEALED}
        assert signed == ("signer" in body) != ("reason" in body)
