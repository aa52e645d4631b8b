"""Checklist items and published versions: R01, N1, and what a caller may see of them."""

import pytest

from app.domain.actor import Role
from tests.support.library_factories import (
    checklist_file,
    item_body,
    make_item,
    publication_body,
    publish_checklist,
    published_checklist,
    upload,
)
from tests.support.world import Caller, World


@pytest.fixture
async def clerk(world: World) -> Caller:
    return await world.caller(Role.DEPT_CLERK)


@pytest.fixture
async def leader(world: World) -> Caller:
    return await world.caller(Role.DEPT_LEADER)


async def test_items_without_a_code_are_numbered_in_their_department(clerk: Caller, world: World):
    first, second = await make_item(clerk), await make_item(clerk)
    assert (first["code"], second["code"]) == ("C0001", "C0002")
    assert first["status"] == "draft"
    other = await world.caller(Role.DEPT_CLERK, "XFJY")
    assert (await make_item(other))["code"] == "C0001"


async def test_a_given_code_is_taken_and_the_numbering_goes_round_it(clerk: Caller):
    assert (await make_item(clerk, code="C0007"))["code"] == "C0007"
    assert (await make_item(clerk))["code"] == "C0008"
    again = await clerk.post("checklist-items", item_body(code="C0007"))
    assert (again.status_code, again.json()["code"]) == (409, "item-code-taken")


async def test_the_same_item_is_not_entered_twice(clerk: Caller):
    body = item_body()
    assert (await clerk.post("checklist-items", body)).status_code == 201
    again = await clerk.post("checklist-items", body)
    assert (again.status_code, again.json()["code"]) == (409, "item-exists")
    other_objects = await clerk.post("checklist-items", body | {"objects": "另一类对象"})
    assert other_objects.status_code == 201


async def test_a_created_item_is_where_location_says_with_its_etag(clerk: Caller):
    made = await clerk.post("checklist-items", item_body(business_line_code=None))
    read = await clerk.get(made.headers["location"])
    assert read.json() == made.json()
    assert read.headers["etag"] == made.headers["etag"] == '"1"'


async def test_an_item_takes_a_business_line_of_its_department_only(clerk: Caller):
    lines = (await clerk.get("departments/150525/SCJG")).json()["business_lines"]
    assert (await make_item(clerk, business_line_code=lines[0]["code"]))[
        "business_line_code"
    ] == lines[0]["code"]
    unknown = await clerk.post("checklist-items", item_body(business_line_code="NOSUCH"))
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown-business-line")


@pytest.mark.parametrize("bad", ["a\x00b", "a\x07b", "", "x" * 2001])
async def test_texts_that_no_list_can_hold_are_refused(clerk: Caller, bad: str):
    answer = await clerk.post("checklist-items", item_body(name=bad))
    assert (answer.status_code, answer.json()["code"]) == (422, "validation-failed")
    assert answer.json()["errors"][0]["pointer"] == "/name"


async def test_a_lone_surrogate_is_refused(clerk: Caller):
    body = '{"category":"c","name":"a\\ud800b","item_class":"general","objects":"o"}'
    answer = await clerk.request(
        "POST", "checklist-items", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422


async def test_another_departments_item_does_not_exist_for_the_caller(clerk: Caller, world: World):
    item = await make_item(clerk)
    other = await world.caller(Role.DEPT_CLERK, "XFJY")
    path = f"checklist-items/{item['id']}"
    assert (await other.get(path)).status_code == 404
    assert (await other.patch(path, {"name": "x"}, etag='"1"')).status_code == 404
    assert (await other.post(f"{path}/retire", {"reason": "x"}, etag='"1"')).status_code == 404
    assert (await other.get("checklist-items")).json()["items"] == []
    assert (await clerk.get(path)).json()["name"] == item["name"]


async def test_the_office_reads_items_of_the_region_and_changes_none(clerk: Caller, world: World):
    item = await make_item(clerk)
    office = await world.caller(Role.LG_OFFICE, "LDXZ")
    path = f"checklist-items/{item['id']}"
    assert (await office.get(path)).status_code == 200
    refused = await office.patch(path, {"name": "x"}, etag='"1"')
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_a_change_needs_the_version_that_was_seen(clerk: Caller):
    item = await make_item(clerk)
    path = f"checklist-items/{item['id']}"
    assert (await clerk.patch(path, {"name": "甲"})).status_code == 428
    changed = await clerk.patch(path, {"name": "甲", "risk_level": None}, etag='"1"')
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["risk_level"]) == ("甲", None)
    assert changed.json()["category"] == item["category"]
    stale = await clerk.patch(path, {"name": "乙"}, etag='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")


@pytest.mark.parametrize(
    ("body", "pointer"), [({"name": None}, "/name"), ({}, ""), ({"code": "X1"}, "/code")]
)
async def test_a_patch_empties_no_duty_field_and_never_the_code(
    clerk: Caller, body: dict, pointer: str
):
    item = await make_item(clerk)
    answer = await clerk.patch(f"checklist-items/{item['id']}", body, etag='"1"')
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_retired_item_is_changed_no_more_and_may_be_made_anew(clerk: Caller):
    body = item_body()
    item = await make_item(clerk, **body)
    path = f"checklist-items/{item['id']}"
    retired = await clerk.post(f"{path}/retire", {"reason": "依据已废止"}, etag='"1"')
    assert retired.json()["status"] == "retired"
    again = await clerk.patch(path, {"name": "x"}, etag=retired.headers["etag"])
    assert (again.status_code, again.json()["code"]) == (409, "item-already-retired")
    assert (await make_item(clerk, **body))["code"] == "C0002"


async def test_items_are_listed_by_status_class_and_fragment(clerk: Caller):
    await make_item(clerk, name="食品销售主体资格检查")
    await make_item(clerk, name="特种设备使用检查", item_class="key")

    async def names(query: str) -> list[str]:
        return [item["name"] for item in (await clerk.get(query)).json()["items"]]

    assert await names("checklist-items?q=特种") == ["特种设备使用检查"]
    assert await names("checklist-items?q=c0001") == ["食品销售主体资格检查"]
    assert await names("checklist-items?q=%25") == []
    assert await names("checklist-items?item_class=key") == ["特种设备使用检查"]
    assert await names("checklist-items?status=retired") == []


async def test_items_are_paged_without_gap_or_repeat(clerk: Caller):
    made = [(await make_item(clerk))["id"] for _ in range(5)]
    seen, cursor = [], ""
    while True:
        page = (await clerk.get(f"checklist-items?limit=2&with_total=true{cursor}")).json()
        seen += [item["id"] for item in page["items"]]
        assert page["total"] == 5
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == made
    assert (await clerk.get("checklist-items?cursor=AAAA")).json()["code"] == "bad-cursor"


async def test_an_officer_does_not_write_the_checklist(world: World):
    officer = await world.caller(Role.OFFICER)
    assert (await officer.post("checklist-items", item_body())).status_code == 403
    answer = await world.client.post("/api/v1/checklist-items", json=item_body())
    assert answer.status_code == 401


# Publication


async def test_a_list_is_published_only_with_both_facts(clerk: Caller, leader: Caller):
    await make_item(clerk)
    for missing in publication_body():
        body = publication_body()
        del body[missing]
        answer = await leader.post("checklist-versions", body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"/{missing}"
    tomorrow = publication_body() | {"site_published_on": "2026-03-03"}
    answer = await leader.post("checklist-versions", tomorrow)
    assert (answer.status_code, answer.json()["clause"]) == (422, "R01")
    assert answer.json()["errors"][0]["pointer"] == "/site_published_on"
    assert (await leader.get("checklist-versions?department_code=SCJG")).json()["items"] == []


async def test_items_without_basis_or_method_stop_the_publication_by_name(
    clerk: Caller, leader: Caller
):
    await make_item(clerk)
    await make_item(clerk, legal_bases=[])
    await make_item(clerk, methods=[])
    answer = await leader.post("checklist-versions", publication_body())
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["clause"]) == (
        409,
        "checklist-not-ready",
        "N1",
    )
    assert [error["pointer"] for error in problem["errors"]] == [
        "/items/C0002/legal_bases",
        "/items/C0003/methods",
    ]
    assert "C0002" in problem["errors"][0]["detail"]


async def test_incomplete_items_are_left_out_only_when_that_is_said_and_stay_drafts(
    clerk: Caller, leader: Caller
):
    whole = await make_item(clerk)
    bare = await make_item(clerk, legal_bases=[])
    vague = await make_item(clerk, methods=[])
    version = await publish_checklist(leader, leave_out_incomplete=True)
    assert ([item["item_id"] for item in version["items"]], version["item_count"]) == (
        [whole["id"]],
        1,
    )
    assert [
        (one["item_id"], one["code"], one["name"], [fault["code"] for fault in one["lacking"]])
        for one in version["left_out"]
    ] == [
        (bare["id"], "C0002", bare["name"], ["legal-basis-required"]),
        (vague["id"], "C0003", vague["name"], ["method-required"]),
    ]
    for left in (bare, vague):
        item = (await clerk.get(f"checklist-items/{left['id']}")).json()
        assert (item["status"], item["plannable"]["allowed"]) == ("draft", False)
    trail = (await leader.get("audit-entries?action=checklist.published")).json()["items"]
    assert trail[0]["after"]["left_out"] == ["C0002", "C0003"]
    stored = (await clerk.get(f"checklist-versions/{version['id']}")).json()
    assert stored["items"] == version["items"]


async def test_a_published_item_that_lost_its_basis_leaves_the_version_in_force_by_name(
    clerk: Caller, leader: Caller
):
    await make_item(clerk)
    item = await make_item(clerk)
    await publish_checklist(leader)
    path = f"checklist-items/{item['id']}"
    etag = (await clerk.get(path)).headers["etag"]
    assert (await clerk.patch(path, {"legal_bases": []}, etag=etag)).status_code == 200
    version = await publish_checklist(leader, leave_out_incomplete=True)
    assert [one["code"] for one in version["left_out"]] == [item["code"]]
    assert item["id"] not in [row["item_id"] for row in version["items"]]


async def test_a_list_of_incomplete_items_alone_is_not_published(clerk: Caller, leader: Caller):
    await make_item(clerk, methods=[])
    body = publication_body() | {"leave_out_incomplete": True}
    answer = await leader.post("checklist-versions", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "checklist-not-ready")


async def test_a_retired_item_without_basis_does_not_stop_the_publication(
    clerk: Caller, leader: Caller
):
    await make_item(clerk)
    bare = await make_item(clerk, legal_bases=[])
    await clerk.post(f"checklist-items/{bare['id']}/retire", {"reason": "x"}, etag='"1"')
    version = await publish_checklist(leader)
    assert [item["code"] for item in version["items"]] == ["C0001"]


async def test_an_empty_list_is_not_published(leader: Caller):
    answer = await leader.post("checklist-versions", publication_body())
    assert (answer.status_code, answer.json()["code"]) == (409, "checklist-empty")


async def test_the_clerk_who_writes_the_list_does_not_publish_it(clerk: Caller):
    await make_item(clerk)
    answer = await clerk.post("checklist-versions", publication_body())
    assert answer.status_code == 403


async def test_a_published_version_keeps_what_it_had(clerk: Caller, leader: Caller):
    item = await make_item(clerk)
    first = await publish_checklist(leader)
    published = await clerk.get(f"checklist-items/{item['id']}")
    assert published.json()["status"] == "published"
    changed = await clerk.patch(
        f"checklist-items/{item['id']}", {"name": "改名"}, etag=published.headers["etag"]
    )
    assert changed.json()["status"] == "draft"
    old = (await clerk.get(f"checklist-versions/{first['id']}")).json()
    assert old["items"] == first["items"]
    assert old["items"][0]["name"] == item["name"]
    second = await publish_checklist(leader)
    assert (first["number"], second["number"]) == (1, 2)
    assert second["items"][0]["name"] == "改名"
    assert second["items"][0]["item_id"] == first["items"][0]["item_id"] == item["id"]
    assert second["items"][0]["id"] != first["items"][0]["id"]
    listed = (await clerk.get("checklist-versions?department_code=SCJG")).json()["items"]
    assert [(v["number"], v["status"]) for v in listed] == [(2, "current"), (1, "superseded")]
    current = (await clerk.get("checklist-versions?department_code=SCJG&current_only=true")).json()
    assert [v["number"] for v in current["items"]] == [2]


async def test_the_public_reads_published_lists_without_signing_in(world: World):
    _, version = await published_checklist(world, items=2)
    listed = await world.client.get("/api/v1/public/checklist-versions?department_code=SCJG")
    assert [v["id"] for v in listed.json()["items"]] == [version["id"]]
    path = f"/api/v1/public/checklist-versions/{version['id']}"
    answer = await world.client.get(path)
    assert answer.json()["items"] == version["items"]
    assert answer.headers["cache-control"].startswith("public")
    again = await world.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_drafts_are_not_public(world: World):
    clerk, version = await published_checklist(world, items=1)
    draft = await make_item(clerk, name="尚未公布的事项")
    answer = await world.client.get(f"/api/v1/public/checklist-versions/{version['id']}")
    assert draft["name"] not in answer.text
    missing = await world.client.get(f"/api/v1/public/checklist-versions/{draft['id']}")
    assert missing.status_code == 404


# Import


async def test_a_file_is_taken_row_by_row_and_comes_twice_without_harm(clerk: Caller):
    data = checklist_file(
        ("食品", "甲检查", "《中华人民共和国食品安全法》第一百一十条", "现场检查"),
        ("食品", "乙检查", "", "现场检查"),
        ("食品", "丙检查", "《中华人民共和国食品安全法》第三条", "专项"),
    )
    trial = (await upload(clerk, "checklist-items/import?dry_run=true", data)).json()
    assert (trial["created"], trial["dry_run"]) == (3, True)
    assert (await clerk.get("checklist-items")).json()["items"] == []
    done = (await upload(clerk, "checklist-items/import", data)).json()
    assert (done["rows"], done["created"], done["rejected_rows"]) == (3, 3, 0)
    assert [(v["row"], v["field"], v["code"]) for v in done["warnings"]] == [
        (3, "legal_bases", "legal-basis-missing"),
        (4, "methods", "method-unknown"),
    ]
    assert all(v["zh"] and v["en"] for v in done["warnings"])
    item, bare, vague = (await clerk.get("checklist-items")).json()["items"]
    assert (bare["legal_bases"], bare["plannable"]["refusals"][0]["clause"]) == ([], "N1")
    assert (vague["methods"], vague["remark"]) == ([], "检查方式原文:专项")
    assert (item["code"], item["name"], item["methods"]) == ("C0001", "甲检查", ["onsite"])
    assert item["legal_bases"][0]["article"] == "第一百一十条"
    again = (await upload(clerk, "checklist-items/import", data)).json()
    assert (again["created"], again["duplicate_rows"], again["rejected_rows"]) == (0, 3, 0)
    assert [v["code"] for v in again["duplicates"]] == [
        "already-there",
        "already-there-incomplete",
        "already-there-incomplete",
    ]


async def test_an_import_is_one_audit_entry_with_the_digest_of_the_file(clerk: Caller):
    data = checklist_file(("食品", "甲检查", "《食品安全法》第一百一十条", "现场检查"))
    done = (await upload(clerk, "checklist-items/import", data)).json()
    trail = (await clerk.get("audit-entries?action=checklist.imported")).json()
    (entry,) = trail["items"]
    assert entry["facts"]["file_sha256"] == done["sha256"]
    assert entry["after"]["created"] == 1


async def test_an_imported_item_can_be_read_changed_and_published(clerk: Caller, leader: Caller):
    data = checklist_file(("食品", "甲检查", "《食品安全法》第一百一十条", "现场检查"))
    await upload(clerk, "checklist-items/import", data)
    (item,) = (await clerk.get("checklist-items")).json()["items"]
    changed = await clerk.patch(f"checklist-items/{item['id']}", {"risk_level": "high"}, etag='"1"')
    assert changed.status_code == 200, changed.text
    assert (await publish_checklist(leader))["items"][0]["risk_level"] == "high"


async def test_rows_that_another_department_keeps_are_left_to_it(clerk: Caller):
    row = ("食品", "甲检查", "《食品安全法》第一百一十条", "现场检查")
    data = checklist_file(row, unit="奈曼旗消防救援大队")
    done = (await upload(clerk, "checklist-items/import", data)).json()
    assert done["created"] == 0
    assert done["rejected"][0]["code"] == "issued-by-other-department"
    own = checklist_file(row, unit="奈曼旗市场监督管理局")
    assert (await upload(clerk, "checklist-items/import", own)).json()["created"] == 1
    superior = checklist_file(row, unit="省市场监管局")
    assert (await upload(clerk, "checklist-items/import", superior)).json()["created"] == 1


@pytest.mark.parametrize(
    ("data", "name", "status", "code"),
    [
        (b"PK\x03\x04broken", "a.xlsx", 400, "file-not-readable"),
        (b"", "a.csv", 422, "file-empty"),
        ("只有一行".encode(), "a.csv", 422, "header-not-found"),
        (b"%PDF-1.7", "a.pdf", 415, "file-type-unknown"),
        (b"x" * (32 * 1024 * 1024 + 1), "a.csv", 413, "file-too-large"),
    ],
)
async def test_what_is_no_list_is_refused_and_nothing_is_stored(
    clerk: Caller, data: bytes, name: str, status: int, code: str
):
    answer = await upload(clerk, "checklist-items/import", data, name)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await clerk.get("checklist-items")).json()["items"] == []


async def test_a_body_far_too_large_is_refused_unread(clerk: Caller):
    answer = await upload(clerk, "checklist-items/import", b"x" * 50_000_000, "a.csv")
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
