"""The coded values of the field: kinds, states and what may follow what (DESIGN s.2).

States move only along `PLAN_MOVES`, `DRAW_MOVES` and `INSPECTION_MOVES`; completion is never a
move, it is derived (R20).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class DepartmentKind(StrEnum):
    GOVERNMENT = "government"
    VERTICAL = "vertical"
    BRIGADE = "brigade"
    OFFICE = "office"
    OVERSIGHT = "oversight"


class RegionLevel(StrEnum):
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"


class AccountKind(StrEnum):
    PERSON = "person"
    SERVICE = "service"


class AccountStatus(StrEnum):
    ACTIVE = "active"
    LOCKED = "locked"
    DISABLED = "disabled"


class ItemClass(StrEnum):
    GENERAL = "general"
    KEY = "key"


class ItemStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class JointItemStatus(StrEnum):
    ACTIVE = "active"
    RETIRED = "retired"


class JointPart(StrEnum):
    INITIATING = "initiating"
    COOPERATING = "cooperating"


class RiskLevel(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Method(StrEnum):
    DOCUMENT = "document"
    ONSITE = "onsite"
    ONLINE = "online"
    ENTRUSTED = "entrusted"


class ObjectKind(StrEnum):
    ENTERPRISE = "enterprise"
    INDIVIDUAL_BUSINESS = "individual_business"
    FARMER_COOP = "farmer_coop"
    OTHER_ORG = "other_org"
    PRODUCT = "product"
    PROJECT = "project"
    ACTIVITY = "activity"


MARKET_KINDS = frozenset(
    {
        ObjectKind.ENTERPRISE,
        ObjectKind.INDIVIDUAL_BUSINESS,
        ObjectKind.FARMER_COOP,
        ObjectKind.OTHER_ORG,
    }
)


class IdScheme(StrEnum):
    CREDIT_CODE = "credit_code"
    REGISTRATION_NUMBER = "registration_number"
    PROJECT_CODE = "project_code"
    LIBRARY_CODE = "library_code"


class ObjectStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    MOVED = "moved"


class RiskClass(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    UNRATED = "UNRATED"


class OfficerStatus(StrEnum):
    ACTIVE = "active"
    OFF_DUTY = "off_duty"
    LEFT = "left"


class CertificateKind(StrEnum):
    """What a certificate proves: that its holder may enforce the law, or a qualification."""

    ENFORCEMENT = "enforcement"
    QUALIFICATION = "qualification"


class InterestSource(StrEnum):
    """Who said that an officer and an object may not meet."""

    OFFICER = "officer"
    CLERK = "clerk"


class ExpertStatus(StrEnum):
    ACTIVE = "active"
    LEFT = "left"


class GuidelineKind(StrEnum):
    WORKING_GUIDE = "working_guide"
    DETAILED_RULES = "detailed_rules"


class GuidelineStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    SUPERSEDED = "superseded"


class TransferStatus(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class PlanKind(StrEnum):
    DEPARTMENT = "department"
    JOINT = "joint"


class ParticipantStatus(StrEnum):
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class PoolScope(StrEnum):
    """Which objects of the initiating department's library are in a joint task's pool."""

    SHARED = "shared"
    """Those that every participating department supervises, too: one visit serves all (N7, N8)."""
    INITIATOR = "initiator"
    """All of them: who takes part inspects there with the initiating department."""


class PlanStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    FILED = "filed"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


PLAN_MOVES: Mapping[PlanStatus, frozenset[PlanStatus]] = {
    PlanStatus.DRAFT: frozenset({PlanStatus.SUBMITTED, PlanStatus.CANCELLED}),
    PlanStatus.SUBMITTED: frozenset({PlanStatus.APPROVED, PlanStatus.DRAFT, PlanStatus.CANCELLED}),
    # Back to draft: the office returns a joint plan instead of filing it (R10).
    PlanStatus.APPROVED: frozenset(
        {PlanStatus.PUBLISHED, PlanStatus.FILED, PlanStatus.DRAFT, PlanStatus.CANCELLED}
    ),
    PlanStatus.FILED: frozenset({PlanStatus.PUBLISHED, PlanStatus.CANCELLED}),
    PlanStatus.PUBLISHED: frozenset({PlanStatus.CANCELLED}),
    PlanStatus.CANCELLED: frozenset(),
}


class DrawStatus(StrEnum):
    FROZEN = "frozen"
    PUBLISHED = "published"
    COMMITTED = "committed"
    OPENED = "opened"
    DRAWN = "drawn"
    LOCKED = "locked"
    ANNULLED = "annulled"


DRAW_MOVES: Mapping[DrawStatus, frozenset[DrawStatus]] = {
    DrawStatus.FROZEN: frozenset({DrawStatus.PUBLISHED, DrawStatus.ANNULLED}),
    DrawStatus.PUBLISHED: frozenset({DrawStatus.COMMITTED, DrawStatus.ANNULLED}),
    DrawStatus.COMMITTED: frozenset({DrawStatus.OPENED, DrawStatus.ANNULLED}),
    DrawStatus.OPENED: frozenset({DrawStatus.DRAWN}),
    DrawStatus.DRAWN: frozenset({DrawStatus.LOCKED}),
    DrawStatus.LOCKED: frozenset(),
    DrawStatus.ANNULLED: frozenset(),
}


class InspectionStatus(StrEnum):
    ASSIGNED = "assigned"
    NOTIFIED = "notified"
    IN_PROGRESS = "in_progress"
    ENDED = "ended"
    ENTERED = "entered"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    VOID = "void"


INSPECTION_MOVES: Mapping[InspectionStatus, frozenset[InspectionStatus]] = {
    InspectionStatus.ASSIGNED: frozenset(
        {InspectionStatus.NOTIFIED, InspectionStatus.IN_PROGRESS, InspectionStatus.VOID}
    ),
    InspectionStatus.NOTIFIED: frozenset({InspectionStatus.IN_PROGRESS, InspectionStatus.VOID}),
    InspectionStatus.IN_PROGRESS: frozenset({InspectionStatus.ENDED, InspectionStatus.VOID}),
    InspectionStatus.ENDED: frozenset({InspectionStatus.ENTERED}),
    InspectionStatus.ENTERED: frozenset({InspectionStatus.REVIEWED, InspectionStatus.ENDED}),
    InspectionStatus.REVIEWED: frozenset({InspectionStatus.PUBLISHED}),
    InspectionStatus.PUBLISHED: frozenset(),
    InspectionStatus.VOID: frozenset(),
}

ENDED_STATES = frozenset(
    {
        InspectionStatus.ENDED,
        InspectionStatus.ENTERED,
        InspectionStatus.REVIEWED,
        InspectionStatus.PUBLISHED,
    }
)


class FindingOutcome(StrEnum):
    NO_PROBLEM = "no_problem"
    PROBLEM = "problem"
    NOT_CHECKED = "not_checked"


class AcknowledgementKind(StrEnum):
    SIGNED = "signed"
    SEALED = "sealed"
    REFUSED = "refused"
    ABSENT = "absent"


class ResultCode(StrEnum):
    NO_PROBLEM = "01"
    NOT_DISCLOSED = "02"
    FALSE_DISCLOSURE = "03"
    UNREACHABLE = "04"
    ORDERED_TO_RECTIFY = "05"
    UNCOOPERATIVE = "06"
    NO_SUCH_ACTIVITY = "07"
    PENDING = "08"


S = TypeVar("S", bound=StrEnum)


def may_move(moves: Mapping[S, frozenset[S]], now: S, then: S) -> bool:
    """Whether the state `then` may follow `now`."""
    return then in moves[now]
