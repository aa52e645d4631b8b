"""The administrator's work: accounts, roles, one-time passwords, and the last administrator."""

import asyncio
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.actor import Role
from app.models.account import Account
from app.models.audit import AuditEntry
from app.storage import accounts
from tests.support.world import PASSWORD, REGION, Caller, World

NEW = {
    "username": "scjg.new",
    "display_name": "经办新",
    "role": "dept_clerk",
    "department_code": "SCJG",
    "region_code": REGION,
}
NOWHERE = "00000000-0000-7000-8000-000000000001"


async def test_a_new_account_gets_a_one_time_password_once(world: World):
    admin = await world.administrator()
    made = await admin.post("accounts", NEW)
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    account = made.json()
    assert made.headers["Location"] == f"/api/v1/accounts/{account['id']}"
    assert made.headers["ETag"] == '"1"'
    assert account["must_change_password"] is True
    assert len(account["one_time_password"]) >= 20
    assert [grant["role"] for grant in account["grants"]] == ["dept_clerk"]
    read = await admin.get(f"accounts/{account['id']}")
    assert read.status_code == 200
    assert read.json()["one_time_password"] is None
    assert read.headers["ETag"] == made.headers["ETag"]


async def test_two_accounts_never_get_the_same_one_time_password(world: World):
    admin = await world.administrator()
    first = await admin.post("accounts", NEW)
    second = await admin.post("accounts", {**NEW, "username": "scjg.second"})
    assert first.json()["one_time_password"] != second.json()["one_time_password"]


async def test_no_password_is_kept_or_traced_in_clear(world: World):
    admin = await world.administrator()
    made = (await admin.post("accounts", NEW)).json()
    async with world.runtime.database.reading() as session:
        account = await session.get(Account, UUID(made["id"]))
        entries = (await session.execute(select(AuditEntry))).scalars().all()
    assert account.password_hash.startswith("$argon2id$")
    assert made["one_time_password"] not in account.password_hash
    traced = [entry for entry in entries if entry.subject_id == made["id"]]
    assert [entry.action for entry in traced] == ["account.created"]
    secrets = (made["one_time_password"], account.password_hash)
    for entry in entries:
        said = f"{entry.before}{entry.after}{entry.facts}"
        assert not [secret for secret in secrets if secret in said]


async def test_the_one_time_password_must_be_changed_before_the_first_sign_in(world: World):
    admin = await world.administrator()
    made = (await admin.post("accounts", NEW)).json()
    login = {"username": NEW["username"], "password": made["one_time_password"]}
    refused = await world.client.post("/api/v1/auth/login", json=login)
    assert (refused.status_code, refused.json()["code"]) == (403, "password-change-required")
    change = {
        "username": NEW["username"],
        "old_password": made["one_time_password"],
        "new_password": PASSWORD,
    }
    assert (await world.client.post("/api/v1/auth/password", json=change)).status_code == 204
    assert (await world.client.post("/api/v1/auth/login", json=login)).status_code == 401
    login["password"] = PASSWORD
    assert (await world.client.post("/api/v1/auth/login", json=login)).status_code == 200


@pytest.mark.parametrize("weak", ["short", "scjg.new", "SCJG.NEW", "the old one"])
async def test_a_weak_password_is_refused(world: World, weak: str):
    admin = await world.administrator()
    made = (await admin.post("accounts", NEW)).json()
    old = made["one_time_password"]
    change = {
        "username": NEW["username"],
        "old_password": old,
        "new_password": old if weak == "the old one" else weak,
    }
    refused = await world.client.post("/api/v1/auth/password", json=change)
    assert (refused.status_code, refused.json()["code"]) == (422, "password-too-weak")


async def test_a_taken_name_is_refused(world: World):
    admin = await world.administrator()
    assert (await admin.post("accounts", NEW)).status_code == 201
    refused = await admin.post("accounts", NEW)
    assert (refused.status_code, refused.json()["code"]) == (409, "username-taken")


@pytest.mark.committed
async def test_of_many_who_want_one_name_at_once_one_gets_it(committed_world: World):
    admin = await committed_world.administrator()
    answers = await asyncio.gather(*(admin.post("accounts", NEW) for _ in range(8)))
    codes = sorted((answer.status_code, answer.json().get("code")) for answer in answers)
    assert codes[0] == (201, None)
    assert codes[1:] == [(409, "username-taken")] * 7
    async with committed_world.runtime.database.reading() as session:
        rows = await session.execute(select(Account).where(Account.username == NEW["username"]))
        assert len(rows.all()) == 1


@pytest.mark.parametrize(
    ("role", "department", "status", "code"),
    [
        ("dept_clerk", None, 422, "role-not-for-department"),
        ("dept_clerk", "LDXZ", 422, "role-not-for-department"),
        ("dept_clerk", "JWJW", 422, "role-not-for-department"),
        ("officer", "LDXZ", 422, "role-not-for-department"),
        ("lg_office", "SCJG", 422, "role-not-for-department"),
        ("oversight", "SCJG", 422, "role-not-for-department"),
        ("sysadmin", "SCJG", 422, "role-not-for-department"),
        ("dept_clerk", "NOSUCH", 404, "not-found"),
        ("lg_office", "LDXZ", 201, None),
        ("oversight", "JWJW", 201, None),
        ("witness", "JWJW", 201, None),
        ("sysadmin", None, 201, None),
    ],
)
async def test_a_role_is_for_departments_of_its_kind(
    world: World, role: str, department: str | None, status: int, code: str | None
):
    admin = await world.administrator()
    body = {**NEW, "role": role, "department_code": department}
    answer = await admin.post("accounts", body)
    assert (answer.status_code, answer.json().get("code")) == (status, code)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "Upper"),
        ("username", "a"),
        ("username", "x" * 65),
        ("username", "with space"),
        ("username", "nul\x00nul"),
        ("username", "line\n"),
        ("display_name", "nul\x00"),
        ("display_name", "\ud800"),
        ("display_name", "   "),
        ("display_name", "x" * 101),
        ("display_name", "two\nlines"),
        ("role", "king"),
        ("department_code", "lower"),
        ("region_code", "15052"),
        ("officer_id", "no-id"),
        ("password", "chosen by the administrator"),
        ("unknown", 1),
    ],
)
async def test_a_wrong_field_is_refused_by_its_pointer(world: World, field: str, value: object):
    admin = await world.administrator()
    refused = await admin.post("accounts", {**NEW, field: value})
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["code"] == "validation-failed"
    assert [error["pointer"] for error in problem["errors"]] == [f"/{field}"]
    assert problem["errors"][0]["messages"]["zh"] != problem["errors"][0]["messages"]["en"]


async def test_a_change_needs_the_version_that_was_seen(world: World):
    admin = await world.administrator()
    made = await admin.post("accounts", NEW)
    path = f"accounts/{made.json()['id']}"
    absent = await admin.patch(path, {"status": "disabled"})
    assert (absent.status_code, absent.json()["code"]) == (428, "precondition-required")
    for wrong in ('"99"', "x", '"0"', 'W/"1"', "*", '"1" '):
        stale = await admin.patch(path, {"status": "disabled"}, etag=wrong)
        if wrong.strip() == '"1"':
            assert stale.status_code == 200
        else:
            assert (stale.status_code, stale.json()["code"]) == (412, "stale-version"), wrong
    again = await admin.patch(path, {"status": "active"}, etag=made.headers["ETag"])
    assert again.status_code == 412
    now = (await admin.get(path)).headers["ETag"]
    enabled = await admin.patch(path, {"status": "active"}, etag=now)
    assert enabled.status_code == 200
    assert enabled.headers["ETag"] not in {now, made.headers["ETag"]}


async def test_an_account_that_does_not_exist_is_not_found(world: World):
    admin = await world.administrator()
    for method, path, body in (
        ("GET", f"accounts/{NOWHERE}", None),
        ("PATCH", f"accounts/{NOWHERE}", {"status": "disabled"}),
        ("POST", f"accounts/{NOWHERE}/reset-password", None),
        (
            "POST",
            f"accounts/{NOWHERE}/grants",
            {"role": "officer", "department_code": "SCJG", "region_code": REGION},
        ),
        ("DELETE", f"accounts/{NOWHERE}/grants/{NOWHERE}", None),
    ):
        answer = await admin.request(method, path, json=body, etag='"1"')
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), path


async def test_a_disabled_account_is_out_on_its_next_request(world: World):
    admin = await world.administrator()
    clerk = await world.caller(Role.DEPT_CLERK)
    assert (await clerk.get("me")).status_code == 200
    path = f"accounts/{clerk.account_id}"
    etag = (await admin.get(path)).headers["ETag"]
    assert (await admin.patch(path, {"status": "disabled"}, etag=etag)).status_code == 200
    assert (await clerk.get("me")).status_code == 401
    login = {"username": clerk.username, "password": PASSWORD}
    refused = await world.client.post("/api/v1/auth/login", json=login)
    assert (refused.status_code, refused.json()["code"]) == (403, "account-disabled")
    etag = (await admin.get(path)).headers["ETag"]
    assert (await admin.patch(path, {"status": "active"}, etag=etag)).status_code == 200
    assert (await clerk.get("me")).status_code == 401, "the old session stays ended"
    assert (await world.client.post("/api/v1/auth/login", json=login)).status_code == 200


async def test_a_role_that_was_given_or_taken_counts_on_the_next_request(world: World):
    admin = await world.administrator()
    clerk = await world.caller(Role.DEPT_CLERK)
    assert "plan:approve" not in (await clerk.get("me")).json()["permissions"]
    grants = f"accounts/{clerk.account_id}/grants"
    leader = {"role": "dept_leader", "department_code": "SCJG", "region_code": REGION}
    given = await admin.post(grants, leader)
    assert given.status_code == 201
    assert "plan:approve" in (await clerk.get("me")).json()["permissions"]
    again = await admin.post(grants, leader)
    assert (again.status_code, again.json()["code"]) == (409, "grant-exists")
    ids = {grant["role"]: grant["id"] for grant in given.json()["grants"]}
    assert (await admin.request("DELETE", f"{grants}/{ids['dept_leader']}")).status_code == 204
    me = await clerk.get("me")
    assert "plan:approve" not in me.json()["permissions"]
    assert me.json()["roles"] == ["dept_clerk"]
    taken_twice = await admin.request("DELETE", f"{grants}/{ids['dept_leader']}")
    assert taken_twice.status_code == 404
    assert (await admin.request("DELETE", f"{grants}/{ids['dept_clerk']}")).status_code == 204
    assert (await clerk.get("me")).status_code == 401, "no role is left there"


async def test_a_grant_is_taken_only_from_the_account_that_holds_it(world: World):
    admin = await world.administrator()
    first, second = await world.caller(Role.DEPT_CLERK), await world.caller(Role.DEPT_CLERK)
    grants = (await admin.get(f"accounts/{first.account_id}")).json()["grants"]
    path = f"accounts/{second.account_id}/grants/{grants[0]['id']}"
    assert (await admin.request("DELETE", path)).status_code == 404
    assert (await first.get("me")).status_code == 200


async def test_a_reset_password_ends_every_session_and_must_be_changed(world: World):
    admin = await world.administrator()
    clerk = await world.caller(Role.DEPT_CLERK)
    path = f"accounts/{clerk.account_id}"
    etag = (await admin.get(path)).headers["ETag"]
    reset = await admin.post(f"{path}/reset-password", etag=etag)
    assert reset.status_code == 200
    assert reset.headers["Cache-Control"] == "no-store"
    assert reset.json()["must_change_password"] is True
    assert (await clerk.get("me")).status_code == 401
    login = {"username": clerk.username, "password": reset.json()["one_time_password"]}
    refused = await world.client.post("/api/v1/auth/login", json=login)
    assert refused.json()["code"] == "password-change-required"


async def test_the_last_administrator_can_not_be_disabled_or_lose_the_role(world: World):
    admin = await world.administrator()
    path = f"accounts/{admin.account_id}"
    read = await admin.get(path)
    disabled = await admin.patch(path, {"status": "disabled"}, etag=read.headers["ETag"])
    assert (disabled.status_code, disabled.json()["code"]) == (409, "last-administrator")
    grant = read.json()["grants"][0]["id"]
    revoked = await admin.request("DELETE", f"{path}/grants/{grant}")
    assert (revoked.status_code, revoked.json()["code"]) == (409, "last-administrator")
    assert (await admin.get("me")).status_code == 200
    second = await world.administrator()
    assert (await second.request("DELETE", f"{path}/grants/{grant}")).status_code == 204
    assert (await admin.get("me")).status_code == 401


@pytest.mark.committed
@pytest.mark.parametrize("way", ["disable", "revoke"])
async def test_two_administrators_who_remove_each_other_at_once_leave_one(
    committed_world: World, monkeypatch: pytest.MonkeyPatch, way: str
):
    first, second = (
        await committed_world.administrator(),
        await committed_world.administrator(),
    )
    counted = accounts.count_administrators

    async def count_slowly(session: AsyncSession) -> int:
        found = await counted(session)
        await asyncio.sleep(0.3)  # so that both have counted before either commits
        return found

    monkeypatch.setattr(accounts, "count_administrators", count_slowly)
    views = [await first.get(f"accounts/{one.account_id}") for one in (second, first)]
    answers = await asyncio.gather(
        *(remove(admin, view, way) for admin, view in zip((first, second), views, strict=True))
    )
    assert sorted(answer.status_code for answer in answers)[1:] == [409]
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"last-administrator"}
    async with committed_world.runtime.database.reading() as session:
        assert await counted(session) == 1


async def remove(admin: Caller, view: httpx.Response, way: str) -> httpx.Response:
    path = f"accounts/{view.json()['id']}"
    if way == "disable":
        return await admin.patch(path, {"status": "disabled"}, etag=view.headers["ETag"])
    return await admin.request("DELETE", f"{path}/grants/{view.json()['grants'][0]['id']}")


async def test_only_an_administrator_sees_or_makes_accounts(world: World):
    for role in (Role.DEPT_CLERK, Role.DEPT_LEADER, Role.OFFICER, Role.WITNESS, Role.INTEGRATOR):
        caller = await world.caller(role)
        for answer in (await caller.get("accounts"), await caller.post("accounts", NEW)):
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
            assert answer.json()["facts"]["permission"].startswith("account:")


async def test_a_refused_act_leaves_a_trace_and_a_refused_read_does_not(world: World):
    clerk = await world.caller(Role.DEPT_CLERK)
    await clerk.get("accounts")
    await clerk.post("accounts", NEW)
    async with world.runtime.database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.actor == clerk.username)
        entries = (await session.execute(query.order_by(AuditEntry.seq))).scalars().all()
    refused = [entry for entry in entries if entry.outcome == "failure"]
    assert [(entry.action, entry.facts["code"]) for entry in refused] == [
        ("request.refused", "forbidden")
    ]


async def test_the_list_pages_through_all_accounts_without_passwords(world: World):
    admin = await world.administrator()
    for number in range(5):
        await admin.post("accounts", {**NEW, "username": f"scjg.listed{number}"})
    seen, cursor = [], None
    while True:
        params = {"limit": 2, "with_total": True} | ({"cursor": cursor} if cursor else {})
        page = (await admin.get("accounts", params=params)).json()
        seen += page["items"]
        assert page["total"] == 6
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len({account["id"] for account in seen}) == len(seen) == 6
    assert all(account["one_time_password"] is None for account in seen)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "!", "A" * 65, "", "A" * 22])
async def test_a_cursor_that_we_did_not_give_is_a_clear_problem(world: World, cursor: str):
    admin = await world.administrator()
    answer = await admin.get("accounts", params={"cursor": cursor})
    assert answer.status_code in {200, 422}
    if answer.status_code == 422:
        assert answer.json()["code"] in {"bad-cursor", "validation-failed"}
    else:
        assert cursor == "A" * 22, "any well-formed id points behind some place in the order"
