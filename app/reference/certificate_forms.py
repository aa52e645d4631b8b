"""How issuers number enforcement certificates: data, unverified, never a constant of a rule."""

from dataclasses import dataclass
from functools import cache

from app.reference.source import read_json


@dataclass(frozen=True, slots=True)
class IssuerForm:
    """Regular expressions on an issuer and on its certificates' numbers, and who says so."""

    issuer: str
    number: str
    source: str
    unverified: bool


@cache
def certificate_forms() -> tuple[IssuerForm, ...]:
    """The forms, in the order in which issuers are looked for."""
    return tuple(IssuerForm(**form) for form in read_json("certificate_forms.json")["forms"])
