"""When a request may speak by the refresh cookie, which a browser sends along by itself.

SameSite=Strict keeps it from other sites in browsers that know it; a header that no form and no
link can send keeps it from those that do not; the origin, which a page can not forge, is held
against the list as well.
"""

from collections.abc import Collection
from dataclasses import dataclass

from app.domain.errors import RuleError
from app.domain.refusals.accounts import CROSS_SITE_REFUSED

NAME = "sunlot_refresh"
PATH = "/api/v1/auth"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a request says of the page that made it: Origin, Sec-Fetch-Site, X-Requested-With."""

    origin: str | None
    fetch_site: str | None
    requested_with: str | None


def refuse_cross_site(asked: Provenance, allowed: Collection[str]) -> None:
    """Raise cross-site-refused unless a page of ours, or no page at all, has made the request.

    Every browser sends Origin with a POST; without one, Sec-Fetch-Site decides if it is there.
    """
    if asked.origin is not None:
        is_ours = asked.origin in allowed
    else:
        is_ours = asked.fetch_site in {None, "same-origin"}
    if not (is_ours and asked.requested_with):
        raise RuleError(CROSS_SITE_REFUSED)
