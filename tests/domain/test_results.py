"""The eight results and what each needs on record (DOMAIN s.6.1); acknowledgements (R16)."""

from dataclasses import replace

import pytest

from app.domain.lifecycle import FindingOutcome, ResultCode
from app.domain.results import (
    AcknowledgementFacts,
    FollowUpFact,
    ResultFacts,
    ResultThresholds,
    check_acknowledgement,
    check_result,
    witness_is_advised,
)

CLEAN = ResultFacts([FindingOutcome.NO_PROBLEM, FindingOutcome.NO_PROBLEM])
FAULTY = ResultFacts([FindingOutcome.NO_PROBLEM, FindingOutcome.PROBLEM])
OPEN = FollowUpFact("case_filing", is_open=True)
CLOSED = FollowUpFact("rectify_order", is_open=False)

FITTING = {
    "01": CLEAN,
    "02": replace(FAULTY, follow_ups=[CLOSED]),
    "03": replace(FAULTY, follow_ups=[OPEN]),
    "04": replace(ResultFacts([FindingOutcome.NOT_CHECKED]), visits=1, contact_attempts=1),
    "05": replace(FAULTY, has_rectification=True),
    "06": replace(ResultFacts([FindingOutcome.NOT_CHECKED]), evidence=1, has_witness=True),
    "07": replace(ResultFacts([FindingOutcome.NOT_CHECKED]), has_library_feedback=True),
    "08": replace(FAULTY, follow_ups=[CLOSED, OPEN]),
}


def said(code, facts, **more):
    return [(error.code, error.pointer) for error in check_result(code, facts, **more)]


def test_each_of_the_eight_results_has_a_record_that_fits_it():
    assert set(FITTING) == {code.value for code in ResultCode}
    for code, facts in FITTING.items():
        assert said(code, facts) == []


@pytest.mark.parametrize("code", [None, ""])
def test_there_is_no_default_result(code):
    assert said(code, CLEAN) == [("result-missing", "/result_code")]


@pytest.mark.parametrize("code", ["00", "09", "1", "正常"])
def test_a_ninth_result_does_not_exist(code):
    assert said(code, CLEAN) == [("result-unknown", "/result_code")]


@pytest.mark.parametrize("code", list(FITTING))
def test_a_record_without_items_has_no_result(code):
    assert said(code, replace(FITTING[code], outcomes=[])) == [("result-no-item", "/findings")]


def test_01_needs_every_item_checked_and_no_problem_and_no_follow_up():
    outcomes = [FindingOutcome.NOT_CHECKED, FindingOutcome.PROBLEM, FindingOutcome.NO_PROBLEM]
    assert said("01", ResultFacts(outcomes, follow_ups=[CLOSED])) == [
        ("result-item-unchecked", "/findings/0/outcome"),
        ("result-item-problem", "/findings/1/outcome"),
        ("result-follow-up-forbidden", "/follow_ups"),
    ]


@pytest.mark.parametrize("code", ["02", "03", "05", "08"])
def test_a_result_that_speaks_of_a_problem_needs_one_recorded(code):
    facts = replace(FITTING[code], outcomes=CLEAN.outcomes)
    assert said(code, facts) == [("result-no-problem-recorded", "/findings")]


def test_02_needs_an_order_to_rectify_or_a_lead():
    assert said("02", FAULTY) == [("result-order-or-lead-required", "/follow_ups")]
    assert said("02", replace(FAULTY, follow_ups=[OPEN])) != []
    lead = FollowUpFact("abnormal_list_lead", is_open=True)
    assert said("02", replace(FAULTY, follow_ups=[lead])) == []
    assert said("02", replace(FAULTY, has_rectification=True)) == []


def test_03_needs_a_follow_up():
    assert said("03", FAULTY) == [("result-follow-up-required", "/follow_ups")]


def test_04_needs_visits_and_contact_attempts_as_many_as_local_rule_asks():
    assert said("04", replace(FITTING["04"], visits=0, contact_attempts=0)) == [
        ("result-visits-required", "/visits"),
        ("result-contact-required", "/contact_attempts"),
    ]
    stricter = ResultThresholds(visits=1, contact_attempts=3)
    assert said("04", FITTING["04"], thresholds=stricter) == [
        ("result-contact-required", "/contact_attempts")
    ]
    (error,) = check_result("04", FITTING["04"], stricter)
    assert "3" in error.zh
    assert "3" in error.en


def test_05_needs_a_record_of_the_rectification():
    assert said("05", FAULTY) == [("result-rectification-required", "/rectification")]


def test_06_needs_evidence_and_a_witness():
    assert said("06", ResultFacts([FindingOutcome.NOT_CHECKED])) == [
        ("result-evidence-required", "/evidence"),
        ("result-witness-required", "/witness"),
    ]


def test_07_needs_feedback_to_the_library_and_no_problem():
    assert said("07", FAULTY) == [
        ("result-item-problem", "/findings/1/outcome"),
        ("result-feedback-required", "/library_feedback"),
    ]


def test_08_needs_a_follow_up_that_is_still_open():
    assert said("08", FAULTY) == [("result-open-follow-up-required", "/follow_ups")]
    assert said("08", replace(FAULTY, follow_ups=[CLOSED])) == [
        ("result-open-follow-up-required", "/follow_ups")
    ]


TEAM = ("SCJG-001", "SCJG-002")
REASON = "当事人拒绝签字,称须请示总部"


def acknowledged(kind, **facts):
    told = AcknowledgementFacts(kind, **{"team": TEAM, **facts})
    return [(error.code, error.pointer) for error in check_acknowledgement(told)]


def test_r16_each_kind_has_a_record_that_fits_it():
    assert acknowledged("signed", signer="张某") == []
    assert acknowledged("sealed", signer="某商店") == []
    assert acknowledged("refused", reason=REASON, noted_by=TEAM) == []
    assert acknowledged("absent", reason=REASON) == []


@pytest.mark.parametrize("kind", ["signed", "sealed"])
@pytest.mark.parametrize("signer", [None, "", "  "])
def test_r16_a_signature_or_seal_names_who_gave_it(kind, signer):
    assert acknowledged(kind, signer=signer) == [("acknowledgement-signer", "/signer")]


@pytest.mark.parametrize(
    "reason", [None, "", "不在", "一二三四五六七八九", "  拒绝        签字  "[:9]]
)
def test_r16_without_signature_the_reason_has_ten_characters(reason):
    assert acknowledged("absent", reason=reason) == [("acknowledgement-reason", "/reason")]


def test_r16_ten_characters_are_enough_and_blanks_around_do_not_count():
    assert acknowledged("absent", reason="一二三四五六七八九十") == []
    assert acknowledged("absent", reason=" 一二三四五六七八九 ") != []


@pytest.mark.parametrize("noted_by", [(), TEAM[:1], (TEAM[0], TEAM[0])])
def test_r16_a_refusal_is_noted_by_two_officers(noted_by):
    assert acknowledged("refused", reason=REASON, noted_by=noted_by) == [
        ("acknowledgement-note", "/noted_by")
    ]


def test_r16_who_notes_a_refusal_belongs_to_the_team():
    noted_by = (TEAM[0], "WJW-009")
    assert acknowledged("refused", reason=REASON, noted_by=noted_by) == [
        ("acknowledgement-note-stranger", "/noted_by/1")
    ]


def test_r16_a_fifth_kind_does_not_exist():
    assert acknowledged("") == [("acknowledgement-unknown", "/kind")]
    assert acknowledged("phoned") == [("acknowledgement-unknown", "/kind")]


def test_r16_a_witness_is_advised_and_never_required():
    absent = AcknowledgementFacts("absent", reason=REASON)
    assert witness_is_advised(absent)
    assert check_acknowledgement(absent) == ()
    assert not witness_is_advised(replace(absent, witness_name="某居委会工作人员"))
    assert not witness_is_advised(AcknowledgementFacts("signed", signer="张某"))


def test_r16_a_witness_has_a_name():
    assert acknowledged("absent", reason=REASON, witness_unit="某居委会") == [
        ("acknowledgement-witness", "/witness_name")
    ]
