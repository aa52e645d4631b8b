"""《执法检查表》 on paper over HTTP: who may print what, one and many, and the public check."""

import io
import zipfile
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import update

from app.domain.actor import Role, system_actor
from app.models.inspection import Inspection
from app.services import sheet_documents
from app.services.runtime import Runtime
from tests.support.inspection_cast import a_cast
from tests.support.inspection_factories import DrawnTask, a_drawn_task
from tests.support.pdf import characters_of, pages_of
from tests.support.world import REGION, Caller, World

MANY = "inspection-sheets/documents"


@pytest.fixture
async def joint(world: World, runtime: Runtime) -> DrawnTask:
    _, maker = await world.account(Role.DEPT_CLERK, "SCJG")
    return await a_drawn_task(runtime, maker, departments=("SCJG", "GAJ"))


@pytest.fixture
async def many(world: World, runtime: Runtime) -> DrawnTask:
    _, maker = await world.account(Role.DEPT_CLERK, "SCJG")
    return await a_drawn_task(runtime, maker, objects=5)


def path_of(task: DrawnTask, sheet: int = 0) -> str:
    return f"inspection-sheets/{task.sheets[sheet].id}/document"


async def checked(client: httpx.AsyncClient, printed: httpx.Response) -> bool:
    """What the QR code on a sheet leads to says, without signing in."""
    sheet_no = printed.headers["Content-Disposition"].split('"')[1].removesuffix(".pdf")
    response = await client.get(
        f"/api/v1/public/sheet-checks/{sheet_no}",
        params={"sha256": printed.headers["X-Sheet-SHA256"]},
    )
    assert response.status_code == 200, response.text
    assert set(response.json()) == {"sheet_no", "sha256", "current"}
    return bool(response.json()["current"])


async def test_a_sheet_is_printed_as_pdf_and_the_same_twice(world: World, joint: DrawnTask) -> None:
    clerk = await world.caller(Role.DEPT_CLERK, "SCJG")
    first = await clerk.get(path_of(joint))
    assert first.status_code == 200, first.text
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.headers["Cache-Control"] == "private, no-store"
    assert pages_of(first.content) >= 2
    assert set("奈曼旗市场监督管理局公安") <= characters_of(first.content)
    assert (await clerk.get(path_of(joint))).content == first.content


async def test_who_has_no_section_prints_nothing(world: World, joint: DrawnTask) -> None:
    stranger = await world.caller(Role.DEPT_CLERK, "FGW")
    for response in (
        await stranger.get(path_of(joint)),
        await stranger.post(MANY, {"plan_task_id": str(joint.task_id)}),
        await stranger.post(MANY, {"sheet_ids": [str(joint.sheets[0].id)]}),
    ):
        assert (response.status_code, response.json()["code"]) == (404, "not-found")
    witness = await world.caller(Role.WITNESS, "GZC")
    assert (await witness.get(path_of(joint))).status_code == 403
    for role, unit in ((Role.LG_OFFICE, "LDXZ"), (Role.OVERSIGHT, "JWJW")):
        reader = await world.caller(role, unit)
        assert (await reader.get(path_of(joint))).status_code == 200
    clerk = await world.caller(Role.DEPT_CLERK, "SCJG")
    assert (await clerk.get(f"inspection-sheets/{uuid4()}/document")).status_code == 404


async def test_another_departments_record_is_not_on_the_paper(
    world: World, joint: DrawnTask
) -> None:
    ours = await a_cast(world, joint, department="SCJG")
    theirs = await world.caller(Role.DEPT_CLERK, "GAJ")
    await ours.up_to("start")
    body = ours.record_body("problem", problem="鼹鼠洞穴", measure="堵塞")
    assert (await ours.take("record", body)).status_code == 200
    secret = set("鼹鼠堵塞")
    assert secret <= characters_of((await ours.clerk.get(path_of(joint))).content)
    assert not secret & characters_of((await theirs.get(path_of(joint))).content)
    reader = await world.caller(Role.OVERSIGHT, "JWJW")
    assert secret <= characters_of((await reader.get(path_of(joint))).content)


async def test_the_qr_code_tells_whether_a_sheet_still_holds(
    world: World, joint: DrawnTask, client: httpx.AsyncClient
) -> None:
    ours = await a_cast(world, joint, department="SCJG")
    theirs = await world.caller(Role.DEPT_CLERK, "GAJ")
    oversight = await world.caller(Role.OVERSIGHT, "JWJW")
    readers: list[Caller] = [ours.clerk, theirs, oversight]
    empty = [await reader.get(path_of(joint)) for reader in readers]
    assert [await checked(client, one) for one in empty] == [True, True, True]
    await ours.up_to("record")
    # What GAJ printed shows nothing of the record of SCJG: it still holds.
    assert [await checked(client, one) for one in empty] == [False, True, False]
    filled = [await reader.get(path_of(joint)) for reader in readers]
    assert [await checked(client, one) for one in filled] == [True, True, True]
    for step in ("end", "acknowledgement", "result"):
        assert (await ours.take(step)).status_code in {200, 201}
    assert [await checked(client, one) for one in filled] == [False, False, False]


async def test_a_check_needs_a_sheet_and_a_digest(
    joint: DrawnTask, world: World, client: httpx.AsyncClient
) -> None:
    clerk = await world.caller(Role.DEPT_CLERK, "SCJG")
    number = (await clerk.get(f"inspection-sheets/{joint.sheets[0].id}")).json()["sheet_no"]
    check = f"/api/v1/public/sheet-checks/{number}"
    wrong = await client.get(check, params={"sha256": "0" * 64})
    assert (wrong.status_code, wrong.json()["current"]) == (200, False)
    assert (await client.get(check)).status_code == 422
    assert (await client.get(check, params={"sha256": "0" * 63})).status_code == 422
    unknown = await client.get(f"/api/v1/public/sheet-checks/{number}X?sha256={'0' * 64}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")


async def test_many_sheets_come_in_one_pdf_in_the_order_asked_for(
    world: World, many: DrawnTask
) -> None:
    clerk = await world.caller(Role.DEPT_CLERK, "SCJG")
    ids = [str(sheet.id) for sheet in many.sheets]
    one = pages_of((await clerk.get(path_of(many))).content)
    whole = await clerk.post(MANY, {"plan_task_id": str(many.task_id)})
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "application/pdf")
    assert pages_of(whole.content) == 5 * one
    assert (await clerk.post(MANY, {"sheet_ids": ids})).content == whole.content
    turned = await clerk.post(MANY, {"sheet_ids": ids[::-1]})
    assert turned.content != whole.content
    assert "-0005_" in turned.headers["Content-Disposition"]


async def test_many_sheets_come_as_a_zip_of_pdfs(world: World, many: DrawnTask) -> None:
    clerk = await world.caller(Role.DEPT_CLERK, "SCJG")
    asked = {"plan_task_id": str(many.task_id), "format": "zip", "sheets_per_file": 2}
    response = await clerk.post(MANY, asked)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(response.content)) as found:
        assert found.testzip() is None
        assert [name[-8:] for name in found.namelist()] == ["0002.pdf", "0004.pdf", "0005.pdf"]
        assert all(found.read(name).startswith(b"%PDF") for name in found.namelist())
    assert (await clerk.post(MANY, asked)).content == response.content


async def test_too_many_sheets_are_refused(
    world: World, many: DrawnTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = await world.caller(Role.DEPT_CLERK, "SCJG")
    monkeypatch.setattr("app.routers.sheet_documents.SHEETS_PER_PDF", 4)
    for asked in (
        {"plan_task_id": str(many.task_id)},
        {"sheet_ids": [str(sheet.id) for sheet in many.sheets]},
    ):
        response = await clerk.post(MANY, asked)
        assert response.status_code == 422
        assert response.json()["code"] == "document-too-many-sheets"
        assert response.json()["facts"]["count"] == 5
        assert (await clerk.post(MANY, asked | {"format": "zip"})).status_code == 200
    assert sheet_documents.SHEETS_AT_MOST == 1000
    ids = [str(uuid4()) for _ in range(1001)]
    assert (await clerk.post(MANY, {"sheet_ids": ids})).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sheet_ids": []},
        {"sheet_ids": [str(uuid4())], "plan_task_id": str(uuid4())},
        {"sheet_ids": ["0196f3c2-7a10-7000-8000-000000000002"] * 2},
        {"plan_task_id": str(uuid4()), "format": "docx"},
        {"plan_task_id": str(uuid4()), "format": "zip", "sheets_per_file": 0},
        {"plan_task_id": str(uuid4()), "more": 1},
    ],
)
async def test_what_to_print_is_said_in_one_way(world: World, body: dict) -> None:
    clerk = await world.caller(Role.DEPT_CLERK, "SCJG")
    response = await clerk.post(MANY, body)
    assert (response.status_code, response.json()["code"]) == (422, "validation-failed")


async def test_a_character_that_cannot_be_printed_is_a_conflict_that_names_it(
    world: World, many: DrawnTask, runtime: Runtime
) -> None:
    third = many.sheets[2].inspections["SCJG"].id
    async with runtime.database.unit_of_work(system_actor(REGION)) as uow:
        await uow.session.execute(
            update(Inspection).where(Inspection.id == third).values(statement="看见😀和𠮷")
        )
        uow.audit("test.statement_set", "inspection", third)
    clerk = await world.caller(Role.DEPT_CLERK, "SCJG")
    assert (await clerk.get(path_of(many))).status_code == 200
    for response in (
        await clerk.get(path_of(many, 2)),
        await clerk.post(MANY, {"plan_task_id": str(many.task_id), "format": "zip"}),
    ):
        assert response.status_code == 409
        assert response.json()["code"] == "document-character-missing"
        assert response.json()["facts"]["characters"] == ["U+1F600 GRINNING FACE"]
        assert response.json()["facts"]["sheet_no"].endswith("-D1-0003")
