"""Personal data is hidden broadly and found strictly."""

import pytest
from stdnum import luhn

from app.domain.masking import (
    PersonalKind,
    PersonalNumber,
    find_personal_numbers,
    is_identity_card,
    mask_bank_card,
    mask_identity_card,
    mask_name,
    mask_phone,
    mask_text,
    passes_luhn,
)

# The examples of GB 11643-1999, and a card number made to check.
IDENTITY = "11010519491231002X"
CARD = "6222020000000000000"
MOBILE = "13800000000"


def test_the_examples_are_what_they_claim():
    assert is_identity_card(IDENTITY)
    assert is_identity_card("440524188001010014")
    assert passes_luhn(CARD)


def test_the_card_check_is_that_of_an_independent_implementation():
    for n in range(4_000_000_000_000_000, 4_000_000_000_000_300):
        assert passes_luhn(str(n)) == luhn.is_valid(str(n))


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张某某", "张*"), ("欧阳某", "欧*"), ("乌云", "乌*"), (" 李某 ", "李*"), ("", "")],
)
def test_a_name_keeps_its_first_character_and_hides_its_length(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        (MOBILE, "138****0000"),
        ("0475-4211234", "0475-****34"),
        ("12315", "12****"),
        ("", ""),
    ],
)
def test_a_phone_number_loses_its_middle(phone, masked):
    assert mask_phone(phone) == masked


def test_an_identity_card_shows_neither_birth_nor_sequence():
    assert mask_identity_card(IDENTITY) == "11***************X"


def test_a_bank_card_shows_its_last_four_digits():
    assert mask_bank_card(CARD) == "***************0000"


def test_numbers_and_given_names_are_hidden_in_running_text():
    text = f"当事人张某某(身份证{IDENTITY},手机{MOBILE},卡号{CARD},电话0475-4211234)到场"
    assert mask_text(text, ["张某某"]) == (
        "当事人张*(身份证11***************X,手机138****0000,卡号***************0000,电话0475-****34)到场"
    )


def test_the_longer_name_is_masked_before_the_name_inside_it():
    assert mask_text("张某某与张某", ["张某", "张某某"]) == "张*与张*"


def test_masking_hides_what_only_looks_like_an_identity_card():
    assert mask_text("110105194912310021") == "11***************1"


def test_masking_twice_changes_nothing_more():
    text = f"{IDENTITY} {MOBILE} {CARD} 0475-4211234"
    assert mask_text(mask_text(text)) == mask_text(text)


def test_each_kind_is_found_at_its_place():
    text = f"身份证:{IDENTITY},卡{CARD},手机{MOBILE}。"
    assert [(n.kind, text[n.start : n.end]) for n in find_personal_numbers(text)] == [
        (PersonalKind.IDENTITY_CARD, IDENTITY),
        (PersonalKind.BANK_CARD, CARD),
        (PersonalKind.MOBILE_PHONE, MOBILE),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "138 0000 0000",
        "138-0000-0000",
        "+86 13800000000",
        "张某-13800000000",
        "１３８００００００００",
    ],
)
def test_a_mobile_number_is_found_however_it_is_written(text):
    assert [n.kind for n in find_personal_numbers(text)] == [PersonalKind.MOBILE_PHONE]
    assert "0000" not in mask_text(text)[:-4]


def test_full_width_digits_count_and_keep_their_place():
    text = "证件１１０１０５１９４９１２３１００２Ｘ号"
    assert find_personal_numbers(text) == (PersonalNumber(PersonalKind.IDENTITY_CARD, 2, 20),)
    assert mask_text(text) == "证件11***************X号"


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",  # wrong check character
        "110105194913310029",  # no such month
        "6222020000000000001",  # fails Luhn
        "12800000000",  # no mobile prefix
        "91150525MA0TEYT07L",  # a firm
        "150525-SCJG-2026-13800000000",  # a document number
        "0.13800000000",
        "a13800000000b",  # inside a digest
        "2026-11-24T10:00:00Z 1700000000000",
        "20个工作日内公示,办件 138 件",
    ],
)
def test_what_does_not_check_is_not_reported(text):
    assert find_personal_numbers(text) == ()


def test_a_credit_code_of_digits_is_neither_found_nor_masked():
    code = "511505250000000026"
    from app.domain.credit_code import check_character

    found = next(
        made
        for n in range(10**6)
        if (made := (body := f"51150525{n:09d}") + check_character(body)).isdigit()
        and passes_luhn(made)
    )
    assert len(found) == len(code)
    assert find_personal_numbers(found) == ()
    assert mask_text(found) == found


def test_an_identity_card_that_passes_luhn_too_is_found_once_as_what_it_is():
    numbers = (f"44052418800101{n:03d}{check}" for n in range(1000) for check in "0123456789")
    both = [number for number in numbers if is_identity_card(number) and passes_luhn(number)]
    assert both
    for number in both:
        assert [n.kind for n in find_personal_numbers(number)] == [PersonalKind.IDENTITY_CARD]
