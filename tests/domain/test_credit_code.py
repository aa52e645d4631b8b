"""Identifiers of inspection objects (GB 32100, GB 11714, ISO 7064, project code)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from app.domain.credit_code import (
    ALPHABET,
    check_character,
    credit_code_error,
    credit_code_warning,
    is_credit_code,
    is_organisation_code,
    is_project_code,
    object_kind_of,
    organisation_check_character,
    registration_check_digit,
    registration_number_warning,
    require_credit_code,
    require_project_code,
    require_registration_number,
)
from app.domain.errors import RuleError

VALID = (
    "91350100M000100Y43",
    "91150525MA0TEYT07L",
    "92150525MA0TEYT15C",
    "93150525MA0TEYT234",
    "12150525MB0TEYT35Q",
)
# Registrar, type and region are digits in a real code; the oracle insists on that.
BODIES = st.tuples(
    st.sampled_from(["11", "12", "51", "91", "92", "93"]),
    st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.text(ALPHABET, min_size=9, max_size=9),
).map("".join)


@pytest.mark.parametrize("code", VALID)
def test_known_codes_hold(code):
    assert require_credit_code(code) == code
    assert check_character(code[:-1]) == code[-1]


@pytest.mark.parametrize("code", VALID)
def test_every_change_of_one_character_is_found(code):
    for place in range(18):
        for other in set(ALPHABET) - {code[place]}:
            assert not is_credit_code(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize("code", VALID)
def test_every_swap_of_neighbours_is_found(code):
    for place in range(17):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert swapped == code or not is_credit_code(swapped)


@given(BODIES)
def test_the_check_character_is_that_of_an_independent_implementation(body):
    assert check_character(body) == uscc.calc_check_digit(body)
    assert is_credit_code(body + check_character(body))


@given(BODIES, st.sampled_from(ALPHABET))
def test_acceptance_is_that_of_an_independent_implementation(body, last):
    try:
        uscc.validate(body + last)
        expected = True
    except ValidationError:
        expected = False
    assert is_credit_code(body + last) == expected


def test_the_check_character_wraps_31_to_0():
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    bodies = [f"91150525MA0TEYT{a}{b}" for a in ALPHABET for b in ALPHABET]
    multiples = [
        body
        for body in bodies
        if sum(ALPHABET.index(c) * w for c, w in zip(body, weights, strict=True)) % 31 == 0
    ]
    assert len(multiples) == 31
    assert {check_character(body) for body in multiples} == {"0"}


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("", "credit-code-length"),
        ("91150525MA0TEYT07", "credit-code-length"),
        ("91150525MA0TEYT07LL", "credit-code-length"),
        ("91150525MA0TEYT07l", "credit-code-alphabet"),
        ("91150525MA0TEYTO7L", "credit-code-alphabet"),
        ("91150525MA0TEYT0７L", "credit-code-alphabet"),
        (" 1150525MA0TEYT07L", "credit-code-alphabet"),
        ("91150525MA0TEYT07M", "credit-code-check"),
    ],
)
def test_a_refusal_says_what_is_wrong(code, verdict):
    error = credit_code_error(code, "/objects/3/id_value")
    assert error is not None
    assert (error.code, error.pointer) == (verdict, "/objects/3/id_value")
    with pytest.raises(RuleError) as refused:
        require_credit_code(code)
    assert refused.value.errors[0].code == verdict
    assert not refused.value.facts  # no echo of what was sent


def test_an_organisation_code_that_does_not_check_is_a_doubt_and_no_refusal():
    body = "911505257014000"  # 8 characters of the organisation code end at place 16
    organisation = "70140003"
    good = organisation_check_character(organisation)
    bad = "1" if good != "1" else "2"
    for last, doubted in ((good, False), (bad, True)):
        code = f"{body[:8]}{organisation}{last}"
        code += check_character(code)
        assert is_credit_code(code)
        assert (credit_code_warning(code) is not None) == doubted


def test_organisation_codes_of_the_standard_hold():
    # GB 11714: D2143569 has the check character X.
    assert organisation_check_character("D2143569") == "X"
    assert is_organisation_code("D2143569X")
    assert not is_organisation_code("D21435691")
    assert not is_organisation_code("D2143569")


def test_the_organisation_check_wraps_11_to_0():
    assert organisation_check_character("00000000") == "0"


def test_a_registration_number_that_does_not_check_is_warned_about_and_accepted():
    body = "11000001305173"
    good = body + registration_check_digit(body)
    bad = body + str((int(good[-1]) + 1) % 10)
    assert require_registration_number(good) == good
    assert registration_number_warning(good) is None
    assert require_registration_number(bad) == bad
    warning = registration_number_warning(bad)
    assert warning is not None
    assert warning.code == "registration-number-check"


def test_the_registration_check_digit_is_that_of_iso_7064():
    from stdnum.iso7064 import mod_11_10

    for n in range(0, 10**14, 7_654_321_098_765):
        body = f"{n:014d}"
        assert registration_check_digit(body) == mod_11_10.calc_check_digit(body)


@pytest.mark.parametrize("number", ["", "15052560001234", "1505256000123456", "15052560001234A"])
def test_a_registration_number_of_another_form_is_refused(number):
    with pytest.raises(RuleError, match="bad-registration-number"):
        require_registration_number(number)


def test_a_project_code_has_24_characters_in_five_groups():
    code = "2203-150525-04-01-123456"
    assert len(code) == 24
    assert require_project_code(code) == code


@pytest.mark.parametrize(
    "code",
    [
        "2203-150525-04-01-12345",
        "2203150525-04-01-1234567",
        "2203-150525-04-01-12345A",
        "2203-150525-04-01-123456\n",
        "２203-150525-04-01-123456",
    ],
)
def test_a_project_code_of_another_form_is_refused(code):
    assert not is_project_code(code)
    with pytest.raises(RuleError, match="bad-project-code"):
        require_project_code(code)


def test_the_prefix_of_a_credit_code_speaks_of_the_object_kind():
    assert [object_kind_of(code) for code in VALID[1:]] == [
        "enterprise",
        "individual_business",
        "farmer_coop",
        "other_org",
    ]
