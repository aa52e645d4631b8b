"""Identifiers of inspection objects: credit code, registration number, project code.

The check character of GB 32100 is enforced. The organisation code inside it (GB 11714) and the
check digit of old registration numbers only warn: both occur wrong on real licences, and a firm
must not fall out of the library for its registrar's slip. Nothing is corrected here, letter case
included: an identifier is taken as it stands, or refused.
"""

import re
from operator import mul

from app.domain.errors import FieldError, RuleError
from app.domain.refusals.reference import (
    BAD_CREDIT_CODE,
    BAD_PROJECT_CODE,
    BAD_REGISTRATION_NUMBER,
)
from app.domain.refusals.verdicts import (
    CREDIT_CODE_ALPHABET,
    CREDIT_CODE_CHECK,
    CREDIT_CODE_LENGTH,
    ORGANISATION_CODE_CHECK,
    PROJECT_CODE_FORM,
    REGISTRATION_NUMBER_CHECK,
    REGISTRATION_NUMBER_FORM,
)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE_LENGTH_IS = 18
REGISTRATION_NUMBER_LENGTH_IS = 15

_CREDIT_CODE = re.compile(rf"[{ALPHABET}]{{18}}")
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, n, 31) for n in range(17))  # GB 32100: 1 3 9 27 19 26 … = 3^n mod 31
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
_ORGANISATION_CODE = slice(8, 17)
_REGISTRATION_NUMBER = re.compile(r"[0-9]{15}", re.ASCII)
_PROJECT_CODE = re.compile(r"[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}", re.ASCII)

# Registrar and type of an organisation (chars 1-2) → object kind. Other prefixes are other_org;
# finer readings of them are unverified, so nothing here depends on them.
_MARKET_PREFIXES = {"91": "enterprise", "92": "individual_business", "93": "farmer_coop"}


def check_character(body: str) -> str:
    """The 18th character for the first 17 of a credit code (GB 32100, mod 31)."""
    if len(body) != CREDIT_CODE_LENGTH_IS - 1:
        raise ValueError("the body of a credit code has 17 characters")
    total = sum(map(mul, map(_VALUE.__getitem__, body), _WEIGHTS))
    return ALPHABET[-total % 31]  # -total % 31 wraps 31 to 0


def credit_code_error(code: str, pointer: str = "/credit_code") -> FieldError | None:
    """What is wrong with a credit code, or None when it holds."""
    if len(code) != CREDIT_CODE_LENGTH_IS:
        return CREDIT_CODE_LENGTH.at(pointer)
    if not _CREDIT_CODE.fullmatch(code):
        return CREDIT_CODE_ALPHABET.at(pointer)
    if check_character(code[:-1]) != code[-1]:
        return CREDIT_CODE_CHECK.at(pointer)
    return None


def is_credit_code(code: str) -> bool:
    """Whether `code` is well formed and its check character holds."""
    return credit_code_error(code) is None


def require_credit_code(code: str, pointer: str = "/credit_code") -> str:
    """`code` itself, or a refusal that says what is wrong with it."""
    error = credit_code_error(code, pointer)
    if error is not None:
        raise RuleError(BAD_CREDIT_CODE, (error,))
    return code


def credit_code_warning(code: str, pointer: str = "/credit_code") -> FieldError | None:
    """A doubt about a valid credit code: the organisation code inside it does not check."""
    if is_organisation_code(code[_ORGANISATION_CODE]):
        return None
    return ORGANISATION_CODE_CHECK.at(pointer)


def organisation_check_character(body: str) -> str:
    """The 9th character for the first 8 of an organisation code (GB 11714, mod 11)."""
    weighted = zip(body, _ORGANISATION_WEIGHTS, strict=True)
    total = sum(int(character, 36) * weight for character, weight in weighted)
    value = -total % 11  # 11 − total mod 11, with 11 → 0
    return "X" if value == 10 else str(value)  # noqa: PLR2004  X stands for ten


def is_organisation_code(code: str) -> bool:
    """Whether the 9 characters (no hyphen) form an organisation code that checks."""
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code, re.ASCII):
        return False
    return organisation_check_character(code[:-1]) == code[-1]


def registration_check_digit(body: str) -> str:
    """The 15th digit for the first 14 of a registration number (ISO 7064 MOD 11,10)."""
    carry = 10
    for digit in body:
        carry = (int(digit) + carry) % 10 or 10
        carry = carry * 2 % 11
    return str((11 - carry) % 10)


def require_registration_number(number: str, pointer: str = "/registration_number") -> str:
    """`number` itself when it has 15 digits; its check digit is only warned about."""
    if not _REGISTRATION_NUMBER.fullmatch(number):
        raise RuleError(BAD_REGISTRATION_NUMBER, (REGISTRATION_NUMBER_FORM.at(pointer),))
    return number


def registration_number_warning(
    number: str, pointer: str = "/registration_number"
) -> FieldError | None:
    """A doubt about a registration number: accepted, but to be compared (DOMAIN s.7)."""
    if registration_check_digit(number[:-1]) == number[-1]:
        return None
    return REGISTRATION_NUMBER_CHECK.at(pointer)


def is_project_code(code: str) -> bool:
    """Whether `code` has the form YYYY-AAAAAA-BB-CC-NNNNNN (24 characters; unverified)."""
    return _PROJECT_CODE.fullmatch(code) is not None


def require_project_code(code: str, pointer: str = "/project_code") -> str:
    """`code` itself, or a refusal."""
    if not is_project_code(code):
        raise RuleError(BAD_PROJECT_CODE, (PROJECT_CODE_FORM.at(pointer),))
    return code


def object_kind_of(code: str) -> str:
    """The object kind that a credit code's prefix speaks of; other bodies are `other_org`."""
    return _MARKET_PREFIXES.get(code[:2], "other_org")
