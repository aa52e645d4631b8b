"""Signing in and out: password, short access token, rotating refresh token.

A refresh token is used once. A second use means that somebody has a copy: the whole session ends.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from app.domain.actor import Actor, ActorKind, system_actor
from app.domain.errors import RuleError
from app.domain.lifecycle import AccountStatus
from app.domain.passwords import check_password
from app.domain.refusals import accounts as refusals
from app.models.account import Account, RefreshToken, RoleGrant, Session
from app.models.organisation import Department
from app.reference import common_passwords
from app.security import AccessClaims, new_refresh_token, sha256_text
from app.services.runtime import Runtime
from app.storage import accounts, passwords, sessions
from app.storage.engine import DATABASE_ERRORS
from app.storage.uow import UnitOfWork

log = structlog.get_logger("app.sign_in")
NOTED_EVERY = dt.timedelta(seconds=60)
"""A session's last use is written once a minute at most: it costs a statement."""


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """What a successful sign-in or refresh hands out, once."""

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request without an actor came from."""

    ip: str | None
    request_id: str | None
    user_agent: str | None = None


class SignInService:
    """Use cases of authentication."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def log_in(
        self, username: str, password: str, department_code: str | None, origin: Origin
    ) -> IssuedTokens:
        """Start a session, or raise what stands in the way."""
        account = await self._checked(username, password, origin)
        return await self._start_session(account, department_code, origin)

    async def _start_session(
        self, seen: Account, department_code: str | None, origin: Origin
    ) -> IssuedTokens:
        async with self._db.unit_of_work(self._nobody(origin)) as uow:
            account = await accounts.lock_account(uow.session, seen.id)
            _refuse_unusable(account, uow.now)
            if account.must_change_password:
                raise RuleError(refusals.PASSWORD_CHANGE_REQUIRED)
            assert account.password_set_at is not None
            self._runtime.password_policy.refuse_expired(account.password_set_at, uow.now)
            grants = await accounts.live_grants(uow.session, account.id)
            department = _choose(grants, department_code)
            account.failed_logins = 0
            account.locked_until = None
            lifetime = dt.timedelta(seconds=self._runtime.settings.refresh_token_seconds)
            held = Session(
                id=uow.new_id(),
                account_id=account.id,
                department_id=department.id if department else None,
                created_at=uow.now,
                last_used_at=uow.now,
                expires_at=uow.now + lifetime,
                ip=origin.ip,
                user_agent=origin.user_agent,
            )
            uow.session.add(held)
            await uow.flush()
            issued = self._issue(uow, held)
            uow.actor = replace(
                uow.actor,
                account_id=account.id,
                username=account.username,
                kind=ActorKind.PERSON,
                session_id=held.id,
                department_id=held.department_id,
                department_code=department.code if department else None,
                region_code=department.region_code if department else uow.actor.region_code,
            )
            uow.audit("session.started", "session", held.id)
        return issued

    def _issue(self, uow: UnitOfWork, held: Session) -> IssuedTokens:
        token = new_refresh_token()
        uow.session.add(
            RefreshToken(
                id=uow.new_id(),
                session_id=held.id,
                token_sha256=sha256_text(token),
                issued_at=uow.now,
                expires_at=held.expires_at,
            )
        )
        tokens = self._runtime.tokens
        return IssuedTokens(
            access_token=tokens.issue(AccessClaims(held.account_id, held.id), uow.now),
            expires_in=int(tokens.lifetime.total_seconds()),
            refresh_token=token,
            refresh_expires_in=int((held.expires_at - uow.now).total_seconds()),
        )

    async def refresh(self, refresh_token: str, origin: Origin) -> IssuedTokens:
        """Change a refresh token for new tokens; a used one ends its session."""
        refused = False
        issued: IssuedTokens | None = None
        policy = self._runtime.password_policy
        async with self._db.unit_of_work(self._nobody(origin)) as uow:
            token = await accounts.lock_refresh_token(uow.session, sha256_text(refresh_token))
            if token is None:
                raise RuleError(refusals.REFRESH_REFUSED)
            held = await sessions.lock_session(uow.session, token.session_id)
            account = await accounts.get_account(uow.session, held.account_id)
            uow.actor = _person(uow.actor, account)
            idle_since = policy.idle_since(uow.now)
            if token.used_at is not None:
                refused = True
                if held.ended_at is None:
                    held.ended_at = uow.now
                    held.end_reason = "refresh_token_reused"
                uow.audit("session.refresh_reused", "session", held.id, outcome="failure")
            elif (
                held.ended_at is not None
                or token.expires_at <= uow.now
                or (idle_since is not None and held.last_used_at <= idle_since)
                or account.status is not AccountStatus.ACTIVE
            ):
                raise RuleError(refusals.REFRESH_REFUSED)
            else:
                token.used_at = uow.now
                held.last_used_at = uow.now
                issued = self._issue(uow, held)
                uow.audit("session.refreshed", "session", held.id)
        if refused or issued is None:
            raise RuleError(refusals.REFRESH_REFUSED)
        return issued

    async def log_out(self, actor: Actor) -> None:
        """End the caller's session; its access and refresh tokens stop working at once."""
        async with self._db.unit_of_work(actor) as uow:
            assert actor.session_id is not None
            held = await sessions.lock_session(uow.session, actor.session_id)
            held.ended_at = uow.now
            held.end_reason = "logged_out"
            uow.audit("session.ended", "session", held.id, reason="logged_out")

    async def log_out_by_token(self, refresh_token: str, origin: Origin) -> None:
        """End the session of a refresh token, where the access token has run out before."""
        async with self._db.unit_of_work(self._nobody(origin)) as uow:
            token = await accounts.lock_refresh_token(uow.session, sha256_text(refresh_token))
            if token is None:
                raise RuleError(refusals.UNAUTHENTICATED)
            held = await sessions.lock_session(uow.session, token.session_id)
            if held.ended_at is not None or held.expires_at <= uow.now:
                raise RuleError(refusals.UNAUTHENTICATED)
            account = await accounts.get_account(uow.session, held.account_id)
            uow.actor = replace(_person(uow.actor, account), session_id=held.id)
            held.ended_at = uow.now
            held.end_reason = "logged_out"
            uow.audit("session.ended", "session", held.id, reason="logged_out")

    async def change_password(
        self, username: str, old_password: str, new_password: str, origin: Origin
    ) -> None:
        """Set a new password with the old one; ends every session of the account."""
        account = await self._checked(username, old_password, origin)
        check_password(
            new_password,
            (account.username, account.display_name),
            self._runtime.password_policy,
            common_passwords(),
            reused=new_password == old_password or await self._is_reused(account.id, new_password),
        )
        hashed = await self._runtime.passwords.hash(new_password)
        nobody = self._nobody(origin)
        async with self._db.unit_of_work(nobody) as uow:
            locked = await accounts.lock_account(uow.session, account.id)
            _refuse_unusable(locked, uow.now)
            if locked.password_hash != account.password_hash:
                raise RuleError(refusals.BAD_CREDENTIALS)
            locked.password_hash = hashed
            locked.password_set_at = uow.now
            await passwords.remember_hash(uow.session, locked.id, hashed, uow.now)
            locked.must_change_password = False
            locked.failed_logins = 0
            locked.updated_at = uow.now
            await sessions.end_sessions(uow.session, locked.id, uow.now, "password_changed")
            uow.actor = _person(nobody, locked)
            uow.audit("account.password_changed", "account", locked.id)

    async def _is_reused(self, account_id: UUID, password: str) -> bool:
        """Whether it is one of the last passwords that the profile remembers."""
        remembered = self._runtime.password_policy.remembered
        async with self._db.reading() as session:
            hashes = await passwords.last_hashes(session, account_id, remembered)
        for kept in hashes:
            if await self._runtime.passwords.verify(kept, password):
                return True
        return False

    async def identify(self, account_id: UUID, session_id: UUID, origin: Origin) -> Actor | None:
        """Who an access token stands for now, or None."""
        now = self._runtime.clock.now()
        async with self._db.reading() as session:
            found = await accounts.find_actor(
                session,
                account_id,
                session_id,
                now,
                self._runtime.settings.region_code,
                self._runtime.password_policy.idle_since(now),
            )
        if found is None:
            return None
        if now - found.last_used_at >= NOTED_EVERY:
            await self._note_use(session_id, now)
        return replace(found.actor, ip=origin.ip, request_id=origin.request_id)

    async def _note_use(self, session_id: UUID, now: dt.datetime) -> None:
        """Note when a session was last used; nobody's act, and no reason to fail the request."""
        try:
            async with self._db.bookkeeping() as session:
                await sessions.note_use(session, session_id, now)
        except DATABASE_ERRORS as error:
            log.warning("use_not_noted", error=type(error).__name__)

    async def record_refusal(self, actor: Actor, code: str, method: str, path: str) -> None:
        """Leave a trace of an act that was refused: a failure is a unit of work of its own."""
        async with self._db.unit_of_work(actor) as uow:
            uow.audit(
                "request.refused",
                "request",
                None,
                outcome="failure",
                code=code,
                method=method,
                path=path[:200],
            )

    async def _checked(self, username: str, password: str, origin: Origin) -> Account:
        """The account that the password opens.

        A locked account says so before the password is looked at: while it is locked, right and
        wrong passwords get the same answer, or the lock would not stop anybody from guessing.
        """
        async with self._db.reading() as session:
            account = await accounts.find_person(session, username)
        if account is not None:
            _refuse_locked(account, self._runtime.clock.now())
        matched = await self._runtime.passwords.verify(
            account.password_hash if account else None, password
        )
        if account is None or not matched:
            await self._record_failure(account.id if account else None, origin)
            raise RuleError(refusals.BAD_CREDENTIALS)
        return account

    async def _record_failure(self, account_id: UUID | None, origin: Origin) -> None:
        """Count a failure and lock the account when there are too many in a row."""
        policy = self._runtime.password_policy
        async with self._db.unit_of_work(self._nobody(origin)) as uow:
            if account_id is not None:
                account = await accounts.lock_account(uow.session, account_id)
                account.failed_logins += 1
                if account.failed_logins >= policy.lock_after_failures:
                    account.locked_until = uow.now + dt.timedelta(seconds=policy.lock_seconds)
                    account.failed_logins = 0
                    uow.audit("account.locked", "account", account.id, outcome="failure")
            uow.audit("session.refused", "account", account_id, outcome="failure")

    def _nobody(self, origin: Origin) -> Actor:
        return nobody_from(origin, self._runtime.settings.region_code)


def nobody_from(origin: Origin, region_code: str) -> Actor:
    """Who has not said yet who they are."""
    base = system_actor(region_code, "anonymous", origin.request_id)
    return replace(base, ip=origin.ip)


def _person(actor: Actor, account: Account) -> Actor:
    return replace(actor, account_id=account.id, username=account.username, kind=ActorKind.PERSON)


def _refuse_unusable(account: Account, now: dt.datetime) -> None:
    _refuse_locked(account, now)
    if account.status is not AccountStatus.ACTIVE:
        raise RuleError(refusals.ACCOUNT_DISABLED)


def _refuse_locked(account: Account, now: dt.datetime) -> None:
    if account.locked_until is not None and account.locked_until > now:
        raise RuleError(refusals.ACCOUNT_LOCKED, locked_until=account.locked_until.isoformat())


def _choose(
    grants: Sequence[tuple[RoleGrant, Department | None]], department_code: str | None
) -> Department | None:
    places: dict[str, Department | None] = {}
    for _, department in grants:
        places[department.code if department else ""] = department
    if not places:
        raise RuleError(refusals.NO_ROLE_THERE)
    if department_code is not None:
        if department_code not in places:
            raise RuleError(refusals.NO_ROLE_THERE)
        return places[department_code]
    if len(places) > 1:
        raise RuleError(refusals.CHOOSE_DEPARTMENT)
    return next(iter(places.values()))
