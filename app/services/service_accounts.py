"""Service accounts and their secrets: the administrator's work.

A secret is shown once, when it is made. The old one of a rotation ends by itself; what was issued
for a secret ends with it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.actor import Actor, Permission, system_actor
from app.domain.errors import RuleError
from app.domain.lifecycle import AccountKind, AccountStatus
from app.domain.refusals import general
from app.domain.refusals import service_accounts as refusals
from app.domain.service_accounts import SERVICE_ROLE, SLOTS, refuse_ungrantable
from app.models.account import Account, ClientSecret
from app.models.organisation import Department
from app.security import new_client_secret, sha256_text
from app.services.accounts import add_grant, place_of_role
from app.services.runtime import Runtime
from app.storage import accounts, client_secrets, sessions
from app.storage.engine import Reading
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewServiceAccount:
    """What a service account is made from."""

    client_id: str
    display_name: str
    department_code: str
    region_code: str
    scopes: Sequence[Permission]


@dataclass(frozen=True, slots=True)
class ServiceAccountView:
    """A service account, where it acts, its secrets (not their text) and its last use."""

    account: Account
    department: Department | None
    secrets: Sequence[ClientSecret]
    last_used_at: dt.datetime | None
    client_secret: str | None = None


class ServiceAccountService:
    """Use cases of service accounts."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def create(self, actor: Actor, new: NewServiceAccount) -> ServiceAccountView:
        """Make a service account with a first secret, which is shown here and never again."""
        refuse_ungrantable(new.scopes)
        text = new_client_secret()
        async with self._db.unit_of_work(actor) as uow:
            department = await place_of_role(
                uow, SERVICE_ROLE, new.department_code, new.region_code
            )
            account = Account(
                id=uow.new_id(),
                kind=AccountKind.SERVICE,
                username=new.client_id,
                display_name=new.display_name,
                scopes=_sorted(new.scopes),
                status=AccountStatus.ACTIVE,
                must_change_password=False,
                failed_logins=0,
                created_at=uow.now,
                updated_at=uow.now,
            )
            uow.session.add(account)
            await uow.flush()
            add_grant(uow, account.id, department, SERVICE_ROLE)
            secret = _add_secret(uow, account.id, text, slot=SLOTS[0])
            await uow.flush()
            uow.audit(
                "service_account.created",
                "account",
                account.id,
                after={
                    "client_id": new.client_id,
                    "scopes": account.scopes,
                    "department": new.department_code,
                    "secret_id": str(secret.id),
                },
            )
        return ServiceAccountView(account, department, [secret], None, text)

    async def provide_demo_service(self, new: NewServiceAccount) -> str:
        """Make a demo service, or give the one that exists another secret (demo only)."""
        if self._runtime.settings.environment == "production":
            raise RuleError(general.NOT_FOUND)
        actor = system_actor(self._runtime.settings.region_code, "command-line")
        async with self._db.reading() as session:
            found = await accounts.find_client(session, new.client_id)
        view = (
            await self.create(actor, new)
            if found is None
            else await self.rotate_secret(actor, found.id, dt.timedelta(0), found.row_version)
        )
        assert view.client_secret is not None
        return view.client_secret

    async def change(
        self, actor: Actor, account_id: UUID, changes: Mapping[str, Any], version: int
    ) -> ServiceAccountView:
        """Change name, scopes or status; what is taken away is gone on the next request."""
        scopes: Sequence[Permission] | None = changes.get("scopes")
        status: AccountStatus | None = changes.get("status")
        if scopes is not None:
            refuse_ungrantable(scopes)
        async with self._db.unit_of_work(actor) as uow:
            account = await _lock(uow, account_id, version)
            before = _facts(account)
            account.display_name = changes.get("display_name", account.display_name)
            if scopes is not None:
                account.scopes = _sorted(scopes)
            if status is not None:
                account.status = status
            if status is AccountStatus.DISABLED:
                await sessions.end_sessions(uow.session, account_id, uow.now, "account_disabled")
            accounts.touch(account, uow.now)
            await uow.flush()
            uow.audit(
                "service_account.changed",
                "account",
                account_id,
                before=before,
                after=_facts(account),
            )
            return await _view(uow.session, account)

    async def rotate_secret(
        self, actor: Actor, account_id: UUID, overlap: dt.timedelta, version: int
    ) -> ServiceAccountView:
        """Make a new secret, shown once; the old one works until the overlap is over."""
        text = new_client_secret()
        async with self._db.unit_of_work(actor) as uow:
            account = await _lock(uow, account_id, version)
            kept = await self._make_room(uow, account_id, overlap)
            slot = next(one for one in SLOTS if one != (kept.slot if kept else None))
            await uow.flush()
            secret = _add_secret(uow, account_id, text, slot=slot)
            accounts.touch(account, uow.now)
            await uow.flush()
            uow.audit(
                "service_account.secret_rotated",
                "account",
                account_id,
                after={"secret_id": str(secret.id)},
                old_valid_until=kept.expires_at if kept else None,
            )
            view = await _view(uow.session, account)
        return ServiceAccountView(
            view.account, view.department, view.secrets, view.last_used_at, text
        )

    @staticmethod
    async def _make_room(
        uow: UnitOfWork, account_id: UUID, overlap: dt.timedelta
    ) -> ClientSecret | None:
        """Let the current secret end; returns it if it goes on for a while."""
        working: list[ClientSecret] = []
        for secret in await client_secrets.unrevoked_secrets(uow.session, account_id):
            ended = secret.expires_at is not None and secret.expires_at <= uow.now
            if not ended and overlap:
                working.append(secret)
                continue
            secret.revoked_at = uow.now
            if not ended:
                await _end_issued(uow, secret)
        if len(working) == len(SLOTS):
            until = next(one.expires_at for one in working if one.expires_at is not None)
            raise RuleError(refusals.OLD_SECRET_STILL_VALID, valid_until=until.isoformat())
        if not working:
            return None
        (kept,) = working
        if kept.expires_at is None:
            kept.expires_at = uow.now + overlap
            await sessions.end_with_secret(uow.session, kept)
        return kept

    async def revoke_secret(self, actor: Actor, account_id: UUID, secret_id: UUID) -> None:
        """End a secret at once, with every token that was issued for it."""
        async with self._db.unit_of_work(actor) as uow:
            account = await _lock(uow, account_id, None)
            unrevoked = await client_secrets.unrevoked_secrets(uow.session, account_id)
            secret = next((one for one in unrevoked if one.id == secret_id), None)
            if secret is None:
                raise RuleError(general.NOT_FOUND)
            secret.revoked_at = uow.now
            accounts.touch(account, uow.now)
            await _end_issued(uow, secret)
            uow.audit(
                "service_account.secret_revoked",
                "account",
                account_id,
                before={"secret_id": str(secret_id)},
            )

    async def get(self, account_id: UUID) -> ServiceAccountView:
        """A service account (administrators only, by permission)."""
        async with self._db.reading() as session:
            account = await accounts.get_account(session, account_id)
            if account.kind is not AccountKind.SERVICE:
                raise RuleError(general.NOT_FOUND)
            return await _view(session, account)

    async def list(self, actor: Actor, paging: Paging) -> Slice[ServiceAccountView]:
        """Service accounts in order of making."""
        async with self._db.reading() as session:
            cut = await accounts.list_accounts(
                session,
                actor.scope,
                paging,
                administrator=actor.may(Permission.ACCOUNT_WRITE),
                kind=AccountKind.SERVICE,
            )
            views = await _views(session, cut.items)
        return Slice(views, cut.next_cursor, cut.total)


async def _lock(uow: UnitOfWork, account_id: UUID, version: int | None) -> Account:
    account = await accounts.lock_account(uow.session, account_id)
    if account.kind is not AccountKind.SERVICE:
        raise RuleError(general.NOT_FOUND)
    if version is not None and account.row_version != version:
        raise RuleError(general.STALE_VERSION)
    return account


async def _end_issued(uow: UnitOfWork, secret: ClientSecret) -> None:
    await sessions.end_sessions(
        uow.session, secret.account_id, uow.now, "secret_revoked", client_secret_id=secret.id
    )


def _add_secret(uow: UnitOfWork, account_id: UUID, text: str, *, slot: int) -> ClientSecret:
    secret = ClientSecret(
        id=uow.new_id(),
        account_id=account_id,
        slot=slot,
        secret_sha256=sha256_text(text),
        created_at=uow.now,
        created_by=uow.actor.account_id,
    )
    uow.session.add(secret)
    return secret


def _sorted(scopes: Sequence[Permission]) -> list[str]:
    return sorted(scope.value for scope in scopes)


def _facts(account: Account) -> dict[str, Any]:
    return {
        "display_name": account.display_name,
        "scopes": list(account.scopes or ()),
        "status": account.status.value,
    }


async def _view(session: Reading, account: Account) -> ServiceAccountView:
    return (await _views(session, [account]))[0]


async def _views(session: Reading, found: Sequence[Account]) -> list[ServiceAccountView]:
    ids = [account.id for account in found]
    departments = await accounts.departments_of_services(session, ids)
    secrets = await client_secrets.secrets_of(session, ids)
    used = await sessions.last_uses(session, ids)
    return [
        ServiceAccountView(
            account,
            departments.get(account.id),
            secrets.get(account.id, []),
            used.get(account.id),
        )
        for account in found
    ]
