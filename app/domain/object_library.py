"""What the object library asks of a subject, and how its history gives its status (R02, R05, R07).

Identifiers are taken as they stand or refused; doubts that occur on real licences only warn. The
status is what the latest event says by the day it took effect, so a late entry of an old event
rewrites nothing that came after it.
"""

import datetime as dt
from enum import StrEnum

from app.domain.credit_code import (
    credit_code_warning,
    object_kind_of,
    registration_number_warning,
    require_credit_code,
    require_project_code,
    require_registration_number,
)
from app.domain.errors import FieldError, RuleError
from app.domain.lifecycle import MARKET_KINDS, IdScheme, ObjectKind, ObjectStatus, RiskClass
from app.domain.refusals import objects as refusals


class EventKind(StrEnum):
    """What happens to a subject. `established` and `changed` say something and change no status.

    `licence` and `merged` are recorded by the service itself where licences change and where one
    object is merged into another; nobody sends them.
    """

    ESTABLISHED = "established"
    CHANGED = "changed"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    MOVED = "moved"
    RESUMED = "resumed"
    LICENCE = "licence"
    MERGED = "merged"


STATUS_AFTER: dict[EventKind, ObjectStatus] = {
    EventKind.SUSPENDED: ObjectStatus.SUSPENDED,
    EventKind.REVOKED: ObjectStatus.REVOKED,
    EventKind.WITHDRAWN: ObjectStatus.WITHDRAWN,
    EventKind.CANCELLED: ObjectStatus.CANCELLED,
    EventKind.MOVED: ObjectStatus.MOVED,
    EventKind.RESUMED: ObjectStatus.ACTIVE,
}


def is_subject(kind: ObjectKind) -> bool:
    """Whether objects of the kind answer for themselves (R02: 市场主体、其他主体)."""
    return kind in MARKET_KINDS


def schemes_of(kind: ObjectKind) -> tuple[IdScheme, ...]:
    """By what objects of a kind are known: subjects by register, others by project or library."""
    if is_subject(kind):
        return IdScheme.CREDIT_CODE, IdScheme.REGISTRATION_NUMBER
    if kind is ObjectKind.PROJECT:
        return IdScheme.PROJECT_CODE, IdScheme.LIBRARY_CODE
    return (IdScheme.LIBRARY_CODE,)


def require_identifier(kind: ObjectKind, scheme: IdScheme, value: str) -> None:
    """The identifier fits the kind of object and holds by its own rules (DOMAIN s.7)."""
    if scheme not in schemes_of(kind):
        raise RuleError(refusals.SCHEME_NOT_FOR_KIND)
    if scheme is IdScheme.CREDIT_CODE:
        require_credit_code(value, "/id_value")
    elif scheme is IdScheme.REGISTRATION_NUMBER:
        require_registration_number(value, "/id_value")
    elif scheme is IdScheme.PROJECT_CODE:
        require_project_code(value, "/id_value")


def identifier_warnings(kind: ObjectKind, scheme: IdScheme, value: str) -> tuple[FieldError, ...]:
    """Doubts about an identifier that was taken: somebody should compare, nothing is refused."""
    doubts: list[FieldError | None] = []
    if scheme is IdScheme.REGISTRATION_NUMBER:
        doubts.append(refusals.REGISTRATION_NUMBER_USED.at("/id_value"))
        doubts.append(registration_number_warning(value, "/id_value"))
    elif scheme is IdScheme.CREDIT_CODE:
        doubts.append(credit_code_warning(value, "/id_value"))
        if object_kind_of(value) != kind:
            doubts.append(refusals.KIND_MISMATCH.at("/kind"))
    return tuple(doubt for doubt in doubts if doubt is not None)


def require_responsible(kind: ObjectKind, *, named: bool) -> None:
    """A product, project or activity says who answers for it (R07); a subject names nobody."""
    if is_subject(kind) and named:
        raise RuleError(refusals.RESPONSIBLE_NOT_ALLOWED)
    if not is_subject(kind) and not named:
        raise RuleError(refusals.RESPONSIBLE_REQUIRED)


def require_area(area_code: str, prefix: str) -> None:
    """A library is of its region: the area lies in it."""
    if not area_code.startswith(prefix):
        raise RuleError(refusals.AREA_OUTSIDE_REGION)


def require_past(effective_on: dt.date, today: dt.date) -> None:
    """What has happened is recorded, not what will (R05)."""
    if effective_on > today:
        raise RuleError(refusals.EVENT_IN_FUTURE)


def require_risk(
    risk_class: RiskClass, source: str | None, on: dt.date | None, today: dt.date
) -> None:
    """A class A-D says where it comes from and of which day it is (N4)."""
    rated = risk_class is not RiskClass.UNRATED
    if rated and (source is None or on is None):
        raise RuleError(refusals.RISK_UNSOURCED)
    if on is not None and on > today:
        raise RuleError(refusals.RISK_UNSOURCED)
