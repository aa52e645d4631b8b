"""The object library: R02 (all kinds, one subject per region), R05 (history), R07 (who answers)."""

import pytest

from app.domain.actor import Role
from tests.support.library_factories import (
    NEEDED,
    credit_code,
    make_object,
    make_objects,
    object_body,
    object_file,
    upload,
)
from tests.support.world import Caller, World


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def other(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK, "XFJY")


async def test_a_created_object_is_where_location_says_with_its_etag(clerk: Caller):
    made = await clerk.post("inspection-objects", object_body())
    assert made.status_code == 201, made.text
    read = await clerk.get(made.headers["location"])
    assert read.json() == made.json()
    assert read.headers["etag"] == made.headers["etag"] == '"1"'
    assert made.json()["code"] == made.json()["id_value"]
    assert made.json()["entries"] == [
        {
            "department_code": "SCJG",
            "tags": ["食品销售"],
            "special_libraries": [],
            "transfer_id": None,
        }
    ]
    assert (made.json()["warnings"], made.json()["joined"]) == ([], False)


async def test_a_wrong_check_digit_is_refused(clerk: Caller):
    code = credit_code()
    wrong = code[:-1] + ("1" if code[-1] == "0" else "0")
    answer = await clerk.post("inspection-objects", object_body(id_value=wrong))
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-credit-code")
    assert answer.json()["errors"][0]["pointer"] == "/id_value"


async def test_an_old_registration_number_is_taken_with_a_warning(clerk: Caller):
    body = object_body(
        kind="individual_business", id_scheme="registration_number", id_value="150525600001234"
    )
    made = await clerk.post("inspection-objects", body)
    assert made.status_code == 201
    codes = [warning["code"] for warning in made.json()["warnings"]]
    assert codes == ["registration-number-used", "registration-number-check"]
    short = await clerk.post("inspection-objects", body | {"id_value": "15052560000123"})
    assert (short.status_code, short.json()["code"]) == (422, "bad-registration-number")


async def test_a_kind_that_does_not_fit_the_code_is_taken_with_a_warning(clerk: Caller):
    made = await make_object(clerk, kind="farmer_coop")
    assert [warning["code"] for warning in made["warnings"]] == ["kind-mismatch"]


@pytest.mark.parametrize(
    ("kind", "scheme", "value"),
    [
        ("product", "library_code", "CP-2026-0001"),
        ("activity", "library_code", "XW-0001"),
        ("project", "library_code", "XM-0001"),
        ("project", "project_code", "2301-150525-04-01-123456"),
    ],
)
async def test_products_projects_and_activities_name_who_answers(
    clerk: Caller, kind: str, scheme: str, value: str
):
    firm = await make_object(clerk)
    body = object_body(kind=kind, id_scheme=scheme, id_value=value)
    bare = await clerk.post("inspection-objects", body)
    assert (bare.status_code, bare.json()["code"], bare.json()["clause"]) == (
        422,
        "responsible-required",
        "R07",
    )
    unknown = body | {"responsible_object_code": credit_code()}
    answer = await clerk.post("inspection-objects", unknown)
    assert (answer.status_code, answer.json()["code"]) == (422, "responsible-unknown")
    owned = body | {"responsible_object_code": firm["code"]}
    unknown = await clerk.post("inspection-objects", owned | {"attributes": {}})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "attributes-invalid")
    assert [error["code"] for error in unknown.json()["errors"]] == ["attribute-missing"]
    assert f"/attributes/{next(iter(NEEDED[kind]))}" == unknown.json()["errors"][0]["pointer"]
    made = await make_object(clerk, **owned)
    assert made["warnings"] == []
    assert made["responsible_object_id"] == firm["id"]
    assert made["responsible_object_code"] == firm["code"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id_scheme": "library_code"}, "scheme-not-for-kind"),
        ({"kind": "product"}, "scheme-not-for-kind"),
        ({"area_code": "150502"}, "area-outside-region"),
        ({"industry_code": "Z99"}, "validation-failed"),
        ({"industry_code": "9999"}, "industry-unknown"),
        ({"effective_on": "2026-03-03"}, "event-in-future"),
        ({"name": "a\x00"}, "validation-failed"),
        ({"attributes": {"a": "\x00"}}, "validation-failed"),
        ({"attributes": {"a": 1.5}}, "validation-failed"),
        ({"id_value": "小写"}, "validation-failed"),
    ],
)
async def test_what_no_library_can_hold_is_refused(clerk: Caller, changes: dict, code: str):
    answer = await clerk.post("inspection-objects", object_body(**changes))
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_firm_names_nobody_who_answers_for_it(clerk: Caller):
    firm = await make_object(clerk)
    body = object_body(responsible_object_code=firm["code"])
    answer = await clerk.post("inspection-objects", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "responsible-not-allowed")


async def test_an_object_is_entered_once_by_a_department(clerk: Caller):
    made = await make_object(clerk)
    again = await clerk.post("inspection-objects", object_body(id_value=made["code"]))
    assert (again.status_code, again.json()["code"]) == (409, "object-exists")
    assert again.json()["facts"]["object_id"] == made["id"]


async def test_a_second_department_joins_the_subject_of_the_first(
    clerk: Caller, other: Caller, world: World
):
    made = await make_object(clerk, area_code="150525")
    body = object_body(id_value=made["code"], name="另一名称", tags=["消防重点"])
    joined = await other.post("inspection-objects", body)
    assert joined.status_code == 201
    assert (joined.json()["id"], joined.json()["joined"]) == (made["id"], True)
    assert joined.json()["name"] == made["name"]
    assert [(w["code"], w["pointer"]) for w in joined.json()["warnings"]] == [
        ("differs-from-library", "/name")
    ]
    assert [e["department_code"] for e in joined.json()["entries"]] == ["XFJY"]
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    seen = (await office.get(f"inspection-objects/{made['id']}")).json()
    assert [e["department_code"] for e in seen["entries"]] == ["SCJG", "XFJY"]


async def test_a_library_code_never_hides_a_credit_code(clerk: Caller):
    firm = await make_object(clerk)
    body = object_body(
        kind="product",
        id_scheme="library_code",
        id_value=firm["code"],
        responsible_object_code=firm["code"],
    )
    answer = await clerk.post("inspection-objects", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "object-code-taken")


async def test_only_departments_with_an_entry_see_and_change_an_object(
    clerk: Caller, other: Caller, world: World
):
    made = await make_object(clerk)
    path = f"inspection-objects/{made['id']}"
    event = {"kind": "revoked", "effective_on": "2026-03-01"}
    assert (await other.get(path)).status_code == 404
    assert (await other.get(f"{path}/events")).status_code == 404
    assert (await other.patch(path, {"name": "x"}, etag='"1"')).status_code == 404
    assert (await other.post(f"{path}/events", event, etag='"1"')).status_code == 404
    assert (await other.get("inspection-objects")).json()["items"] == []
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    assert (await office.get(path)).status_code == 200
    assert (await office.patch(path, {"name": "x"}, etag='"1"')).status_code == 403
    officer = await world.caller(Role.OFFICER)
    assert (await officer.get(path)).status_code == 200
    assert (await officer.post("inspection-objects", object_body())).status_code == 403


async def test_a_change_needs_the_version_that_was_seen_and_leaves_an_event(clerk: Caller):
    made = await make_object(clerk)
    path = f"inspection-objects/{made['id']}"
    assert (await clerk.patch(path, {"name": "甲"})).status_code == 428
    bare = await clerk.patch(path, {"risk_class": "D"}, etag='"1"')
    assert (bare.status_code, bare.json()["code"]) == (422, "risk-unsourced")
    risk = {"risk_class": "D", "risk_source": "信用风险分类系统", "risk_on": "2026-01-31"}
    body = {"name": "甲", "effective_on": "2026-02-20", "reason": "变更登记"} | risk
    changed = await clerk.patch(path, body, etag='"1"')
    assert changed.status_code == 200, changed.text
    assert (changed.json()["name"], changed.json()["risk_class"]) == ("甲", "D")
    stale = await clerk.patch(path, {"name": "乙"}, etag='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    first, event = (await clerk.get(f"{path}/events")).json()["items"]
    assert (first["kind"], first["after"]["status"]) == ("established", "active")
    assert (event["kind"], event["effective_on"], event["reason"]) == (
        "changed",
        "2026-02-20",
        "变更登记",
    )
    unrated = {"risk_class": "UNRATED", "risk_source": None, "risk_on": None}
    assert event["before"] == {"name": made["name"]} | unrated
    assert event["after"] == {"name": "甲"} | risk
    future = {"name": "丙", "effective_on": "2026-03-03"}
    late = await clerk.patch(path, future, etag=changed.headers["etag"])
    assert (late.status_code, late.json()["code"]) == (422, "event-in-future")


async def test_tags_are_the_departments_own(clerk: Caller, other: Caller):
    made = await make_object(clerk)
    await make_object(other, id_value=made["code"], tags=["消防重点"])
    path = f"inspection-objects/{made['id']}"
    changed = await clerk.patch(path, {"tags": ["甲", "乙"]}, etag='"1"')
    assert changed.json()["entries"][0]["tags"] == ["甲", "乙"]
    assert changed.headers["etag"] == '"2"'
    assert (await other.get(path)).json()["entries"][0]["tags"] == ["消防重点"]
    assert len((await clerk.get(f"{path}/events")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("suspended", "suspended"),
        ("revoked", "revoked"),
        ("withdrawn", "withdrawn"),
        ("cancelled", "cancelled"),
        ("moved", "moved"),
    ],
)
async def test_an_event_sets_the_status_and_a_resumption_ends_it(
    clerk: Caller, kind: str, status: str
):
    made = await make_object(clerk)
    path = f"inspection-objects/{made['id']}/events"
    body = {"kind": kind, "effective_on": "2026-02-20", "reason": "登记机关通报"}
    assert (await clerk.post(path, body)).status_code == 428
    done = await clerk.post(path, body, etag='"1"')
    assert done.status_code == 201, done.text
    assert done.json()["object"]["status"] == status
    assert done.json()["event"]["before"] == {"status": "active"}
    tag = done.headers["etag"]
    repeated = await clerk.post(path, body | {"effective_on": "2026-02-21"}, etag=tag)
    assert (repeated.status_code, repeated.json()["code"]) == (409, "object-status-unchanged")
    resumed = {"kind": "resumed", "effective_on": "2026-02-25"}
    assert (await clerk.post(path, resumed, etag=tag)).json()["object"]["status"] == "active"


async def test_a_late_entry_of_an_old_event_rewrites_nothing_after_it(clerk: Caller):
    made = await make_object(clerk)
    path = f"inspection-objects/{made['id']}/events"
    cancelled = {"kind": "cancelled", "effective_on": "2026-02-25"}
    done = await clerk.post(path, cancelled, etag='"1"')
    older = {"kind": "suspended", "effective_on": "2026-01-10"}
    late = await clerk.post(path, older, etag=done.headers["etag"])
    assert late.status_code == 201
    assert late.json()["object"]["status"] == "cancelled"
    assert late.json()["event"]["after"] == {"status": "suspended"}
    future = {"kind": "revoked", "effective_on": "2026-03-03"}
    refused = await clerk.post(path, future, etag=late.headers["etag"])
    assert (refused.status_code, refused.json()["clause"]) == (422, "R05")


async def test_objects_are_listed_by_what_they_are(clerk: Caller):
    await make_object(clerk, name="示例食品商店", tags=["食品"], area_code="150525100000")
    await make_object(clerk, name="示例电梯公司", tags=["特种设备"], risk_class="C")
    third = await make_object(clerk, name="100%果汁厂", status="suspended")

    async def names(query: str) -> list[str]:
        answer = await clerk.get(f"inspection-objects?{query}")
        return [item["name"] for item in answer.json()["items"]]

    assert await names("q=电梯") == ["示例电梯公司"]
    assert await names("q=示例") == ["示例食品商店", "示例电梯公司"]
    assert await names("q=100%25") == ["100%果汁厂"]
    assert await names("q=_") == []
    assert await names(f"q={third['code'][:17].lower()}") == ["100%果汁厂"]
    assert await names("tag=特种设备") == ["示例电梯公司"]
    assert await names("risk_class=C") == ["示例电梯公司"]
    assert await names("status=suspended") == ["100%果汁厂"]
    assert await names("area_code=1505251") == ["示例食品商店"]
    assert await names("kind=product") == []


async def test_objects_are_paged_without_gap_or_repeat(clerk: Caller):
    made = [item["id"] for item in await make_objects(clerk, 3)]
    first = (await clerk.get("inspection-objects?limit=2&with_total=true")).json()
    rest = (await clerk.get(f"inspection-objects?cursor={first['next_cursor']}")).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == made
    assert (first["total"], rest["next_cursor"]) == (3, None)


# Import


async def test_a_file_of_objects_is_taken_row_by_row(clerk: Caller, other: Caller):
    known, foreign, fresh = (await make_object(clerk))["code"], credit_code(), credit_code()
    await make_object(other, id_value=foreign)
    data = object_file(
        ("CP-1", "示例肥料", "产品", "", fresh),
        (known, "已有企业", "企业"),
        (foreign, "他部门企业", "企业", "", "", "食品"),
        (fresh, "新企业", "企业", "吊销"),
        (fresh[:-1] + "I", "坏码企业", "企业"),
        ("CP-2", "无主产品", "产品", "", credit_code()),
        (credit_code(), "外地企业", "企业", "", "", "", "150502"),
        (credit_code(), "长标签企业", "企业", "", "", "标" * 51),
    )
    trial = (await upload(clerk, "inspection-objects/import?dry_run=true", data)).json()
    assert len((await clerk.get("inspection-objects")).json()["items"]) == 1
    done = (await upload(clerk, "inspection-objects/import", data)).json()
    assert trial == done | {"dry_run": True, "batch_id": None}
    assert (done["rows"], done["created"], done["joined"]) == (8, 2, 1)
    assert [(v["row"], v["field"], v["code"]) for v in done["rejected"]] == [
        (6, "code", "credit-code-invalid"),
        (7, "responsible_code", "responsible-not-found"),
        (8, "region_code", "area-outside-region"),
        (9, "tags", "entry-too-long"),
    ]
    assert [v["row"] for v in done["duplicates"]] == [3]
    listed = {o["code"]: o for o in (await clerk.get("inspection-objects")).json()["items"]}
    assert set(listed) == {known, foreign, fresh, "CP-1"}
    assert listed["CP-1"]["responsible_object_code"] == fresh
    assert listed[fresh]["status"] == "revoked"
    assert listed[foreign]["entries"][0]["tags"] == ["食品"]
    again = (await upload(clerk, "inspection-objects/import", data)).json()
    assert (again["created"], again["joined"], again["duplicate_rows"]) == (0, 0, 4)


async def test_an_imported_object_has_a_history_that_events_go_on_with(clerk: Caller):
    code = credit_code()
    await upload(clerk, "inspection-objects/import", object_file((code, "新企业", "企业")))
    (item,) = (await clerk.get("inspection-objects")).json()["items"]
    path = f"inspection-objects/{item['id']}/events"
    (event,) = (await clerk.get(path)).json()["items"]
    assert (event["kind"], event["after"]["status"]) == ("established", "active")
    body = {"kind": "revoked", "effective_on": "2025-06-30"}
    done = await clerk.post(path, body, etag='"1"')
    assert done.json()["object"]["status"] == "revoked"


async def test_an_import_of_objects_is_one_audit_entry(clerk: Caller):
    data = object_file((credit_code(), "甲企业", "企业"), (credit_code(), "乙企业", "企业"))
    done = (await upload(clerk, "inspection-objects/import", data)).json()
    (entry,) = (await clerk.get("audit-entries?action=object.imported")).json()["items"]
    assert entry["facts"]["file_sha256"] == done["sha256"]
    assert entry["after"]["created"] == 2
    assert (await clerk.get("audit-entries?action=object.created")).json()["items"] == []
