"""What the officer library asks of an officer, and how long a certificate still holds (R03, R05).

Everybody with enforcement duties belongs in the library; who has no valid certificate is in it and
is not drawn. Identity-card numbers are refused wherever they could become a code (DRAW s.1).
"""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from app.domain.errors import RuleError
from app.domain.masking import is_identity_card
from app.domain.refusals import officers as refusals

EXPIRING_DAYS = 60
"""House rule: the time in which a certificate can be renewed before officers fall out of draws."""


class CertificateState(StrEnum):
    """How an enforcement certificate stands on a day."""

    MISSING = "missing"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    VALID = "valid"


def certificate_state(
    number: str | None, valid_to: dt.date | None, on: dt.date
) -> CertificateState:
    """The state of a certificate on a day; it holds through the day it is valid to."""
    if number is None or valid_to is None:
        return CertificateState.MISSING
    if valid_to < on:
        return CertificateState.EXPIRED
    if valid_to < on + dt.timedelta(days=EXPIRING_DAYS):
        return CertificateState.EXPIRING
    return CertificateState.VALID


def require_certificate(number: str | None, issuer: str | None, valid_to: dt.date | None) -> None:
    """Number, issuer and expiry come together: a number alone identifies nobody."""
    given = {value is not None for value in (number, issuer, valid_to)}
    if len(given) > 1:
        raise RuleError(refusals.CERTIFICATE_INCOMPLETE)


def refuse_identity_number(*values: str | None) -> None:
    """Codes are published with every draw: none may be an identity-card number."""
    if any(value is not None and is_identity_card(value) for value in values):
        raise RuleError(refusals.IDENTITY_NUMBER_REFUSED)


def require_service_areas(areas: Iterable[str], prefix: str) -> None:
    """An officer serves in the department's region, or in parts of it."""
    if not all(area.startswith(prefix) for area in areas):
        raise RuleError(refusals.SERVICE_AREA_OUTSIDE)


def require_period(starts_on: dt.date, ends_on: dt.date) -> None:
    """Both ends count, so a single day begins and ends on itself."""
    if ends_on < starts_on:
        raise RuleError(refusals.ABSENCE_PERIOD_INVALID)
