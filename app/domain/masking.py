"""Hiding personal data in what the public and the audit trail see, and finding it in texts.

Masking is broad: whatever looks like a number of a person is hidden. Finding is strict: only
numbers whose checksum or form holds are reported, because a finding stops a publication and a
false one would stop it for nothing. Names are masked where the caller knows them to be names;
nobody guesses names in running text here.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.credit_code import is_credit_code

_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
_IDENTITY_CHECK = "10X98765432"
_MOBILE_LENGTH = 11
_DOUBLED_MOST = 9

# Full-width digits, as Chinese input methods produce them, count like ASCII digits; the table
# keeps lengths, so that positions found in the folded text hold in the original.
_FOLD = {0xFF10 + n: 0x30 + n for n in range(10)} | {0xFF38: "X", 0xFF58: "x", 0xFF0D: "-"}

# Not inside longer runs of letters and digits (credit codes, digests), nor behind "." or "-"
# that follow one (decimals, document numbers).
_BEFORE = r"(?<![0-9A-Za-z_])(?<![0-9A-Za-z][.\-])"
_AFTER = r"(?![0-9A-Za-z_])"
_IDENTITY = re.compile(rf"{_BEFORE}[1-8][0-9]{{16}}[0-9Xx]{_AFTER}", re.ASCII)
_MOBILE = re.compile(
    rf"{_BEFORE}(?:\+?86[- ]?)?(1[3-9][0-9])([- ]?)([0-9]{{4}})\2([0-9]{{4}}){_AFTER}", re.ASCII
)
_LANDLINE = re.compile(rf"{_BEFORE}(0[0-9]{{2,3}}-?)([0-9]{{7,8}}){_AFTER}", re.ASCII)
_CARD = re.compile(rf"{_BEFORE}[3-6][0-9]{{15,18}}{_AFTER}", re.ASCII)


class PersonalKind(StrEnum):
    """What sort of personal number was found."""

    IDENTITY_CARD = "identity_card"
    MOBILE_PHONE = "mobile_phone"
    BANK_CARD = "bank_card"


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """A finding by place; the number itself is not repeated, since findings are logged."""

    kind: PersonalKind
    start: int
    end: int


def mask_name(name: str) -> str:
    """A natural person's name as the public sees it: first character and one star (张*)."""
    stripped = name.strip()
    return f"{stripped[0]}*" if stripped else ""


def mask_phone(phone: str) -> str:
    """A phone number without its middle; of a short or odd one only the first digits stay."""
    digits = phone.strip()
    if len(digits) == _MOBILE_LENGTH and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    if matched := _LANDLINE.fullmatch(digits):
        return f"{matched[1]}****{digits[-2:]}"
    return f"{digits[:2]}****" if digits else ""


def mask_identity_card(number: str) -> str:
    """An identity-card number without date of birth and sequence: region's province and last."""
    return f"{number[:2]}{'*' * (len(number) - 3)}{number[-1]}"


def mask_bank_card(number: str) -> str:
    """A bank-card number down to its last four digits."""
    return f"{'*' * (len(number) - 4)}{number[-4:]}"


def mask_text(text: str, names: Iterable[str] = ()) -> str:
    """`text` with all numbers of persons hidden, and with the given names masked."""
    masked = text
    for name in sorted({name.strip() for name in names} - {""}, key=len, reverse=True):
        masked = masked.replace(name, mask_name(name))
    masked = _replace(_IDENTITY, masked, _masked_identity)
    masked = _replace(_CARD, masked, _masked_card)
    masked = _replace(_MOBILE, masked, lambda found: f"{found[1]}****{found[4]}")
    return _replace(_LANDLINE, masked, lambda found: mask_phone(found[0]))


def find_personal_numbers(text: str) -> tuple[PersonalNumber, ...]:
    """Identity cards and bank cards that check, and mobile phones, in order of place."""
    folded = text.translate(_FOLD)
    found = [
        PersonalNumber(PersonalKind.IDENTITY_CARD, *match.span())
        for match in _IDENTITY.finditer(folded)
        if is_identity_card(match[0])
    ]
    taken = {number.start for number in found}
    found += [
        PersonalNumber(PersonalKind.BANK_CARD, *match.span())
        for match in _CARD.finditer(folded)
        if match.start() not in taken and _is_bank_card(match[0])
    ]
    found += [
        PersonalNumber(PersonalKind.MOBILE_PHONE, *match.span())
        for match in _MOBILE.finditer(folded)
    ]
    return tuple(sorted(found, key=lambda number: number.start))


def is_identity_card(number: str) -> bool:
    """Whether 18 characters form an identity-card number: date of birth and check (GB 11643)."""
    if not re.fullmatch(r"[1-8][0-9]{16}[0-9Xx]", number, re.ASCII):
        return False
    try:
        born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    if not 1850 <= born.year <= 2100:  # noqa: PLR2004  beyond any living person
        return False
    weighted = zip(number[:17], _IDENTITY_WEIGHTS, strict=True)
    total = sum(int(digit) * weight for digit, weight in weighted)
    return _IDENTITY_CHECK[total % 11] == number[17].upper()


def passes_luhn(number: str) -> bool:
    """Whether a number of digits passes the Luhn check (ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - _DOUBLED_MOST if value > _DOUBLED_MOST else value
    return total % 10 == 0


def _is_bank_card(number: str) -> bool:
    # One in ten all-digit credit codes passes Luhn; a firm's code is no card.
    return passes_luhn(number) and not is_credit_code(number)


def _masked_identity(found: re.Match[str]) -> str:
    # Digits that are a firm's credit code stay; a date of birth would be a coincidence.
    if is_credit_code(found[0]) and not is_identity_card(found[0]):
        return found[0]
    return mask_identity_card(found[0])


def _masked_card(found: re.Match[str]) -> str:
    return found[0] if is_credit_code(found[0]) else mask_bank_card(found[0])


def _replace(pattern: re.Pattern[str], text: str, mask: Callable[[re.Match[str]], str]) -> str:
    folded = text.translate(_FOLD)
    pieces: list[str] = []
    position = 0
    for match in pattern.finditer(folded):
        pieces += [text[position : match.start()], mask(match)]
        position = match.end()
    return "".join([*pieces, text[position:]])
