"""The two libraries: objects and officers, by spreadsheet where a clerk has many, else singly."""

import datetime as dt
from typing import Any

from app.demo.cast import make_officer_accounts
from app.demo.driver import in_turns
from app.demo.stage import Year
from app.demo.world import (
    ISSUER,
    OBJECT_HEADERS,
    OFFICER_HEADERS,
    SIDES,
    DemoObject,
    DemoOfficer,
    Side,
    demo_objects,
    demo_officers,
    object_row,
    officer_row,
)
from app.domain.actor import Role
from app.domain.lifecycle import ObjectKind, RiskClass
from app.tabular.writer import write_csv, write_xlsx

RISK_RATED = {"risk_source": "企业信用风险分类管理系统", "risk_on": "2021-12-31"}

_SINGLY = 3
"""So many of each department are entered by hand."""


async def fill_object_libraries(year: Year) -> None:
    """A sheet per department, the last few singly; then firms of others that it supervises, too."""
    year.progress.expect(len(SIDES) * 2)
    await in_turns(_fill(year, side) for side in SIDES)
    # A second sheet: a firm that two departments supervise is entered by the first.
    await in_turns(_join(year, side) for side in SIDES)
    await _object_refusals(year)


async def _fill(year: Year, side: Side) -> None:
    clerk = year.person(side.code, Role.DEPT_CLERK)
    own = [found for found in demo_objects() if found.department == side.code]
    sheet, singly = own[:-_SINGLY], own[-_SINGLY:]
    data = write_xlsx(
        [object_row(found) for found in sheet], OBJECT_HEADERS, sheet="检查对象名录库"
    )
    done = (await clerk.upload("inspection-objects/import", "mingluku.xlsx", data)).body
    year.expect(
        f"objects-imported-{side.code}",
        (done["created"], done["joined"], done["rejected_rows"]) == (len(sheet), 0, 0),
        f"{done['created']} entered, {done['rejected']}",
    )
    year.made("objects", done["created"])
    for found in singly:
        await clerk.post("inspection-objects", _body(found))
        year.made("objects")
    held = (await clerk.get("inspection-objects?limit=1&with_total=true")).body["total"]
    year.expect(f"objects-of-{side.code}", held == len(own), f"{held} of {len(own)}")
    year.progress.advance()


async def _join(year: Year, side: Side) -> None:
    """By csv; nothing is entered twice, and the own library shows them afterwards."""
    shared = _shared(side)
    year.progress.advance()
    if not shared:
        return
    clerk = year.person(side.code, Role.DEPT_CLERK)
    data = write_csv([object_row(found, side.tag) for found in shared], OBJECT_HEADERS)
    done = (await clerk.upload("inspection-objects/import", "gongguan.csv", data)).body
    year.expect(
        f"objects-joined-{side.code}",
        (done["created"], done["joined"], done["rejected_rows"]) == (0, len(shared), 0),
        f"{done['joined']} joined, {done['rejected']}",
    )
    year.made("joined_objects", done["joined"])


def _shared(side: Side) -> list[DemoObject]:
    """Firms of another department that this one supervises, too."""
    return [
        firm
        for other, count in side.joins
        for firm in [
            found
            for found in demo_objects()
            if found.department == other and found.kind is ObjectKind.ENTERPRISE
        ][:count]
    ]


_NEEDED: dict[ObjectKind, dict[str, str]] = {
    ObjectKind.PRODUCT: {"model": "标准装"},
    ObjectKind.PROJECT: {"stage": "在建"},
    ObjectKind.ACTIVITY: {"place": "示例广场"},
}
"""What an object of a kind is not known without."""


def _body(found: DemoObject) -> dict[str, Any]:
    return {
        "kind": found.kind.value,
        "id_scheme": found.scheme.value,
        "id_value": found.code,
        "name": found.name,
        "area_code": found.area_code,
        "address": found.address,
        "industry_code": found.industry,
        "risk_class": found.risk.value,
        **({} if found.risk is RiskClass.UNRATED else RISK_RATED),
        "responsible_object_code": found.responsible,
        "tags": list(found.tags),
        "attributes": _NEEDED.get(found.kind, {}),
    }


async def _object_refusals(year: Year) -> None:
    clerk = year.person("SCJG", Role.DEPT_CLERK)
    first = demo_objects()[0]
    wrong = first.code[:-1] + ("0" if first.code[-1] != "0" else "1")
    refused = await clerk.attempt("POST", "inspection-objects", _body(first) | {"id_value": wrong})
    year.expect("a-wrong-check-digit-is-refused", refused.status == 422, refused.code)
    nul = await clerk.attempt("POST", "inspection-objects", _body(first) | {"name": "试验\x00"})
    year.expect("nul-in-text-is-refused", nul.status == 422, nul.code)
    found = await _find_object(year, "SCJG", first.code)
    stranger = year.person("YJGL", Role.DEPT_CLERK)
    unseen = await stranger.attempt("GET", f"inspection-objects/{found['id']}")
    year.expect("another-units-object-is-not-there", unseen.status == 404, unseen.code)


async def _find_object(year: Year, department: str, code: str) -> dict[str, Any]:
    clerk = year.person(department, Role.DEPT_CLERK)
    items = (await clerk.get(f"inspection-objects?q={code}")).body["items"]
    return dict(next(one for one in items if one["code"] == code))


async def fill_officer_libraries(year: Year) -> None:
    """Officers by csv, the last two singly; then their accounts, absences and interests."""
    for side in SIDES:
        await _officers(year, side)
    ids: dict[str, str] = {}
    for side in SIDES:
        clerk = year.person(side.code, Role.DEPT_CLERK)
        for one in (await clerk.get("officers?limit=1000")).body["items"]:
            ids[one["code"]] = one["id"]
    year.expect(
        "officers-are-there", set(ids) == {one.code for one in demo_officers()}, f"{len(ids)}"
    )
    await make_officer_accounts(year, ids)
    await _absences(year, ids)
    await _interests(year, ids)


async def _officers(year: Year, side: Side) -> None:
    clerk = year.person(side.code, Role.DEPT_CLERK)
    own = [one for one in demo_officers() if one.department == side.code]
    # The last ones are those with something amiss: they stand in the sheet, as with real lists.
    sheet, singly = own[2:], own[:2]
    data = write_csv([officer_row(one) for one in sheet], OFFICER_HEADERS)
    done = (await clerk.upload("officers/import", "renyuan.csv", data)).body
    year.expect(
        f"officers-imported-{side.code}",
        done["created"] == len(sheet) and not done["rejected"],
        f"{done['created']} entered, {done['rejected']}",
    )
    year.made("officers", done["created"])
    for officer in singly:
        await clerk.post("officers", _officer_body(officer))
        year.made("officers")


def _officer_body(officer: DemoOfficer) -> dict[str, Any]:
    return {
        "code": officer.code,
        "name": officer.name,
        "certificate_no": officer.certificate_no,
        "certificate_issuer": ISSUER,
        "certificate_valid_to": officer.valid_to,
        "leader_eligible": officer.leader,
        "tags": list(officer.tags),
    }


async def _absences(year: Year, ids: dict[str, str]) -> None:
    """Away for the whole of 2022: not drawn then; away for a week: drawn all the same."""
    for department, number, starts, ends in (
        ("SCJG", 5, "2022-03-01", "2022-12-31"),
        ("SCJG", 6, "2022-05-09", "2022-05-13"),
        ("WJW", 4, "2022-03-01", "2022-12-31"),
    ):
        clerk = year.person(department, Role.DEPT_CLERK)
        officer_id = ids[f"{department}-{number:03d}"]
        body = {"starts_on": starts, "ends_on": ends, "reason": "进修"}
        await clerk.post(f"officers/{officer_id}/absences", body)
        year.made("absences")


async def _interests(year: Year, ids: dict[str, str]) -> None:
    """Officers who declared what keeps them from some firms (recusal)."""
    jobs: list[tuple[str, str, str]] = []
    for department, numbers in (("SCJG", (1, 2, 3, 4)), ("XFJY", (1, 2)), ("NMKJ", (1,))):
        own = [found for found in demo_objects() if found.department == department]
        jobs += [
            (department, ids[f"{department}-{number:03d}"], found.code)
            for number in numbers
            for found in own[number * 4 : number * 4 + 2]
        ]
    await in_turns(_interest(year, *job) for job in jobs)


async def _interest(year: Year, department: str, officer_id: str, code: str) -> None:
    clerk = year.person(department, Role.DEPT_CLERK)
    body = {"object_code": code, "ground": "近亲属在该单位任职"}
    await clerk.post(f"officers/{officer_id}/interests", body)
    year.made("interests")


async def change_statuses(year: Year, kind: str, numbers: tuple[int, ...]) -> None:
    """What happens to firms between two draws: they stay in the scope and leave the pool (R05)."""
    clerk = year.person("SCJG", Role.DEPT_CLERK)
    own = [found for found in demo_objects() if found.department == "SCJG"]
    day = year.line.now().date() - dt.timedelta(days=3)
    for number in numbers:
        found = await _find_object(year, "SCJG", own[number].code)
        seen = await clerk.get(f"inspection-objects/{found['id']}")
        body = {"kind": kind, "effective_on": day.isoformat(), "reason": "登记机关通报"}
        done = await clerk.post(f"inspection-objects/{found['id']}/events", body, etag=seen.etag)
        year.made("object_events")
        if done.body["object"]["status"] == "cancelled":
            year.cancelled.append(found["code"])
    year.expect(
        f"status-follows-the-event-{kind}-{day.year}",
        done.body["object"]["status"] == kind,
        done.body["object"]["status"],
    )


async def synchronise(year: Year) -> None:
    """The integrator's account enters one more firm into the library it is scoped to."""
    integrator = year.person("SCJG", Role.INTEGRATOR)
    firm = next(one for one in demo_objects() if one.department == "WJW")
    joined = await integrator.post("inspection-objects", _body(firm))
    year.expect("an-integrator-joins-a-known-firm", joined.body["joined"], firm.code)
    year.made("joined_objects")
    refused = await integrator.attempt("POST", "plans", {"year": 2022, "name": "计划"})
    year.expect("an-integrator-plans-nothing", refused.status == 403, refused.code)
