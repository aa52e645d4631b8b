"""What the officer library asks of an officer, and how long a certificate still holds (R03, R05).

Everybody with enforcement duties belongs in the library; who has no valid certificate is in it and
is not drawn. Identity-card numbers are refused wherever they could become a code (DRAW s.1).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from enum import StrEnum

from app.domain.certificates import Certificate, covers, covers_throughout, enforcement, principal
from app.domain.errors import RuleError
from app.domain.lifecycle import OfficerStatus
from app.domain.masking import PersonalKind, find_personal_numbers, is_identity_card
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
    valid_to: dt.date | None, further: Iterable[Certificate], on: dt.date
) -> CertificateState:
    """The state of an officer's enforcement certificates on a day; each holds through its last."""
    licences = [*principal(valid_to), *enforcement(further)]
    if not licences:
        return CertificateState.MISSING
    if not covers(licences, on):
        return CertificateState.EXPIRED
    if covers_throughout(licences, on, on + dt.timedelta(days=EXPIRING_DAYS)):
        return CertificateState.VALID
    return CertificateState.EXPIRING


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


def require_no_overlap(
    starts_on: dt.date, ends_on: dt.date, others: Sequence[tuple[dt.date, dt.date]]
) -> None:
    """Absences of one officer do not overlap: two reasons for one day would both be half true."""
    if any(starts <= ends_on and starts_on <= ends for starts, ends in others):
        raise RuleError(refusals.ABSENCE_OVERLAPS)


def refuse_identity_text(*texts: str | None) -> None:
    """Nothing that is kept of officers and experts holds an identity-card number (DOMAIN s.4)."""
    if _holds(PersonalKind.IDENTITY_CARD, texts):
        raise RuleError(refusals.IDENTITY_NUMBER_IN_TEXT)


def refuse_contact(*texts: str | None) -> None:
    """An expert is kept without contact: no telephone number either."""
    if _holds(PersonalKind.MOBILE_PHONE, texts):
        raise RuleError(refusals.CONTACT_REFUSED)


def _holds(kind: PersonalKind, texts: Iterable[str | None]) -> bool:
    return any(
        found.kind is kind for text in texts if text for found in find_personal_numbers(text)
    )


def require_earlier_end(starts_on: dt.date, ends_on: dt.date, earlier: dt.date) -> None:
    """An absence becomes shorter by its end only, and keeps a day; else it is cancelled."""
    if not starts_on <= earlier < ends_on:
        raise RuleError(refusals.ABSENCE_END_INVALID)


def require_status_change(
    before: OfficerStatus,
    after: OfficerStatus,
    effective_on: dt.date,
    last_changed_on: dt.date | None,
    today: dt.date,
) -> None:
    """A status changes to another one, in order of days, and acts at once (R05)."""
    if after is before:
        raise RuleError(refusals.OFFICER_STATUS_SAME)
    if effective_on > today or (last_changed_on is not None and effective_on < last_changed_on):
        raise RuleError(refusals.STATUS_DAY_INVALID)
