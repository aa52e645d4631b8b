"""Steps and states agree; what the public is told of an item."""

import datetime as dt

import pytest

from app.domain.errors import RuleError
from app.domain.inspection_steps import STEPS, Step, check_end, check_start, require, steps_in
from app.domain.lifecycle import (
    INSPECTION_MOVES,
    FindingOutcome,
    InspectionStatus,
    ResultCode,
    may_move,
)
from app.domain.publicity import collecting_subject, item_result
from app.domain.refusals import inspections as refusals

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
LEADS_TO = {
    Step.NOTICE: {InspectionStatus.NOTIFIED},
    Step.START: {InspectionStatus.IN_PROGRESS},
    Step.END: {InspectionStatus.ENDED},
    Step.RESULT: {InspectionStatus.ENTERED},
    Step.REVIEW: {InspectionStatus.REVIEWED, InspectionStatus.ENDED},
    Step.PUBLISH: {InspectionStatus.PUBLISHED},
}


@pytest.mark.parametrize("step", LEADS_TO)
def test_a_step_that_moves_goes_along_the_moves_and_along_all_of_them(step: Step) -> None:
    for now in InspectionStatus:
        if now in STEPS[step]:
            assert all(may_move(INSPECTION_MOVES, now, then) for then in LEADS_TO[step])


def test_every_move_but_voiding_has_its_step() -> None:
    by_steps = {
        (now, then) for step, targets in LEADS_TO.items() for now in STEPS[step] for then in targets
    }
    moves = {(now, then) for now, targets in INSPECTION_MOVES.items() for then in targets}
    assert {move for move in moves if move[1] is not InspectionStatus.VOID} == by_steps


def test_what_is_final_admits_nothing() -> None:
    assert steps_in(InspectionStatus.PUBLISHED) == ()
    assert steps_in(InspectionStatus.VOID) == ()


def test_a_refused_step_names_the_state_and_what_it_admits() -> None:
    with pytest.raises(RuleError) as caught:
        require(Step.PUBLISH, InspectionStatus.ENTERED)
    assert caught.value.refusal is refusals.INSPECTION_WRONG_STATE
    assert caught.value.facts == {"status": "entered", "action": "publish", "allowed": "review"}


def test_r14_a_check_on_site_needs_its_notice_and_others_do_not() -> None:
    check_start(NOW, NOW, NOW, ["online"], None)
    check_start(NOW, NOW, NOW, ["onsite"], NOW)
    with pytest.raises(RuleError) as caught:
        check_start(NOW, NOW, NOW, ["document", "onsite"], None)
    assert caught.value.refusal.clause == "R14"


@pytest.mark.parametrize("team", [0, 1])
def test_f19_fewer_than_two_officers_end_nothing(team: int) -> None:
    check_end(NOW, NOW, NOW, 1, 2)
    with pytest.raises(RuleError) as caught:
        check_end(NOW, NOW, NOW, 1, team)
    assert caught.value.refusal is refusals.TEAM_TOO_SMALL


def test_an_item_without_a_problem_is_never_published_with_one() -> None:
    for result in ResultCode:
        assert item_result(FindingOutcome.NO_PROBLEM, result) is ResultCode.NO_PROBLEM
        assert item_result(FindingOutcome.PROBLEM, result) is result


def test_an_item_that_was_not_checked_shows_only_a_result_that_says_why() -> None:
    shown = {
        result
        for result in ResultCode
        if item_result(FindingOutcome.NOT_CHECKED, result) is not None
    }
    assert shown == {
        ResultCode.UNREACHABLE,
        ResultCode.UNCOOPERATIVE,
        ResultCode.NO_SUCH_ACTIVITY,
    }


def test_r07_a_products_result_is_collected_under_its_producer() -> None:
    producer = {"name": "某食品厂", "id_scheme": "credit_code", "id_value": "91150525MA0TEYT07L"}
    product = {"name": "某产品", "id_scheme": "library_code", "id_value": "P-1"}
    assert collecting_subject(product | {"responsible": producer}) == (
        "某食品厂",
        "91150525MA0TEYT07L",
    )
    assert collecting_subject(product | {"responsible": None}) == ("某产品", None)
