"""The officer library: R03 (everybody, tagged), R05 (changes), recusal and absences."""

import dataclasses

import pytest

from app.domain.actor import Role, system_actor
from app.services.officer_import import OfficerImportService
from app.services.runtime import Runtime
from app.services.spreadsheets import Manner, Upload
from app.storage import organisation
from tests.support.library_factories import (
    OFFICER_HEAD,
    credit_code,
    make_object,
    make_officer,
    make_officers,
    officer_body,
    officer_file,
    upload,
)
from tests.support.world import Caller, World


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def other(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK, "XFJY")


async def test_a_created_officer_is_where_location_says_with_its_etag(clerk: Caller):
    made = await clerk.post("officers", officer_body(regions=["150525102", "150525101"]))
    assert made.status_code == 201, made.text
    read = await clerk.get(made.headers["location"])
    assert read.json() == made.json()
    assert read.headers["etag"] == made.headers["etag"] == '"1"'
    assert made.json()["regions"] == ["150525101", "150525102"]
    assert made.json()["department_code"] == "SCJG"


@pytest.mark.parametrize(
    ("valid_to", "state"),
    [
        ("2026-03-01", "expired"),
        ("2026-03-02", "expiring"),
        ("2026-04-30", "expiring"),
        ("2026-05-01", "valid"),
        ("9999-12-31", "valid"),
    ],
)
async def test_the_certificate_is_judged_by_the_day(clerk: Caller, valid_to: str, state: str):
    made = await make_officer(clerk, certificate_valid_to=valid_to)
    assert made["certificate_state"] == state


async def test_who_has_no_certificate_is_in_the_library_all_the_same(clerk: Caller):
    without = {"certificate_no": None, "certificate_issuer": None, "certificate_valid_to": None}
    made = await make_officer(clerk, **without)
    assert made["certificate_state"] == "missing"
    half = await clerk.post("officers", officer_body(certificate_issuer=None))
    assert (half.status_code, half.json()["code"]) == (422, "certificate-incomplete")
    path = f"officers/{made['id']}"
    number_only = await clerk.patch(path, {"certificate_no": "1"}, etag='"1"')
    assert (number_only.status_code, number_only.json()["code"]) == (422, "certificate-incomplete")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "11010519491231002X"}, "identity-number-refused"),
        ({"certificate_no": "11010519491231002X"}, "identity-number-refused"),
        ({"regions": ["150502"]}, "service-area-outside-region"),
        ({"business_line_code": "NOSUCH"}, "unknown-business-line"),
        ({"name": "a\x00b"}, "validation-failed"),
        ({"name": "a\nb"}, "validation-failed"),
        ({"phone": "13800000000"}, "validation-failed"),
    ],
)
async def test_what_the_library_does_not_keep_is_refused(clerk: Caller, changes: dict, code: str):
    answer = await clerk.post("officers", officer_body(**changes))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "11010519491231002X" not in answer.text


async def test_codes_and_certificates_are_unique(clerk: Caller, other: Caller):
    body = officer_body()
    await make_officer(clerk, **body)
    same_code = await other.post("officers", officer_body(code=body["code"]))
    assert (same_code.status_code, same_code.json()["code"]) == (409, "officer-code-taken")
    same = await other.post("officers", officer_body(certificate_no=body["certificate_no"]))
    assert (same.status_code, same.json()["code"]) == (409, "certificate-taken")


async def test_names_are_seen_in_the_own_department_and_by_the_regions_readers_only(
    clerk: Caller, other: Caller, world: World
):
    made = await make_officer(clerk)
    path = f"officers/{made['id']}"
    assert (await other.get(path)).status_code == 404
    assert (await other.get("officers")).json()["items"] == []
    assert (await other.patch(path, {"name": "x"}, etag='"1"')).status_code == 404
    absence = {"starts_on": "2026-03-09", "ends_on": "2026-03-13", "reason": "培训"}
    assert (await other.post(f"{path}/absences", absence)).status_code == 404
    interest = {"object_code": credit_code(), "ground": "亲属"}
    assert (await other.post(f"{path}/interests", interest)).status_code == 404
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    assert (await office.get(path)).json()["name"] == made["name"]
    assert (await office.patch(path, {"name": "x"}, etag='"1"')).status_code == 403
    officer = await world.caller(Role.OFFICER)
    assert (await officer.get("officers")).status_code == 403


async def test_the_trail_has_no_officers_name(clerk: Caller):
    made = await make_officer(clerk, name="欧阳执法")
    path = f"officers/{made['id']}"
    await clerk.patch(path, {"name": "司马执法"}, etag='"1"')
    trail = await clerk.get("audit-entries?subject_kind=officer")
    assert [entry["action"] for entry in trail.json()["items"]] == [
        "officer.created",
        "officer.changed",
    ]
    assert "欧*" in trail.text
    assert "欧阳" not in trail.text
    assert "司马" not in trail.text


async def test_a_change_needs_the_version_that_was_seen(clerk: Caller):
    made = await make_officer(clerk)
    path = f"officers/{made['id']}"
    assert (await clerk.patch(path, {"status": "left"})).status_code == 428
    changed = await clerk.patch(path, {"status": "left", "post": None}, etag='"1"')
    assert (changed.json()["status"], changed.json()["post"]) == ("left", None)
    assert changed.json()["certificate_no"] == made["certificate_no"]
    stale = await clerk.patch(path, {"status": "active"}, etag='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    emptied = await clerk.patch(path, {"name": None}, etag='"2"')
    assert emptied.json()["errors"][0]["pointer"] == "/name"


async def test_absences_count_both_ends_and_change_the_officers_version(clerk: Caller):
    made = await make_officer(clerk)
    path = f"officers/{made['id']}"
    body = {"starts_on": "2026-03-09", "ends_on": "2026-03-09", "reason": "培训"}
    recorded = await clerk.post(f"{path}/absences", body)
    assert recorded.status_code == 201
    read = await clerk.get(path)
    assert read.json()["absences"] == [recorded.json()]
    assert read.headers["etag"] == recorded.headers["etag"] == '"2"'
    backwards = await clerk.post(f"{path}/absences", body | {"ends_on": "2026-03-08"})
    assert (backwards.status_code, backwards.json()["code"]) == (422, "absence-period-invalid")


async def test_an_interest_names_an_object_of_the_region_once(clerk: Caller, other: Caller):
    made = await make_officer(clerk)
    path = f"officers/{made['id']}"
    firm = await make_object(other)
    body = {"object_code": firm["code"], "ground": "近亲属任该企业负责人"}
    declared = await clerk.post(f"{path}/interests", body)
    assert declared.status_code == 201, declared.text
    assert declared.json()["object_id"] == firm["id"]
    assert (await clerk.get(path)).json()["interests"] == [declared.json()]
    again = await clerk.post(f"{path}/interests", body)
    assert (again.status_code, again.json()["code"]) == (409, "interest-exists")
    unknown = await clerk.post(f"{path}/interests", body | {"object_code": credit_code()})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "interest-object-unknown")


async def test_officers_are_listed_by_what_they_are(clerk: Caller):
    first, second = await make_officers(clerk, 2)
    third = await make_officer(
        clerk,
        name="韩执法",
        tags=["特种设备"],
        leader_eligible=False,
        certificate_valid_to="2026-04-01",
    )

    async def ids(query: str) -> list[str]:
        return [item["id"] for item in (await clerk.get(f"officers?{query}")).json()["items"]]

    assert await ids("") == [first["id"], second["id"], third["id"]]
    assert await ids("q=韩") == [third["id"]]
    assert await ids(f"q={second['code'].lower()}") == [second["id"]]
    assert await ids("tag=特种设备") == [third["id"]]
    assert await ids("leader_eligible=false") == [third["id"]]
    assert await ids("certificate_ends_by=2026-06-30") == [third["id"]]
    assert await ids("status=left") == []


# Import


async def test_a_file_of_officers_is_taken_row_by_row(clerk: Caller, other: Caller):
    here, elsewhere = await make_officer(clerk), await make_officer(other)
    data = officer_file(
        ("N1", "甲", "IMP-1", "自治区", "2028-12-31", "食品、药品", "食品监管股", "奈曼旗"),
        ("N2", "乙", "", "", "", "", "不存在的股室"),
        (here["code"], "丙"),
        (elsewhere["code"], "丁"),
        ("N3", "戊", here["certificate_no"], here["certificate_issuer"], "2028-12-31"),
        ("N4", "己", "IMP-4", "自治区", "2028-12-31", "", "", "不存在的镇"),
        ("11010519491231002X", "庚"),
    )
    trial = (await upload(clerk, "officers/import?dry_run=true", data)).json()
    assert len((await clerk.get("officers")).json()["items"]) == 1
    done = (await upload(clerk, "officers/import", data)).json()
    assert trial == done | {"dry_run": True, "batch_id": None}
    assert (done["rows"], done["created"]) == (7, 2)
    assert [v["row"] for v in done["duplicates"]] == [4]
    assert [(v["row"], v["field"], v["code"]) for v in done["rejected"]] == [
        (5, "code", "code-taken"),
        (6, "certificate_no", "code-taken"),
        (7, "regions", "value-unknown"),
        (8, "code", "identity-number-as-code"),
    ]
    assert ("business_line", "value-ignored") in [
        (v["field"], v["code"]) for v in done["warnings"] if v["row"] == 3
    ]
    listed = {o["code"]: o for o in (await clerk.get("officers")).json()["items"]}
    assert set(listed) == {here["code"], "N1", "N2"}
    assert listed["N1"]["tags"] == ["食品", "药品"]
    assert listed["N1"]["regions"] == ["150525"]
    assert listed["N1"]["certificate_state"] == "valid"
    assert listed["N2"]["certificate_state"] == "missing"
    again = (await upload(clerk, "officers/import", data)).json()
    assert (again["created"], again["duplicate_rows"]) == (0, 3)


async def test_an_issuers_odd_number_in_a_file_is_named_or_refused_as_the_site_wishes(
    clerk: Caller, runtime: Runtime
):
    issuer = "内蒙古自治区司法厅"
    data = officer_file(
        ("N1", "甲", "X-1", issuer, "2028-12-31"), ("N2", "乙", "15052500001", issuer, "2028-12-31")
    )
    settings = runtime.settings.model_copy(update={"certificate_form_required": True})
    strict = OfficerImportService(dataclasses.replace(runtime, settings=settings))
    async with runtime.database.reading() as session:
        department = await organisation.find_department(session, "150525", "SCJG")
    actor = dataclasses.replace(
        system_actor("150525"), department_id=department.id, department_code="SCJG"
    )
    outcome = await strict.run(actor, Upload(data, "a.xlsx"), Manner(dry_run=True))
    assert [(v.row, v.code) for v in outcome.rejected] == [(2, "certificate-form")]
    done = (await upload(clerk, "officers/import", data)).json()
    assert (done["created"], done["rejected"]) == (2, [])
    assert [(v["row"], v["code"]) for v in done["warnings"]] == [(2, "certificate-form")]


async def test_who_came_with_half_a_certificate_can_be_changed_and_completed(clerk: Caller):
    done = await upload(clerk, "officers/import", officer_file(("N1", "甲", "IMP-1", "自治区", "")))
    assert [v["code"] for v in done.json()["warnings"]] == ["certificate-missing"]
    (officer,) = (await clerk.get("officers")).json()["items"]
    assert officer["certificate_state"] == "missing"
    path = f"officers/{officer['id']}"
    moved = await clerk.patch(path, {"post": "副股长"}, etag='"1"')
    assert moved.status_code == 200, moved.text
    half = await clerk.patch(path, {"certificate_no": "IMP-2"}, etag='"2"')
    assert half.json()["code"] == "certificate-incomplete"
    whole = await clerk.patch(path, {"certificate_valid_to": "2030-01-01"}, etag='"2"')
    assert whole.json()["certificate_state"] == "valid"


async def test_what_an_officer_knows_best_is_no_qualification(clerk: Caller):
    """An item may require a qualification (执法资质): 业务专长 of a file must not become one."""
    head = (*OFFICER_HEAD, "业务专长")
    row = ("N1", "甲", "IMP-1", "自治区", "2028-12-31", "食品", "", "", "会计、食品")
    assert (await upload(clerk, "officers/import", officer_file(row, head=head))).json()["created"]
    (officer,) = (await clerk.get("officers")).json()["items"]
    assert (officer["tags"], officer["specialties"]) == (["食品"], ["会计", "食品"])


async def test_an_import_keeps_no_identity_number_and_no_name_in_the_trail(clerk: Caller):
    head = (*OFFICER_HEAD, "身份证号")
    row = ("N1", "欧阳执法", "IMP-1", "自治区", "2028-12-31", "", "", "", "11010519491231002X")
    done = await upload(clerk, "officers/import", officer_file(row, head=head))
    assert done.json()["created"] == 1
    assert [w["code"] for w in done.json()["warnings"]] == ["column-not-stored"]
    trail = await clerk.get("audit-entries?action=officer.imported")
    (entry,) = trail.json()["items"]
    assert entry["facts"]["file_sha256"] == done.json()["sha256"]
    for kept in (trail.text, (await clerk.get("officers")).text, done.text):
        assert "11010519491231002X" not in kept
    assert "欧阳" not in trail.text
