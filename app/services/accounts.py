"""Accounts and role grants: the administrator's work. No default password anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.actions import require
from app.domain.actor import EVERYTHING, Actor, Permission, Role, system_actor
from app.domain.errors import RuleError
from app.domain.library_actions import ACCOUNT, GRANT, AccountFacts, GrantFacts
from app.domain.lifecycle import AccountKind, AccountStatus, DepartmentKind
from app.domain.passwords import check_password
from app.domain.refusals import accounts as refusals
from app.domain.refusals import general
from app.models.account import Account, RoleGrant
from app.models.organisation import Department
from app.reference import common_passwords
from app.security import new_password
from app.services.runtime import Runtime
from app.storage import accounts, officers, organisation, passwords, sessions
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork

ROLE_KINDS: dict[Role, frozenset[DepartmentKind]] = {
    Role.LG_OFFICE: frozenset({DepartmentKind.OFFICE}),
    Role.OVERSIGHT: frozenset({DepartmentKind.OVERSIGHT}),
    # 督查 reads the whole region: the government office, the leading-group office, oversight.
    Role.SUPERVISOR: frozenset(
        {DepartmentKind.GOVERNMENT, DepartmentKind.OFFICE, DepartmentKind.OVERSIGHT}
    ),
    **{
        role: frozenset(
            {DepartmentKind.GOVERNMENT, DepartmentKind.VERTICAL, DepartmentKind.BRIGADE}
        )
        # The office coordinates and oversight watches; neither inspects (N7).
        for role in (Role.DEPT_CLERK, Role.DEPT_LEADER, Role.OFFICER, Role.INTEGRATOR)
    },
}


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is made from. Without a password one is made, to be changed at once."""

    username: str
    display_name: str
    role: Role
    department_code: str | None
    region_code: str
    password: str | None = None
    officer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account with its live roles."""

    account: Account
    grants: Sequence[tuple[RoleGrant, Department | None]]
    one_time_password: str | None = None
    administrators: int = 0
    """How many there are: the last one stays."""

    def standing(self, grant: RoleGrant) -> GrantFacts:
        """What the rules ask of one of the account's roles."""
        return facts_of(self.account, grant, self.grants, self.administrators)


def facts_of(
    account: Account,
    grant: RoleGrant,
    grants: Sequence[tuple[RoleGrant, Department | None]],
    administrators: int,
) -> GrantFacts:
    """How a role stands, for `app/domain/library_actions.py`."""
    kinds = [one.role for one, _ in grants if one.id != grant.id]
    makes_one = grant.role is Role.SYSADMIN and account.status is AccountStatus.ACTIVE
    gone = 1 if makes_one and Role.SYSADMIN not in kinds else 0
    return GrantFacts(administrators - gone == 0, account.kind is AccountKind.SERVICE)


def account_facts(account: Account) -> AccountFacts:
    """How an account stands, for `app/domain/library_actions.py`."""
    return AccountFacts(account.kind is AccountKind.SERVICE)


class AccountService:
    """Use cases of accounts."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def create(self, actor: Actor, new: NewAccount) -> AccountView:
        """Make an account with a first role; the one-time password is shown once."""
        password = new.password or new_password()
        if new.password is not None:
            check_password(
                new.password,
                (new.username, new.display_name),
                self._runtime.password_policy,
                common_passwords(),
            )
        hashed = await self._runtime.passwords.hash(password)
        async with self._db.unit_of_work(actor) as uow:
            department = await place_of_role(uow, new.role, new.department_code, new.region_code)
            if new.officer_id is not None:
                officer = await officers.get_officer(uow.session, new.officer_id, EVERYTHING)
                if department is None or officer.department_id != department.id:
                    raise RuleError(general.NOT_FOUND)
            account = Account(
                id=uow.new_id(),
                username=new.username,
                display_name=new.display_name,
                password_hash=hashed,
                password_set_at=uow.now,
                status=AccountStatus.ACTIVE,
                must_change_password=new.password is None,
                failed_logins=0,
                officer_id=new.officer_id,
                created_at=uow.now,
                updated_at=uow.now,
            )
            uow.session.add(account)
            await uow.flush()
            if new.password is not None:
                await passwords.remember_hash(uow.session, account.id, hashed, uow.now)
            grant = add_grant(uow, account.id, department, new.role)
            await uow.flush()
            uow.audit(
                "account.created",
                "account",
                account.id,
                after={
                    "username": new.username,
                    "role": new.role.value,
                    "department": department.code if department else None,
                },
            )
            left = await accounts.count_administrators(uow.session)
        shown = password if new.password is None else None
        return AccountView(account, [(grant, department)], shown, left)

    async def create_first_administrator(
        self, username: str, password: str, request_id: str | None = None
    ) -> Account:
        """Make an administrator from the command line; refused by nothing but a taken name."""
        actor = system_actor(self._runtime.settings.region_code, "command-line", request_id)
        view = await self.create(
            actor,
            NewAccount(
                username=username,
                display_name=username,
                role=Role.SYSADMIN,
                department_code=None,
                region_code=actor.region_code,
                password=password,
            ),
        )
        return view.account

    async def provide_demo_account(
        self, username: str, title: str, role: Role, department_code: str | None, password: str
    ) -> None:
        """Make a demo account, or give the one that exists another password (demo only)."""
        if self._runtime.settings.environment == "production":
            raise RuleError(general.NOT_FOUND)
        actor = system_actor(self._runtime.settings.region_code, "command-line")
        async with self._db.reading() as session:
            found = await accounts.find_person(session, username)
        if found is None:
            new = NewAccount(username, title, role, department_code, actor.region_code, password)
            await self.create(actor, new)
            return
        hashed = await self._runtime.passwords.hash(password)
        async with self._db.unit_of_work(actor) as uow:
            account = await accounts.lock_account(uow.session, found.id)
            account.password_hash = hashed
            account.password_set_at = uow.now
            account.status = AccountStatus.ACTIVE
            account.must_change_password = False
            account.locked_until = None
            account.updated_at = uow.now
            await sessions.end_sessions(uow.session, account.id, uow.now, "password_reset")
            await uow.flush()
            uow.audit("account.password_reset", "account", account.id)

    async def reset_password(self, actor: Actor, account_id: UUID, version: int) -> AccountView:
        """Give an account a new one-time password; ends its sessions."""
        password = new_password()
        hashed = await self._runtime.passwords.hash(password)
        async with self._db.unit_of_work(actor) as uow:
            account = await accounts.lock_account(uow.session, account_id)
            require(ACCOUNT, "reset_password", account_facts(account), actor)
            _expect(account, version)
            account.password_hash = hashed
            account.password_set_at = uow.now
            account.must_change_password = True
            account.locked_until = None
            account.failed_logins = 0
            account.updated_at = uow.now
            await sessions.end_sessions(uow.session, account_id, uow.now, "password_reset")
            grants = await accounts.live_grants(uow.session, account_id)
            await uow.flush()
            uow.audit("account.password_reset", "account", account_id)
            left = await accounts.count_administrators(uow.session)
        return AccountView(account, grants, password, left)

    async def set_status(
        self, actor: Actor, account_id: UUID, status: AccountStatus, version: int
    ) -> AccountView:
        """Disable or enable an account; a disabled one loses its sessions at once."""
        async with self._db.unit_of_work(actor) as uow:
            await accounts.lock_administrators(uow.session)
            account = await accounts.lock_account(uow.session, account_id)
            _expect(account, version)
            before = account.status
            account.status = status
            account.locked_until = None
            account.updated_at = uow.now
            if status is not AccountStatus.ACTIVE:
                await sessions.end_sessions(uow.session, account_id, uow.now, "account_disabled")
            grants = await accounts.live_grants(uow.session, account_id)
            await uow.flush()
            left = await accounts.count_administrators(uow.session)
            if left == 0:
                raise RuleError(refusals.LAST_ADMINISTRATOR)
            uow.audit(
                "account.status_changed",
                "account",
                account_id,
                before={"status": before},
                after={"status": status},
            )
        return AccountView(account, grants, administrators=left)

    async def grant_role(
        self,
        actor: Actor,
        account_id: UUID,
        role: Role,
        department_code: str | None,
        region_code: str,
    ) -> AccountView:
        """Give an account a role at a department; effective on its next request."""
        async with self._db.unit_of_work(actor) as uow:
            account = await accounts.lock_account(uow.session, account_id)
            require(ACCOUNT, "grant_role", account_facts(account), actor)
            department = await place_of_role(uow, role, department_code, region_code)
            add_grant(uow, account_id, department, role)
            await uow.flush()
            grants = await accounts.live_grants(uow.session, account_id)
            uow.audit(
                "account.role_granted",
                "account",
                account_id,
                after={"role": role, "department": department.code if department else None},
            )
            left = await accounts.count_administrators(uow.session)
        return AccountView(account, grants, administrators=left)

    async def revoke_role(self, actor: Actor, account_id: UUID, grant_id: UUID) -> None:
        """Take a role away; effective on the next request."""
        async with self._db.unit_of_work(actor) as uow:
            await accounts.lock_administrators(uow.session)
            account = await accounts.lock_account(uow.session, account_id)
            grant = await accounts.lock_grant(uow.session, grant_id)
            if grant.account_id != account_id:
                raise RuleError(general.NOT_FOUND)
            held = await accounts.live_grants(uow.session, account_id)
            left = await accounts.count_administrators(uow.session)
            require(GRANT, "revoke_role", facts_of(account, grant, held, left), actor)
            grant.revoked_at = uow.now
            await uow.flush()
            uow.audit("account.role_revoked", "account", account_id, before={"role": grant.role})

    async def get(self, account_id: UUID) -> AccountView:
        """An account with its roles (administrators only, by permission)."""
        async with self._db.reading() as session:
            account = await accounts.get_account(session, account_id)
            grants = await accounts.live_grants(session, account_id)
            left = await accounts.count_administrators(session)
        return AccountView(account, grants, administrators=left)

    async def list(self, actor: Actor, paging: Paging) -> Slice[Account]:
        """Accounts in order of making."""
        async with self._db.reading() as session:
            return await accounts.list_accounts(
                session,
                actor.scope,
                paging,
                administrator=actor.may(Permission.ACCOUNT_WRITE),
            )

    async def departments_of(self, actor: Actor) -> Department | None:
        """The caller's department, for /me."""
        if actor.department_id is None:
            return None
        async with self._db.reading() as session:
            return await organisation.get_department(session, actor.department_id)


def _expect(account: Account, version: int) -> None:
    if account.row_version != version:
        raise RuleError(general.STALE_VERSION)


async def place_of_role(
    uow: UnitOfWork, role: Role, department_code: str | None, region_code: str
) -> Department | None:
    """The department that a role is given at; raises not-found or role-not-for-department."""
    if department_code is None:
        if role is not Role.SYSADMIN:
            raise RuleError(refusals.ROLE_NOT_FOR_DEPARTMENT)
        return None
    department = await organisation.find_department(uow.session, region_code, department_code)
    if department is None:
        raise RuleError(general.NOT_FOUND)
    kinds = ROLE_KINDS.get(role)
    if role is Role.SYSADMIN or (kinds is not None and department.kind not in kinds):
        raise RuleError(refusals.ROLE_NOT_FOR_DEPARTMENT)
    return department


def add_grant(
    uow: UnitOfWork, account_id: UUID, department: Department | None, role: Role
) -> RoleGrant:
    """Give an account a role."""
    grant = RoleGrant(
        id=uow.new_id(),
        account_id=account_id,
        department_id=department.id if department else None,
        role=role,
        granted_at=uow.now,
        granted_by=uow.actor.account_id,
    )
    uow.session.add(grant)
    return grant
