"""Accounts, role grants and refresh tokens, and who calls.

Sign-in and the check of every request read across departments: an account is found by its name or
id, before there is a scope. Lists of accounts take one.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.domain.actor import Actor, ActorKind, Role, Scope, permissions_of
from app.domain.errors import RuleError
from app.domain.lifecycle import AccountKind, AccountStatus
from app.domain.refusals import accounts as refusals
from app.domain.refusals import general
from app.domain.service_accounts import permissions_of_service
from app.models.account import Account, RefreshToken, RoleGrant, Session
from app.models.organisation import Department
from app.storage.constraints import refuse_on
from app.storage.paging import Paging, Slice, slice_of
from app.storage.scope import own_or_region

refuse_on("uq_account_username", refusals.USERNAME_TAKEN)
refuse_on("uq_role_grant_live", refusals.GRANT_EXISTS)
refuse_on("uq_account_officer_id", refusals.OFFICER_HAS_ACCOUNT)


async def find_person(session: AsyncSession, username: str) -> Account | None:
    """The person's account of that name, for sign-in: a service has no password to try."""
    return await _find(session, username, AccountKind.PERSON)


async def find_client(session: AsyncSession, client_id: str) -> Account | None:
    """The service account of that client id, for its tokens."""
    return await _find(session, client_id, AccountKind.SERVICE)


async def _find(session: AsyncSession, username: str, kind: AccountKind) -> Account | None:
    query = select(Account).where(Account.username == username, Account.kind == kind)
    return (await session.execute(query)).scalar_one_or_none()


async def lock_account(session: AsyncSession, account_id: UUID) -> Account:
    """The account, locked; raises not-found."""
    found = (
        await session.execute(select(Account).where(Account.id == account_id).with_for_update())
    ).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


def touch(account: Account, now: dt.datetime) -> None:
    """Give the account a new version, whatever else of it changes: its secrets count as its own."""
    account.updated_at = now
    flag_modified(account, "updated_at")  # even where the clock has stood still


async def live_grants(
    session: AsyncSession, account_id: UUID
) -> Sequence[tuple[RoleGrant, Department | None]]:
    """The roles an account has now, with the department of each."""
    rows = await session.execute(
        select(RoleGrant, Department)
        .outerjoin(Department, Department.id == RoleGrant.department_id)
        .where(RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None))
        .order_by(RoleGrant.id)
    )
    return [(grant, department) for grant, department in rows]


async def departments_of_services(
    session: AsyncSession, account_ids: Sequence[UUID]
) -> Mapping[UUID, Department]:
    """The one department at which each service account acts."""
    rows = await session.execute(
        select(RoleGrant.account_id, Department)
        .join(Department, Department.id == RoleGrant.department_id)
        .where(RoleGrant.account_id.in_(account_ids), RoleGrant.revoked_at.is_(None))
    )
    return {account_id: department for account_id, department in rows}  # noqa: C416  typed


@dataclass(frozen=True, slots=True)
class Identified:
    """Who calls, and when their session was last noted as used."""

    actor: Actor
    last_used_at: dt.datetime


async def find_actor(
    session: AsyncSession,
    account_id: UUID,
    session_id: UUID,
    now: dt.datetime,
    default_region: str,
    idle_since: dt.datetime | None,
) -> Identified | None:
    """The caller as the database knows them now: a change of role acts on the next request."""
    in_use = true() if idle_since is None else Session.last_used_at > idle_since
    rows = (
        await session.execute(
            select(Account, Session, RoleGrant.role, Department)
            .join(Session, Session.account_id == Account.id)
            .join(
                RoleGrant,
                (RoleGrant.account_id == Account.id)
                & RoleGrant.revoked_at.is_(None)
                & RoleGrant.department_id.is_not_distinct_from(Session.department_id),
            )
            .outerjoin(Department, Department.id == Session.department_id)
            .where(
                Account.id == account_id,
                Account.status == AccountStatus.ACTIVE,
                Session.id == session_id,
                Session.ended_at.is_(None),
                Session.expires_at > now,
                in_use,
            )
        )
    ).all()
    if not rows:
        return None
    account, held, _, department = rows[0]
    roles = frozenset(Role(role) for _, _, role, _ in rows)
    actor = acting(account, department, roles, held.scopes or (), default_region, held.id)
    return Identified(actor, held.last_used_at)


def acting(
    account: Account,
    department: Department | None,
    roles: frozenset[Role],
    of_token: Sequence[str],
    default_region: str,
    session_id: UUID | None,
) -> Actor:
    """An account as it acts at a department, with what its roles there permit now."""
    is_service = account.kind is AccountKind.SERVICE
    return Actor(
        account_id=account.id,
        username=account.username,
        roles=roles,
        permissions=permissions_of_service(roles, account.scopes or (), of_token)
        if is_service
        else permissions_of(roles),
        department_id=department.id if department else None,
        department_code=department.code if department else None,
        region_code=department.region_code if department else default_region,
        session_id=session_id,
        officer_id=account.officer_id,
        kind=ActorKind.SERVICE if is_service else ActorKind.PERSON,
    )


async def lock_refresh_token(session: AsyncSession, token_sha256: str) -> RefreshToken | None:
    """A refresh token by its hash, locked against a second use."""
    return (
        await session.execute(
            select(RefreshToken).where(RefreshToken.token_sha256 == token_sha256).with_for_update()
        )
    ).scalar_one_or_none()


async def get_account(session: AsyncSession, account_id: UUID) -> Account:
    """An account by id, for the administrator (who sees all accounts); raises not-found."""
    found = await session.get(Account, account_id)
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found


async def list_accounts(
    session: AsyncSession,
    scope: Scope,
    paging: Paging,
    *,
    administrator: bool,
    kind: AccountKind | None = None,
) -> Slice[Account]:
    """Accounts in order of making; all for the administrator, else those of the scope."""
    query = select(Account)
    if kind is not None:
        query = query.where(Account.kind == kind)
    if not administrator:
        query = query.where(
            Account.id.in_(
                select(RoleGrant.account_id).where(own_or_region(RoleGrant.department_id, scope))
            )
        )
    return await slice_of(session, query, Account.id, paging)


async def lock_administrators(session: AsyncSession) -> None:
    """Lock every administrator's grant: two who remove each other must not both succeed."""
    query = select(RoleGrant.id).where(
        RoleGrant.role == Role.SYSADMIN, RoleGrant.revoked_at.is_(None)
    )
    await session.execute(query.order_by(RoleGrant.id).with_for_update())


async def count_administrators(session: AsyncSession) -> int:
    """How many active administrators there are."""
    query = (
        select(func.count(func.distinct(Account.id)))
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.role == Role.SYSADMIN,
            RoleGrant.revoked_at.is_(None),
            Account.status == AccountStatus.ACTIVE,
        )
    )
    return int(await session.scalar(query) or 0)


async def lock_grant(session: AsyncSession, grant_id: UUID) -> RoleGrant:
    """A live grant, locked; raises not-found."""
    found = (
        await session.execute(
            select(RoleGrant)
            .where(RoleGrant.id == grant_id, RoleGrant.revoked_at.is_(None))
            .with_for_update()
        )
    ).scalar_one_or_none()
    if found is None:
        raise RuleError(general.NOT_FOUND)
    return found
