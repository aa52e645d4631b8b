"""What stands in the way of changing lists, libraries, guidelines and accounts (R01-R06).

Their rules are short: whose it is, and whether it is still open to change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from app.domain.actions import F, Operation, Rules
from app.domain.actor import Actor, Permission
from app.domain.errors import RuleError
from app.domain.guidelines import require_six_parts
from app.domain.imports import ImportBatchFacts, may_undo
from app.domain.lifecycle import GuidelineStatus, ItemStatus, JointItemStatus
from app.domain.operations import OperationStatus, is_over
from app.domain.refusals import accounts as account_refusals
from app.domain.refusals import (
    checklists,
    general,
    guidelines,
    joint_items,
    officers,
    operations,
    service_accounts,
)


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """How a checklist item stands."""

    department_id: UUID
    code: str
    status: ItemStatus


@dataclass(frozen=True, slots=True)
class JointItemFacts:
    """How an item of a region's joint list stands."""

    region_code: str
    code: str
    status: JointItemStatus


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """Which departments supervise an object: have an entry for it in their library."""

    supervised_by: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class OfficerOfUnit:
    """Whose officer it is, and where the officer is in use."""

    department_id: UUID
    used_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GuidelineFacts:
    """How a guideline stands."""

    department_id: UUID
    status: GuidelineStatus
    created_by: UUID | None
    parts: Mapping[str, str]
    draft_version: int | None = None
    """The number of the draft that this code has, if any."""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Whose account it is; what its status and roles become is said by the body."""

    is_service: bool


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """Whose role it is, and whether taking it away would leave nobody to administer."""

    last_administrator: bool
    is_service: bool


@dataclass(frozen=True, slots=True)
class OperationFacts:
    """How far long work is."""

    status: OperationStatus


def _own(department_id: UUID, actor: Actor) -> None:
    if department_id != actor.department_id:
        raise RuleError(general.NOT_FOUND)


def _item(facts: ItemFacts, actor: Actor) -> None:
    """A retired item is out of the checklist for ever."""
    _own(facts.department_id, actor)
    if facts.status is ItemStatus.RETIRED:
        raise RuleError(checklists.ITEM_ALREADY_RETIRED, item_code=facts.code)


def _joint_item(facts: JointItemFacts, actor: Actor) -> None:
    """The office keeps the list of its own region (plan s.4(1)2)."""
    if facts.region_code != actor.region_code:
        raise RuleError(general.NOT_FOUND)
    if facts.status is JointItemStatus.RETIRED:
        raise RuleError(joint_items.JOINT_ITEM_ALREADY_RETIRED, item_code=facts.code)


def _object(facts: ObjectFacts, actor: Actor) -> None:
    if actor.department_id not in facts.supervised_by:
        raise RuleError(general.NOT_FOUND)


def _officer(facts: OfficerOfUnit, actor: Actor) -> None:
    _own(facts.department_id, actor)


def _delete_officer(facts: OfficerOfUnit, actor: Actor) -> None:
    """Only who was entered by mistake: what somebody did, or could have been drawn for, stays."""
    _own(facts.department_id, actor)
    if facts.used_in:
        raise RuleError(officers.OFFICER_IN_USE, places="、".join(facts.used_in))


def _draft_guideline(facts: GuidelineFacts, actor: Actor) -> None:
    _own(facts.department_id, actor)
    if facts.status is not GuidelineStatus.DRAFT:
        raise RuleError(guidelines.GUIDELINE_NOT_DRAFT)


def _activate(facts: GuidelineFacts, actor: Actor) -> None:
    """Complete (R06), and by another person than who made it."""
    _draft_guideline(facts, actor)
    if facts.created_by == actor.account_id:
        raise RuleError(general.MAKER_IS_CHECKER)
    require_six_parts(facts.parts)


def _revise(facts: GuidelineFacts, actor: Actor) -> None:
    """A new version begins as a copy of the one in force, one draft at a time."""
    _own(facts.department_id, actor)
    if facts.status is not GuidelineStatus.ACTIVE:
        raise RuleError(guidelines.GUIDELINE_NOT_ACTIVE)
    if facts.draft_version is not None:
        raise RuleError(guidelines.GUIDELINE_DRAFT_EXISTS, version=facts.draft_version)


def _account(_facts: AccountFacts, _actor: Actor) -> None:
    """The permission is all that it takes."""


def _person(facts: AccountFacts | GrantFacts, _actor: Actor) -> None:
    """A service has neither a password nor roles of its own choice: it has secrets and scopes."""
    if facts.is_service:
        raise RuleError(service_accounts.NOT_A_PERSON)


def _cancel(facts: OperationFacts, _actor: Actor) -> None:
    if is_over(facts.status):
        raise RuleError(operations.OPERATION_OVER, status=facts.status.value)


def _revoke(facts: GrantFacts, actor: Actor) -> None:
    _person(facts, actor)
    if facts.last_administrator:
        raise RuleError(account_refusals.LAST_ADMINISTRATOR)


def _all(permission: Permission, rule: Callable[[F, Actor], None], *operations: str) -> Rules[F]:
    return MappingProxyType({name: Operation(permission, rule) for name in operations})


ITEM: Rules[ItemFacts] = _all(
    Permission.CHECKLIST_WRITE, _item, "change_checklist_item", "retire_checklist_item"
)
JOINT_ITEM: Rules[JointItemFacts] = _all(
    Permission.JOINT_ITEM_WRITE, _joint_item, "change_joint_item", "retire_joint_item"
)
OBJECT: Rules[ObjectFacts] = MappingProxyType(
    {
        **_all(
            Permission.OBJECT_WRITE,
            _object,
            "change_inspection_object",
            "record_object_event",
            "add_object_licence",
            "set_object_contact",
        ),
        "reveal_object_contact": Operation(Permission.OBJECT_CONTACT, _object),
    }
)
OFFICER: Rules[OfficerOfUnit] = MappingProxyType(
    {
        **_all(
            Permission.OFFICER_WRITE,
            _officer,
            "change_officer",
            "record_absence",
            "declare_interest",
            "add_officer_certificate",
            "change_officer_status",
        ),
        "delete_officer": Operation(Permission.OFFICER_WRITE, _delete_officer),
    }
)
GUIDELINE: Rules[GuidelineFacts] = MappingProxyType(
    {
        "change_guideline": Operation(Permission.GUIDELINE_WRITE, _draft_guideline),
        "revise_guideline": Operation(Permission.GUIDELINE_WRITE, _revise),
        "activate_guideline": Operation(Permission.GUIDELINE_ACTIVATE, _activate),
    }
)
ACCOUNT: Rules[AccountFacts] = MappingProxyType(
    {
        "change_account_status": Operation(Permission.ACCOUNT_WRITE, _account),
        "reset_password": Operation(Permission.ACCOUNT_WRITE, _person),
        "grant_role": Operation(Permission.ACCOUNT_WRITE, _person),
        "end_account_sessions": Operation(Permission.ACCOUNT_WRITE, _account),
    }
)
SERVICE_ACCOUNT: Rules[AccountFacts] = _all(
    Permission.ACCOUNT_WRITE, _account, "change_service_account", "rotate_client_secret"
)
OPERATION: Rules[OperationFacts] = _all(Permission.OPERATION_CANCEL, _cancel, "cancel_operation")
IMPORT_BATCH: Rules[ImportBatchFacts] = _all(Permission.IMPORT_UNDO, may_undo, "undo_import_batch")
GRANT: Rules[GrantFacts] = _all(Permission.ACCOUNT_WRITE, _revoke, "revoke_role")
