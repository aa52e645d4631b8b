"""When certificates hold: on the day of the inspection, never today (R03, DOMAIN s.7).

An inspection may take place on any day up to its deadline, so what must hold, holds on every day
of the period. One rule for draws, for teams assigned on record, for warnings and for readiness.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from app.domain.errors import RuleError
from app.domain.lifecycle import CertificateKind
from app.domain.refusals import officers as refusals

F = TypeVar("F", bound="CertificateForm")
FOR_LONG = dt.date.max
"""长期: no end."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a rule asks of a certificate; both ends count."""

    kind: CertificateKind
    valid_from: dt.date | None
    """None: since ever; the principal certificate keeps no first day."""
    valid_to: dt.date | None
    """None: for long."""
    qualification: str | None = None

    @property
    def span(self) -> tuple[dt.date, dt.date]:
        """Its first and last day."""
        return self.valid_from or dt.date.min, self.valid_to or FOR_LONG


class CertificateForm(Protocol):
    """How an issuer numbers its certificates, as configuration data say (DOMAIN s.7)."""

    @property
    def issuer(self) -> str:
        """What the issuer's name looks like."""

    @property
    def number(self) -> str:
        """What its numbers look like."""

    @property
    def source(self) -> str:
        """Who says so."""


def principal(valid_to: dt.date | None) -> tuple[Certificate, ...]:
    """The certificate in the officer's own row; none without a last day."""
    if valid_to is None:
        return ()
    return (Certificate(CertificateKind.ENFORCEMENT, None, valid_to),)


def spanned(spans: Iterable[tuple[dt.date, dt.date]], first: dt.date, last: dt.date) -> bool:
    """Whether spans of days, both ends included, leave no day of the period out."""
    day = first
    for starts, ends in sorted(spans):
        if starts > day:
            return False
        if ends >= last:
            return True
        day = max(day, ends + dt.timedelta(days=1))
    return day > last


def covers_throughout(certificates: Iterable[Certificate], first: dt.date, last: dt.date) -> bool:
    """Whether some certificate of these holds on every day of the period."""
    return spanned((one.span for one in certificates), min(first, last), last)


def covers(certificates: Iterable[Certificate], day: dt.date) -> bool:
    """Whether a certificate of these holds on the day of an inspection."""
    return covers_throughout(certificates, day, day)


def enforcement(certificates: Iterable[Certificate]) -> list[Certificate]:
    """Those that let an officer enforce; a qualification alone does not."""
    return [one for one in certificates if one.kind is CertificateKind.ENFORCEMENT]


def qualified_tags(
    tags: Iterable[str], certificates: Sequence[Certificate], first: dt.date, last: dt.date
) -> frozenset[str]:
    """The tags that count in a period: those without a certificate, and those whose one holds."""
    proofs: dict[str, list[Certificate]] = {}
    for one in certificates:
        if one.qualification is not None:
            proofs.setdefault(one.qualification, []).append(one)
    return frozenset(
        tag for tag in tags if tag not in proofs or covers_throughout(proofs[tag], first, last)
    )


def require_certificate_period(
    kind: CertificateKind, valid_from: dt.date, valid_to: dt.date | None
) -> None:
    """An enforcement certificate has a last day; none ends before it begins."""
    if valid_to is None and kind is CertificateKind.ENFORCEMENT:
        raise RuleError(refusals.CERTIFICATE_WITHOUT_END)
    if valid_to is not None and valid_to < valid_from:
        raise RuleError(refusals.CERTIFICATE_PERIOD_INVALID)


def require_proof(kind: CertificateKind, qualification: str | None) -> None:
    """A certificate of qualification names the tag that it proves; another names none."""
    if (kind is CertificateKind.QUALIFICATION) != (qualification is not None):
        raise RuleError(refusals.CERTIFICATE_PROOF_INVALID)


def odd_form(number: str | None, issuer: str | None, forms: Iterable[F]) -> F | None:
    """The issuer's form that a number does not have; None: as it should be, or nothing is known."""
    if number is None or issuer is None:
        return None
    for form in forms:
        if re.fullmatch(form.issuer, issuer):
            return None if re.fullmatch(form.number, number) else form
    return None
