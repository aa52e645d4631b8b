"""Access tokens of services by client credentials (RFC 6749 s.4.4): short, and none to refresh.

A token is a session of its own, which ends with the secret it was given for; so everything that
holds of sessions holds of it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.domain.actor import Actor, ActorKind
from app.domain.errors import RuleError
from app.domain.lifecycle import AccountStatus
from app.domain.refusals import service_accounts as refusals
from app.domain.service_accounts import scopes_asked_for
from app.models.account import Account, ClientSecret, Session
from app.models.organisation import Department
from app.security import AccessClaims, same_text, sha256_text
from app.services.runtime import Runtime
from app.services.sign_in import Origin, nobody_from
from app.storage import accounts, client_secrets
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class IssuedServiceToken:
    """What a service is given."""

    access_token: str
    expires_in: int
    scope: str


class ServiceTokenService:
    """Use cases of tokens for services."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def issue(
        self, client_id: str, secret: str, scope: str | None, origin: Origin
    ) -> IssuedServiceToken:
        """A token for all scopes, or those that were asked for; raises client-refused."""
        digest = sha256_text(secret)
        async with self._db.reading() as session:
            client = await accounts.find_client(session, client_id)
        issued: IssuedServiceToken | None = None
        async with self._db.unit_of_work(nobody_from(origin, self._region)) as uow:
            account = await accounts.lock_account(uow.session, client.id) if client else None
            found = await _matching(uow, account, digest)
            if account is None or found is None:
                subject = account.id if account else None
                uow.audit("session.refused", "account", subject, outcome="failure")
            else:
                issued = await self._start(uow, account, found, scope, origin)
        if issued is None:
            raise RuleError(refusals.CLIENT_REFUSED)
        return issued

    async def _start(
        self,
        uow: UnitOfWork,
        account: Account,
        secret: ClientSecret,
        scope: str | None,
        origin: Origin,
    ) -> IssuedServiceToken:
        granted = scopes_asked_for(scope, account.scopes or ())
        grants = await accounts.live_grants(uow.session, account.id)
        department = next((place for _, place in grants if place is not None), None)
        if department is None:
            raise RuleError(refusals.CLIENT_REFUSED)
        tokens = self._runtime.tokens
        until = uow.now + tokens.lifetime
        if secret.expires_at is not None:
            until = min(until, secret.expires_at)
        held = self._session(uow, account.id, department, secret.id, granted, until, origin)
        uow.session.add(held)
        secret.last_used_at = uow.now
        uow.actor = _service(uow.actor, account, held.id, department)
        uow.audit(
            "session.started",
            "session",
            held.id,
            grant="client_credentials",
            secret_id=str(secret.id),
            scopes=list(granted),
        )
        return IssuedServiceToken(
            access_token=tokens.issue(AccessClaims(account.id, held.id), uow.now, until),
            expires_in=max(1, int((until - uow.now).total_seconds())),
            scope=" ".join(granted),
        )

    @staticmethod
    def _session(
        uow: UnitOfWork,
        account_id: UUID,
        department: Department,
        secret_id: UUID,
        scopes: Sequence[str],
        until: dt.datetime,
        origin: Origin,
    ) -> Session:
        return Session(
            id=uow.new_id(),
            account_id=account_id,
            department_id=department.id,
            created_at=uow.now,
            last_used_at=uow.now,
            expires_at=until,
            ip=origin.ip,
            user_agent=origin.user_agent,
            client_secret_id=secret_id,
            scopes=list(scopes),
        )

    @property
    def _region(self) -> str:
        return self._runtime.settings.region_code


async def _matching(uow: UnitOfWork, account: Account | None, digest: str) -> ClientSecret | None:
    """The secret of an active account that has this digest and still works."""
    if account is None or account.status is not AccountStatus.ACTIVE:
        return None
    for secret in await client_secrets.unrevoked_secrets(uow.session, account.id):
        works = secret.expires_at is None or secret.expires_at > uow.now
        if works and same_text(secret.secret_sha256, digest):
            return secret
    return None


def _service(actor: Actor, account: Account, session_id: UUID, department: Department) -> Actor:
    return replace(
        actor,
        account_id=account.id,
        username=account.username,
        kind=ActorKind.SERVICE,
        session_id=session_id,
        department_id=department.id,
        department_code=department.code,
        region_code=department.region_code,
    )
