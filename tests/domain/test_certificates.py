"""Certificates hold on the days of inspections, not today (R03, DOMAIN s.7)."""

import datetime as dt
from dataclasses import dataclass, replace

import pytest

from app.domain.certificates import (
    Certificate,
    covers,
    covers_throughout,
    odd_form,
    principal,
    qualified_tags,
)
from app.domain.eligibility import ItemFacts, OfficerFacts, officer_exclusion
from app.domain.errors import RuleError
from app.domain.lifecycle import CertificateKind, OfficerStatus
from app.domain.officer_library import (
    CertificateState,
    certificate_state,
    refuse_contact,
    refuse_identity_text,
    require_no_overlap,
)
from app.reference.certificate_forms import certificate_forms

TODAY, DEADLINE = dt.date(2026, 3, 2), dt.date(2026, 6, 30)
DAY = dt.timedelta(days=1)


def enforcement(valid_from: dt.date, valid_to: dt.date) -> Certificate:
    return Certificate(CertificateKind.ENFORCEMENT, valid_from, valid_to)


def proof(tag: str, valid_to: dt.date | None, valid_from: dt.date = TODAY) -> Certificate:
    return Certificate(CertificateKind.QUALIFICATION, valid_from, valid_to, tag)


def test_both_ends_of_a_certificate_count():
    one = [enforcement(TODAY, DEADLINE)]
    assert covers(one, TODAY)
    assert covers(one, DEADLINE)
    assert not covers(one, TODAY - DAY)
    assert not covers(one, DEADLINE + DAY)
    assert not covers([], TODAY)


@pytest.mark.parametrize(("starts", "covered"), [(0, True), (1, True), (2, False)])
def test_two_certificates_cover_a_period_when_no_day_lies_between(starts: int, covered: bool):
    middle = dt.date(2026, 4, 30)
    two = [
        enforcement(middle + starts * DAY, dt.date(2030, 1, 1)),
        enforcement(dt.date(2020, 1, 1), middle),
    ]
    assert covers_throughout(two, TODAY, DEADLINE) is covered


def test_a_qualification_with_a_certificate_counts_while_that_holds():
    tags = ["食品", "特种设备"]
    expired = [proof("特种设备", DEADLINE - DAY)]
    assert qualified_tags(tags, expired, TODAY, DEADLINE) == {"食品"}
    renewed = [*expired, proof("特种设备", None)]
    assert qualified_tags(tags, renewed, TODAY, DEADLINE) == set(tags)
    assert qualified_tags(["食品"], renewed, TODAY, DEADLINE) == {"食品"}


FIT = OfficerFacts(OfficerStatus.ACTIVE, dt.date(2029, 1, 1), (), frozenset({"特种设备"}))
ITEM = ItemFacts("C0001", "特种设备使用检查", "特种设备", frozenset({"特种设备"}))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"certificate_valid_to": None, "certificates": (enforcement(TODAY, DEADLINE),)}, None),
        (
            {
                "certificate_valid_to": dt.date(2026, 4, 1),
                "certificates": (enforcement(dt.date(2026, 4, 2), DEADLINE),),
            },
            None,
        ),
        (
            {"certificate_valid_to": None, "certificates": (enforcement(TODAY + DAY, DEADLINE),)},
            "CERTIFICATE_EXPIRES",
        ),
        (
            {"certificate_valid_to": None, "certificates": (proof("特种设备", None),)},
            "NO_CERTIFICATE",
        ),
        ({"certificates": (proof("特种设备", DEADLINE - DAY),)}, "NOT_QUALIFIED"),
        ({"certificates": (proof("特种设备", DEADLINE),)}, None),
        ({"certificates": (proof("食品", DEADLINE - DAY),)}, None),
    ],
)
def test_who_may_be_drawn_is_asked_of_all_certificates(change: dict, reason: str | None):
    assert officer_exclusion(replace(FIT, **change), [ITEM], TODAY, DEADLINE) == reason


@pytest.mark.parametrize(
    ("valid_to", "further", "state"),
    [
        (None, (), CertificateState.MISSING),
        (None, (proof("食品", None),), CertificateState.MISSING),
        (TODAY - DAY, (), CertificateState.EXPIRED),
        (TODAY + 59 * DAY, (), CertificateState.EXPIRING),
        (TODAY + 60 * DAY, (), CertificateState.VALID),
        (TODAY - DAY, (enforcement(TODAY, DEADLINE),), CertificateState.VALID),
    ],
)
def test_the_state_of_today_is_that_of_all_enforcement_certificates(
    valid_to: dt.date | None, further: tuple[Certificate, ...], state: CertificateState
):
    assert certificate_state(valid_to, further, TODAY) is state


def test_a_principal_certificate_has_no_first_day():
    assert covers(principal(DEADLINE), dt.date(1999, 1, 1))
    assert principal(None) == ()


@dataclass(frozen=True)
class Form:
    issuer: str
    number: str
    source: str = "试验"


def test_a_number_is_held_against_the_first_form_of_its_issuer_and_no_other():
    forms = [Form("某某厅", "15[0-9]{9}"), Form("某.*", "[0-9]{3}")]
    assert odd_form("15052500001", "某某厅", forms) is None
    assert odd_form("123", "某某厅", forms) == forms[0]
    assert odd_form("15052500001x", "某某厅", forms) == forms[0]
    assert odd_form("123", "某某局", forms) is None
    assert odd_form("anything", "别的机关", forms) is None
    assert odd_form(None, "某某厅", forms) is None


def test_shipped_forms_are_expressions_with_a_source():
    assert odd_form("15052500001", "内蒙古自治区司法厅", certificate_forms()) is None
    assert odd_form("NM-1", "内蒙古自治区司法厅", certificate_forms()) is not None
    assert all(form.source and form.unverified for form in certificate_forms())


def test_absences_do_not_share_a_day():
    taken = [(dt.date(2026, 3, 9), dt.date(2026, 3, 13))]
    require_no_overlap(dt.date(2026, 3, 14), dt.date(2026, 3, 20), taken)
    require_no_overlap(dt.date(2026, 3, 1), dt.date(2026, 3, 8), taken)
    for starts, ends in ((13, 20), (1, 9), (10, 11), (1, 31)):
        with pytest.raises(RuleError) as refused:
            require_no_overlap(dt.date(2026, 3, starts), dt.date(2026, 3, ends), taken)
        assert refused.value.refusal.code == "absence-overlaps"


def test_personal_numbers_are_found_inside_texts():
    refuse_identity_text("四级主办", None, "15052500001")
    with pytest.raises(RuleError):
        refuse_identity_text("身份证 11010519491231002X。")
    refuse_contact("食品检验,2026 年")
    with pytest.raises(RuleError):
        refuse_contact("电话 13800000000")
