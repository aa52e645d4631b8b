"""Scopes of service accounts, and whether a request may speak by the refresh cookie."""

import pytest

from app.domain.actor import PERMISSIONS, Permission, Role
from app.domain.errors import RuleError
from app.domain.refresh_cookie import Provenance, refuse_cross_site
from app.domain.service_accounts import (
    GRANTABLE,
    permissions_of_service,
    refuse_ungrantable,
    scopes_asked_for,
)

GRANTED = ("object:read", "object:write")


def test_nothing_is_granted_that_no_integrator_may():
    refuse_ungrantable(GRANTABLE)
    for permission in set(Permission) - PERMISSIONS[Role.INTEGRATOR]:
        with pytest.raises(RuleError):
            refuse_ungrantable([Permission.OBJECT_READ, permission])


@pytest.mark.parametrize("text", [None, "", "   "])
def test_a_token_without_a_scope_has_all_that_was_granted(text: str | None):
    assert scopes_asked_for(text, GRANTED) == GRANTED


def test_a_token_may_ask_for_fewer_and_not_for_more():
    assert scopes_asked_for("object:read object:read", GRANTED) == ("object:read",)
    with pytest.raises(RuleError):
        scopes_asked_for("object:read plan:read", GRANTED)


def test_a_request_may_what_role_account_and_token_all_permit():
    roles = [Role.INTEGRATOR]
    found = permissions_of_service(roles, GRANTED, ("object:read", "plan:read"))
    assert found == {Permission.SELF, Permission.OBJECT_READ}
    beyond = (*GRANTED, "account:write")
    assert Permission.ACCOUNT_WRITE not in permissions_of_service(roles, beyond, beyond)
    assert permissions_of_service(roles, (), GRANTED) == {Permission.SELF}
    assert permissions_of_service([], GRANTED, GRANTED) == {Permission.SELF}


OURS = "https://web.example"


@pytest.mark.parametrize(
    ("origin", "fetch_site", "requested_with", "passes"),
    [
        (OURS, "same-site", "XMLHttpRequest", True),
        (OURS, None, "x", True),
        (None, "same-origin", "x", True),
        (None, None, "x", True),
        (OURS, "same-origin", None, False),
        (OURS, "same-origin", "", False),
        (None, None, None, False),
        ("https://evil.example", "cross-site", "x", False),
        ("https://evil.example", "same-origin", "x", False),
        ("null", None, "x", False),
        ("", None, "x", False),
        (OURS + ".evil.example", None, "x", False),
        (None, "cross-site", "x", False),
        (None, "same-site", "x", False),
        (None, "none", "x", False),
    ],
)
def test_the_cookie_counts_only_for_a_page_of_ours(
    origin: str | None, fetch_site: str | None, requested_with: str | None, passes: bool
):
    asked = Provenance(origin, fetch_site, requested_with)
    if passes:
        refuse_cross_site(asked, {OURS})
    else:
        with pytest.raises(RuleError) as refused:
            refuse_cross_site(asked, {OURS})
        assert refused.value.refusal.code == "cross-site-refused"
