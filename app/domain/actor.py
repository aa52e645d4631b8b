"""Who acts, what their roles permit, and how far they see (DOMAIN s.12).

Permissions say what may be done; a `Scope` says to whose data. Neither knows of tokens or HTTP.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from app.domain.errors import RuleError
from app.domain.refusals.general import FORBIDDEN


class Role(StrEnum):
    SYSADMIN = "sysadmin"
    DEPT_CLERK = "dept_clerk"
    DEPT_LEADER = "dept_leader"
    OFFICER = "officer"
    LG_OFFICE = "lg_office"
    SUPERVISOR = "supervisor"
    OVERSIGHT = "oversight"
    WITNESS = "witness"
    INTEGRATOR = "integrator"


class ActorKind(StrEnum):
    """Who acts: a person, a service account, or the service itself (jobs, the public)."""

    PERSON = "person"
    SERVICE = "service"
    SYSTEM = "system"


class Permission(StrEnum):
    """`resource:action`. PUBLIC asks for nobody; SELF asks for any signed-in account."""

    PUBLIC = "public"
    SELF = "self"
    ACCOUNT_READ = "account:read"
    ACCOUNT_WRITE = "account:write"
    DEPARTMENT_READ = "department:read"
    DEPARTMENT_WRITE = "department:write"
    AUDIT_READ = "audit:read"
    CHECKLIST_READ = "checklist:read"
    CHECKLIST_WRITE = "checklist:write"
    CHECKLIST_PUBLISH = "checklist:publish"
    JOINT_ITEM_READ = "joint_item:read"
    JOINT_ITEM_WRITE = "joint_item:write"
    OBJECT_READ = "object:read"
    OBJECT_WRITE = "object:write"
    OBJECT_DECIDE = "object:decide"
    OBJECT_CONTACT = "object:contact"
    OFFICER_READ = "officer:read"
    OFFICER_WRITE = "officer:write"
    OFFICER_CONFIRM = "officer:confirm"
    OFFICER_SELF = "officer:self"
    EXPERT_READ = "expert:read"
    EXPERT_WRITE = "expert:write"
    GUIDELINE_READ = "guideline:read"
    GUIDELINE_WRITE = "guideline:write"
    GUIDELINE_ACTIVATE = "guideline:activate"
    PLAN_READ = "plan:read"
    PLAN_WRITE = "plan:write"
    PLAN_APPROVE = "plan:approve"
    PLAN_RETURN = "plan:return"
    PLAN_FILE = "plan:file"
    DRAW_READ = "draw:read"
    DRAW_EXECUTE = "draw:execute"
    DRAW_CONTRIBUTE = "draw:contribute"
    INSPECTION_READ = "inspection:read"
    INSPECTION_WRITE = "inspection:write"
    INSPECTION_ENTER = "inspection:enter"
    INSPECTION_REVIEW = "inspection:review"
    INSPECTION_ASSIGN = "inspection:assign"
    INSPECTION_PUBLISH = "inspection:publish"
    STATISTICS_READ = "statistics:read"
    OPERATION_READ = "operation:read"
    OPERATION_CANCEL = "operation:cancel"
    IMPORT_UNDO = "import:undo"
    DUTY_TRANSFER_READ = "duty_transfer:read"
    DUTY_TRANSFER_WRITE = "duty_transfer:write"
    CALENDAR_WRITE = "calendar:write"
    DEMO_STEER = "demo:steer"


_P = Permission
_READ_ALL = frozenset(
    {
        _P.DEPARTMENT_READ,
        _P.CHECKLIST_READ,
        _P.JOINT_ITEM_READ,
        _P.OBJECT_READ,
        _P.OFFICER_READ,
        _P.EXPERT_READ,
        _P.GUIDELINE_READ,
        _P.PLAN_READ,
        _P.DRAW_READ,
        _P.INSPECTION_READ,
        _P.STATISTICS_READ,
        _P.DUTY_TRANSFER_READ,
        # Of the own department only, whoever reads the region: they hold what was uploaded.
        _P.OPERATION_READ,
        _P.OPERATION_CANCEL,
    }
)
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SYSADMIN: frozenset(
        {
            _P.ACCOUNT_READ,
            _P.ACCOUNT_WRITE,
            _P.DEPARTMENT_READ,
            _P.DEPARTMENT_WRITE,
            _P.CALENDAR_WRITE,
            _P.AUDIT_READ,
            _P.DEMO_STEER,
        }
    ),
    Role.DEPT_CLERK: _READ_ALL
    | {
        _P.CHECKLIST_WRITE,
        _P.OBJECT_WRITE,
        _P.OBJECT_CONTACT,
        _P.OFFICER_WRITE,
        _P.EXPERT_WRITE,
        _P.GUIDELINE_WRITE,
        _P.PLAN_WRITE,
        _P.DRAW_EXECUTE,
        _P.INSPECTION_ENTER,
        _P.INSPECTION_PUBLISH,
        _P.IMPORT_UNDO,
        _P.AUDIT_READ,
    },
    Role.DEPT_LEADER: _READ_ALL
    | {
        _P.DUTY_TRANSFER_WRITE,
        _P.CHECKLIST_PUBLISH,
        _P.OBJECT_DECIDE,
        _P.OBJECT_CONTACT,
        _P.OFFICER_CONFIRM,
        _P.GUIDELINE_ACTIVATE,
        _P.PLAN_APPROVE,
        _P.PLAN_RETURN,
        _P.INSPECTION_REVIEW,
        _P.INSPECTION_ASSIGN,
        _P.INSPECTION_PUBLISH,
        _P.AUDIT_READ,
    },
    Role.OFFICER: frozenset(
        {
            _P.DEPARTMENT_READ,
            _P.CHECKLIST_READ,
            _P.JOINT_ITEM_READ,
            _P.OBJECT_READ,
            _P.GUIDELINE_READ,
            _P.PLAN_READ,
            _P.DRAW_READ,
            _P.INSPECTION_READ,
            _P.INSPECTION_WRITE,
            # Who visits a firm calls it first; of the own department's library, and on record.
            _P.OBJECT_CONTACT,
            # The own row and the own recusals, no other officer's.
            _P.OFFICER_SELF,
            # Who inspects, enters (R19); of the own inspections only, see services.
            _P.INSPECTION_ENTER,
            _P.OPERATION_READ,
            _P.OPERATION_CANCEL,
        }
    ),
    # The office coordinates, files and supervises; it never writes inspections (N7). The joint list
    # of the region is its own (plan s.4(1)2), and so are experts whom all departments may ask.
    Role.LG_OFFICE: _READ_ALL
    | {
        _P.AUDIT_READ,
        _P.JOINT_ITEM_WRITE,
        _P.EXPERT_WRITE,
        _P.PLAN_FILE,
        _P.PLAN_RETURN,
        _P.IMPORT_UNDO,
    },
    Role.SUPERVISOR: _READ_ALL | {_P.AUDIT_READ},
    Role.OVERSIGHT: _READ_ALL | {_P.AUDIT_READ},
    Role.WITNESS: frozenset({_P.DEPARTMENT_READ, _P.DRAW_READ, _P.DRAW_CONTRIBUTE}),
    Role.INTEGRATOR: frozenset(
        {
            _P.DEPARTMENT_READ,
            _P.CHECKLIST_READ,
            _P.JOINT_ITEM_READ,
            _P.OBJECT_READ,
            _P.OFFICER_READ,
            _P.PLAN_READ,
            _P.DRAW_READ,
            _P.INSPECTION_READ,
            _P.CHECKLIST_WRITE,
            _P.OBJECT_WRITE,
            _P.OFFICER_WRITE,
            _P.INSPECTION_ENTER,
            _P.OPERATION_READ,
            _P.OPERATION_CANCEL,
            _P.IMPORT_UNDO,
        }
    ),
}
REGION_READERS = frozenset({Role.LG_OFFICE, Role.SUPERVISOR, Role.OVERSIGHT})


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """All that the roles permit together; any signed-in account has SELF."""
    granted: set[Permission] = {Permission.SELF}
    for role in roles:
        granted |= PERMISSIONS[role]
    return frozenset(granted)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose data a caller sees: their own department's, or (office, oversight) the region's.

    `region_prefix` is the part of the region code that all places below share ("1505" for a city).
    """

    department_id: UUID | None
    region_prefix: str
    reads_region: bool = False
    everything: bool = False


EVERYTHING = Scope(department_id=None, region_prefix="", everything=True)


def chain_of(region_code: str, department_code: str | None) -> str:
    """The audit chain of a department, or the region's system one."""
    return f"{region_code}/{department_code or 'system'}"


def region_prefix(region_code: str) -> str:
    """Give the prefix that all places below share: 150525 stays, 150500 is 1505, 150000 is 15."""
    code = region_code
    while len(code) > 2 and code.endswith("00"):  # noqa: PLR2004  pairs of digits are levels
        code = code[:-2]
    return code


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of a use case, as the database knew them when the request began."""

    account_id: UUID | None
    username: str
    roles: frozenset[Role]
    permissions: frozenset[Permission]
    department_id: UUID | None
    department_code: str | None
    region_code: str
    session_id: UUID | None = None
    officer_id: UUID | None = None
    ip: str | None = None
    request_id: str | None = None
    kind: ActorKind = ActorKind.PERSON
    sees_everything: bool = False
    """Only the worker: it finishes what waits in every unit."""

    @property
    def chain(self) -> str:
        """The audit chain this actor's acts go to: the department's, or the region's system one."""
        return chain_of(self.region_code, self.department_code)

    @property
    def scope(self) -> Scope:
        """How far this actor sees."""
        if self.sees_everything:
            return EVERYTHING
        return Scope(
            department_id=self.department_id,
            region_prefix=region_prefix(self.region_code),
            reads_region=bool(self.roles & REGION_READERS),
        )

    def acts_for(self, permission: Permission) -> UUID:
        """The department whose data the actor changes; raises forbidden for one without."""
        if self.department_id is None:
            raise RuleError(FORBIDDEN, permission=permission.value)
        return self.department_id

    def may(self, permission: Permission) -> bool:
        """Whether any of the actor's roles has the permission."""
        return permission in self.permissions or permission is Permission.PUBLIC


def system_actor(region_code: str, name: str = "system", request_id: str | None = None) -> Actor:
    """The service itself: jobs, unknown logins, start-up. Its acts go to the system chain."""
    return Actor(
        account_id=None,
        username=name,
        roles=frozenset(),
        permissions=frozenset(),
        department_id=None,
        department_code=None,
        region_code=region_code,
        request_id=request_id,
        kind=ActorKind.SYSTEM,
    )


def worker_actor(region_code: str) -> Actor:
    """The worker, finishing what waits in a region; its acts go to the region's system chain."""
    return replace(system_actor(region_code, "worker"), sees_everything=True)
