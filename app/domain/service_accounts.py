"""What a service account may do: never more than the roles of services permit.

The scopes it was given are held against what its role permits now, on every request: a right that
the role loses is lost by every client at once, whatever was written down when it was made. A
scope's name is the permission's.
"""

from collections.abc import Collection, Iterable

from app.domain.actor import PERMISSIONS, Permission, Role, permissions_of
from app.domain.errors import RuleError
from app.domain.refusals import service_accounts as refusals

SERVICE_ROLE = Role.INTEGRATOR
GRANTABLE = PERMISSIONS[SERVICE_ROLE]
DEFAULT_OVERLAP_HOURS = 7 * 24
MAX_OVERLAP_HOURS = 30 * 24
"""An old secret stays valid 30 days at most after a rotation (house rule)."""
SLOTS = (1, 2)
"""Two secrets at most: the current one and the one that it replaces."""


def refuse_ungrantable(scopes: Iterable[Permission]) -> None:
    """Refuse scopes that no service may have."""
    beyond = sorted(scope.value for scope in scopes if scope not in GRANTABLE)
    if beyond:
        raise RuleError(refusals.SCOPE_NOT_GRANTABLE, scopes=", ".join(beyond))


def scopes_asked_for(text: str | None, granted: Collection[str]) -> tuple[str, ...]:
    """The scopes of a token: all that were granted, or the named part of them (RFC 6749 s.3.3)."""
    asked = set((text or "").split())
    if not asked:
        return tuple(sorted(granted))
    if not asked <= set(granted):
        raise RuleError(refusals.SCOPE_NOT_GRANTED)
    return tuple(sorted(asked))


def permissions_of_service(
    roles: Iterable[Role], granted: Collection[str], of_token: Collection[str]
) -> frozenset[Permission]:
    """What a request may do: what the roles permit now, of what was granted, of what was asked."""
    return frozenset(
        permission
        for permission in permissions_of(roles)
        if permission is Permission.SELF or (permission in granted and permission in of_token)
    )
