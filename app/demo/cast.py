"""Accounts for every role: the administrator makes them, each person sets an own password."""

from app.demo.driver import Person, in_turns
from app.demo.stage import Year
from app.demo.world import REGION, SIDES, DemoOfficer, demo_officers
from app.domain.actor import Role

WITNESSES = ("GZC", "JWJW", "LDXZ", "SFJ")
"""Units that take no part in any draw of the demo and contribute to them."""
EXTRA = "FGW"
"""The department that takes the list of --checklist: it has none of our own."""
_OTHERS = (
    ("LDXZ", Role.LG_OFFICE, "领导小组办公室"),
    ("ZFB", Role.SUPERVISOR, "督查人员"),
    ("JWJW", Role.OVERSIGHT, "监督人员"),
    ("SCJG", Role.INTEGRATOR, "平台对接账号"),
    (EXTRA, Role.DEPT_CLERK, "经办人"),
    *((code, Role.WITNESS, "见证人") for code in WITNESSES),
)
_WORD = {
    Role.DEPT_CLERK: "clerk",
    Role.DEPT_LEADER: "leader",
    Role.LG_OFFICE: "office",
}


async def open_the_house(year: Year) -> None:
    """The administrator signs in, and counts who is there already."""
    me = (await year.admin.get("me")).body
    year.expect("sysadmin-writes-no-business", "plan:write" not in me["permissions"])
    # The administrator is there, and perhaps accounts for whoever tries the demo.
    year.made("accounts", (await year.admin.get("accounts?limit=1&with_total=true")).body["total"])


async def make_accounts(year: Year) -> None:
    """Everybody but the officers, who come with the officer library."""
    wanted = [
        (side.code, role, name)
        for side in SIDES
        for role, name in ((Role.DEPT_CLERK, "经办人"), (Role.DEPT_LEADER, "负责人"))
    ]
    everybody = [*wanted, *_OTHERS]
    year.progress.expect(len(everybody))
    made = await in_turns(_account(year, *one) for one in everybody)
    for person in made:
        year.people[str(person.department), person.role] = person
    refused = await made[0].attempt("POST", "accounts", {})
    year.expect("only-the-administrator-makes-accounts", refused.status == 403, refused.code)
    for (department, role), person in list(year.people.items()):
        me = (await person.get("me")).body
        seen = (me["department_code"], me["roles"])
        if seen != (department, [role]):
            year.expect(f"me-of-{person.username}", ok=False, detail=seen)
    year.expect("everybody-set-an-own-password", all(not one.one_time for one in made), len(made))


async def _account(year: Year, department: str, role: Role, name: str) -> Person:
    username = f"{department.lower()}.{_WORD.get(role, role.value)}"
    return await _made(year, username, name, role, department)


async def _made(
    year: Year,
    username: str,
    name: str,
    role: Role,
    department: str,
    officer_id: str | None = None,
) -> Person:
    body = {
        "username": username,
        "display_name": name,
        "role": role.value,
        "department_code": department,
        "region_code": REGION,
        "officer_id": officer_id,
    }
    account = (await year.admin.post("accounts", body)).body
    year.made("accounts")
    year.progress.advance()
    return Person(
        line=year.line,
        username=username,
        password=account["one_time_password"],
        role=role.value,
        department=department,
        account_id=account["id"],
    )


async def make_officer_accounts(year: Year, ids: dict[str, str]) -> None:
    """An account per officer; they sign in when there is something to inspect."""
    officers = demo_officers()
    year.progress.expect(len(officers))
    made = await in_turns(_officer_account(year, one, ids[one.code]) for one in officers)
    for officer, person in zip(officers, made, strict=True):
        year.people[officer.department, officer.code] = person


async def _officer_account(year: Year, officer: DemoOfficer, officer_id: str) -> Person:
    username = f"{officer.department.lower()}.officer{officer.code[-3:]}"
    return await _made(year, username, officer.name, Role.OFFICER, officer.department, officer_id)
